"""What a meter remembers without power, and what its relay does when the balance runs down."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import ClassVar

MAX_QUANTITY = 99_999_999  # 999 999.99 kWh or yuan, the largest number the display shows
REGISTER_END = 0xFFFFFFFF  # registers of 4 bytes

# Balance states, in the order in which the balance runs down.
NORMAL, ALARM_1, ALARM_2, OVER_ZERO, OVERDRAWN = "normal", "alarm1", "alarm2", "over_zero", "overdrawn"


@dataclass
class Balance:
    """The memory that meters for energy and for money have alike. Numbers are 12 digits.

    ``remaining``, ``over_used``, ``total_bought``, ``hoard_limit`` and ``overdraft_limit`` are in 0.01 of the meter's
    unit (:attr:`UNIT`), ``total_used`` in 0.01 kWh, alarms as the meter's cards carry them. ``remaining`` and
    ``over_used`` are never both above zero. ``serial`` is that of the card the meter takes. ``credits`` lists every
    (count, quantity) that was ever credited. ``acknowledged`` counts how many of the two one-time trips (alarm 2, over
    zero) the customer has answered by inserting the card.
    """

    UNIT: ClassVar[str]
    """``kwh`` or ``cents``."""
    ALARM_STEP: ClassVar[int]
    """One step of an alarm as the card carries it, in 0.01 of the unit."""
    MOST_ILLEGAL_INSERTS: ClassVar[int]

    meter_no: str
    opened: bool = False
    customer_no: str = ""
    serial: str = ""
    count: int = 0
    remaining: int = 0
    over_used: int = 0
    total_bought: int = 0
    total_used: int = 0
    illegal_inserts: int = 0
    alarm1: int = 0
    alarm2: int = 0
    hoard_limit: int = 0
    overdraft_limit: int = 1000
    voltage: bool = True
    relay_closed: bool = False
    acknowledged: int = 0
    credits: list[tuple[int, int]] = field(default_factory=list)

    def balance_state(self) -> str:
        """Return normal, alarm1, alarm2, over_zero or overdrawn."""
        if self.remaining > 0:
            if self.alarm2 and self.remaining <= self.alarm2 * self.ALARM_STEP:
                return ALARM_2
            return ALARM_1 if self.alarm1 and self.remaining <= self.alarm1 * self.ALARM_STEP else NORMAL
        return OVERDRAWN if self.over_used >= self.overdraft_limit else OVER_ZERO

    def credit(self, count: int, quantity: int) -> None:
        """Take a purchase: pay off what was over-used first, keep the rest."""
        paid_off = min(quantity, self.over_used)
        self.over_used -= paid_off
        self.remaining += quantity - paid_off
        self.total_bought = min(self.total_bought + quantity, REGISTER_END)
        self.count = count
        self.credits.append((count, quantity))

    def has_room_for(self, quantity: int) -> bool:
        """Return False when this purchase would be hoarding."""
        total = self.remaining - self.over_used + quantity
        return total <= MAX_QUANTITY and (self.hoard_limit == 0 or total <= self.hoard_limit)

    def reconnect(self) -> None:
        """The customer's card is in: close the relay unless the overdraft limit keeps it open."""
        state = self.balance_state()
        self.acknowledged = {NORMAL: 0, ALARM_1: 0, ALARM_2: 1}.get(state, 2)
        self.relay_closed = self.opened and state != OVERDRAWN

    def consume(self, energy: int) -> int:
        """Draw energy until the relay trips.

        :param energy: wanted, 0.01 kWh.
        :return: what really flowed, 0.01 kWh.
        """
        wanted = energy
        while energy > 0 and self.relay_closed:
            step = min(energy, self.energy_until_change())
            self.take(self.cost(step))
            self.total_used += step
            energy -= step
            if self.until_trip() == 0:
                self.relay_closed = False
        return wanted - energy

    def energy_until_change(self) -> int:
        """Return how much flows, 0.01 kWh, before the relay trips or the price changes."""
        return self.until_trip()

    def cost(self, energy: int) -> int:
        """Return what energy, 0.01 kWh, costs in 0.01 of the unit, and count it as used."""
        return energy

    def take(self, quantity: int) -> None:
        """Take a quantity from the balance."""
        from_remaining = min(quantity, self.remaining)
        self.remaining -= from_remaining
        self.over_used += quantity - from_remaining

    def until_trip(self) -> int:
        """Return the quantity that is left before the next trip, 0.01 of the unit."""
        net = self.remaining - self.over_used
        if self.alarm2 and self.acknowledged < 1:
            return max(net - self.alarm2 * self.ALARM_STEP, 0)
        if self.acknowledged < 2:
            return max(net, 0)
        return max(net + self.overdraft_limit, 0)

    def to_dict(self) -> dict[str, object]:
        """Return the memory as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, saved: dict) -> Balance:
        """Make the memory that :meth:`to_dict` described."""
        return cls(**{**saved, "credits": [tuple(credit) for credit in saved["credits"]]})


@dataclass
class MeterState(Balance):
    """The memory of a kWh meter: alarms in kWh; ``issue`` is the highest issue number seen on a card."""

    UNIT: ClassVar[str] = "kwh"
    ALARM_STEP: ClassVar[int] = 100
    MOST_ILLEGAL_INSERTS: ClassVar[int] = 0xFFFF

    issue: int = 0
