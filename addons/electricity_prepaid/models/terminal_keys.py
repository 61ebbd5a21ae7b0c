"""How often the keys of cards may be used for a terminal."""

from datetime import datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..core import codes
from ..core.errors import Refusal


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    key_quota = fields.Integer(
        "Key Uses per Day",
        default=5000,
        tracking=True,
        prefetch=False,
        help="How often card keys may be used for this terminal on one day of the company; writing a card takes about"
        " ten. 0: no limit.",
    )
    key_day = fields.Date(readonly=True, copy=False, prefetch=False)
    key_uses = fields.Integer(readonly=True, copy=False, aggregator=None, prefetch=False)
    key_uses_today = fields.Integer(compute="_compute_key_uses_today")

    _key_quota_not_negative = models.Constraint("CHECK (key_quota >= 0)", "Limits are not negative.")

    @api.depends("key_day", "key_uses")
    def _compute_key_uses_today(self):
        for terminal in self:
            terminal.key_uses_today = terminal.key_uses if terminal.key_day == terminal._key_today() else 0

    def _key_today(self):
        return datetime.now(ZoneInfo(self.company_id.electricity_zone())).date()

    def _check_may_use_keys(self):
        """Refuse a terminal that does not sell.

        :raises Refusal: T-102, T-103
        """
        if self.state == "quarantined":
            raise Refusal(codes.T_QUARANTINED)
        if self.state != "active" or not self.active:
            raise Refusal(codes.T_DISABLED)

    def _count_key_use(self):
        """Count one use of a key, granted or refused. The terminal's row must be locked.

        :raises Refusal: K-104
        """
        today = self._key_today()
        uses = self.key_uses if self.key_day == today else 0
        if self.key_quota and uses >= self.key_quota:
            if uses == self.key_quota:
                # Once a day is enough to call somebody.
                self.write({"key_day": today, "key_uses": uses + 1})
                self.report(codes.K_QUOTA)
            raise Refusal(codes.K_QUOTA)
        self.write({"key_day": today, "key_uses": uses + 1})
