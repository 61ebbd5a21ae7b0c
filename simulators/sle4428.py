"""The SLE4428 memory chip: 1024 bytes, a protection bit each, a 2-byte code with eight tries (Infineon data sheet)."""

from __future__ import annotations

from .memory_chip import CodeChip

COUNTER_ADDRESS = 1021
PSC_ADDRESS = 1022


class Sle4428(CodeChip):
    """One chip. The error counter is the byte at 1021, the code the bytes at 1022 and 1023.

    The code reads as zeros until it was presented; afterwards it is changed by writing it. 5 ms for a byte: 2.5 ms to
    erase and 2.5 ms to write.
    """

    SIZE = 1024
    FACTORY = bytes.fromhex("92231091FFFF8115")
    ATR = b"\x3b\x04" + FACTORY[:4]
    FACTORY_PSC = b"\xff\xff"
    CODE_BYTES = 2
    FULL_COUNTER = 0xFF
    PROTECTABLE = 1024
    # The maker protects its own eight bytes, the answer to reset among them.
    FACTORY_PROTECTION = b"\x00" + b"\xff" * 127

    def read(self, address: int, length: int) -> bytes:
        """Read memory, which is always free but for the code.

        :raises IndexError: the range leaves the chip.
        :raises CardPulled: the card is gone.
        """
        data = bytearray(super().read(address, length))
        secret = bytes([self.counter]) + (self._psc if self.authenticated else b"\x00\x00")
        for offset, value in enumerate(secret):
            place = COUNTER_ADDRESS + offset - address
            if 0 <= place < length:
                data[place] = value
        return bytes(data)

    def write(self, address: int, data: bytes) -> bool:
        """Write bytes in ascending order; protected ones ignore it, those at 1022 and 1023 are the code.

        :return: True when every byte holds its new value.
        :raises NotAuthenticated: the code was not presented.
        :raises IndexError: the range leaves the chip, or it holds the error counter.
        :raises CardPulled: pulled in between.
        """
        self.check_range(address, len(data))
        end = address + len(data)
        if address <= COUNTER_ADDRESS < end:
            raise IndexError("the error counter is written by presenting the code")
        if address < PSC_ADDRESS:
            return super().write(address, data)
        code = bytearray(self._psc)
        code[address - PSC_ADDRESS : end - PSC_ADDRESS] = data
        self.change_psc(bytes(code))
        return True
