"""Denominations as the configuration names them."""

from __future__ import annotations

import re
from decimal import Decimal

_ENTRY = re.compile(r"([0-9A-Fa-f]{2})=(\d{1,7}(?:\.\d{1,2})?)")


def parse(entries: tuple[str, ...]) -> dict[int, int]:
    """Code of a denomination → cents.

    :param entries: such as ``67=100``: the code in hexadecimal, what the note is worth in yuan.
    :raises ValueError: one is malformed, worth nothing, or names a code twice.
    """
    table: dict[int, int] = {}
    for entry in entries:
        found = _ENTRY.fullmatch(entry.strip())
        if found is None:
            raise ValueError(f"{entry!r} is not like 67=100")
        code, cents = int(found[1], 16), int(Decimal(found[2]) * 100)
        if not 0x61 <= code <= 0x68 or cents == 0 or code in table:
            raise ValueError(f"{entry!r}: codes are 61 to 68, once each, with a worth")
        table[code] = cents
    return table
