"""Codes by which a customer is known (客户二维码): a name that says nothing, and our signature over it.

A code is ``EQ1`` and the base32 (RFC 4648) of a uuid and an Ed25519 signature (RFC 8032), 131 characters that a QR code
holds in its alphanumeric mode. Whose it is stands in the database, so that it can be revoked; that it is ours it proves
by itself, so that no table of secrets is needed to know it.
"""

import base64
import binascii
import uuid as uuid_module

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .tokens import unb64u

PREFIX = "EQ1"
LENGTH = 131
_UUID = 16
_DOMAIN = b"electricity customer code 1\0"


def _message(db_uuid, name):
    return _DOMAIN + db_uuid.encode() + b"\0" + name


def issue(keyring, uuid):
    """Return the code of a uuid; the same key makes the same code again.

    :param keyring: :class:`~.keyring.Keyring`
    :param uuid: text form
    """
    name = uuid_module.UUID(uuid).bytes
    key = Ed25519PrivateKey.from_private_bytes(unb64u(keyring.active.d))
    return PREFIX + base64.b32encode(name + key.sign(_message(keyring.db_uuid, name))).decode()


def looks_like_one(text):
    """Tell whether a text means to be such a code. Nothing is proved."""
    return text.startswith(PREFIX)


def verify(keyring, text):
    """Return the uuid of a code that one of our keys signed for this database, None for any other text.

    :param keyring: :class:`~.keyring.Keyring`
    :param text: what a scanner read
    """
    if len(text) != LENGTH or not looks_like_one(text):
        return None
    try:
        data = base64.b32decode(text[len(PREFIX) :])
    except (binascii.Error, ValueError):
        return None
    name, signature = data[:_UUID], data[_UUID:]
    if any(_is_signed(x, signature, _message(keyring.db_uuid, name)) for x in keyring.publics.values()):
        return str(uuid_module.UUID(bytes=name))
    return None


def _is_signed(x, signature, message):
    try:
        Ed25519PublicKey.from_public_bytes(unb64u(x)).verify(signature, message)
    except InvalidSignature:
        return False
    return True
