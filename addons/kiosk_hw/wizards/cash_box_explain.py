"""The window that asks why a cash box holds more or less than was recorded."""

from odoo import api, fields, models

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
    needs_account = fields.Boolean(compute="_compute_needs_account")
    account_id = fields.Many2one(
        "account.account",
        "Book It to",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        domain="[('company_ids', 'parent_of', company_id), '|', ('account_type', 'in', ('expense', 'expense_other', "
        "'income', 'income_other')), '&', ('account_type', 'in', ('asset_current', 'liability_current')), "
        "('reconcile', '=', False)]",
        help="The account that bears it in the end: a loss, an income, or what somebody owes.",
    )

    @api.depends("cash_box_id")
    def _compute_needs_account(self):
        explanations = self.env["electricity.cash.box.explanation"].sudo()
        for window in self:
            # Notes of a terminal that is no kiosk are counted without books.
            window.needs_account = bool(explanations.new({"cash_box_id": window.cash_box_id.id})._journal())

    @api.depends("cash_box_id", "reason", "amount")
    def _compute_account_id(self):
        explanations = self.env["electricity.cash.box.explanation"]
        for window in self:
            if not window.reason or not window.amount:
                continue
            # What a supervisor approved for this reason the last time.
            domain = [
                ("company_id", "=", window.company_id.id),
                ("reason", "=", window.reason),
                ("amount", "<" if window.amount < 0 else ">", 0),
                ("state", "=", "approved"),
                ("account_id", "!=", False),
            ]
            window.account_id = explanations.search(domain, limit=1).account_id or window.account_id

    def action_propose(self):
        """Propose the explanation."""
        self.ensure_one()
        self.cash_box_id.propose_explanation(self.amount, self.reason, self.note, self.account_id)
        return {"type": "ir.actions.act_window_close"}
