"""ID-003, the serial protocol of many note acceptors: its bytes. Pure functions; the driver is ``id003``.

A message is ``FC``, its whole length, a command or status, data, and a checksum over all before it (CRC-16 Kermit:
polynomial 8408h reflected, begun with 0, low byte first). Relied on: the maker's "ID-003 Communication Specification"
(ID03-001E, revision 5, 2004: its table of contents and list of changes are public) and what several public programs
that speak it agree on. Nothing was compared with a real device.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

SYNC = 0xFC
SHORTEST = 5
LONGEST = 255


class Command(IntEnum):
    """What the controller sends. The acceptor answers operations by ``ACK`` and settings by the same message."""

    STATUS_REQUEST = 0x11
    RESET = 0x40
    STACK_1 = 0x41
    STACK_2 = 0x42
    RETURN = 0x43
    HOLD = 0x44
    WAIT = 0x45
    ACK = 0x50
    GET_VERSION = 0x88
    GET_CURRENCY = 0x8A
    SET_ENABLE = 0xC0
    SET_SECURITY = 0xC1
    SET_INHIBIT = 0xC3
    SET_DIRECTION = 0xC4
    SET_OPTIONAL = 0xC5


class Status(IntEnum):
    """What the acceptor answers to ``STATUS_REQUEST``."""

    IDLING = 0x11
    ACCEPTING = 0x12
    ESCROW = 0x13
    STACKING = 0x14
    VEND_VALID = 0x15
    STACKED = 0x16
    REJECTING = 0x17
    RETURNING = 0x18
    HOLDING = 0x19
    INHIBITED = 0x1A
    INITIALIZE = 0x1B
    POWER_UP = 0x40
    POWER_UP_ACCEPTOR = 0x41
    POWER_UP_STACKER = 0x42
    STACKER_FULL = 0x43
    STACKER_OPEN = 0x44
    JAM_IN_ACCEPTOR = 0x45
    JAM_IN_STACKER = 0x46
    PAUSE = 0x47
    CHEATED = 0x48
    FAILURE = 0x49
    COMMUNICATION_ERROR = 0x4A
    INVALID_COMMAND = 0x4B


REJECT_REASONS = {
    0x71: "put in aslant",
    0x72: "magnetic pattern",
    0x73: "a note was left in the head",
    0x74: "compensation",
    0x75: "transport",
    0x76: "denomination not recognised",
    0x77: "photo pattern 1",
    0x78: "photo level",
    0x79: "inhibited",
    0x7B: "operation",
    0x7C: "a note was left in the stacker",
    0x7D: "length",
    0x7E: "photo pattern 2",
    0x7F: "not genuine",
}
FAILURES = {
    0xA2: "stacker motor",
    0xA5: "transport speed",
    0xA6: "transport motor",
    0xAB: "cash box not ready",
    0xAF: "head removed",
    0xB0: "boot ROM",
    0xB1: "external ROM",
    0xB2: "ROM",
    0xB3: "external ROM not written",
}
# The first of the eight denominations that an acceptor tells apart.
FIRST_DENOMINATION = 0x61
DENOMINATIONS = range(FIRST_DENOMINATION, FIRST_DENOMINATION + 8)


@dataclass(frozen=True)
class Message:
    """One message without its frame."""

    code: int
    data: bytes = b""


def checksum(content: bytes) -> int:
    """CRC-16 Kermit of what comes before it."""
    crc = 0
    for byte in content:
        crc ^= byte
        for _bit in range(8):
            crc = crc >> 1 ^ (0x8408 if crc & 1 else 0)
    return crc


def encode(message: Message) -> bytes:
    """The message in its frame.

    :raises ValueError: its data is longer than a frame can be.
    """
    length = SHORTEST + len(message.data)
    if length > LONGEST:
        raise ValueError(f"a message of {length} bytes is too long")
    content = bytes([SYNC, length, message.code]) + message.data
    return content + checksum(content).to_bytes(2, "little")


def decode(received: bytes) -> tuple[Message | None, bytes]:
    """The first whole message, and what is left behind it. Noise before it, and a damaged message, are dropped.

    :param received: bytes as they came, from any point on.
    :return: no message when more bytes are needed; then the rest is what to keep until they are there.
    """
    while (start := received.find(SYNC)) >= 0:
        received = received[start:]
        if len(received) < 2:
            return None, received
        length = received[1]
        if length >= SHORTEST:
            if len(received) < length:
                return None, received
            content, crc = received[: length - 2], received[length - 2 : length]
            if checksum(content) == int.from_bytes(crc, "little"):
                return Message(content[2], content[3:]), received[length:]
        # Not the beginning of a message, or a damaged one: a good one may begin right behind.
        received = received[1:]
    return None, b""


def currency_table(data: bytes) -> dict[int, int]:
    """What the acceptor's notes are worth, by its answer to ``GET_CURRENCY``.

    :param data: four bytes a denomination: its code, country, base value, number of zeros behind it.
    :return: code (61h …): cents. Codes without a value are left out.
    """
    table = {}
    for at in range(0, len(data) - 3, 4):
        code, _country, base, zeros = data[at : at + 4]
        if code in DENOMINATIONS and base and zeros < 10:
            table[code] = base * 10**zeros * 100
    return table


def enable_mask(table: dict[int, int], wanted: frozenset[int]) -> bytes:
    """Data of ``SET_ENABLE``: a bit of the first byte forbids a denomination.

    :param table: code: cents.
    :param wanted: cents.
    """
    allowed = sum(1 << (code - FIRST_DENOMINATION) for code, cents in table.items() if cents in wanted)
    return bytes([0xFF & ~allowed, 0])
