"""What a forger with a stolen key, or without one, can make of the protocol's tokens (docs/protocol, section 1).

Made from the protocol page with jwcrypto alone: neither side's own signing code takes part.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
import uuid
from pathlib import Path

from jwcrypto import jwk, jws


def claims_of(token: str) -> dict:
    """The claims of a token, unverified."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def sign(key: jwk.JWK, typ: str, claims: dict) -> str:
    """A genuine signature of ``key`` over ``claims``, compact."""
    token = jws.JWS(json.dumps(claims))
    header = {"alg": "EdDSA", "typ": typ, "kid": key.thumbprint()}
    token.add_signature(key, alg="EdDSA", protected=json.dumps(header))
    return token.serialize(compact=True)


def new_key() -> jwk.JWK:
    """A key that nobody has pinned."""
    return jwk.JWK.generate(kty="OKP", crv="Ed25519")


def odoo_key(keyring: Path) -> jwk.JWK:
    """Odoo's signing key, as somebody has it who stole the key file."""
    entry = next(each for each in json.loads(keyring.read_text("utf-8"))["keys"] if each["state"] == "active")
    return jwk.JWK(kty="OKP", crv="Ed25519", d=entry["d"], x=entry["x"])


def terminal_key(data: Path) -> jwk.JWK:
    """A terminal's signing key, from its data folder."""
    return jwk.JWK(**json.loads((data / "keys.json").read_text("utf-8"))["ed25519"])


def resigned(token: str, typ: str, key: jwk.JWK, **changes: object) -> str:
    """The same claims with changes, signed by ``key``."""
    return sign(key, typ, {**claims_of(token), **changes})


def altered(token: str, **changes: object) -> str:
    """The same token with changed claims under the old signature."""
    header, _claims, signature = token.split(".")
    body = json.dumps({**claims_of(token), **changes}).encode()
    return f"{header}.{base64.urlsafe_b64encode(body).rstrip(b'=').decode()}.{signature}"


def first_head(terminal: str) -> str:
    """Head of a chain without receipts: the hash of the terminal's uuid."""
    return base64.urlsafe_b64encode(hashlib.sha256(terminal.encode()).digest()).rstrip(b"=").decode()


def heartbeat(key: jwk.JWK, issuer: str, audience: str, seq: int, head: str) -> str:
    """A terminal's heartbeat, now."""
    now = int(time.time())
    claims = {
        "iss": issuer,
        "aud": audience,
        "iat": now,
        "nonce": uuid.uuid4().hex,
        "seq": seq,
        "head": head,
        "epoch": 1,
        "clk": "signed",
        "wall": now * 1000,
        "version": "0",
        "readers": [],
        "unresolved": 0,
    }
    return sign(key, "heartbeat+jwt", claims)
