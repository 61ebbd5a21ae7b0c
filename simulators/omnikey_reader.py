"""The memory-card commands of HID OMNIKEY contact readers (3021, 3121, 5422 and relatives).

Written from HID's *OMNIKEY Contact Smart Card Readers Software Developer Guide* (PLT-03099), sections 8.1 and 8.2, as
others have described it, and from HID's own published sample code for the bus commands. **Never compared with a real
reader.** Ours, because nothing says it: the status words of commands in the wrong order, and that the reader cuts I2C
writes into pages of the size that it was told.
"""

from __future__ import annotations

from collections.abc import Callable

from .at24 import At24c02
from .card import NotAuthenticated
from .memory_chip import CodeChip, MemoryChip
from .memory_reader import OK, UNKNOWN_INSTRUCTION, Command, MemoryReader, needs
from .sle4428 import Sle4428
from .sle4442 import Sle4442

WRITE_FAILED = b"\x65\x81"
NOT_AUTHENTICATED = b"\x69\x82"
BLOCKED = b"\x69\x83"
NOT_SATISFIED = b"\x69\x85"
WRONG_ADDRESS = b"\x6a\x82"
WRONG_PARAMETERS = b"\x6a\x86"
END_OF_MEMORY = b"\x62\x82"

_VENDOR = 0x076B
# readerInformationApi: the product's name.
_PRODUCT_NAME = bytes.fromhex("a206a004a0028200")
# Answers of the reader's firmware inside a response of status 90 00.
_NOT_SUPPORTED = bytes.fromhex("9e020003")
_MEDIA_ERROR = bytes.fromhex("9e02002a")
_READ_SECURITY = 0x31
_READ_BYTE = 0x0E


