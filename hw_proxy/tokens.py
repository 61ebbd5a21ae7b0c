"""Compact JWS (RFC 7515), Ed25519 only, with fixed ``typ``, ``kid``, ``iss`` and ``aud`` (docs/protocol, section 1)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from jwcrypto import jwe, jwk, jws
from jwcrypto.common import JWException

from hw_proxy.errors import TokenError

ALGORITHM = "EdDSA"
MAX_TOKEN = 49_152

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\Z")
_COMPACT_JWE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\Z")
_HEX = re.compile(r"([0-9a-f]{2})*\Z")
_HASH = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def b64(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64(text: str) -> bytes:
    """Bytes of base64url without padding, in its one canonical spelling.

    :raises ValueError: any other spelling.
    """
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError("not base64url") from error
    if b64(data) != text:
        raise ValueError("not canonical base64url")
    return data


def digest(data: bytes | str) -> str:
    """base64url(SHA-256) without padding, the protocol's only hash."""
    return b64(hashlib.sha256(data.encode("ascii") if isinstance(data, str) else data).digest())


def ed25519_public(raw: str) -> jwk.JWK:
    """Public key from its raw 32 bytes in base64url.

    :raises ValueError: not an Ed25519 key.
    """
    if len(unb64(raw)) != 32:
        raise ValueError("an Ed25519 public key has 32 bytes")
    return jwk.JWK(kty="OKP", crv="Ed25519", x=raw)


@dataclass(frozen=True)
class Issuer:
    """Whose messages are taken: the pinned key, its thumbprint, the issuer's name, and further keys by thumbprint."""

    key: jwk.JWK
    kid: str
    iss: str
    further: Mapping[str, jwk.JWK] = field(default_factory=dict)

    def key_of(self, kid: object) -> jwk.JWK | None:
        """The key with a thumbprint; none when it is not one of the issuer's."""
        if kid == self.kid:
            return self.key
        return self.further.get(kid) if isinstance(kid, str) else None


def sign(key: jwk.JWK, typ: str, claims: Mapping[str, object]) -> str:
    """Compact JWS over the claims.

    :param key: Ed25519 private key.
    :param typ: for example ``receipt+jwt``.
    """
    token = jws.JWS(json.dumps(claims, separators=(",", ":"), ensure_ascii=True).encode("ascii"))
    header = {"alg": ALGORITHM, "kid": key.thumbprint(), "typ": typ}
    token.add_signature(key, protected=json.dumps(header, separators=(",", ":")))
    return token.serialize(compact=True)


def verify(text: object, typ: str, issuer: Issuer, audience: str) -> dict[str, object]:
    """Claims of a message, after every check that does not depend on the message's kind.

    :param text: compact JWS, untrusted.
    :param audience: the ``aud`` it must have.
    :raises TokenError: with the reason.
    """
    if not isinstance(text, str) or len(text) > MAX_TOKEN or not _COMPACT.match(text):
        raise TokenError("form", "not a compact JWS")
    header = _object(text.split(".")[0], "header")
    if set(header) != {"alg", "kid", "typ"} or header["alg"] != ALGORITHM or header["typ"] != typ:
        raise TokenError("form", "header")
    key = issuer.key_of(header["kid"])
    if key is None:
        raise TokenError("kid")
    claims = _object(text.split(".")[1], "payload")
    _canonical(text.split(".")[2])
    token = jws.JWS()
    token.allowed_algs = [ALGORITHM]
    try:
        token.deserialize(text, key)
    except (JWException, ValueError) as error:
        raise TokenError("signature") from error
    if claims.get("iss") != issuer.iss:
        raise TokenError("iss")
    if claims.get("aud") != audience:
        raise TokenError("aud")
    return claims


def kid_of(text: str) -> str:
    """Thumbprint of the key that signed a message that was verified."""
    return str(_object(text.split(".")[0], "header")["kid"])


def open_jwe(text: str, key: jwk.JWK) -> dict[str, object]:
    """JSON object inside a compact JWE (ECDH-ES, A256GCM) to this terminal.

    :raises TokenError: it does not open, or holds no JSON object.
    """
    if len(text) > MAX_TOKEN or not _COMPACT_JWE.match(text):
        raise TokenError("form", "not a compact JWE")
    envelope = jwe.JWE(algs=["ECDH-ES", "A256GCM"])
    try:
        envelope.deserialize(text, key)
        value = json.loads(envelope.payload)
    except (JWException, ValueError, TypeError, KeyError) as error:
        raise TokenError("form", "the JWE does not open") from error
    if not isinstance(value, dict):
        raise TokenError("form", "no JSON object in the JWE")
    return value


def _canonical(signature: str) -> None:
    try:
        unb64(signature)
    except ValueError as error:
        raise TokenError("form", "signature") from error


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name occurs twice")
    return value


def _object(part: str, name: str) -> dict[str, object]:
    try:
        value = json.loads(unb64(part), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise TokenError("form", name) from error
    if not isinstance(value, dict):
        raise TokenError("form", name)
    return value


# Checks of single claims; each answers whether a value has the form that the protocol page names.


def is_uint(limit: int) -> Callable[[object], bool]:
    """An integer from 0 to the limit."""
    return lambda value: type(value) is int and 0 <= value <= limit


def is_text(limit: int = 200) -> Callable[[object], bool]:
    """A text of 1 to ``limit`` printable characters."""
    return lambda value: isinstance(value, str) and 0 < len(value) <= limit and value.isprintable()


def is_pattern(pattern: str) -> Callable[[object], bool]:
    """A text that matches a regular expression as a whole."""
    compiled = re.compile(pattern)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def is_hex(limit: int) -> Callable[[object], bool]:
    """Whole bytes in lower-case hex, at most ``limit`` of them."""
    return lambda value: isinstance(value, str) and len(value) <= 2 * limit and _HEX.match(value) is not None


def is_uuid(value: object) -> bool:
    """A UUID in its canonical form."""
    if not isinstance(value, str):
        return False
    try:
        return str(uuid.UUID(value)) == value
    except ValueError:
        return False


def is_hash(value: object) -> bool:
    """base64url(SHA-256) without padding."""
    return isinstance(value, str) and _HASH.match(value) is not None


def require(claims: Mapping[str, object], **checks: Callable[[object], bool]) -> None:
    """Check claims by name.

    :raises TokenError: a claim is missing or malformed.
    """
    for name, check in checks.items():
        if name not in claims or not check(claims[name]):
            raise TokenError("form", f"claim {name}")
