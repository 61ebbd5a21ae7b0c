"""Codec of the Southern Grid CPU purchase card, driver ``csg2015``.

Source: ``docs/protocol/card-layout-cpu.md`` (the Southern Grid variant as implemented in the field). The image has 119
bytes: card file 16 · parameters 45 · wallet 8 · write-back 50. Fields with their offsets:
:class:`.cpu_fields.Parameters`, :func:`.cpu_fields.encode_wallet`, :func:`.cpu_fields.encode_writeback`,
:class:`.cpu_tariff_set.CsgTariffSet`. The reconnect command (file 05, 16 bytes) is encrypted by the key service and
opaque here.
"""

from .cpu_layout import CpuLayout
from .cpu_tariff_set import CsgTariffSet


class Csg2015(CpuLayout):
    """Southern Grid: parameters with command ``03``, write-back of 50 bytes in file 06, tariff sets of 199 bytes."""

    DRIVER = "csg2015"
    COMMAND = 0x03
    WRITEBACK_SIZE = 50
    WRITEBACK_SFI = 0x06
    TARIFF_SET = CsgTariffSet
    COMPANIONS = (0x03, 0x04, 0x05)


CODEC = Csg2015()
