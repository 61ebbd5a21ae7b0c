"""Driver of the demo layout on an SLE4442 or SLE5542."""

from __future__ import annotations

from typing import ClassVar

from hw_proxy.cards import sle4442_demo
from hw_proxy.cards.dialect import MemoryDialect
from hw_proxy.cards.driver import Access, CardDriver, Reading, Step, WriteStopped
from hw_proxy.cards.transport import CardRefused, CardSilent
from hw_proxy.orders import Order, WriteValues

FULL_COUNTER = 0x07
_WHAT = {0x40: "purchase block A", 0x60: "purchase block B", 0x80: "write-back"}


class Sle4442Demo(CardDriver):
    """The demo layout on an SLE4442 or SLE5542 (SLE4442 data sheet; docs/protocol/card-layout-demo.md).

    :param dialect: the reader's memory-card commands on this insertion.
    """

    id: ClassVar[str] = "sle4442_demo"
    version: ClassVar[str] = "1.0"
    code_length: ClassVar[int] = 3
    atrs: ClassVar[frozenset[bytes]] = frozenset({bytes.fromhex("3b04a2131091")})

    def __init__(self, dialect: MemoryDialect) -> None:
        super().__init__(dialect.connection)
        self.dialect = dialect

    def start(self) -> None:
        """Select the chip's type in the reader."""
        self.dialect.select_sle4442()

    @classmethod
    def owns(cls, memory: bytes) -> bool:
        """Whether the identity area is of this layout."""
        return sle4442_demo.is_layout(memory)

    def read(self, full: bool = False, unlocked: bool = False) -> Reading:
        """Main memory and error counter, and the protection bits when asked."""
        # 90 07, with which the code was taken, is the counter itself: set back, so it need not be read again.
        counter = FULL_COUNTER if unlocked else self.dialect.error_counter()
        memory = self.dialect.read(0, sle4442_demo.MEMORY_SIZE)
        tries = bin(counter & FULL_COUNTER).count("1")
        return Reading(memory, tries, self.dialect.protection() if full else None)

    def accepts(self, order: Order) -> bool:
        """Purchases and re-writes as a purchase block."""
        return order.op in ("purchase", "rewrite") and isinstance(order.write, WriteValues)

    def matches(self, memory: bytes, order: Order) -> bool:
        """Whether serial, issue number and count are those of the order."""
        image = sle4442_demo.decode(memory)
        return (image.serial, image.issue, image.count) == (order.card_serial, order.card_issue, order.expect_count)

    def refusal(self, reading: Reading) -> str | None:
        """C-104 when the chip is locked, C-114 when a try is missing."""
        if reading.tries == 3:
            return None
        return "C-114" if reading.tries else "C-104"

    def plan(self, memory: bytes, order: Order) -> list[Step]:
        """The non-current purchase block, the other, the write-back's state byte."""
        return [Step(_WHAT[address], address, data) for address, data in sle4442_demo.plan(memory, order.write)]

    def expected(self, memory: bytes, order: Order, steps: list[Step]) -> bytes:
        """The image after all the writes."""
        return sle4442_demo.apply(memory, [(step.offset, step.data) for step in steps])

    def unlock(self, access: Access, memory: bytes) -> None:
        """Present the code once."""
        try:
            right = self.dialect.present(access.code or b"")
        except (CardSilent, CardRefused) as error:
            # Whether the chip compared the code is not known, so it is never presented again.
            raise WriteStopped("C-207", fault=True) from error
        if not right:
            raise WriteStopped("C-207")

    def write(self, step: Step, access: Access) -> None:
        """Write once."""
        self.dialect.write(step.offset, step.data)
