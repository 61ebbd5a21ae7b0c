"""Codec of the demo layout on an SLE4428: the first 256 of its 1024 bytes, a code of 2 bytes, 8 tries.

Source: ``docs/protocol/card-layout-demo.md``.
"""

from .demo_layout import DemoLayout


class Sle4428Demo(DemoLayout):
    """The demo layout with the maker's bytes of an SLE4428."""

    DRIVER = "sle4428_demo"
    CHIP = bytes.fromhex("92231091ffff8115")
    FULL_TRIES = 8


CODEC = Sle4428Demo()
