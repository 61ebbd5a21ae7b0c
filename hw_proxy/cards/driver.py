"""What the service needs of a card driver, and the driver of the demo card."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from hw_proxy.cards import sle4442_demo
from hw_proxy.cards.dialect import MemoryDialect
from hw_proxy.orders import Order
from hw_proxy.tokens import digest

FULL_COUNTER = 0x07


@dataclass(frozen=True)
class Reading:
    """A whole card as read. ``counter`` is the chip's error counter, ``protection`` its bits or none when not read."""

    memory: bytes
    counter: int
    protection: bytes | None = None

    @property
    def tries(self) -> int:
        """Presentations of the code that are left, 0 to 3."""
        return bin(self.counter & 0x07).count("1")

    @property
    def digest(self) -> str:
        """Hash of the 256 raw bytes."""
        return digest(self.memory)

    def as_claim(self) -> dict[str, object]:
        """``before`` or ``after`` of a receipt."""
        return {"memory": self.memory.hex(), "tries": self.tries, "digest": self.digest}


class CardDriver(ABC):
    """One card layout on one insertion.

    Reading, presenting and writing raise :class:`~hw_proxy.cards.transport.CardError`.
    """

    id: ClassVar[str]
    version: ClassVar[str]
    atrs: ClassVar[frozenset[bytes]]

    def __init__(self, dialect: MemoryDialect) -> None:
        self.dialect = dialect

    @abstractmethod
    def start(self) -> None:
        """Prepare a card that has just been inserted. Never presents a code."""

    @classmethod
    @abstractmethod
    def owns(cls, memory: bytes) -> bool:
        """Whether the content is of this layout."""

    @abstractmethod
    def read(self, protection: bool = False, counter: int | None = None) -> Reading:
        """The whole card.

        :param protection: read the protection bits too.
        :param counter: the error counter when it is known, which saves a command; none: read it.
        """

    @abstractmethod
    def matches(self, memory: bytes, order: Order) -> bool:
        """Whether serial, issue number and count are those of the order."""

    @abstractmethod
    def plan(self, memory: bytes, order: Order) -> list[tuple[int, bytes]]:
        """The writes of an order; the last one commits."""

    @abstractmethod
    def apply(self, memory: bytes, steps: list[tuple[int, bytes]]) -> bytes:
        """The image that the writes make."""

    def present(self, psc: bytes) -> bool:
        """Present the card's code once; whether it was right."""
        return self.dialect.present(psc)

    def write(self, address: int, data: bytes) -> None:
        """Write once."""
        self.dialect.write(address, data)


class Sle4442Demo(CardDriver):
    """The demo layout on an SLE4442 or SLE5542 (SLE4442 data sheet; docs/protocol/card-layout-demo.md)."""

    id: ClassVar[str] = "sle4442_demo"
    version: ClassVar[str] = "1.0"
    atrs: ClassVar[frozenset[bytes]] = frozenset({bytes.fromhex("3b04a2131091")})

    def start(self) -> None:
        """Select the chip's type in the reader."""
        self.dialect.select_sle4442()

    @classmethod
    def owns(cls, memory: bytes) -> bool:
        """Whether the identity area is of this layout."""
        return sle4442_demo.is_layout(memory)

    def read(self, protection: bool = False, counter: int | None = None) -> Reading:
        """Main memory and error counter, and the protection bits when asked."""
        if counter is None:
            counter = self.dialect.error_counter()
        memory = self.dialect.read(0, sle4442_demo.MEMORY_SIZE)
        return Reading(memory, counter, self.dialect.protection() if protection else None)

    def matches(self, memory: bytes, order: Order) -> bool:
        """Whether serial, issue number and count are those of the order."""
        image = sle4442_demo.decode(memory)
        return (image.serial, image.issue, image.count) == (order.card_serial, order.card_issue, order.expect_count)

    def plan(self, memory: bytes, order: Order) -> list[tuple[int, bytes]]:
        """The non-current purchase block, the other, the write-back's state byte."""
        return sle4442_demo.plan(memory, order.write)

    def apply(self, memory: bytes, steps: list[tuple[int, bytes]]) -> bytes:
        """The image after all the writes."""
        return sle4442_demo.apply(memory, steps)
