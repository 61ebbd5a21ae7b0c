"""Signed messages: compact JWS (RFC 7515) with HMAC-SHA256, by the standard library alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

REQUEST, ANSWER, NOTICE = "pay-request+jwt", "pay-answer+jwt", "pay-notice+jwt"


class NotGenuine(ValueError):
    """The message is not one of the caller that it names."""


def sign(typ: str, claims: dict, merchant: str, key: str) -> str:
    """Return a message in compact form."""
    header = {"alg": "HS256", "kid": merchant, "typ": typ}
    content = f"{_encode(_dump(header))}.{_encode(_dump(claims))}"
    return f"{content}.{_encode(_mac(content, key))}"


def read(message: str, typ: str, merchant: str, key: str) -> dict:
    """Return the claims of a genuine message.

    :raises NotGenuine: anything is wrong with it
    """
    try:
        content, _, signature = message.rpartition(".")
        header, claims = (json.loads(_decode(part)) for part in content.split("."))
        given = _decode(signature)
    except ValueError as error:
        raise NotGenuine("no message") from error
    if header != {"alg": "HS256", "kid": merchant, "typ": typ} or not hmac.compare_digest(given, _mac(content, key)):
        raise NotGenuine("not of this merchant")
    if not isinstance(claims, dict):
        raise NotGenuine("no claims")
    return claims


def _mac(content: str, key: str) -> bytes:
    return hmac.new(key.encode(), content.encode(), hashlib.sha256).digest()


def _dump(value: dict) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
