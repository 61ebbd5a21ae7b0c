"""Memory cards with the demo layout, and their kWh meter."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from . import issue as preparation
from . import layout
from .card import Card
from .card_meter import CardMeter, InsertResult
from .family import Family
from .keys import CardKeys, MasterKey
from .memory_chip import MemoryChip
from .meter import Meter


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
        parts: dict[str, object] = {"tries": card.tries, "full_tries": self._make().tries, "memory": card.image().hex()}
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
