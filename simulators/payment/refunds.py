"""The gateway's refunds: what merchants ask to be paid back, and how it ends."""

from __future__ import annotations

import secrets
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from .claims import BadOrder, Refused, text_of

if TYPE_CHECKING:
    import threading

    from .books import Books

PENDING, REFUNDED, REFUSED, UNKNOWN = "pending", "refunded", "refused", "unknown"


@dataclass
class Refund:
    """One refund. Money in the currency's smallest unit."""

    reference: str
    payment: str
    number: str
    amount: int
    currency: str
    subject: str
    state: str = PENDING
    refunded_amount: int | None = None
    reason: str = ""

    def terms(self) -> tuple:
        """What a repeated call must have alike."""
        return (self.payment, self.amount, self.currency)


class Refunds:
    """All refunds of one gateway, in memory.

    :param books: its payments
    :param lock: that of the books
    """

    def __init__(self, books: Books, lock: threading.RLock) -> None:
        self._books, self._lock = books, lock
        self._refunds: dict[str, Refund] = {}

    def refund(self, claims: dict) -> Refund:
        """Pay back; the same call once more is the same refund.

        :raises BadOrder: other terms under a known reference, or nothing that could be paid back
        """
        with self._lock:
            made = self._once(claims)
            if self._books.faults.take("refund_twice"):
                # The network brought the call two times.
                made = self._once(claims)
        return made

    def query(self, claims: dict) -> Refund | None:
        """Return a refund, or None: never heard of."""
        with self._lock:
            return self._refunds.get(text_of(claims, "reference"))

    def settle(self, reference: str) -> None:
        """Let a refund that is pending, or was refused, be paid back after all.

        :raises Refused: there is none, or it was paid back already
        """
        with self._lock:
            refund = self._refunds.get(reference)
            if not refund or refund.state == REFUNDED:
                raise Refused("there is no such refund to pay")
            self._pay(refund)

    def refuse(self, reference: str) -> None:
        """Let the bank refuse a refund that is pending.

        :raises Refused: there is none that is pending
        """
        with self._lock:
            refund = self._refunds.get(reference)
            if not refund or refund.state != PENDING:
                raise Refused("there is no such refund to refuse")
            self._end(refund, REFUSED, "refund_refused")
            refund.reason = "bank_refused"

    def says(self, refund: Refund | None, reference: str) -> dict:
        """Return what an answer says of a refund."""
        if refund is None:
            return {"reference": reference, "state": UNKNOWN}
        said = {"reference": reference, "state": refund.state, "number": refund.number, "payment": refund.payment}
        if refund.state == REFUNDED:
            said |= {"refunded_amount": refund.refunded_amount, "refunded_currency": refund.currency}
        if refund.reason and refund.state == REFUSED:
            said["reason"] = refund.reason
        return said

    def show(self) -> list[dict]:
        """Return all of them for the page, the newest first."""
        with self._lock:
            return [asdict(refund) for refund in reversed(self._refunds.values())]

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._refunds.clear()

    def _once(self, claims: dict) -> Refund:
        wanted = self._ordered(claims)
        known = self._refunds.get(wanted.reference)
        if known:
            if known.terms() != wanted.terms():
                raise BadOrder("conflict")
            return known
        self._check(claims, wanted)
        self._refunds[wanted.reference] = wanted
        self._books.note("refund", wanted)
        faults = self._books.faults
        if faults.take("refund_refused"):
            wanted.reason = "not_enough_funds"
            self._end(wanted, REFUSED, "refund_refused")
        elif not faults.take("refund_slow"):
            self._pay(wanted, 100 if faults.take("refund_other_amount") else 0)
        return wanted

    def _check(self, claims: dict, wanted: Refund) -> None:
        """Check that there is a payment that has so much left; a call that comes too late does nothing.

        :raises BadOrder: the error's word
        """
        expires_at = claims.get("expires_at")
        if type(expires_at) is not int or expires_at < time.time() - 1:
            raise BadOrder("expired")
        payment = self._books.find(wanted.payment)
        if not payment or payment.paid_amount is None:
            raise BadOrder("not_paid")
        if wanted.currency != payment.paid_currency:
            raise BadOrder("malformed")
        gone = sum(
            refund.refunded_amount if refund.state == REFUNDED else refund.amount
            for refund in self._refunds.values()
            if refund.payment == wanted.payment and refund.state != REFUSED
        )
        if gone + wanted.amount > payment.paid_amount:
            raise BadOrder("more_than_paid")

    def _ordered(self, claims: dict) -> Refund:
        amount = claims.get("amount")
        if type(amount) is not int or amount <= 0:
            raise BadOrder("malformed")
        texts = {name: text_of(claims, name) for name in ("reference", "payment", "currency", "subject")}
        return Refund(number=f"SIMR{secrets.randbelow(10**12):012d}", amount=amount, **texts)

    def _pay(self, refund: Refund, less: int = 0) -> None:
        refund.refunded_amount = refund.amount - less
        self._end(refund, REFUNDED, "refunded")

    def _end(self, refund: Refund, state: str, what: str) -> None:
        refund.state = state
        self._books.note(what, refund)
