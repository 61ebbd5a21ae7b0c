"""The simulated gateway keeps the contract of docs/payment-gateway.md for refunds, also when something is armed."""

import time
import uuid

import pytest

from simulators.payment import messages
from simulators.payment.books import Books
from simulators.payment.gateway_server import GatewayServer

KEY = "a-key-of-the-gateway-for-tests-only-0123456789"


class Merchant:
    """Asks the gateway as Odoo does, by signed messages."""

    def __init__(self):
        self.books = Books("m", KEY)
        self.server = GatewayServer(self.books)

    def ask(self, operation, **claims):
        question = {"op": operation, "jti": uuid.uuid4().hex, "iat": int(time.time()), **claims}
        answer = self.server.answer(messages.sign(messages.REQUEST, question, "m", KEY))
        told = messages.read(answer, messages.ANSWER, "m", KEY)
        assert told["re"] == question["jti"]
        return told.get("refund") or told.get("order") or told["error"]

    def paid(self, amount=10_000):
        reference = uuid.uuid4().hex
        claims = {"method": "qr", "amount": amount, "currency": "CNY", "subject": "s", "terminal": "t"}
        # Nobody listens there: the notice is lost.
        claims |= {"expires_at": int(time.time()) + 60, "notify_url": "http://127.0.0.1:9/"}
        self.books.faults.arm("notice_lost")
        assert self.ask("create", reference=reference, **claims)["state"] == "waiting"
        self.books.pay(reference)
        return reference

    def refund(self, payment, amount=6_000, reference=None, **changes):
        claims = {"payment": payment, "amount": amount, "currency": "CNY", "subject": "PO/1"}
        claims |= {"expires_at": int(time.time()) + 60, **changes}
        return self.ask("refund", reference=reference or uuid.uuid4().hex, **claims)


@pytest.fixture
def merchant():
    made = Merchant()
    yield made
    made.server.server_close()


def test_the_same_reference_once_more_is_the_same_refund(merchant):
    payment, reference = merchant.paid(), uuid.uuid4().hex
    merchant.books.faults.arm("refund_twice")
    first = merchant.refund(payment, reference=reference)
    assert (first["state"], first["refunded_amount"], first["refunded_currency"]) == ("refunded", 6_000, "CNY")
    # Also when it comes late: it is known.
    assert merchant.refund(payment, reference=reference, expires_at=1) == first
    assert merchant.ask("refund_query", reference=reference) == first
    assert merchant.refund(payment, amount=5_000, reference=reference) == "conflict"
    assert len(merchant.books.refunds.show()) == 1


def test_no_more_goes_back_than_was_paid(merchant):
    payment = merchant.paid()
    merchant.refund(payment)
    assert merchant.refund(payment, amount=4_001) == "more_than_paid"
    assert merchant.refund(payment, amount=4_000)["state"] == "refunded"
    assert merchant.refund(payment, amount=1) == "more_than_paid"
    assert merchant.refund(uuid.uuid4().hex) == "not_paid"


def test_what_is_refused_leaves_the_payment_as_it_was(merchant):
    payment = merchant.paid()
    merchant.books.faults.arm("refund_refused")
    refused = merchant.refund(payment, amount=10_000)
    assert (refused["state"], refused["reason"]) == ("refused", "not_enough_funds")
    assert merchant.refund(payment, amount=10_000)["state"] == "refunded"


def test_a_slow_one_is_pending_until_it_is_settled(merchant):
    payment, reference = merchant.paid(), uuid.uuid4().hex
    merchant.books.faults.arm("refund_slow")
    assert merchant.refund(payment, reference=reference)["state"] == "pending"
    assert merchant.refund(payment, amount=4_001) == "more_than_paid"
    merchant.books.refunds.settle(reference)
    assert merchant.ask("refund_query", reference=reference)["state"] == "refunded"


def test_a_question_that_is_too_old_does_nothing(merchant):
    payment, reference = merchant.paid(), uuid.uuid4().hex
    assert merchant.refund(payment, reference=reference, expires_at=int(time.time()) - 60) == "expired"
    assert merchant.ask("refund_query", reference=reference)["state"] == "unknown"


@pytest.mark.parametrize(
    "changes", [{"amount": 0}, {"amount": "60"}, {"currency": "JPY"}, {"payment": ""}, {"expires_at": None}]
)
def test_what_is_not_in_the_contract_is_not_done(merchant, changes):
    payment = merchant.paid()
    assert merchant.refund(**{"payment": payment, **changes}) in ("malformed", "expired")
    assert merchant.books.refunds.show() == []
