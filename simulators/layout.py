"""The demo card's layout, version 1, bytes <-> values (docs/protocol/card-layout-demo.md). Energy is in 0.01 kWh."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .bcd import decode_bcd, encode_bcd

IDENTITY = 0x08
CONTRACT = 0x20
PURCHASE_A = 0x40
PURCHASE_B = 0x60
WRITE_BACK = 0x80

LAYOUT_VERSION = 0x01
CARD_OPEN, CARD_PURCHASE, CARD_REPLACEMENT = 0x01, 0x02, 0x03
FLAG_TAKE_PARAMETERS = 0x01

# What a region can be found to be.
BLANK, GOOD, DAMAGED, EMPTY, VALID = "blank", "good", "damaged", "empty", "valid"

_STATE_EMPTY, _STATE_VALID = 0x00, 0xA5


@dataclass(frozen=True)
class Identity:
    """Who the card is: serial of 12 digits, issuer as a number, layout version."""

    serial: str
    issuer: int = 1
    version: int = LAYOUT_VERSION


@dataclass(frozen=True)
class Contract:
    """Whose card it is: customer and meter number (12 digits), card type 1/2/3, issue number."""

    customer_no: str
    meter_no: str
    card_type: int
    issue: int


@dataclass(frozen=True)
class Purchase:
    """One purchase: count, energy and hoard limit in 0.01 kWh, alarms in kWh, issue number, flags."""

    count: int
    energy: int
    alarm1: int = 0
    alarm2: int = 0
    hoard_limit: int = 0
    issue: int = 1
    flags: int = FLAG_TAKE_PARAMETERS


@dataclass(frozen=True)
class WriteBack:
    """What the meter left on the card; energies in 0.01 kWh, time as 10 digits YYMMDDhhmm."""

    count: int
    remaining: int
    total_bought: int
    over_used: int
    illegal_inserts: int
    time: str


@dataclass(frozen=True)
class CardImage:
    """A whole card as found. A value is None unless its state is ``good`` (write-back: ``valid``)."""

    identity_state: str
    identity: Identity | None
    contract_state: str
    contract: Contract | None
    purchase_state: str
    purchase: Purchase | None
    write_back_state: str
    write_back: WriteBack | None


def crc8(data: bytes) -> int:
    """CRC-8, polynomial 0x07, initial value 0x00."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (0x07 if crc & 0x80 else 0)) & 0xFF
    return crc


def crc16(data: bytes) -> int:
    """CRC-16/CCITT-FALSE: polynomial 0x1021, initial value 0xFFFF, not reflected."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ (0x1021 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


def pack_identity(identity: Identity) -> bytes:
    """Return the 10 bytes for 0x08-0x11."""
    body = bytes([identity.version]) + encode_bcd(identity.serial, 6) + struct.pack(">H", identity.issuer)
    return body + bytes([crc8(body)])


def pack_contract(contract: Contract) -> bytes:
    """Return the 16 bytes for 0x20-0x2F."""
    body = encode_bcd(contract.customer_no, 6) + encode_bcd(contract.meter_no, 6)
    return _with_crc16(body + bytes([contract.card_type, contract.issue]))


def pack_purchase(purchase: Purchase) -> bytes:
    """Return the 20 bytes of a purchase block."""
    return _with_crc16(
        struct.pack(
            ">IIHHIBB",
            purchase.count,
            purchase.energy,
            purchase.alarm1,
            purchase.alarm2,
            purchase.hoard_limit,
            purchase.issue,
            purchase.flags,
        )
    )


def pack_write_back(write_back: WriteBack) -> bytes:
    """Return the 26 bytes of a valid write-back block."""
    numbers = struct.pack(
        ">BIIIIH",
        _STATE_VALID,
        write_back.count,
        write_back.remaining,
        write_back.total_bought,
        write_back.over_used,
        write_back.illegal_inserts,
    )
    return _with_crc16(numbers + encode_bcd(write_back.time, 5))


def parse(memory: bytes) -> CardImage:
    """Read a whole card of 256 bytes (at least the first 0x9A)."""
    identity_state, identity = _parse_identity(memory[IDENTITY : IDENTITY + 10])
    contract_state, contract = _parse_contract(memory[CONTRACT : CONTRACT + 16])
    purchase_state, purchase, _where = parse_purchases(memory)
    write_back_state, write_back = _parse_write_back(memory[WRITE_BACK : WRITE_BACK + 26])
    return CardImage(
        identity_state,
        identity,
        contract_state,
        contract,
        purchase_state,
        purchase,
        write_back_state,
        write_back,
    )


def parse_purchases(memory: bytes) -> tuple[str, Purchase | None, int | None]:
    """Find the current purchase block: the good one with the higher count, A when they are equal.

    :return: state (blank, good, damaged), the purchase, the address of its block.
    """
    blocks = {place: memory[place : place + 20] for place in (PURCHASE_A, PURCHASE_B)}
    good = {place: _parse_purchase(block) for place, block in blocks.items() if _crc16_right(block)}
    if not good:
        return (BLANK if all(_is_blank(block) for block in blocks.values()) else DAMAGED), None, None
    current = max(good, key=lambda place: (good[place].count, place == PURCHASE_A))
    return GOOD, good[current], current


def _parse_identity(block: bytes) -> tuple[str, Identity | None]:
    if _is_blank(block):
        return BLANK, None
    if crc8(block[:9]) != block[9] or block[0] != LAYOUT_VERSION:
        return DAMAGED, None
    try:
        return GOOD, Identity(decode_bcd(block[1:7]), int.from_bytes(block[7:9], "big"), block[0])
    except ValueError:
        return DAMAGED, None


def _parse_contract(block: bytes) -> tuple[str, Contract | None]:
    if _is_blank(block):
        return BLANK, None
    if not _crc16_right(block):
        return DAMAGED, None
    try:
        return GOOD, Contract(decode_bcd(block[:6]), decode_bcd(block[6:12]), block[12], block[13])
    except ValueError:
        return DAMAGED, None


def _parse_purchase(block: bytes) -> Purchase:
    return Purchase(*struct.unpack(">IIHHIBB", block[:18]))


def _parse_write_back(block: bytes) -> tuple[str, WriteBack | None]:
    if block[0] == _STATE_EMPTY:
        return EMPTY, None
    if block[0] != _STATE_VALID or not _crc16_right(block):
        return DAMAGED, None
    try:
        return VALID, WriteBack(*struct.unpack(">IIIIH", block[1:19]), decode_bcd(block[19:24]))
    except ValueError:
        return DAMAGED, None


def _with_crc16(body: bytes) -> bytes:
    return body + struct.pack(">H", crc16(body))


def _crc16_right(block: bytes) -> bool:
    return crc16(block[:-2]) == int.from_bytes(block[-2:], "big")


def _is_blank(block: bytes) -> bool:
    return block in (b"\xff" * len(block), bytes(len(block)))
