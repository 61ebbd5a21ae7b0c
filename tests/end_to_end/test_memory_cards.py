"""SLE4428 and AT24C02 cards, sold through real Odoo, terminal and card service; the SLE4442 has tests of its own.

A purchase writes 41 bytes. An AT24C02 writes them in pages of eight, and all of a page is erased before it is written.
"""

import pytest
from stack.page import CallError

DRIVERS = ("sle4428_demo", "at24_demo")
IN_THE_WRITE = [
    (0, False),
    (3, True),
    (8, True),
    (19, False),
    (20, False),
    (27, True),
    (36, False),
    (40, False),
    (40, True),
]
IN_THE_METER = [(0, False), (0, True), (1, False), (8, True), (25, True)]


@pytest.fixture(params=DRIVERS)
def driver(request):
    return request.param


@pytest.mark.parametrize("driver", ["sle4428_demo"])
@pytest.mark.parametrize(("tries", "code"), [(7, "C-114"), (1, "C-114"), (0, "C-104")])
def test_a_card_with_used_tries_is_not_sold_to_and_loses_none(world, customer, tries, code):
    chip = world.bench.card(customer.serial)
    while chip.tries > tries:
        chip.present(b"\x00\x00")
    world.clear_slots()
    world.insert(customer)
    with pytest.raises(CallError) as refused:
        world.terminal.counter().begin("10.00")
    assert refused.value.code == code
    assert chip.tries == tries


def test_a_card_pulled_in_the_write_is_credited_exactly_once_in_the_end(lanes):
    def pulled(lane, case):
        byte, inside = case
        lane.bring()
        counter = lane.paid()
        authorized = counter.authorize(counter.snapshot())
        lane.world.bench.fault(lane.customer.serial, "pull", bytes=byte, inside=inside)
        counter.deliver(counter.write(authorized))
        assert (counter.status()["state"], counter.status()["code"]) == ("unknown", "C-202")
        before = lane.world.credits(lane.customer)
        lane.world.carry(lane.customer)
        assert lane.world.credits(lane.customer) == before
        lane.finish()

    lanes.each(IN_THE_WRITE, pulled)


def test_a_card_pulled_in_the_meter_is_credited_exactly_once_in_the_end(lanes):
    def pulled(lane, case):
        byte, inside = case
        lane.bring()
        lane.terminal.counter().sell("10.00")
        bought = lane.world.credits(lane.customer)
        lane.world.carry(lane.customer, pull_after_byte=byte, inside=inside)
        assert len(lane.world.credits(lane.customer)) == len(bought) + 1
        lane.finish()

    lanes.each(IN_THE_METER, pulled)


def test_a_sale_is_credited_once(world, customer):
    order = world.terminal.counter().sell("100.00")
    assert (order["state"], order["energy"]) == ("written", "182.38")
    assert world.carry(customer).credited == 18_238
    assert world.carry(customer).credited == 0
    world.check_books(customer)
