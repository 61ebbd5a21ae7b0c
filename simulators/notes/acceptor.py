"""The note acceptor's inside: a note's way, the box, and what breaks.

Time is counted in status requests, so that nothing depends on how fast the machine is: each stage of a note's way lasts
:attr:`NoteAcceptor.polls` of them. A note is in the box as soon as it has passed the sensor, which is where ``VEND
VALID`` begins: it cannot come back from there.
"""

from __future__ import annotations

import threading
from collections import Counter, deque

from .faults import NoteFaults

IDLE, ACCEPTING, ESCROW, STACKING, VEND_VALID, STACKED = 0x11, 0x12, 0x13, 0x14, 0x15, 0x16
REJECTING, RETURNING, HOLDING, DISABLED, INITIALIZE = 0x17, 0x18, 0x19, 0x1A, 0x1B
POWER_UP, POWER_UP_ACCEPTOR, POWER_UP_STACKER = 0x40, 0x41, 0x42
BOX_FULL, BOX_OPEN, JAM_ACCEPTOR, JAM_STACKER, PAUSED, CHEATED, FAILURE = 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49
STATUS, RESET, STACK_1, STACK_2, RETURN, HOLD, WAIT, ACK = 0x11, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x50
INVALID, VERSION, CURRENCY = 0x4B, 0x88, 0x8A
SETTINGS = {0xC0: 2, 0xC1: 2, 0xC3: 1, 0xC4: 1, 0xC5: 2}
NOT_RECOGNISED, INHIBITED = 0x76, 0x79
WORDS = {
    IDLE: "idle",
    ACCEPTING: "accepting",
    ESCROW: "escrow",
    STACKING: "stacking",
    VEND_VALID: "vend_valid",
    STACKED: "stacked",
    REJECTING: "rejecting",
    RETURNING: "returning",
    DISABLED: "disabled",
    INITIALIZE: "initialize",
    POWER_UP: "power_up",
    POWER_UP_ACCEPTOR: "power_up",
    POWER_UP_STACKER: "power_up",
    BOX_FULL: "box_full",
    BOX_OPEN: "box_open",
    JAM_ACCEPTOR: "jam_acceptor",
    JAM_STACKER: "jam_stacker",
    PAUSED: "paused",
    CHEATED: "cheated",
    FAILURE: "failure",
}
# Yuan notes: code of the denomination -> cents.
YUAN = {0x61: 100, 0x63: 500, 0x64: 1_000, 0x65: 2_000, 0x66: 5_000, 0x67: 10_000}
CHINA = 0x24
FOREIGN = 0
"""A note of no denomination that the acceptor knows."""


class AcceptorError(Exception):
    """Hands cannot do this now."""


