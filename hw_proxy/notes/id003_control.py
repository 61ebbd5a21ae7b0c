"""What to tell and what to send next, for each answer of an ID-003 acceptor. Pure: no line, no thread, no clock.

The device is asked for its status again and again. ``POWER UP`` is answered by ``RESET``, and so is a fault, which
only that ends once its cause is gone (a pause ends by itself). ``INITIALIZE`` is answered by the settings, ``ESCROW``
by ``STACK-1`` or ``RETURN`` once that is decided, ``VEND VALID`` by ``ACK``. A command is sent again as long as the
status does not change, so that a lost answer does no harm.
"""

from __future__ import annotations

import logging

from hw_proxy.notes import codes
from hw_proxy.notes.acceptor import Event, Kind, Position
from hw_proxy.notes.id003_frames import (
    FAILURES,
    REJECT_REASONS,
    Command,
    Message,
    Status,
    currency_table,
    enable_mask,
)
from hw_proxy.notes.id003_way import Phase, Way

logger = logging.getLogger(__name__)

_POSITIONS = {
    Status.POWER_UP: Position.NONE,
    Status.POWER_UP_ACCEPTOR: Position.ESCROW,
    Status.POWER_UP_STACKER: Position.STACKER,
}
_FAULTS = {
    Status.STACKER_FULL: codes.BOX_FULL,
    Status.STACKER_OPEN: codes.BOX_OPEN,
    Status.JAM_IN_ACCEPTOR: codes.JAM_IN_ACCEPTOR,
    Status.JAM_IN_STACKER: codes.JAM_IN_STACKER,
    Status.PAUSE: codes.PAUSED,
    Status.CHEATED: codes.CHEATED,
    Status.FAILURE: codes.FAILURE,
    Status.COMMUNICATION_ERROR: codes.FAILURE,
}
_STATUSES = set(Status) - {Status.INVALID_COMMAND}
_REST = {Status.IDLING, Status.INHIBITED, Status.INITIALIZE}
_HELD = {Status.ESCROW, Status.HOLDING}
# Answers between two resets of a device that stays in its fault.
RESET_EVERY = 20
# Answers without a table of denominations, or at rest without the settings, after which the device counts as unfit.
_TABLE_TRIES = 10
_SETTING_TRIES = 40
_INHIBIT, _PERMIT = b"\x01", b"\x00"
# Every direction, no special function.
_FIXED = (
    Message(Command.SET_SECURITY, b"\x00\x00"),
    Message(Command.SET_DIRECTION, b"\x00"),
    Message(Command.SET_OPTIONAL, b"\x00\x00"),
)


