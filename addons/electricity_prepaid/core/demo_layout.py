"""The demo layout of memory cards, version 1, on whatever chip: bytes to image and back.

Source: ``docs/protocol/card-layout-demo.md``. Pure functions; talking to the chip is the terminal's business.
"""

from .card_image import (
    BLANK,
    DAMAGED,
    FOREIGN,
    FULL_TRIES,
    LOCKED,
    OK,
    UNKNOWN,
    CardImage,
    ImageWrite,
    PurchaseBlock,
    digest,
)
from .demo_fields import (
    BLOCK_SIZE,
    CONTRACT_SIZE,
    STATE_EMPTY,
    WRITEBACK_SIZE,
    contract_condition,
    crc8,
    decode_block,
    decode_contract,
    decode_writeback,
    digits,
    encode_block,
    encode_contract,
    encode_writeback,
    is_blank,
)
from .tearing import is_between

#: The issuer number of demo cards. Whose cards are taken is the company's decision, not the codec's.
ISSUER = 1

_VERSION = 1
_IDENTITY = slice(0x00, 0x20)
_CONTRACT = 0x20
_BLOCKS = (0x40, 0x60)
_WRITEBACK = 0x80
_OPEN, _REPLACEMENT = 1, 3


def _region(start, size):
    return slice(start, start + size)


_CONTRACT_REGION = _region(_CONTRACT, CONTRACT_SIZE)
_BLOCK_REGIONS = tuple(_region(start, BLOCK_SIZE) for start in _BLOCKS)
_WRITEBACK_REGION = _region(_WRITEBACK, WRITEBACK_SIZE)


def _decoded_blocks(memory):
    return [decode_block(memory[region]) for region in _BLOCK_REGIONS]


def _current(blocks):
    """Return the index of the current block: the good one with the higher count, A when equal; None without one."""
    good = [index for index, block in enumerate(blocks) if block]
    return max(good, key=lambda index: (blocks[index].count, -index)) if good else None


