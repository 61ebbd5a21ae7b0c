"""The card is pulled: at each byte of the write, at each command, while the code is compared, in the meter.

A purchase writes 41 bytes: 20 + 20 for the two purchase blocks and one that commits. Chips are erased to FF before they
are written, so a byte can be torn too.
"""

import pytest
from stack.page import CallError

from simulators.layout import parse

BEFORE_EACH_BYTE = [(byte, False) for byte in range(41)]
INSIDE_EDGES = [(byte, True) for byte in (0, 3, 19, 20, 27, 39, 40)]
BEFORE_EACH_BYTE_OF_THE_WRITE_BACK = [(byte, False) for byte in range(26)]
INSIDE_EDGES_OF_THE_WRITE_BACK = [(byte, True) for byte in (0, 1, 25)]
NOT_TO_BE_SOLD_TO = {"C-105", "C-108", "C-111", "C-118"}


def write_with_fault(lane, kind, **fault):
    """Let the terminal write with a fault; carry what it tells to Odoo; return the page."""
    counter = lane.paid()
    authorized = counter.authorize(counter.snapshot())
    lane.world.bench.fault(lane.customer.serial, kind, **fault)
    counter.deliver(counter.write(authorized))
    return counter


def refused(call, *arguments):
    """The code with which a call is refused."""
    with pytest.raises(CallError) as caught:
        call(*arguments)
    return caught.value.code


def test_a_card_pulled_at_any_byte_of_the_write_is_credited_exactly_once_in_the_end(lanes):
    def pulled(lane, case):
        byte, inside = case
        lane.bring()
        counter = write_with_fault(lane, "pull", bytes=byte, inside=inside)
        status = counter.status()
        assert (status["state"], status["code"]) == ("unknown", "C-202")
        assert refused(counter.cancel, True) == "S-114", "no money goes back: the card may hold the purchase"
        lane.world.check_books(lane.customer, final=False)
        lane.finish()

    lanes.each([*BEFORE_EACH_BYTE, *INSIDE_EDGES], pulled)


def test_a_card_carried_to_the_meter_half_written_is_not_credited_before_it_is_whole(lanes):
    def pulled(lane, case):
        byte, inside = case
        lane.bring()
        before = lane.world.credits(lane.customer)
        write_with_fault(lane, "pull", bytes=byte, inside=inside)
        lane.world.carry(lane.customer)
        assert lane.world.credits(lane.customer) == before
        lane.finish()

    lanes.each([(0, False), (3, True), (20, False), (30, False), (40, False), (40, True)], pulled)


def test_a_card_pulled_at_any_command_of_reading_and_writing_is_credited_exactly_once_in_the_end(world, lanes):
    """At the commands of the reading and of the write, one after the other, until a sale has no more of them."""
    customer = world.customer()
    world.insert(customer)
    counter = world.terminal.counter()
    counter.pay_cash(counter.begin("10.00")["due"])
    before = world.bench.slots[0].apdus
    counter.deliver(counter.write(counter.authorize(counter.snapshot())))
    commands = world.bench.slots[0].apdus - before
    world.clear_slots()
    assert commands >= 10

    def pulled(lane, command):
        lane.bring()
        counter = lane.paid()
        lane.world.bench.fault(lane.customer.serial, "pull_at_apdu", apdu=command)
        try:
            counter.deliver(counter.write(counter.authorize(counter.snapshot())))
        except CallError as error:
            assert error.code in ("C-201", "C-206"), "only the reading fails with a code; a write has a receipt"
        state = counter.status()["state"]
        assert state in ("paid", "unknown"), state
        assert (lane.world.bench.slot_of(lane.customer.serial)) is None, "the fault has struck"
        lane.finish()

    lanes.each(range(1, commands + 1), pulled)


def test_a_card_pulled_while_its_code_is_compared_keeps_the_money_until_staff_repairs_it(lanes):
    """A try is spent. The terminal presents no code again, whoever asks, so that the card is never locked for ever."""

    def pulled(lane, _case):
        world, customer = lane.world, lane.customer
        lane.bring()
        counter = write_with_fault(lane, "pull_in_present")
        assert counter.status()["state"] == "unknown"
        assert lane.chip.counter == 0x03
        world.bench.clear_faults(customer.serial)
        lane.bring()
        assert counter.quote()["open_order"]["uuid"] == counter.uuid
        counter.resolve()
        assert refused(counter.authorize, counter.snapshot()) == "C-114"
        assert refused(counter.cancel, False) == refused(counter.cancel, True) == "S-114"
        assert lane.chip.counter == 0x03, "no further try was spent"
        assert world.credits(customer) == []
        world.check_books(customer, final=False)
        # A technician presents the right code at a bench: the chip restores its tries.
        world.bench.pull(lane.slot)
        lane.chip.insert()
        lane.chip.power_on()
        assert lane.chip.present(world.bench.keys.master("sle4442_demo").psc(customer.serial)) == 0x07
        lane.chip.power_off()
        lane.finish()
        assert len(world.credits(customer)) == 1

    lanes.each([None], pulled)


def test_a_card_that_lost_a_try_is_written_once_more_on_a_supervisors_word(lanes):
    """The terminal presents the code at exactly the tries that the supervisor saw, once; the chip gets all back."""

    def pulled(lane, _case):
        world, customer = lane.world, lane.customer
        lane.bring()
        counter = write_with_fault(lane, "pull_in_present")
        world.bench.clear_faults(customer.serial)
        lane.bring()
        assert refused(counter.authorize, counter.snapshot()) == "C-114"
        order = counter.status()["id"]
        values = {"recharge_id": order, "reason": "pulled in the test"}
        wizard = world.supervisor.call("electricity.try.wizard", "create", [values])[0]
        world.supervisor.call("electricity.try.wizard", "action_allow", [wizard])
        counter.deliver(counter.write(counter.authorize(counter.snapshot())))
        assert counter.status()["state"] == "written"
        assert lane.chip.counter == 0x07
        lane.finish()
        assert len(world.credits(customer)) == 1
        world.check_books(customer)

    lanes.each([None], pulled)


def test_a_card_pulled_at_any_byte_of_the_meters_write_back_was_credited_once_and_never_again(lanes):
    """The credit comes before the write-back: the card then looks as if the meter had refused it, or never seen it."""

    def pulled(lane, case):
        byte, inside = case
        world, customer = lane.world, lane.customer
        lane.bring()
        counter = lane.terminal.counter()
        order = counter.sell("10.00")
        result = world.carry(customer, pull_after_byte=byte, inside=inside)
        assert (result.error, result.credited) == (20, round(float(order["energy"]) * 100))
        assert refused(counter.cancel, True) == "S-112", "what the card shows gives no money back"
        lane.bring()
        written = parse(lane.chip.image()).write_back
        if written is None or written.count != order["count"]:
            quote = counter.quote()
            assert (quote["allowed"], quote["code"] in NOT_TO_BE_SOLD_TO) == (False, True)
        lane.finish()

    lanes.each([*BEFORE_EACH_BYTE_OF_THE_WRITE_BACK, *INSIDE_EDGES_OF_THE_WRITE_BACK], pulled)
