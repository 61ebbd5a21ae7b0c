"""What a reader can do with a memory card, whatever its commands look like."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from hw_proxy.cards.chips import Chip
from hw_proxy.cards.transport import CardGone, CardRefused, CardSilent, Connection

OK = 0x9000
NOT_SELECTED = 0x6985
PROTECTED_AREA = 32
"""Bytes, from address 0 on, whose protection bits are read: the identity of the layouts lies there."""
_LARGEST_READ = 0x80


class MemoryDialect(ABC):
    """Memory-card commands of one family of readers, over one insertion.

    Every method raises :class:`~hw_proxy.cards.transport.CardError`. Before :meth:`select` nothing else may be called.
    """

    id: ClassVar[str]
    reader_names: ClassVar[tuple[str, ...]]
    """Patterns of the PC/SC names of the readers that speak it."""
    chips: ClassVar[frozenset[Chip]]
    """What its readers can drive."""
    counter_after_code: ClassVar[bool]
    """Whether the answer to the right code is the error counter itself, so that it need not be read again."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.chip: Chip | None = None

    @classmethod
    def recognises(cls, connection: Connection) -> bool:
        """Whether the reader says by itself that it speaks this dialect. Never touches the card.

        :raises CardError: the insertion is over.
        """
        return False

    def select(self, chip: Chip) -> None:
        """Tell the reader which chip is in it.

        :raises CardRefused: the reader says that another one is.
        """
        self.chip = chip
        self._select(chip)

    def read(self, address: int, length: int) -> bytes:
        """Read main memory, in parts: not every firmware takes a length of 256."""
        data = b""
        while len(data) < length:
            part = min(_LARGEST_READ, length - len(data))
            data += self._read(address + len(data), part)
        return data

    @abstractmethod
    def _select(self, chip: Chip) -> None:
        """Tell the reader which chip is in it."""

    @abstractmethod
    def _read(self, address: int, length: int) -> bytes:
        """Read at most 128 bytes."""

    @abstractmethod
    def error_counter(self) -> int:
        """The chip's error counter, which only chips with a code have."""

    @abstractmethod
    def protection(self) -> bytes:
        """Protection bits of the first 32 bytes: bit i of byte b is that of address 8*b + i, 0 = protected."""

    @abstractmethod
    def write(self, address: int, data: bytes) -> None:
        """Write main memory in ascending order."""

    @abstractmethod
    def present(self, psc: bytes) -> bool:
        """Present the card's code once.

        :return: whether the chip took it.
        """

    # -- pseudo-APDUs --------------------------------------------------------------------------------------------

    def _command(self, command: bytes, expected: int = 0) -> bytes:
        """Data of an answer that must be of status 90 00 and of this length.

        :raises CardRefused: another status.
        :raises CardSilent: another length.
        """
        data, status = self._exchange(command)
        if status != OK:
            raise CardRefused(status)
        if len(data) != expected:
            raise CardSilent(f"{len(data)} bytes instead of {expected}")
        return data

    def _exchange(self, command: bytes) -> tuple[bytes, int]:
        """Data and status of an answer.

        :raises CardGone: the reader has forgotten the card's type.
        :raises CardSilent: no status.
        """
        answer = self.connection.transmit(command)
        if len(answer) < 2:
            raise CardSilent("an answer without a status")
        status = int.from_bytes(answer[-2:], "big")
        if status == NOT_SELECTED:
            # The reader forgets the card type only when the card's power went away: it is not the same insertion.
            raise CardGone("the reader has lost the card type")
        return answer[:-2], status