class DemoLayout:
    """The layout on one chip. A subclass says what differs.

    ``DRIVER``; ``CHIP``: the maker's 8 bytes at 0x00; ``FULL_TRIES``: presentations of the code that an untouched chip
    allows; ``PAGE``: bytes that it erases at once. The layout uses the first 256 bytes of every chip.
    """

    DRIVER = ""
    UNIT = "kwh"
    SIZE = 256
    BLOCK = PurchaseBlock
    CHIP = b"\xff" * 8
    FULL_TRIES = FULL_TRIES
    PAGE = 1

    def identity(self, memory):
        """Return the 32 bytes that no order may change."""
        return memory[_IDENTITY]

    def decode(self, memory, tries=None):
        """Read a card's memory.

        Every content gives an image with a condition; none raises.

        :param memory: 256 raw bytes; any other length gives the condition ``unknown``
        :param tries: presentations of the code that are left, all by default; 0 gives the condition ``locked``
        """
        memory = bytes(memory)
        tries = self.FULL_TRIES if tries is None else tries
        image = {"driver": self.DRIVER, "tries": tries, "full_tries": self.FULL_TRIES, "digest": digest(memory)}
        if len(memory) != self.SIZE:
            return CardImage(condition=UNKNOWN, **image)
        own = memory[_IDENTITY]
        serial = digits(own[9:15])
        if own[8] != _VERSION or serial is None or crc8(own[8:0x11]) != own[0x11]:
            return CardImage(condition=LOCKED if tries == 0 else FOREIGN, **image)
        image["serial"], image["issuer"] = serial, int.from_bytes(own[15:17], "big")
        blocks = _decoded_blocks(memory)
        current = _current(blocks)
        image["writeback"] = decode_writeback(memory[_WRITEBACK_REGION])
        if current is not None:
            image["block"], image["both_blocks"] = blocks[current], blocks[0] == blocks[1]
        condition = contract_condition(memory[_CONTRACT_REGION])
        no_purchase = all(is_blank(memory[region]) for region in _BLOCK_REGIONS)
        if condition == OK:
            image.update(decode_contract(memory[_CONTRACT_REGION]))
            if current is None:
                condition = BLANK if no_purchase else DAMAGED
        elif condition == BLANK and not no_purchase:
            # Torn while it was cleared: a contract written beside its old purchase would let a meter credit that.
            condition = DAMAGED
        return CardImage(condition=LOCKED if tries == 0 else condition, **image)

    def encode_identity(self, serial, issuer=ISSUER):
        """Return the 32 bytes of the identity area of a card with this serial (12 digits)."""
        body = bytes((_VERSION,)) + bytes.fromhex(serial.zfill(12)) + issuer.to_bytes(2, "big")
        return (self.CHIP + body + bytes((crc8(body),))).ljust(0x20, b"\xff")

    def encode_card(self, serial, customer_no, meter_no, block, writeback, card_type=2, issue=1):
        """Return the 256 bytes of a whole card, both purchase blocks equal."""
        memory = bytearray(b"\xff" * self.SIZE)
        memory[_IDENTITY] = self.encode_identity(serial)
        memory[_CONTRACT_REGION] = encode_contract(customer_no, meter_no, card_type, issue)
        for region in _BLOCK_REGIONS:
            memory[region] = encode_block(block)
        memory[_WRITEBACK_REGION] = encode_writeback(writeback)
        return bytes(memory)

    def image_for(self, op, memory, block=None, customer_no=None, meter_no=None, key_version=None):
        """Return the image that a card must hold after an operation.

        :param op: ``open``, ``replace``, ``purchase``, ``rewrite`` or ``clear``; for ``reverse`` see
            :meth:`reversed_image`
        :param memory: 256 bytes before
        :param block: :class:`~.card_image.PurchaseBlock`, not for ``clear``. A replacement at count 1 is an open
            card: the meter may not be opened yet
        :param customer_no: up to 12 digits, for ``open`` and ``replace``
        :param meter_no: likewise
        :param key_version: not used: a memory card has one code for ever
        :raise ValueError: ``open`` or ``replace`` without numbers
        """
        if op in ("purchase", "rewrite"):
            return self.expected_after(memory, block)
        after = bytearray(memory)
        after[_WRITEBACK_REGION] = bytes(WRITEBACK_SIZE)
        if op == "clear":
            for region in (_CONTRACT_REGION, *_BLOCK_REGIONS):
                after[region] = b"\xff" * (region.stop - region.start)
            return bytes(after)
        if not customer_no or not meter_no:
            raise ValueError("a new card needs a customer's and a meter's number")
        card_type = _OPEN if op == "open" or block.count == 1 else _REPLACEMENT
        after[_CONTRACT_REGION] = encode_contract(customer_no, meter_no, card_type, block.issue)
        for region in _BLOCK_REGIONS:
            after[region] = encode_block(block)
        return bytes(after)

    def reversed_image(self, memory, before):
        """Return the image of a reversal: that from before the order.

        :param memory: 256 bytes now
        :param before: 256 bytes before the order
        """
        return bytes(before)

    def write_steps(self, memory, write):
        """Return the steps of a write in their order.

        Of a purchase or re-write: the non-current block comes first, so that one good block is there at every moment;
        the state byte of the write-back comes last and commits (``docs/decisions/0002``).

        :param memory: 256 bytes before the write
        :param write: a :class:`~.card_image.PurchaseBlock` or an :class:`~.card_image.ImageWrite`
        :return: list of ``(address, bytes)``
        """
        if isinstance(write, ImageWrite):
            return self.image_steps(memory, write.image)
        current = _current(_decoded_blocks(memory)) or 0
        data = encode_block(write)
        return [(_BLOCKS[1 - current], data), (_BLOCKS[current], data), (_WRITEBACK, bytes((STATE_EMPTY,)))]

    def image_steps(self, before, after):
        """Return the steps from one image to another in their order, areas that are equal left out.

        A card that gets its contract has the write-back emptied first and its blocks last; one that loses it loses it
        first; a reversal puts the write-back back first, so that the meter refuses whatever is torn.

        :param before: 256 bytes before the write
        :param after: 256 bytes afterwards
        :return: list of ``(address, bytes)``
        """
        current = _current(_decoded_blocks(before)) or 0
        contract, writeback = _CONTRACT_REGION, _WRITEBACK_REGION
        blocks = (_BLOCK_REGIONS[1 - current], _BLOCK_REGIONS[current])
        if after[_WRITEBACK] != STATE_EMPTY:
            order = (writeback, *blocks, contract)
        elif is_blank(after[contract]) or contract_condition(before[contract]) == OK:
            order = (contract, *blocks, writeback)
        else:
            order = (writeback, contract, *blocks)
        return [(region.start, after[region]) for region in order if before[region] != after[region]]

    def expected_after(self, memory, write):
        """Return the 256 bytes that the card must hold when the write is complete."""
        after = bytearray(memory)
        for address, data in self.write_steps(memory, write):
            after[address : address + len(data)] = data
        return bytes(after)

    def lies_between(self, before, after, memory):
        """Return whether an interrupted write can have left what an image says of the purchase; both ends count.

        The write-back is not looked at: the card may have been in the meter since.
        """
        if not len(before) == len(after) == len(memory) == self.SIZE:
            return False
        steps = [step for step in self.image_steps(before, after) if step[0] != _WRITEBACK]
        answered = before[:_WRITEBACK] + memory[_WRITEBACK_REGION] + before[_WRITEBACK_REGION.stop :]
        # A chip may erase less than a page at once.
        return any(is_between(answered, steps, memory, page) for page in sorted({1, self.PAGE}))
