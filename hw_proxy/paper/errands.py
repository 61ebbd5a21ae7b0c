"""Prints that Odoo asks the terminal itself for, with its answers to heartbeats: no page carries them.

What became of them is in the next heartbeat, signed, and again in each one until Odoo asks for them no more. A print
that Odoo asks for again is answered, not printed again: the print desk knows it by its name.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from hw_proxy.errors import Refusal
from hw_proxy.paper import order
from hw_proxy.paper.book import PRINTING
from hw_proxy.paper.codes import NO_PRINTER
from hw_proxy.pos.slip import NOT_PRINTED

if TYPE_CHECKING:
    from hw_proxy.terminal import Terminal

logger = logging.getLogger(__name__)

# As many as Odoo takes in a heartbeat (docs/protocol, section 1).
MOST = 4


class Errands:
    """What Odoo has asked for with its latest answer."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        # Name of a print -> code of why it is not even begun, or none. Replaced as a whole: other threads read it.
        self._asked: dict[str, str | None] = {}

    def take(self, wanted: object) -> None:
        """Print what an answer asks for.

        :param wanted: print orders, compact, untrusted; anything else is none.
        """
        pairing = self._terminal.identity.pairing
        asked: dict[str, str | None] = {}
        orders = []
        for token in wanted[:MOST] if isinstance(wanted, list) else []:
            try:
                found = order.verify(token, pairing.issuer, pairing.terminal, self._terminal.odoo.epoch)
            except Refusal as refusal:
                logger.warning("Odoo asks for a print that is not genuine (%s)", refusal.code)
                continue
            asked[found.jti] = None
            orders.append((found.jti, token))
        before = self._asked
        # Before anything is printed: one that ends at once is to be told at once.
        self._asked = asked
        for jti, token in orders:
            try:
                self._terminal.prints.print(token)
            except Refusal as refusal:
                logger.warning("print %s, which Odoo asks for: %s", jti, refusal.code)
                if refusal.code == NO_PRINTER:
                    self._asked = {**self._asked, jti: refusal.code}
                    if jti not in before:
                        self.ended(jti)

    def ended(self, jti: str) -> None:
        """Tell Odoo at once when one that it has asked for has ended."""
        if jti in self._asked:
            self._terminal.push_wanted.set()

    def ends(self) -> list[dict[str, object]]:
        """The claim ``prints``: what became of those that have ended."""
        found: list[dict[str, object]] = []
        for jti, code in self._asked.items():
            if code is not None:
                found.append({"job": jti, "state": NOT_PRINTED, "code": code})
                continue
            try:
                told = self._terminal.prints.state(jti)
            except Refusal:
                # Not begun, or the journal does not answer: nothing is said of it.
                continue
            if told["state"] != PRINTING:
                found.append(told)
        return found
