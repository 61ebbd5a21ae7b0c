"""The window that asks whose the money is that was taken for a purchase that is not known."""

from odoo import fields, models


class ElectricityTenderAssign(models.TransientModel):
    """One person's word for whose money this is; another one approves it."""

    _name = "electricity.tender.assign"
    _description = "Whose Money Is It"

    tender_id = fields.Many2one("electricity.tender", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="tender_id.company_id")
    account_id = fields.Many2one("electricity.account", required=True, domain="[('company_id', '=', company_id)]")
    note = fields.Text("Why", required=True)

    def action_propose(self):
        """Propose the account."""
        self.ensure_one()
        self.tender_id.propose_account(self.account_id, self.note)
        return {"type": "ir.actions.act_window_close"}
