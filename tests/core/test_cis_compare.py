"""The list of differences of a day, and when a day may be compared."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import cis_compare
from prepaid_core.cis_types import AMOUNT, ONLY_CALLER, ONLY_MARKETING, Difference

OURS, THEIRS = "100000000001", "100000000002"
AMOUNTS = st.one_of(st.none(), st.integers(-(10**6), 10**6))
DIFFERENCES = st.lists(
    st.builds(
        Difference,
        st.sampled_from((ONLY_CALLER, ONLY_MARKETING, AMOUNT)),
        st.sampled_from(("R1", "R2", "R3")),
        st.sampled_from((OURS, THEIRS)),
        AMOUNTS,
        AMOUNTS,
        st.sampled_from(("", "M1", "M2")),
        st.sampled_from(("", "R1")),
    ),
    unique=True,
    max_size=8,
)


def test_another_account_under_one_serial_is_one_difference():
    found = cis_compare.merged(
        [Difference(ONLY_CALLER, "R1", OURS, 500), Difference(ONLY_MARKETING, "R1", THEIRS, None, 500, "M1")]
    )
    assert found == [Difference(AMOUNT, "R1", f"{OURS}, {THEIRS}", 500, 500, "M1")]


def test_what_is_told_twice_is_told_once():
    one = Difference(ONLY_MARKETING, "R1", OURS, None, 500, "M1")
    assert cis_compare.merged([one, one]) == [one]


def test_what_stands_there_twice_under_one_serial_is_what_stands_there_in_all():
    found = cis_compare.merged(
        [
            Difference(ONLY_MARKETING, "R1", OURS, None, 500, "M1"),
            Difference(ONLY_MARKETING, "R1", OURS, None, 500, "M2"),
        ]
    )
    assert found == [Difference(ONLY_MARKETING, "R1", OURS, None, 1000, "M1, M2")]


@given(DIFFERENCES)
def test_each_serial_is_listed_once_and_no_money_is_lost(differences):
    found = cis_compare.merged(differences)
    assert [one.serial for one in found] == list(dict.fromkeys(one.serial for one in differences))
    for side in ("caller_amount", "marketing_amount"):
        assert sum(getattr(one, side) or 0 for one in found) == sum(getattr(one, side) or 0 for one in differences)
    assert cis_compare.merged(found) == found


@pytest.mark.parametrize(
    ("hour", "minute", "first"),
    [(0, 0, 25), (0, 44, 25), (0, 45, 26), (12, 0, 26), (23, 59, 26)],
)
def test_a_day_is_left_alone_for_a_while_after_midnight(hour, minute, first):
    zone = ZoneInfo("Asia/Shanghai")
    now = datetime(2026, 11, 26, hour, minute, tzinfo=zone)
    assert cis_compare.over_before(now, zone) == date(2026, 11, first)
    assert cis_compare.over_before(now.astimezone(UTC), zone) == date(2026, 11, first)


def test_an_hour_that_the_clocks_lose_is_no_grace():
    zone = ZoneInfo("America/Santiago")  # 2026-09-06 begins at 01:00
    began = datetime(2026, 9, 6, 1, 0, tzinfo=zone)
    assert cis_compare.over_before(began + timedelta(minutes=44), zone) == date(2026, 9, 5)
    assert cis_compare.over_before(began + timedelta(minutes=46), zone) == date(2026, 9, 6)
