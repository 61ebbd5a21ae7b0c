"""Pairing a terminal with a code that is shown once (``docs/protocol`` §2).

The code is ``HHHH-SSSS-SSSS-SSSS`` in Crockford's base 32: H finds the terminal, S is the secret and is never sent.
Both sides prove that they know S by a MAC over the keys they exchange, so nobody in between can put in keys of their
own.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from .codes import T_PAIRING_WRONG
from .errors import Refusal
from .tokens import b64u

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HANDLE_LENGTH = 4
SECRET_LENGTH = 12
LIFETIME = 15 * 60
LONGEST = 8 * 3600
"""Seconds; for many terminals that are set up in one working day."""
MAX_TRIES = 5

_CODE = re.compile(f"[{ALPHABET}]{{{HANDLE_LENGTH + SECRET_LENGTH}}}")
_MISREAD = str.maketrans("OIL", "011")
_INFO = b"prepaid-pairing-v1"


@dataclass(frozen=True)
class PairingCode:
    """A code.

    :param handle: four characters, finds the terminal
    :param secret: twelve characters, 60 bits; never stored and never sent
    """

    handle: str
    secret: str

    def __repr__(self):
        return f"PairingCode(handle={self.handle!r})"

    @property
    def shown(self):
        """The form for people, ``HHHH-SSSS-SSSS-SSSS``."""
        text = self.handle + self.secret
        return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _random(length):
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_code():
    """Make a code from the system's random source."""
    return PairingCode(_random(HANDLE_LENGTH), _random(SECRET_LENGTH))


def parse_code(text):
    """Read a code as people type it: any case, with or without dashes and spaces, O for 0, I and L for 1.

    :raise Refusal: T-108
    """
    plain = re.sub(r"[\s-]", "", text).upper().translate(_MISREAD) if isinstance(text, str) else ""
    if not _CODE.fullmatch(plain):
        raise Refusal(T_PAIRING_WRONG)
    return PairingCode(plain[:HANDLE_LENGTH], plain[HANDLE_LENGTH:])


def derive_key(code):
    """Return the 32-byte key of a code. Odoo stores this, not the secret."""
    hkdf = HKDF(algorithm=SHA256(), length=32, salt=code.handle.encode(), info=_INFO)
    return hkdf.derive(code.secret.encode())


def _mac(key, *parts):
    return b64u(hmac.new(key, "\n".join(parts).encode(), hashlib.sha256).digest())


def request_mac(key, handle, ed25519, x25519):
    """Return the terminal's MAC over its public keys.

    :param key: of :func:`derive_key`
    :param ed25519: signing key, base64url
    :param x25519: encryption key, base64url
    """
    return _mac(key, "terminal", handle, ed25519, x25519)


def check_request(key, mac, handle, ed25519, x25519):
    """Check the terminal's MAC in constant time.

    :raise Refusal: T-108
    """
    expected = request_mac(key, handle, ed25519, x25519)
    if not isinstance(mac, str) or not hmac.compare_digest(expected.encode(), mac.encode("utf-8", "replace")):
        raise Refusal(T_PAIRING_WRONG)


def answer_mac(key, terminal, iss, kid, signing_key, epoch, origins):
    """Return Odoo's MAC over its answer.

    :param terminal: the terminal's uuid
    :param iss: the database's uuid
    :param kid: key id of Odoo's key
    :param signing_key: Odoo's Ed25519 public key, base64url
    :param epoch: whole number
    :param origins: list of web origins that may use the terminal
    """
    return _mac(key, "odoo", terminal, iss, kid, signing_key, str(epoch), " ".join(origins))
