"""The window in which a past day is chosen to be compared with the marketing system."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError


class ElectricityCisDayBring(models.TransientModel):
    """Chooses a day; shows before how many of its messages have not arrived."""

    _name = "electricity.cis.day.bring"
    _description = "Compare a Day"

    day = fields.Date(required=True, default=lambda self: self._yesterday())
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, readonly=True)
    live_count = fields.Integer("Not Arrived", compute="_compute_live_count")
    anyway = fields.Boolean("Propose to Compare Anyway")

    @api.model
    def _yesterday(self):
        """Return the accounting day before today's: the company's date, wherever the user is."""
        today = datetime.now(ZoneInfo(self.env.company.electricity_zone())).date()
        return today - timedelta(days=1)

    @api.depends("day", "company_id")
    def _compute_live_count(self):
        days = self.env["electricity.cis.day"]
        for wizard in self:
            # The company comes from the browser, and the messages are counted as superuser.
            is_own = wizard.company_id in self.env.companies
            messages = is_own and wizard.day and days._holding_up(wizard.company_id, wizard.day)
            wizard.live_count = len(messages or ())

    def action_bring(self):
        """Begin the comparison, or propose it to a second person, and show it."""
        self.ensure_one()
        days = self.env["electricity.cis.day"]
        days._require_finance()
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Choose a company that you work for."))
        day = days.bring(self.company_id, self.day, self.anyway)
        return {
            "type": "ir.actions.act_window",
            "res_model": "electricity.cis.day",
            "res_id": day.id,
            "view_mode": "form",
            "target": "current",
        }
