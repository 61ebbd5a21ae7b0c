"""What the page of a kiosk says of itself: screens, touches, errors of its browser. Kept apart; no evidence."""

from odoo import api, models
from odoo.addons.electricity_prepaid.core import codes
from odoo.addons.electricity_prepaid.core.errors import Refusal

from . import kiosk_trail
from .kiosk import kiosk_call

KINDS = ("screen", "key", "error")
MOST = 20
"""Entries of one call."""
LONGEST = 120
"""Characters of one entry."""


class ElectricityKiosk(models.AbstractModel):
    _inherit = "electricity.kiosk"

    @api.model
    @kiosk_call
    def report(self, config, entries):
        """Keep what the page says that it showed, what was touched on it, and what went wrong in it.

        :param entries: at most 20 of ``[kind, text]``; kind is "screen", "key" or "error"
        :raises Refusal: P-104
        """
        if not isinstance(entries, list) or len(entries) > MOST:
            raise Refusal(codes.P_MALFORMED)
        for entry in entries:
            if not isinstance(entry, list) or len(entry) != 2 or entry[0] not in KINDS or not isinstance(entry[1], str):
                raise Refusal(codes.P_MALFORMED)
        for kind, text in entries:
            step = kiosk_trail.Step(kind, None)
            step.outcome = "said"
            cleaned = "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST])
            kiosk_trail.write(self.env, config, kiosk_trail.PAGE, step, cleaned)
        return {}
