"""One kind of card that a bench can hold, with its meter: how they are made, kept and shown."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

from .card import Card
from .card_meter import CardMeter, InsertResult


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
        """Make a card as it leaves its maker, not prepared for this utility."""

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
        """Return ``tries`` and ``full_tries`` of code or keys, ``memory`` (hex) and the parts ``identity``,
        ``contract``, ``purchase`` and ``write_back``, each with its ``state``; a purchase has its ``quantity`` in 0.01
        of the unit."""
