"""From money to energy: the seam behind which every kind of tariff stands.

A kind is an engine: a function ``(spec, amount, context) -> Breakdown`` in :data:`ENGINES`. Version one has the single
price.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .codes import S_NO_TARIFF, S_UNDER_MINIMUM
from .errors import Refusal
from .money import format_cents, format_energy


@dataclass(frozen=True)
class TariffSpec:
    """What an engine must know of a tariff version.

    :param kind: key of :data:`ENGINES`
    :param price: yuan per kWh, tax included, as Decimal
    :param version: name of the version, for the receipt
    """

    kind: str
    price: Decimal
    version: str = ""


@dataclass(frozen=True)
class PriceContext:
    """What an engine may need to know of the customer.

    :param on: day of the sale
    :param energy_this_year: bought since the year's settlement day, 0.01 kWh (ladders)
    """

    on: date | None = None
    energy_this_year: int = 0


@dataclass(frozen=True)
class Line:
    """One line of the breakdown: energy (0.01 kWh) at a price (yuan per kWh, decimal string) for a cost (cents)."""

    label: str
    price: str
    energy: int
    cost: int


@dataclass(frozen=True)
class Breakdown:
    """What an amount buys. Always ``amount == cost + remainder`` and the lines add up to energy and cost.

    :param amount: cents
    :param energy: 0.01 kWh, rounded down
    :param cost: cents that the energy costs
    :param remainder: cents that stay as the customer's balance
    """

    amount: int
    energy: int
    cost: int
    remainder: int
    lines: tuple[Line, ...]

    def as_dict(self):
        """Return the breakdown for JSON and for people: money and energy as decimal strings."""
        return {
            "amount": format_cents(self.amount),
            "energy": format_energy(self.energy),
            "cost": format_cents(self.cost),
            "remainder": format_cents(self.remainder),
            "lines": [
                {
                    "label": line.label,
                    "price": line.price,
                    "energy": format_energy(line.energy),
                    "cost": format_cents(line.cost),
                }
                for line in self.lines
            ],
        }


def _half_up(value):
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def _single(spec, amount, context):
    # One cent is one hundredth of a yuan, 0.01 kWh one hundredth of a kWh: the price is also cents per 0.01 kWh.
    price = Fraction(spec.price)
    energy = Fraction(amount) // price
    if not energy:
        smallest = -(-price.numerator // price.denominator)
        raise Refusal(S_UNDER_MINIMUM, min=format_cents(smallest))
    # energy * price <= amount, and amount is whole, so rounding cannot exceed it.
    cost = _half_up(energy * price)
    line = Line("single", format(spec.price.normalize(), "f"), energy, cost)
    return Breakdown(amount, energy, cost, amount - cost, (line,))


#: Engines by kind of tariff.
ENGINES = {"single": _single}


def price(spec, amount, context=None):
    """Return what an amount buys.

    :param spec: a :class:`TariffSpec`, or None when no version is in force
    :param amount: cents, positive
    :param context: a :class:`PriceContext`
    :raise Refusal: S-119 no usable tariff, S-105 the amount does not buy 0.01 kWh
    """
    engine = ENGINES.get(spec.kind) if spec else None
    if engine is None or not spec.price.is_finite() or spec.price <= 0:
        raise Refusal(S_NO_TARIFF)
    return engine(spec, amount, context or PriceContext())
