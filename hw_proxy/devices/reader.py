"""One reader: its card, its insertion id, and the single worker through which every command goes."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from hw_proxy.cards.driver import CardDriver
from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.transport import CardError, CardGone, CardUnknown, Connection

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


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

    def as_dict(self) -> dict[str, object]:
        """For the API."""
        return dict(self.__dict__)


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
        self._lock = threading.Lock()
        self._status = ReaderStatus(slot.name)
        self._insertion: Insertion | None = None
        self._present = False
        self._refreshing: Future[None] | None = None
        self._worker = ThreadPoolExecutor(1, thread_name_prefix=f"reader {slot.name}")

    @property
    def status(self) -> ReaderStatus:
        """The present status; never touches the card."""
        with self._lock:
            return self._status

    def run(self, work: Callable[[Insertion | None], Result], busy: bool = False) -> Future[Result]:
        """Queue work for the card.

        :param work: gets the present insertion, or none. When it raises :class:`CardGone` the insertion is ended.
        :param busy: show the reader as busy meanwhile.
        """
        return self._worker.submit(self._run, work, busy)

    def seen(self, present: bool) -> None:
        """The interface saw a card come or go; a quick change counts even when it looks the same as before."""
        self._present = present
        self._worker.submit(self._refresh)

    def tick(self) -> None:
        """Try again what failed: called every now and then by the interface."""
        idle = self._refreshing is None or self._refreshing.done()
        if self._present and self._insertion is None and idle and self.status.code != CardUnknown.code:
            self._refreshing = self._worker.submit(self._refresh)

    def lost(self, code: str) -> None:
        """The reader or the card service went away.

        :param code: ``P-107`` or ``P-108``.
        """
        self._present = False
        self._worker.submit(self._leave, ReaderStatus(self._slot.name, "absent", code=code))

    def close(self) -> None:
        """Finish the work that has begun, let the card go and stop the worker."""
        self._worker.submit(self._leave, ReaderStatus(self._slot.name, "absent"))
        self._worker.shutdown(wait=True)

    def _run(self, work: Callable[[Insertion | None], Result], busy: bool) -> Result:
        before = self.status
        if busy and self._insertion is not None:
            self._show(replace(before, state="busy"))
        try:
            return work(self._insertion)
        except CardGone:
            self.end_insertion()
            raise
        finally:
            if self.status.state == "busy":
                self._show(before)

    def end_insertion(self) -> None:
        """Forget the card that was in the slot. Only from work that runs on this reader."""
        self._leave(ReaderStatus(self._slot.name, "empty"))

    def _refresh(self) -> None:
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

    def _enter(self) -> None:
        atr: str | None = None
        connection: Connection | None = None
        try:
            connection = self._slot.connect()
            atr = connection.atr.hex()
            driver = self._registry.probe(self._slot.name, connection)
        except CardError as error:
            logger.info("%s: the card could not be taken: %s", self._slot.name, error)
            if connection is not None:
                connection.close()
            gone = isinstance(error, CardGone)
            self._leave(
                ReaderStatus(self._slot.name, "empty" if gone else "error", atr=atr, code=None if gone else error.code)
            )
            return
        self._insertion = Insertion(secrets.token_hex(16), connection, driver)
        self._show(ReaderStatus(self._slot.name, "card", self._insertion.id, atr))

    def _leave(self, status: ReaderStatus) -> None:
        insertion, self._insertion = self._insertion, None
        if insertion is not None:
            insertion.connection.close()
        self._show(status)

    def _show(self, status: ReaderStatus) -> None:
        with self._lock:
            if status == self._status:
                return
            self._status = status
        self._changed(status)
