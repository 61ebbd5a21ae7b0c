"""What may be bought at once: minimum, maximum, step, hoard limit, purchases a day."""

from dataclasses import dataclass

from .codes import S_HOARD, S_OVER_MAXIMUM, S_PER_DAY, S_STEP, S_UNDER_MINIMUM
from .errors import Refusal
from .money import format_cents, format_energy

#: No meter holds more than 999 999.99 kWh or yuan (0.01 of either).
METER_CAPACITY = 99_999_999


@dataclass(frozen=True)
class Limits:
    """Limits of a meter model; 0 means none.

    :param minimum: cents
    :param maximum: cents
    :param step: cents
    :param hoard: most that the meter may hold, 0.01 kWh or cents, as it counts
    :param per_day: purchases a day
    """

    minimum: int = 0
    maximum: int = 0
    step: int = 0
    hoard: int = 0
    per_day: int = 0


def check_amount(amount, limits):
    """Refuse an amount (cents) outside minimum, maximum and step.

    :raise Refusal: S-105, S-106, S-107
    """
    minimum = max(limits.minimum, 1)
    if amount < minimum:
        raise Refusal(S_UNDER_MINIMUM, min=format_cents(minimum))
    if limits.maximum and amount > limits.maximum:
        raise Refusal(S_OVER_MAXIMUM, max=format_cents(limits.maximum))
    if limits.step and amount % limits.step:
        raise Refusal(S_STEP, step=format_cents(limits.step))


def check_hoard(quantity, remaining, limits, unit="kWh"):
    """Refuse what the meter would not take: it would credit nothing, and the customer would stand in the dark.

    :param quantity: of this purchase, 0.01 kWh or cents, as the meter counts
    :param remaining: in the meter by its last write-back, same unit; None when no write-back is known
    :param unit: for the sentence: ``kWh`` or the sign of the currency
    :raise Refusal: S-108
    """
    held = remaining or 0
    limit = min(limits.hoard or METER_CAPACITY, METER_CAPACITY)
    if held + quantity > limit:
        raise Refusal(S_HOARD, limit=format_energy(limit), remaining=format_energy(held), unit=unit)


def check_per_day(bought_today, limits):
    """Refuse one purchase more than a day allows.

    :param bought_today: purchases of the account today, cancelled ones not counted
    :raise Refusal: S-109
    """
    if limits.per_day and bought_today >= limits.per_day:
        raise Refusal(S_PER_DAY, limit=limits.per_day)
