"""What an amount buys: energy that the point of sale converts, or money that the meter converts."""

from dataclasses import dataclass

from ..core import money, tariff
from ..core.errors import Refusal
from .card_drivers import CENTS, KWH


@dataclass(frozen=True)
class Split:
    """How an amount is used. Always ``amount == cost + remainder``.

    :param unit: ``kwh`` or ``cents``
    :param quantity: what goes on the card: 0.01 kWh or cents
    :param energy: sold, 0.01 kWh; 0 when the meter converts
    :param cost: cents that go on the card
    :param remainder: cents that stay as the customer's balance
    :param shown: the breakdown for page and receipt
    """

    unit: str
    quantity: int
    energy: int
    cost: int
    remainder: int
    shown: dict

    def as_dict(self):
        """Return the breakdown for JSON and for people."""
        return self.shown


def sale_of_energy(facts, cents):
    """Return what an amount buys on a card that carries energy.

    :param facts: of the account
    :param cents: the amount
    :raises Refusal: S-105, S-119
    """
    bought = tariff.price(facts.tariff, cents, tariff.PriceContext(on=facts.day))
    shown = {**bought.as_dict(), "unit": KWH}
    return Split(KWH, bought.energy, bought.energy, bought.cost, bought.remainder, shown)


def sale_of_money(facts, cents):
    """Return what an amount buys on a card that carries money: itself, to the cent.

    The energy is an estimate by today's tariff, for people: the meter converts by its own tariff when it is used.

    :param facts: of the account
    :param cents: the amount
    """
    try:
        estimate = tariff.price(facts.tariff, cents, tariff.PriceContext(on=facts.day)).energy
    except Refusal:
        # A few cents that buy no 0.01 kWh, or no tariff today: the money goes on the card all the same.
        estimate = 0
    shown = {
        "amount": money.format_cents(cents),
        "energy": money.format_energy(estimate),
        "cost": money.format_cents(cents),
        "remainder": money.format_cents(0),
        "lines": [],
        "unit": CENTS,
    }
    return Split(CENTS, cents, 0, cents, 0, shown)
