"""Codec of the card layout ``sle4442_demo``, version 1: bytes to image and back.

Source: ``docs/protocol/card-layout-demo.md``. Pure functions; talking to the chip is the terminal's business.
"""

import struct

from .card_image import (
    BLANK,
    DAMAGED,
    EMPTY,
    FOREIGN,
    LOCKED,
    OK,
    UNKNOWN,
    VALID,
    CardImage,
    PurchaseBlock,
    WriteBack,
    digest,
)

DRIVER = "sle4442_demo"
UNIT = "kwh"
SIZE = 256
BLOCK = PurchaseBlock
#: The issuer number of demo cards. Whose cards are taken is the company's decision, not the codec's.
ISSUER = 1

CHIP = bytes.fromhex("a2131091ffff8115")
_VERSION = 1
_IDENTITY = slice(0x00, 0x20)
_CONTRACT = slice(0x20, 0x30)
_BLOCKS = (0x40, 0x60)
_BLOCK = struct.Struct(">IIHHIBB")
_BLOCK_SIZE = _BLOCK.size + 2
_WRITEBACK = 0x80
_WRITEBACK_BODY = struct.Struct(">BIIIIH5s")
_WRITEBACK_SIZE = _WRITEBACK_BODY.size + 2
_STATE_EMPTY = 0x00
_STATE_VALID = 0xA5


def identity(memory):
    """Return the bytes that no order may change."""
    return memory[_IDENTITY]


def crc8(data):
    """CRC-8, polynomial 0x07, initial value 0."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x07 if crc & 0x80 else crc << 1) & 0xFF
    return crc


def crc16(data):
    """CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF, not reflected."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x1021 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _with_crc16(data):
    return data + crc16(data).to_bytes(2, "big")


def _crc16_good(data):
    return crc16(data[:-2]).to_bytes(2, "big") == data[-2:]


def _digits(data):
    """Return packed BCD as digits, or None when a nibble is not a digit."""
    text = data.hex()
    return text if text.isdecimal() else None


def _is_blank(data):
    return data in (b"\x00" * len(data), b"\xff" * len(data))


def _decode_block(data):
    return PurchaseBlock(*_BLOCK.unpack(data[:-2])) if _crc16_good(data) else None


def _decode_writeback(data):
    state = data[0]
    if state == _STATE_EMPTY:
        return WriteBack(EMPTY)
    if state != _STATE_VALID or not _crc16_good(data):
        return WriteBack(DAMAGED)
    _, count, remaining, total, overused, illegal, time = _WRITEBACK_BODY.unpack(data[:-2])
    return WriteBack(VALID, count, remaining, total, overused, illegal, time.hex())


def _raw_blocks(memory):
    return [memory[start : start + _BLOCK_SIZE] for start in _BLOCKS]


def _current(blocks):
    """Return the index of the current block: the good one with the higher count, A when equal; None without one."""
    good = [index for index, block in enumerate(blocks) if block]
    return max(good, key=lambda index: (blocks[index].count, -index)) if good else None


def decode(memory, tries=3):
    """Read a card's memory.

    Every content gives an image with a condition; none raises.

    :param memory: 256 raw bytes; any other length gives the condition ``unknown``
    :param tries: presentations of the code that are left; 0 gives the condition ``locked``
    """
    memory = bytes(memory)
    image = {"driver": DRIVER, "tries": tries, "digest": digest(memory)}
    if len(memory) != SIZE:
        return CardImage(condition=UNKNOWN, **image)
    own = memory[_IDENTITY]
    serial = _digits(own[9:15])
    if own[8] != _VERSION or serial is None or crc8(own[8:0x11]) != own[0x11]:
        return CardImage(condition=LOCKED if tries == 0 else FOREIGN, **image)
    image["serial"], image["issuer"] = serial, int.from_bytes(own[15:17], "big")
    raw_blocks = _raw_blocks(memory)
    blocks = [_decode_block(block) for block in raw_blocks]
    current = _current(blocks)
    image["writeback"] = _decode_writeback(memory[_WRITEBACK : _WRITEBACK + _WRITEBACK_SIZE])
    if current is not None:
        image["block"], image["both_blocks"] = blocks[current], blocks[0] == blocks[1]
    contract = memory[_CONTRACT]
    condition = _contract_condition(contract)
    if condition == OK:
        image.update(
            customer_no=_digits(contract[0:6]),
            meter_no=_digits(contract[6:12]),
            card_type=contract[12],
            issue=contract[13],
        )
        if current is None:
            condition = BLANK if all(_is_blank(block) for block in raw_blocks) else DAMAGED
    return CardImage(condition=LOCKED if tries == 0 else condition, **image)