class Control:
    """One acceptor. ``fault``: code of what keeps it from working, or none; ``told``: ``READY``, ``CLOSED`` or none.

    :param table: denomination code (61h …): cents; none: the device is asked.
    """

    def __init__(self, table: dict[int, int] | None = None) -> None:
        self.way = Way()
        self.fault: str | None = None
        self.told: Kind | None = None
        self._table = table or None
        self._table_tries = self._unset = 0
        self._wanted: frozenset[int] | None = None
        self._open = False
        self._prepare = list(_FIXED)
        self._mask: bytes | None = None
        self._inhibit: bytes | None = None
        # The last status, and the one that is still to be acted upon.
        self._last: int | None = None
        self._status: int | None = None
        self._since_reset = RESET_EVERY

    # -- wishes --------------------------------------------------------------------------------------------------

    def open(self, denominations: frozenset[int]) -> None:
        """Take notes of these denominations, in cents."""
        self._wanted, self._open, self.told = denominations, True, None

    def close(self) -> None:
        """Take no more notes."""
        self._open, self.told = False, None

    def state(self) -> str:
        """``starting``, ``ready``, ``closed``, ``busy`` or ``fault``, for people."""
        if self.fault is not None:
            return "fault"
        if self.told is not None and self.way.phase is Phase.NONE:
            return self.told.value
        return "starting" if self._last is None else "busy"

    # -- what the device says ------------------------------------------------------------------------------------

    def see(self, answer: Message) -> list[Event]:
        """The device's answer to the question for its status; returns what is to be told, in order."""
        if answer.code not in _STATUSES:
            # A late answer to something else.
            self._status = None
            return []
        before, self._last = self._last, answer.code
        self._status = status = Status(answer.code)
        if status in _POSITIONS:
            told = self._cleared()
            if before == status:
                # Until the reset is done it says so again.
                return told
            self._forget()
            self._table_tries = self._unset = 0
            return [*told, *self.way.power_up(_POSITIONS[status])]
        if status in _FAULTS:
            detail = FAILURES.get(answer.data[0], "unknown") if answer.data else status.name.lower()
            return self._failed(_FAULTS[status], detail)
        if self._table is None and self._table_tries >= _TABLE_TRIES:
            return self._failed(codes.FAILURE, "it does not tell its denominations: set notes.denominations")
        if status in _REST:
            self._unset = 0 if self._is_set() else self._unset + 1
        if self._unset > _SETTING_TRIES:
            return self._failed(codes.FAILURE, "it does not take what to accept")
        return [*self._cleared(), *self._moves(status, answer.data, status != before)]

    def _moves(self, status: Status, data: bytes, new: bool) -> list[Event]:
        if status in _REST:
            if status == Status.INITIALIZE:
                self._forget()
            return [*self.way.rest(), *self._settled(status)]
        if status in _HELD:
            return self._judge(status, data)
        if status == Status.REJECTING:
            reason = REJECT_REASONS.get(data[0]) if data else None
            return self.way.rejecting(reason or "not recognised") if new else []
        if status == Status.ACCEPTING:
            # The next of several notes: whatever was before it is over.
            return self.way.rest()
        moves = {
            Status.STACKING: self.way.stacking,
            Status.VEND_VALID: self.way.vend_valid,
            Status.STACKED: self.way.stacked,
            Status.RETURNING: self.way.returning,
        }
        return moves[status]()

    def _judge(self, status: Status, data: bytes) -> list[Event]:
        if self._table is None or (status == Status.HOLDING and not data):
            return []
        cents = self._table.get(data[0]) if data else None
        return self.way.escrow(cents, self._wanted is None or cents in self._wanted)

    def _settled(self, status: Status) -> list[Event]:
        if not self._is_set():
            return []
        _mask, inhibit = self._settings()
        kind = {Status.IDLING: Kind.READY, Status.INHIBITED: Kind.CLOSED}.get(status)
        if kind is None or kind is self.told or (kind is Kind.READY) != (inhibit == _PERMIT):
            return []
        self.told = kind
        return [Event(kind, detail="none of the wanted denominations is known" if self._useless() else "")]

    def _failed(self, code: str, detail: str) -> list[Event]:
        if self.fault == code:
            return []
        self._forget()
        self.fault = code
        self.way.interrupt()
        return [Event(Kind.FAULT, code=code, detail=detail)]

    def _cleared(self) -> list[Event]:
        if self.fault is None:
            return []
        self._forget()
        self.fault = None
        return [Event(Kind.CLEARED)]

    def _forget(self) -> None:
        """What the device was told does not hold any more."""
        self._prepare, self._mask, self._inhibit = list(_FIXED), None, None
        self._since_reset, self.told = RESET_EVERY, None

    def cut(self, detail: str) -> list[Event]:
        """The device does not answer, or its line is gone."""
        self._status = self._last = None
        self._table_tries = self._unset = 0
        told = self._failed(codes.SILENT, detail)
        self.way.cut()
        return told

    # -- what to send --------------------------------------------------------------------------------------------

    def next(self) -> Message | None:
        """What to send now, or nothing. Asked again after each answer, until there is nothing."""
        status = self._status
        if status is None or status == Status.PAUSE:
            return None
        if status in _POSITIONS or status in _FAULTS:
            self._since_reset += 1
            return Message(Command.RESET) if self._since_reset > RESET_EVERY else None
        if status == Status.VEND_VALID:
            self._status = None
            return Message(Command.ACK)
        if self._table is None:
            self._table_tries += 1
            return Message(Command.GET_CURRENCY) if self._table_tries <= _TABLE_TRIES else None
        if status in _HELD and not self.way.obeyed and self.way.phase in (Phase.SENT, Phase.BACK):
            return Message(Command.STACK_1 if self.way.phase is Phase.SENT else Command.RETURN)
        return self._setting(status)

    def _setting(self, status: Status) -> Message | None:
        mask, inhibit = self._settings()
        if status not in _REST:
            # Closing cannot wait for a string of notes to end; opening can.
            return Message(Command.SET_INHIBIT, inhibit) if inhibit == _INHIBIT != self._inhibit else None
        if self._mask != mask:
            return Message(Command.SET_ENABLE, mask)
        if self._prepare:
            return self._prepare[0]
        return Message(Command.SET_INHIBIT, inhibit) if self._inhibit != inhibit else None

    def _settings(self) -> tuple[bytes, bytes]:
        mask = enable_mask(self._table or {}, self._wanted or frozenset())
        return mask, _PERMIT if self._open and not self._useless() else _INHIBIT

    def _is_set(self) -> bool:
        return not self._prepare and (self._mask, self._inhibit) == self._settings()

    def _useless(self) -> bool:
        return self._open and not set((self._table or {}).values()) & (self._wanted or frozenset())

    def answered(self, sent: Message, answer: Message | None) -> bool:
        """Take the answer to what :meth:`next` gave; whether more may be sent before the next question."""
        if sent.code == Command.GET_CURRENCY:
            if answer is not None and answer.code == sent.code:
                self._table = currency_table(answer.data) or None
                logger.info("the note acceptor's denominations: %s", self._table)
            return False
        if sent.code in (Command.RESET, Command.STACK_1, Command.RETURN):
            obeyed = answer is not None and answer.code == Command.ACK
            if obeyed and sent.code == Command.RESET:
                self._since_reset = 0
            elif obeyed:
                self.way.obeyed = True
            return False
        if self._prepare and sent == self._prepare[0]:
            known = answer is not None and answer.code == sent.code
            if not known and (answer is None or answer.code != Status.INVALID_COMMAND):
                return False
            if not known:
                logger.info("the note acceptor does not know the setting %02X", sent.code)
            self._prepare.pop(0)
            return True
        if answer != sent:
            return False
        if sent.code == Command.SET_ENABLE:
            self._mask = sent.data
        else:
            self._inhibit = sent.data
        return True
