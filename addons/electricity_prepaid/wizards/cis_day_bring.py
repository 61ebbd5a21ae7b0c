"""The window in which a past day is chosen to be compared with the marketing system."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..core import cis_delivery


class ElectricityCisDayBring(models.TransientModel):
    """Chooses a day; shows before how many of its payments have not arrived."""

    _name = "electricity.cis.day.bring"
    _description = "Compare a Day"

    day = fields.Date(required=True, default=lambda self: self._yesterday())
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, readonly=True)
    live_count = fields.Integer("Still on Their Way", compute="_compute_live_count")
    anyway = fields.Boolean("Compare Anyway")

    @api.model
    def _yesterday(self):
        """Return the accounting day before today's: the company's date, wherever the user is."""
        today = datetime.now(ZoneInfo(self.env.company.electricity_zone())).date()
        return today - timedelta(days=1)

    @api.depends("day", "company_id")
    def _compute_live_count(self):
        days = self.env["electricity.cis.day"]
        for wizard in self:
            messages = wizard.day and days._messages(wizard.company_id, wizard.day, cis_delivery.LIVE)
            wizard.live_count = len(messages or ())

    def action_bring(self):
        """Begin the comparison and show it."""
        self.ensure_one()
        days = self.env["electricity.cis.day"]
        days._require_finance()
        day = days.bring(self.company_id, self.day, self.anyway)
        return {
            "type": "ir.actions.act_window",
            "res_model": "electricity.cis.day",
            "res_id": day.id,
            "view_mode": "form",
            "target": "current",
        }
