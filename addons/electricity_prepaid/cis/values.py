"""Exact numbers, days and texts between the wire and the types."""

from __future__ import annotations

import re
from datetime import UTC
from decimal import Decimal

_HUNDRED = Decimal(100)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")


def hundredths(value):
    """Return a decimal of yuan or kWh in hundredths.

    :param value: Decimal
    :raises ValueError: it has more than two decimals, or is no number
    """
    if not value.is_finite():
        raise ValueError("not a number")
    number = value * _HUNDRED
    if number != number.to_integral_value():
        raise ValueError("more than two decimals")
    return int(number)


def decimal(number):
    """Return hundredths as a decimal with two digits."""
    return Decimal(number).scaleb(-2)


def aware(moment):
    """Return a moment that has its offset.

    :raises ValueError: it has none
    :raises OverflowError: it has no place in UTC, such as the first hours of the year 1 in China: some systems' "never"
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without its offset")
    # Whoever stores it converts it: that must not fail there.
    moment.astimezone(UTC)
    return moment


def text(value, longest):
    """Return people's words as XML can carry them, cut to a length."""
    return _UNPRINTABLE.sub(" ", value).strip()[:longest]
