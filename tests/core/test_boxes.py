"""What a count of a cash box says of uncertain notes, and what it moves in the books."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import boxes
from prepaid_core.errors import Refusal

CENTS = st.integers(0, 10_000_000)


@pytest.mark.parametrize(
    "bad",
    [{"0": 1}, {"-100": 1}, {"1.00": 1}, {"": 1}, {"１００": 1}, {"100": -1}, {"100": 1.0}, {"100": "1"}]
    + [{"100": True}, {"100": None}, {"100": 10**6}, {"10000000": 1}],
)
def test_a_count_that_is_no_count_is_refused(bad):
    with pytest.raises(Refusal) as refusal:
        boxes.parse_count(bad)
    assert refusal.value.code == "S-104"


def test_empty_lines_are_no_part_of_a_count():
    assert boxes.parse_count({100: 2, "500": 0, "1000": 3}) == {"100": 2, "1000": 3}


@pytest.mark.parametrize(
    ("recorded", "counted", "uncertain", "verdict"),
    [
        (3, 3, 1, "absent"),
        (3, 2, 1, "absent"),
        (0, 0, 2, "absent"),
        (3, 4, 1, "found"),
        (0, 2, 2, "found"),
        (3, 4, 2, None),
        (3, 5, 1, None),
    ],
)
def test_what_a_count_says_of_uncertain_notes(recorded, counted, uncertain, verdict):
    assert boxes.judge({5000: recorded}, {5000: counted}, {5000: uncertain}) == {5000: verdict}


def test_each_denomination_is_judged_alone():
    assert boxes.judge({100: 1, 500: 1}, {100: 2}, {100: 1, 500: 1}) == {100: "found", 500: "absent"}


@given(st.lists(st.tuples(CENTS, CENTS), min_size=1, max_size=6))
def test_what_was_moved_is_what_the_last_count_says_whatever_came_before(steps):
    booked = Counter()
    for counted, recorded in steps:
        moves = boxes.cash_moves(counted, recorded, booked)
        booked.update(dict(moves))
        assert sum(booked.values()) == -recorded
        assert (booked["transit"], booked["long"], -booked["short"]) == (
            -counted,
            max(counted - recorded, 0),
            max(recorded - counted, 0),
        )
        assert boxes.cash_moves(counted, recorded, booked) == []


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (0, "零元整"),
        (5, "伍分"),
        (50, "伍角整"),
        (10_000, "壹佰元整"),
        (10_005, "壹佰元零伍分"),
        (100_500, "壹仟零伍元整"),
        (1_234_567, "壹万贰仟叁佰肆拾伍元陆角柒分"),
        (1_000_010_000, "壹仟万零壹佰元整"),
        (10_010_000_000_000, "壹仟零壹亿元整"),
    ],
)
def test_amounts_in_chinese_words(cents, words):
    assert boxes.chinese_words(cents) == words
