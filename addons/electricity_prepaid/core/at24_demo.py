"""Codec of the demo layout on an AT24C02: 256 bytes, no code and no protection: anybody can write it.

Source: ``docs/protocol/card-layout-demo.md``.
"""

from .demo_layout import DemoLayout


class At24Demo(DemoLayout):
    """The demo layout on a chip without maker's bytes. It has no code, so its tries are always all there."""

    DRIVER = "at24_demo"
    PAGE = 8


CODEC = At24Demo()
