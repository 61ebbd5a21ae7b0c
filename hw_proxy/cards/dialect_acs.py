"""Memory-card pseudo-APDUs of ACS readers (ACR38/ACR39 reference manual, by card type: SLE4442, SLE4428, small I2C)."""

from __future__ import annotations

from typing import ClassVar

from hw_proxy.cards.chips import AT24C02, SLE4428, SLE4442, Chip
from hw_proxy.cards.dialect import OK, PROTECTED_AREA, MemoryDialect
from hw_proxy.cards.transport import CardRefused, CardSilent

_TYPES = {AT24C02: 0x01, SLE4428: 0x05, SLE4442: 0x06}
# Bytes of the answer to READ_PRESENTATION_ERROR_COUNTER: the counter and meaningless ones.
_COUNTER_LENGTH = {SLE4428: 3, SLE4442: 4}
_SELECT = 0xA4


class AcsDialect(MemoryDialect):
    """ACS ACR38, ACR39 and what imitates them, the virtual reader of the tests included."""

    id: ClassVar[str] = "acs"
    reader_names: ClassVar[tuple[str, ...]] = ("ACS *", "Virtual PCD *")
    chips: ClassVar[frozenset[Chip]] = frozenset(_TYPES)
    counter_after_code: ClassVar[bool] = True

    def _select(self, chip: Chip) -> None:
        """SELECT_CARD_TYPE, which powers the card down and up: a code presented before is forgotten."""
        answer = self.connection.transmit(bytes([0xFF, _SELECT, 0x00, 0x00, 0x01, _TYPES[chip]]))
        if len(answer) < 2:
            raise CardSilent("an answer without a status")
        status = int.from_bytes(answer[-2:], "big")
        if status != OK:
            raise CardRefused(status)

    def _read(self, address: int, length: int) -> bytes:
        """READ_MEMORY_CARD. By the manual, some append the protection bits of an SLE4442, four bytes."""
        data, status = self._exchange(bytes([0xFF, 0xB0]) + address.to_bytes(2, "big") + bytes([length]))
        if status != OK:
            raise CardRefused(status)
        if len(data) != length and not (self.chip == SLE4442 and len(data) == length + 4):
            raise CardSilent(f"{len(data)} bytes instead of {length}")
        return data[:length]

    def error_counter(self) -> int:
        """READ_PRESENTATION_ERROR_COUNTER."""
        length = _COUNTER_LENGTH[self.chip]
        return self._command(bytes([0xFF, 0xB1, 0x00, 0x00, length]), length)[0] & self.chip.full_counter

    def protection(self) -> bytes:
        """READ_PROTECTION_BITS."""
        length = PROTECTED_AREA // 8
        return self._command(bytes([0xFF, 0xB2, 0x00, 0x00, length]), length)

    def write(self, address: int, data: bytes) -> None:
        """WRITE_MEMORY_CARD. An I2C chip is written by pages of 8 bytes, the size that the reader starts with."""
        self._command(bytes([0xFF, 0xD0]) + address.to_bytes(2, "big") + bytes([len(data)]) + data)

    def present(self, psc: bytes) -> bool:
        """PRESENT_CODE_MEMORY_CARD answers ``90`` and the error counter: a full one is right, ``90 00`` is locked."""
        _data, status = self._exchange(bytes([0xFF, 0x20, 0x00, 0x00, len(psc)]) + psc)
        return status == 0x9000 | self.chip.full_counter
