"""Codec of the demo layout on an SLE4442: 256 bytes, protection bits for the first 32, a code of 3 bytes, 3 tries.

Source: ``docs/protocol/card-layout-demo.md``.
"""

from .demo_fields import crc8, crc16, encode_block, encode_contract, encode_writeback
from .demo_layout import ISSUER, DemoLayout


class Sle4442Demo(DemoLayout):
    """The demo layout with the maker's bytes of an SLE4442."""

    DRIVER = "sle4442_demo"
    CHIP = bytes.fromhex("a2131091ffff8115")


CODEC = Sle4442Demo()

DRIVER = CODEC.DRIVER
CHIP = CODEC.CHIP
SIZE = CODEC.SIZE
decode = CODEC.decode
encode_card = CODEC.encode_card
encode_identity = CODEC.encode_identity
expected_after = CODEC.expected_after
image_for = CODEC.image_for
write_steps = CODEC.write_steps

__all__ = [
    "CHIP",
    "CODEC",
    "DRIVER",
    "ISSUER",
    "SIZE",
    "crc8",
    "crc16",
    "decode",
    "encode_block",
    "encode_card",
    "encode_contract",
    "encode_identity",
    "encode_writeback",
    "expected_after",
    "image_for",
    "write_steps",
]
