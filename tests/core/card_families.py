"""What a kind of card and its meter are in the model check: their real bytes, their real rules.

A family makes cards, says what a write does to them step by step, and lets the simulated meter decide. ``DEMO`` is the
memory card whose meter knows issue numbers; ``CPU`` are the cards whose meter knows serials alone.
"""

from functools import cache

from prepaid_core import codecs, cpu_fields, demo_fields
from prepaid_core.card_image import CpuBlock, PurchaseBlock, WriteBack

from simulators import layout
from simulators.acceptance import decide as demo_meter_decides
from simulators.meter_state import MeterState
from tests.core import cpu_meter

CUSTOMER, METER = "000000004567", "000000008901"
OPENING = 7


@cache
def decode(codec, memory):
    """The card as Odoo sees it."""
    return codec.decode(memory)


@cache
def _meter(family, *what):
    return family.visited(*what)


def torn_answers(memory, place, answer):
    """Every content that a meter's write-back may leave: nothing, one byte, that byte erased, half, the whole."""
    ways = (b"", answer[:1], b"\xff", answer[: len(answer) // 5], answer)
    return tuple(memory[:place] + part + memory[place + len(part) :] for part in ways)


class DemoFamily:
    """The demo memory card. A customer may copy it; its meter takes only the highest issue number."""

    driver = "sle4442_demo"
    codec = codecs.CODECS[driver]
    first_count = 1
    answer = slice(0x80, 0x80 + 26)

    def serial(self, card):
        """Serial number of the card with this index."""
        return f"{card + 1:012d}"

    def block(self, count, quantity, card, op="purchase"):
        """What a card says of a purchase."""
        return PurchaseBlock(count, quantity, issue=card + 1)

    def decode(self, memory):
        """The card as Odoo sees it."""
        return decode(self.codec, memory)

    def blank(self, card):
        """A card of the stock."""
        return self.codec.encode_identity(self.serial(card)).ljust(0x80, b"\xff") + bytes(0x80)

    def opened(self):
        """The first card with its opening purchase, back from the meter."""
        block, answered = self.block(1, OPENING, 0), WriteBack("valid", 1)
        return self.codec.encode_card(self.serial(0), CUSTOMER, METER, block, answered, card_type=1)

    def issued(self, card, op, block):
        """The image of a new card."""
        return self.codec.image_for(op, self.blank(card), block, CUSTOMER, METER)

    def write_steps(self, memory, block):
        """The byte writes of a purchase or re-write."""
        return self.codec.write_steps(memory, block)

    def image_steps(self, memory, image):
        """The byte writes that make one image out of another."""
        return self.codec.image_steps(memory, image)

    def pairs(self, before, after):
        """What has to be remembered of an attempt to recognise its torn writes: one good block is always there."""
        return ()

    def meter(self, *what):
        """What the meter does: ``(credit, count, card that it remembers, contents that it may leave)``.

        :param what: memory, count, card that it remembers, whether it refuses for hoarding, whether it is opened
        """
        return _meter(self, *what)

    def visited(self, memory, count, card, refuse, opened):
        """:meth:`meter`, worked out."""
        known = {"serial": self.serial(card), "issue": card + 1, "count": count}
        state = MeterState(METER, opened, CUSTOMER, **known, hoard_limit=1 if refuse else 0)
        image = layout.parse(memory)
        decision = demo_meter_decides(state, image)
        after = image.purchase.count if decision.credit else count
        remembered = image.contract.issue - 1 if decision.remember and image.contract else card
        if not decision.write_back:
            return decision.credit, after, remembered, (memory,)
        answer = layout.pack_write_back(layout.WriteBack(after, 0, 0, 0, 0, "2601010000"))
        return decision.credit, after, remembered, torn_answers(memory, self.answer.start, answer)

    def is_torn(self, memory):
        """Whether a write that the meter takes was not complete; on a new card one good block is the whole purchase."""
        image = self.decode(memory)
        return not image.both_blocks and image.card_type != 3 and image.count > 1

    def plain(self, memory):
        """One content for all that nobody can tell apart: bytes of a torn block mean nothing but that it is torn.

        Bytes behind an empty state byte stay when they are a whole write-back: a single byte would bring it back.
        """
        return _plain_demo(memory)

    def rolled_back(self, memory, block):
        """The image with another purchase and with the write-back that was cleared."""
        content = bytearray(memory)
        content[0x40:0x54] = content[0x60:0x74] = demo_fields.encode_block(block)
        content[self.answer.start] = 0xA5
        return bytes(content)


@cache
def _plain_demo(memory):
    content = bytearray(memory)
    place = DemoFamily.answer
    for start in (0x40, 0x60):
        data = memory[start : start + 20]
        if not _crc_right(data) and data != b"\xff" * 20:
            content[start : start + 20] = b"\xee" * 20
    if not _crc_right(b"\xa5" + memory[place][1:]):
        state = memory[place.start]
        content[place] = bytes([state if state in (0x00, 0xFF) else 0xFF]) + b"\xee" * 25
    return bytes(content)


def _crc_right(data):
    return demo_fields.crc16(data[:-2]).to_bytes(2, "big") == data[-2:]


class CpuFamily:
    """A CPU card. Nobody can copy it; its meter remembers a serial, and takes an open or replacement card with any.

    The first order has the count FE: torn in its last byte it reads FF, one more.
    """

    first_count = 0xFD

    def __init__(self, driver):
        self.driver = driver
        self.codec = codecs.CODECS[driver]

    def serial(self, card):
        """Serial number of the card with this index."""
        return f"{card + 1:016d}"

    def block(self, count, quantity, card, op="purchase"):
        """What a card says of a purchase; the alarm changes with the count, so that the parameters are written too."""
        card_type = cpu_fields.OPEN if count == 1 else cpu_fields.CARD_TYPES[op]
        return CpuBlock(count, quantity, alarm1=0x111111 * (count % 2 + 1), card_type=card_type)

    def decode(self, memory):
        """The card as Odoo sees it."""
        return decode(self.codec, memory)

    def blank(self, card):
        """A card of the stock; its keys are those of the factory."""
        return self.codec.encode_card(self.serial(card), "", "", None, None, key_version=0)

    def opened(self):
        """The first card after its last purchase, back from the meter."""
        block, answered = self.block(self.first_count, OPENING, 0), WriteBack("valid", self.first_count)
        return self.codec.encode_card(self.serial(0), CUSTOMER, METER, block, answered)

    def issued(self, card, op, block):
        """The image of a new card; its keys are changed with it."""
        return self.codec.image_for(op, self.blank(card), block, CUSTOMER, METER, key_version=1)

    def write_steps(self, memory, block):
        """The byte writes of a purchase or re-write."""
        version = 1 if memory[10] == 0 else None
        return self.image_steps(memory, self.codec.image_for("rewrite", memory, block, CUSTOMER, METER, version))

    def image_steps(self, memory, image):
        """The byte writes that make one image out of another."""
        return self.codec.write_steps(memory, image)

    def pairs(self, before, after):
        """What has to be remembered of an attempt to recognise its torn writes."""
        return ((before, after),)

    def meter(self, *what):
        """What the meter does: ``(credit, count, card that it remembers, contents that it may leave)``.

        :param what: memory, count, card that it remembers, whether it refuses for hoarding, whether it is opened
        """
        return _meter(self, *what)

    def visited(self, memory, count, card, refuse, opened):
        """:meth:`meter`, worked out."""
        state = cpu_meter.state_of(METER, CUSTOMER, count, self.serial(card), opened, hoard_limit=1 if refuse else 0)
        decision = cpu_meter.decide(self.driver, state, memory)
        after = count + 1 if decision.credit else count
        remembered = int(memory[:8].hex()) - 1 if decision.remember else card
        if not decision.write_back:
            return decision.credit, after, remembered, (memory,)
        place = self.codec.SIZE - self.codec.WRITEBACK_SIZE
        answer = cpu_meter.answer(self.driver, METER, CUSTOMER, after)
        return decision.credit, after, remembered, torn_answers(memory, place, answer)

    def is_torn(self, memory):
        """Whether a write that the meter takes was not complete; an empty write-back says that it was."""
        return any(memory[self.codec.SIZE - self.codec.WRITEBACK_SIZE :])

    def plain(self, memory):
        """Every byte counts: what is torn is recognised by its bytes."""
        return memory

    def rolled_back(self, memory, block):
        """The image with another purchase and its write-back."""
        answered = WriteBack("valid", block.count)
        return self.codec.encode_card(memory[:8].hex(), CUSTOMER, METER, block, answered, memory[10])


DEMO = DemoFamily()
GDW = CpuFamily("gdw1365")
CSG = CpuFamily("csg2015")


def unopened(family):
    """The same family with counts from the beginning, for a meter that is not opened."""
    if not isinstance(family, CpuFamily):
        return family
    other = CpuFamily(family.driver)
    other.first_count = 1
    return other


def with_order(family, order):
    """The same CPU family with the files in another order of the write, for rules that are broken on purpose."""

    class Mutant(CpuFamily):
        def image_steps(self, memory, image):
            return order(self.codec.write_steps(memory, image))

    mutant = Mutant(family.driver)
    mutant.first_count = family.first_count
    return mutant
