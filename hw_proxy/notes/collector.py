"""Collecting cash for one order, note by note: the rules, without threads and clocks.

closed → open → closing → submitted. Only what the acceptor tells counts. A note in escrow is journalled before it is
stacked; one that was to be stacked and of which the device tells no end is *uncertain*: it is stated as such, it is no
money of the order, and whoever counts the box decides. A driver tells ``STACKED`` before it confirms the note to its
device, so that a device still says it when the service died in between.
"""

from __future__ import annotations

import logging
import math
from enum import Enum
from typing import Protocol

from hw_proxy import crashpoints
from hw_proxy.errors import JournalError, Refusal
from hw_proxy.notes.acceptor import Event, Kind, Position
from hw_proxy.notes.book import RETURN, RETURNED, STACK, STACKED, UNCERTAIN, Collection, Note, NoteBook, Sum
from hw_proxy.notes.collect import CollectOrder
from hw_proxy.trail import REJECTED

logger = logging.getLogger(__name__)

DOUBT = 30.0
"""Seconds after closing in which the device may say what became of its last note."""
CANNOT_STORE = "A-205"
LOST = "A-109"
"""The acceptor's code when its device does not say where a note is."""
NOTHING = Sum({}, 0, [])


class State(Enum):
    """Of the collection that was begun last."""

    CLOSED = "closed"
    """The acceptor takes nothing, and nothing was taken."""
    OPEN = "open"
    CLOSING = "closing"
    """No note is taken any more; what became of the last one is not certain yet, or not stored."""
    SUBMITTED = "submitted"
    """What was taken is stated."""


class Commands(Protocol):
    """What a collector wants of an acceptor: see :class:`hw_proxy.notes.acceptor.Acceptor`."""

    def open(self, denominations: frozenset[int]) -> None: ...

    def close(self) -> None: ...

    def stack(self) -> None: ...

    def give_back(self) -> None: ...


