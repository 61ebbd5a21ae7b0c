"""Requests to the key service (``docs/protocol``, "The key service"): what a terminal may ask for one attempt."""

import hashlib
import json
from dataclasses import dataclass

from . import codecs, orders, tokens
from .card_image import ImageWrite
from .claims import Claims
from .codes import K_ATTEMPT_NOT_LIVE, K_OTHER_BYTES, P_MALFORMED
from .errors import Refusal
from .key_provider import CPU_DRIVERS
from .key_suite_demo import ANSWER_SIZE, CHALLENGE_SIZE, LARGEST_VERSION, internal_challenge

#: Seconds after an order's time in which its terminal may still ask: it may have begun in the last second.
GRACE = 120

AUTHENTICATE, SIGN, UPDATE_KEY = OPERATIONS = ("authenticate", "mac", "update_key")
_NAMES = ("iss", "aud", "jti", "iat", "attempt", "serial", "version", "op", "challenge")
_MORE = {AUTHENTICATE: ("r", "answer"), SIGN: ("header", "data"), UPDATE_KEY: ()}
_HEADER_SIZE = 5
_LONGEST_DATA = 251
#: Byte of a CPU card's image that holds the version of its keys (``docs/protocol``, "Card layouts").
_VERSION_AT = 10


@dataclass(frozen=True)
class KeyRequest:
    """A verified request.

    :param jti: its uuid
    :param iat: seconds, by the terminal's clock
    :param attempt: uuid of the attempt
    :param serial: of the card, 16 digits
    :param version: of the keys on the card
    :param op: one of :data:`OPERATIONS`
    :param challenge: the card's, 8 bytes
    :param internal: the challenge that the card was given, None without one
    :param answer: what it answered
    :param header: CLA INS P1 P2 Lc of a secure update
    :param data: its bytes
    :param digest: names the content, the time aside
    """

    jti: str
    iat: int
    attempt: str
    serial: str
    version: int
    op: str
    challenge: bytes
    internal: bytes | None
    answer: bytes | None
    header: bytes | None
    data: bytes | None
    digest: str


def verify(token, terminal, db_uuid):
    """Verify a request.

    :param token: compact form
    :param terminal: the :class:`~.identity.TerminalKey` that must have signed it
    :param db_uuid: this database
    :raise Refusal: P-104
    """
    values = tokens.verify(token, tokens.KEY, terminal.x, terminal.uuid, db_uuid, P_MALFORMED)
    op = values.get("op")
    more = _MORE.get(op, ()) if isinstance(op, str) else ()
    claims = Claims(values, (*_NAMES, *more), P_MALFORMED)
    content = {name: value for name, value in values.items() if name != "iat"}
    return KeyRequest(
        jti=claims.uuid("jti"),
        iat=claims.integer("iat"),
        attempt=claims.uuid("attempt"),
        serial=claims.digits("serial", 16),
        version=claims.integer("version", 0, LARGEST_VERSION),
        op=claims.choice("op", OPERATIONS),
        challenge=claims.hex("challenge", CHALLENGE_SIZE),
        internal=claims.hex("r", CHALLENGE_SIZE) if "r" in more else None,
        answer=claims.hex("answer", ANSWER_SIZE) if "answer" in more else None,
        header=claims.hex("header", _HEADER_SIZE) if "header" in more else None,
        data=claims.hex("data", 0, _LONGEST_DATA) if "data" in more else None,
        digest=tokens.b64u(hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()),
    )


def check(request, order_token, before, now, updated):
    """Check that a request asks for what the order of its attempt names.

    :param request: a :class:`KeyRequest`
    :param order_token: the attempt's order, compact, as we signed it
    :param before: raw bytes of the card when the order was made
    :param now: seconds, our clock
    :param updated: whether this attempt was given a key update already
    :return: driver, and the version of the keys that the order puts on the card
    :raise Refusal: K-102, K-103
    """
    _header, claims = tokens.peek(order_token, K_OTHER_BYTES)
    order = orders.parse(claims, K_OTHER_BYTES)
    if now > order.exp + GRACE:
        raise Refusal(K_ATTEMPT_NOT_LIVE)
    if order.driver not in CPU_DRIVERS or not isinstance(order.write, ImageWrite):
        raise Refusal(K_OTHER_BYTES)
    present, ordered = before[_VERSION_AT], order.write.image[_VERSION_AT]
    known = {present, ordered} if updated else {present}
    if request.serial != order.card_serial or request.version not in known:
        raise Refusal(K_OTHER_BYTES)
    asked = {
        AUTHENTICATE: lambda: request.internal == internal_challenge(request.attempt),
        SIGN: lambda: (request.header, request.data) in _updates(order, before),
        # The image of an order names other keys only where cards are issued: open, replace, and writing these again.
        UPDATE_KEY: lambda: request.version == present < ordered and order.op in ("open", "replace", "rewrite"),
    }
    if not asked[request.op]():
        raise Refusal(K_OTHER_BYTES)
    return order.driver, ordered


def _updates(order, before):
    codec = codecs.codec_of(order.driver)
    return [(bytes(header), bytes(data)) for header, data in codec.secure_updates(before, order.write)]
