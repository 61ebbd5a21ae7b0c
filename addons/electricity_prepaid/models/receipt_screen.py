"""The recharge that a terminal's receipt is about."""

from odoo import fields, models


class ElectricityReceipt(models.Model):
    _inherit = "electricity.receipt"

    recharge_id = fields.Many2one(related="attempt_id.recharge_id", string="Recharge")
    op = fields.Selection(related="attempt_id.op")
