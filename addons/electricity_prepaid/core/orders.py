"""Write orders: what Odoo allows one terminal to write on one card in one insertion (``docs/protocol`` §1)."""

import json
from dataclasses import dataclass

from jwcrypto import jwe, jwk

from . import codecs, tokens
from .card_image import LEAST_TRIES, MOST_TRIES, ImageWrite, PurchaseBlock
from .claims import Claims
from .codes import O_INVALID, O_OTHER_KEY, O_OTHER_TERMINAL
from .errors import Refusal

#: Seconds an order lives; the terminal checks it before its intent only.
LIFETIME = 120
OPERATIONS = ("purchase", "rewrite", "open", "replace", "reverse", "clear")

NAMES = ("iss", "aud", "jti", "serial", "epoch", "iat", "exp", "ins", "op", "card", "expect", "write", "sealed")
_TRIES = "tries"
_CARD = ("serial", "issue", "driver")
_EXPECT = ("count", "digest")
_WRITE = ("count", "energy", "alarm1", "alarm2", "hoard", "issue", "flags")
_IMAGE = ("count", "quantity", "image", "files")
#: Digits of a card's serial: memory cards, CPU cards.
SERIAL_DIGITS = (12, 16)
#: SFIs of files that an order may carry beside the image, and their longest content in bytes.
COMPANIONS = ("3", "4", "5")
COMPANION_SIZE = 258

U8, U16, U32 = 0xFF, 0xFFFF, 0xFFFF_FFFF
_WRITE_LARGEST = {"count": U32, "energy": U32, "alarm1": U16, "alarm2": U16, "hoard": U32, "issue": U8, "flags": U8}

_SEALED_ALGORITHMS = ["ECDH-ES", "A256GCM"]


@dataclass(frozen=True)
class WriteOrder:
    """The claims of a write order.

    :param iss: the database's uuid
    :param aud: the terminal's uuid
    :param jti: the attempt's uuid
    :param serial: the order's random serial
    :param epoch: of the key file
    :param iat: seconds since the epoch (UTC)
    :param exp: seconds, at most :data:`LIFETIME` after ``iat``
    :param ins: id of the insertion, from the snapshot
    :param op: one of :data:`OPERATIONS`
    :param card_serial: 12 digits (memory cards) or 16 (CPU cards)
    :param issue: issue number of the card; 0 where the card carries none
    :param driver: such as ``"sle4442_demo"``
    :param expect_count: purchase count before
    :param expect_digest: digest of the whole image before
    :param write: what to write: a :class:`~.card_image.PurchaseBlock`, or an :class:`~.card_image.ImageWrite`
    :param tries: the only number of tries left at which the card's code may be presented, as a supervisor has allowed;
        None: only while no try is used up
    """

    iss: str
    aud: str
    jti: str
    serial: str
    epoch: int
    iat: int
    exp: int
    ins: str
    op: str
    card_serial: str
    issue: int
    driver: str
    expect_count: int
    expect_digest: str
    write: PurchaseBlock | ImageWrite
    tries: int | None = None

    def as_claims(self, sealed_hash):
        """Return the claims.

        :param sealed_hash: hash of the JWE that travels beside the order, None without one
        """
        allowed = {} if self.tries is None else {_TRIES: self.tries}
        return {
            **allowed,
            "iss": self.iss,
            "aud": self.aud,
            "jti": self.jti,
            "serial": self.serial,
            "epoch": self.epoch,
            "iat": self.iat,
            "exp": self.exp,
            "ins": self.ins,
            "op": self.op,
            "card": {"serial": self.card_serial, "issue": self.issue, "driver": self.driver},
            "expect": {"count": self.expect_count, "digest": self.expect_digest},
            "write": self.write.as_claim(),
            "sealed": sealed_hash,
        }


@dataclass(frozen=True)
class Issued:
    """A signed order.

    :param token: compact JWS
    :param sealed: compact JWE that travels beside it, or None
    """

    token: str
    sealed: str | None


