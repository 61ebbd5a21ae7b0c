"""A marketing system in memory for tests of the addon: it books, refuses and is silent as it is told."""

from datetime import UTC, datetime

from ..core.cis_types import (
    Arrears,
    ArrearsAnswer,
    BookedAnswer,
    Booking,
    CustomerAnswer,
    CustomerFile,
    InvoiceLine,
    PaymentAnswer,
    Result,
    ReversalAnswer,
    ReversalBooking,
    Unreachable,
)

NOW = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)


class StubMarketing:
    """The books of the other side, and what it says next; whoever asks at the sale may buy and owes nothing.

    :param script: answers for the next calls, first to last: a result code, ``"lost"`` (booked, the answer is lost),
        an exception to raise, or None for what the books say
    """

    def __init__(self):
        self.script = []
        self.calls = []
        self.payments = {}
        self.reversals = {}

    def query_customer(self, _by, number):
        """Know every account."""
        file = CustomerFile(number, "Customer", "1 Test Road", "active", "residential", "card")
        return CustomerAnswer(Result("1001"), file)

    def query_arrears(self, account_no):
        """Nobody owes anything."""
        return ArrearsAnswer(Result("1001"), Arrears(account_no, 0, 0, 0))

    def ask(self, operation, subject):
        """Answer a call as ``electricity.cis.connection.ask`` does."""
        self.calls.append((operation, getattr(subject, "serial", subject)))
        told = self.script.pop(0) if self.script else None
        if isinstance(told, Exception):
            raise told
        if told and told != "lost":
            return self._refuse(operation, told)
        answer = getattr(self, f"_{operation}")(subject)
        if told == "lost":
            raise Unreachable("timeout", "after account 100000000001")
        return answer

    def _refuse(self, operation, code):
        answers = {"submit_payment": PaymentAnswer, "query_payment": BookedAnswer, "reverse_payment": ReversalAnswer}
        return answers[operation](Result(code, "as told, account 100000000001"))

    def _submit_payment(self, payment):
        known = self.payments.get(payment.serial)
        if known:
            return PaymentAnswer(Result("11004"), known)
        lines = (InvoiceLine("energy", payment.amount, payment.energy, "0.5486"),)
        booking = Booking(payment.serial, payment.account_no, payment.amount, payment.accounting_date, "M1", NOW, lines)
        self.payments[payment.serial] = booking
        return PaymentAnswer(Result("1001"), booking)

    def _query_payment(self, serial):
        if serial not in self.payments:
            return BookedAnswer(Result("1003"))
        return BookedAnswer(Result("1001"), self.payments[serial], self.reversals.get(serial))

    def _reverse_payment(self, reversal):
        if reversal.original_serial not in self.payments:
            return ReversalAnswer(Result("1003"))
        booking = self.payments[reversal.original_serial]
        known = self.reversals.setdefault(
            reversal.original_serial,
            ReversalBooking(
                reversal.serial, reversal.original_serial, booking.amount, reversal.accounting_date, "M2", NOW
            ),
        )
        return ReversalAnswer(Result("1001"), known)
