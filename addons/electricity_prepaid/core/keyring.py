"""Odoo's signing keys and the epoch, in a file outside the database.

A copied or restored database must not be able to act for the original: the file names the database, the epoch goes into
every order and rises at every restore, and terminals never accept a lower one. Rotation keeps the public halves of
retired keys, because receipts embed whole orders and must stay verifiable.

A rotation overlaps two keys. First the new one is announced: the old key signs a *handover* that names it, which
terminals learn with their next acknowledgement, and from then on they take both. Then it is activated and the old
private key is erased; its handover stays, so that a terminal that was off for months learns of the new key too.
"""

import time
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwcrypto import jwk

from .codes import T_RESTORED
from .errors import Refusal
from .private_files import read_private, refuse, write_private
from .tokens import HANDOVER, b64u, is_raw_key, sign, thumbprint


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
    :param announced: the key that will sign next, None without one
    :param handovers: tuple of ``handover+jwt``, oldest first: each key that was announced, signed by the one before it
    """

    db_uuid: str
    epoch: int
    active: SigningKey
    publics: dict
    announced: SigningKey | None = None
    handovers: tuple = ()

    def public(self, kid):
        """Return the public key (base64url) of a key id, None when it never was ours."""
        return self.publics.get(kid)


def _entry(key, state):
    return {"kid": key.kid, "d": key.d, "x": key.x, "created": int(time.time()), "state": state}


def _state_good(entry):
    if entry.get("state") == "retired" and entry.get("d") is None:
        return True
    return is_raw_key(entry.get("d")) and entry.get("state") in ("active", "retired", "announced")


def _entry_good(entry):
    return (
        isinstance(entry, dict)
        and is_raw_key(entry.get("x"))
        and entry.get("kid") == thumbprint(entry["x"])
        and _state_good(entry)
        and isinstance(entry.get("handover", ""), str)
    )


def _parse(content):
    entries, epoch = content.get("keys"), content.get("epoch")
    if not isinstance(entries, list) or not all(_entry_good(entry) for entry in entries):
        raise refuse("key file holds a malformed key")
    active = [entry for entry in entries if entry["state"] == "active"]
    announced = [SigningKey(entry["x"], entry["d"]) for entry in entries if entry["state"] == "announced"]
    if (
        len(active) != 1
        or len(announced) > 1
        or not isinstance(epoch, int)
        or epoch < 1
        or not isinstance(content.get("db_uuid"), str)
    ):
        raise refuse("key file needs exactly one active key, an epoch and a database")
    key = SigningKey(active[0]["x"], active[0]["d"])
    publics = {entry["kid"]: entry["x"] for entry in entries}
    handovers = tuple(entry["handover"] for entry in entries if "handover" in entry)
    return Keyring(content["db_uuid"], epoch, key, publics, announced[0] if announced else None, handovers)


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


def _with_state(content, state):
    return [entry for entry in content["keys"] if entry["state"] == state]


def announce(path):
    """Make the key that will sign next, and let the present one hand over to it.

    :raise Refusal: T-107
    :raise ValueError: one is announced already
    """
    content = read_private(path)
    ring = _parse(content)
    if ring.announced:
        raise ValueError("A key is announced already: activate it first.")
    key = SigningKey.generate()
    names = {"iss": ring.db_uuid, "aud": ring.db_uuid, "iat": int(time.time()), "kid": key.kid, "key": key.x}
    content["keys"].append({**_entry(key, "announced"), "handover": sign(HANDOVER, names, ring.active)})
    write_private(path, content, replace=True)
    return _parse(content)


def activate(path):
    """Sign with the announced key from now on, and erase the private half of the one before.

    :raise Refusal: T-107
    :raise ValueError: none is announced
    """
    content = read_private(path)
    if not _parse(content).announced:
        raise ValueError("No key is announced: rotate first.")
    for entry in _with_state(content, "active"):
        entry.update(state="retired", d=None)
    for entry in _with_state(content, "announced"):
        entry["state"] = "active"
    write_private(path, content, replace=True)
    return _parse(content)


def rotate(path):
    """Change the key at once, without a handover: somebody else may have the old one.

    Nothing that the old key signed leads to the new one: every terminal must be paired again.

    :raise Refusal: T-107
    """
    content = read_private(path)
    _parse(content)
    for entry in content["keys"]:
        entry.update(state="retired", d=None)
        entry.pop("handover", None)
    content["keys"].append(_entry(SigningKey.generate(), "active"))
    write_private(path, content, replace=True)
    return _parse(content)
