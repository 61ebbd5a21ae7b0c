"""What every note acceptor (收钞机) is, whatever protocol it speaks.

A note's way: drawn in and judged, held in *escrow*, then stacked into the cash box or given back. Only the driver's
events count: a command that was sent is a wish. Between the stack command and the sensor behind it a note is
uncertain; what the device says at its next power-up decides (``power_up``).

Every note that was told by ESCROW is told to its end: by STACKED, RETURNED, POWER_UP with the note at STACKER, or FAULT
A-109 (uncertain: the device does not say where it is; CLEARED follows at once). Any other fault before that leaves it
open, and one that is still held afterwards is told by ESCROW once more. After POWER_UP with the note at ESCROW, and a
note that was told, comes RETURNED.

When this service begins while a note is on its way, that note's end comes without a denomination: it is the one that is
written down as open; where none is, the last one is told once more. READY or CLOSED before any end means that the
device does not know of it: it is uncertain, or out where it was never to be stacked.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol


class Kind(Enum):
    """What an acceptor tells."""

    ESCROW = "escrow"
    """A genuine note of ``denomination`` is held, and waits for ``stack`` or ``give_back``."""
    STACKED = "stacked"
    """The note that was in escrow has passed the sensor behind it: it is in the box for good."""
    RETURNED = "returned"
    """The note that was in escrow is out again."""
    REJECTED = "rejected"
    """A note was not taken in; ``detail`` says why."""
    READY = "ready"
    """It takes notes."""
    CLOSED = "closed"
    """It takes none, and no note is on its way."""
    FAULT = "fault"
    """It cannot work; ``code`` says why (docs/codes.md, A-1xx). The note in escrow, if any, is uncertain."""
    CLEARED = "cleared"
    """The fault is over."""
    POWER_UP = "power_up"
    """It was without power; ``position`` says where a note lies now."""


class Position(Enum):
    """Where a note lies when the acceptor gets power again."""

    NONE = "none"
    ESCROW = "escrow"
    """Before the stacker: it can still be given back."""
    STACKER = "stacker"
    """Behind the sensor: it is, or goes, in the box."""


@dataclass(frozen=True)
class Event:
    """One thing that an acceptor told.

    :param denomination: cents, with ESCROW, STACKED and RETURNED, where the device says it
    :param position: with POWER_UP
    :param code: with FAULT
    :param detail: words for the log; never for a decision
    """

    kind: Kind
    denomination: int | None = None
    position: Position | None = None
    code: str | None = None
    detail: str = ""


class Acceptor(Protocol):
    """One note acceptor. Its methods return at once; what came of them is told by events."""

    name: str

    def start(self, tell: Callable[[Event], None]) -> None:
        """Begin to serve the device, on a thread of its own.

        :param tell: called with each event, in order, on that thread; it must not block for long
        """

    def open(self, denominations: frozenset[int]) -> None:
        """Take notes of these denominations (cents), others are rejected."""

    def close(self) -> None:
        """Take no more notes; one that is on its way is told to its end before CLOSED."""

    def stack(self) -> None:
        """Put the note in escrow into the box."""

    def give_back(self) -> None:
        """Give the note in escrow back."""

    def stop(self) -> None:
        """Close, and end the thread."""

    def status(self) -> dict[str, object]:
        """``name``, ``kind``, ``state`` (``starting``, ``ready``, ``closed``, ``busy``, ``fault``) and ``code``, for
        people; waits for nothing, and decides nothing."""
