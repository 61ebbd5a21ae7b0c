"""The gateway's payments: what merchants order, what customers do, and who is told of it."""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path

from .claims import BadOrder, Refused, text_of
from .faults import Faults
from .notices import Notices
from .refunds import Refund, Refunds
from .store import Store

WAITING, PAID, CLOSED, UNKNOWN = "waiting", "paid", "closed", "unknown"
QR, CARD_PRESENT = "qr", "card_present"
METHODS = (QR, CARD_PRESENT)
_EVENTS = 60
_SECONDS = 24 * 3600


@dataclass
class Payment:
    """One payment. Money in the currency's smallest unit, moments in seconds."""

    reference: str
    merchant: str
    number: str
    state: str = WAITING
    method: str = QR
    amount: int = 0
    currency: str = ""
    subject: str = ""
    terminal: str = ""
    card_terminal: str = ""
    expires_at: int = 0
    notify_url: str = ""
    code: str = ""
    paid_amount: int | None = None
    paid_currency: str = ""
    step: str = ""
    """How far the customer is: ``scanned``; ``inserted``, ``pin``, ``declined`` of a card."""

    def terms(self) -> tuple:
        """What a repeated order must have alike."""
        return (self.method, self.amount, self.currency, self.terminal, self.card_terminal)


class Books:
    """All payments of one gateway. Faults, refunds, and notices that were not sent, end with the process.

    :param merchant: the only caller
    :param key: that signs both ways
    :param path: of the file that keeps the payments; None: in memory only
    """

    def __init__(self, merchant: str, key: str, path: Path | None = None) -> None:
        self.merchant, self.key = merchant, key
        self.faults = Faults()
        self.notices = Notices(self)
        self.page_url = ""
        self._lock = threading.RLock()
        self._store = Store(path)
        kept = [Payment(**content) for content in self._store.all()]
        self._payments: dict[str, Payment] = {payment.reference: payment for payment in kept}
        self._events: deque[dict] = deque(maxlen=_EVENTS)
        self.refunds = Refunds(self, self._lock)

    # --------------------------------------------------------------------------------------------- what merchants ask

    def create(self, claims: dict) -> Payment:
        """Take an order; the same once more is the same.

        :raises BadOrder: other terms under a known reference, or no order at all
        """
        wanted = self._ordered(claims)
        with self._lock:
            known = self._payments.get(wanted.reference)
            if known and known.state == CLOSED and not known.amount:
                return known
            if known:
                if known.terms() != wanted.terms():
                    raise BadOrder("conflict")
                return self._timely(known)
            self._payments[wanted.reference] = wanted
            self.note("create", wanted)
        if self.faults.take("notice_first"):
            self.pay(wanted.reference)
            self.notices.wait_until_sent()
        return wanted

    def query(self, claims: dict) -> Payment | None:
        """Return a payment, or None: never heard of."""
        with self._lock:
            known = self._payments.get(text_of(claims, "reference"))
            return self._timely(known) if known else None

    def close(self, claims: dict) -> Payment:
        """End a payment that was not paid; one that is not known is closed for good."""
        reference = text_of(claims, "reference")
        with self._lock:
            known = self._payments.setdefault(
                reference, Payment(reference, self.merchant, self._number(), state=CLOSED)
            )
            if known.state == WAITING:
                known.state = CLOSED
            self.note("close", known)
        if known.state == CLOSED and known.amount and self.faults.take("paid_after_close"):
            threading.Thread(target=self.pay, args=(reference, True), daemon=True).start()
        return known

    def find(self, reference: str) -> Payment | None:
        """Return a payment by its reference, or None."""
        with self._lock:
            return self._payments.get(reference)

    # --------------------------------------------------------------------------------------------- what customers do

    def scan(self, code: str) -> dict:
        """Open a code as a phone does: what is to be paid, and for what.

        :raises Refused: it leads nowhere, or is over
        """
        with self._lock:
            found = [each for each in self._payments.values() if each.code and each.code in (code, code.split("=")[-1])]
            if not found or self._timely(found[0]).state != WAITING:
                raise Refused("this code is not valid any more")
            found[0].step = "scanned"
            self.note("scan", found[0])
            return {"reference": found[0].reference, "amount": found[0].amount, "subject": found[0].subject}

    def insert(self, reference: str) -> None:
        """Put a bank card into the terminal that waits for it."""
        with self._lock:
            payment = self._waiting(reference, CARD_PRESENT)
            payment.step = "inserted"
            self.note("insert", payment)

    def enter_pin(self, reference: str) -> None:
        """Enter the card's PIN."""
        with self._lock:
            payment = self._waiting(reference, CARD_PRESENT)
            if payment.step != "inserted":
                raise Refused("there is no card in the terminal")
            payment.step = "pin"
            self.note("pin", payment)

    def pay(self, reference: str, late: bool = False) -> None:
        """Let the customer pay, or the bank approve.

        :param late: also when it is over
        :raises Refused: it is over, or there is no such payment
        """
        with self._lock:
            payment = self._known(reference) if late else self._waiting(reference)
            if payment.state == PAID:
                raise Refused("it is paid already")
            payment.state = PAID
            payment.paid_amount = payment.amount - (100 if self.faults.take("other_amount") else 0)
            payment.paid_currency = "JPY" if self.faults.take("other_currency") else payment.currency
            self.note("pay", payment)
            self.notices.tell(payment)

    def refuse(self, reference: str) -> None:
        """Let the customer refuse on the phone, or the bank decline the card: the payment is over."""
        with self._lock:
            payment = self._waiting(reference)
            payment.state, payment.step = CLOSED, "declined"
            self.note("refuse", payment)
            self.notices.tell(payment)

    # ------------------------------------------------------------------------------------------------- what is shown

    def says(self, payment: Payment | None, reference: str) -> dict:
        """Return what an answer or a notice says of a payment."""
        if payment is None:
            return {"reference": reference, "state": UNKNOWN}
        said = {"reference": reference, "state": payment.state, "number": payment.number, "terminal": payment.terminal}
        if payment.state == WAITING and payment.method == QR:
            said["code_url"] = f"{self.page_url}/?code={payment.code}"
        if payment.state == PAID:
            said |= {"paid_amount": payment.paid_amount, "paid_currency": payment.paid_currency}
        return said

    def show(self) -> dict:
        """Return everything for the page, the newest first."""
        with self._lock:
            payments = [asdict(self._timely(each)) for each in reversed(self._payments.values())]
            events = list(reversed(self._events))
        return {
            "payments": payments,
            "refunds": self.refunds.show(),
            "events": events,
            "faults": self.faults.armed(),
            "held": self.notices.held(),
            "now": int(time.time()),
        }

    def reset(self) -> None:
        """Forget all payments and faults."""
        with self._lock:
            self.faults.clear()
            self.notices.forget()
            self._payments.clear()
            self.refunds.clear()
            self._store.clear()
            self._events.clear()

    def note(self, what: str, payment: Payment | Refund, detail: str = "") -> None:
        """Write down what happened: for the page, and what has become of a payment for good."""
        event = {"at": int(time.time()), "what": what, "reference": payment.reference, "detail": detail}
        with self._lock:
            self._events.append({**event, "state": payment.state})
            if isinstance(payment, Payment) and payment.reference in self._payments:
                self._store.keep(payment.reference, asdict(payment))

    def _ordered(self, claims: dict) -> Payment:
        method, amount = claims.get("method"), claims.get("amount")
        expires_at = claims.get("expires_at")
        if method not in METHODS or type(amount) is not int or amount <= 0 or type(expires_at) is not int:
            raise BadOrder("malformed")
        if not time.time() - 5 < expires_at < time.time() + _SECONDS:
            raise BadOrder("expired")
        payment = Payment(text_of(claims, "reference"), self.merchant, self._number(), expires_at=expires_at)
        payment.method, payment.amount = method, amount
        payment.currency, payment.subject = text_of(claims, "currency"), text_of(claims, "subject")
        payment.terminal, payment.notify_url = text_of(claims, "terminal"), text_of(claims, "notify_url")
        if method == CARD_PRESENT:
            payment.card_terminal = text_of(claims, "card_terminal")
        else:
            payment.code = secrets.token_urlsafe(12)
        return payment

    def _number(self) -> str:
        return f"SIM{secrets.randbelow(10**12):012d}"

    def _known(self, reference: str) -> Payment:
        if reference not in self._payments:
            raise Refused("there is no such payment")
        return self._payments[reference]

    def _waiting(self, reference: str, method: str | None = None) -> Payment:
        payment = self._timely(self._known(reference))
        if payment.state != WAITING or method not in (None, payment.method):
            raise Refused("this payment is over")
        return payment

    def _timely(self, payment: Payment) -> Payment:
        if payment.state == WAITING and time.time() > payment.expires_at:
            payment.state = CLOSED
            self.note("expire", payment)
        return payment
