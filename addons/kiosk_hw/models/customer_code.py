"""Customer codes (客户二维码): what a customer holds before a kiosk's scanner in the place of a card."""

import uuid

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import customer_codes
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import as_user_error
from odoo.addons.electricity_prepaid.models.own_defaults import OWN_DEFAULTS
from odoo.exceptions import AccessError

CLERK_GROUP = "electricity_prepaid.group_clerk"


class ElectricityCustomerCode(models.Model):
    """One code of one account. It holds no secret: the code is signed anew whenever it is printed."""

    _name = "electricity.customer.code"
    _inherit = [OWN_DEFAULTS]
    _description = "Customer Code"
    _order = "id desc"
    _rec_name = "electricity_account_id"

    uuid = fields.Char("Code Name", required=True, readonly=True, copy=False)
    electricity_account_id = fields.Many2one(
        "electricity.account", "Account", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    issued_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    issued_by_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="restrict")
    revoked_at = fields.Datetime(readonly=True)
    revoked_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")

    _uuid_unique = models.UniqueIndex("(uuid)", "This code exists already.")
    _one_valid = models.UniqueIndex(
        "(electricity_account_id) WHERE revoked_at IS NULL", "This account has a valid code already."
    )

    @api.model
    @api.private
    def account_of(self, text):
        """Return the account of a valid code, or an empty record.

        :param text: what a scanner read
        :raises Refusal: T-106, T-107 when the keys are missing
        """
        name = customer_codes.verify(self.env["electricity.keyring"].load_ring(), text)
        found = name and self.sudo().search([("uuid", "=", name), ("revoked_at", "=", False)])
        return found.electricity_account_id if found else self.env["electricity.account"].sudo()

    @api.model
    def _issue(self, account):
        """Give an account a new code; the one before it is worth nothing from now on."""
        self._revoke(account)
        return self.sudo().create(
            {
                "uuid": str(uuid.uuid4()),
                "electricity_account_id": account.id,
                "company_id": account.company_id.id,
                "issued_by_id": self.env.uid,
            }
        )

    @api.model
    def _revoke(self, account):
        valid = self.sudo().search([("electricity_account_id", "=", account.id), ("revoked_at", "=", False)])
        valid.write({"revoked_at": fields.Datetime.now(), "revoked_by_id": self.env.uid})
        valid.flush_recordset()


class ElectricityAccount(models.Model):
    _inherit = "electricity.account"

    customer_code_ids = fields.One2many("electricity.customer.code", "electricity_account_id", readonly=True)
    has_customer_code = fields.Boolean("Has a Customer Code", compute="_compute_has_customer_code")

    @api.depends("customer_code_ids.revoked_at")
    def _compute_has_customer_code(self):
        for account in self:
            account.has_customer_code = any(not code.revoked_at for code in account.sudo().customer_code_ids)

    def _for_customer_code(self):
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_group(CLERK_GROUP):
            raise AccessError(self.env._("Customer codes are issued by clerks."))
        return self.env["electricity.customer.code"]

    def action_issue_customer_code(self):
        """Give the account a new customer code in the place of any before it, and print it."""
        codes = self._for_customer_code()
        codes._issue(self)
        self.sudo().message_post(body=self.env._("A customer code was issued."), author_id=self.env.user.partner_id.id)
        return self.action_print_customer_code()

    def action_revoke_customer_code(self):
        """Make the account's customer code worth nothing, because it was lost."""
        self._for_customer_code()._revoke(self)
        self.sudo().message_post(
            body=self.env._("The customer code was revoked."), author_id=self.env.user.partner_id.id
        )

    def action_print_customer_code(self):
        """Show the account's customer code, ready to be printed."""
        self._for_customer_code()
        return self.env.ref("kiosk_hw.action_report_customer_code").report_action(self)

    def _customer_code(self):
        """Return the text of the account's valid customer code, None without one.

        :raises UserError: the keys are missing
        """
        valid = self.sudo().customer_code_ids.filtered(lambda code: not code.revoked_at)
        try:
            return customer_codes.issue(self.env["electricity.keyring"].load_ring(), valid.uuid) if valid else None
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
