"""The property of the kiosk: whatever dies at whatever step of a sale for notes, nothing is lost and nothing twice.

Each case kills one part at one step, starts everything again, and lets the customer do what the screens say, at this
terminal or at the counter. Then four that do not know of each other are compared: Odoo's database, the terminal's
journal, the acceptor's own box and the card.

A few cases run always; ``KIOSK_CRASHES=all script/test tests/kiosk/test_crash.py`` runs every part at every step.
"""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress

import httpx
import pytest
from stack.page import CallError
from stack.processes import ProcessError, wait_until

from hw_proxy.journal import Journal
from hw_proxy.notes.book import NoteReader
from simulators.notes.acceptor import DISABLED, ESCROW, IDLE, STACKING, VEND_VALID
from tests.kiosk.kiosk_calls import LATER, KioskCalls

AMOUNT = "100.00"
NOTE = 5_000
PARTS = ("browser", "proxy", "odoo", "pcscd", "acceptor")
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
"""Where the terminal dies at a point of its own, between two of its instructions, and the step that leads there."""
WITHIN = {"escrow": "stacked", "stacking": "stacked", "intent": "written", "writing": "written"}
"""Steps within others."""
OFTEN = (
    ("odoo", "open", "here"),
    ("proxy", "escrow", "here"),
    ("acceptor", "stacking", "here"),
    ("browser", "stated", "elsewhere"),
    ("pcscd", "writing", "here"),
    ("proxy", "writing", "elsewhere"),
)
"""What runs always: each part once, in the part of the sale where it matters most."""
ALL = [
    (part, step, "elsewhere" if (number % 3 == 2 and step not in STEPS[:7]) else "here")
    for number, (part, step) in enumerate((part, step) for step in STEPS for part in PARTS)
]
CASES = ALL if os.environ.get("KIOSK_CRASHES") == "all" else OFTEN
IN_WRITE = {"intent": 1, "writing": 6}
"""After so many commands to the card, counted from the write order."""


