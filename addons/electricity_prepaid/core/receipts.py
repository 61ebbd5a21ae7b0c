"""Receipts: a terminal's signed word about the end of one attempt, chained per terminal (``docs/protocol`` §1)."""

from dataclasses import dataclass

from . import codecs, orders, tokens
from .card_image import MOST_TRIES, digest
from .claims import Claims
from .codes import CATALOGUE, R_INVALID_RECEIPT
from .errors import Refusal

NAMES = (
    "iss",
    "aud",
    "jti",
    "attempt",
    "seq",
    "prev",
    "iat",
    "clk",
    "outcome",
    "code",
    "order",
    "ins",
    "before",
    "after",
    "intent_at",
    "done_at",
    "driver",
    "versions",
)
_READING = ("memory", "tries", "digest")
_VERSIONS = ("proxy", "driver")
OUTCOMES = ("written", "not_written", "unknown", "void")
CLOCKS = ("signed", "wall")

OK = "ok"
REPEAT = "repeat"
GAP = "gap"
FORK = "fork"


@dataclass(frozen=True)
class Reading:
    """A card as the terminal read it: the driver's image, code tries left, digest (checked)."""

    memory: bytes
    tries: int
    digest: str


@dataclass(frozen=True)
class Receipt:
    """A verified receipt.

    :param jti: its own uuid
    :param attempt: the order's ``jti``
    :param seq: 1, 2, 3 … per terminal
    :param prev: hash of the previous receipt
    :param iat: seconds by the terminal's clock
    :param clk: ``signed`` or ``wall``
    :param outcome: one of :data:`OUTCOMES`
    :param code: why not written, a code of the catalogue, or None
    :param order: the embedded :class:`~.orders.WriteOrder`, verified
    :param order_token: its compact form
    :param ins: the insertion in which it happened
    :param before: :class:`Reading` or None
    :param after: :class:`Reading` or None
    :param intent_at: milliseconds, None when no intent was journalled
    :param done_at: milliseconds
    :param driver: codec at the terminal
    :param versions: ``{"proxy": …, "driver": …}``
    :param hash: hash of this receipt's compact form
    """

    jti: str
    attempt: str
    seq: int
    prev: str
    iat: int
    clk: str
    outcome: str
    code: str | None
    order: orders.WriteOrder
    order_token: str
    ins: str
    before: Reading | None
    after: Reading | None
    intent_at: int | None
    done_at: int
    driver: str
    versions: dict
    hash: str


def first_prev(terminal_uuid):
    """Return what the first receipt of a terminal names as its predecessor."""
    return tokens.sha256_b64u(terminal_uuid)


def _reading(part, driver):
    memory = part.hex("memory", *codecs.memory_sizes(driver))
    reading = Reading(memory, part.integer("tries", 0, MOST_TRIES), part.hash("digest"))
    if reading.digest != digest(memory):
        raise Refusal(R_INVALID_RECEIPT)
    return reading


def _embedded(token, keyring, terminal_uuid):
    try:
        return orders.verify_own(token, keyring, terminal_uuid)
    except Refusal as refusal:
        raise Refusal(R_INVALID_RECEIPT) from refusal


def verify(token, terminal, db_uuid, keyring):
    """Verify a receipt and the order inside it.

    :param token: compact form
    :param terminal: the :class:`~.identity.TerminalKey` that must have signed it
    :param db_uuid: this database
    :param keyring: :class:`~.keyring.Keyring`; the embedded order must be one of ours, retired keys included
    :return: :class:`Receipt`
    :raise Refusal: R-101
    """
    refuse = R_INVALID_RECEIPT
    claims = Claims(tokens.verify(token, tokens.RECEIPT, terminal.x, terminal.uuid, db_uuid, refuse), NAMES, refuse)
    order_token = claims.text("order", tokens.SIZES[tokens.ORDER])
    versions = claims.part("versions", _VERSIONS)
    order = _embedded(order_token, keyring, terminal.uuid)
    receipt = Receipt(
        jti=claims.uuid("jti"),
        attempt=claims.uuid("attempt"),
        seq=claims.integer("seq", 1),
        prev=claims.hash("prev"),
        iat=claims.integer("iat"),
        clk=claims.choice("clk", CLOCKS),
        outcome=claims.choice("outcome", OUTCOMES),
        code=claims.optional("code", lambda name: claims.choice(name, CATALOGUE)),
        order=order,
        order_token=order_token,
        ins=claims.text("ins", 64),
        before=claims.optional("before", lambda name: _reading(claims.part(name, _READING), order.driver)),
        after=claims.optional("after", lambda name: _reading(claims.part(name, _READING), order.driver)),
        intent_at=claims.optional("intent_at", claims.integer),
        done_at=claims.integer("done_at"),
        driver=claims.text("driver", 32),
        versions={name: versions.text(name, 64) for name in _VERSIONS},
        hash=tokens.token_hash(token),
    )
    _check_consistent(receipt)
    return receipt


def _check_consistent(receipt):
    """Refuse a receipt whose images contradict its outcome.

    What an outcome means is fixed by ``docs/protocol`` §1; a terminal that signs something else is not to be believed.
    """
    before, after, order = receipt.before, receipt.after, receipt.order
    good = receipt.attempt == order.jti
    if receipt.outcome == "written":
        good = good and before is not None and after is not None and receipt.intent_at is not None
        good = good and before.digest == order.expect_digest
        good = good and after.memory == codecs.expected_after(order.driver, before.memory, order.write)
    elif receipt.outcome == "not_written":
        good = good and before is not None and after is not None and receipt.intent_at is not None
        good = good and before.memory == after.memory and before.digest == order.expect_digest
    elif receipt.outcome == "void":
        good = good and receipt.intent_at is None
    if not good:
        raise Refusal(R_INVALID_RECEIPT)


def chain(head_seq, head_hash, receipt, stored_hash=None):
    """Place a receipt in its terminal's chain.

    :param head_seq: highest sequence stored without a hole, 0 when none is
    :param head_hash: hash of that receipt; of none: :func:`first_prev`
    :param receipt: a verified :class:`Receipt`
    :param stored_hash: hash of the receipt stored under the same sequence, None when none is
    :return: ``ok`` (next), ``repeat`` (known), ``gap`` (one in between is missing, R-102) or ``fork`` (two different
        genuine receipts for one place, R-103)
    """
    if stored_hash is not None:
        return REPEAT if stored_hash == receipt.hash else FORK
    if receipt.seq > head_seq + 1:
        return GAP
    if receipt.seq == head_seq + 1 and receipt.prev == head_hash:
        return OK
    return FORK
