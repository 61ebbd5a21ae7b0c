"""A change of Odoo's signing key, told by messages that the old key signed (docs/protocol, section 2)."""

from __future__ import annotations

import logging
from dataclasses import replace

from hw_proxy import tokens
from hw_proxy.errors import TokenError
from hw_proxy.keys import FurtherKey, Pairing

logger = logging.getLogger(__name__)

TYPE = "handover+jwt"
# As many as Odoo sends.
MOST = 8
# As long as the longest-lived message that the old key can have signed: a page token.
OLD_KEY_MS = 8 * 3_600_000


def learn(pairing: Pairing, handovers: object) -> Pairing:
    """The pairing with the keys that Odoo's trusted keys hand over to; what is not genuine changes nothing.

    :param handovers: ``handover+jwt``, oldest first, untrusted.
    """
    for token in handovers[:MOST] if isinstance(handovers, list) else []:
        try:
            claims = tokens.verify(token, TYPE, pairing.issuer, pairing.iss)
            tokens.require(claims, kid=tokens.is_text(64), key=tokens.is_text(64))
            key = FurtherKey(claims["kid"], claims["key"])
            key.check()
        except (TokenError, ValueError):
            # Handovers that led to the present key are signed by keys that are no longer taken.
            continue
        if key.kid not in pairing.kids:
            pairing = replace(pairing, further=(*pairing.further, key))
    return pairing


def settle(pairing: Pairing, kid: str, now: int) -> Pairing:
    """The pairing after an acknowledgement: a handed-over key that signs is Odoo's key, the one before runs out.

    :param kid: key that signed the acknowledgement; it is one of the pairing's.
    :param now: Odoo's time in ms.
    """
    further = tuple(key for key in pairing.further if key.until is None or key.until > now)
    signer = next((key for key in further if key.kid == kid and key.until is None), None)
    if signer is None:
        return replace(pairing, further=further)
    old = FurtherKey(pairing.kid, pairing.key, now + OLD_KEY_MS)
    rest = tuple(key for key in further if key.kid != kid)
    return replace(pairing, kid=signer.kid, key=signer.key, further=(old, *rest))
