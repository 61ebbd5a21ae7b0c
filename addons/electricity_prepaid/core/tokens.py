"""Signed tokens: compact JWS (RFC 7515) with EdDSA over Ed25519 (RFC 8037), strictly in one form.

A verifier fixes algorithm, type, key, issuer and audience beforehand (``docs/protocol`` §1). Exactly one byte string
is accepted for given content and signature, because receipts are chained by the hash of their compact form: a second
spelling of a genuine receipt would look like a fork.
"""

import base64
import hashlib
import json
from functools import lru_cache

from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from .errors import Refusal

ALGORITHM = "EdDSA"

ORDER = "order+jwt"
PAGE = "page+jwt"
ACK = "ack+jwt"
SNAPSHOT = "snapshot+jwt"
RECEIPT = "receipt+jwt"
TENDER = "tender+jwt"
HEARTBEAT = "heartbeat+jwt"
KEY = "key+jwt"
HANDOVER = "handover+jwt"
LOGIN = "login+jwt"
COLLECT = "collect+jwt"
PRINT = "print+jwt"
TRAIL = "trail+jwt"

#: Longest compact form of each type, characters.
SIZES = {
    ORDER: 8192,
    PAGE: 2048,
    ACK: 8192,
    SNAPSHOT: 8192,
    RECEIPT: 32768,
    TENDER: 8192,
    HEARTBEAT: 32768,
    KEY: 4096,
    HANDOVER: 2048,
    LOGIN: 2048,
    COLLECT: 2048,
    PRINT: 32768,
    TRAIL: 32768,
}

_RAW_KEY = 32


def b64u(data):
    """Return base64url without padding (RFC 7515 §2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text):
    """Read base64url without padding, in its canonical spelling only.

    :raise ValueError: any other spelling
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (TypeError, ValueError) as error:
        raise ValueError("not base64url") from error
    if b64u(data) != text:
        raise ValueError("not canonical base64url")
    return data


def sha256_b64u(text):
    """Return ``base64url(SHA-256)`` of an ASCII text such as a compact token."""
    return b64u(hashlib.sha256(text.encode()).digest())


def token_hash(token):
    """Return the hash by which a token is named in a chain or in another token."""
    return sha256_b64u(token)


def thumbprint(x):
    """Return the key id of an Ed25519 public key: its thumbprint by RFC 7638.

    :param x: the raw 32 bytes in base64url
    """
    canonical = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": x}, separators=(",", ":"), sort_keys=True)
    return sha256_b64u(canonical)


def is_raw_key(text):
    """Return whether a text is a raw 32-byte key in base64url."""
    try:
        return isinstance(text, str) and len(unb64u(text)) == _RAW_KEY
    except ValueError:
        return False


def _json(data):
    def unique(pairs):
        result = dict(pairs)
        if len(result) != len(pairs):
            raise ValueError("a name occurs twice")
        return result

    def no_fraction(text):
        raise ValueError(f"only whole numbers: {text}")

    value = json.loads(data, object_pairs_hook=unique, parse_float=no_fraction, parse_constant=no_fraction)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _split(token):
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("not three parts")
    header, payload, signature = (unb64u(part) for part in parts)
    return _json(header), _json(payload), signature


@lru_cache(maxsize=1024)
def _public_key(x):
    return jwk.JWK(kty="OKP", crv="Ed25519", x=x)


def peek(token, refuse):
    """Return header and claims **without verifying anything**: to find the key, or for the record.

    :param refuse: code for a token that cannot be read
    :raise Refusal: the code
    """
    try:
        if not isinstance(token, str) or len(token) > max(SIZES.values()):
            raise ValueError("not a token")
        header, claims, _ = _split(token)
    except (ValueError, RecursionError) as error:
        raise Refusal(refuse) from error
    return header, claims


def sign(typ, claims, key):
    """Sign claims.

    :param typ: one of the types of this module
    :param claims: JSON object of whole numbers and texts
    :param key: a :class:`~.keyring.SigningKey`
    :return: the compact form
    """
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": typ}
    token = jws.JWS(json.dumps(claims, separators=(",", ":")).encode())
    token.allowed_algs = [ALGORITHM]
    token.add_signature(key.jwk, protected=json.dumps(header, separators=(",", ":")))
    return token.serialize(compact=True)


def verify(token, typ, x, iss, aud, refuse, refuse_key=None, refuse_audience=None):
    """Verify a token and return its claims.

    :param token: compact form
    :param typ: the type that is expected
    :param x: the signer's Ed25519 public key (base64url); the key id must be its thumbprint
    :param iss: expected issuer
    :param aud: expected audience
    :param refuse: code for everything that is wrong
    :param refuse_key: code for another key id, when it has one of its own
    :param refuse_audience: code for another audience, when it has one of its own
    :raise Refusal: one of the codes
    """
    if not isinstance(token, str) or len(token) > SIZES[typ]:
        raise Refusal(refuse)
    try:
        header, claims, _ = _split(token)
    except (ValueError, RecursionError) as error:
        raise Refusal(refuse) from error
    kid = header.get("kid")
    if header != {"alg": ALGORITHM, "typ": typ, "kid": kid}:
        raise Refusal(refuse)
    if kid != thumbprint(x):
        raise Refusal(refuse_key or refuse)
    try:
        signed = jws.JWS()
        signed.allowed_algs = [ALGORITHM]
        signed.deserialize(token, _public_key(x))
    except (JWException, ValueError) as error:
        raise Refusal(refuse) from error
    if claims.get("iss") != iss:
        raise Refusal(refuse)
    if claims.get("aud") != aud:
        raise Refusal(refuse_audience or refuse)
    return claims
