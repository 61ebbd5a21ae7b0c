"""Messages of ID-003, from the acceptor's side: SYNC, length, code, data, CRC-16 (reflected CCITT, from 0, low byte
first)."""

from __future__ import annotations

SYNC = 0xFC


def _row(index: int) -> int:
    for _ in range(8):
        index = (index >> 1) ^ 0x8408 if index % 2 else index >> 1
    return index


_TABLE = tuple(_row(index) for index in range(256))


def crc(content: bytes) -> bytes:
    """Return the two checksum bytes."""
    value = 0
    for byte in content:
        value = (value >> 8) ^ _TABLE[(value ^ byte) & 0xFF]
    return bytes((value & 0xFF, value >> 8))


def pack(code: int, data: bytes = b"") -> bytes:
    """Return one whole message."""
    head = bytes((SYNC, 5 + len(data), code)) + data
    return head + crc(head)


class Unpacker:
    """Collects bytes and gives whole messages. What is damaged is dropped up to the next SYNC."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, received: bytes) -> list[tuple[int, bytes]]:
        """Return the messages that are complete now, as (code, data)."""
        self._bytes += received
        found = []
        while self._bytes:
            if self._bytes[0] != SYNC or (len(self._bytes) > 1 and self._bytes[1] < 5):
                del self._bytes[0]
                continue
            if len(self._bytes) < 2 or len(self._bytes) < self._bytes[1]:
                break
            whole = bytes(self._bytes[: self._bytes[1]])
            if crc(whole[:-2]) == whole[-2:]:
                found.append((whole[2], whole[3:-2]))
                del self._bytes[: len(whole)]
            else:
                del self._bytes[0]
        return found
