"""The SLE4442 memory chip: 256 bytes, 32 protection bits, a 3-byte code with three tries (Infineon data sheet)."""

from __future__ import annotations

import time

from .card import Card, NotAuthenticated

SIZE = 256
PROTECTED_AREA = 32
FACTORY_PSC = b"\xff\xff\xff"
FACTORY_HEADER = bytes.fromhex("A2131091FFFF8115")
ATR = b"\x3b\x04" + FACTORY_HEADER[:4]

# Three free bits in the error counter; a try burns the highest free one.
_NEXT_COUNTER = {0x07: 0x03, 0x03: 0x01, 0x01: 0x00}


class Sle4442(Card):
    """One chip.

    :param memory: 256 bytes; None for a factory chip.
    :param protection: 4 bytes, bit i of byte b guards address 8*b + i, 0 = protected; None for a factory chip.
    :param psc: the programmable security code, 3 bytes.
    :param counter: error counter: 07 intact, 03, 01, then 00 locked for ever.
    :param write_times: spend the data sheet's 2.5 ms erase + 2.5 ms write per byte.
    """

    ATR = ATR
    FACTORY_PSC = FACTORY_PSC

    def __init__(
        self,
        memory: bytes | None = None,
        protection: bytes | None = None,
        psc: bytes = FACTORY_PSC,
        counter: int = 0x07,
        write_times: bool = False,
    ) -> None:
        self._memory = bytearray(FACTORY_HEADER.ljust(SIZE, b"\xff") if memory is None else memory)
        # The maker protects the answer to reset and its own two bytes.
        self._protection = bytearray(b"\x30\xff\xff\xff" if protection is None else protection)
        self._psc = bytes(psc)
        self._counter = counter
        if len(self._memory) != SIZE or len(self._protection) != 4 or len(self._psc) != 3:
            raise ValueError("an SLE4442 has 256 bytes, 4 bytes of protection bits and a code of 3 bytes")
        if counter not in (0x07, 0x03, 0x01, 0x00):
            raise ValueError("the error counter is 07, 03, 01 or 00")
        super().__init__(write_times)
        self._authenticated = False

    # -- contacts ------------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Forget that the code was presented."""
        self._authenticated = False

    def atr(self) -> bytes:
        """Return the answer to reset, 3B 04 and the first four bytes. A reset without power loss keeps the
        authentication."""
        return b"\x3b\x04" + bytes(self._memory[:4])

    @property
    def authenticated(self) -> bool:
        """True from the right code until power off."""
        return self._authenticated

    @property
    def counter(self) -> int:
        """The error counter: 07, 03, 01 or 00."""
        return self._counter

    @property
    def locked(self) -> bool:
        """True when no try is left: the chip can be read, never written again."""
        return self._counter == 0

    @property
    def intact(self) -> bool:
        """True when no try of the code is used up."""
        return self._counter == 0x07

    @property
    def tries(self) -> int:
        """Tries of the code that are left, 0 to 3."""
        return {0x07: 3, 0x03: 2, 0x01: 1, 0x00: 0}[self._counter]

    # -- reading -------------------------------------------------------------------------------------------------

    def image(self) -> bytes:
        """Return the 256 bytes as they are, past all faults (for tests and displays, not for readers)."""
        return bytes(self._memory)

    def read(self, address: int, length: int) -> bytes:
        """Read main memory, which is always free.

        :raises IndexError: the range leaves the chip.
        :raises CardPulled: the card is gone.
        """
        self.check_contact()
        _check_range(address, length, SIZE)
        return self.faults.falsify(address, bytes(self._memory[address : address + length]))

    def read_protection(self) -> bytes:
        """Return the 32 protection bits as 4 bytes, 0 = protected, address 0 in bit 0 of the first byte."""
        self.check_contact()
        return bytes(self._protection)

    def read_security(self) -> bytes:
        """Return error counter and code, 4 bytes; the code reads as zeros until it was presented."""
        self.check_contact()
        return bytes([self._counter]) + (self._psc if self._authenticated else bytes(3))

    # -- the code ------------------------------------------------------------------------------------------------

    def present(self, psc: bytes) -> int:
        """Present the code: burn a try, compare, and restore the counter only when the code is right.

        :param psc: 3 bytes.
        :return: the error counter afterwards; 07 means the code was right.
        :raises CardPulled: pulled in between; the try stays spent.
        """
        self.check_contact()
        if len(psc) != 3:
            raise ValueError("the code has 3 bytes")
        if self.locked:
            return 0
        self._authenticated = False
        pulled = self.faults.take_present()
        self._counter = _NEXT_COUNTER[self._counter]
        self.spend(time.monotonic() + self.WRITE_SECONDS)
        if pulled:
            self.tear()
        if psc == self._psc:
            self.spend(time.monotonic() + self.ERASE_SECONDS)
            self._counter = 0x07
            self._authenticated = True
        self.changed()
        return self._counter

    def unlock(self, psc: bytes) -> bool:
        """Present the code; return True when the chip may be written now."""
        return self.present(psc) == 0x07

    def change_psc(self, psc: bytes) -> None:
        """Replace the code.

        :param psc: 3 bytes.
        :raises NotAuthenticated: the old code was not presented.
        """
        self.check_contact()
        if len(psc) != 3:
            raise ValueError("the code has 3 bytes")
        self._check_authenticated()
        code = bytearray(self._psc)
        start = time.monotonic()
        try:
            for index, value in enumerate(psc):
                start = self.program(code, index, value, start)
        finally:
            self._psc = bytes(code)
            self.changed()

    # -- writing -------------------------------------------------------------------------------------------------

    def write(self, address: int, data: bytes) -> bool:
        """Write bytes in ascending order.

        :return: True when every byte holds its new value (protected bytes ignore a write).
        :raises NotAuthenticated: the code was not presented.
        :raises IndexError: the range leaves the chip.
        :raises CardPulled: pulled in between: earlier bytes are new, later ones old, the one at work may be FF.
        """
        self.check_contact()
        _check_range(address, len(data), SIZE)
        self._check_authenticated()
        if self.faults.take_lost_write():
            return True
        start = time.monotonic()
        try:
            for offset, value in enumerate(data):
                if not self.is_protected(address + offset):
                    start = self.program(self._memory, address + offset, value, start)
        finally:
            self.changed()
        return bytes(self._memory[address : address + len(data)]) == bytes(data)

    def protect(self, address: int, data: bytes) -> bool:
        """Protect bytes for ever, each one only when ``data`` repeats what it holds.

        :return: True when every byte of the range is protected now.
        :raises NotAuthenticated: the code was not presented.
        :raises IndexError: the range leaves 0x00-0x1F.
        """
        self.check_contact()
        _check_range(address, len(data), PROTECTED_AREA)
        self._check_authenticated()
        try:
            for offset, value in enumerate(data):
                place = address + offset
                if self._memory[place] == value and not self.is_protected(place):
                    if self.faults.take_byte():
                        self.tear()
                    self._protection[place // 8] &= ~(1 << place % 8)
                    self.spend(time.monotonic() + self.WRITE_SECONDS)
        finally:
            self.changed()
        return all(self.is_protected(address + offset) for offset in range(len(data)))

    def is_protected(self, address: int) -> bool:
        """Return True when the byte can never change again."""
        return address < PROTECTED_AREA and not self._protection[address // 8] >> address % 8 & 1

    def seal(self, psc: bytes) -> None:
        """End the card's preparation: protect the identity for ever and take the card's own code.

        :raises NotAuthenticated: the factory's code was not presented.
        """
        self.protect(0, self.read(0, PROTECTED_AREA))
        self.change_psc(psc)

    # -- durable form --------------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, object]:
        """Return what survives without power, as JSON-ready hexadecimal strings."""
        return {
            "memory": self._memory.hex(),
            "protection": self._protection.hex(),
            "psc": self._psc.hex(),
            "counter": self._counter,
        }

    @classmethod
    def from_dict(cls, saved: dict, write_times: bool = False) -> Sle4442:
        """Make the chip that :meth:`to_dict` described."""
        return cls(
            bytes.fromhex(saved["memory"]),
            bytes.fromhex(saved["protection"]),
            bytes.fromhex(saved["psc"]),
            saved["counter"],
            write_times,
        )

    # -- inside --------------------------------------------------------------------------------------------------

    def _check_authenticated(self) -> None:
        if not self._authenticated:
            raise NotAuthenticated


def _check_range(address: int, length: int, size: int) -> None:
    if address < 0 or length < 0 or address + length > size:
        raise IndexError(f"{length} bytes at {address:#04x} leave the {size} bytes")
