"""When a cash box will be full, and a paper roll at its end: from what went in or out in the last two weeks.

Whole numbers only: the answer is exact for the pace that it assumes.
"""

from dataclasses import dataclass
from datetime import timedelta

DAYS = 14
"""Days that are looked back."""
WEEK = 7 * 24
LONGEST = 52
"""Weeks that are looked ahead; later is not worth a date."""
_HOUR = 3600


@dataclass(frozen=True)
class Pace:
    """How many pieces an hour come, by hour of the week.

    :param counts: 168 whole numbers, Monday 0 h first (UTC)
    :param divisor: by which each is divided for pieces an hour
    """

    counts: tuple
    divisor: int


def pace(by_slot, hours):
    """Return the pace of what was counted.

    Two whole weeks show how the hours of a week differ; with less, every hour counts alike.

    :param by_slot: {hour of the week: pieces}
    :param hours: that were counted, at most those of :data:`DAYS` days
    """
    if hours >= DAYS * 24:
        return Pace(tuple(by_slot.get(slot, 0) for slot in range(WEEK)), DAYS // 7)
    return Pace((sum(by_slot.values()),) * WEEK, max(hours, 1))


def slot_of(moment):
    """Return the hour of the week of a moment (UTC), 0 to 167."""
    return moment.weekday() * 24 + moment.hour


def when(left, expected, now):
    """Return when so many pieces more will have come.

    :param left: pieces; none or less: now
    :param expected: :class:`Pace`
    :param now: the moment, UTC, whole seconds
    :return: a moment, or None when it is more than :data:`LONGEST` weeks away
    """
    if left <= 0:
        return now
    a_week = sum(expected.counts) * _HOUR
    if a_week <= 0:
        return None
    # Pieces times divisor times seconds, so that nothing is ever divided before the end.
    need = left * expected.divisor * _HOUR
    weeks = (need - 1) // a_week
    if weeks >= LONGEST:
        return None
    need -= weeks * a_week
    moment = now + timedelta(weeks=weeks)
    seconds = _HOUR - moment.minute * 60 - moment.second
    while True:
        rate = expected.counts[slot_of(moment)]
        if need <= rate * seconds:
            return moment + timedelta(seconds=-(-need // rate))
        need -= rate * seconds
        moment += timedelta(seconds=seconds)
        seconds = _HOUR
