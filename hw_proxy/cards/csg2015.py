"""Driver of the Southern Grid processor card (as implemented in the field; demo keys only)."""

from __future__ import annotations

from typing import ClassVar

from hw_proxy.cards import cpu_layout
from hw_proxy.cards.cpu import CpuDriver
from hw_proxy.cards.cpu_layout import CpuLayout


class Csg2015(CpuDriver):
    """Parameters, wallet, two tariff sets of 199 bytes, a reconnect command and a write-back of 50 in file 06."""

    id: ClassVar[str] = "csg2015"
    version: ClassVar[str] = "1.0"
    layout: ClassVar[CpuLayout] = cpu_layout.CSG2015
    atrs: ClassVar[frozenset[bytes]] = frozenset({bytes.fromhex("3b6800004353473230313501")})
