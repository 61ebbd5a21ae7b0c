"""Money without an account: one person says whose it is, another one approves it."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import codes, money
from ..core.errors import Refusal
from .answers import as_engine, as_user_error


class ElectricityTender(models.Model):
    _inherit = "electricity.tender"

    proposed_account_id = fields.Many2one("electricity.account", readonly=True, index="btree_not_null", prefetch=False)
    proposed_by_id = fields.Many2one("res.users", "Proposed by", readonly=True, index="btree_not_null", prefetch=False)
    proposed_note = fields.Text("Why", readonly=True, prefetch=False)
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True, index="btree_not_null", prefetch=False)

    def _check_may_assign(self):
        """Check that the caller may decide whose this money is, and that nobody has done so."""
        self.ensure_one()
        self.check_access("read")
        groups = ("electricity_prepaid.group_supervisor", "electricity_prepaid.group_finance")
        if not any(self.env.user.has_group(group) for group in groups):
            raise as_user_error(self.env, Refusal(codes.S_NOT_PERMITTED))
        if not self.is_unassigned:
            raise UserError(self.env._("This money belongs to an account already."))
        if self.currency_id != self.company_id.currency_id:
            raise UserError(
                self.env._("This money is in another currency than the accounts. It can only be handed back.")
            )

    def action_open_assign(self):
        """Open the window that asks whose this money is."""
        self._check_may_assign()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Whose Money Is It"),
            "res_model": "electricity.tender.assign",
            "view_mode": "form",
            "target": "new",
            "context": {"default_tender_id": self.id},
        }

    @api.private
    def propose_account(self, account, note):
        """Say whose this money is; another person has to approve it.

        :param account: of the same company
        :param note: how that was found out
        """
        self._check_may_assign()
        account.check_access("read")
        if account.company_id != self.company_id:
            raise UserError(self.env._("The account belongs to another company than the terminal."))
        self.sudo().write({"proposed_account_id": account.id, "proposed_by_id": self.env.uid, "proposed_note": note})

    def action_approve_account(self):
        """Book this money to the account that another person has proposed."""
        self._check_may_assign()
        tender = as_engine(self)
        account = tender.proposed_account_id
        try:
            if not account or tender.proposed_by_id == self.env.user:
                raise Refusal(codes.S_SECOND_PERSON)
            account.take()
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
        cents = money.to_cents(tender.amount)
        if cents:
            account.book("tender", cents, tender=tender)
        tender.write({"electricity_account_id": account.id, "is_unassigned": False, "approved_by_id": self.env.uid})
