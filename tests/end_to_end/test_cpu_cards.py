"""Money cards, sold through real Odoo, terminal and card service onto simulated CPU cards and their meters.

The first purchase writes parameters, wallet, a tariff set that the meter does not have yet, and the write-back: 45, 8,
258 or 199, and 49 or 50 bytes. Later ones write wallet and write-back. Each is under MACs that the key service or a
security module computes.
"""

from dataclasses import replace

import pytest
from stack.page import CallError

from simulators.sam_family import SAM_DRIVER

DRIVERS = ("csg2015", "gdw1365")
LATER = [(byte, False) for byte in (0, 1, 3, 4, 6, 7, 8, 9, 30, 55, 56)]
LATER_INSIDE = [(byte, True) for byte in (0, 3, 7, 8, 31, 56)]
FIRST = [
    (0, False),
    (5, True),
    (6, False),
    (42, True),
    (44, False),
    (45, False),
    (52, True),
    (53, False),
    (101, False),
    (251, True),
    (301, False),
]
TORN_OPENINGS = [
    ("csg2015", 0, False),
    ("csg2015", 30, True),
    ("csg2015", 48, False),
    ("csg2015", 200, True),
    ("csg2015", 270, False),
    ("gdw1365", 47, False),
    ("gdw1365", 345, True),
]
GET_CHALLENGE = b"\x00\x84"


@pytest.fixture(params=DRIVERS)
def driver(request):
    return request.param


@pytest.fixture
def after_challenges(world):
    """Do something when the card in the first reader has given its n-th challenge from now: ``arm(n, do)``."""

    def arm(number, do):
        def count(command, _answer):
            arm.left -= command[:2] == GET_CHALLENGE
            if arm.left == 0:
                world.bench.slots[0].on_apdu = None
                do()

        arm.left = number
        world.bench.slots[0].on_apdu = count

    yield arm
    world.bench.slots[0].on_apdu = None


def paid(world, amount="10.00"):
    """A page with an order that is begun and paid, for the card in the first reader."""
    counter = world.terminal.counter(patience=60.0)
    counter.pay_cash(counter.begin(amount)["due"])
    return counter


def write_and_pull(lane, byte, inside):
    """Let the terminal write a purchase, and pull the card at a byte of it."""
    counter = lane.paid()
    authorized = counter.authorize(counter.snapshot())
    lane.world.bench.fault(lane.customer.serial, "pull", bytes=byte, inside=inside)
    counter.deliver(counter.write(authorized))
    assert counter.status()["state"] == "unknown"


def test_a_sale_is_credited_once_and_in_money(world, customer):
    order = world.terminal.counter().sell("50.00")
    assert (order["state"], order["unit"], order["quantity"]) == ("written", "cents", "50.00")
    world.pull()
    assert world.carry(customer).credited == 5_000
    assert world.carry(customer).credited == 0
    assert world.credits(customer) == [(2, 5_000)]
    world.check_books(customer)


def test_a_card_that_was_not_in_the_meter_is_not_sold_to_again(world, customer):
    world.terminal.counter().sell("50.00")
    with pytest.raises(CallError) as refused:
        world.terminal.counter().begin("10.00")
    assert refused.value.code == "C-108"
    world.check_books(customer, final=False)


# -- torn --------------------------------------------------------------------------------------------------------


def test_a_card_pulled_at_a_byte_of_a_later_write_is_credited_exactly_once_in_the_end(lanes):
    def pulled(lane, case):
        byte, inside = case
        lane.bring()
        if not lane.world.credits(lane.customer):
            lane.terminal.counter().sell("10.00")
            lane.world.carry(lane.customer)
            lane.bring()
        write_and_pull(lane, byte, inside)
        lane.world.check_books(lane.customer, final=False)
        lane.finish()

    lanes.each([*LATER, *LATER_INSIDE], pulled)


def test_a_card_pulled_in_its_first_write_is_credited_exactly_once_in_the_end(lanes):
    def pulled(lane, case):
        byte, inside = case
        lane.customer = lane.world.customer(driver=lane.customer.driver)
        lane.world.clear_slot(lane.slot)
        lane.bring()
        write_and_pull(lane, byte, inside)
        lane.world.carry(lane.customer)
        assert lane.world.credits(lane.customer) == [], "credited before it was whole"
        lane.finish()

    lanes.each(FIRST, pulled)


def test_a_card_pulled_in_the_meter_is_credited_exactly_once_in_the_end(lanes):
    def pulled(lane, case):
        byte, inside = case
        lane.bring()
        lane.terminal.counter().sell("10.00")
        bought = lane.world.credits(lane.customer)
        lane.world.carry(lane.customer, pull_after_byte=byte, inside=inside)
        assert len(lane.world.credits(lane.customer)) == len(bought) + 1
        lane.finish()

    lanes.each([(0, False), (0, True), (1, False), (25, True), (30, False), (48, False)], pulled)


# -- keys --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("driver", "challenges"), [("csg2015", 1), ("csg2015", 2), ("csg2015", 4), ("gdw1365", 3)], indirect=["driver"]
)
def test_key_service_killed_in_a_write_costs_nobody_anything(world, customer, after_challenges, challenges):
    """Before the authentication, and before one of the files."""
    counter = paid(world)
    authorized = counter.authorize(counter.snapshot())
    after_challenges(challenges, world.odoo.kill)
    receipt = counter.write(authorized, timeout=60.0)
    world.odoo.start()
    counter.deliver(receipt)
    assert counter.status()["state"] in ("not_written", "unknown")
    world.finish(customer)
    world.check_books(customer)
    assert world.credits(customer) == [(2, 1_000)]


