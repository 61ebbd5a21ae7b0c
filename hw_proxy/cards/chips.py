"""Memory chips, as far as readers and drivers must tell them apart."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chip:
    """One kind of chip.

    ``size``: bytes; ``code_length``: bytes of its code, 0 without one; ``full_counter``: its error counter while no try
    is used up, every set bit being a try, 0 without a code; ``page``: bytes that one write cycle may take.
    """

    name: str
    size: int
    code_length: int = 0
    full_counter: int = 0
    page: int = 1

    @property
    def tries(self) -> int:
        """Presentations of the code that a chip has; 3 where there is no code, as the protocol says."""
        return self.tries_of(self.full_counter) if self.code_length else 3

    def tries_of(self, counter: int) -> int:
        """Presentations that an error counter leaves."""
        return bin(counter & self.full_counter).count("1")


SLE4442 = Chip("SLE4442", 256, code_length=3, full_counter=0x07)
"""Infineon SLE4442 and SLE5542: protection bits for the first 32 bytes."""
SLE4428 = Chip("SLE4428", 1024, code_length=2, full_counter=0xFF)
"""Infineon SLE4428 and SLE5528: a protection bit for every byte, the code at 1022 and its counter at 1021."""
AT24C02 = Chip("AT24C02", 256, page=8)
"""Microchip AT24C02, an I2C EEPROM: anybody can write it."""
