"""The files of the CPU cards, bytes <-> values (docs/protocol/card-layout-cpu.md). Money is in 0.01 yuan."""

from __future__ import annotations

import struct
from dataclasses import dataclass

from .bcd import decode_bcd, encode_bcd
from .cpu_kinds import Kind
from .layout import BLANK, DAMAGED, EMPTY, GOOD, VALID

CARD_OPEN, CARD_PURCHASE, CARD_REPLACEMENT = 0x01, 0x02, 0x03
FLAG_CURRENT_RATES, FLAG_BACKUP_RATES, FLAG_CURRENT_LADDER, FLAG_BACKUP_LADDER = 0x01, 0x02, 0x04, 0x08
FLAG_PARAMETERS = 0x80
FLAGS_OPEN = 0x8F
NO_TIME = "0" * 10


@dataclass(frozen=True)
class CardFile:
    """Who the card is: serial of 16 digits, issuer, version of its keys (0 = never issued)."""

    serial: str
    issuer: int
    key_version: int


@dataclass(frozen=True)
class Parameters:
    """The parameters file: numbers as digits, alarms in 0.01 yuan, switch time YYMMDDhhmm (zeros: none)."""

    meter_no: str
    customer_no: str
    card_type: int
    update_flag: int = 0
    alarm1: int = 0
    alarm2: int = 0
    ct: int = 1
    pt: int = 1
    switch_time: str = NO_TIME
    user_type: int = 0


@dataclass(frozen=True)
class Wallet:
    """The wallet: money of this purchase in 0.01 yuan, and its count."""

    amount: int
    count: int


@dataclass(frozen=True)
class WriteBack:
    """What the meter left: money in 0.01 yuan, time YYMMDDhhmm, version of the card's keys."""

    meter_no: str
    customer_no: str
    remaining: int
    count: int
    over_used: int
    illegal_inserts: int
    time: str
    ct: int = 1
    pt: int = 1
    key_version: int = 0


def checksum(data: bytes) -> int:
    """CS: the sum of the bytes, modulo 256."""
    return sum(data) & 0xFF


def parse_card_file(data: bytes) -> CardFile:
    """Read the card file, 16 bytes.

    :raises ValueError: the serial is not BCD.
    """
    return CardFile(decode_bcd(data[:8]), int.from_bytes(data[8:10], "big"), data[10])


def pack_parameters(kind: Kind, parameters: Parameters) -> bytes:
    """Return the 45 bytes of the parameters file."""
    body = b"".join(
        (
            bytes([kind.command, 0x00, 0x27, parameters.user_type, parameters.update_flag]),
            bytes(4),
            encode_bcd(parameters.switch_time, 5),
            bytes(1),
            encode_bcd(str(parameters.alarm1), 4),
            encode_bcd(str(parameters.alarm2), 4),
            encode_bcd(str(parameters.ct), 3),
            encode_bcd(str(parameters.pt), 3),
            encode_bcd(parameters.meter_no, 6),
            encode_bcd(parameters.customer_no, 6),
            bytes([parameters.card_type]),
        )
    )
    return b"\x68" + body + bytes([checksum(body), 0x16])


def parse_parameters(kind: Kind, data: bytes) -> tuple[str, Parameters | None]:
    """Read the parameters file; the state is blank, good or damaged."""
    if not any(data):
        return BLANK, None
    if not _framed(data, bytes([kind.command, 0x00, 0x27])):
        return DAMAGED, None
    try:
        return GOOD, Parameters(
            user_type=data[4],
            update_flag=data[5],
            switch_time=decode_bcd(data[10:15]),
            alarm1=int(decode_bcd(data[16:20])),
            alarm2=int(decode_bcd(data[20:24])),
            ct=int(decode_bcd(data[24:27])),
            pt=int(decode_bcd(data[27:30])),
            meter_no=decode_bcd(data[30:36]),
            customer_no=decode_bcd(data[36:42]),
            card_type=data[42],
        )
    except ValueError:
        return DAMAGED, None


def pack_wallet(wallet: Wallet) -> bytes:
    """Return the 8 bytes of the wallet."""
    return struct.pack(">II", wallet.amount, wallet.count)


def parse_wallet(data: bytes) -> Wallet:
    """Read the wallet; it has no check of its own."""
    return Wallet(*struct.unpack(">II", data))


def pack_write_back(kind: Kind, back: WriteBack) -> bytes:
    """Return the bytes of a valid write-back."""
    body = b"".join(
        (
            _write_back_head(kind),
            bytes(1),
            encode_bcd(str(back.ct), 3),
            encode_bcd(str(back.pt), 3),
            encode_bcd(back.meter_no, 6),
            encode_bcd(back.customer_no, 6),
            struct.pack(">II", back.remaining, back.count),
            encode_bcd(str(back.over_used), 4),
            bytes([0, 0, 0, back.key_version]),
            encode_bcd(str(back.illegal_inserts), 3),
            encode_bcd(back.time, 5),
        )
    )
    body = body.ljust(kind.write_back_size - 3, b"\0")
    return b"\x68" + body + bytes([checksum(body), 0x16])


def parse_write_back(kind: Kind, data: bytes) -> tuple[str, WriteBack | None]:
    """Read the write-back; the state is empty (every byte zero), valid or damaged."""
    if not any(data):
        return EMPTY, None
    if not _framed(data, _write_back_head(kind)):
        return DAMAGED, None
    try:
        remaining, count = struct.unpack(">II", data[23:31])
        return VALID, WriteBack(
            ct=int(decode_bcd(data[5:8])),
            pt=int(decode_bcd(data[8:11])),
            meter_no=decode_bcd(data[11:17]),
            customer_no=decode_bcd(data[17:23]),
            remaining=remaining,
            count=count,
            over_used=int(decode_bcd(data[31:35])),
            key_version=data[38],
            illegal_inserts=int(decode_bcd(data[39:42])),
            time=decode_bcd(data[42:47]),
        )
    except ValueError:
        return DAMAGED, None


def _write_back_head(kind: Kind) -> bytes:
    return bytes([0x11, 0x00, kind.write_back_size - 6])


def _framed(data: bytes, head: bytes) -> bool:
    body = data[1:-2]
    return data[0] == 0x68 and data[-1] == 0x16 and body.startswith(head) and checksum(body) == data[-2]
