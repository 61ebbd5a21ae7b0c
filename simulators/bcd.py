"""Digits in bytes: packed BCD, as every card and meter of this trade has it."""

from __future__ import annotations

from datetime import datetime


def encode_bcd(digits: str, size: int) -> bytes:
    """Pack digits, two a byte, high nibble first, padded on the left with zeros.

    :raises ValueError: not digits, or more than ``2 * size`` of them.
    """
    if not digits.isascii() or not digits.isdigit() or len(digits) > 2 * size:
        raise ValueError(f"{digits!r} must be 1 to {2 * size} digits")
    return bytes.fromhex(digits.zfill(2 * size))


def decode_bcd(data: bytes) -> str:
    """Unpack digits.

    :raises ValueError: a nibble above 9.
    """
    digits = data.hex()
    if not digits.isdigit():
        raise ValueError(f"{digits} is not BCD")
    return digits


def encode_time(moment: datetime) -> str:
    """Return YYMMDDhhmm."""
    return moment.strftime("%y%m%d%H%M")
