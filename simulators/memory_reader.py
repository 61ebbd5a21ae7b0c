"""What the models of readers for memory chips have in common: power, faults of whole commands, commands' form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from .memory_chip import MemoryChip

OK = b"\x90\x00"
WRONG_LENGTH = b"\x67\x00"
UNKNOWN_INSTRUCTION = b"\x6d\x00"
UNKNOWN_CLASS = b"\x6e\x00"


@dataclass(frozen=True)
class Command:
    """One pseudo-APDU: INS P1 P2, P3 (length of the data, or of what is wanted) and the data."""

    ins: int
    p1: int
    p2: int
    p3: int
    data: bytes

    @property
    def address(self) -> int:
        """P1 P2 as an address."""
        return self.p1 << 8 | self.p2

    @property
    def wanted(self) -> int:
        """Bytes that are asked for; 0 means 256."""
        return self.p3 or 256


class WrongLength(Exception):
    """P3 and the data do not fit the command."""


def needs(condition: bool) -> None:
    """:raises WrongLength: the condition does not hold."""
    if not condition:
        raise WrongLength


class MemoryReader(ABC):
    """A reader with one memory chip in it.

    :param chip: the card in the slot.
    """

    def __init__(self, chip: MemoryChip) -> None:
        self.chip = chip

    def atr(self) -> bytes:
        """Return the card's answer to reset."""
        return self.chip.atr()

    def power_on(self) -> bytes:
        """Power the card; return the answer to reset. The reader has forgotten what it was told about the card."""
        self.forget()
        return self.chip.power_on()

    def power_off(self) -> None:
        """Take the card's power away."""
        self.forget()
        self.chip.power_off()

    def transmit(self, apdu: bytes) -> bytes:
        """Carry out one command.

        :param apdu: CLA INS P1 P2 P3 and data.
        :return: data and the two status bytes.
        :raises CardPulled: the card left before an answer.
        """
        self.chip.meet_command()
        if len(apdu) < 5:
            return WRONG_LENGTH
        if apdu[0] != 0xFF:
            return UNKNOWN_CLASS
        try:
            return self.answer(Command(*apdu[1:5], apdu[5:]))
        except WrongLength:
            return WRONG_LENGTH

    @abstractmethod
    def answer(self, command: Command) -> bytes:
        """Answer a command of class FF.

        :raises WrongLength: its length and data do not fit.
        """

    @abstractmethod
    def forget(self) -> None:
        """Forget what was said about the card."""
