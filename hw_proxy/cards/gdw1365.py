"""Driver of the State Grid processor card (Q/GDW 365 and 1365 family, as implemented in the field; demo keys only)."""

from __future__ import annotations

from typing import ClassVar

from hw_proxy.cards import cpu_layout
from hw_proxy.cards.cpu import CpuDriver
from hw_proxy.cards.cpu_layout import CpuLayout


class Gdw1365(CpuDriver):
    """Parameters, wallet, two tariff sets of 258 bytes and a write-back of 49 in file 05."""

    id: ClassVar[str] = "gdw1365"
    version: ClassVar[str] = "1.0"
    layout: ClassVar[CpuLayout] = cpu_layout.GDW1365
    atrs: ClassVar[frozenset[bytes]] = frozenset({bytes.fromhex("3b6800004744573133363501")})
