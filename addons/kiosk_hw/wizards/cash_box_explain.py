"""The window that asks why a cash box holds more or less than was recorded."""

from odoo import fields, models

from ..models.cash_box_explanation import REASONS


class ElectricityCashBoxExplain(models.TransientModel):
    """One person's word for a difference; another one approves it."""

    _name = "electricity.cash.box.explain"
    _description = "Explain the Difference"

    cash_box_id = fields.Many2one("electricity.cash.box", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="cash_box_id.company_id")
    currency_id = fields.Many2one(related="cash_box_id.currency_id")
    open_difference = fields.Monetary(related="cash_box_id.open_difference")
    amount = fields.Monetary(required=True, help="Positive: long money. Negative: short money.")
    reason = fields.Selection(REASONS, required=True)
    note = fields.Text("What Happened", required=True)
    account_id = fields.Many2one(
        "account.account",
        "Book It to",
        domain="[('company_ids', 'parent_of', company_id), ('account_type', '!=', 'asset_cash')]",
        help="The account that bears it in the end: a loss, an income, or what somebody owes.",
    )

    def action_propose(self):
        """Propose the explanation."""
        self.ensure_one()
        self.cash_box_id.propose_explanation(self.amount, self.reason, self.note, self.account_id)
        return {"type": "ir.actions.act_window_close"}
