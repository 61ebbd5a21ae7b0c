"""What adapters share: one call, judged and with its record."""

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
from . import entries, fitting, log
from .interface import interface
from .soap import BAD_MESSAGE, Call, Endpoint, NotUnderstood, unsendable

LIST, RECONCILE = "list_customer_changes", "reconcile"
READ_ONLY = ("query_customer", "query_arrears", "query_payment", LIST)


class Adapter(MarketingSystem):
    """Calls the operations of one WSDL. A subclass maps its messages onto the types.

    :param settings: checked :class:`~.settings.Settings`
    :raises Unreachable: kind ``configuration``
    """

    #: Name of the WSDL and its schema in the folder ``wsdl``.
    WSDL = ""
    #: Name in the WSDL by method of :class:`~..core.cis_types.MarketingSystem`.
    OPERATIONS = {}
    #: Local names by method: the entries of its answer that are read one by one, and where they say their account.
    ENTRIES = {}
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
        return self._run("query_customer", (by, number), number=number)

    def query_arrears(self, account_no):
        return self._run("query_arrears", (account_no,), number=account_no)

    def submit_payment(self, payment):
        return self._run("submit_payment", (payment,), serial=payment.serial, number=payment.account_no)

    def query_payment(self, serial):
        return self._run("query_payment", (serial,), serial=serial)

    def reverse_payment(self, reversal):
        return self._run("reverse_payment", (reversal,), serial=reversal.serial)

    def list_customer_changes(self, since, page):
        return self._run("list_customer_changes", (since, page))

    def reconcile(self, page):
        return self._run("reconcile", (page,), batch=page.batch)

    # -- a call ------------------------------------------------------------------------------------------------------

    def _run(self, method, subject, number="", **facts):
        timeout = self._settings.timeout(method)
        named, _account = self.ENTRIES.get(method, (None, None))
        call = Call(self._endpoint, self.OPERATIONS[method], timeout, method in READ_ONLY, named)
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
        try:
            question = self._question(method, *subject)
        except (ValueError, TypeError, AttributeError, ArithmeticError, LookupError) as error:
            raise unsendable(f"the message cannot be made ({type(error).__name__})") from None
        found = call.run(question)
        if isinstance(found, NotUnderstood):
            return refused(method, subject, Result(BAD_MESSAGE, found.message))
        try:
            answer = self._read(method, found, subject)
        except (ValueError, ArithmeticError, LookupError) as error:
            raise Unreachable("invalid", f"a value of the answer has no meaning ({type(error).__name__})") from None
        if call.refused:
            answer = entries.with_refused(answer, call.refused, self.ENTRIES[method][1])
        fitting.check(method, subject, answer)
        return answer

    def _record(self, call, record, answer, failure, spent):
        if answer is not None:
            record |= {"outcome": "answered", "code": answer.result.code, "sent": True}
            if getattr(answer, "unreadable", None):
                record["unreadable"] = len(answer.unreadable)
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
