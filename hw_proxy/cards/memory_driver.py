"""What the drivers of the demo layout on a memory card have in common."""

from __future__ import annotations

from typing import ClassVar

from hw_proxy.cards import demo_layout
from hw_proxy.cards.chips import Chip
from hw_proxy.cards.dialect import MemoryDialect
from hw_proxy.cards.driver import Access, CardDriver, Reading, Step, WriteStopped
from hw_proxy.cards.transport import CardRefused, CardSilent
from hw_proxy.orders import ImageWrite, Order, WriteValues

_WHAT = {0x20: "contract", 0x40: "purchase block A", 0x60: "purchase block B"}
_BLOCK_OPERATIONS = ("purchase", "rewrite")


class DemoMemoryDriver(CardDriver):
    """The demo layout on one kind of chip (docs/protocol/card-layout-demo.md).

    :param dialect: the reader's memory-card commands on this insertion.
    """

    chip: ClassVar[Chip]
    atrs: ClassVar[frozenset[bytes]]

    def __init__(self, dialect: MemoryDialect) -> None:
        super().__init__(dialect.connection)
        self.dialect = dialect

    def start(self) -> None:
        """Select the chip's type in the reader."""
        self.dialect.select(self.chip)

    @classmethod
    def owns(cls, memory: bytes) -> bool:
        """Whether the identity area is of this layout."""
        return demo_layout.is_layout(memory)

    def read(self, full: bool = False, unlocked: bool = False) -> Reading:
        """The layout's 256 bytes and the tries, and the protection bits when asked; none on a chip without them."""
        tries = self._tries(unlocked)
        memory = self.dialect.read(0, demo_layout.MEMORY_SIZE)
        if not full:
            return Reading(memory, tries)
        return Reading(memory, tries, self.dialect.protection() if self.chip.code_length else b"")

    def accepts(self, order: Order) -> bool:
        """Purchases and re-writes as a purchase block, and every operation as a whole image."""
        if isinstance(order.write, WriteValues):
            return order.op in _BLOCK_OPERATIONS
        return not order.write.files

    def matches(self, memory: bytes, order: Order) -> bool:
        """Whether serial, issue number and count are those of the order, and only what orders may change would change.

        A card that is not issued has neither issue number nor count: its digest, which the order names, tells it.
        """
        image = demo_layout.decode(memory)
        if image.serial != order.card_serial or image.count not in (order.expect_count, None):
            return False
        if isinstance(order.write, ImageWrite):
            issued = image.contract.state == "good" and order.op not in ("open", "replace")
            fits = not issued or image.issue == order.card_issue
            return fits and demo_layout.may_become(memory, order.write.image)
        return (image.issue, image.count) == (order.card_issue, order.expect_count)

    def refusal(self, reading: Reading, order: Order) -> str | None:
        """C-104 when the chip is locked, C-114 when a try is missing.

        An order that allows the code at fewer tries does so at exactly that number: a card that has all of them again
        (C-203) is not as the supervisor knew it.
        """
        if reading.tries == (order.tries or self.chip.tries):
            return None
        if reading.tries == self.chip.tries:
            return "C-203"
        return "C-114" if reading.tries else "C-104"

    def plan(self, memory: bytes, order: Order) -> list[Step]:
        """The writes in the order of the layout page."""
        if isinstance(order.write, ImageWrite):
            steps = demo_layout.plan_image(memory, order.write.image)
        else:
            steps = demo_layout.plan(memory, order.write)
        return [Step(_WHAT.get(address, "write-back"), address, data) for address, data in steps]

    def expected(self, memory: bytes, order: Order, steps: list[Step]) -> bytes:
        """The image after all the writes."""
        return demo_layout.apply(memory, [(step.offset, step.data) for step in steps])

    def unlock(self, access: Access, memory: bytes) -> None:
        """Present the code once; nothing on a chip without a code."""
        if not self.chip.code_length:
            return
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

    def _tries(self, unlocked: bool) -> int:
        if not self.chip.code_length or (unlocked and self.dialect.counter_after_code):
            # The answer to the right code is the counter itself, set back: it need not be read again.
            return self.chip.tries
        return self.chip.tries_of(self.dialect.error_counter())
