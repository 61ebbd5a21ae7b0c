"""The card is pulled: at each byte of the write, at each command, while the code is compared, in the meter.

A purchase writes 41 bytes: 20 + 20 for the two purchase blocks and one that commits. Chips are erased to FF before they
are written, so a byte can be torn too.
"""

import pytest
from stack.page import CallError

WRITE_BYTES = 41
BEFORE_EACH_BYTE = [(byte, False) for byte in range(WRITE_BYTES)]
INSIDE_EDGES = [(byte, True) for byte in (0, 3, 7, 19, 20, 27, 39, 40)]
WRITE_BACK_BYTES = 26
OUTCOMES = ("unknown", "written", "not_written", "void")


def write_disturbed(lane, kind, **fault):
    """Let the terminal write with a fault; carry what it tells to Odoo; return the order's status."""
    counter = lane.paid()
    authorized = counter.authorize(counter.snapshot())
    lane.world.bench.fault(lane.customer.serial, kind, **fault)
    counter.deliver(counter.write(authorized))
    return counter.status()


def test_a_card_pulled_at_any_byte_of_the_write_is_credited_exactly_once_in_the_end(lanes):
    def pulled(lane, case):
        byte, inside = case
        lane.bring()
        status = write_disturbed(lane, "pull", bytes=byte, inside=inside)
        assert status["state"] == "unknown", f"the terminal cannot know: {status['state']}"
        assert status["code"] in ("C-202", "C-205"), status["code"]
        lane.world.check_books(lane.customer, final=False)
        lane.finish()

    lanes.each([*BEFORE_EACH_BYTE, *INSIDE_EDGES], pulled)


def test_a_card_pulled_and_carried_to_the_meter_half_written_is_not_credited_twice(lanes):
    def pulled(lane, case):
        byte, inside = case
        lane.bring()
        before = lane.world.credits(lane.customer)
        write_disturbed(lane, "pull", bytes=byte, inside=inside)
        lane.world.carry(lane.customer)
        assert lane.world.credits(lane.customer) == before, "the meter credits nothing that was not committed"
        lane.finish()

    lanes.each([(0, False), (3, True), (20, False), (30, False), (40, False), (40, True)], pulled)
