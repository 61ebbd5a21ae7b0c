"""The fields of the demo layout of memory cards: bytes to values and back.

Source: ``docs/protocol/card-layout-demo.md``. Integers are unsigned and big-endian, energy is in 0.01 kWh,
BCD is packed.
"""

import struct

from .card_image import BLANK, DAMAGED, EMPTY, OK, VALID, PurchaseBlock, WriteBack

#: count u32 @0 · energy u32, 0.01 kWh @4 · alarm 1 u16, kWh @8 · alarm 2 u16, kWh @10 · hoard u32, 0.01 kWh @12 ·
#: issue u8 @16 · flags u8 @17 · CRC-16 @18
_BLOCK = struct.Struct(">IIHHIBB")
BLOCK_SIZE = _BLOCK.size + 2
#: state u8 @0 · count u32 @1 · remaining u32, 0.01 kWh @5 · total u32, 0.01 kWh @9 · over-used u32, 0.01 kWh @13 ·
#: illegal inserts u16 @17 · time BCD YYMMDDhhmm @19 · CRC-16 @24
_WRITEBACK_BODY = struct.Struct(">BIIIIH5s")
WRITEBACK_SIZE = _WRITEBACK_BODY.size + 2
#: customer number BCD @0 · meter number BCD @6 · card type u8 @12 · issue u8 @13 · CRC-16 @14
CONTRACT_SIZE = 16
STATE_EMPTY = 0x00
_STATE_VALID = 0xA5
_CARD_TYPES = (1, 2, 3)


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


def digits(data):
    """Return packed BCD as digits, or None when a nibble is not a digit."""
    text = data.hex()
    return text if text.isdecimal() else None


def is_blank(data):
    """Return whether an area was never written or has been cleared: all ``00`` or all ``FF``."""
    return data in (b"\x00" * len(data), b"\xff" * len(data))


def decode_block(data):
    """Read the 20 bytes of a purchase block; None when its CRC is wrong."""
    return PurchaseBlock(*_BLOCK.unpack(data[:-2])) if _crc16_good(data) else None


def encode_block(block):
    """Return the 20 bytes of a purchase block."""
    return _with_crc16(
        _BLOCK.pack(block.count, block.energy, block.alarm1, block.alarm2, block.hoard, block.issue, block.flags)
    )


def decode_writeback(data):
    """Read the 26 bytes of a write-back."""
    state = data[0]
    if state == STATE_EMPTY:
        return WriteBack(EMPTY)
    if state != _STATE_VALID or not _crc16_good(data):
        return WriteBack(DAMAGED)
    _, count, remaining, total, overused, illegal, time = _WRITEBACK_BODY.unpack(data[:-2])
    return WriteBack(VALID, count, remaining, total, overused, illegal, time.hex())


def encode_writeback(writeback):
    """Return the 26 bytes of a write-back, as the meter writes them; a ``damaged`` one gets the state ``FF``."""
    if writeback.state == EMPTY:
        return bytes(WRITEBACK_SIZE)
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


def contract_condition(contract):
    """Return what the 16 bytes of a contract block are: ``ok``, ``blank`` or ``damaged``."""
    if is_blank(contract):
        return BLANK
    good = _crc16_good(contract) and digits(contract[0:12]) is not None and contract[12] in _CARD_TYPES
    return OK if good else DAMAGED


def decode_contract(contract):
    """Return the fields of a good contract block, named as in :class:`~.card_image.CardImage`."""
    return {
        "customer_no": digits(contract[0:6]),
        "meter_no": digits(contract[6:12]),
        "card_type": contract[12],
        "issue": contract[13],
    }


def encode_contract(customer_no, meter_no, card_type, issue):
    """Return the 16 bytes of the contract block.

    :param customer_no: up to 12 digits, padded with zeros on the left
    :param meter_no: up to 12 digits, padded likewise
    """
    numbers = bytes.fromhex(customer_no.zfill(12) + meter_no.zfill(12))
    return _with_crc16(numbers + bytes((card_type, issue)))
