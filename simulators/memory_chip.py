"""What the memory chips have in common: cells that are read freely, and, on some, a code that guards writing."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import ClassVar

from .card import Card, NotAuthenticated


class MemoryChip(Card):
    """One chip with plain cells.

    :param memory: :attr:`SIZE` bytes; None for a factory chip.
    :param write_times: spend the data sheet's erase and write times.
    """

    SIZE: ClassVar[int]
    ATR: ClassVar[bytes]
    """Answer to reset of an intact chip, as a PC/SC reader shows it."""
    FACTORY: ClassVar[bytes] = b""
    """First bytes of a chip from the factory; the others are FF."""
    FACTORY_PSC: ClassVar[bytes] = b""
    CODE_BYTES: ClassVar[int] = 0
    """Length of the code, 0 for a chip without one."""

    def __init__(self, memory: bytes | None = None, write_times: bool = False) -> None:
        super().__init__(write_times)
        self._memory = bytearray(self.FACTORY.ljust(self.SIZE, b"\xff") if memory is None else memory)
        if len(self._memory) != self.SIZE:
            raise ValueError(f"this chip has {self.SIZE} bytes")

    # -- reading -------------------------------------------------------------------------------------------------

    def image(self) -> bytes:
        """Return the cells as they are, past all faults (for tests and displays, not for readers)."""
        return bytes(self._memory)

    def read(self, address: int, length: int) -> bytes:
        """Read memory, which is always free.

        :raises IndexError: the range leaves the chip.
        :raises CardPulled: the card is gone.
        """
        self.check_contact()
        self.check_range(address, length)
        return self.faults.falsify(address, bytes(self._memory[address : address + length]))

    @property
    @abstractmethod
    def tries(self) -> int:
        """Tries of the code that are left."""

    @property
    @abstractmethod
    def intact(self) -> bool:
        """True when no try of the code is used up."""

    # -- writing -------------------------------------------------------------------------------------------------

    @abstractmethod
    def unlock(self, psc: bytes) -> bool:
        """Present the code; return True when the chip may be written now.

        :raises CardPulled: the card is gone.
        """

    @abstractmethod
    def write(self, address: int, data: bytes) -> bool:
        """Write bytes in ascending order.

        :return: True when every byte holds its new value.
        :raises NotAuthenticated: the code was not presented.
        :raises IndexError: the range leaves the chip.
        :raises CardPulled: pulled in between.
        """

    @abstractmethod
    def seal(self, psc: bytes) -> None:
        """End the card's preparation: protect the identity for ever, as far as the chip can, and take its own code.

        :raises NotAuthenticated: the factory's code was not presented.
        """

    # -- for subclasses ------------------------------------------------------------------------------------------

    def check_range(self, address: int, length: int, size: int | None = None) -> None:
        """:raises IndexError: the range leaves the chip, or its first ``size`` bytes."""
        size = self.SIZE if size is None else size
        if address < 0 or length < 0 or address + length > size:
            raise IndexError(f"{length} bytes at {address:#04x} leave the {size} bytes")


class CodeChip(MemoryChip):
    """A chip of the SLE44x8 and SLE44x2 kind: a code with an error counter, and bytes that can be protected for ever.

    Every byte is erased to FF before it is written.

    :param protection: bit i of byte b guards address 8*b + i, 0 = protected; None for a factory chip.
    :param psc: the programmable security code.
    :param counter: error counter: each set bit is a try; :attr:`FULL_COUNTER` intact, 0 locked for ever.
    """

    FULL_COUNTER: ClassVar[int]
    PROTECTABLE: ClassVar[int]
    """Bytes, from address 0 on, that have a protection bit."""
    FACTORY_PROTECTION: ClassVar[bytes]

    def __init__(
        self,
        memory: bytes | None = None,
        protection: bytes | None = None,
        psc: bytes | None = None,
        counter: int | None = None,
        write_times: bool = False,
    ) -> None:
        super().__init__(memory, write_times)
        self._protection = bytearray(self.FACTORY_PROTECTION if protection is None else protection)
        self._psc = bytes(self.FACTORY_PSC if psc is None else psc)
        self._counter = self.FULL_COUNTER if counter is None else counter
        if len(self._protection) * 8 != self.PROTECTABLE or len(self._psc) != self.CODE_BYTES:
            raise ValueError(f"{self.PROTECTABLE} protection bits and a code of {self.CODE_BYTES} bytes are wanted")
        if self._counter & ~self.FULL_COUNTER or self._counter & (self._counter + 1):
            raise ValueError(f"the error counter is {self.FULL_COUNTER:02X} or what remains of it from below")
        self._authenticated = False

    # -- power ---------------------------------------------------------------------------------------------------

    def forget(self) -> None:
        """Forget that the code was presented."""
        self._authenticated = False

    def atr(self) -> bytes:
        """Return the answer to reset: 3B 04 and the first four bytes. A reset without power loss keeps the
        authentication."""
        return b"\x3b\x04" + bytes(self._memory[:4])

    # -- the code ------------------------------------------------------------------------------------------------

    @property
    def authenticated(self) -> bool:
        """True from the right code until power off."""
        return self._authenticated

    @property
    def counter(self) -> int:
        """The error counter; a try burns its highest set bit."""
        return self._counter

    @property
    def locked(self) -> bool:
        """True when no try is left: the chip can be read, never written again."""
        return self._counter == 0

    @property
    def intact(self) -> bool:
        """True when no try of the code is used up."""
        return self._counter == self.FULL_COUNTER

    @property
    def tries(self) -> int:
        """Tries of the code that are left."""
        return bin(self._counter).count("1")

    def present(self, psc: bytes) -> int:
        """Present the code: burn a try, compare, and restore the counter only when the code is right.

        :return: the error counter afterwards; :attr:`FULL_COUNTER` means the code was right.
        :raises CardPulled: pulled in between; the try stays spent.
        """
        self.check_contact()
        if len(psc) != self.CODE_BYTES:
            raise ValueError(f"the code has {self.CODE_BYTES} bytes")
        if self.locked:
            return 0
        self._authenticated = False
        pulled = self.faults.take_present()
        self._counter >>= 1
        self.spend(time.monotonic() + self.WRITE_SECONDS)
        if pulled:
            self.tear()
        if psc == self._psc:
            self.spend(time.monotonic() + self.ERASE_SECONDS)
            self._counter = self.FULL_COUNTER
            self._authenticated = True
        self.changed()
        return self._counter

    def unlock(self, psc: bytes) -> bool:
        """Present the code; return True when the chip may be written now."""
        return self.present(psc) == self.FULL_COUNTER

    def change_psc(self, psc: bytes) -> None:
        """Replace the code.

        :raises NotAuthenticated: the old code was not presented.
        :raises CardPulled: pulled in between: earlier bytes are new, later ones old, the one at work may be FF.
        """
        self.check_contact()
        if len(psc) != self.CODE_BYTES:
            raise ValueError(f"the code has {self.CODE_BYTES} bytes")
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
        """Write bytes in ascending order; protected ones ignore it.

        :return: True when every byte holds its new value.
        :raises NotAuthenticated: the code was not presented.
        :raises IndexError: the range leaves the chip.
        :raises CardPulled: pulled in between: earlier bytes are new, later ones old, the one at work may be FF.
        """
        self.check_contact()
        self.check_range(address, len(data))
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
        :raises IndexError: the range leaves the bytes that can be protected.
        """
        self.check_contact()
        self.check_range(address, len(data), self.PROTECTABLE)
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
        return address < self.PROTECTABLE and not self._protection[address // 8] >> address % 8 & 1

    def read_protection(self) -> bytes:
        """Return the protection bits, 0 = protected, address 0 in bit 0 of the first byte."""
        self.check_contact()
        return bytes(self._protection)

    def seal(self, psc: bytes) -> None:
        """End the card's preparation: protect the identity (0x00-0x1F) for ever and take the card's own code.

        :raises NotAuthenticated: the factory's code was not presented.
        """
        self.protect(0, self.read(0, 0x20))
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
    def from_dict(cls, saved: dict, write_times: bool = False) -> CodeChip:
        """Make the chip that :meth:`to_dict` described."""
        return cls(
            bytes.fromhex(saved["memory"]),
            bytes.fromhex(saved["protection"]),
            bytes.fromhex(saved["psc"]),
            saved["counter"],
            write_times,
        )

    def _check_authenticated(self) -> None:
        if not self._authenticated:
            raise NotAuthenticated
