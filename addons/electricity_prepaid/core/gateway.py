"""Messages of the aggregated-payment gateway (聚合支付): docs/payment-gateway.md.

Each message is a compact JWS (RFC 7515) with HMAC-SHA256 over a key that both sides have. Types keep one kind of
message from being taken for another; an answer names the question that it answers.
"""

import json
from dataclasses import dataclass

from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from . import tokens
from .errors import Refusal

ALGORITHM = "HS256"
REQUEST, ANSWER, NOTICE = TYPES = ("pay-request+jwt", "pay-answer+jwt", "pay-notice+jwt")
CREATE, QUERY, CLOSE = "create", "query", "close"
REFUND, REFUND_QUERY = "refund", "refund_query"
QR, CARD_PRESENT = METHODS = ("qr", "card_present")
WAITING, PAID, CLOSED, UNKNOWN = STATES = ("waiting", "paid", "closed", "unknown")
REFUND_PENDING, REFUNDED, REFUSED = "pending", "refunded", "refused"
REFUND_STATES = (REFUND_PENDING, REFUNDED, REFUSED, UNKNOWN)
MOST_BYTES = 16_384
"""Longest message, either way."""
LEAST_KEY = 32
"""Bytes of the shared key: as many as the digest has (RFC 7518 §3.2)."""
_LONGEST = 64
_LONGEST_URL = 512
_MOST_CENTS = 10**13


class Unreadable(ValueError):
    """A message is not genuine, or not one of the contract."""


class ServiceAway(Exception):
    """The gateway gave no answer that says what happened there: the outcome is **unknown**, never "failed".

    :param detail: for the log and the transaction; free of secrets
    :param sent: False only when the question provably never left
    :param slow: whether it kept us waiting until the end of our time
    """

    def __init__(self, detail, sent=True, slow=False):
        super().__init__(detail)
        self.detail = detail
        self.sent = sent
        self.slow = slow


class ServiceRefused(Exception):
    """The gateway says that it does not do what was asked.

    :param word: its own short word for the reason
    """

    def __init__(self, word):
        super().__init__(word)
        self.word = word


@dataclass(frozen=True)
class Told:
    """What the gateway says about one payment.

    :param reference: our own, by which it was created
    :param state: of :data:`STATES`; ``unknown``: it has never heard of it
    :param number: the gateway's own number, or ""
    :param amount: what was paid, in the currency's smallest unit; None unless it was paid
    :param currency: ISO 4217 of the amount, or ""
    :param code_url: what the QR code says, or ""
    :param terminal: the terminal that our order named, or ""
    """

    reference: str
    state: str
    number: str = ""
    amount: int | None = None
    currency: str = ""
    code_url: str = ""
    terminal: str = ""


@dataclass(frozen=True)
class RefundTold:
    """What the gateway says about one refund.

    :param reference: our own, by which it was asked for
    :param state: of :data:`REFUND_STATES`; ``unknown``: it has never heard of it
    :param number: the gateway's own number, or ""
    :param amount: what was paid back, in the currency's smallest unit; None unless it was
    :param currency: ISO 4217 of the amount, or ""
    :param reason: one word for staff, why it was refused, or ""
    """

    reference: str
    state: str
    number: str = ""
    amount: int | None = None
    currency: str = ""
    reason: str = ""


def sign(typ, claims, merchant, key):
    """Return a message as compact JWS.

    :param typ: of :data:`TYPES`
    :param claims: JSON object of whole numbers and texts
    :param merchant: who is known to the gateway by this name
    :param key: the shared key, text of at least :data:`LEAST_KEY` bytes
    """
    header = {"alg": ALGORITHM, "kid": merchant, "typ": typ}
    message = jws.JWS(json.dumps(claims, separators=(",", ":")).encode())
    message.allowed_algs = [ALGORITHM]
    message.add_signature(_key(key), protected=json.dumps(header, separators=(",", ":")))
    return message.serialize(compact=True)


def merchant_of(message):
    """Return whom a message concerns, before anything of it is believed.

    :raises Unreadable: it is no message at all
    """
    header, _claims = _peek(message)
    merchant = header.get("kid")
    if not isinstance(merchant, str) or not merchant.isprintable() or len(merchant) > _LONGEST:
        raise Unreadable("no merchant")
    return merchant


def verify(message, typ, merchant, key):
    """Return the claims of a genuine message.

    :param message: compact JWS, untrusted
    :param typ: the type that is expected
    :param merchant: whom it must concern
    :param key: the shared key
    :raises Unreadable: anything is wrong with it
    """
    header, claims = _peek(message)
    if header != {"alg": ALGORITHM, "kid": merchant, "typ": typ}:
        raise Unreadable("another header than was expected")
    signed = jws.JWS()
    signed.allowed_algs = [ALGORITHM]
    try:
        signed.deserialize(message, _key(key))
    except (JWException, ValueError):
        raise Unreadable("the signature does not fit") from None
    return claims


def told_by(claims):
    """Return what an answer or a notice says of its payment.

    :param claims: verified
    :return: :class:`Told`
    :raises Unreadable: it is not as the contract has it
    """
    order = claims.get("order")
    if not isinstance(order, dict):
        raise Unreadable("no order")
    told = Told(
        reference=_text(order, "reference"),
        state=_text(order, "state"),
        number=_text(order, "number", ""),
        code_url=_text(order, "code_url", "", _LONGEST_URL),
        terminal=_text(order, "terminal", ""),
        amount=order.get("paid_amount"),
        currency=_text(order, "paid_currency", ""),
    )
    if told.state not in STATES:
        raise Unreadable("an unknown state")
    if told.state == PAID and not _is_money(told):
        raise Unreadable("paid, but not how much")
    return told


def refund_told_by(claims):
    """Return what an answer says of its refund.

    :param claims: verified
    :return: :class:`RefundTold`
    :raises Unreadable: it is not as the contract has it
    """
    refund = claims.get("refund")
    if not isinstance(refund, dict):
        raise Unreadable("no refund")
    told = RefundTold(
        reference=_text(refund, "reference"),
        state=_text(refund, "state"),
        number=_text(refund, "number", ""),
        amount=refund.get("refunded_amount"),
        currency=_text(refund, "refunded_currency", ""),
        reason=_text(refund, "reason", ""),
    )
    if told.state not in REFUND_STATES:
        raise Unreadable("an unknown state")
    if told.state == REFUNDED and not _is_money(told):
        raise Unreadable("refunded, but not how much")
    return told


def _is_money(told):
    is_amount = type(told.amount) is int and 0 < told.amount < _MOST_CENTS
    return is_amount and len(told.currency) == 3 and told.currency.isascii() and told.currency.isupper()


def refusal_of(claims):
    """Return the gateway's word for why it does not do what was asked, or None when it does.

    :param claims: of a verified answer
    :raises Unreadable: the word is not a short text
    """
    return _text(claims, "error", "") or None


def _text(values, name, missing=None, longest=_LONGEST):
    value = values.get(name, missing)
    if not isinstance(value, str) or not value.isprintable() or len(value) > longest or (missing is None and not value):
        raise Unreadable(f"{name} is not a text")
    return value


def _peek(message):
    try:
        return tokens.peek(message, "")
    except Refusal:
        raise Unreadable("no message") from None


def _key(key):
    raw = key.encode()
    if len(raw) < LEAST_KEY:
        raise Unreadable(f"the key is shorter than {LEAST_KEY} bytes")
    return jwk.JWK(kty="oct", k=tokens.b64u(raw))
