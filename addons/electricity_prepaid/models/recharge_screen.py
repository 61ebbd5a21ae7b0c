"""What the lists of recharges show beyond the order's own fields."""

from odoo import api, fields, models

from .account_button import ACCOUNT_BUTTON
from .answers import sentence


class ElectricityRecharge(models.Model):
    _name = "electricity.recharge"
    _inherit = ["electricity.recharge", ACCOUNT_BUTTON]

    energy_sold = fields.Float(
        compute="_compute_sold",
        store=True,
        digits="Electricity Energy",
        aggregator="sum",
        help="In kWh, of sales that stand: nothing for what was reversed or cancelled, or has not ended.",
    )
    cost_sold = fields.Monetary(
        "Sold",
        compute="_compute_sold",
        store=True,
        aggregator="sum",
        help="Price of the sales that stand: nothing for what was reversed or cancelled, or has not ended.",
    )
    last_code_text = fields.Char("What Is Known", compute="_compute_last_code_text")

    @api.depends("state", "energy", "cost")
    def _compute_sold(self):
        for order in self:
            stands = order.state == "written"
            order.energy_sold = order.energy if stands else 0
            order.cost_sold = order.cost if stands else 0

    @api.depends("hold_code", "last_code", "state")
    @api.depends_context("lang")
    def _compute_last_code_text(self):
        without_code = {
            "paid": self.env._("Paid; nothing has been sent to the card."),
            "authorized": self.env._("A write order is out; the terminal's receipt has not come."),
            "unknown": self.env._("The terminal's receipt has not come in time."),
        }
        for recharge in self:
            code = recharge.hold_code or recharge.last_code
            recharge.last_code_text = (
                f"{code} {sentence(self.env, code)}" if code else without_code.get(recharge.state, False)
            )
