"""Driver ``sle4442_demo``: the demo layout on an SLE4442 or SLE5542."""

from __future__ import annotations

from typing import ClassVar

from hw_proxy.cards.chips import SLE4442, Chip
from hw_proxy.cards.memory_driver import DemoMemoryDriver


class Sle4442Demo(DemoMemoryDriver):
    """Source of the chip's facts: SLE4442 data sheet."""

    id: ClassVar[str] = "sle4442_demo"
    version: ClassVar[str] = "1.0"
    chip: ClassVar[Chip] = SLE4442
    code_length: ClassVar[int] = SLE4442.code_length
    atrs: ClassVar[frozenset[bytes]] = frozenset({bytes.fromhex("3b04a2131091")})
