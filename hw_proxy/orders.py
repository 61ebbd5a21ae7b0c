"""Write orders: is it genuine, and what does it ask (docs/protocol, section 1, "order" and "sealed")."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jwcrypto import jwk

from hw_proxy import tokens
from hw_proxy.errors import Refusal, TokenError

TYPE = "order+jwt"
OPERATIONS = ("purchase", "rewrite", "open", "replace", "reverse", "clear")
MAX_LIFE = 120
_U32 = 0xFFFFFFFF
_REASONS = {"kid": "O-102", "aud": "O-103"}
_PSC = re.compile(r"[0-9a-f]{4}(?:[0-9a-f]{2})?\Z")
_MAX_IMAGE = 2048
_LEAST_TRIES, _MOST_TRIES = 2, 7
_MAX_FILE = 258


@dataclass(frozen=True)
class WriteValues:
    """What the purchase blocks shall say. Energy and hoard in 0.01 kWh, alarms in kWh.

    A vendor library whose unit is money takes ``energy`` in 0.01 yuan.
    """

    count: int
    energy: int
    alarm1: int
    alarm2: int
    hoard: int
    issue: int
    flags: int


@dataclass(frozen=True)
class ImageWrite:
    """The whole image that the card shall hold, its identity unchanged.

    ``quantity`` in 0.01 kWh or 0.01 yuan, as the driver counts; ``files``: companions by their SFI, which a processor
    card holds beside the image.
    """

    count: int
    quantity: int
    image: bytes = field(repr=False)
    files: dict[int, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Order:
    """A genuine order to this terminal.

    ``tries``: the only number of tries left at which the card's code may be presented, because a supervisor allowed it
    in Odoo; none: only while no try is used up.
    """

    token: str = field(repr=False)
    jti: str
    serial: str
    epoch: int
    iat: int
    exp: int
    ins: str
    op: str
    card_serial: str
    card_issue: int
    driver: str
    expect_count: int
    expect_digest: str
    write: WriteValues | ImageWrite
    sealed: str | None
    tries: int | None = None


def verify(token: object, issuer: tokens.Issuer, terminal: str, epoch: int) -> Order:
    """A genuine order, whatever its time and card.

    :param token: compact JWS, untrusted.
    :param terminal: this terminal's uuid.
    :param epoch: highest epoch seen so far.
    :raises Refusal: O-101 to O-104.
    """
    try:
        claims = tokens.verify(token, TYPE, issuer, terminal)
        order = _parse(token, claims)
    except TokenError as error:
        raise Refusal(_REASONS.get(error.reason, "O-101")) from error
    if order.epoch < epoch:
        raise Refusal("O-104")
    return order


def check_sealed(order: Order, sealed: object) -> None:
    """The sealed part must be the one that the order names.

    :param sealed: compact JWE or none, untrusted.
    :raises Refusal: O-107.
    """
    if order.sealed is None and sealed is None:
        return
    if not isinstance(sealed, str) or not sealed.isascii() or tokens.digest(sealed) != order.sealed:
        raise Refusal("O-107")


def open_sealed(order: Order, sealed: str | None, key: jwk.JWK) -> bytes | None:
    """The card's code from the sealed part.

    :param key: the terminal's X25519 private key.
    :return: two or three bytes, or none when the order carries no sealed part.
    :raises Refusal: O-107: it does not open, or its inside names another order.
    """
    if sealed is None:
        return None
    try:
        inside = tokens.open_jwe(sealed, key)
    except TokenError as error:
        raise Refusal("O-107") from error
    psc = inside.get("psc")
    if inside.get("jti") != order.jti or not isinstance(psc, str) or not _PSC.match(psc):
        raise Refusal("O-107")
    return bytes.fromhex(psc)


def _parse(token: str, claims: dict[str, object]) -> Order:
    tokens.require(
        claims,
        jti=tokens.is_uuid,
        serial=tokens.is_text(64),
        epoch=tokens.is_uint(_U32),
        iat=tokens.is_uint(1 << 40),
        exp=tokens.is_uint(1 << 40),
        ins=tokens.is_text(64),
        op=lambda value: value in OPERATIONS,
        card=lambda value: isinstance(value, dict),
        expect=lambda value: isinstance(value, dict),
        write=lambda value: isinstance(value, dict),
        sealed=lambda value: value is None or tokens.is_hash(value),
    )
    card, expect, write = claims["card"], claims["expect"], claims["write"]
    tokens.require(
        card,
        serial=tokens.is_pattern(r"[0-9]{12}([0-9]{4})?"),
        issue=tokens.is_uint(255),
        driver=tokens.is_text(32),
    )
    tokens.require(expect, count=tokens.is_uint(_U32), digest=tokens.is_hash)
    if not claims["iat"] <= claims["exp"] <= claims["iat"] + MAX_LIFE:
        raise TokenError("form", "life")
    return Order(
        token=token,
        jti=claims["jti"],
        serial=claims["serial"],
        epoch=claims["epoch"],
        iat=claims["iat"],
        exp=claims["exp"],
        ins=claims["ins"],
        op=claims["op"],
        card_serial=card["serial"],
        card_issue=card["issue"],
        driver=card["driver"],
        expect_count=expect["count"],
        expect_digest=expect["digest"],
        write=_image(write) if "image" in write else _block(write),
        sealed=claims["sealed"],
        tries=_tries(claims),
    )


def _tries(claims: dict[str, object]) -> int | None:
    if "tries" not in claims:
        return None
    tokens.require(claims, tries=lambda value: tokens.is_uint(_MOST_TRIES)(value) and value >= _LEAST_TRIES)
    return claims["tries"]


def _block(write: dict[str, object]) -> WriteValues:
    tokens.require(
        write,
        count=tokens.is_uint(_U32),
        energy=tokens.is_uint(_U32),
        alarm1=tokens.is_uint(0xFFFF),
        alarm2=tokens.is_uint(0xFFFF),
        hoard=tokens.is_uint(_U32),
        issue=tokens.is_uint(255),
        flags=tokens.is_uint(255),
    )
    return WriteValues(**{name: write[name] for name in WriteValues.__dataclass_fields__})


def _image(write: dict[str, object]) -> ImageWrite:
    tokens.require(
        write,
        count=tokens.is_uint(_U32),
        quantity=tokens.is_uint(_U32),
        image=tokens.is_hex(_MAX_IMAGE),
        files=lambda value: isinstance(value, dict),
    )
    files = {}
    for name, data in write["files"].items():
        if name not in ("3", "4", "5") or not data or not tokens.is_hex(_MAX_FILE)(data):
            raise TokenError("form", "claim files")
        files[int(name)] = bytes.fromhex(data)
    return ImageWrite(write["count"], write["quantity"], bytes.fromhex(write["image"]), files)
