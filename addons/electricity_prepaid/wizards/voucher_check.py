"""The window in which a clerk checks a voucher: whose it is, what became of its money."""

from odoo import fields, models

from ..core.errors import Refusal
from ..models.answers import as_user_error, sentence


class ElectricityVoucherCheck(models.TransientModel):
    """One voucher that a customer has brought."""

    _name = "electricity.voucher.check"
    _description = "Check a Voucher"

    voucher = fields.Text("Code or Number", required=True)
    result = fields.Selection(
        [
            ("balance", "The money has arrived"),
            ("unassigned", "The money has arrived, but belongs to no account yet"),
            ("missing", "The money has not arrived"),
        ],
        readonly=True,
    )
    message = fields.Char(readonly=True)
    tender_id = fields.Many2one("electricity.tender", readonly=True)
    currency_id = fields.Many2one(related="tender_id.currency_id")
    amount = fields.Monetary(related="tender_id.amount")
    uncertain_amount = fields.Monetary(related="tender_id.uncertain_amount")
    notes_text = fields.Char(related="tender_id.notes_text")
    occurred_at = fields.Datetime("Arrived", related="tender_id.occurred_at")
    terminal_id = fields.Many2one(related="tender_id.terminal_id")
    account_id = fields.Many2one(related="tender_id.electricity_account_id")
    recharge_id = fields.Many2one(related="tender_id.recharge_id")
    recharge_state = fields.Selection(related="tender_id.recharge_id.state", string="State of the Order")

    def action_check(self):
        """Look for the voucher's money, and take it in when the terminal has not brought it yet."""
        self.ensure_one()
        try:
            tender = self.env["electricity.tender"].of_voucher(self.voucher)
        except Refusal as refusal:
            if refusal.code not in ("A-411", "A-412"):
                raise as_user_error(self.env, refusal) from refusal
            text = f"{sentence(self.env, refusal.code)} ({refusal.code})"
            self.write({"tender_id": False, "result": "missing", "message": text})
            return self._again()
        result = "unassigned" if tender.is_unassigned else "balance"
        self.write({"tender_id": tender.id, "result": result, "message": False})
        return self._again()

    def action_assign(self):
        """Say whose the money is; another person approves it."""
        self.ensure_one()
        return self.tender_id.action_open_assign()

    def _again(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Check a Voucher"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }
