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
    # With the caller's own rights: the account may be anybody's.
    balance = fields.Monetary(related="account_id.balance", related_sudo=False)
    available = fields.Monetary(compute="_compute_available", help="Neither reserved, nor meant for a paid purchase.")
    arrears_total = fields.Monetary(related="account_id.arrears_total", related_sudo=False)
    way = fields.Selection([(CASH, "In Cash at a Counter")], required=True, default=CASH)
    amount = fields.Monetary(compute="_compute_amount", store=True, readonly=False, required=True)
    reason = fields.Text("Why", required=True)

    @api.depends("account_id")
    def _compute_available(self):
        for window in self:
            cents = window.account_id.payable_cents() if window.account_id else 0
            window.available = money.cents_to_float(cents)

    @api.depends("account_id", "way")
    def _compute_amount(self):
        for window in self:
            window.amount = window._most()

    def _most(self):
        """Return what may be paid out at most in the chosen way."""
        return self.available

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