class Sale:
    """A customer at the kiosk, step by step, until something dies.

    :param world: of tests/kiosk
    """

    def __init__(self, world):
        self.world = world
        self.acceptor = world.note_acceptor
        self.customer = world.customer()
        self.box_before, self.last_tender = self.in_box(), self._last_tender()
        self.page = self.order = self.cash = self.issued = None

    def in_box(self) -> int:
        return sum(cents * pieces for cents, pieces in self.acceptor.box.items())

    def _last_tender(self) -> int:
        found = self.world.admin.call("electricity.tender", "search", [], order="id desc", limit=1)
        return found[0] if found else 0

    # -- the steps ---------------------------------------------------------------------------------------------------

    def attract(self):
        self.page = KioskCalls(self.world, patience=20.0)

    def card(self):
        self.world.insert(self.customer)
        self.page.ask("quote", self.page.snapshot())

    def begun(self):
        self.order = self.page.begin(AMOUNT)

    def open(self):
        self.page.open(self.order)
        wait_until(lambda: self.acceptor.status == IDLE, 20, "the acceptor to open")

    def stacked(self):
        """Both notes; whatever dies meanwhile dies at the first."""
        cash = self.page.take_notes(self.order, self.insert)
        self.cash = cash

    def stated(self):
        self.order = self.page.bring_statements(self.order, self.cash)

    def authorized(self):
        self.issued = self.page.authorize(self.order)

    def written(self):
        self.page.write(self.issued)

    def confirmed(self):
        self.page.confirm()

    def insert(self, missing: int) -> None:
        """Hold a note to the slit when it takes one, and take back what comes out."""
        self.acceptor.out.clear()
        if self.acceptor.status == IDLE and not self.acceptor.waiting and missing >= NOTE:
            self.acceptor.insert(NOTE)

    # -- what dies ---------------------------------------------------------------------------------------------------

    def until(self, part: str, step: str) -> None:
        """Go on until ``step``, and let ``part`` die there."""
        point, last = POINTS.get((part, step), (None, WITHIN.get(step, step)))
        if point:
            self.world.terminal.crash_at(point)
        for each in CALLS[: CALLS.index(last)]:
            getattr(self, each)()
        if point:
            self._dies_by_itself(last)
        elif step in WITHIN:
            self._dies_within(last, part, step)
        else:
            getattr(self, last)()
            self.kill(part)

    def _dies_by_itself(self, step):
        self.page.patience = 2.0
        self._quietly(step)
        wait_until(lambda: not self.world.terminal.process.is_running(), 20, "the crash point")

    def _dies_within(self, name, part, step):
        moment = threading.Event()
        running = threading.Thread(target=self._quietly, args=(name,), daemon=True)
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
        if part == "browser":
            self.page = None
        self.start_again()
        running.join(60)

    def _quietly(self, step):
        with suppress(CallError, httpx.HTTPError, ProcessError, TimeoutError, AttributeError):
            getattr(self, step)()

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

    def kill(self, part: str) -> None:
        world = self.world
        if part == "browser":
            return
        if part == "acceptor":
            self.acceptor.power_off()
        else:
            {"proxy": world.terminal.process, "odoo": world.odoo, "pcscd": world.pcsc}[part].kill()

    def start_again(self) -> None:
        """Start everything that does not run, as the machines do by themselves."""
        world = self.world
        self.acceptor.power_on()
        world.odoo.start()
        world.pcsc.start()
        if not world.terminal.process.is_running():
            world.terminal.revive()
        wait_until(lambda: world.terminal.api.call("status")["clock"]["kind"] == "signed", 30, "the terminal")
        for terminal in world.terminals:
            terminal.wait_for_card("card" if world.bench.slots[terminal.slot].card else "empty")
        wait_until(lambda: self.acceptor.status in (IDLE, DISABLED, ESCROW, STACKING, VEND_VALID), 30, "the acceptor")

    # -- afterwards --------------------------------------------------------------------------------------------------

    def finish_here(self) -> None:
        """Begin a new page, and do what it says until nothing is open; then the customer goes to the meter."""
        page = KioskCalls(self.world)
        for order in page.facts["orders"]:
            with suppress(CallError):
                cash = page.terminal.call("cash/state", recharge=order["uuid"])
                if cash["state"] in ("open", "closing"):
                    page.bring_statements(order, page.take_notes(order, self.insert))
        end = time.monotonic() + 90
        while time.monotonic() < end:
            self.world.bring(self.customer)
            try:
                if page.finish(self.insert) == "done":
                    break
            except CallError as error:
                assert error.code in LATER, error
                time.sleep(0.2)
        else:
            raise AssertionError(f"the kiosk does not finish it: {self.world.orders(self.customer)}")
        if self.world.orders(self.customer)[-1:] and not self.world.credits(self.customer):
            self.world.carry(self.customer)

    def finish_elsewhere(self) -> None:
        """Take the card to the counter, and to the meter."""
        self.world.pull()
        self.world.finish(self.customer, slot=1)

    def check(self) -> None:
        """Compare database, journal, box and card."""
        world = self.world
        world.clear_slots()
        journal = next(world.terminal.data.glob("journal-*.sqlite"))

        def settled():
            with Journal.open_read_only(journal) as opened:
                reader = NoteReader(opened)
                return not reader.unfinished() and not reader.unacknowledged()

        wait_until(settled, 60, "the terminal to have told all", interval=0.2)
        assert "whole" in world.terminal.verify_journal()
        domain = [("id", ">", self.last_tender), ("kind", "=", "terminal_cash")]
        fields = ["amount", "uncertain_amount", "is_unassigned", "electricity_account_id"]
        tenders = world.admin.call("electricity.tender", "search_read", domain, fields)
        box = self.in_box() - self.box_before
        stated = sum(round(each["amount"] * 100) for each in tenders)
        doubtful = sum(round(each["uncertain_amount"] * 100) for each in tenders)
        assert stated <= box <= stated + doubtful, f"{box} cents in the box, {stated} stated, {doubtful} uncertain"
        assert not [each for each in tenders if each["is_unassigned"]]
        assert {each["electricity_account_id"][0] for each in tenders} <= {self.customer.account_id}
        assert len(world.credits(self.customer)) <= 1
        states = [order["state"] for order in world.orders(self.customer)]
        assert set(states) <= {"written", "draft", "cancelled"}, states
        assert states.count("written") == len(world.credits(self.customer))
        world.check_books(self.customer)


@pytest.fixture
def sale(world):
    acceptor = world.note_acceptor
    acceptor.faults.clear()
    acceptor.power_on()
    acceptor.mend()
    acceptor.out.clear()
    made = Sale(world)
    yield made
    world.bench.slots[0].on_apdu = None
    acceptor.polls = 2
    acceptor.waiting.clear()
    made.start_again()


@pytest.mark.parametrize(("part", "step", "where"), CASES)
def test_whatever_dies_money_and_energy_stay_right(sale, part, step, where):
    sale.until(part, step)
    sale.start_again()
    if where == "elsewhere":
        sale.finish_elsewhere()
    else:
        sale.finish_here()
    sale.check()
