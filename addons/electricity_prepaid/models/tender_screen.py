"""A tender's amount with its sign, so that lists and pivots add up to what is in the drawer."""

from odoo import api, fields, models


class ElectricityTender(models.Model):
    _inherit = "electricity.tender"

    signed_amount = fields.Monetary(
        compute="_compute_signed_amount", store=True, aggregator="sum", help="Negative for money that was handed back."
    )

    @api.depends("amount", "direction")
    def _compute_signed_amount(self):
        for tender in self:
            tender.signed_amount = tender.amount if tender.direction == "in" else -tender.amount
