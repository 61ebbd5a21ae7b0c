"""The property of the kiosk: whatever dies at whatever step of a sale for notes, nothing is lost and nothing twice.

Each case kills one part at one step, starts everything again, and lets the customer do what the screens say, at this
terminal or at the counter. Then five that do not know of each other are compared: Odoo's database, its point of sale,
the terminal's journal, the acceptor's own box and the card.

A few cases run always; ``KIOSK_CRASHES=all script/test tests/kiosk/test_crash.py`` runs every part at every step.
"""

from __future__ import annotations

import os
import threading

import pytest
from stack.page import CallError
from stack.processes import wait_until

from simulators.notes.acceptor import DISABLED, ESCROW, IDLE, STACKING, VEND_VALID
from tests.kiosk.crash_sale import Sale
from tests.kiosk.kiosk_calls import GOING_ON, LATER

NOTE = 5_000
PARTS = ("browser", "proxy", "odoo", "pcscd", "acceptor", "machine")
"""``machine``: the whole kiosk loses its power, browser, proxy, reader and acceptor at once."""
STEPS = (
    "attract",
    "card",
    "begun",
    "open",
    "escrow",
    "stacking",
    "stacked",
    "stated",
    "authorized",
    "intent",
    "writing",
    "written",
    "confirmed",
)
OFTEN = (
    ("odoo", "open", "here"),
    ("proxy", "escrow", "here"),
    ("acceptor", "stacking", "here"),
    ("browser", "stated", "elsewhere"),
    ("pcscd", "writing", "here"),
    ("proxy", "writing", "elsewhere"),
    ("machine", "stacking", "here"),
)
"""What runs always: each part once, in the part of the sale where it matters most."""
ALL = [
    (part, step, "elsewhere" if (number % 3 == 2 and step not in STEPS[:7]) else "here")
    for number, (part, step) in enumerate((part, step) for step in STEPS for part in PARTS)
]
CASES = ALL if os.environ.get("KIOSK_CRASHES") == "all" else OFTEN
IN_WRITE = {"intent": 1, "writing": 6}
"""After so many commands to the card, counted from the write order."""


class NoteSale(Sale):
    """A sale for two notes."""

    CALLS = ("attract", "card", "begun", "open", "stacked", "stated", "authorized", "written", "confirmed")
    POINTS = {
        ("proxy", "escrow"): ("note_after_escrow", "stacked"),
        ("proxy", "stacking"): ("note_after_stack", "stacked"),
        ("proxy", "stacked"): ("note_before_stacked", "stacked"),
        ("proxy", "stated"): ("tender_after", "stacked"),
        ("proxy", "intent"): ("after_intent", "written"),
        ("proxy", "writing"): ("after_block_1", "written"),
        ("proxy", "written"): ("after_outcome", "written"),
    }
    WITHIN = {"escrow": "stacked", "stacking": "stacked", "intent": "written", "writing": "written"}
    KINDS = ("terminal_cash",)

    def __init__(self, world):
        super().__init__(world)
        self.acceptor = world.note_acceptor
        self.box_before = self.in_box()
        self.cash = None

    def in_box(self) -> int:
        return sum(cents * pieces for cents, pieces in self.acceptor.box.items())

    # -- the steps ---------------------------------------------------------------------------------------------------

    def open(self):
        self.page.open(self.order)
        wait_until(lambda: self.acceptor.status == IDLE, 20, "the acceptor to open")

    def stacked(self):
        """Both notes; whatever dies meanwhile dies at the first."""
        cash = self.page.take_notes(self.order, self.insert)
        self.cash = cash

    def stated(self):
        self.order = self.page.bring_statements(self.order, self.cash)

    def insert(self, missing: int) -> None:
        """Hold a note to the slit when it takes one, and take back what comes out."""
        self.acceptor.out.clear()
        if self.acceptor.status == IDLE and not self.acceptor.waiting and missing > 0:
            self.acceptor.insert(NOTE)

    # -- what dies ---------------------------------------------------------------------------------------------------

    def dies_within(self, name, part, step):
        moment = threading.Event()
        running = threading.Thread(target=self.quietly, args=(name,), daemon=True)
        if step in IN_WRITE:
            self._stop_card_at(IN_WRITE[step], moment, lambda: self.kill(part))
            running.start()
        else:
            self.acceptor.polls = 8
            wanted = (ESCROW,) if step == "escrow" else (STACKING, VEND_VALID)
            running.start()
            wait_until(lambda: self.acceptor.status in wanted, 30, f"the note to be {step}", interval=0.01)
            self.kill(part)
            moment.set()
        assert moment.wait(60), f"{step} was never reached"
        self.acceptor.polls = 2
        if part in ("browser", "machine"):
            self.page = None
        self.start_again()
        running.join(60)

    def _stop_card_at(self, number, moment, kill):
        """Let the card wait after the n-th command of the write while something is killed."""
        slot, seen = self.world.bench.slots[0], []

        def hear(_command, _answer):
            seen.append(1)
            if len(seen) == number:
                slot.on_apdu = None
                kill()
                moment.set()

        slot.on_apdu = hear

    def kill(self, part):
        if part in ("acceptor", "machine"):
            self.acceptor.power_off()
        for each in ("proxy", "pcscd") if part == "machine" else (part,):
            if each != "acceptor":
                super().kill(each)

    def start_again(self):
        self.acceptor.power_on()
        super().start_again()
        wait_until(lambda: self.acceptor.status in (IDLE, DISABLED, ESCROW, STACKING, VEND_VALID), 30, "the acceptor")

    # -- afterwards --------------------------------------------------------------------------------------------------

    def resume(self, page):
        for order in page.facts["orders"]:
            wait_until(lambda order=order: self._is_resumed(page, order), 60, "the kiosk to go on with the notes")

    def _is_resumed(self, page, order):
        """Whether nothing is under way for an order any more: tries again what is not possible at this moment."""
        try:
            cash = page.terminal.call("cash/state", recharge=order["uuid"])
            if cash["state"] in GOING_ON:
                page.bring_statements(order, page.take_notes(order, self.insert))
        except CallError as error:
            return error.code not in LATER
        return True

    def pay_on(self, page, order):
        page.pay_with_notes(order, self.insert)

    def check_source(self, tenders):
        """The acceptor's own box holds what is stated; a note whose end nobody heard is in doubt."""
        box = self.in_box() - self.box_before
        stated = sum(round(each["amount"] * 100) for each in tenders)
        doubtful = sum(round(each["uncertain_amount"] * 100) for each in tenders)
        assert stated <= box <= stated + doubtful, f"{box} cents in the box, {stated} stated, {doubtful} uncertain"


@pytest.fixture
def sale(world):
    acceptor = world.note_acceptor
    acceptor.faults.clear()
    acceptor.power_on()
    acceptor.mend()
    acceptor.out.clear()
    made = NoteSale(world)
    yield made
    world.bench.slots[0].on_apdu = None
    acceptor.polls = 2
    acceptor.waiting.clear()
    made.start_again()


@pytest.mark.parametrize(("part", "step", "where"), CASES)
def test_whatever_dies_money_and_energy_stay_right(sale, part, step, where):
    sale.passes(part, step, where)
