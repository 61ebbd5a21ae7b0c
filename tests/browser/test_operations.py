"""Work on cards beside the sale, by the keyboard, on real parts and simulated cards."""

from dataclasses import replace

import pytest

pytestmark = pytest.mark.browser

DIALOG = ".o_ec_operation"


@pytest.fixture(autouse=True)
def empty_readers(world):
    """The readers are empty and without faults afterwards."""
    yield
    world.clear_slots()
    world.terminal.wait_for_card("empty")


def blank_card(world):
    """Put one more blank memory card on the bench; returns its serial."""
    other = world.applicant()
    return other.serial


def choose(counter, number):
    """Name the account in the open dialog, by keyboard."""
    counter.page.wait_for_selector("#o_ec_account")
    counter.type(number).shows(number, f"{DIALOG} .o_ec_row").enter()


@pytest.mark.parametrize("driver", ["sle4442_demo", "csg2015"])
def test_an_account_is_opened_with_its_first_purchase_by_the_keyboard_alone(world, counter, driver):
    customer = world.applicant(driver)
    world.bench.insert(customer.serial, 0)
    counter.is_in("customer").press("F8")
    choose(counter, customer.customer_no)
    counter.page.wait_for_selector("#o_ec_first")
    counter.type("100").shows("182.38", DIALOG).enter()
    counter.is_in("paying").offers("tender").enter().is_in("result").shows("The account is open")
    world.bench.pull(0)
    assert world.carry(customer).accepted
    assert world.credits(customer) == [(1, 10000 if driver == "csg2015" else 18238)]
    world.check_books(customer)


def test_an_opening_that_was_pulled_is_finished_after_a_reload(world, counter):
    customer = world.applicant()
    world.bench.insert(customer.serial, 0)
    counter.is_in("customer").press("F8")
    choose(counter, customer.customer_no)
    counter.page.wait_for_selector("#o_ec_first")
    counter.enter().is_in("paying")
    world.bench.fault(customer.serial, "pull", bytes=20)
    counter.enter().is_in("unfinished")
    counter.open().is_in("unfinished")
    world.bench.insert(customer.serial, 0)
    counter.offers("rewrite").enter().is_in("result").shows("The account is open")
    world.bench.pull(0)
    assert world.carry(customer).accepted
    (order,) = world.orders(customer)
    assert (order["op"], order["state"]) == ("open", "written")


def test_a_new_card_takes_over_a_sale_that_was_pulled(world, counter):
    customer, serial = world.customer(), blank_card(world)
    world.bench.insert(customer.serial, 0)
    counter.is_in("customer").type("100").offers("begin").enter().is_in("paying")
    world.bench.fault(customer.serial, "pull", bytes=25)
    counter.enter().is_in("unfinished").press("Escape")
    counter.is_in("idle")
    world.bench.insert(serial, 0)
    counter.is_in("customer").page.click('[data-offer="replace"]')
    choose(counter, customer.customer_no)
    counter.shows("has not ended", DIALOG).enter()
    counter.is_in("unfinished").offers("rewrite").enter().is_in("result")
    world.bench.pull(0)
    renewed = replace(customer, serial=serial)
    assert world.carry(renewed).credited == 18238
    assert world.carry(customer).credited == 0
    world.check_books(renewed)


def test_a_sale_is_reversed_at_once_and_its_money_handed_back(world, visit):
    customer = world.customer()
    counter = visit("supervisor").is_in("idle")
    counter.page.wait_for_selector("text=Open shift")
    counter.press("F9").page.wait_for_selector(".o_ec_open_shift")
    counter.type("0").enter()
    counter.page.wait_for_selector(".o_ec_open_shift", state="detached")
    world.bench.insert(customer.serial, 0)
    counter.sell("100").is_in("result").page.click('[data-offer="reverse"]')
    counter.page.click(".modal .btn-primary")
    counter.shows("The sale is reversed").page.click('[data-offer="refund"]')
    counter.shows("Hand back").shows("100.00", ".o_ec_change")
    world.bench.pull(0)
    assert world.carry(customer).credited == 0
    (order,) = world.orders(customer)
    assert order["state"] == "reversed"
