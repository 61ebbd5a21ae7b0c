"""CPU cards, and their money meter."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from . import cpu_issue, cpu_layout
from .card import Card
from .card_meter import CardMeter, InsertResult
from .cpu_card import TRIES, CpuCard
from .cpu_kinds import CARD_FILE, PARAMETERS, WALLET, Kind
from .family import Family
from .keys import CardKeys
from .layout import GOOD
from .money_meter import MoneyMeter


class CpuFamily(Family):
    """CPU cards of one kind.

    :param kind: which of the two.
    :param keys: the utility's masters.
    """

    def __init__(self, kind: Kind, keys: CardKeys) -> None:
        super().__init__(kind.driver, "cents", 16)
        self._kind, self._keys = kind, keys

    def restore(self, saved: dict, write_times: bool) -> Card:
        return CpuCard.from_dict(saved, write_times)

    def factory(self, write_times: bool) -> Card:
        """Make a card of another maker: its answer to reset is not the one that a terminal knows."""
        return cpu_issue.foreign_card(self._kind, "0")

    def blank(self, serial: str, write_times: bool) -> Card:
        return cpu_issue.blank_card(self._kind, serial, write_times=write_times)

    def meter(self, meter_no: str, path: Path) -> MoneyMeter:
        return MoneyMeter(meter_no, self._kind, self._keys.masters(self.driver), path)

    def issue(
        self, serial: str, customer_no: str, meter: CardMeter, quantity: int, write_times: bool, **parameters: int
    ) -> tuple[Card, InsertResult]:
        masters = self._keys.masters(self.driver)
        return cpu_issue.issue(serial, customer_no, meter, masters, quantity, write_times=write_times, **parameters)

    def show(self, card: Card) -> dict[str, object]:
        number = cpu_layout.parse_card_file(card.content(CARD_FILE))
        state, parameters = cpu_layout.parse_parameters(self._kind, card.content(PARAMETERS))
        wallet = cpu_layout.parse_wallet(card.content(WALLET))
        back_state, back = cpu_layout.parse_write_back(self._kind, card.content(self._kind.write_back))
        return {
            "tries": min(card.external_tries, card.mac_tries),
            "full_tries": TRIES,
            "memory": card.image().hex(),
            "identity": {"state": GOOD, **asdict(number)},
            "contract": {"state": state, **(asdict(parameters) if parameters else {})},
            "purchase": {"state": state, "count": wallet.count, "quantity": wallet.amount},
            "write_back": {"state": back_state, **(asdict(back) if back else {})},
        }
