"""Memory-card commands of HID OMNIKEY contact readers (3021, 3121, 5422 and relatives with the AViatoR chip set).

Source: HID, *OMNIKEY Contact Smart Card Readers Software Developer Guide* (PLT-03099), section 8.1 (commands for memory
cards) and 8.2 (the bus itself, for which there is HID's published sample code). **Not verified on hardware**: no such
reader was at hand. Most in doubt are the form of I2C READ, which others too could only infer from the guide, and the
form of the bus answers, for which the guide and the sample code differ; both forms are taken.
"""

from __future__ import annotations

from typing import ClassVar

from hw_proxy.cards.chips import AT24C02, SLE4428, SLE4442, Chip
from hw_proxy.cards.dialect import OK, PROTECTED_AREA, MemoryDialect
from hw_proxy.cards.transport import CardRefused, CardSilent, Connection

_VENDOR = bytes.fromhex("ff70076b")
_PRODUCT_NAME = _VENDOR + bytes.fromhex("08a206a004a002820000")
_BUS_OK = (OK, 0x9900)
"""The guide prints 99 00 under its examples of bus commands, HID's sample code takes 90 00."""
# Read the security memory of an SLE4442; read byte 1021 of an SLE4428.
_COUNTER = {SLE4442: bytes.fromhex("a605a00331000000"), SLE4428: bytes.fromhex("a605a103cefd0000")}
_WRONG_CODE = 0x63C0
_BLOCKED = 0x6983
_SPECIAL = bytes.fromhex("ff3000")
_NAME_I2C, _READ_I2C, _WRITE_I2C = 0x04, 0x05, 0x06
_AT24C02 = 0x0E


class OmnikeyDialect(MemoryDialect):
    """HID OMNIKEY readers. They tell SLE4442 and SLE4428 apart by themselves; an I2C chip must be named to them."""

    id: ClassVar[str] = "omnikey"
    reader_names: ClassVar[tuple[str, ...]] = ("*OMNIKEY*", "*OmniKey*", "*CardMan*")
    chips: ClassVar[frozenset[Chip]] = frozenset({SLE4442, SLE4428, AT24C02})
    counter_after_code: ClassVar[bool] = False

    @classmethod
    def recognises(cls, connection: Connection) -> bool:
        """Ask for the product's name, which only these readers know (readerInformationApi)."""
        try:
            answer = connection.transmit(_PRODUCT_NAME)
        except CardSilent:
            return False
        return answer[:1] == b"\xbd" and answer[-2:] == b"\x90\x00" and b"OMNIKEY" in answer.upper()

    def _select(self, chip: Chip) -> None:
        """I2C INIT. The reader knows the others by itself; reading their error counter tells whether it does."""
        if chip == AT24C02:
            self._special(_NAME_I2C, bytes([_AT24C02, chip.page, 1]) + chip.size.to_bytes(4, "big"))
        else:
            self.error_counter()

    def _read(self, address: int, length: int) -> bytes:
        """READ BINARY, or I2C READ."""
        if self.chip == AT24C02:
            return self._special(_READ_I2C, address.to_bytes(4, "big") + length.to_bytes(4, "big"), length)
        return self._command(bytes([0xFF, 0xB0]) + address.to_bytes(2, "big") + bytes([length]), length)

    def error_counter(self) -> int:
        """Over the bus, because the reader has no command for it."""
        value = self._bus(_COUNTER[self.chip])
        return value[0] & self.chip.full_counter

    def protection(self) -> bytes:
        """READ PROTECTION MEMORY: one byte for each address, its lowest bit set when the address is protected."""
        marks = self._command(bytes([0xFF, 0x3A, 0x00, 0x00, PROTECTED_AREA]), PROTECTED_AREA)
        bits = sum((~mark & 1) << place for place, mark in enumerate(marks))
        return bits.to_bytes(PROTECTED_AREA // 8, "little")

    def write(self, address: int, data: bytes) -> None:
        """UPDATE BINARY, or I2C WRITE."""
        if self.chip == AT24C02:
            self._special(_WRITE_I2C, address.to_bytes(4, "big") + data)
            return
        self._command(bytes([0xFF, 0xD6]) + address.to_bytes(2, "big") + bytes([len(data)]) + data)

    def present(self, psc: bytes) -> bool:
        """VERIFY: 90 00 is right, 63 Cx wrong with x tries left, 69 83 blocked.

        :raises CardRefused: another status, which does not say whether the code was compared.
        """
        _data, status = self._exchange(bytes([0xFF, 0x20, 0x00, 0x00, len(psc)]) + psc)
        if status == OK:
            return True
        if status & 0xFFF0 == _WRONG_CODE or status == _BLOCKED:
            return False
        raise CardRefused(status)

    def _special(self, command: int, data: bytes, expected: int = 0) -> bytes:
        return self._command(_SPECIAL + bytes([command, 1 + len(data), 0x01]) + data, expected)

    def _bus(self, request: bytes) -> bytes:
        """Data of a bus command.

        :raises CardRefused: a status, or an error of the reader's firmware under a good status (9E).
        :raises CardSilent: no data.
        """
        data, status = self._exchange(_VENDOR + bytes([len(request) - 1]) + request)
        if status not in _BUS_OK:
            raise CardRefused(status)
        if data[:1] == b"\x9e":
            raise CardRefused(int.from_bytes(data[-2:], "big"))
        # 9D len data (sample code), or BD len {A0 | A1} len data (guide).
        value = data[4:] if data[:1] == b"\xbd" else data[2:]
        length = data[3:4] if data[:1] == b"\xbd" else data[1:2]
        if data[:1] not in (b"\x9d", b"\xbd") or not value or length != bytes([len(value)]):
            raise CardSilent("a malformed answer of the bus")
        return value