def _contract_condition(contract):
    if _is_blank(contract):
        return BLANK
    good = _crc16_good(contract) and _digits(contract[0:12]) is not None and contract[12] in (1, 2, 3)
    return OK if good else DAMAGED


def encode_block(block):
    """Return the 20 bytes of a purchase block."""
    return _with_crc16(
        _BLOCK.pack(block.count, block.energy, block.alarm1, block.alarm2, block.hoard, block.issue, block.flags)
    )


def encode_writeback(writeback):
    """Return the 26 bytes of a write-back, as the meter writes them; a ``damaged`` one gets the state ``FF``."""
    if writeback.state == EMPTY:
        return bytes(_WRITEBACK_SIZE)
    body = _WRITEBACK_BODY.pack(
        _STATE_VALID,
        writeback.count,
        writeback.remaining,
        writeback.total,
        writeback.overused,
        writeback.illegal_inserts,
        bytes.fromhex(writeback.time or "0" * 10),
    )
    data = _with_crc16(body)
    return data if writeback.state == VALID else b"\xff" + data[1:]


def encode_contract(customer_no, meter_no, card_type, issue):
    """Return the 16 bytes of the contract block.

    :param customer_no: up to 12 digits, padded with zeros on the left
    :param meter_no: up to 12 digits, padded likewise
    """
    numbers = bytes.fromhex(customer_no.zfill(12) + meter_no.zfill(12))
    return _with_crc16(numbers + bytes((card_type, issue)))


def encode_identity(serial, issuer=ISSUER):
    """Return the 32 bytes of the identity area of a card with this serial (12 digits)."""
    body = bytes((_VERSION,)) + bytes.fromhex(serial.zfill(12)) + issuer.to_bytes(2, "big")
    return (CHIP + body + bytes((crc8(body),))).ljust(0x20, b"\xff")


def encode_card(serial, customer_no, meter_no, block, writeback, card_type=2, issue=1):
    """Return the 256 bytes of a whole card, both purchase blocks equal."""
    memory = bytearray(b"\xff" * SIZE)
    memory[_IDENTITY] = encode_identity(serial)
    memory[_CONTRACT] = encode_contract(customer_no, meter_no, card_type, issue)
    for start in _BLOCKS:
        memory[start : start + _BLOCK_SIZE] = encode_block(block)
    memory[_WRITEBACK : _WRITEBACK + _WRITEBACK_SIZE] = encode_writeback(writeback)
    return bytes(memory)


def write_steps(memory, write):
    """Return the steps of a purchase or re-write in their order.

    The non-current block comes first, so that one good block is there at every moment; the state byte of the write-back
    comes last and commits (``docs/decisions/0002``).

    :param memory: 256 bytes before the write
    :param write: a :class:`PurchaseBlock`
    :return: list of ``(address, bytes)``
    """
    current = _current([_decode_block(block) for block in _raw_blocks(memory)]) or 0
    data = encode_block(write)
    return [(_BLOCKS[1 - current], data), (_BLOCKS[current], data), (_WRITEBACK, bytes((_STATE_EMPTY,)))]


def expected_after(memory, write):
    """Return the 256 bytes that the card must hold when the write is complete."""
    after = bytearray(memory)
    for address, data in write_steps(memory, write):
        after[address : address + len(data)] = data
    return bytes(after)
