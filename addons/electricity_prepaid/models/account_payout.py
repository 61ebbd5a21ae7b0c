"""What of an account's balance may be paid out, and what was."""

from odoo import api, fields, models

from ..core import money
from .recharge import OPEN_STATES


class ElectricityAccount(models.Model):
    _inherit = "electricity.account"

    available = fields.Monetary(compute="_compute_available", help="The balance less what is reserved.")
    payout_count = fields.Integer(compute="_compute_payout_count")

    @api.depends("balance", "held")
    def _compute_available(self):
        for account in self:
            account.available = money.cents_to_float(account.available_cents())

    @api.private
    def payable_cents(self):
        """Return how much of the balance may be paid out, in cents: not what a paid purchase still waits for."""
        self.ensure_one()
        domain = [("electricity_account_id", "=", self.id), ("state", "in", OPEN_STATES)]
        orders = self.env["electricity.recharge"].sudo().search(domain)
        # What was authorized is reserved already.
        waiting = sum(max(0, order._committed_cents() - money.to_cents(order.amount_held)) for order in orders)
        return max(0, self.available_cents() - waiting)

    def _compute_payout_count(self):
        counts = self._count_by_account("electricity.payout")
        for account in self:
            account.payout_count = counts.get(account, 0)

    def action_pay_out_balance(self):
        """Open the window that asks how much of the balance is paid out, and how."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay Out Balance"),
            "res_model": "electricity.payout.propose",
            "view_mode": "form",
            "target": "new",
            "context": {"default_account_id": self.id},
        }

    def action_open_payouts(self):
        """Return the window action that lists the payouts of this account."""
        return self._action_open("action_payout")
