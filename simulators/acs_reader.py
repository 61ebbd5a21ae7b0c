"""The memory-card pseudo-APDUs of the ACS ACR38/ACR39 readers (ACS reference manual): SLE4442, SLE4428, small I2C."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from .at24 import At24c02
from .card import NotAuthenticated
from .memory_chip import CodeChip, MemoryChip
from .memory_reader import OK, UNKNOWN_INSTRUCTION, Command, MemoryReader, needs
from .sle4428 import Sle4428
from .sle4442 import Sle4442

FAILED = b"\x63\x00"
NOT_SELECTED = b"\x69\x85"
NOT_AUTHENTICATED = b"\x69\x82"
OUT_OF_RANGE = b"\x6b\x00"

_SELECT = 0xA4
# Every instruction of some card type: known even before a type is selected.
_INSTRUCTIONS = frozenset({0x01, 0x20, 0xB0, 0xB1, 0xB2, 0xD0, 0xD1, 0xD2})
_PAGE_SIZES = {0x03: 8, 0x04: 16, 0x05: 32, 0x06: 64, 0x07: 128}


class _Commands(ABC):
    """What the reader does with one card type."""

    CHIP: ClassVar[type[MemoryChip]]

    def __init__(self, chip: MemoryChip) -> None:
        self.chip = chip
        self.by_instruction: dict[int, Callable[[Command], bytes]] = {0xB0: self._read, 0xD0: self._write}

    def _read(self, command: Command) -> bytes:
        needs(not command.data)
        return self.chip.read(command.address, command.wanted) + OK

    def _write(self, command: Command) -> bytes:
        needs(0 < len(command.data) == command.p3)
        return OK if self.chip.write(command.address, command.data) else FAILED


class _CodeCommands(_Commands):
    """A card with a code: presenting it is answered with ``90 cc``, cc being the error counter, also when it is 00."""

    COUNTER_LENGTH: ClassVar[int]

    def __init__(self, chip: CodeChip) -> None:
        super().__init__(chip)
        self.by_instruction |= {0xB1: self._counter, 0xB2: self._protection, 0xD1: self._protect, 0x20: self._present}

    def _counter(self, command: Command) -> bytes:
        needs(not command.data and command.p3 == self.COUNTER_LENGTH)
        return self._secret() + OK

    @abstractmethod
    def _secret(self) -> bytes:
        """Error counter and what follows it."""

    def _protection(self, command: Command) -> bytes:
        needs(not command.data and command.p3 > 0)
        first = command.address // 8
        bits = self.chip.read_protection()
        self.chip.check_range(first, command.p3, len(bits))
        return bits[first : first + command.p3] + OK

    def _protect(self, command: Command) -> bytes:
        needs(0 < len(command.data) == command.p3)
        return OK if self.chip.protect(command.address, command.data) else FAILED

    def _present(self, command: Command) -> bytes:
        needs(command.p3 == len(command.data) == self.chip.CODE_BYTES)
        return bytes([0x90, self.chip.present(command.data)])


class _Sle4442Commands(_CodeCommands):
    CHIP = Sle4442
    COUNTER_LENGTH = 4

    def __init__(self, chip: Sle4442) -> None:
        super().__init__(chip)
        self.by_instruction[0xD2] = self._change_code

    def _secret(self) -> bytes:
        return self.chip.read_security()

    def _protection(self, command: Command) -> bytes:
        needs(command.p3 == 4)
        return super()._protection(command)

    def _change_code(self, command: Command) -> bytes:
        needs(command.p2 == 1 and command.p3 == len(command.data) == 3)
        self.chip.change_psc(command.data)
        return OK


class _Sle4428Commands(_CodeCommands):
    """The code is changed by writing it to 1022; the counter comes with two meaningless bytes."""

    CHIP = Sle4428
    COUNTER_LENGTH = 3

    def _secret(self) -> bytes:
        return self.chip.read(1021, 3)


class _I2cCommands(_Commands):
    """Writes are cut into pages of the size that the reader was told, 8 unless told otherwise."""

    CHIP = At24c02

    def __init__(self, chip: At24c02) -> None:
        super().__init__(chip)
        self.page = 8
        self.by_instruction[0x01] = self._page_size

    def _page_size(self, command: Command) -> bytes:
        needs(command.p3 == len(command.data) == 1)
        if command.data[0] not in _PAGE_SIZES:
            return FAILED
        self.page = _PAGE_SIZES[command.data[0]]
        return OK

    def _write(self, command: Command) -> bytes:
        needs(0 < len(command.data) == command.p3)
        self.chip.write(command.address, command.data, self.page)
        # The bus only tells that the chip took the bytes, not where they went.
        return OK


_TYPES: dict[int, type[_Commands]] = {0x01: _I2cCommands, 0x05: _Sle4428Commands, 0x06: _Sle4442Commands}


class AcsReader(MemoryReader):
    """Answers the reader's commands; the card's type must be selected first, after every power on."""

    def __init__(self, chip: MemoryChip) -> None:
        super().__init__(chip)
        self._selected: _Commands | None = None

    def forget(self) -> None:
        """Forget the card's type, and with it the page size."""
        self._selected = None

    def answer(self, command: Command) -> bytes:
        """Answer a command of class FF."""
        if command.ins == _SELECT:
            return self._select(command)
        if command.ins not in _INSTRUCTIONS:
            return UNKNOWN_INSTRUCTION
        if self._selected is None:
            return NOT_SELECTED
        carry_out = self._selected.by_instruction.get(command.ins)
        if carry_out is None:
            return UNKNOWN_INSTRUCTION
        try:
            return carry_out(command)
        except NotAuthenticated:
            return NOT_AUTHENTICATED
        except IndexError:
            return OUT_OF_RANGE

    def _select(self, command: Command) -> bytes:
        needs(command.p3 == len(command.data) == 1)
        kind = _TYPES.get(command.data[0])
        if kind is None or not isinstance(self.chip, kind.CHIP):
            # Another bus: the chip does not answer, and what was selected before is no more.
            self.power_off()
            return FAILED
        # The reader powers the card down and up, so a presented code is forgotten.
        self.power_off()
        self.chip.power_on()
        self._selected = kind(self.chip)
        return OK
