"""What a terminal may do with the keys of cards, and how often."""

from datetime import datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..core import codes
from ..core.errors import Refusal
from .card_drivers import is_cpu


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
    issues_cpu_cards = fields.Boolean(
        "Issues CPU Cards",
        tracking=True,
        copy=False,
        prefetch=False,
        help="Accounts with CPU cards are opened, and such cards replaced, at this terminal. It could learn the keys of"
        " the cards that it issues: allow it only where the terminal is guarded like a card factory.",
    )
    key_day = fields.Date(readonly=True, copy=False, prefetch=False)
    key_uses = fields.Integer(readonly=True, copy=False, aggregator=None, prefetch=False)
    key_uses_today = fields.Integer(compute="_compute_key_uses_today")

    _key_quota_not_negative = models.Constraint("CHECK (key_quota >= 0)", "Limits are not negative.")

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("issues_cpu_cards") for vals in vals_list):
            self._check_may_let_issue()
        return super().create(vals_list)

    def write(self, vals):
        if "issues_cpu_cards" in vals:
            self._check_may_let_issue()
        return super().write(vals)

    def _check_may_let_issue(self):
        if not (self.env.su or self.env.user.has_group("electricity_prepaid.group_administrator")):
            raise AccessError(self.env._("Only an administrator decides which terminals issue CPU cards."))

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

    def _check_issues(self, driver):
        """Refuse a terminal that may not give a card its first keys.

        :param driver: of the card that is to be issued
        :raises Refusal: K-110
        """
        if is_cpu(driver) and not self.issues_cpu_cards:
            raise Refusal(codes.K_NO_ISSUER)

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
