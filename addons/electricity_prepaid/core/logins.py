"""Login statements: a terminal's signed word that the page before it belongs to its kiosk (``docs/protocol`` §1)."""

from . import tokens
from .claims import Claims
from .codes import P_TOKEN
from .errors import Refusal

NAMES = ("iss", "aud", "jti", "iat")
LIFETIME = 60
"""Seconds after ``iat`` for which a statement is taken, and before it, for clocks that differ."""


def verify(token, terminal, db_uuid, now):
    """Verify a login statement. That it is used only once is the caller's to see to.

    :param token: compact form
    :param terminal: the :class:`~.identity.TerminalKey` that must have signed it
    :param db_uuid: this database
    :param now: seconds since the epoch (UTC)
    :return: its ``jti``
    :raise Refusal: P-103
    """
    refuse = P_TOKEN
    claims = Claims(tokens.verify(token, tokens.LOGIN, terminal.x, terminal.uuid, db_uuid, refuse), NAMES, refuse)
    if abs(claims.integer("iat") - now) > LIFETIME:
        raise Refusal(refuse)
    return claims.uuid("jti")
