from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    electricity_currency_id = fields.Many2one(related="company_id.currency_id", string="Currency of Limits")
    electricity_clerk_cash_limit = fields.Monetary(
        related="company_id.electricity_clerk_cash_limit", currency_field="electricity_currency_id", readonly=False
    )
    electricity_smallest_coin = fields.Monetary(
        related="company_id.electricity_smallest_coin", currency_field="electricity_currency_id", readonly=False
    )
    electricity_issuer = fields.Integer(related="company_id.electricity_issuer", readonly=False)
    electricity_quick_amounts = fields.Char(related="company_id.electricity_quick_amounts", readonly=False)
    electricity_note_denominations = fields.Char(related="company_id.electricity_note_denominations", readonly=False)
    electricity_notes_limit = fields.Monetary(
        related="company_id.electricity_notes_limit", currency_field="electricity_currency_id", readonly=False
    )
    electricity_receipt_url = fields.Char(related="company_id.electricity_receipt_url", readonly=False)
    electricity_receipt_problem = fields.Char("Problem of the Address", compute="_compute_electricity_receipt_problem")

    @api.depends("company_id")
    def _compute_electricity_receipt_problem(self):
        for settings in self:
            settings.electricity_receipt_problem = settings.company_id.receipt_address_problem()
