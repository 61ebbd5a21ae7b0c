"""The payment gateway's books: a kill loses no payment, only notices that were not sent."""

import time

import pytest

from simulators.payment.books import CLOSED, PAID, WAITING, Books

REFERENCE = "a" * 32


@pytest.fixture
def open_books(tmp_path):
    """Open the books of one gateway, as its process does at each start."""
    return lambda: Books("merchant", "k" * 40, tmp_path / "payments.sqlite")


def order(books, **changed):
    claims = {
        "reference": REFERENCE,
        "method": "qr",
        "amount": 10_000,
        "currency": "CNY",
        "subject": "Electricity",
        "terminal": "t",
        "notify_url": "http://127.0.0.1:9/notice",
        "expires_at": int(time.time()) + 60,
    }
    return books.create(claims | changed)


def test_what_was_paid_before_the_kill_is_paid_after_it(open_books):
    books = open_books()
    order(books)
    books.faults.arm("notice_late")
    books.pay(REFERENCE)
    after = open_books()
    found = after.query({"reference": REFERENCE})
    assert (found.state, found.paid_amount, after.notices.held()) == (PAID, 10_000, 0)


def test_a_code_from_before_the_kill_still_leads_to_its_payment(open_books):
    code = order(open_books()).code
    after = open_books()
    assert after.scan(code)["reference"] == REFERENCE
    assert order(after).state == WAITING
    assert len(open_books().show()["payments"]) == 1


def test_what_was_closed_before_it_was_ordered_stays_closed(open_books):
    open_books().close({"reference": REFERENCE})
    assert order(open_books()).state == CLOSED


def test_a_reset_forgets_for_good(open_books):
    books = open_books()
    order(books)
    books.reset()
    assert open_books().query({"reference": REFERENCE}) is None
