"""The SLE4442 memory chip: 256 bytes, 32 protection bits, a 3-byte code with three tries (Infineon data sheet)."""

from __future__ import annotations

from .memory_chip import CodeChip

PROTECTED_AREA = 32
FACTORY_PSC = b"\xff\xff\xff"
FACTORY_HEADER = bytes.fromhex("A2131091FFFF8115")
ATR = b"\x3b\x04" + FACTORY_HEADER[:4]


class Sle4442(CodeChip):
    """One chip. Only the first 32 bytes have protection bits; code and error counter lie in a memory of their own."""

    SIZE = 256
    ATR = ATR
    FACTORY = FACTORY_HEADER
    FACTORY_PSC = FACTORY_PSC
    CODE_BYTES = 3
    FULL_COUNTER = 0x07
    PROTECTABLE = PROTECTED_AREA
    # The maker protects the answer to reset and its own two bytes.
    FACTORY_PROTECTION = b"\x30\xff\xff\xff"

    def read_security(self) -> bytes:
        """Return error counter and code, 4 bytes; the code reads as zeros until it was presented."""
        self.check_contact()
        return bytes([self.counter]) + (self._psc if self.authenticated else bytes(3))
