"""Bytes sent to a printer, taken apart into ESC/POS commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

DLE_EOT = b"\x10\x04"
# Commands whose parameters have one length.
_LENGTHS = {
    b"\x1b@": 0,
    b"\x1ba": 1,
    b"\x1bd": 1,
    b"\x1b!": 1,
    b"\x1b3": 1,
    b"\x1b2": 0,
    b"\x1bp": 3,
    b"\x1c&": 0,
    b"\x1c.": 0,
    b"\x1c!": 1,
    b"\x1d!": 1,
    b"\x1dr": 1,
    b"\x1dL": 2,
    b"\x1dW": 2,
}
_STARTS = b"\x1b\x1c\x1d\x10"


@dataclass(frozen=True)
class Command:
    """One command. ``name`` is its first two bytes, b"text" for letters; ``data`` what comes with it."""

    name: bytes
    data: bytes = b""


class Parser:
    """Takes bytes in any pieces and gives whole commands. The real-time question comes out of turn: see ``urgent``."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[Command]:
        """Take bytes; yield the commands that are whole now."""
        self._rest += data
        while self._rest:
            length = self._length()
            if length is None or length > len(self._rest):
                return
            whole, self._rest = self._rest[:length], self._rest[length:]
            yield self._command(whole)

    def clear(self) -> None:
        """Forget what is half there, as without power."""
        self._rest = b""

    def _length(self) -> int | None:
        """Return the length of the command at the start; None while that cannot be told."""
        rest = self._rest
        if rest[0] not in _STARTS:
            ends = [place for place in range(len(rest)) if rest[place] in _STARTS]
            return ends[0] if ends else len(rest)
        if len(rest) < 2:
            return None
        name = rest[:2]
        if name == DLE_EOT:
            return 3
        if name == b"\x1dv":
            return 8 + rest[4] * _two(rest, 6) + rest[5] * 256 * _two(rest, 6) if len(rest) >= 8 else None
        if name == b"\x1dV":
            return None if len(rest) < 3 else 4 if rest[2] in (65, 66) else 3
        if name in (b"\x1d(", b"\x1b("):
            return 5 + _two(rest, 3) if len(rest) >= 5 else None
        return 2 + _LENGTHS.get(name, 0)

    @staticmethod
    def _command(whole: bytes) -> Command:
        if whole[0] not in _STARTS:
            return Command(b"text", whole)
        return Command(whole[:2], whole[2:])


def _two(data: bytes, place: int) -> int:
    return data[place] + data[place + 1] * 256
