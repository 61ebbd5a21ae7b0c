"""The window that asks how much of a balance is paid out, how, and why."""

from odoo import api, fields, models

from ..core import money
from ..models.payout import CASH


class ElectricityPayoutPropose(models.TransientModel):
    """One person's proposal to pay out a balance; another one approves it."""

    _name = "electricity.payout.propose"
    _description = "Pay Out a Balance"

    account_id = fields.Many2one("electricity.account", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="account_id.currency_id")
    balance = fields.Monetary(related="account_id.balance")
    available = fields.Monetary(related="account_id.available")
    arrears_total = fields.Monetary(related="account_id.arrears_total")
    way = fields.Selection([(CASH, "In Cash at a Counter")], required=True, default=CASH)
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False, required=True)
    reason = fields.Text("Why", required=True)

    @api.depends("account_id", "way")
    def _compute_amount(self):
        for window in self:
            window.amount = window._most()

    def _most(self):
        """Return what may be paid out at most in the chosen way."""
        return money.cents_to_float(self.account_id.payable_cents()) if self.account_id else 0

    def _more(self):
        """Return the further fields that the chosen way needs."""
        return {}

    def action_propose(self):
        """Propose it, and show what became of it."""
        self.ensure_one()
        payouts = self.env["electricity.payout"]
        payout = payouts.propose(self.account_id, self.amount, self.way, self.reason, **self._more())
        return {
            "type": "ir.actions.act_window",
            "res_model": "electricity.payout",
            "res_id": payout.id,
            "view_mode": "form",
        }
