"""Money in whole cents, energy in whole 0.01 kWh.

Inside this package no float touches an amount. The edge to Odoo, whose Monetary fields are floats, is here and only
here.
"""

import re
from decimal import ROUND_HALF_UP, Decimal

from .codes import S_AMOUNT_MALFORMED
from .errors import Refusal

_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,2}))?", re.ASCII)
_CENT = Decimal("0.01")
_SHOWN = 24


def parse_amount(value):
    """Read an amount of money as people and pages send it.

    :param value: a string such as ``"100"``, ``"100.5"`` or ``"100.00"``: no sign, no exponent, no spaces, no thousands
        separator, no superfluous zero in front, at most nine digits before the point and two behind it
    :return: whole cents
    :raise Refusal: S-104, also for every value that is not a string: a float has lost its cents before it arrives
    """
    match = _AMOUNT.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise Refusal(S_AMOUNT_MALFORMED, amount=str(value)[:_SHOWN])
    yuan, cents = match.group(1), match.group(2) or ""
    return int(yuan) * 100 + int(cents.ljust(2, "0"))


def _format(value):
    sign, value = ("-", -value) if value < 0 else ("", value)
    return f"{sign}{value // 100}.{value % 100:02d}"


def format_cents(cents):
    """Return ``"100.00"`` for 10000 cents."""
    return _format(cents)


def format_energy(centi_kwh):
    """Return ``"182.35"`` for 18235 hundredths of a kWh."""
    return _format(centi_kwh)


def cash_due(amount, free, coin):
    """Return the cash to ask for an amount: only what can be paid, and paid back, with the coins there are.

    The balance pays first, but only as much of it as leaves whole coins. What cannot be paid in coins is asked in the
    next larger one, so it is money of the customer that stays as balance.

    :param amount: cents to be covered
    :param free: cents of the balance that may be spent for it; negative when more is promised than there is
    :param coin: cents of the smallest coin, at least 1
    :return: cents, 0 when the balance covers the amount, else the smallest multiple of ``coin`` that covers the rest
    """
    return -(-max(0, amount - free) // coin) * coin


def in_coins(cents, coin):
    """Return the largest part of ``cents`` that can be handed out in coins of ``coin`` cents."""
    return max(0, cents) // coin * coin


def _to_hundredths(value):
    exact = value if isinstance(value, Decimal) else Decimal(str(value or 0))
    return int(exact.quantize(_CENT, rounding=ROUND_HALF_UP).scaleb(2))


def to_cents(value):
    """Turn the value of an Odoo Monetary field into whole cents.

    :param value: float, Decimal, int or decimal string, already rounded to cents by its field
    """
    return _to_hundredths(value)


def to_centi_kwh(value):
    """Turn the value of an Odoo energy field (kWh, two decimals) into whole 0.01 kWh."""
    return _to_hundredths(value)


def cents_to_float(cents):
    """Return the float that an Odoo Monetary field stores for these cents."""
    return float(Decimal(cents).scaleb(-2))


def energy_to_float(centi_kwh):
    """Return the float that an Odoo energy field stores for these hundredths of a kWh."""
    return float(Decimal(centi_kwh).scaleb(-2))