@pytest.mark.parametrize("driver", ["gdw1365"], indirect=True)
def test_terminal_without_the_key_service_does_not_write(world, customer):
    counter = paid(world)
    authorized = counter.authorize(counter.snapshot())
    before = world.bench.card(customer.serial).image()
    world.odoo.kill()
    receipt = counter.write(authorized, timeout=60.0)
    world.odoo.start()
    assert world.bench.card(customer.serial).image() == before
    counter.deliver(receipt)
    world.finish(customer)
    world.check_books(customer)


@pytest.fixture
def module(world):
    """A security module in the second reader, for the first terminal; the second terminal is off."""
    world.terminals[1].process.kill()
    module = world.bench.cards.get("1".zfill(16)) or world.bench.blank_card("1", SAM_DRIVER)
    world.bench.insert("1".zfill(16), 1)
    world.terminal.use_security_module(1)
    yield module
    world.terminal.use_security_module(None)
    world.bench.pull(1)


def test_with_a_security_module_the_card_is_written_without_the_key_service(world, module, customer, after_challenges):
    counter = paid(world)
    authorized = counter.authorize(counter.snapshot())
    uses = module.uses
    after_challenges(1, world.odoo.kill)
    receipt = counter.write(authorized, timeout=60.0)
    world.odoo.start()
    counter.deliver(receipt)
    assert counter.status()["state"] == "written"
    assert module.uses < uses
    world.carry(customer)
    world.check_books(customer)


@pytest.mark.parametrize("driver", ["csg2015"], indirect=True)
def test_used_up_security_module_writes_nothing_and_the_order_is_finished_without_it(world, module, customer):
    counter = paid(world)
    authorized = counter.authorize(counter.snapshot())
    module.uses, left = 2, module.uses
    counter.deliver(counter.write(authorized, timeout=60.0))
    assert counter.status()["state"] in ("not_written", "unknown")
    module.uses = left
    world.finish(customer)
    world.check_books(customer)


def test_a_card_that_blocks_its_keys_is_not_written(world, customer):
    card = world.bench.card(customer.serial)
    card.mac_tries = 0
    counter = paid(world)
    counter.deliver(counter.write(counter.authorize(counter.snapshot()), timeout=60.0))
    assert counter.status()["state"] != "written"
    assert world.credits(customer) == []
    world.check_books(customer, final=False)


# -- opening and replacing ---------------------------------------------------------------------------------------


@pytest.fixture
def applicant(world, driver):
    """A new contract with a blank card of the public transport keys in the first reader."""
    found = world.applicant(driver)
    world.insert(found)
    yield found
    world.clear_slots()


def opened(world, found, amount="20.00", **fault):
    """Open the account at the first terminal; returns the page."""
    counter = world.terminal.counter(patience=60.0)
    order = counter.operate("open", found.customer_no, amount)
    counter.pay_cash(order["due"])
    authorized = counter.authorize(counter.snapshot())
    if fault:
        world.bench.fault(found.serial, "pull", **fault)
    counter.deliver(counter.write(authorized, timeout=60.0))
    return counter


def test_an_account_is_opened_with_new_keys_and_its_tariff(world, applicant):
    counter = opened(world, applicant)
    assert counter.status()["state"] == "written"
    card = world.bench.card(applicant.serial)
    assert card.key_version == world.bench.keys.masters(applicant.driver).current
    result = world.carry(applicant)
    meter = world.bench.meter(applicant.meter_no)
    assert (result.error, result.credited, meter.state.opened) == (None, 2_000, True)
    assert meter.state.price() == 5_483, "the meter converts by the tariff that the card brought"
    assert meter.consume(1) == 1
    world.insert(applicant)
    world.terminal.counter().sell("30.00")
    world.carry(applicant)
    assert world.credits(applicant) == [(1, 2_000), (2, 3_000)]
    world.check_books(applicant)


@pytest.mark.parametrize(("driver", "byte", "inside"), TORN_OPENINGS, indirect=["driver"])
def test_an_opening_that_was_torn_is_finished_with_the_same_card(world, applicant, byte, inside):
    """In the key update, right after it, in the tariff set, in the files after that."""
    opened(world, applicant, bytes=byte, inside=inside)
    world.carry(applicant)
    assert world.credits(applicant) == []
    world.finish(applicant)
    assert world.credits(applicant) == [(1, 2_000)]
    world.check_books(applicant)


def test_a_lost_card_is_replaced_and_the_old_one_is_refused_by_the_meter(world, customer):
    world.terminal.counter().sell("50.00")
    world.pull()
    new = replace(customer, serial=customer.serial.replace("300", "390", 1))
    world.bench.blank_card(new.serial, new.driver)
    world.insert(new)
    counter = world.terminal.counter(patience=60.0)
    counter.operate("replace", customer.customer_no)
    counter.deliver(counter.write(counter.authorize(counter.snapshot()), timeout=60.0))
    assert counter.status()["state"] == "written"
    assert world.carry(new).credited == 5_000, "what the lost card carried"
    assert world.carry(customer).credited == 0, "the lost card is found"
    assert world.credits(customer) == [(2, 5_000)]
    world.check_books(new)
