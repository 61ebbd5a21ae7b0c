"""The window in which a past day is chosen to be compared with the marketing system."""

from odoo import api, fields, models

from ..core import cis_delivery


class ElectricityCisDayBring(models.TransientModel):
    """Chooses a day; shows before how many of its payments have not arrived."""

    _name = "electricity.cis.day.bring"
    _description = "Compare a Day"

    day = fields.Date(required=True, default=lambda self: fields.Date.subtract(fields.Date.context_today(self), days=1))
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, readonly=True)
    live_count = fields.Integer("Still on Their Way", compute="_compute_live_count")
    anyway = fields.Boolean("Compare Anyway")

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
