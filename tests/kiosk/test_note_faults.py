"""What breaks at the note acceptor while notes go in: what the customer reads, and where the money is afterwards."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import expect
from stack.processes import wait_until

from tests.kiosk.test_purchase import TAKES, ask_for, balance_of, in_box, page, put_in

__all__ = ["page"]

NOTE = 5_000
DOUBT = 30
"""Seconds in which the terminal waits for the device's word about its last note."""
WAIT = 60
"""Seconds without a note after which what is in is submitted."""


@dataclass(frozen=True)
class Trouble:
    """What happens to the second of two notes.

    :param arm: ``arm(acceptor)``: the fault
    :param reads: what the screen says meanwhile
    :param ends: what it says at the end
    :param out: cents that are out again
    :param uncertain: cents that are looked for
    :param power: whether the acceptor gets its power back
    :param told: what the trail of the visit says of the second note
    """

    arm: object
    reads: tuple = ()
    ends: tuple = ("$ 50.00 that you paid are your balance now",)
    out: int = 0
    uncertain: int = 0
    power: bool = False
    told: str = ""


def lose_power(**where):
    return lambda notes: notes.faults.arm("power_loss", **where)


KEPT, LOOKED_FOR = "$ 50.00 that you paid are your balance now", "A note of $ 50.00 is being looked for"
NOBODY_KNOWS = "Note 50.00 was put in; the acceptor does not say where it is"
IN_THE_BOX = "Note 50.00 went into the cash box"
TROUBLES = {
    "it jams before the box": Trouble(
        lambda notes: notes.faults.arm("jam_stacker", at="before"),
        reads=("A note is stuck on its way into the cash box", "A-103"),
        ends=(KEPT, LOOKED_FOR, "A-109"),
        uncertain=NOTE,
        told=NOBODY_KNOWS,
    ),
    "it is pulled back": Trouble(
        lambda notes: notes.faults.arm("cheated"),
        ends=(KEPT, LOOKED_FOR, "A-109"),
        out=NOTE,
        uncertain=NOTE,
        told=NOBODY_KNOWS,
    ),
    "the box is full": Trouble(
        lambda notes: notes.faults.arm("box_full"), ends=(KEPT, "The cash box is full", "A-104")
    ),
    "the power goes and comes back": Trouble(
        lose_power(at="stacking"),
        reads=("The note acceptor does not answer", "A-101"),
        out=NOTE,
        power=True,
        told="Note 50.00 came back, although it was to be taken",
    ),
    "the power goes for good": Trouble(
        lose_power(at="accepting"), ends=(KEPT, "The note acceptor does not answer", "A-101"), out=NOTE
    ),
    "the power goes and it forgets the note": Trouble(
        lose_power(at="stacking", forgets=True),
        reads=("A-101",),
        ends=(KEPT, LOOKED_FOR, "A-109"),
        out=NOTE,
        uncertain=NOTE,
        power=True,
        told=NOBODY_KNOWS,
    ),
}


def first_note(page, notes):
    """Ask for $ 100 and put one of two notes in; it counts."""
    put_in(ask_for(page, "100.00"), notes, NOTE)
    expect(page.page.locator(".o_kiosk_paid")).to_have_text("$ 50.00", timeout=TAKES * 1000)
    return page


def order_of(world, customer):
    """The latest order of a customer."""
    domain = [("electricity_account_id", "=", customer.account_id)]
    (order,) = world.admin.call("electricity.recharge", "search_read", domain, ["state"], order="id desc", limit=1)
    return order


def uncertain_of(world, customer):
    """Cents of a customer's notes that are looked for."""
    domain = [("electricity_account_id", "=", customer.account_id)]
    rows = world.admin.call("electricity.tender", "search_read", domain, ["uncertain_amount"])
    return round(sum(row["uncertain_amount"] for row in rows) * 100)


def trail_of(world):
    """The trail of the latest visit, as one line of words."""
    (visit,) = world.admin.call("electricity.kiosk.visit", "search_read", [], ["trail"], limit=1)
    return " ".join(re.sub(r"<[^>]+>", " ", visit["trail"]).split())


@pytest.mark.parametrize("name", TROUBLES)
def test_what_breaks_at_the_second_note_is_said_and_the_first_one_counts(page, world, customer, notes, name):
    trouble = TROUBLES[name]
    first_note(page, notes)
    trouble.arm(notes)
    notes.insert(NOTE)
    page.reads(*trouble.reads, seconds=TAKES)
    if trouble.power:
        wait_until(lambda: not notes.powered, TAKES, "the power to go")
        notes.power_on()
    page.sees("kept", seconds=DOUBT + 2 * TAKES).reads(*trouble.ends)
    assert (balance_of(world, customer), uncertain_of(world, customer)) == (50, trouble.uncertain)
    assert in_box(notes) == NOTE
    notes.power_on()
    wait_until(lambda: sum(notes.out) == trouble.out, TAKES, "what is out again")
    assert order_of(world, customer)["state"] == "cancelled"
    for told in (IN_THE_BOX, trouble.told):
        wait_until(lambda words=told: words in trail_of(world), TAKES, f"the trail to say: {told}")
    world.check_books(customer)


def test_a_box_that_is_taken_out_while_notes_go_in_ends_the_payment(page, world, customer, notes):
    first_note(page, notes)
    assert notes.take_box() == {NOTE: 1}
    try:
        page.sees("kept", seconds=TAKES).reads(KEPT, "The cash box is open or out", "A-105")
        assert balance_of(world, customer) == 50
        page.press("Back").reads("A-105")
    finally:
        notes.put_box()
    world.check_books(customer)


def test_a_note_that_had_fallen_when_the_power_went_pays(page, world, customer, notes):
    first_note(page, notes)
    notes.faults.arm("power_loss", at="stacking", slips=True)
    notes.insert(NOTE)
    page.reads("A-101", seconds=TAKES)
    notes.power_on()
    page.sees("done", seconds=2 * TAKES).ends("good")
    assert dict(notes.box) == {NOTE: 2}
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_a_string_of_notes_is_counted_one_by_one_and_what_is_too_much_is_balance_or_out(page, world, customer, notes):
    ask_for(page, "100.00")
    notes.insert(NOTE, pieces=4)
    page.sees("done", seconds=2 * TAKES).ends("good")
    wait_until(lambda: in_box(notes) + sum(notes.out) == 4 * NOTE, TAKES, "all of them to be in or out")
    assert in_box(notes) >= 2 * NOTE
    wait_until(lambda: balance_of(world, customer) * 100 == in_box(notes) - 2 * NOTE, TAKES, "what was too much")
    assert world.carry(customer).accepted
    world.check_books(customer)


def test_who_puts_no_further_note_in_finds_what_is_in_as_balance(page, world, customer, notes):
    first_note(page, notes)
    page.reads("The kiosk waits", "for the next note")
    page.sees("kept", seconds=WAIT + TAKES).reads(KEPT)
    assert balance_of(world, customer) == 50
    assert in_box(notes) == NOTE
    world.check_books(customer)
