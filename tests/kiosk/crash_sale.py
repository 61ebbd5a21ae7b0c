"""A customer at the kiosk, step by step, until something dies; then until it is finished, and what is compared."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress

import httpx
from stack.page import CallError
from stack.processes import ProcessError, wait_until

from hw_proxy.journal import Journal
from hw_proxy.notes.book import NoteReader
from tests.kiosk.kiosk_calls import LATER, KioskCalls

AMOUNT = "100.00"


class Sale(ABC):
    """What sales have alike, however they are paid. The steps are methods, in the order of :attr:`CALLS`.

    :param world: of tests/kiosk
    """

    CALLS: tuple[str, ...] = ()
    POINTS: dict[tuple[str, str], tuple[str, str]] = {}
    """(part, step) -> where the terminal dies at a point of its own, and the step that leads there."""
    WITHIN: dict[str, str] = {}
    """Steps within others."""
    KINDS: tuple[str, ...] = ()
    """Of the tenders that the machine may bring."""

    def __init__(self, world):
        self.world = world
        self.customer = world.customer()
        self.last_tender = self._last("electricity.tender")
        self.page = self.order = self.issued = None

    def _last(self, model):
        found = self.world.admin.call(model, "search", [], order="id desc", limit=1)
        return found[0] if found else 0

    # -- the steps ---------------------------------------------------------------------------------------------------

    def attract(self):
        self.page = KioskCalls(self.world, patience=20.0)

    def card(self):
        self.world.insert(self.customer)
        self.page.ask("quote", self.page.snapshot())

    def begun(self):
        self.order = self.page.begin(AMOUNT)

    def authorized(self):
        self.issued = self.page.authorize(self.order)

    def written(self):
        self.page.write(self.issued)

    def confirmed(self):
        self.page.confirm()

    # -- what dies ---------------------------------------------------------------------------------------------------

    def until(self, part: str, step: str) -> None:
        """Go on until ``step``, and let ``part`` die there."""
        point, last = self.POINTS.get((part, step), (None, self.WITHIN.get(step, step)))
        if point:
            self.world.terminal.crash_at(point)
        for each in self.CALLS[: self.CALLS.index(last)]:
            getattr(self, each)()
        if point:
            self._dies_by_itself(last)
        elif step in self.WITHIN:
            self.dies_within(last, part, step)
        else:
            getattr(self, last)()
            self.kill(part)

    def _dies_by_itself(self, step):
        self.page.patience = 2.0
        self.quietly(step)
        wait_until(lambda: not self.world.terminal.process.is_running(), 20, "the crash point")

    @abstractmethod
    def dies_within(self, name: str, part: str, step: str) -> None:
        """Let ``part`` die at a moment within the step ``name``, and start it again."""

    def quietly(self, step: str) -> None:
        """Do a step that may end in any way that a dying part causes."""
        with suppress(CallError, httpx.HTTPError, ProcessError, TimeoutError, AttributeError):
            getattr(self, step)()

    def kill(self, part: str) -> None:
        """Kill a part; of a dead browser nothing is left but what the others know."""
        if part != "browser":
            self.process(part).kill()

    def process(self, part: str):
        """The process of a part."""
        world = self.world
        return {"proxy": world.terminal.process, "odoo": world.odoo, "pcscd": world.pcsc}[part]

    def start_again(self) -> None:
        """Start everything that does not run, as the machines do by themselves."""
        world = self.world
        world.odoo.start()
        world.pcsc.start()
        if not world.terminal.process.is_running():
            world.terminal.revive()
        wait_until(lambda: world.terminal.api.call("status")["clock"]["kind"] == "signed", 30, "the terminal")
        for terminal in world.terminals:
            terminal.wait_for_card("card" if world.bench.slots[terminal.slot].card else "empty")

    # -- afterwards --------------------------------------------------------------------------------------------------

    def passes(self, part: str, step: str, where: str) -> None:
        """Go through the whole case: until ``part`` dies at ``step``, then to the end, and compare.

        :param where: ``here`` or ``elsewhere``: where the customer goes on
        """
        self.until(part, step)
        self.start_again()
        if where == "elsewhere":
            self.finish_elsewhere()
        else:
            self.finish_here()
        self.check()

    @abstractmethod
    def pay_on(self, page: KioskCalls, order: dict) -> None:
        """Pay what an order still needs, as the person before the kiosk does."""

    @abstractmethod
    def resume(self, page: KioskCalls) -> None:
        """Go on with what a new page finds under way before anybody touches anything."""

    def finish_here(self) -> None:
        """Begin a new page, and do what it says until nothing is open; then the customer goes to the meter."""
        page = KioskCalls(self.world)
        self.resume(page)

        def is_done():
            self.world.bring(self.customer)
            try:
                return page.finish(self.pay_on) == "done"
            except CallError as error:
                assert error.code in LATER, error
                return False

        wait_until(is_done, 90, "the kiosk to finish it", interval=0.2)
        if self.world.orders(self.customer)[-1:] and not self.world.credits(self.customer):
            self.world.carry(self.customer)

    def finish_elsewhere(self) -> None:
        """Take the card to the counter, and to the meter."""
        self.world.pull()
        self.world.finish(self.customer, slot=1)

    def taken(self) -> list[dict]:
        """What the machine's money has become in Odoo since the sale began: its tenders."""
        domain = [("id", ">", self.last_tender), ("kind", "in", self.KINDS)]
        fields = ["uuid", "amount", "uncertain_amount", "is_unassigned", "electricity_account_id"]
        fields.append("payment_transaction_id")
        return self.world.admin.call("electricity.tender", "search_read", domain, fields)

    @abstractmethod
    def check_source(self, tenders: list[dict]) -> None:
        """Compare the tenders with whoever took the money."""

    def check(self) -> None:
        """Compare database, journal, whoever took the money, the point of sale's books and the card."""
        world = self.world
        world.clear_slots()
        tenders = self.settled()
        self.check_source(tenders)
        assert not [each for each in tenders if each["is_unassigned"]]
        assert {each["electricity_account_id"][0] for each in tenders} <= {self.customer.account_id}
        self._check_point_of_sale(tenders)
        assert len(world.credits(self.customer)) <= 1
        states = [order["state"] for order in world.orders(self.customer)]
        assert set(states) <= {"written", "draft", "cancelled"}, states
        assert states.count("written") == len(world.credits(self.customer))
        world.check_books(self.customer)

    def settled(self) -> list[dict]:
        """Wait until the terminal has told all, and return what its money has become: :meth:`taken`."""
        journal = next(self.world.terminal.data.glob("journal-*.sqlite"))

        def is_told():
            with Journal.open_read_only(journal) as opened:
                reader = NoteReader(opened)
                return not reader.unfinished() and not reader.unacknowledged()

        wait_until(is_told, 60, "the terminal to have told all", interval=0.2)
        assert "whole" in self.world.terminal.verify_journal()
        return self.taken()

    def _check_point_of_sale(self, tenders):
        """Each tender is in the books once, as one order of the point of sale."""
        wanted = sorted((each["uuid"], round(each["amount"] * 100)) for each in tenders if each["amount"])
        uuids = [name for name, _cents in wanted]

        def booked():
            if not wanted:
                return True
            orders = self.world.admin.call("pos.order", "search_read", [("uuid", "in", uuids)], ["uuid", "amount_paid"])
            if len(orders) < len(wanted):
                self.run_job("ir_cron_project")
                return None
            return sorted((each["uuid"], round(each["amount_paid"] * 100)) for each in orders)

        assert wait_until(booked, 60, "the point of sale's orders", interval=0.5) in (True, wanted)

    def run_job(self, name: str) -> None:
        """Run one of Odoo's jobs now, unless it runs at this moment.

        :param name: its external name in kiosk_hw
        """
        call = self.world.admin.call
        _model, job = call("ir.model.data", "check_object_reference", "kiosk_hw", name)
        with suppress(CallError):
            call("ir.cron", "method_direct_trigger", [job])
