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
OLDEST = 60_000
"""Milliseconds that an entry may be older than its sending: several times what the page waits with it."""


class ElectricityKiosk(models.AbstractModel):
    _inherit = "electricity.kiosk"

    @api.model
    @kiosk_call
    def report(self, config, entries):
        """Keep what the page says that it showed, what was touched on it, and what went wrong in it.

        :param entries: at most 20 of ``[kind, text, age]``; kind is "screen", "key" or "error", age says how many
            milliseconds before the sending it was, and is taken for no more than a minute and the visit's begin; pages
            of before send none
        :raises Refusal: P-104
        """
        if not isinstance(entries, list) or len(entries) > MOST:
            raise Refusal(codes.P_MALFORMED)
        for entry in entries:
            if not _is_entry(entry):
                raise Refusal(codes.P_MALFORMED)
        for kind, text, *age in entries:
            step = kiosk_trail.Step(kind, None)
            step.outcome = "said"
            cleaned = "".join(letter if letter.isprintable() else " " for letter in text[:LONGEST])
            kiosk_trail.write(self.env, config, kiosk_trail.PAGE, step, cleaned, min(max([0, *age]), OLDEST))
        return {}


def _is_entry(entry):
    if not isinstance(entry, list) or len(entry) not in (2, 3) or not isinstance(entry[1], str):
        return False
    # True is a number to Python.
    return entry[0] in KINDS and all(type(age) is int for age in entry[2:])
