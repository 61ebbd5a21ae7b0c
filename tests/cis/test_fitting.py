"""An answer must be whole, and about what was asked."""

from dataclasses import replace

import pytest
from prepaid_addon.cis import fitting
from prepaid_addon.core import cis_types as types
from prepaid_addon.core.cis_types import Unreachable

from tests.cis.samples import ACCOUNT, BOOKING, OK, PAYMENT, REVERSAL, REVERSED

DUPLICATE, ALREADY = types.Result("11004"), types.Result("11007")
BILL = types.Bill("R-1", "2026-10", 1000, 50)
OWED = types.Arrears(ACCOUNT, 1050, 50, 0, (BILL,))
FILE = types.CustomerFile(ACCOUNT, "", "", "active", "residential", "card")
OTHER = "330100999999"


def kind(method, subject, answer):
    try:
        fitting.check(method, subject, answer)
    except Unreachable as error:
        # The question had been sent, so the outcome is unknown.
        assert error.sent
        return error.kind
    return None


@pytest.mark.parametrize(
    ("by", "file", "expected"),
    [
        ("account", FILE, None),
        ("account", replace(FILE, account_no=OTHER), "mismatch"),
        ("meter", FILE, None),
        ("meter", replace(FILE, meter_no=OTHER), "mismatch"),
        ("card", replace(FILE, card_no=OTHER), "mismatch"),
        ("account", None, "invalid"),
    ],
)
def test_a_customer(by, file, expected):
    assert kind("query_customer", (by, ACCOUNT), types.CustomerAnswer(OK, file)) == expected


@pytest.mark.parametrize(
    ("owed", "expected"),
    [
        (OWED, None),
        (None, "invalid"),
        (replace(OWED, account_no=OTHER), "mismatch"),
        (replace(OWED, total=1000), "invalid"),
        (replace(OWED, late_fee=0), "invalid"),
        (replace(OWED, total=2100, late_fee=100, bills=(BILL, BILL)), "invalid"),
        (replace(OWED, bills=()), "invalid"),
    ],
)
def test_arrears(owed, expected):
    assert kind("query_arrears", (ACCOUNT,), types.ArrearsAnswer(OK, owed)) == expected


@pytest.mark.parametrize(
    ("result", "booking", "expected"),
    [
        (OK, BOOKING, None),
        (OK, None, "invalid"),
        (OK, replace(BOOKING, serial="PAY-000000000002"), "mismatch"),
        (OK, replace(BOOKING, amount=1), "mismatch"),
        (OK, replace(BOOKING, account_no=OTHER), "mismatch"),
        (DUPLICATE, BOOKING, None),
        (DUPLICATE, None, "invalid"),
        (DUPLICATE, replace(BOOKING, serial="PAY-000000000002"), "mismatch"),
        (DUPLICATE, replace(BOOKING, amount=1), None),
        (types.Result("1037"), None, None),
    ],
)
def test_a_payment(result, booking, expected):
    assert kind("submit_payment", (PAYMENT,), types.PaymentAnswer(result, booking)) == expected


@pytest.mark.parametrize(
    ("result", "booking", "reversal", "expected"),
    [
        (OK, BOOKING, None, None),
        (OK, BOOKING, REVERSED, None),
        (OK, None, None, "invalid"),
        (OK, replace(BOOKING, serial="PAY-000000000002"), None, "mismatch"),
        (OK, BOOKING, replace(REVERSED, original_serial="PAY-000000000002"), "mismatch"),
        (types.Result("1003"), None, None, None),
    ],
)
def test_a_query(result, booking, reversal, expected):
    answer = types.BookedAnswer(result, booking, reversal)
    assert kind("query_payment", (PAYMENT.serial,), answer) == expected


@pytest.mark.parametrize(
    ("result", "changes", "expected"),
    [
        (OK, {}, None),
        (OK, None, "invalid"),
        (OK, {"serial": "REV-000000000002"}, "mismatch"),
        (OK, {"original_serial": "PAY-000000000002"}, "mismatch"),
        (DUPLICATE, {}, None),
        (DUPLICATE, None, "invalid"),
        (DUPLICATE, {"serial": "REV-000000000002"}, "mismatch"),
        (DUPLICATE, {"original_serial": "PAY-000000000002"}, None),
        (ALREADY, {"serial": "REV-000000000002"}, None),
        (ALREADY, {"original_serial": "PAY-000000000002"}, "mismatch"),
        (ALREADY, None, "invalid"),
        (types.Result("1015"), None, None),
    ],
)
def test_a_reversal(result, changes, expected):
    booked = None if changes is None else replace(REVERSED, **changes)
    assert kind("reverse_payment", (REVERSAL,), types.ReversalAnswer(result, booked)) == expected


@pytest.mark.parametrize(("count", "expected"), [(None, None), (0, None), (2**31 - 1, None), (2**31, "invalid")])
def test_a_count_that_nobody_can_store_is_none(count, expected):
    customer = types.CustomerAnswer(OK, replace(FILE, last_count=count))
    assert kind("query_customer", ("account", ACCOUNT), customer) == expected
    assert kind("reconcile", (None,), types.DayAnswer(OK, True, count)) == expected
    pages = types.ChangesAnswer(OK, count or 0, BOOKING.booked_at)
    assert kind("list_customer_changes", (BOOKING.booked_at, 1), pages) == expected
