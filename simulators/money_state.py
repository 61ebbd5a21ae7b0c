"""The memory of a money meter: a balance in yuan, two tariff sets, energy that costs by the one in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from .bcd import encode_time
from .cpu_layout import NO_TIME
from .meter_state import Balance
from .tariff_set import TariffSet

_CENT = 10_000  # one cent in 0.000001 yuan: 0.01 kWh at 0.0001 yuan/kWh


@dataclass
class MoneyState(Balance):
    """Money in 0.01 yuan; ``fraction`` is what was used beyond the last cent, in 0.000001 yuan.

    ``switch_time``: when the backup set's rates come into force (YYMMDDhhmm, zeros: no switch waits);
    ``ladder_switch_time``: the same for its ladder. ``rate``: number of the rate in force, from 1. ``ladder_used``:
    energy since the last settlement, 0.01 kWh, and ``settled``: when that was looked at last.
    ``remote_trip``: tripped from afar, only a reconnect command closes the relay. ``card_key_version``: of the last
    card.
    """

    UNIT: ClassVar[str] = "cents"
    ALARM_STEP: ClassVar[int] = 1
    MOST_ILLEGAL_INSERTS: ClassVar[int] = 999_999

    ct: int = 1
    pt: int = 1
    user_type: int = 0
    current: TariffSet = field(default_factory=TariffSet)
    backup: TariffSet = field(default_factory=TariffSet)
    switch_time: str = NO_TIME
    ladder_switch_time: str = NO_TIME
    rate: int = 1
    ladder_used: int = 0
    settled: str = ""
    fraction: int = 0
    remote_trip: bool = False
    card_key_version: int = 0

    # -- consumption ---------------------------------------------------------------------------------------------

    def price(self) -> int:
        """Return what a kWh costs now, 0.0001 yuan."""
        return self.current.price(self.rate, self.ladder_used)

    def energy_until_change(self) -> int:
        """Return how much flows, 0.01 kWh, before the relay trips or the ladder's next step begins."""
        price, until_step = self.price(), self.current.until_next_step(self.ladder_used)
        # At no price nothing runs down: the largest register is as good as for ever.
        until_trip = -(-(self.until_trip() * _CENT - self.fraction) // price) if price else 0xFFFFFFFF
        return max(until_trip, 0) if until_step is None else max(min(until_trip, until_step), 0)

    def cost(self, energy: int) -> int:
        """Return the whole cents that energy, 0.01 kWh, costs at the price in force; the rest is remembered."""
        cents, self.fraction = divmod(self.fraction + energy * self.price(), _CENT)
        self.ladder_used += energy
        return cents

    def reconnect(self) -> None:
        """The customer's card is in: close the relay unless the overdraft limit or a remote trip keeps it open."""
        super().reconnect()
        self.relay_closed = self.relay_closed and not self.remote_trip

    # -- time ----------------------------------------------------------------------------------------------------

    def look_at_clock(self, now: datetime) -> None:
        """Do what is due: the backup set comes into force, a settlement day begins the ladder anew."""
        time = encode_time(now)
        if NO_TIME < self.switch_time <= time:
            self.current = _with_rates(self.current, self.backup)
            self.switch_time = NO_TIME
        if NO_TIME < self.ladder_switch_time <= time:
            self.current = _with_ladder(self.current, self.backup)
            self.ladder_switch_time = NO_TIME
        if self.settled and any(self._has_passed(day, now) for day in self.current.settlement):
            self.ladder_used = 0
        self.settled = time

    def _has_passed(self, day: str, now: datetime) -> bool:
        """Did a settlement moment (MMDDhh) lie between the last look and now?"""
        moments = (f"{year % 100:02d}{day}00" for year in (now.year - 1, now.year))
        return any(self.settled < moment <= encode_time(now) for moment in moments)

    # -- what a card brings --------------------------------------------------------------------------------------

    def take_rates(self, tariff: TariffSet, *, backup: bool) -> None:
        """Take the rates of a set that a card brought."""
        name = "backup" if backup else "current"
        setattr(self, name, _with_rates(getattr(self, name), tariff))

    def take_ladder(self, tariff: TariffSet, *, backup: bool) -> None:
        """Take the ladder of a set that a card brought."""
        name = "backup" if backup else "current"
        setattr(self, name, _with_ladder(getattr(self, name), tariff))

    @classmethod
    def from_dict(cls, saved: dict) -> MoneyState:
        """Make the memory that :meth:`to_dict` described."""
        sets = {name: _tariff_from_dict(saved[name]) for name in ("current", "backup")}
        return super().from_dict({**saved, **sets})


def _with_rates(tariff: TariffSet, other: TariffSet) -> TariffSet:
    return TariffSet(other.rates, tariff.thresholds, tariff.prices, tariff.settlement, tariff.switch_time)


def _with_ladder(tariff: TariffSet, other: TariffSet) -> TariffSet:
    return TariffSet(tariff.rates, other.thresholds, other.prices, other.settlement, other.switch_time)


def _tariff_from_dict(saved: dict) -> TariffSet:
    return TariffSet(**{name: tuple(value) if isinstance(value, list) else value for name, value in saved.items()})
