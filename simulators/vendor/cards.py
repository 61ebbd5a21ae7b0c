"""Cards of the makers whose layout only their library knows: a masked record on an SLE4442 (see ``maker.h``)."""

from __future__ import annotations

from dataclasses import dataclass

from ..layout import crc16, decode_bcd, encode_bcd
from ..sle4442 import Sle4442

CODE = b"MKR"
SIZE = 256
RECORD, RECORD_SIZE = 0x20, 48
BACKUP = 0x60


@dataclass(frozen=True)
class Maker:
    """What tells the makers apart: their mark, their keystream, and their chips' first four bytes."""

    name: str
    version: int
    key: int
    header: bytes
    cumulative: bool


HUALI = Maker("huali", 0x11, 0x48554131, bytes.fromhex("a2131092"), cumulative=False)
ZONGLIANG = Maker("zongliang", 0x21, 0x5A4C3037, bytes.fromhex("a2131093"), cumulative=True)


@dataclass
class Record:
    """What a card says. Numbers of 12 digits; quantities in the maker's unit; ``back``: the meter has answered."""

    serial: str
    customer: str = "0" * 12
    meter: str = "0" * 12
    kind: int = 0
    count: int = 0
    quantity: int = 0
    total: int = 0
    back: bool = False
    meter_count: int = 0
    remaining: int = 0
    sequence: int = 0


def make_card(maker: Maker, record: Record) -> Sle4442:
    """A card of a maker with this content."""
    memory = bytearray((maker.header + bytes.fromhex("ffff8115")).ljust(SIZE, b"\xff"))
    memory[RECORD : RECORD + RECORD_SIZE] = pack(maker, record)
    memory[BACKUP : BACKUP + 4] = record.count.to_bytes(4, "big")
    return Sle4442(bytes(memory), psc=CODE)


def read_card(maker: Maker, chip: Sle4442) -> Record | None:
    """What a card says, past all faults; None when it is not this maker's or damaged."""
    return unpack(maker, chip.image()[RECORD : RECORD + RECORD_SIZE])


def pack(maker: Maker, record: Record) -> bytes:
    """The masked record."""
    data = bytes([maker.version, record.kind])
    data += b"".join(encode_bcd(number, 6) for number in (record.serial, record.customer, record.meter))
    data += b"".join(value.to_bytes(4, "big") for value in (record.count, record.quantity, record.total))
    data += bytes([record.back])
    data += b"".join(value.to_bytes(4, "big") for value in (record.meter_count, record.remaining, record.sequence))
    data += b"\x00"
    return _mask(maker, data + crc16(data).to_bytes(2, "big"))


def unpack(maker: Maker, masked: bytes) -> Record | None:
    """The record of a card; None when it is not this maker's or damaged."""
    data = _mask(maker, masked)
    if data[0] != maker.version or crc16(data[:-2]).to_bytes(2, "big") != data[-2:]:
        return None
    serial, customer, meter = (decode_bcd(data[at : at + 6]) for at in (2, 8, 14))
    count, quantity, total = (int.from_bytes(data[at : at + 4], "big") for at in (20, 24, 28))
    meter_count, remaining, sequence = (int.from_bytes(data[at : at + 4], "big") for at in (33, 37, 41))
    return Record(
        serial, customer, meter, data[1], count, quantity, total, bool(data[32]), meter_count, remaining, sequence
    )


def _mask(maker: Maker, data: bytes) -> bytes:
    key, masked = maker.key, bytearray()
    for byte in data:
        key = (key * 1664525 + 1013904223) & 0xFFFFFFFF
        masked.append(byte ^ key >> 24)
    return bytes(masked)
