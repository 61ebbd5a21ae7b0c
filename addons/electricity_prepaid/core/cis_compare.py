"""The comparison of past days: when one may begin, and what its list of differences says.

Source: the domain's page on the marketing system.
"""

from dataclasses import replace
from datetime import UTC, timedelta

from .cis_types import AMOUNT

GRACE = timedelta(minutes=45)
"""After midnight, before the day that ended is compared: a sale of its last second may still be on its way into our
books, and neither this machine's clock nor the marketing system's is exact."""


def over_before(now, zone):
    """Return the first day that is not to be compared yet: every day before it has been over for :data:`GRACE`.

    :param now: aware datetime
    :param zone: of the accounting days, ``tzinfo``
    """
    return (now.astimezone(UTC) - GRACE).astimezone(zone).date()


def merged(differences):
    """Return one difference for each serial.

    What stands under a serial in both books with another account comes as two records, one of each side: that is a
    record of which account or amount differs. What a side has twice under a serial is what it has in all.

    :param differences: of :class:`~.cis_types.Difference`
    :return: list, in the order of the first of each serial
    """
    by_serial = {}
    for found in dict.fromkeys(differences):
        known = by_serial.get(found.serial)
        by_serial[found.serial] = _both(known, found) if known else found
    return list(by_serial.values())


def _both(one, other):
    return replace(
        one,
        kind=one.kind if one.kind == other.kind else AMOUNT,
        account_no=_words(one.account_no, other.account_no),
        caller_amount=_sum(one.caller_amount, other.caller_amount),
        marketing_amount=_sum(one.marketing_amount, other.marketing_amount),
        marketing_serial=_words(one.marketing_serial, other.marketing_serial),
        original_serial=_words(one.original_serial, other.original_serial),
    )


def _sum(*amounts):
    told = [amount for amount in amounts if amount is not None]
    return sum(told) if told else None


def _words(*words):
    parts = [part for word in words for part in word.split(", ") if part]
    return ", ".join(dict.fromkeys(parts))
