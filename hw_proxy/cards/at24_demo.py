"""Driver ``at24_demo``: the demo layout on an AT24C02."""

from __future__ import annotations

from typing import ClassVar

from hw_proxy.cards.chips import AT24C02, Chip
from hw_proxy.cards.memory_driver import DemoMemoryDriver


class At24Demo(DemoMemoryDriver):
    """Without code or protection: anybody can change such a card (AT24C02 data sheet).

    An EEPROM has no answer to reset; readers show ``I2C.`` in its place.
    """

    id: ClassVar[str] = "at24_demo"
    version: ClassVar[str] = "1.0"
    chip: ClassVar[Chip] = AT24C02
    code_length: ClassVar[int] = AT24C02.code_length
    atrs: ClassVar[frozenset[bytes]] = frozenset({bytes.fromhex("3b044932432e")})