class NoteAcceptor:
    """One acceptor, switched on, without settings.

    :param notes: code: cents.
    :param polls: status requests that a stage of a note's way lasts.

    ``box``: pieces by cents that are really in it; ``out``: what came out again, in order; ``waiting``: notes that
    hands hold before the slit.
    """

    def __init__(self, notes: dict[int, int] | None = None, polls: int = 2) -> None:
        self.notes = dict(notes or YUAN)
        self.polls = polls
        self.faults = NoteFaults()
        self.box: Counter[int] = Counter()
        self.out: list[int] = []
        self.waiting: deque[int] = deque()
        self.status = POWER_UP
        self.powered = True
        self._lock = threading.RLock()
        self._settings: dict[int, bytes] = {}
        self._left = 0
        self._data = b""
        self._note: int | None = None
        self._box_is_in = True
        self._paused_at = IDLE
        self._broken = False

    # -- hands ---------------------------------------------------------------------------------------------------

    def insert(self, cents: int, pieces: int = 1) -> None:
        """Hold notes to the slit: they are drawn in one after the other, as the acceptor likes.

        :param cents: worth of one; :data:`FOREIGN` for a note that it does not know.
        """
        if cents != FOREIGN and cents not in self.notes.values():
            raise AcceptorError(f"there is no note of {cents} cents here")
        if not 1 <= pieces <= 100:
            raise AcceptorError("1 to 100 notes at a time")
        with self._lock:
            self.waiting.extend([cents] * pieces)

    def clear_jam(self, into_box: bool = False) -> None:
        """Free a stuck note, and give it to the customer or put it into the box."""
        with self._lock:
            if not self._broken:
                raise AcceptorError("nothing is stuck")
            if self._note is not None:
                if into_box:
                    self.box[self._note] += 1
                else:
                    self.out.append(self._note)
            self._note, self._broken = None, False

    def take_box(self) -> dict[int, int]:
        """Take the box out, empty it, and return what was in it."""
        with self._lock:
            taken, self.box = dict(self.box), Counter()
            self._box_is_in = False
            self.faults.strike("box_full")
            if self.powered:
                self.status = BOX_OPEN
            return taken

    def put_box(self) -> None:
        """Put the empty box back."""
        with self._lock:
            self._box_is_in = True

    def take_second(self) -> None:
        """Take the second note away that made it pause."""
        with self._lock:
            if self.status != PAUSED:
                raise AcceptorError("it does not pause")
            self.status = self._paused_at

    def mend(self, into_box: bool = False) -> None:
        """End a jam, a failure and a pause, whichever there is.

        :param into_box: a stuck note goes into the box instead of back to the customer.
        """
        with self._lock:
            if self._broken:
                self.clear_jam(into_box)
            if self.status == PAUSED:
                self.take_second()

    def power_off(self, slips: bool = False, forgets: bool = False) -> None:
        """Take the power away, at whatever it does.

        :param slips: a note that is being stacked falls past the sensor.
        :param forgets: at its next power-up it does not say where a note lies.
        """
        with self._lock:
            if not self.powered:
                return
            if slips and self.status == STACKING:
                self._pass_sensor()
            behind = self.status in (VEND_VALID, STACKED)
            within = self._note is not None and not behind
            self.status = POWER_UP_STACKER if behind else POWER_UP_ACCEPTOR if within else POWER_UP
            if forgets:
                if within and self._note is not None:
                    self.out.append(self._note)
                self._note, self.status = None, POWER_UP
            self.powered, self._settings = False, {}

    def power_on(self) -> None:
        """Give the power back."""
        with self._lock:
            self.powered = True

    # -- the wire ------------------------------------------------------------------------------------------------

    def answer(self, code: int, data: bytes = b"") -> tuple[int, bytes] | None:
        """Carry out one message; return the answer, None when there is none."""
        with self._lock:
            dead = not self.powered or self.faults.get("silent") is not None
            if dead or (code != STATUS and self.faults.count("unheard")):
                return None
            if code == STATUS:
                return self._poll()
            if code == ACK:
                self._acknowledged()
                return None
            if code == CURRENCY:
                return code, self._currency()
            if code == VERSION:
                return code, b"U(CHN)-SIM-01 ID003"
            if code in SETTINGS:
                return self._set(code, data)
            return (ACK, b"") if self._operate(code) else (INVALID, b"")

    def _currency(self) -> bytes:
        table = b""
        for code in range(0x61, 0x69):
            base, zeros = self.notes.get(code, 0) // 100, 0
            while base >= 10 and base % 10 == 0:
                base, zeros = base // 10, zeros + 1
            table += bytes((code, CHINA if base else 0, base, zeros))
        return table

    def _set(self, code: int, data: bytes) -> tuple[int, bytes]:
        if len(data) != SETTINGS[code]:
            return INVALID, b""
        self._settings[code] = data
        if code == 0xC3 and self.status in (INITIALIZE, IDLE, DISABLED):
            self.status = self._rest()
        return code, data

    def _operate(self, code: int) -> bool:
        if code == RESET:
            self._reset()
            return True
        if self.status not in (ESCROW, HOLDING):
            return False
        if code in (STACK_1, STACK_2):
            self._enter(STACKING)
        elif code == RETURN:
            self._enter(RETURNING)
        elif code != HOLD:
            return False
        return True

    def _reset(self) -> None:
        cause = (
            (self.status == BOX_OPEN and not self._box_is_in)
            or (self.status == BOX_FULL and self.faults.get("box_full") is not None)
            or self._broken
        )
        if cause:
            return
        # What is before the sensor comes out.
        if self._note is not None:
            self.out.append(self._note)
        self._note, self._settings, self.status = None, {}, INITIALIZE

    def _acknowledged(self) -> None:
        if self.status != VEND_VALID or self.faults.count("unheard_ack"):
            return
        self._enter(STACKED)
        self._lose_power("acked")

    # -- a note's way --------------------------------------------------------------------------------------------

    def _poll(self) -> tuple[int, bytes]:
        shown = self.status, self._data if self.status in (ESCROW, REJECTING, FAILURE) else b""
        if self._left > 0:
            self._left -= 1
        if self._left == 0:
            self._advance()
        return shown

    def _enter(self, status: int, data: bytes = b"") -> None:
        self.status, self._data, self._left = status, data, self.polls

    def _rest(self) -> int:
        return IDLE if self._settings.get(0xC3) == b"\x00" else DISABLED

    def _advance(self) -> None:
        if self.status in (IDLE, DISABLED):
            self._look()
        elif self.status == ACCEPTING:
            self._judge()
        elif self.status == STACKING:
            self._stack()
        elif self.status == STACKED:
            self._settle()
        elif self.status in (REJECTING, RETURNING):
            if self._lose_power(WORDS[self.status]):
                return
            if self._note is not None:
                self.out.append(self._note)
            self._note = None
            self._settle()

    def _settle(self) -> None:
        self.status = self._rest()
        self._look()

    def _look(self) -> None:
        failure = self.faults.strike("failure")
        if failure is not None:
            self._broken = True
            self._enter(FAILURE, bytes((int(str(failure["code"])),)))
        elif self.faults.get("box_full") is not None:
            self.status = BOX_FULL
        elif self.waiting:
            self._note = self.waiting.popleft()
            if self.status == DISABLED:
                self._enter(REJECTING, bytes((INHIBITED,)))
            else:
                self._enter(ACCEPTING)
                self._lose_power("accepting")

    def _judge(self) -> None:
        if self._breaks("accepting"):
            return
        code = next((code for code, cents in self.notes.items() if cents == self._note), None)
        if code is None:
            self._enter(REJECTING, bytes((NOT_RECOGNISED,)))
        elif self._settings.get(0xC0, b"\xff\xff")[0] >> (code - 0x61) & 1 or self._rest() == DISABLED:
            self._enter(REJECTING, bytes((INHIBITED,)))
        else:
            self._enter(ESCROW, bytes((code,)))
            self._lose_power("escrow")

    def _stack(self) -> None:
        if self._lose_power("stacking") or self._breaks("stacking"):
            return
        if self.faults.strike("cheated") is not None:
            if self._note is not None:
                self.out.append(self._note)
            self._note, self.status = None, CHEATED
        elif self._jams_in_stacker("before"):
            return
        else:
            self._pass_sensor()
            self._enter(VEND_VALID)
            if not self._jams_in_stacker("after"):
                self._lose_power("sensor")

    def _pass_sensor(self) -> None:
        if self._note is not None:
            self.box[self._note] += 1
        self._note, self.status = None, VEND_VALID

    def _jams_in_stacker(self, at: str) -> bool:
        if self.faults.strike("jam_stacker", at) is None:
            return False
        self.status, self._broken = JAM_STACKER, True
        return True

    def _breaks(self, at: str) -> bool:
        if self.faults.strike("jam_acceptor", at) is not None:
            self.status, self._broken = JAM_ACCEPTOR, True
            return True
        if self.faults.strike("pause", at) is not None:
            self._paused_at, self.status = self.status, PAUSED
            return True
        return False

    def _lose_power(self, at: str) -> bool:
        struck = self.faults.strike("power_loss", at)
        if struck is None:
            return False
        self.power_off(slips=bool(struck["slips"]), forgets=bool(struck["forgets"]))
        return True

    # -- looking -------------------------------------------------------------------------------------------------

    def show(self) -> dict[str, object]:
        """Return everything as JSON-ready values; cents."""
        with self._lock:
            return {
                "state": WORDS[self.status] if self.powered else "off",
                "note": self._note,
                "waiting": list(self.waiting),
                "box": {str(cents): pieces for cents, pieces in sorted(self.box.items()) if pieces},
                "total": sum(cents * pieces for cents, pieces in self.box.items()),
                "out": self.out[-12:],
                "notes": sorted(self.notes.values()),
                "box_is_in": self._box_is_in,
                "faults": self.faults.armed(),
            }
