"""Security modules on a bench: they go into a reader like cards, and no meter takes them."""

from __future__ import annotations

from pathlib import Path

from .card import Card
from .card_meter import CardMeter, InsertResult
from .family import Family
from .keys import CardKeys
from .layout import BLANK, EMPTY, GOOD
from .sam import Sam

SAM_DRIVER = "sam"


class SamFamily(Family):
    """Security modules with a utility's masters.

    :param keys: the utility's masters.
    """

    def __init__(self, keys: CardKeys) -> None:
        super().__init__(SAM_DRIVER, "cents", 16)
        self._keys = keys

    def restore(self, saved: dict, write_times: bool) -> Card:
        return Sam.from_dict(saved, self._keys)

    def factory(self, write_times: bool) -> Card:
        """Make a module without any master."""
        return Sam({})

    def blank(self, serial: str, write_times: bool) -> Card:
        """Make a module with all masters; the serial is its own number."""
        return Sam.of(self._keys, serial)

    def meter(self, meter_no: str, path: Path) -> CardMeter:
        """:raises ValueError: always."""
        raise ValueError("a security module belongs to no meter")

    def issue(
        self, serial: str, customer_no: str, meter: CardMeter, quantity: int, write_times: bool, **parameters: int
    ) -> tuple[Card, InsertResult]:
        """:raises ValueError: always."""
        raise ValueError("a security module belongs to no customer")

    def show(self, card: Card) -> dict[str, object]:
        return {
            "tries": 0,
            "full_tries": 0,
            "memory": "",
            "uses": card.uses,
            "identity": {"state": GOOD, "serial": card.number},
            "contract": {"state": BLANK},
            "purchase": {"state": BLANK},
            "write_back": {"state": EMPTY},
        }
