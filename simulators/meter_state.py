"""What a meter remembers without power, and what its relay does when energy runs down."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

MAX_ENERGY = 99_999_999  # 999 999.99 kWh, the largest number the display shows
REGISTER_END = 0xFFFFFFFF  # registers of 4 bytes

# Balance states, in the order in which energy runs down.
NORMAL, ALARM_1, ALARM_2, OVER_ZERO, OVERDRAWN = "normal", "alarm1", "alarm2", "over_zero", "overdrawn"


@dataclass
class MeterState:
    """The meter's memory. Energies in 0.01 kWh, alarms in kWh, numbers as 12 digits.

    ``remaining`` and ``over_used`` are never both above zero. ``serial`` and ``issue`` are those of the card the meter
    takes. ``credits`` lists every (count, energy) that was ever credited. ``acknowledged`` counts how many of the two
    one-time trips (alarm 2, over zero) the customer has answered by inserting the card.
    """

    meter_no: str
    opened: bool = False
    customer_no: str = ""
    serial: str = ""
    issue: int = 0
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
            if self.alarm2 and self.remaining <= self.alarm2 * 100:
                return ALARM_2
            return ALARM_1 if self.alarm1 and self.remaining <= self.alarm1 * 100 else NORMAL
        return OVERDRAWN if self.over_used >= self.overdraft_limit else OVER_ZERO

    def credit(self, count: int, energy: int) -> None:
        """Take a purchase: pay off what was over-used first, keep the rest."""
        paid_off = min(energy, self.over_used)
        self.over_used -= paid_off
        self.remaining += energy - paid_off
        self.total_bought = min(self.total_bought + energy, REGISTER_END)
        self.count = count
        self.credits.append((count, energy))

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
            step = min(energy, self._until_trip())
            from_remaining = min(step, self.remaining)
            self.remaining -= from_remaining
            self.over_used += step - from_remaining
            self.total_used += step
            energy -= step
            if self._until_trip() == 0:
                self._trip()
        return wanted - energy

    def _until_trip(self) -> int:
        """Return the energy that still flows before the next trip, 0.01 kWh."""
        net = self.remaining - self.over_used
        if self.alarm2 and self.acknowledged < 1:
            return max(net - self.alarm2 * 100, 0)
        if self.acknowledged < 2:
            return max(net, 0)
        return max(net + self.overdraft_limit, 0)

    def _trip(self) -> None:
        self.relay_closed = False

    def to_dict(self) -> dict[str, object]:
        """Return the memory as JSON-ready values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, saved: dict) -> MeterState:
        """Make the memory that :meth:`to_dict` described."""
        return cls(**{**saved, "credits": [tuple(credit) for credit in saved["credits"]]})
