"""The kinds of card and meter that a bench can hold, by driver: how they are made, kept and shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from . import issue as preparation
from . import layout
from .at24 import At24c02
from .card import Card
from .card_meter import CardMeter, InsertResult
from .keys import CardKeys, MasterKey
from .memory_chip import MemoryChip
from .meter import Meter
from .sle4428 import Sle4428
from .sle4442 import Sle4442

MEMORY_DRIVER = "sle4442_demo"


class Unsupported(ValueError):
    """This kind of card has no such thing."""


class Family(ABC):
    """One kind of card with its meter.

    :param driver: as Odoo names it (docs/protocol).
    :param unit: ``kwh`` or ``cents``: what the card buys, in 0.01 of it.
    :param serial_digits: 12 or 16.
    """

    def __init__(self, driver: str, unit: str, serial_digits: int) -> None:
        self.driver, self.unit, self.serial_digits = driver, unit, serial_digits

    @abstractmethod
    def restore(self, saved: dict, write_times: bool) -> Card:
        """Make the card that its ``to_dict`` described."""

    @abstractmethod
    def factory(self, write_times: bool) -> Card:
        """Make a card straight from the factory, without identity."""

    @abstractmethod
    def blank(self, serial: str, write_times: bool) -> Card:
        """Make a prepared card without a contract."""

    @abstractmethod
    def meter(self, meter_no: str, path: Path) -> CardMeter:
        """Make a meter, or bring it back from its file."""

    @abstractmethod
    def issue(
        self, serial: str, customer_no: str, meter: CardMeter, quantity: int, write_times: bool, **parameters: int
    ) -> tuple[Card, InsertResult]:
        """Open an account: a card with count 1 that was in its meter.

        :param quantity: first purchase, in 0.01 of the unit.
        """

    @abstractmethod
    def show(self, card: Card) -> dict[str, object]:
        """Return ``tries``, ``memory`` (hex) and the parts ``identity``, ``contract``, ``purchase`` and
        ``write_back``, each with its ``state``; a purchase has its ``quantity`` in 0.01 of the unit."""


class MemoryFamily(Family):
    """Memory cards with the demo layout.

    :param keys: the utility's masters.
    :param make: the chip's class; without arguments it makes one from the factory.
    """

    def __init__(self, driver: str, keys: CardKeys, make: type[MemoryChip]) -> None:
        super().__init__(driver, "kwh", 12)
        self._keys, self._make = keys, make

    def restore(self, saved: dict, write_times: bool) -> Card:
        return self._make.from_dict(saved, write_times)

    def factory(self, write_times: bool) -> Card:
        return self._make(write_times=write_times)

    def blank(self, serial: str, write_times: bool) -> Card:
        return preparation.prepared_card(serial, self._master(), write_times=write_times, make=self._make)

    def meter(self, meter_no: str, path: Path) -> Meter:
        return Meter(meter_no, self._master(), path, atr=self._make.ATR, driver=self.driver)

    def issue(
        self, serial: str, customer_no: str, meter: CardMeter, quantity: int, write_times: bool, **parameters: int
    ) -> tuple[Card, InsertResult]:
        options = {"write_times": write_times, "make": self._make, **parameters}
        return preparation.issue(serial, customer_no, meter, self._master(), quantity, **options)

    def show(self, card: Card) -> dict[str, object]:
        image = layout.parse(card.image())
        parts: dict[str, object] = {"tries": card.tries, "memory": card.image().hex()}
        for part in ("identity", "contract", "purchase", "write_back"):
            value = getattr(image, part)
            parts[part] = {"state": getattr(image, f"{part}_state"), **(asdict(value) if value else {})}
        if image.purchase:
            parts["purchase"]["quantity"] = image.purchase.energy
        return parts

    def _master(self) -> MasterKey:
        if not self._make.CODE_BYTES:
            # A chip without a code needs no key, and the key file has none for it.
            return MasterKey(bytes(32), 0)
        return self._keys.master(self.driver, self._make.CODE_BYTES)


# Driver -> how its family is made from the utility's keys.
FAMILIES: dict[str, Callable[[CardKeys], Family]] = {
    "sle4442_demo": lambda keys: MemoryFamily("sle4442_demo", keys, Sle4442),
    "sle4428_demo": lambda keys: MemoryFamily("sle4428_demo", keys, Sle4428),
    "at24_demo": lambda keys: MemoryFamily("at24_demo", keys, At24c02),
}


def make_families(keys: CardKeys) -> dict[str, Family]:
    """Return every family of :data:`FAMILIES`. One whose keys are missing can hold cards, not make them."""
    return {driver: make(keys) for driver, make in FAMILIES.items()}
