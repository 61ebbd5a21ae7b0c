"""Bills: age, choice, and the purchase count of the marketing system."""

from datetime import date

import pytest
from prepaid_core import arrears, cis_delivery
from prepaid_core.arrears import OpenBill
from prepaid_core.cis_types import Allocation
from prepaid_core.errors import Refusal

OLD = OpenBill("A1", "2026-01", 12050, "open")
NEW = OpenBill("A2", "2026-03", 8000, "open")
HELD = OpenBill("A3", "2025-12", 500, "disputed")
GONE = OpenBill("A4", "2025-11", 700, "paid")
BILLS = (NEW, OLD, HELD, GONE)


def refused(asked):
    with pytest.raises(Refusal) as refusal:
        arrears.choose(BILLS, asked)
    return refusal.value.code


@pytest.mark.parametrize(("month", "day"), [("2026-01", date(2026, 2, 1)), ("2025-12", date(2026, 1, 1))])
def test_a_bill_is_overdue_when_its_month_has_ended(month, day):
    assert arrears.due_on(month) == day


@pytest.mark.parametrize("month", ["2026-13", "2026", "", "yyyy-mm"])
def test_a_month_that_is_none_is_an_error(month):
    with pytest.raises(ValueError):
        arrears.due_on(month)


@pytest.mark.parametrize(
    ("today", "age"),
    [
        (date(2026, 1, 15), "d30"),
        (date(2026, 3, 3), "d30"),
        (date(2026, 3, 4), "d90"),
        (date(2026, 5, 2), "d90"),
        (date(2026, 7, 31), "d180"),
        (date(2027, 2, 1), "d365"),
        (date(2027, 2, 2), "older"),
    ],
)
def test_the_age_of_a_bill_follows_the_day(today, age):
    assert arrears.age_of(date(2026, 2, 1), today) == age


def test_bills_are_paid_oldest_first_whatever_the_order_of_the_choice():
    assert arrears.choose(BILLS, [("A2", 8000), ("A1", 12050)]) == (Allocation("A1", 12050), Allocation("A2", 8000))


@pytest.mark.parametrize(
    "asked",
    [
        [("A1", 12049)],
        [("A1", 100)],
        [("A1", 12051)],
        [("A1", 0)],
        [("unknown", 12050)],
        [("A4", 700)],
        [("A1", 12050), ("A1", 12050)],
    ],
)
def test_what_is_not_the_whole_bill_as_it_is_now_is_refused_with_fresh_figures(asked):
    assert refused(asked) == "M-302"


def test_a_bill_with_a_collector_or_in_dispute_cannot_be_chosen():
    assert refused([("A1", 12050), ("A3", 500)]) == "M-303"


def test_nothing_chosen_is_nothing_to_pay():
    assert refused([]) == "M-304"


@pytest.mark.parametrize(
    ("theirs", "ours", "unbooked", "unreversed", "agree"),
    [
        (None, 7, (), (), True),
        (7, 7, (), (), True),
        (6, 7, (), (), False),
        (6, 7, (7,), (), True),
        (5, 7, (7,), (), False),
        (5, 7, (6, 7), (), True),
        (7, 7, (7,), (), True),
        (8, 7, (), (), False),
        (8, 7, (8,), (), False),
        (8, 7, (), (8,), True),
        (9, 7, (), (8,), False),
    ],
)
def test_counts_agree_only_when_the_outbox_explains_the_difference(theirs, ours, unbooked, unreversed, agree):
    assert arrears.counts_agree(theirs, ours, unbooked, unreversed) == agree


def test_money_comes_free_only_by_evidence():
    ends = {
        (payment, reversal): arrears.end_of_taking_back(payment, reversal)
        for payment in cis_delivery.STATES
        for reversal in (*cis_delivery.STATES, None)
    }
    free = {states for states, end in ends.items() if end == arrears.FREE}
    assert {states for states in free if states[1] != "done"} == {("withdrawn", "withdrawn"), ("withdrawn", None)}
    assert {states for states, end in ends.items() if end == arrears.STANDS} == {("done", "withdrawn"), ("done", None)}
