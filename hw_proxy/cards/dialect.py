"""What a reader can do with a memory card, whatever its commands look like."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from hw_proxy.cards.transport import Connection


class MemoryDialect(ABC):
    """Memory-card commands of one family of readers, over one insertion.

    Every method raises :class:`~hw_proxy.cards.transport.CardError`.
    """

    id: ClassVar[str]

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @abstractmethod
    def select_sle4442(self) -> None:
        """Tell the reader which chip is in it. A code presented before is forgotten."""

    @abstractmethod
    def read(self, address: int, length: int) -> bytes:
        """Read main memory."""

    @abstractmethod
    def error_counter(self) -> int:
        """The chip's error counter: 7 intact, 3, 1, then 0 locked."""

    @abstractmethod
    def protection(self) -> bytes:
        """The four bytes of protection bits."""

    @abstractmethod
    def write(self, address: int, data: bytes) -> None:
        """Write main memory in ascending order."""

    @abstractmethod
    def present(self, psc: bytes) -> bool:
        """Present the card's code once.

        :return: whether the chip took it.
        """
