"""The terminal's cash desk: the collector with its acceptor, as the API, the monitor and the pusher use it."""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from hw_proxy.clock import SIGNED
from hw_proxy.errors import JournalError, Refusal
from hw_proxy.notes import collect
from hw_proxy.notes.acceptor import Acceptor, Event
from hw_proxy.notes.book import NoteBook, Sum
from hw_proxy.notes.collector import CANNOT_STORE, NOTHING, Collector, State

if TYPE_CHECKING:
    from hw_proxy.terminal import Terminal

logger = logging.getLogger(__name__)

_PAYERS = 20
"""Orders whose cards are remembered: those of the last customers."""


class _Nothing:
    """Takes the commands where there is no acceptor."""

    def open(self, denominations: frozenset[int]) -> None:
        """There is nothing to open."""

    def close(self) -> None:
        """Nothing is open."""

    def stack(self) -> None:
        """No note is held."""

    def give_back(self) -> None:
        """No note is held."""


class Cash:
    """Takes cash for orders. What an acceptor tells is journalled on the acceptor's thread, before it hears back.

    Without an acceptor it only ends what the journal left open.
    """

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lock = threading.RLock()
        self._told: dict[str, object] | None = None
        self._payers: dict[str, str] = {}
        self.book = NoteBook(terminal.identity, terminal.journal, terminal.clock)
        self.acceptor: Acceptor | None = None
        self.collector = Collector(self.book, _Nothing(), time.monotonic())

    def start(self, acceptor: Acceptor) -> None:
        """Serve an acceptor, once, before any request.

        :param acceptor: not started yet
        """
        with self._lock:
            self.acceptor = acceptor
            self.collector = Collector(self.book, acceptor, time.monotonic())
        acceptor.start(self._hear)

    def stop(self) -> None:
        """Close the acceptor. What is in is submitted at the next start."""
        if self.acceptor is not None:
            self.acceptor.stop()

    def look(self) -> None:
        """Look whether time is over. Called by the monitor."""
        with self._lock:
            self.collector.tick(time.monotonic())
            self._tell()

    def _hear(self, event: Event) -> None:
        with self._lock:
            self.collector.handle(event, time.monotonic())
            self._tell()

    # -- requests ------------------------------------------------------------------------------------------------

    def open(self, token: object) -> dict[str, object]:
        """Take notes for an order.

        :param token: Odoo's collect order, untrusted.
        :return: as :meth:`state`
        :raises Refusal: A-201, A-202, A-205, A-208, the acceptor's fault, P-109, T-102, T-103, T-105.
        """
        terminal = self._terminal
        if terminal.clock.kind() != SIGNED:
            raise Refusal("P-109")
        pairing = terminal.identity.pairing
        order = collect.verify(
            token, pairing.issuer, pairing.terminal, terminal.odoo.epoch, now=terminal.clock.now_ms()
        )
        with self._lock:
            if self.acceptor is None:
                raise Refusal("A-208")
            self._require_ready(order)
            self.collector.open(order, time.monotonic())
            self._note_payer(order.recharge)
            self._tell()
            return self._state_of(order.recharge)

    def _note_payer(self, recharge: str) -> None:
        card = self._terminal.card_of_visit()
        if card is not None:
            self._payers[recharge] = card
            for old in list(self._payers)[:-_PAYERS]:
                del self._payers[old]

    def payer(self, recharge: str) -> str | None:
        """What the card held that lay in the reader when notes were taken for an order, as a digest; none: no card."""
        with self._lock:
            return self._payers.get(recharge)

    def _require_ready(self, order: collect.CollectOrder) -> None:
        terminal = self._terminal
        code = terminal.selling_problem()
        if code is not None:
            raise Refusal(code)
        try:
            problem = terminal.journal_problem() or self.book.fault(order.session)
            terminal.odoo.raise_epoch(order.epoch)
        except JournalError as error:
            problem = str(error)
        if problem is not None:
            logger.error("no notes are taken: %s", problem)
            raise Refusal(CANNOT_STORE)

    def confirm(self, recharge: str) -> dict[str, object]:
        """Take no more notes for an order and submit what is in.

        :return: as :meth:`state`; ``closing`` until the last note is certain
        :raises Refusal: A-203, A-205.
        """
        with self._lock:
            if not self._ended(recharge):
                self.collector.confirm(recharge, time.monotonic())
            self.look()
            return self._state_of(recharge)

    def cancel(self, recharge: str) -> dict[str, object]:
        """Take no notes for an order after all; only while none is in.

        :return: as :meth:`state`
        :raises Refusal: A-203, A-204, A-205.
        """
        with self._lock:
            if self._ended(recharge):
                if self._tenders(recharge):
                    raise Refusal("A-204")
            else:
                self.collector.cancel(recharge, time.monotonic())
            self.look()
            return self._state_of(recharge)

    def state(self, recharge: str) -> dict[str, object]:
        """What was taken for an order; never acts.

        :raises Refusal: A-205.
        """
        with self._lock:
            return self._state_of(recharge)

    def going_on(self) -> dict[str, object] | None:
        """As :meth:`state`, of the payment that is not over yet; none when there is none."""
        with self._lock:
            collector = self.collector
            return self._state_of(collector.collection.recharge) if collector.is_collecting() else None

    def status(self) -> dict[str, object] | None:
        """The part of ``/v1/status``; none without an acceptor."""
        if self.acceptor is None:
            return None
        with self._lock:
            collector = self.collector
            return {"acceptor": self.acceptor.name, "state": collector.state.value, "code": collector.fault}

    # -- inside --------------------------------------------------------------------------------------------------

    def _ended(self, recharge: str) -> bool:
        """Whether the last collection for a recharge is over and another one has begun since, or the service has."""
        if self.collector.is_of(recharge):
            return False
        try:
            return self.book.latest(recharge) is not None
        except JournalError as error:
            raise Refusal(CANNOT_STORE) from error

    def _tenders(self, recharge: str) -> list[str]:
        try:
            return [tender.token for tender in self.book.tenders_of(recharge) if tender.token is not None]
        except JournalError as error:
            raise Refusal(CANNOT_STORE) from error

    def _state_of(self, recharge: str) -> dict[str, object]:
        tenders = self._tenders(recharge)
        collector = self.collector
        if collector.is_of(recharge):
            shown = self._shown(recharge, collector.state, collector.taken, collector.code or collector.fault)
            return {**shown, "tenders": tenders}
        try:
            before = self.book.latest(recharge)
            taken = self.book.sum(before.jti) if before else NOTHING
        except JournalError as error:
            raise Refusal(CANNOT_STORE) from error
        state = State.SUBMITTED if taken.notes or taken.uncertain else State.CLOSED
        return {**self._shown(recharge, state, taken, None), "tenders": tenders}

    def _shown(self, recharge: str, state: State, taken: Sum, code: str | None) -> dict[str, object]:
        left = self.collector.seconds_left(time.monotonic()) if state is State.OPEN else None
        return {
            "recharge": recharge,
            "state": state.value,
            "notes": [{"denomination": value, "count": count} for value, count in taken.notes.items()],
            "total": taken.total,
            "uncertain": taken.uncertain,
            "code": code,
            "seconds_left": left,
        }

    def _tell(self) -> None:
        """Tell the pages what has changed, and the pusher when there is a new statement."""
        collector = self.collector
        if collector.collection is None:
            return
        code = collector.code or collector.fault
        shown = self._shown(collector.collection.recharge, collector.state, collector.taken, code)
        if shown == self._told:
            return
        self._told = shown
        self._terminal.events.publish("cash", shown)
        if collector.state is State.SUBMITTED:
            self._terminal.push_wanted.set()
