"""Whole visits in Chinese on a lying screen: notes, QR code, arrears. In the other tests it stands, in English."""

import pytest
from playwright.sync_api import expect

from tests.kiosk.test_identity import debtor, without_card
from tests.kiosk.test_payment import finish, scanned
from tests.kiosk.test_purchase import TAKES, put_in

__all__ = ["debtor", "without_card"]


@pytest.fixture
def page(kiosk, phone):
    """A kiosk whose screen lies, in Chinese; every screen that was seen has been in Chinese."""
    found = kiosk(1920, 1080).choose("zh_CN")
    yield found
    assert found.english() == {}


def go_on(page):
    """Touch the key that goes on."""
    return page.touch(".o_kiosk_primary")


def takes_notes(page):
    """Wait until the acceptor is open."""
    expect(page.page.locator(".o_kiosk_keys > .o_kiosk_second")).to_be_visible(timeout=TAKES * 1000)
    return page


def test_a_purchase_with_notes(page, world, customer, notes):
    page.want("buy").sees("card")
    world.insert(customer)
    go_on(page.sees("amount").touch("[data-amount='100.00']").sees("confirm")).sees("choose_payment")
    put_in(takes_notes(page.touch("[data-way=notes]").sees("paying")), notes, 5_000)
    page.reads("1 × $ 50.00").fits()
    put_in(page, notes, 5_000)
    go_on(page.sees("done", seconds=TAKES).ends("good").reads("写卡成功")).sees("take")
    assert world.carry(customer).accepted
    page.sees("attract")
    world.check_books(customer)


def test_a_purchase_by_qr_code(page, world, customer, phone):
    world.insert(customer)
    go_on(page.want("buy").sees("amount").touch("[data-amount='50.00']").sees("confirm")).sees("choose_payment")
    reference = scanned(page, phone)
    page.fits()
    phone.pay(reference)
    finish(page, world, customer)


def test_arrears_without_a_card(debtor, page, world, notes, phone):
    page.want("arrears").sees("identify")
    for digits in (debtor.customer_no, "4711"):
        for digit in digits:
            page.touch(f"[data-key='{digit}']")
        go_on(page.fits())
    page.sees("bills").touch("[data-bills='1']").sees("choose_payment")
    put_in(takes_notes(page.touch("[data-way=notes]").sees("paying")), notes, 10_000, 5_000)
    go_on(page.sees("done", seconds=TAKES).ends("good").reads("$ 121.50")).sees("attract")
    (order,) = world.orders(debtor)
    assert (order["op"], order["state"], order["amount"]) == ("arrears", "written", 121.5)
    world.check_books(debtor)
