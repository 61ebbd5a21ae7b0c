"""What every simulated card has in common: contacts that can be pulled, power, faults, EEPROM cells that tear."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable

from .faults import Faults


class CardPulled(Exception):
    """The card left its contacts in the middle of a command; the memory stays as it was at that moment."""


class NotAuthenticated(Exception):
    """The chip takes no write: the code was not presented since power on."""


class Card(ABC):
    """One card. The pessimistic EEPROM model: every byte is erased to FF before it is written.

    A subclass gives :meth:`atr`, :meth:`forget` and :meth:`to_dict`. One that understands APDUs by itself has
    ``transmit`` (:class:`ApduCard`); a memory chip is spoken to through a reader model
    (:mod:`simulators.reader_models`).

    :param write_times: spend the time that the chip's cells need.
    """

    ERASE_SECONDS = 0.0025
    """Time to erase one byte."""
    WRITE_SECONDS = 0.0025
    """Time to write one byte."""

    def __init__(self, write_times: bool = False) -> None:
        self.write_times = write_times
        self.faults = Faults()
        self.on_change: Callable[[], None] | None = None
        self._powered = False
        self._removed = threading.Event()

    @abstractmethod
    def atr(self) -> bytes:
        """Return the answer to reset as a PC/SC reader shows it."""

    @abstractmethod
    def to_dict(self) -> dict[str, object]:
        """Return what survives without power, as JSON-ready values."""

    # -- contacts ------------------------------------------------------------------------------------------------

    def insert(self) -> None:
        """The card meets the contacts: it is there, without power."""
        self._removed.clear()
        self.power_off()

    def remove(self) -> None:
        """The card leaves the contacts, now. A command that is running in another thread ends in CardPulled."""
        self._removed.set()
        self.power_off()

    def power_on(self) -> bytes:
        """Apply power.

        :return: answer to reset.
        """
        self._powered = True
        return self.atr()

    def power_off(self) -> None:
        """Take power away: the card forgets everything that is not in its cells."""
        self._powered = False
        self.forget()

    @abstractmethod
    def forget(self) -> None:
        """Lose what is kept by power only."""

    @property
    def powered(self) -> bool:
        """True between power on and power off."""
        return self._powered

    def wait_removed(self, seconds: float) -> bool:
        """Wait; return True at once when the card is pulled meanwhile."""
        return self._removed.wait(seconds) if seconds > 0 else self._removed.is_set()

    def meet_command(self) -> None:
        """Let the faults act that strike whole commands: pulled at this one, or answered late.

        :raises CardPulled: the card left before an answer.
        """
        if self.faults.take_apdu():
            self.tear()
        if self.wait_removed(self.faults.take_delay()):
            raise CardPulled

    # -- for subclasses ------------------------------------------------------------------------------------------

    def program(self, cells: bytearray, index: int, value: int, start: float) -> float:
        """Erase and write one byte that begins at ``start`` (monotonic seconds).

        :return: when the next one begins.
        :raises CardPulled: an armed fault, or a hand, pulled the card before or inside this byte.
        """
        # Deadlines, not durations: the thread's wake-up delay must not add up over the bytes of a block.
        fault = self.faults.take_byte()
        if fault == "before":
            self.tear()
        cells[index] = 0xFF
        self.spend(start + self.ERASE_SECONDS)
        if fault == "inside":
            self.tear()
        cells[index] = value
        end = start + self.ERASE_SECONDS + self.WRITE_SECONDS
        self.spend(end)
        return end

    def spend(self, deadline: float) -> None:
        """Work until ``deadline`` (monotonic seconds) when times are spent at all.

        :raises CardPulled: the card left meanwhile.
        """
        if self.wait_removed(deadline - time.monotonic() if self.write_times else 0.0):
            raise CardPulled

    def tear(self) -> None:
        """Pull the card out, by a fault.

        :raises CardPulled: always.
        """
        self.remove()
        raise CardPulled

    def check_contact(self) -> None:
        """:raises CardPulled: the card is gone."""
        if self._removed.is_set():
            raise CardPulled

    def changed(self) -> None:
        """Tell whoever keeps the card that its cells have changed."""
        if self.on_change is not None:
            self.on_change()


class ApduCard(Card):
    """A card that understands APDUs by itself: a CPU card or a security module."""

    @abstractmethod
    def transmit(self, apdu: bytes) -> bytes:
        """Carry out one command.

        :param apdu: a short APDU.
        :return: data and the two status bytes.
        :raises CardPulled: the card left before an answer.
        """
