"""One reader: its card, its insertion id, and the single worker through which every command goes.

A call into the card service that does not return is shown after :data:`SLOW` seconds and given up after the patience
of the configuration: the worker is left behind, its work fails, and a new worker serves the reader as soon as the call
has come back or the reader was plugged in anew.
"""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from hw_proxy.cards.driver import CardDriver
from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.transport import CardError, CardGone, CardUnknown, Connection
from hw_proxy.devices.calls import Calls, CardHung, WatchedConnection
from hw_proxy.devices.worker import Worker

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

# Seconds; settling after a fault takes 0.9 of them, and a hanging reader is to be seen within two.
SLOW = 1.4
_CLOSE_PATIENCE = 15.0
# What the same card would only answer again.
_FINAL = (CardUnknown.code, "P-114")


class Slot(Protocol):
    """Where a card goes."""

    name: str

    def connect(self) -> Connection:
        """Take the card that is in it.

        :raises CardError: no card, it does not answer, or another program holds it.
        """


@dataclass(frozen=True)
class Insertion:
    """One stay of one card: an unpredictable id (32 hex digits), its connection and its driver."""

    id: str
    connection: Connection
    driver: CardDriver


@dataclass(frozen=True)
class ReaderStatus:
    """State of a reader as ``/v1/status`` shows it: ``absent``, ``empty``, ``card``, ``busy`` or ``error``."""

    name: str
    state: str = "empty"
    ins: str | None = None
    atr: str | None = None
    code: str | None = None
    seen: tuple[str, ...] = ()
    """What was seen of the card when it came, and which drivers declined it."""

    def as_dict(self) -> dict[str, object]:
        """For the API."""
        return {**self.__dict__, "seen": list(self.seen)}