class Collector:
    """What is collected now. Not for several threads at once.

    After a start it goes on where the journal ends: what was being collected is closing, and is submitted as soon as
    the device has told where its last note lies.

    :param acceptor: takes the commands
    :param now: seconds of a monotonic clock, as in every call
    """

    def __init__(self, book: NoteBook, acceptor: Commands, now: float) -> None:
        self._book = book
        self._acceptor = acceptor
        self.state = State.CLOSED
        self.fault: str | None = None
        """Code of the acceptor's fault, until it is over."""
        self.code: str | None = None
        """Why the collection was closed before anybody asked, or none."""
        self.collection: Collection | None = None
        self.taken = NOTHING
        self._pending: Note | None = None
        self._settled: str | None = None
        self._deadline = now + DOUBT
        self._quiet = False
        # A note from before the start, or before a fault, may still lie in escrow: the device shows it once more.
        self._resumed = False
        # Of a note that is told already, at power-up, as uncertain or to the life before: "stacked" is no further note.
        self._told = True
        self._backlog = book.unfinished()
        if self._backlog:
            self.collection = self._backlog.pop()
            self._pending = book.pending(self.collection.jti)
            self._resumed = self._pending is not None
            self.state, self._quiet = State.CLOSING, True
            self._count()
        else:
            self.collection = book.latest()
            if self.collection is not None:
                self._count()
                self.state = self._ended()

    # -- questions -----------------------------------------------------------------------------------------------

    def is_collecting(self) -> bool:
        """Whether the acceptor belongs to an order now."""
        return self.state in (State.OPEN, State.CLOSING)

    def is_stored(self) -> bool:
        """Whether all that the acceptor told is in the journal."""
        return self._settled is None

    def is_of(self, recharge: str) -> bool:
        """Whether the collection that was begun last is for a recharge."""
        return self.collection is not None and self.collection.recharge == recharge

    def seconds_left(self, now: float) -> int | None:
        """Seconds after which what is in is submitted; none while it does not take notes."""
        return max(0, math.ceil(self._deadline - now)) if self.state is State.OPEN else None

    # -- requests ------------------------------------------------------------------------------------------------

    def open(self, order: CollectOrder, now: float) -> None:
        """Begin to take notes. A repeat, and a further order for the same recharge while it is paid, change nothing.

        :raises Refusal: A-202, A-205, or the code of the acceptor's fault.
        """
        if self.is_collecting() and self.is_of(order.recharge):
            return
        if self.is_collecting() or self._pending is not None:
            raise Refusal("A-202")
        if self._book.known(order.jti):
            return
        if self.fault is not None:
            raise Refusal(self.fault)
        try:
            self.collection = self._book.begin(order)
        except JournalError as error:
            logger.error("no notes are taken: %s", error)
            raise Refusal(CANNOT_STORE) from error
        crashpoints.reach("collect_begun")
        self.state, self.code, self.taken = State.OPEN, None, NOTHING
        self._quiet, self._resumed = False, False
        self._deadline = now + order.wait
        self._acceptor.open(order.denominations)

    def confirm(self, recharge: str, now: float) -> None:
        """Take no more notes and submit what is in, as soon as the last note is certain.

        :raises Refusal: A-203.
        """
        if not self.is_of(recharge):
            raise Refusal("A-203")
        if self.state is State.OPEN:
            self._close(now)

    def cancel(self, recharge: str, now: float) -> None:
        """Take no notes; only while none is in.

        :raises Refusal: A-203, A-204.
        """
        if not self.is_of(recharge):
            raise Refusal("A-203")
        if self.taken.notes or self.taken.uncertain or self._pending or self.state is State.SUBMITTED:
            raise Refusal("A-204")
        if self.state is State.OPEN:
            self._close(now)

    def tick(self, now: float) -> None:
        """Look whether time is over, and store what could not be stored before."""
        if self._settled is not None:
            self._settle(self._settled, now)
        if self.state is State.OPEN and now >= self._deadline:
            self._close(now)
        self._submit(now)

    # -- the acceptor --------------------------------------------------------------------------------------------

    def handle(self, event: Event, now: float) -> None:
        """Take what the acceptor tells."""
        if event.kind is Kind.ESCROW:
            self._escrow(event.denomination, now)
        elif event.kind is Kind.STACKED:
            self._stacked(event.denomination, now)
        elif event.kind is Kind.RETURNED:
            self._returned(event, now)
        elif event.kind is Kind.REJECTED:
            self._came_back(event, REJECTED)
        elif event.kind in (Kind.READY, Kind.CLOSED):
            self._told = False
            self._no_note(now)
            self._quiet = event.kind is Kind.CLOSED
        elif event.kind is Kind.FAULT:
            self._fail(event.code, now)
        elif event.kind is Kind.CLEARED:
            self.fault = None
        elif event.kind is Kind.POWER_UP:
            self._power_up(event.position, now)
        self._submit(now)

    def _fail(self, code: str | None, now: float) -> None:
        self.fault = code
        # A note that is still held after it is shown once more.
        self._resumed = True
        if code == LOST:
            self._told = self._pending is not None
            self._end_note(UNCERTAIN, now)
        self._interrupt(now, code)

    def _escrow(self, denomination: int | None, now: float) -> None:
        same = self._resumed and self._pending is not None and self._settled is None
        self._resumed = False
        if same and denomination in (None, self._pending.denomination):
            self._acceptor.give_back()
            return
        self._no_note(now)
        self._told = False
        if self._pending is not None or denomination is None or self.collection is None:
            # What it is, or whose, cannot be journalled: it does not go in.
            self._acceptor.give_back()
            return
        wish = STACK if self._takes(denomination) else RETURN
        crashpoints.reach("note_before_escrow")
        try:
            self._pending = self._book.hold(self.collection, denomination, wish)
        except JournalError as error:
            logger.error("a note is given back: %s", error)
            self._acceptor.give_back()
            self._interrupt(now, CANNOT_STORE)
            return
        crashpoints.reach("note_after_escrow")
        if self.state is State.OPEN:
            self._deadline = now + self.collection.wait
        if wish == STACK:
            self._acceptor.stack()
            crashpoints.reach("note_after_stack")
        else:
            self._acceptor.give_back()

    def _takes(self, denomination: int) -> bool:
        wanted = self.collection
        if self.state is not State.OPEN or denomination not in wanted.denominations:
            return False
        return self.taken.total + denomination <= wanted.most

    def _stacked(self, denomination: int | None, now: float) -> None:
        crashpoints.reach("note_before_stacked")
        if (
            self._pending is not None
            and self._settled != STACKED
            and denomination in (None, self._pending.denomination)
        ):
            # Also when something else could not be stored: the device's word for the box counts.
            self._settle(STACKED, now)
        elif self._told:
            self._told = False
        elif self.collection is None or not (denomination or 0):
            logger.error("a note was stacked that belongs to no order")
            self._remark(f"a note of {denomination or 'unknown'} cents was stacked that belongs to no order")
        else:
            self._stray(denomination)
        crashpoints.reach("note_after_stacked")

    def _stray(self, denomination: int) -> None:
        logger.warning("a note of %d cents was stacked against orders", denomination)
        try:
            self._book.stray(self.collection, denomination)
        except JournalError as error:
            logger.error("a note of %d cents in the box could not be journalled: %s", denomination, error)
            return
        self._count()
        self._state_late()

    def _power_up(self, position: Position | None, now: float) -> None:
        self._told = False
        self._resumed = position is Position.ESCROW
        if position is Position.STACKER:
            self._end_note(STACKED, now)
            self._told = True
        elif position is Position.ESCROW:
            self._acceptor.give_back()
        else:
            self._no_note(now)
        self._interrupt(now, None)
        # It has no power to take a note by: whatever comes now comes after the opening that there was.
        self._quiet = self._pending is None

    def _no_note(self, now: float) -> None:
        """The device holds no note: one that was to be stacked is uncertain, one that was to go back is back."""
        if self._pending is not None and self._settled is None:
            doubtful = self._pending.wish == STACK
            self._end_note(UNCERTAIN if doubtful else RETURNED, now)
            self._told = doubtful

    def _returned(self, event: Event, now: float) -> None:
        if self._pending is not None:
            self._end_note(RETURNED, now)
        elif not self._told:
            self._came_back(event, RETURNED)

    def _came_back(self, event: Event, end: str) -> None:
        """A note that was never held is out: no money, yet somebody may ask for it."""
        recharge = self.collection.recharge if self.collection is not None and self.is_collecting() else None
        try:
            self._book.came_back(recharge, event.denomination, end, event.detail)
        except JournalError as error:
            logger.error("that a note came back could not be stored: %s", error)

    def _end_note(self, outcome: str, now: float) -> None:
        if self._pending is not None and self._settled is None:
            self._settle(outcome, now)

    def _settle(self, outcome: str, now: float) -> None:
        try:
            self._book.settle(self.collection, self._pending, outcome)
        except JournalError as error:
            if self._settled is None:
                logger.error("what became of a note could not be journalled, it is tried again: %s", error)
            self._settled = outcome
            # At once: the journal could not tell a further note in escrow from this one after a restart.
            self._interrupt(now, CANNOT_STORE)
            return
        self._pending = self._settled = None
        self._count()
        if outcome != RETURNED:
            self._state_late()

    def _state_late(self) -> None:
        """A note that was stacked after the end is stated once more."""
        if not self.is_collecting() and self.collection not in self._backlog:
            self._backlog.append(self.collection)

    # -- the end -------------------------------------------------------------------------------------------------

    def _interrupt(self, now: float, code: str | None) -> None:
        if self.state is State.OPEN:
            self.code = code
            self._close(now)

    def _close(self, now: float) -> None:
        self.state = State.CLOSING
        self._deadline = now + DOUBT
        self._quiet = False
        self._acceptor.close()

    def _submit(self, now: float) -> None:
        """Submit what is in, when nothing more can come or the time for it is over."""
        self._submit_backlog()
        if self.state is not State.CLOSING:
            return
        late = now >= self._deadline
        if late:
            self._no_note(now)
        if self._pending is None and (self._quiet or late or self.fault is not None):
            crashpoints.reach("tender_before")
            try:
                self._book.submit(self.collection)
            except JournalError as error:
                if self.code != CANNOT_STORE:
                    logger.error("what was collected could not be stated, it is tried again: %s", error)
                self.code = CANNOT_STORE
                return
            crashpoints.reach("tender_after")
            self.state = self._ended()

    def _ended(self) -> State:
        return State.SUBMITTED if self.taken.notes or self.taken.uncertain else State.CLOSED

    def _submit_backlog(self) -> None:
        """Submit what belongs to collections that ended before."""
        while self._backlog:
            collection = self._backlog[0]
            try:
                note = self._book.pending(collection.jti)
                if note is not None:
                    self._book.settle(collection, note, UNCERTAIN)
                self._book.submit(collection)
                if self.is_of(collection.recharge):
                    self._count()
            except JournalError:
                return
            self._backlog.pop(0)

    def _count(self) -> None:
        try:
            self.taken = self._book.sum(self.collection.jti)
        except JournalError as error:
            logger.error("what was collected could not be read: %s", error)

    def _remark(self, text: str) -> None:
        try:
            self._book.remark(text)
        except JournalError as error:
            logger.error("not journalled: %s: %s", text, error)
