"""Codec of the State Grid CPU purchase card, driver ``gdw1365``.

Source: ``docs/protocol/card-layout-cpu.md`` (Q/GDW 365 and 1365 family, as implemented in the field). The image has 118
bytes: card file 16 · parameters 45 · wallet 8 · write-back 49. Fields with their offsets:
:class:`.cpu_fields.Parameters`, :func:`.cpu_fields.encode_wallet`, :func:`.cpu_fields.encode_writeback`,
:class:`.cpu_tariff_set.GdwTariffSet`.
"""

from .cpu_layout import CpuLayout
from .cpu_tariff_set import GdwTariffSet


class Gdw1365(CpuLayout):
    """State Grid: parameters with command ``01``, write-back of 49 bytes in file 05, tariff sets of 258 bytes."""

    DRIVER = "gdw1365"
    COMMAND = 0x01
    WRITEBACK_SIZE = 49
    WRITEBACK_SFI = 0x05
    TARIFF_SET = GdwTariffSet
    COMPANIONS = (0x03, 0x04)


CODEC = Gdw1365()
