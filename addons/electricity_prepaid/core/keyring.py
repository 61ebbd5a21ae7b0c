"""Odoo's signing keys and the epoch, in a file outside the database.

A copied or restored database must not be able to act for the original: the file names the database, the epoch goes into
every order and rises at every restore, and terminals never accept a lower one. Rotation keeps retired keys, because
receipts embed whole orders and must stay verifiable.
"""

import time
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwcrypto import jwk

from .codes import T_RESTORED
from .errors import Refusal
from .private_files import read_private, refuse, write_private
from .tokens import b64u, is_raw_key, thumbprint


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key pair.

    :param x: public key, base64url
    :param d: private key, base64url; never shown in a representation
    """

    x: str
    d: str

    def __repr__(self):
        return f"SigningKey(kid={self.kid!r})"

    @classmethod
    def generate(cls):
        """Make a new key."""
        private = Ed25519PrivateKey.generate()
        return cls(b64u(private.public_key().public_bytes_raw()), b64u(private.private_bytes_raw()))

    @cached_property
    def kid(self):
        """The key id, thumbprint by RFC 7638."""
        return thumbprint(self.x)

    @cached_property
    def jwk(self):
        """The pair as the JOSE library wants it."""
        return jwk.JWK(kty="OKP", crv="Ed25519", x=self.x, d=self.d)


@dataclass(frozen=True)
class Keyring:
    """The content of the key file.

    :param db_uuid: uuid of the database for which the keys sign
    :param epoch: whole number, rises at every restore
    :param active: the key that signs
    :param publics: public keys by key id, the retired ones too
    """

    db_uuid: str
    epoch: int
    active: SigningKey
    publics: dict

    def public(self, kid):
        """Return the public key (base64url) of a key id, None when it never was ours."""
        return self.publics.get(kid)


def _entry(key, state):
    return {"kid": key.kid, "d": key.d, "x": key.x, "created": int(time.time()), "state": state}


def _entry_good(entry):
    return (
        isinstance(entry, dict)
        and is_raw_key(entry.get("x"))
        and is_raw_key(entry.get("d"))
        and entry.get("kid") == thumbprint(entry["x"])
        and entry.get("state") in ("active", "retired")
    )


def _parse(content):
    entries, epoch = content.get("keys"), content.get("epoch")
    if not isinstance(entries, list) or not all(_entry_good(entry) for entry in entries):
        raise refuse("key file holds a malformed key")
    active = [entry for entry in entries if entry["state"] == "active"]
    if len(active) != 1 or not isinstance(epoch, int) or epoch < 1 or not isinstance(content.get("db_uuid"), str):
        raise refuse("key file needs exactly one active key, an epoch and a database")
    key = SigningKey(active[0]["x"], active[0]["d"])
    publics = {entry["kid"]: entry["x"] for entry in entries}
    return Keyring(content["db_uuid"], epoch, key, publics)


def load(path, db_uuid=None):
    """Read the key file.

    :param path: the file named in odoo.conf
    :param db_uuid: when given, the database that wants to sign
    :raise Refusal: T-107 (missing, open to others, malformed; ``reason`` says which), T-106 the keys belong to another
        database: a copy must not sign
    """
    keyring = _parse(read_private(path))
    if db_uuid is not None and keyring.db_uuid != db_uuid:
        raise Refusal(T_RESTORED)
    return keyring


def provision(path, db_uuid):
    """Make the key file with a first key and epoch 1.

    :raise FileExistsError: keys are never overwritten
    """
    content = {"db_uuid": db_uuid, "epoch": 1, "keys": [_entry(SigningKey.generate(), "active")]}
    write_private(path, content, replace=False)
    return _parse(content)


def raise_epoch(path):
    """Raise the epoch, after a restore."""
    content = read_private(path)
    _parse(content)
    content["epoch"] += 1
    write_private(path, content, replace=True)
    return _parse(content)


def rotate(path):
    """Retire the active key and make a new one; terminals must learn the new one before they accept its orders."""
    content = read_private(path)
    _parse(content)
    for entry in content["keys"]:
        entry["state"] = "retired"
    content["keys"].append(_entry(SigningKey.generate(), "active"))
    write_private(path, content, replace=True)
    return _parse(content)
