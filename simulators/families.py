"""The kinds of card and meter that a bench can hold, by driver."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from .at24 import At24c02
from .cpu_family import CpuFamily
from .cpu_kinds import KINDS
from .family import Family
from .keys import CardKeys
from .memory_family import MemoryFamily
from .sam_family import SAM_DRIVER, SamFamily
from .sle4428 import Sle4428
from .sle4442 import Sle4442

MEMORY_DRIVER = "sle4442_demo"

# Driver -> how its family is made from the utility's keys.
FAMILIES: dict[str, Callable[[CardKeys], Family]] = {
    "sle4442_demo": lambda keys: MemoryFamily("sle4442_demo", keys, Sle4442),
    "sle4428_demo": lambda keys: MemoryFamily("sle4428_demo", keys, Sle4428),
    SAM_DRIVER: SamFamily,
    **{driver: partial(CpuFamily, kind) for driver, kind in KINDS.items()},
    "at24_demo": lambda keys: MemoryFamily("at24_demo", keys, At24c02),
}


def make_families(keys: CardKeys) -> dict[str, Family]:
    """Return every family of :data:`FAMILIES`. One whose keys are missing can hold cards, not make them."""
    return {driver: make(keys) for driver, make in FAMILIES.items()}
