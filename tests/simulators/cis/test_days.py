"""Reconciliation of past days and the list of changed customers."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from simulators.cis import customers as customers_module

from .conftest import ACCOUNT, DAY, NS

PAID = ("SERIAL-0001", "100.00")


@pytest.fixture
def past(cis, caller):
    """The day after: one payment and one that was reversed are in the books."""
    caller.pay()
    caller.pay("SERIAL-0002", "30.00", purchaseCount="3")
    caller.reverse("REVERSAL-02", "SERIAL-0002")
    cis.client.advance(24 * 3600)
    return caller


WHOLE = [PAID, ("SERIAL-0002", "30.00"), ("REVERSAL-02", "-30.00", "SERIAL-0002")]


def test_a_day_that_matches_is_reconciled_once(past):
    reply = past.reconcile(WHOLE)
    assert (reply.code, reply.text("complete"), reply.text("marketingTotal")) == ("1001", "true", "100.00")
    again = past.reconcile(WHOLE)
    assert (again.code, again.text("marketingCount")) == ("706", "3")


def test_nothing_is_booked_in_a_reconciled_day(past):
    past.reconcile(WHOLE)
    assert past.pay("SERIAL-0003", purchaseCount="4").code == "706"


def test_today_is_not_over(caller):
    assert caller.reconcile().code == "707"


@pytest.mark.parametrize(
    ("records", "total", "code", "kinds"),
    [
        (WHOLE, 99, "1007", []),
        ([("SERIAL-0001", "90.00"), ("SERIAL-0002", "40.00"), WHOLE[2]], None, "1008", ["amount", "amount"]),
        ([PAID], None, "1009", ["only_marketing", "only_marketing"]),
        ([*WHOLE, ("SERIAL-0009", "5.00")], None, "1009", ["only_caller"]),
        ([PAID, WHOLE[1], ("REVERSAL-02", "-30.00", "SERIAL-0001")], None, "1008", ["amount"]),
    ],
)
def test_what_differs_is_named(past, records, total, code, kinds):
    reply = past.reconcile(records, total=total)
    assert (reply.code, reply.text("complete")) == (code, "true")
    assert [each.findtext(f"{{{NS}}}kind") for each in reply.body.iter(f"{{{NS}}}difference")] == kinds
    assert past.reconcile(WHOLE).code == "1001"


def test_a_reversal_that_only_they_have_names_what_it_takes_back(cis, past):
    cis.client.do("reverse-by-hand", serial="OFFICE-0001", original_serial="SERIAL-0001", reason="office")
    reply = past.reconcile(WHOLE)
    (found,) = reply.body.iter(f"{{{NS}}}difference")
    names = ("kind", "serial", "originalSerial", "marketingAmount")
    told = tuple(found.findtext(f"{{{NS}}}{name}") for name in names)
    assert told == ("only_marketing", "OFFICE-0001", "SERIAL-0001", "-100.00")


def test_pages_come_in_any_order_and_replace_themselves(past):
    head = {"pages": 2, "count": 3, "total": 100}
    assert past.reconcile([("SERIAL-0001", "1.00")], page=1, **head).text("complete") == "false"
    assert past.reconcile([PAID], page=1, **head).code == "1001"
    assert past.reconcile(WHOLE[1:], page=2, **head).text("complete") == "true"


def test_a_last_page_whose_answer_was_lost_is_compared_again(past):
    head = {"pages": 2, "count": 3, "total": 99}
    past.reconcile([PAID], page=1, **head)
    first = past.reconcile(WHOLE[1:], page=2, **head)
    again = past.reconcile(WHOLE[1:], page=2, **head)
    assert first.code == again.code == "1007"
    assert again.text("complete") == "true"


def test_another_list_of_the_day_forgets_the_first(past):
    past.reconcile([PAID], page=1, pages=2, count=9, total=1)
    assert past.reconcile(WHOLE[1:], page=2, pages=2, count=3, total=100).text("complete") == "false"


def test_a_page_beyond_the_last_is_a_bad_message(past):
    assert past.reconcile([PAID], page=3, pages=2).code == "1006"


def test_the_office_closes_and_opens_a_day(cis, past):
    cis.client.do("close-day", accounting_date=DAY.isoformat(), batch="C01-20260304")
    assert past.reconcile(WHOLE).code == "706"
    cis.client.do("open-day", accounting_date=DAY.isoformat(), batch="C01-20260304")
    assert past.reconcile(WHOLE).code == "1001"


def test_more_differences_than_are_listed(past, monkeypatch):
    monkeypatch.setattr("simulators.cis.days.MOST_DIFFERENCES", 1)
    reply = past.reconcile([])
    assert reply.text("moreDifferences") == "true"
    assert len(list(reply.body.iter(f"{{{NS}}}difference"))) == 1


# -- changed customers -------------------------------------------------------------------------------------------------


def changes(caller, since, page=1):
    reply = caller.call("ListCustomerChanges", ("since", since), ("page", str(page)))
    accounts = [each.findtext(f"{{{NS}}}accountNo") for each in reply.body.iter(f"{{{NS}}}customer")]
    return reply, accounts


def test_pages_of_changes_are_stable_and_the_watermark_loses_nobody(cis, caller, monkeypatch):
    monkeypatch.setattr(customers_module, "PAGE_SIZE", 2)
    cis.client.put_customers(*({"account_no": f"10000000020{n}", "meter_no": f"20000000020{n}"} for n in range(4)))
    start = "2000-01-01T00:00:00Z"
    first, accounts = changes(caller, start)
    assert first.text("pages") == "3"
    cis.client.put_customers({"account_no": accounts[0], "name": "Renamed"})
    for page in (2, 3):
        reply, more = changes(caller, start, page)
        assert reply.text("until") == first.text("until")
        accounts += more
    assert sorted(accounts) == [ACCOUNT, *(f"10000000020{n}" for n in range(4))]
    reply, after = changes(caller, first.text("until"))
    assert after == [accounts[0]]
    _reply, nobody = changes(caller, reply.text("until"))
    assert nobody == []


def test_a_page_that_is_not_there(caller):
    reply, _accounts = changes(caller, "2000-01-01T00:00:00Z", 9)
    assert reply.code == "1003"


def test_no_change_leaves_the_watermark_where_it_was(caller):
    since = datetime.fromisoformat(f"{DAY}T00:00:00+00:00") + timedelta(days=9)
    reply, accounts = changes(caller, since.isoformat())
    assert accounts == []
    assert (reply.text("pages"), datetime.fromisoformat(reply.text("until"))) == ("0", since)
