"""What adapters share: one call with its record, and the checks that an answer is of the question."""

from __future__ import annotations

import time
from abc import abstractmethod

from ..core.cis_types import (
    ArrearsAnswer,
    BookedAnswer,
    ChangesAnswer,
    CustomerAnswer,
    DayAnswer,
    MarketingSystem,
    PaymentAnswer,
    Result,
    ReversalAnswer,
    Unreachable,
)
from . import log
from .interface import interface
from .soap import BAD_MESSAGE, Call, Endpoint, NotUnderstood

OK, DUPLICATE, REVERSED = "1001", "11004", "11007"
LIST, RECONCILE = "list_customer_changes", "reconcile"
READ_ONLY = ("query_customer", "query_arrears", "query_payment", LIST)


class Adapter(MarketingSystem):
    """Calls the operations of one WSDL. A subclass maps its messages onto the types.

    Results are compared with the question here, in one place: what an adapter reads is already typed, and may still be
    about something else.

    :param settings: checked :class:`~.settings.Settings`
    :raises Unreachable: kind ``configuration``
    """

    #: Name of the WSDL and its schema in the folder ``wsdl``.
    WSDL = ""
    #: Name in the WSDL by method of :class:`~..core.cis_types.MarketingSystem`.
    OPERATIONS = {}
    #: Types of the schema whose values a log may show: they have no room for names, addresses or numbers of a customer.
    SHOWN_TYPES = frozenset()

    def __init__(self, settings):
        self._settings = settings
        self._endpoint = Endpoint(settings, interface(self.WSDL))

    # -- the mapping, by the subclass --------------------------------------------------------------------------------

    @abstractmethod
    def _question(self, method, *subject):
        """Return the parts of a message, as zeep takes them."""

    @abstractmethod
    def _read(self, method, answer, subject):
        """Return the answer's type of :mod:`..core.cis_types`.

        :param answer: zeep's object
        :param subject: arguments of the method
        :raises ValueError: a value is none of its type
        """

    # -- the seam ----------------------------------------------------------------------------------------------------

    def query_customer(self, by, number):
        answer = self._run("query_customer", (by, number), number=number)
        if answer.result.code == OK:
            _need(answer.customer)
            told = getattr(answer.customer, f"{by}_no")
            if told:
                _same(number, told, "customer")
        return answer

    def query_arrears(self, account_no):
        answer = self._run("query_arrears", (account_no,), number=account_no)
        if answer.result.code == OK:
            _need(answer.arrears)
            _same(account_no, answer.arrears.account_no, "account")
            _check_sums(answer.arrears)
        return answer

    def submit_payment(self, payment):
        answer = self._run("submit_payment", (payment,), serial=payment.serial, number=payment.account_no)
        booking = answer.booking
        if answer.result.code in (OK, DUPLICATE):
            _need(booking)
        if booking:
            _same(payment.serial, booking.serial, "serial")
        # With "duplicate" another content is news, a dispute; with "booked" it is an answer to somebody else.
        if answer.result.code == OK and not booking.is_of(payment):
            raise Unreachable("mismatch", "the booking's account or amount is not the payment's")
        return answer

    def query_payment(self, serial):
        answer = self._run("query_payment", (serial,), serial=serial)
        if answer.result.code == OK:
            _need(answer.booking)
        if answer.booking:
            _same(serial, answer.booking.serial, "serial")
        if answer.reversal:
            _same(serial, answer.reversal.original_serial, "serial")
        return answer

    def reverse_payment(self, reversal):
        answer = self._run("reverse_payment", (reversal,), serial=reversal.serial)
        code, booked = answer.result.code, answer.reversal
        if code in (OK, DUPLICATE, REVERSED):
            _need(booked)
        if code in (OK, DUPLICATE):
            _same(reversal.serial, booked.serial, "serial")
        if code in (OK, REVERSED):
            _same(reversal.original_serial, booked.original_serial, "serial")
        return answer

    def list_customer_changes(self, since, page):
        return self._run("list_customer_changes", (since, page))

    def reconcile(self, page):
        return self._run("reconcile", (page,), batch=page.batch)

    # -- a call ------------------------------------------------------------------------------------------------------

    def _run(self, method, subject, number="", **facts):
        timeout = self._settings.timeout(method)
        call = Call(self._endpoint, self.OPERATIONS[method], timeout, method in READ_ONLY)
        begin = time.monotonic()
        answer = failure = None
        try:
            answer = self._answer(method, subject, call)
        except Unreachable as error:
            failure = error
            raise
        finally:
            spent = time.monotonic() - begin
            facts |= {"number": log.last_four(number)} if number else {}
            self._record(call, {"operation": method, **facts}, answer, failure, spent)
        return answer

    def _answer(self, method, subject, call):
        found = call.run(self._question(method, *subject))
        if isinstance(found, NotUnderstood):
            return refused(method, subject, Result(BAD_MESSAGE, found.message))
        try:
            return self._read(method, found, subject)
        except (ValueError, ArithmeticError, LookupError) as error:
            raise Unreachable("unreadable", f"a value of the answer has no meaning ({type(error).__name__})") from None

    def _record(self, call, record, answer, failure, spent):
        if answer is not None:
            record |= {"outcome": "answered", "code": answer.result.code, "sent": True}
        elif failure is not None:
            record |= {"outcome": failure.kind, "detail": failure.detail, "sent": failure.sent}
        else:
            record |= {"outcome": "error", "sent": call.request is not None}
        record |= {"ms": round(spent * 1000, 1), "bytes_out": call.bytes_out, "bytes_in": call.bytes_in}
        if self._settings.messages:
            shown = self._endpoint.interface.named(self.SHOWN_TYPES)
            record["request"] = log.masked_body(call.request, shown)
            record["answer"] = log.masked_body(call.answer, shown)
        (self._settings.log or log.write)(record)


def refused(method, subject, result):
    """Return the answer that has nothing but a result."""
    if method == LIST:
        return ChangesAnswer(result, pages=0, until=subject[0])
    if method == RECONCILE:
        return DayAnswer(result, complete=False)
    return _BARE[method](result)


_BARE = {
    "query_customer": CustomerAnswer,
    "query_arrears": ArrearsAnswer,
    "submit_payment": PaymentAnswer,
    "query_payment": BookedAnswer,
    "reverse_payment": ReversalAnswer,
}


def _need(part):
    if part is None:
        raise Unreachable("unreadable", "the answer lacks the part that belongs to its result")


def _same(asked, told, what):
    if told != asked:
        raise Unreachable("mismatch", f"the answer is about another {what}")


def _check_sums(arrears):
    if len({bill.receivable_id for bill in arrears.bills}) != len(arrears.bills):
        raise Unreachable("unreadable", "a receivable is listed twice")
    sums = (sum(bill.due for bill in arrears.bills), sum(bill.late_fee for bill in arrears.bills))
    if sums != (arrears.total, arrears.late_fee):
        raise Unreachable("unreadable", "the arrears do not add up")
