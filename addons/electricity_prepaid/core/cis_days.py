"""What the comparison of a past day means for the messages that have no end yet: rules without database or network.

A day that matches is closed there for ever: what it does not have by then never comes. So a day is compared once all
its messages have an end, and what is missing there then is not forgotten: a sale that counts goes to people, who have
it booked by hand; only one that was taken back needs nothing any more. A reversal is never settled because it is not
there: its payment stands there as long as nobody took it back.

Source: the domain's page on the marketing system.
"""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

from . import codes
from .cis_delivery import (
    FINAL,
    LIVE,
    REVERSAL,
    S_BY_HAND,
    S_DISPUTE,
    S_DONE,
    S_REFUSED,
    S_WAITING,
    S_WITHDRAWN,
    After,
)
from .cis_types import ONLY_MARKETING

HOLD_UP = (*LIVE, S_WAITING, S_REFUSED, S_DISPUTE)
"""Messages in these states hold up their day. What was done by hand does not: the comparison is what finds it."""
PATIENCE = timedelta(days=7)
"""How long people's work holds up a day; what is on its way by itself holds it up until it has arrived."""
CLOSED = "706"
SERIAL = re.compile(r"[A-Za-z0-9-]{8,40}")
"""What the interface takes for a serial: another one would keep its whole day from being compared."""
_BY_HAND = (S_REFUSED, S_BY_HAND)
"""States of a reversal that people may have done there under a serial of their own."""


def is_held_up(states, age):
    """Tell whether a past day is not to be compared yet.

    :param states: of its messages, and of the reversals of its payments
    :param age: ``timedelta`` since that day
    """
    states = set(states)
    return bool(states & set(LIVE)) or (age < PATIENCE and bool(states & set(HOLD_UP)))


def closed_without(message, counts):
    """Return what becomes of a message whose day is closed there without it.

    :param message: :class:`~.cis_delivery.Standing`
    :param counts: whether its sale still counts: neither taken back nor cancelled
    :return: :class:`~.cis_delivery.After`, or None when it stays what it is
    """
    if message.state in FINAL or message.kind == REVERSAL:
        return None
    standing = replace(message, uncertain=False, failures=0)
    if not counts:
        return After(replace(standing, state=S_WITHDRAWN))
    state = S_DISPUTE if message.state == S_DISPUTE else S_REFUSED
    return After(replace(standing, state=state), codes.M_CLOSED_WITHOUT, result=CLOSED)


def shows(difference, message, record):
    """Tell whether a difference shows that a message stands in the other books.

    A reversal done there by hand has a serial that nobody here knows, on the payment's day or on a later one: it is
    known by the payment that it takes back, once: another reversal of that payment is nothing of ours. Of a dispute two
    persons decide, whatever stands there.

    :param difference: :class:`~.cis_types.Difference`
    :param message: :class:`~.cis_delivery.Standing`
    :param record: :class:`~.cis_types.Record` of the message
    """
    content = (difference.account_no, difference.marketing_amount)
    if difference.kind != ONLY_MARKETING or content != (record.account_no, record.amount):
        return False
    if difference.serial == record.serial:
        return message.state not in (S_WITHDRAWN, S_DISPUTE)
    by_hand = message.kind == REVERSAL and (message.state in _BY_HAND or (message.state == S_DONE and message.unnamed))
    return by_hand and bool(record.original_serial) and difference.original_serial == record.original_serial


def under_another_serial(differences, settled):
    """Return which records there are payments that two persons found there without saying under which serial.

    Only where nothing else can be meant: one such payment, and one such record, of an account and amount.

    :param differences: :class:`~.cis_types.Difference` of a day, all of them, whose serials nobody here knows
    :param settled: :class:`~.cis_types.Record` of those payments
    :return: list of pairs of both
    """
    strangers = [each for each in differences if each.kind == ONLY_MARKETING and not each.original_serial]
    records = {(each.account_no, each.amount): each for each in settled}
    ours = Counter((each.account_no, each.amount) for each in settled)
    theirs = Counter((each.account_no, each.marketing_amount) for each in strangers)
    found = [(records.get((each.account_no, each.marketing_amount)), each) for each in strangers]
    return [
        (record, each)
        for record, each in found
        if record and ours[record.account_no, record.amount] == theirs[record.account_no, record.amount] == 1
    ]
