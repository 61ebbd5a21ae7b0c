"""What the notes of new kiosks are booked to: proposed where it is plain, asked for otherwise."""

from odoo import api, fields, models
from odoo.exceptions import UserError

ADVANCES = "2203"
PENDING = "1901"
ADVANCE_PRODUCT = "KIOSK-ADVANCE"
"""Reference of the product that is made once for a company."""


class ElectricityKioskSetup(models.TransientModel):
    _inherit = "electricity.kiosk.setup"

    advance_product_id = fields.Many2one(
        "product.product", "Product for Advances", compute="_compute_advance_product_id", compute_sudo=True
    )
    advance_account_id = fields.Many2one(
        "account.account",
        "Account for Advances",
        compute="_compute_accounts",
        store=True,
        readonly=False,
        domain="[('internal_group', '=', 'liability'), ('company_ids', 'in', company_id)]",
        help="The liability that money in the boxes is owed under until energy is sold (2203).",
    )
    difference_account_id = fields.Many2one(
        "account.account",
        "Account for Differences",
        compute="_compute_accounts",
        store=True,
        readonly=False,
        domain="[('company_ids', 'in', company_id), ('account_type', 'not in', "
        "('asset_receivable', 'liability_payable', 'asset_cash'))]",
        help="A suspense account for what a counted box has too much or too little, until people have explained it.",
    )

    @api.depends("company_id")
    def _compute_advance_product_id(self):
        for setup in self:
            setup.advance_product_id = setup._kiosks_before().kiosk_advance_product_id[:1] or setup._own_product()

    @api.depends("company_id")
    def _compute_accounts(self):
        for setup in self:
            journals = setup._kiosks_before().payment_method_ids.filtered("is_cash_count").journal_id
            setup.advance_account_id = setup._account_like(ADVANCES)
            setup.difference_account_id = (
                journals.profit_account_id[:1]
                or setup._account_like(PENDING)
                or setup.company_id.sudo().account_journal_suspense_account_id
            )

    def _kiosks_before(self):
        """Return the kiosks of the company, the latest first: the new ones are booked as they are."""
        domain = [("company_id", "=", self.company_id.id), ("electricity_terminal_id", "!=", False)]
        return self.env["pos.config"].sudo().with_company(self.company_id).search(domain, order="id desc", limit=1)

    def _own_product(self):
        domain = [("company_id", "=", self.company_id.id), ("default_code", "=", ADVANCE_PRODUCT)]
        return self.env["product.product"].sudo().with_company(self.company_id).search(domain, limit=1)

    def _account_like(self, code):
        """Return the first account whose code begins so, or none."""
        accounts = self.env["account.account"].sudo().with_company(self.company_id)
        domain = [("company_ids", "in", self.company_id.ids), ("code", "=like", f"{code}%")]
        return accounts.search(domain, order="code", limit=1).with_env(self.env)

    def _check_accounts(self):
        """Check that the accounts are chosen and fit.

        :raises UserError: otherwise
        """
        company = self.company_id.sudo()
        if not company.chart_template:
            raise UserError(
                self.env._(
                    "%(company)s has no chart of accounts yet, so notes could not be booked. Nothing was made: choose "
                    "one in Accounting / Configuration / Settings.",
                    company=company.name,
                )
            )
        advances, differences = self.advance_account_id.sudo(), self.difference_account_id.sudo()
        wrong = not self.advance_product_id and (not advances or advances.internal_group != "liability")
        if wrong or company not in (advances or differences).company_ids:
            raise UserError(
                self.env._(
                    "Choose the account for advances: a liability, 2203 in the Chinese chart. Money in a box is owed "
                    "to the customers until energy is sold. Nothing was made."
                )
            )
        if not differences or company not in differences.company_ids:
            raise UserError(
                self.env._(
                    "Choose the account for differences: a suspense account, since people explain later what a box "
                    "had too much or too little. Nothing was made."
                )
            )

    def _make_notes_account(self, env, name):
        """Return a new account for the notes of one kiosk, like the one that Odoo would make with the journal, but
        without an external identifier.

        Odoo asks the database for each code that is taken, anew for each journal: half the time of a hundred kiosks.

        :param env: of the company, as superuser
        :param name: of the account
        """
        company, accounts = self.company_id.with_env(env), env["account.account"]
        known = accounts.search(accounts._check_company_domain(company))
        prefix = company.cash_account_code_prefix or company.bank_account_code_prefix or ""
        start = prefix.ljust(len(known[:1].code or "000000"), "0")
        code = accounts._search_new_account_code(start, cache={start, *known.mapped("code")})
        values = env["account.journal"]._prepare_liquidity_account_vals(company, code, {"name": name})
        return accounts.create(values)

    def _product(self):
        """Return the company's product for advances, made now when there is none."""
        self.invalidate_recordset(["advance_product_id"])
        if self.advance_product_id:
            return self.advance_product_id.sudo()
        products = self.env["product.product"].sudo().with_company(self.company_id)
        product = products.create(
            {
                "name": self.env._("Customer advance"),
                "default_code": ADVANCE_PRODUCT,
                "type": "service",
                "company_id": self.company_id.id,
                "taxes_id": [fields.Command.clear()],
                "supplier_taxes_id": [fields.Command.clear()],
                "property_account_income_id": self.advance_account_id.id,
                "available_in_pos": False,
                "purchase_ok": False,
                "sale_ok": False,
            }
        )
        for lang, _name in self.env["res.lang"].get_installed():
            product.with_context(lang=lang).name = self.with_context(lang=lang).env._("Customer advance")
        return product
