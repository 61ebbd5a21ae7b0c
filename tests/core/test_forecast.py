"""When a box is full and a roll at its end: exact, never earlier than its pace allows, and never a wrong promise."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import forecast, versions
from prepaid_core.forecast import WEEK, Pace

MONDAY = datetime(2026, 11, 23)
MOMENTS = st.integers(0, 3 * WEEK * 3600).map(lambda number: MONDAY + timedelta(seconds=number))
PACES = st.builds(
    Pace,
    st.dictionaries(st.integers(0, WEEK - 1), st.integers(0, 500)).map(
        lambda found: tuple(found.get(slot, 0) for slot in range(WEEK))
    ),
    st.integers(1, 336),
)


def came(expected, start, end):
    """Pieces times divisor times seconds between two moments, second by second of each hour."""
    total, moment = 0, start
    while moment < end:
        until = min(end, moment.replace(minute=0, second=0) + timedelta(hours=1))
        total += expected.counts[forecast.slot_of(moment)] * int((until - moment).total_seconds())
        moment = until
    return total


@given(st.integers(1, 3000), PACES, MOMENTS)
def test_at_the_named_second_the_last_piece_has_come_and_not_before(left, expected, now):
    end = forecast.when(left, expected, now)
    need = left * expected.divisor * 3600
    if end is None:
        assert sum(expected.counts) * 3600 * forecast.LONGEST < need
        return
    if end - now > timedelta(weeks=8):
        return
    assert came(expected, now, end) >= need
    assert came(expected, now, end - timedelta(seconds=1)) < need


@given(st.integers(-5, 1000), st.integers(0, 1000), PACES, MOMENTS)
def test_more_room_never_lasts_shorter(left, more, expected, now):
    first, second = (forecast.when(number, expected, now) for number in (left, left + more))
    assert second is None or (first is not None and first <= second)


def test_a_full_box_is_full_now_and_one_that_nobody_uses_never():
    assert forecast.when(0, Pace((1,) * WEEK, 1), MONDAY) == MONDAY
    assert forecast.when(1, Pace((0,) * WEEK, 1), MONDAY) is None
    assert forecast.when(10**9, Pace((1,) * WEEK, 336), MONDAY) is None


def test_hours_of_the_week_differ_after_two_weeks():
    busy = forecast.slot_of(MONDAY + timedelta(hours=18))
    expected = forecast.pace({busy: 40}, 14 * 24)
    assert forecast.when(20, expected, MONDAY) == MONDAY + timedelta(hours=19)
    assert forecast.when(10, expected, MONDAY) == MONDAY + timedelta(hours=18, minutes=30)
    assert forecast.when(21, expected, MONDAY) == MONDAY + timedelta(weeks=1, hours=18, minutes=3)


def test_a_new_terminal_is_judged_by_its_average():
    expected = forecast.pace({forecast.slot_of(MONDAY): 48}, 24)
    assert forecast.when(4, expected, MONDAY) == MONDAY + timedelta(hours=2)
    assert forecast.when(1, forecast.pace({0: 5}, 0), MONDAY) == MONDAY + timedelta(minutes=12)


def test_versions_are_compared_as_numbers():
    assert versions.is_behind("0.9.0", "0.10.0")
    assert not versions.is_behind("0.10", "0.10.0")
    assert not versions.is_behind("1.0", "0.9")
    assert not versions.is_behind(None, "1.0")
    assert not versions.is_behind("1.0", None)
    assert versions.is_behind("no number", "0.1")
    assert versions.parts("9" * 400 + ".1")
