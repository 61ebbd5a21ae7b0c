"""Dots on paper as a picture (PNG, RFC 2083): one bit each, black is printed."""

from __future__ import annotations

import base64
import struct
import zlib


def data_uri(rows: list[bytes]) -> str:
    """Return a picture of rows of dots as a data URI.

    :param rows: packed bits, all of one length; a set bit is black.
    """
    width, height = len(rows[0]) * 8, len(rows)
    # PNG's one-bit grey has white for a set bit.
    lines = b"".join(b"\0" + bytes(~byte & 0xFF for byte in row) for row in rows)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(lines)), (b"IEND", b""))
    content = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)
    return "data:image/png;base64," + base64.b64encode(content).decode()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