class OmnikeyReader(MemoryReader):
    """Answers the reader's commands. It tells SLE4442 and SLE4428 apart by itself; an I2C chip must be named."""

    def __init__(self, chip: MemoryChip) -> None:
        super().__init__(chip)
        self._page: int | None = None
        self._by_instruction: dict[int, Callable[[Command], bytes]] = {
            0xB0: self._read,
            0xD6: self._update,
            0x20: self._verify,
            0x21: self._modify,
            0x3A: self._protection,
            0x30: self._special,
            0x70: self._vendor,
        }

    def forget(self) -> None:
        """Forget the I2C chip's type."""
        self._page = None

    def answer(self, command: Command) -> bytes:
        """Answer a command of class FF."""
        carry_out = self._by_instruction.get(command.ins)
        if carry_out is None:
            return UNKNOWN_INSTRUCTION
        try:
            return carry_out(command)
        except NotAuthenticated:
            return NOT_AUTHENTICATED
        except IndexError:
            return WRONG_ADDRESS

    # -- section 8.1: the same commands for SLE4442 and SLE4428 ---------------------------------------------------

    def _coded(self) -> CodeChip | None:
        return self.chip if isinstance(self.chip, CodeChip) else None

    def _read(self, command: Command) -> bytes:
        needs(not command.data)
        if self._coded() is None:
            return NOT_SATISFIED
        self.chip.check_range(command.address, 1)
        length = min(command.wanted, self.chip.SIZE - command.address)
        data = self.chip.read(command.address, length)
        # A length of 00 asks for everything up to the end; any other one that cannot be met is told apart.
        return data + (OK if length == command.wanted or command.p3 == 0 else END_OF_MEMORY)

    def _update(self, command: Command) -> bytes:
        needs(0 < len(command.data) == command.p3)
        if self._coded() is None:
            return NOT_SATISFIED
        return OK if self.chip.write(command.address, command.data) else WRITE_FAILED

    def _verify(self, command: Command) -> bytes:
        chip = self._coded()
        if chip is None:
            return NOT_SATISFIED
        needs(command.p3 == len(command.data) == chip.CODE_BYTES)
        if chip.unlock(command.data):
            return OK
        return bytes([0x63, 0xC0 | chip.tries]) if chip.tries else BLOCKED

    def _modify(self, command: Command) -> bytes:
        chip = self._coded()
        if chip is None:
            return NOT_SATISFIED
        size = chip.CODE_BYTES
        needs(command.p3 == len(command.data) == 2 * size)
        if not chip.unlock(command.data[:size]):
            return bytes([0x63, 0xC0 | chip.tries]) if chip.tries else BLOCKED
        chip.change_psc(command.data[size:])
        return OK

    def _protection(self, command: Command) -> bytes:
        needs(not command.data)
        chip = self._coded()
        if chip is None:
            return NOT_SATISFIED
        chip.check_range(command.address, command.wanted, chip.PROTECTABLE)
        places = range(command.address, command.address + command.wanted)
        return bytes(chip.is_protected(place) for place in places) + OK

    # -- FF 30: compare and protect, I2C ---------------------------------------------------------------------------

    def _special(self, command: Command) -> bytes:
        needs(0 < len(command.data) == command.p3)
        by_p2 = {0x03: self._protect, 0x04: self._name_i2c, 0x05: self._read_i2c, 0x06: self._write_i2c}
        if command.p1 or command.p2 not in by_p2 or command.data[0] != 0x01:
            return WRONG_PARAMETERS
        return by_p2[command.p2](command.data[1:])

    def _protect(self, data: bytes) -> bytes:
        needs(len(data) > 4)
        chip = self._coded()
        if chip is None:
            return NOT_SATISFIED
        return OK if chip.protect(int.from_bytes(data[:4], "big"), data[4:]) else WRITE_FAILED

    def _name_i2c(self, data: bytes) -> bytes:
        needs(len(data) == 7)
        if not isinstance(self.chip, At24c02):
            return NOT_SATISFIED
        kind, page, address_bytes, size = data[0], data[1], data[2], int.from_bytes(data[3:], "big")
        # 0E is the AT24C02; 00 takes the figures that are given.
        if kind not in (0x00, 0x0E) or address_bytes != 1 or not page or size != self.chip.SIZE:
            return WRONG_PARAMETERS
        self._page = page
        return OK

    def _read_i2c(self, data: bytes) -> bytes:
        needs(len(data) == 8)
        if self._page is None:
            return NOT_SATISFIED
        return self.chip.read(int.from_bytes(data[:4], "big"), int.from_bytes(data[4:], "big")) + OK

    def _write_i2c(self, data: bytes) -> bytes:
        needs(len(data) > 4)
        if self._page is None:
            return NOT_SATISFIED
        self.chip.write(int.from_bytes(data[:4], "big"), data[4:], self._page)
        return OK

    # -- section 8.2: the bus itself, for what section 8.1 has no command for --------------------------------------

    def _vendor(self, command: Command) -> bytes:
        if command.address != _VENDOR:
            return WRONG_PARAMETERS
        # A6 05 {A0: two wires | A1: three wires} 03 control address data, and Le.
        data = command.data[: command.p3]
        needs(len(data) == command.p3 and len(command.data) == command.p3 + 1)
        if data == _PRODUCT_NAME:
            return b"\xbd\x0f\x82\x0dOMNIKEY 3121\x00" + OK
        if len(data) != 7 or data[:2] != b"\xa6\x05" or data[3] != 0x03:
            return _NOT_SUPPORTED + OK
        bus, control, address = data[2], data[4], data[5]
        if bus == 0xA0 and isinstance(self.chip, Sle4442) and control == _READ_SECURITY:
            return b"\x9d\x04" + self.chip.read_security() + OK
        if bus == 0xA1 and isinstance(self.chip, Sle4428) and control & 0x3F == _READ_BYTE:
            # The two upper bits of the control byte are A9 and A8.
            place = (control >> 6) << 8 | address
            return b"\x9d\x01" + self.chip.read(place, 1) + OK
        return (_MEDIA_ERROR if bus in (0xA0, 0xA1) else _NOT_SUPPORTED) + OK
