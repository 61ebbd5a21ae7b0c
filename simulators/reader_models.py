"""Which reader a slot imitates: what turns a memory chip into something that answers APDUs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from .acs_reader import AcsReader
from .card import ApduCard, Card
from .omnikey_reader import OmnikeyReader


class CardEnd(Protocol):
    """The side of the slot that faces pcscd: a CPU card itself, or a reader model with a memory chip in it."""

    def power_on(self) -> bytes:
        """Power the card; return its answer to reset."""

    def power_off(self) -> None:
        """Take the card's power away."""

    def atr(self) -> bytes:
        """Return the answer to reset."""

    def transmit(self, apdu: bytes) -> bytes:
        """Carry out one command; return data and status."""


# Name of a reader dialect -> the model that is made for a memory chip.
DIALECTS: dict[str, Callable[[Card], CardEnd]] = {"acs": AcsReader, "omnikey": OmnikeyReader}


def card_end(card: Card, dialect: str = "acs") -> CardEnd:
    """Return what answers APDUs when this card is in a reader of this dialect.

    :param dialect: a key of :data:`DIALECTS`; without effect on cards that understand APDUs by themselves.
    """
    return card if isinstance(card, ApduCard) else DIALECTS[dialect](card)
