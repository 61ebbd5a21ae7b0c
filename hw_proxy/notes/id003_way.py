"""The way of one note through an ID-003 acceptor: from what the device says to what is told. Pure."""

from __future__ import annotations

import logging
from enum import Enum, auto

from hw_proxy.notes import codes
from hw_proxy.notes.acceptor import Event, Kind, Position

logger = logging.getLogger(__name__)

# Answers for which a note may stay in escrow after a command that the device has acknowledged.
PATIENCE = 5


class Phase(Enum):
    """Where the note is, as far as the device has said."""

    NONE = auto()
    HELD = auto()
    """Told as in escrow; nobody has decided yet."""
    SENT = auto()
    """It is to be stacked, and the sensor has not seen it."""
    BACK = auto()
    """It is to go back, or goes by itself."""
    LOST = auto()
    """As ``SENT``, but the line was dead meanwhile: the next note in escrow may be another one."""
    COUNTED = auto()
    """Told as stacked; the device has not come to rest yet."""


class Way:
    """Follows one note after the other. Each method takes what the device said, and returns what is to be told.

    Every note that was told as held is told to its end: as stacked, as returned, by a power-up with the note behind the
    sensor, or as uncertain (A-109). A fault before that end leaves it open.

    ``phase`` and ``denomination`` (cents, or none) describe the present note; ``obeyed``: whether the device has
    acknowledged the command about it.
    """

    def __init__(self) -> None:
        self.phase = Phase.NONE
        self.denomination: int | None = None
        self.obeyed = False
        self._escrow_told = False
        # A fault was told meanwhile: one that is still held is told as such once more.
        self._again = False
        # It has left escrow since it was decided about.
        self._moved = False
        self._waits = 0
        self._reason = ""
        # Nothing was seen yet: a note may have been on its way before this service began.
        self._fresh = True

    # -- wishes --------------------------------------------------------------------------------------------------

    def stack(self) -> bool:
        """Take the note in escrow; whether there is one to decide about."""
        return self._decide(Phase.SENT)

    def give_back(self) -> bool:
        """Give the note in escrow back; whether there is one to decide about."""
        return self._decide(Phase.BACK)

    def _decide(self, phase: Phase) -> bool:
        if self.phase is not Phase.HELD:
            return False
        self._send(phase)
        return True

    def _send(self, phase: Phase) -> None:
        self.phase, self.obeyed, self._moved, self._waits = phase, False, False, 0

    # -- what the device says ------------------------------------------------------------------------------------

    def escrow(self, denomination: int | None, allowed: bool) -> list[Event]:
        """A note is held.

        :param denomination: cents; none: it is not known what it is worth.
        :param allowed: whether it may be taken; others go back without being told as held.
        """
        self._fresh = False
        same = denomination == self.denomination
        if same and (self.phase is Phase.SENT or (self.phase is Phase.BACK and not self._moved)):
            # The same note. A command that was acknowledged and does nothing is given again.
            self._waits += 1
            if self._waits % PATIENCE == 0:
                self.obeyed = False
            return []
        if same and self.phase is Phase.HELD:
            return self._held(denomination) if self._again else []
        before = self.rest()
        self.denomination = denomination
        if denomination is None or not allowed:
            self._send(Phase.BACK)
            self._escrow_told = False
            self._reason = "denomination not taken"
            return before
        return [*before, *self._held(denomination)]

    def _held(self, denomination: int | None) -> list[Event]:
        self.phase, self.denomination, self._escrow_told = Phase.HELD, denomination, True
        self._again = False
        return [Event(Kind.ESCROW, denomination)]

    def stacking(self) -> list[Event]:
        """It goes towards the box."""
        if self.phase is Phase.HELD or self._fresh:
            self.phase, self.obeyed = Phase.SENT, True
        self._fresh = False
        return []

    def vend_valid(self) -> list[Event]:
        """It has passed the sensor. Said again until it is acknowledged; told once."""
        known = self.phase not in (Phase.NONE, Phase.COUNTED) or self._fresh
        self._fresh = False
        if self.phase is Phase.NONE and not known:
            logger.warning("the note acceptor repeats a note that is over")
        return self._counted() if known else []

    def stacked(self) -> list[Event]:
        """It is in the box; the acknowledged end of :meth:`vend_valid`, unless that was never heard."""
        self._fresh = False
        return self._counted() if self.phase in (Phase.SENT, Phase.LOST) else []

    def _counted(self) -> list[Event]:
        self.phase = Phase.COUNTED
        return [Event(Kind.STACKED, self.denomination)]

    def rejecting(self, reason: str) -> list[Event]:
        """A note goes out that was not taken."""
        self._fresh = False
        if self.phase in (Phase.HELD, Phase.SENT, Phase.BACK):
            self.phase, self._moved = Phase.BACK, True
            return []
        return [Event(Kind.REJECTED, detail=reason)]

    def returning(self) -> list[Event]:
        """The note goes out."""
        if self._fresh:
            self._escrow_told = True
            self.phase = Phase.BACK
        self._fresh = False
        if self.phase in (Phase.HELD, Phase.SENT, Phase.BACK):
            self.phase, self._moved = Phase.BACK, True
        return []

    def rest(self) -> list[Event]:
        """No note is on its way any more."""
        self._fresh = False
        phase, self.phase = self.phase, Phase.NONE
        denomination, self.denomination = self.denomination, None
        if phase is Phase.HELD or (phase is Phase.BACK and self._escrow_told):
            # Without a stack command nothing goes into the box.
            return [Event(Kind.RETURNED, denomination)]
        if phase is Phase.BACK:
            return [Event(Kind.REJECTED, detail=self._reason)]
        return self._uncertain() if phase in (Phase.SENT, Phase.LOST) else []

    @staticmethod
    def _uncertain() -> list[Event]:
        return [Event(Kind.FAULT, code=codes.UNCERTAIN, detail="the device does not say where"), Event(Kind.CLEARED)]

    def power_up(self, position: Position) -> list[Event]:
        """The device was without power, and says where it finds a note."""
        if self._fresh and position is Position.ESCROW:
            # Perhaps one that was told in this service's life before.
            self.phase, self._escrow_told = Phase.BACK, True
        self._fresh = False
        told = [Event(Kind.POWER_UP, position=position)]
        if position is Position.STACKER:
            # Whoever is told decides by this; the sensor may report it once more.
            self.phase = Phase.COUNTED
            return told
        if self.phase is Phase.COUNTED:
            self.phase = Phase.NONE
        elif position is Position.ESCROW and self.phase is not Phase.NONE:
            # The reset that follows brings it out.
            self.phase, self._moved = Phase.BACK, True
        elif self.phase is Phase.HELD:
            self.phase = Phase.NONE
            told += self._uncertain()
        else:
            told += self.rest()
        return told

    # -- what breaks ---------------------------------------------------------------------------------------------

    def interrupt(self) -> None:
        """A fault was told. What was commanded may have been undone."""
        self.obeyed = False
        self._again = True

    def cut(self) -> None:
        """The line was dead: what was commanded may have been heard or not."""
        self.interrupt()
        if self.phase is Phase.SENT:
            self.phase = Phase.LOST
