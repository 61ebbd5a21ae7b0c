"""The memory-card pseudo-APDUs of the ACS ACR38/ACR39 readers for SLE4442 (ACS reference manual)."""

from __future__ import annotations

from collections.abc import Callable

from .card import NotAuthenticated
from .sle4442 import Sle4442

OK = b"\x90\x00"
FAILED = b"\x63\x00"
WRONG_LENGTH = b"\x67\x00"
NOT_SELECTED = b"\x69\x85"
NOT_AUTHENTICATED = b"\x69\x82"
OUT_OF_RANGE = b"\x6b\x00"
UNKNOWN_INSTRUCTION = b"\x6d\x00"
UNKNOWN_CLASS = b"\x6e\x00"

SLE4442_TYPE = 0x06


class AcsReader:
    """Answers the reader's commands with one chip in its slot.

    The presented code is answered with ``90 cc``, cc being the error counter: ``90 07`` is right, ``90 03`` and
    ``90 01`` are wrong, and ``90 00`` means locked, which only looks like success.

    :param chip: the card in the slot.
    """

    def __init__(self, chip: Sle4442) -> None:
        self.chip = chip
        self._selected = False
        self._commands: dict[int, Callable[[int, int, bytes], bytes]] = {
            0xA4: self._select,
            0xB0: self._read,
            0xB1: self._error_counter,
            0xB2: self._protection_bits,
            0xD0: self._write,
            0xD1: self._protect,
            0x20: self._present,
            0xD2: self._change_code,
        }

    def atr(self) -> bytes:
        """Return the card's answer to reset."""
        return self.chip.atr()

    def power_on(self) -> bytes:
        """Power the card; return the answer to reset. The card type must be selected again."""
        self._selected = False
        return self.chip.power_on()

    def power_off(self) -> None:
        """Take the card's power away."""
        self._selected = False
        self.chip.power_off()

    def transmit(self, apdu: bytes) -> bytes:
        """Carry out one command.

        :param apdu: CLA INS P1 P2 P3 and data.
        :return: data and the two status bytes.
        :raises CardPulled: the card left before an answer.
        """
        self.chip.meet_command()
        if len(apdu) < 5:
            return WRONG_LENGTH
        if apdu[0] != 0xFF:
            return UNKNOWN_CLASS
        command = self._commands.get(apdu[1])
        if command is None:
            return UNKNOWN_INSTRUCTION
        if apdu[1] != 0xA4 and not self._selected:
            return NOT_SELECTED
        try:
            return command(apdu[3], apdu[4], apdu[5:])
        except NotAuthenticated:
            return NOT_AUTHENTICATED
        except IndexError:
            return OUT_OF_RANGE

    def _select(self, _p2: int, length: int, data: bytes) -> bytes:
        if length != 1 or len(data) != 1:
            return WRONG_LENGTH
        if data[0] != SLE4442_TYPE:
            return FAILED
        # The reader powers the card down and up, so a presented code is forgotten.
        self.chip.power_off()
        self.chip.power_on()
        self._selected = True
        return OK

    def _read(self, address: int, length: int, data: bytes) -> bytes:
        if data:
            return WRONG_LENGTH
        return self.chip.read(address, length or 256) + OK

    def _error_counter(self, _p2: int, length: int, data: bytes) -> bytes:
        if data or length != 4:
            return WRONG_LENGTH
        return self.chip.read_security() + OK

    def _protection_bits(self, _p2: int, length: int, data: bytes) -> bytes:
        if data or length != 4:
            return WRONG_LENGTH
        return self.chip.read_protection() + OK

    def _write(self, address: int, length: int, data: bytes) -> bytes:
        if not data or length != len(data):
            return WRONG_LENGTH
        return OK if self.chip.write(address, data) else FAILED

    def _protect(self, address: int, length: int, data: bytes) -> bytes:
        if not data or length != len(data):
            return WRONG_LENGTH
        return OK if self.chip.protect(address, data) else FAILED

    def _present(self, _p2: int, length: int, data: bytes) -> bytes:
        if length != 3 or len(data) != 3:
            return WRONG_LENGTH
        return bytes([0x90, self.chip.present(data)])

    def _change_code(self, p2: int, length: int, data: bytes) -> bytes:
        if p2 != 1 or length != 3 or len(data) != 3:
            return WRONG_LENGTH
        self.chip.change_psc(data)
        return OK
