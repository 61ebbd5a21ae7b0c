"""Memory-card pseudo-APDUs of ACS readers (ACR38/ACR39 reference manual, SLE4432/SLE4442/SLE5532/SLE5542)."""

from __future__ import annotations

from typing import ClassVar

from hw_proxy.cards.dialect import MemoryDialect
from hw_proxy.cards.transport import CardGone, CardRefused, CardSilent

_OK = 0x9000
_CODE_RIGHT = 0x9007
_NOT_SELECTED = 0x6985
_LARGEST_READ = 0x80


class AcsDialect(MemoryDialect):
    """ACS ACR38, ACR39 and what imitates them, the virtual reader of the tests included."""

    id: ClassVar[str] = "acs"
    reader_names: ClassVar[tuple[str, ...]] = ("ACS *", "Virtual PCD *")

    def select_sle4442(self) -> None:
        """SELECT_CARD_TYPE 06."""
        self._command(bytes.fromhex("ffa400000106"))

    def read(self, address: int, length: int) -> bytes:
        """READ_MEMORY_CARD, in halves: not every firmware takes a length of 256."""
        data = b""
        while len(data) < length:
            part = min(_LARGEST_READ, length - len(data))
            data += self._command(bytes([0xFF, 0xB0, 0x00, address + len(data), part]), part)
        return data

    def error_counter(self) -> int:
        """READ_PRESENTATION_ERROR_COUNTER: the counter and three meaningless bytes."""
        return self._command(bytes.fromhex("ffb1000004"), 4)[0] & 0x07

    def protection(self) -> bytes:
        """READ_PROTECTION_BITS."""
        return self._command(bytes.fromhex("ffb2000004"), 4)

    def write(self, address: int, data: bytes) -> None:
        """WRITE_MEMORY_CARD."""
        self._command(bytes([0xFF, 0xD0, 0x00, address, len(data)]) + data)

    def present(self, psc: bytes) -> bool:
        """PRESENT_CODE_MEMORY_CARD answers ``90`` and the error counter: ``90 07`` is right, ``90 00`` is locked."""
        _data, status = self._exchange(bytes.fromhex("ff20000003") + psc)
        return status == _CODE_RIGHT

    def _command(self, command: bytes, expected: int = 0) -> bytes:
        data, status = self._exchange(command)
        if status != _OK:
            raise CardRefused(status)
        if len(data) != expected:
            raise CardSilent(f"{len(data)} bytes instead of {expected}")
        return data

    def _exchange(self, command: bytes) -> tuple[bytes, int]:
        answer = self.connection.transmit(command)
        if len(answer) < 2:
            raise CardSilent("an answer without a status")
        status = int.from_bytes(answer[-2:], "big")
        if status == _NOT_SELECTED and command[1] != 0xA4:
            # The reader forgets the card type only when the card's power went away: it is not the same insertion.
            raise CardGone("the reader has lost the card type")
        return answer[:-2], status
