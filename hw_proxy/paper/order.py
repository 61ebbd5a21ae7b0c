"""Print orders: what Odoo has signed is printed, once, and nothing else (docs/protocol, section 1, "print")."""

from __future__ import annotations

from dataclasses import dataclass

from hw_proxy import tokens
from hw_proxy.errors import Refusal, TokenError
from hw_proxy.paper.codes import NOT_GENUINE

TYPE = "print+jwt"
MAX_LIFE = 300
MOST_LINES = 120
LONGEST_TEXT = 600
LONGEST_CODE = 1600
WITH_TEXT = ("title", "heading", "box", "text", "small", "qr")
WITH_VALUE = ("pair", "total", "small_pair")
_U32 = 0xFFFFFFFF


@dataclass(frozen=True)
class Line:
    """One line of a receipt.

    :param kind: ``title``, ``heading``, ``box`` (framed), ``text``, ``small``, ``qr`` (what the code says), ``pair``,
        ``total`` (a large pair), ``small_pair`` or ``rule``
    :param text: what it says; of a pair the left side
    :param value: of a pair the right side
    """

    kind: str
    text: str = ""
    value: str = ""


@dataclass(frozen=True)
class PrintOrder:
    """A genuine print order to this terminal.

    :param jti: its uuid; it is printed once
    :param lines: from top to bottom
    """

    jti: str
    epoch: int
    iat: int
    exp: int
    lines: tuple[Line, ...]


def verify(token: object, issuer: tokens.Issuer, terminal: str, epoch: int) -> PrintOrder:
    """A genuine print order, of whatever time: one that was printed before is only asked about.

    :param token: compact JWS, untrusted.
    :param terminal: this terminal's uuid.
    :param epoch: highest epoch seen so far.
    :raises Refusal: A-405.
    """
    try:
        order = _parse(tokens.verify(token, TYPE, issuer, terminal))
    except TokenError as error:
        raise Refusal(NOT_GENUINE) from error
    if order.epoch < epoch:
        raise Refusal(NOT_GENUINE)
    return order


def is_current(order: PrintOrder, now: int) -> bool:
    """Whether a print order may be carried out at this moment.

    :param now: ms by the terminal's clock.
    """
    return now < order.exp * 1000 and now + MAX_LIFE * 1000 >= order.iat * 1000


def _parse(claims: dict[str, object]) -> PrintOrder:
    tokens.require(
        claims,
        jti=tokens.is_uuid,
        epoch=tokens.is_uint(_U32),
        iat=tokens.is_uint(1 << 40),
        exp=tokens.is_uint(1 << 40),
        lines=lambda value: isinstance(value, list) and 0 < len(value) <= MOST_LINES,
    )
    if not claims["iat"] <= claims["exp"] <= claims["iat"] + MAX_LIFE:
        raise TokenError("form", "life")
    lines = tuple(_line(value) for value in claims["lines"])
    return PrintOrder(claims["jti"], claims["epoch"], claims["iat"], claims["exp"], lines)


def _line(value: object) -> Line:
    kind = value.get("kind") if isinstance(value, dict) else None
    if kind == "rule":
        members: set[str] = {"kind"}
    elif kind in WITH_TEXT:
        members = {"kind", "text"}
    elif kind in WITH_VALUE:
        members = {"kind", "text", "value"}
    else:
        raise TokenError("form", "kind of a line")
    longest = LONGEST_CODE if kind == "qr" else LONGEST_TEXT
    is_good = tokens.is_text(longest)
    if set(value) != members or not all(is_good(value[name]) for name in members - {"kind"}):
        raise TokenError("form", "line")
    return Line(**value)