def seal(psc, jti, x25519):
    """Encrypt a card code to a terminal, bound to one attempt.

    :param psc: the code, 2 bytes (SLE4428) or 3 (SLE4442)
    :param jti: the attempt's uuid
    :param x25519: the terminal's X25519 public key, base64url
    :return: compact JWE
    """
    inside = json.dumps({"jti": jti, "psc": psc.hex()}, separators=(",", ":"))
    algorithm, encryption = _SEALED_ALGORITHMS
    box = jwe.JWE(inside.encode(), json.dumps({"alg": algorithm, "enc": encryption}), algs=_SEALED_ALGORITHMS)
    box.add_recipient(jwk.JWK(kty="OKP", crv="X25519", x=x25519))
    return box.serialize(compact=True)


def issue(order, key, psc=None, x25519=None):
    """Sign a write order.

    :param order: a :class:`WriteOrder`
    :param key: Odoo's :class:`~.keyring.SigningKey`
    :param psc: the card's code, when its driver needs one
    :param x25519: the terminal's X25519 public key, needed with ``psc``
    :return: :class:`Issued`
    """
    sealed = seal(psc, order.jti, x25519) if psc is not None else None
    sealed_hash = tokens.token_hash(sealed) if sealed else None
    return Issued(tokens.sign(tokens.ORDER, order.as_claims(sealed_hash), key), sealed)


def _write(claims, driver):
    if not claims.has("write", "image"):
        part = claims.part("write", _WRITE)
        return PurchaseBlock(**{name: part.integer(name, 0, largest) for name, largest in _WRITE_LARGEST.items()})
    part = claims.part("write", _IMAGE)
    files = part.mapping("files", COMPANIONS, lambda inside, name: inside.hex(name, 1, COMPANION_SIZE))
    return ImageWrite(
        count=part.integer("count", 0, U32),
        quantity=part.integer("quantity", 0, U32),
        image=part.hex("image", *codecs.memory_sizes(driver)),
        files={int(sfi): data for sfi, data in files.items()},
    )


def parse(values, refuse=O_INVALID):
    """Read the claims of a verified order.

    :raise Refusal: ``refuse``
    """
    allowed = (_TRIES,) if isinstance(values, dict) and _TRIES in values else ()
    claims = Claims(values, (*NAMES, *allowed), refuse)
    card, expect = claims.part("card", _CARD), claims.part("expect", _EXPECT)
    claims.optional("sealed", claims.hash)
    driver = card.text("driver", 32)
    order = WriteOrder(
        iss=claims.text("iss"),
        aud=claims.text("aud"),
        jti=claims.uuid("jti"),
        serial=claims.text("serial", 64),
        epoch=claims.integer("epoch", 1),
        iat=claims.integer("iat"),
        exp=claims.integer("exp"),
        ins=claims.text("ins", 64),
        op=claims.choice("op", OPERATIONS),
        card_serial=card.digits("serial", *SERIAL_DIGITS),
        issue=card.integer("issue", 0, U8),
        driver=driver,
        expect_count=expect.integer("count", 0, U32),
        expect_digest=expect.hash("digest"),
        write=_write(claims, driver),
        tries=claims.integer(_TRIES, LEAST_TRIES, MOST_TRIES - 1) if allowed else None,
    )
    if not 0 < order.exp - order.iat <= LIFETIME:
        raise Refusal(refuse)
    return order


def verify_own(token, keyring, terminal_uuid):
    """Verify an order that comes back inside a receipt: it must be one of ours, under whichever key it was signed.

    :param keyring: :class:`~.keyring.Keyring`, retired keys included
    :param terminal_uuid: the terminal it must be addressed to
    :return: a :class:`WriteOrder`
    :raise Refusal: O-101, O-102, O-103
    """
    header, _ = tokens.peek(token, O_INVALID)
    kid = header.get("kid")
    x = keyring.public(kid) if isinstance(kid, str) else None
    if x is None:
        raise Refusal(O_OTHER_KEY)
    return parse(
        tokens.verify(token, tokens.ORDER, x, keyring.db_uuid, terminal_uuid, O_INVALID, O_OTHER_KEY, O_OTHER_TERMINAL)
    )
