"""The demo master key, from which the code of every card is derived (docs/protocol, "Card code (PSC)")."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path

from .layout import encode_bcd


class KeyFileError(ValueError):
    """The key file is missing, unreadable or has another form."""


class MasterKey:
    """A master key of 32 bytes.

    :param secret: 32 bytes.
    """

    def __init__(self, secret: bytes) -> None:
        if len(secret) != 32:
            raise KeyFileError("the master key has 32 bytes (64 hexadecimal digits)")
        self._secret = bytes(secret)

    @classmethod
    def load(cls, path: str | Path) -> MasterKey:
        """Read the key file ``{"sle4442_demo": {"master": "<64 hexadecimal digits>"}}``.

        :raises KeyFileError: missing, unreadable or of another form.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            secret = bytes.fromhex(content["sle4442_demo"]["master"])
        except OSError as error:
            raise KeyFileError(f"cannot read the key file {path}: {error.strerror}") from error
        except (KeyError, TypeError, ValueError) as error:
            raise KeyFileError(f'{path} must hold {{"sle4442_demo": {{"master": "64 hexadecimal digits"}}}}') from error
        return cls(secret)

    def psc(self, serial: str) -> bytes:
        """Return the 3-byte code of the card with this serial (12 digits)."""
        return hmac.new(self._secret, b"PSC" + encode_bcd(serial, 6), hashlib.sha256).digest()[:3]
