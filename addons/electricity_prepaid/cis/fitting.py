"""Whether a typed answer is the answer to the question: whole, and about the same thing.

In one place for all adapters, because this decides what counts as booked.
"""

from __future__ import annotations

from ..core.cis_types import Unreachable

OK, DUPLICATE, REVERSED = "1001", "11004", "11007"
MOST = 2**31 - 1
"""Records, pages and purchases that can be counted here; whatever an adapter's schema allows."""


def check(method, subject, answer):
    """Refuse an answer that does not fit.

    :param method: name of a method of :class:`~..core.cis_types.MarketingSystem`
    :param subject: its arguments
    :raises Unreachable: kind ``mismatch`` (it is about something else) or ``invalid`` (a part is missing, a count is
        none, or the arrears do not add up)
    """
    _CHECKS[method](answer, *subject)


def _customer(answer, by, number):
    if answer.result.code == OK:
        _need(answer.customer)
        # An account is always told; a meter or a card only where the file has one.
        _same(number, getattr(answer.customer, f"{by}_no") or number, "customer")
        _countable(answer.customer.last_count)


def _arrears(answer, account_no):
    if answer.result.code == OK:
        _need(answer.arrears)
        _same(account_no, answer.arrears.account_no, "account")
        _add_up(answer.arrears)


def _payment(answer, payment):
    code, booking = answer.result.code, answer.booking
    if code in (OK, DUPLICATE):
        _need(booking)
    if booking:
        _same(payment.serial, booking.serial, "serial")
    # With "duplicate" another content is news, a dispute; with "booked" it is an answer to somebody else.
    if code == OK and not booking.is_of(payment):
        raise Unreachable("mismatch", "the booking's account or amount is not the payment's")


def _booked(answer, serial):
    if answer.result.code == OK:
        _need(answer.booking)
    if answer.booking:
        _same(serial, answer.booking.serial, "serial")
    if answer.reversal:
        _same(serial, answer.reversal.original_serial, "serial")


def _reversal(answer, reversal):
    code, booked = answer.result.code, answer.reversal
    if code in (OK, DUPLICATE, REVERSED):
        _need(booked)
    if code in (OK, DUPLICATE):
        _same(reversal.serial, booked.serial, "serial")
    if code in (OK, REVERSED):
        _same(reversal.original_serial, booked.original_serial, "serial")


def _changes(answer, _since, _page):
    _countable(answer.pages)


def _day(answer, _page):
    _countable(answer.marketing_count)


_CHECKS = {
    "query_customer": _customer,
    "query_arrears": _arrears,
    "submit_payment": _payment,
    "query_payment": _booked,
    "reverse_payment": _reversal,
    "list_customer_changes": _changes,
    "reconcile": _day,
}


def _need(part):
    if part is None:
        raise Unreachable("invalid", "the answer lacks the part that belongs to its result")


def _countable(number):
    if number is not None and not 0 <= number <= MOST:
        raise Unreachable("invalid", "a count is beyond what can be counted")


def _same(asked, told, what):
    if told != asked:
        raise Unreachable("mismatch", f"the answer is about another {what}")


def _add_up(arrears):
    if len({bill.receivable_id for bill in arrears.bills}) != len(arrears.bills):
        raise Unreachable("invalid", "a receivable is listed twice")
    sums = (sum(bill.due for bill in arrears.bills), sum(bill.late_fee for bill in arrears.bills))
    if sums != (arrears.total, arrears.late_fee):
        raise Unreachable("invalid", "the arrears do not add up")
