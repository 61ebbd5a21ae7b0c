"""The AT24C02 memory chip: a plain I2C EEPROM of 256 bytes, without code and protection (Microchip data sheet)."""

from __future__ import annotations

import time

from .memory_chip import MemoryChip

PAGE = 8


class At24c02(MemoryChip):
    """One chip. It is programmed by pages of 8 bytes, whose cycle takes 5 ms at most; anybody can write it.

    The pessimistic model of a torn page: the whole of what was sent for the page is erased first, so what was not
    written yet is FF. The chip has no answer to reset of its own; readers show ``I2C.`` in its place.
    """

    SIZE = 256
    ATR = bytes.fromhex("3B044932432E")
    PAGE_SECONDS = 0.005

    def atr(self) -> bytes:
        """Return what the reader shows in place of an answer to reset."""
        return self.ATR

    def forget(self) -> None:
        """There is nothing that is kept by power only."""

    @property
    def tries(self) -> int:
        """Return 3: there is no code that could be tried."""
        return 3

    @property
    def intact(self) -> bool:
        """Return True: there is no code that could be tried."""
        return True

    def unlock(self, psc: bytes) -> bool:
        """Return True: the chip takes every write.

        :raises CardPulled: the card is gone.
        """
        self.check_contact()
        return True

    def seal(self, psc: bytes) -> None:
        """Do nothing: neither code nor protection exist, which is why such cards can be changed by anybody."""

    def write_page(self, address: int, data: bytes) -> None:
        """Carry out one write cycle of the chip. Beyond the end of the page the address starts again at its beginning.

        :param address: 0 to 255.
        :param data: at most as many bytes as a page has count; of more, the last ones stay.
        :raises IndexError: the address is not on the chip.
        :raises CardPulled: pulled in between.
        """
        self.check_contact()
        self.check_range(address, 1)
        page = address // PAGE * PAGE
        loaded = {page + (address + offset) % PAGE: value for offset, value in enumerate(data)}
        start = time.monotonic()
        try:
            self._cycle(loaded, start)
        finally:
            self.changed()

    def write(self, address: int, data: bytes, page: int = PAGE) -> bool:
        """Write bytes in ascending order, a page at a time.

        :param page: what whoever writes takes for the size of a page.
        :return: True when every byte holds its new value.
        :raises IndexError: the range leaves the chip.
        :raises CardPulled: pulled in between: earlier pages are new, later ones old, the one at work may hold FF.
        """
        self.check_contact()
        self.check_range(address, len(data))
        if self.faults.take_lost_write():
            return True
        done = 0
        while done < len(data):
            part = min(page - (address + done) % page, len(data) - done)
            self.write_page(address + done, data[done : done + part])
            done += part
        return bytes(self._memory[address : address + len(data)]) == bytes(data)

    def to_dict(self) -> dict[str, object]:
        """Return what survives without power, as JSON-ready hexadecimal strings."""
        return {"memory": self._memory.hex()}

    @classmethod
    def from_dict(cls, saved: dict, write_times: bool = False) -> At24c02:
        """Make the chip that :meth:`to_dict` described."""
        return cls(bytes.fromhex(saved["memory"]), write_times)

    def _cycle(self, loaded: dict[int, int], start: float) -> None:
        erased = False
        for place, value in loaded.items():
            fault = self.faults.take_byte()
            if fault == "before" and not erased:
                self.tear()
            if not erased:
                for cell in loaded:
                    self._memory[cell] = 0xFF
                self.spend(start + self.PAGE_SECONDS / 2)
                erased = True
            if fault:
                self.tear()
            self._memory[place] = value
        self.spend(start + self.PAGE_SECONDS)
