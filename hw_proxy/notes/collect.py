"""Collect orders: only with one that Odoo signed may the acceptor open (docs/protocol, section 1, "collect")."""

from __future__ import annotations

from dataclasses import dataclass

from hw_proxy import tokens
from hw_proxy.errors import Refusal, TokenError

TYPE = "collect+jwt"
MAX_LIFE = 120
LEAST_WAIT, MOST_WAIT = 15, 300
LARGEST_NOTE = 1_000_000
_MOST_DENOMINATIONS = 32
_LARGEST_TOTAL = 1_000_000_000
_U32 = 0xFFFFFFFF


@dataclass(frozen=True)
class CollectOrder:
    """A genuine collect order to this terminal.

    :param jti: its uuid; it opens the acceptor once
    :param recharge: uuid of the order that is paid
    :param session: the kiosk's cash session
    :param denominations: cents; other notes are given back
    :param most: cents; a note that would bring the total above it is given back
    :param wait: seconds without a note after which what is in is submitted
    """

    jti: str
    epoch: int
    iat: int
    exp: int
    recharge: str
    session: str
    denominations: frozenset[int]
    most: int
    wait: int


def verify(token: object, issuer: tokens.Issuer, terminal: str, epoch: int, now: int) -> CollectOrder:
    """A genuine collect order of this moment.

    :param token: compact JWS, untrusted.
    :param terminal: this terminal's uuid.
    :param epoch: highest epoch seen so far.
    :param now: ms by the terminal's clock.
    :raises Refusal: A-201.
    """
    try:
        order = _parse(tokens.verify(token, TYPE, issuer, terminal))
    except TokenError as error:
        raise Refusal("A-201") from error
    if order.epoch < epoch or now >= order.exp * 1000 or now + MAX_LIFE * 1000 < order.iat * 1000:
        raise Refusal("A-201")
    return order


def _parse(claims: dict[str, object]) -> CollectOrder:
    tokens.require(
        claims,
        jti=tokens.is_uuid,
        epoch=tokens.is_uint(_U32),
        iat=tokens.is_uint(1 << 40),
        exp=tokens.is_uint(1 << 40),
        recharge=tokens.is_uuid,
        session=tokens.is_text(64),
        denominations=_are_denominations,
        most=lambda value: tokens.is_uint(_LARGEST_TOTAL)(value) and value > 0,
        wait=lambda value: tokens.is_uint(MOST_WAIT)(value) and value >= LEAST_WAIT,
    )
    if not claims["iat"] <= claims["exp"] <= claims["iat"] + MAX_LIFE:
        raise TokenError("form", "life")
    values = {name: claims[name] for name in CollectOrder.__dataclass_fields__}
    return CollectOrder(**{**values, "denominations": frozenset(claims["denominations"])})


def _are_denominations(value: object) -> bool:
    if not isinstance(value, list) or not 0 < len(value) <= _MOST_DENOMINATIONS:
        return False
    return all(tokens.is_uint(LARGEST_NOTE)(each) and each > 0 for each in value) and len(set(value)) == len(value)