class Reader:
    """Serves one slot.

    :param slot: the slot.
    :param registry: finds the card's driver.
    :param changed: called, on any thread, whenever the status has changed.
    """

    def __init__(self, slot: Slot, registry: CardRegistry, changed: Callable[[ReaderStatus], None]) -> None:
        self._slot = slot
        self._registry = registry
        self._changed = changed
        self._lock = threading.RLock()
        self._status = ReaderStatus(slot.name)
        self._shown = self._status
        self._busy = False
        self._slow = False
        self._insertion: Insertion | None = None
        self._present = False
        self._refreshing: Future[None] | None = None
        self._left_behind: Worker | None = None
        self._calls = Calls()
        self._worker = self._new_worker()

    def _new_worker(self) -> Worker:
        return Worker(f"reader {self._slot.name}")

    @property
    def status(self) -> ReaderStatus:
        """The present status; never touches the card."""
        with self._lock:
            return self._shown

    def run(self, work: Callable[[Insertion | None], Result], busy: bool = False) -> Future[Result]:
        """Queue work for the card.

        :param work: gets the present insertion, or none. When it raises :class:`CardGone` the insertion is ended.
            When a call of it hangs, the future fails with :class:`~hw_proxy.devices.calls.CardHung`, and so does the
            work if it ever goes on.
        :param busy: show the reader as busy meanwhile.
        """
        return self._submit(lambda: self._run(work, busy))

    def seen(self, present: bool) -> None:
        """The interface saw a card come or go; a quick change counts even when it looks the same as before."""
        self._present = present
        self._want_refresh()

    def tick(self) -> None:
        """Try again what failed: called every now and then by the interface."""
        if self._refreshing is not None and not self._refreshing.done():
            return
        came_back = self._left_behind is not None and not self._left_behind.is_alive
        waiting = self._present and self._insertion is None and self.status.code not in _FINAL
        if came_back or waiting:
            self._want_refresh()

    def lost(self, code: str) -> None:
        """The reader or the card service went away.

        :param code: ``P-107`` or ``P-108``.
        """
        self._present = False
        # A reader that comes back is another one: what hangs in the old one is no reason to wait.
        self._left_behind = None
        self._submit(lambda: self._leave(ReaderStatus(self._slot.name, "absent", code=code)))

    def look_after(self, patience: float) -> None:
        """Show a call that does not return, and give it up in the end. Called by the monitor, never by the worker.

        :param patience: seconds after which a call is given up.
        """
        seconds = self._calls.seconds()
        if seconds >= patience and self._calls.give_up(patience):
            self._leave_behind()
            return
        if self._slow != (seconds >= SLOW):
            with self._lock:
                self._slow = seconds >= SLOW
            self._show()

    def close(self) -> None:
        """Finish the work that has begun, let the card go and stop the worker."""
        self._submit(lambda: self._leave(ReaderStatus(self._slot.name, "absent")))
        if not self._worker.close(_CLOSE_PATIENCE):
            logger.error("%s: its last work does not end", self._slot.name)

    # -- the worker ----------------------------------------------------------------------------------------------

    def _submit(self, work: Callable[[], Result]) -> Future[Result]:
        with self._lock:
            return self._worker.submit(work)

    def _leave_behind(self) -> None:
        logger.error("%s: a call did not return, its worker is left behind", self._slot.name)
        with self._lock:
            hung, self._left_behind = self._worker, self._worker
            insertion, self._insertion = self._insertion, None
            self._calls, self._worker = Calls(), self._new_worker()
            self._slow = self._busy = False
            self._status = ReaderStatus(self._slot.name, "error", code=CardHung().code)
        hung.give_up(CardHung(), insertion.connection.close if insertion is not None else lambda: None)
        self._show()

    def _run(self, work: Callable[[Insertion | None], Result], busy: bool) -> Result:
        insertion = self._insertion
        if busy and insertion is not None:
            self._set(busy=True)
        try:
            return work(insertion)
        except CardGone:
            self.end_insertion()
            raise
        finally:
            self._set(busy=False)

    def end_insertion(self) -> None:
        """Forget the card that was in the slot. Only from work that runs on this reader."""
        self._leave(ReaderStatus(self._slot.name, "empty"))

    def _refresh(self) -> None:
        if self._left_behind is not None and self._left_behind.is_alive:
            return
        self._left_behind = None
        if not self._present:
            self._leave(ReaderStatus(self._slot.name, "empty"))
            return
        if self._insertion is not None:
            try:
                self._insertion.connection.check()
                return
            except CardGone:
                self.end_insertion()
        self._enter()

    def _want_refresh(self) -> None:
        self._refreshing = self._submit(self._refresh)
        self._refreshing.add_done_callback(self._refreshed)

    def _refreshed(self, future: Future[None]) -> None:
        error = future.exception()
        if error is not None and not isinstance(error, CardError):
            logger.error("%s: a driver failed at the card", self._slot.name, exc_info=error)
            self._leave(ReaderStatus(self._slot.name, "error", code="P-114"))

    def _enter(self) -> None:
        atr: str | None = None
        connection: Connection | None = None
        driver: CardDriver | None = None
        seen: list[str] = []
        calls = self._calls
        try:
            connection = WatchedConnection(calls.run(self._slot.connect, lambda late: late.close()), calls)
            atr = connection.atr.hex()
            driver = self._registry.probe(self._slot.name, connection, seen)
        except CardError as error:
            logger.info("%s: the card could not be taken: %s", self._slot.name, error)
            gone = isinstance(error, CardGone)
            status = ReaderStatus(self._slot.name, "error", atr=atr, code=error.code, seen=tuple(seen))
            self._leave(ReaderStatus(self._slot.name, "empty", atr=atr) if gone else status)
            return
        finally:
            if driver is None and connection is not None:
                connection.close()
        insertion = Insertion(secrets.token_hex(16), connection, driver)
        with self._lock:
            if not self._worker.is_current:
                return
            self._insertion = insertion
        self._set(ReaderStatus(self._slot.name, "card", insertion.id, atr, seen=tuple(seen)))

    def _leave(self, status: ReaderStatus) -> None:
        with self._lock:
            if not self._worker.is_current:
                return
            insertion, self._insertion = self._insertion, None
        if insertion is not None:
            insertion.connection.close()
        self._set(status)

    # -- the status ----------------------------------------------------------------------------------------------

    def _set(self, status: ReaderStatus | None = None, busy: bool | None = None) -> None:
        """Change the status; what a worker says that was left behind does not count."""
        with self._lock:
            if not self._worker.is_current:
                return
            self._status = status or self._status
            self._busy = self._busy if busy is None else busy
        self._show()

    def _show(self) -> None:
        with self._lock:
            status = self._status
            if status.state == "card" and (self._busy or self._slow):
                status = replace(status, state="busy")
            if self._slow:
                state = "busy" if status.state == "busy" else "error"
                status = replace(status, state=state, code=CardHung().code)
            if status == self._shown:
                return
            self._shown = status
        self._changed(status)
