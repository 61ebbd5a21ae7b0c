"""The login statement: this terminal's word that the page before it belongs to its kiosk (docs/protocol, section 1)."""

from __future__ import annotations

import uuid

from hw_proxy import tokens
from hw_proxy.errors import Refusal
from hw_proxy.terminal import Terminal

LOGIN = "/electricity/kiosk/login"


def login(terminal: Terminal) -> dict[str, str]:
    """Where the page is to go, and the statement that it brings along; good once, for a minute.

    :raises Refusal: P-117 while Odoo cannot be reached, T-103 while it has disabled this terminal.
    """
    if not terminal.odoo.reachable:
        raise Refusal("P-117")
    if terminal.odoo.state == "disabled":
        raise Refusal("T-103")
    pairing = terminal.identity.pairing
    claims = {
        "iss": pairing.terminal,
        "aud": pairing.iss,
        "jti": str(uuid.uuid4()),
        "iat": terminal.clock.now_ms() // 1000,
    }
    token = tokens.sign(terminal.identity.keys.signing, "login+jwt", claims)
    return {"action": (terminal.config.kiosk.url or terminal.config.odoo.url).rstrip("/") + LOGIN, "token": token}
