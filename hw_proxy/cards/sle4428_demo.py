"""Driver ``sle4428_demo``: the demo layout on an SLE4428 or SLE5528."""

from __future__ import annotations

from typing import ClassVar

from hw_proxy.cards.chips import SLE4428, Chip
from hw_proxy.cards.memory_driver import DemoMemoryDriver


class Sle4428Demo(DemoMemoryDriver):
    """In the first 256 of its 1024 bytes. Source of the chip's facts: SLE4428 data sheet."""

    id: ClassVar[str] = "sle4428_demo"
    version: ClassVar[str] = "1.0"
    chip: ClassVar[Chip] = SLE4428
    code_length: ClassVar[int] = SLE4428.code_length
    atrs: ClassVar[frozenset[bytes]] = frozenset({bytes.fromhex("3b0492231091")})
