"""Who signs: a terminal as Odoo knows it since pairing."""

from dataclasses import dataclass
from functools import cached_property

from .tokens import thumbprint


@dataclass(frozen=True)
class TerminalKey:
    """A paired terminal.

    :param uuid: its uuid, ``iss`` of what it signs and ``aud`` of what is meant for it
    :param x: its Ed25519 public key, base64url
    """

    uuid: str
    x: str

    @cached_property
    def kid(self):
        """Its key id, thumbprint by RFC 7638."""
        return thumbprint(self.x)
