"""A receipt as text, in the letters of the printer itself: short, for slow lines. Chinese by GB 18030."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from unicodedata import east_asian_width

from hw_proxy.paper.order import Line
from hw_proxy.paper.picture import words_of

DOTS = 12
"""Of a column; a Chinese character takes two."""
_RESET, _CHINESE = b"\x1b@", b"\x1c&"
_LEFT, _CENTRE = b"\x1ba\x00", b"\x1ba\x01"
_LARGE, _NORMAL = b"\x1d!\x11\x1c!\x0c", b"\x1d!\x00\x1c!\x00"
_QR_MODULE, _SHORT_MODULE = 3, 6
_SHORT_CODE = 100


def encode(lines: Iterable[Line], width: int) -> bytes:
    """What is sent to the printer, without the cut.

    :param width: dots of a line.
    """
    columns = width // DOTS
    return _RESET + _CHINESE + b"".join(_line(line, columns) for line in lines)


def _line(line: Line, columns: int) -> bytes:
    if line.kind == "rule":
        return b"-" * columns + b"\n"
    if line.kind == "qr":
        return _CENTRE + _qr(line.text) + _LEFT
    if line.kind == "total":
        rows = _pair(line, columns // 2)
        return _LARGE + b"".join(map(_bytes, rows)) + _NORMAL
    if line.kind in ("pair", "small_pair"):
        return b"".join(map(_bytes, _pair(line, columns)))
    if line.kind == "box":
        return _CENTRE + _bytes(f"*** {line.text} ***") + _LEFT
    large = line.kind == "title"
    rows = _wrapped(line.text, columns // 2 if large else columns)
    text = b"".join(map(_bytes, rows))
    if large:
        return _CENTRE + _LARGE + text + _NORMAL + _LEFT
    return _CENTRE + text + _LEFT if line.kind == "heading" else text


def _bytes(row: str) -> bytes:
    return row.encode("gb18030", "replace") + b"\n"


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def _pair(line: Line, columns: int) -> Iterator[str]:
    free = columns - _columns(line.text) - _columns(line.value)
    if free >= 1:
        yield line.text + " " * free + line.value
        return
    yield from _wrapped(line.text, columns)
    for row in _wrapped(line.value, columns):
        yield " " * (columns - _columns(row)) + row


def _wrapped(text: str, columns: int) -> Iterator[str]:
    row = ""
    for word in words_of(text):
        if row and _columns(row + word.rstrip()) > columns:
            yield row.rstrip()
            row = ""
        for letter in word:
            if _columns(row + letter) > columns:
                yield row.rstrip()
                row = ""
            if row or letter != " ":
                row += letter
    yield row.rstrip()


def _qr(text: str) -> bytes:
    """A QR code that the printer draws (GS ( k, functions 165, 167, 169, 180, 181)."""
    data = text.encode("utf-8")
    module = _SHORT_MODULE if len(data) <= _SHORT_CODE else _QR_MODULE
    parts = (b"1A2\x00", b"1C" + bytes([module]), b"1E0", b"1P0" + data, b"1Q0")
    return b"".join(b"\x1d(k" + len(part).to_bytes(2, "little") + part for part in parts)
