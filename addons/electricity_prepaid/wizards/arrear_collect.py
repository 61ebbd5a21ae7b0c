"""Windows of the arrears list: who collects, and asking the marketing system again."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.arrear import UNPAID

ACTIVITY = "electricity_prepaid.mail_activity_collect_arrears"


class ElectricityArrearCollect(models.TransientModel):
    """Gives the accounts of chosen bills to a collector; shows before what it will do."""

    _name = "electricity.arrear.collect"
    _description = "Give Arrears to a Collector"

    arrear_ids = fields.Many2many("electricity.arrear", readonly=True, default=lambda self: self._default_bills())
    user_id = fields.Many2one(
        "res.users",
        "Collector",
        required=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    deadline = fields.Date(required=True, default=lambda self: fields.Date.add(fields.Date.today(), days=7))
    note = fields.Text()
    account_count = fields.Integer("Customers", compute="_compute_preview")
    new_count = fields.Integer("New Activities", compute="_compute_preview")
    known_count = fields.Integer("Already With a Collector", compute="_compute_preview")
    due = fields.Monetary("Arrears in All", compute="_compute_preview")

    @api.model
    def _default_bills(self):
        chosen = self.env["electricity.arrear"].browse(self.env.context.get("active_ids", []))
        return chosen.filtered(lambda bill: bill.state in UNPAID).ids

    def _open_accounts(self):
        """Return the accounts of the chosen bills that nobody collects yet."""
        accounts = self.arrear_ids.electricity_account_id
        activity = self.env.ref(ACTIVITY)
        return accounts.filtered(lambda account: activity not in account.activity_ids.activity_type_id)

    @api.depends("arrear_ids")
    def _compute_preview(self):
        for wizard in self:
            accounts = wizard.arrear_ids.electricity_account_id
            free = wizard._open_accounts()
            wizard.account_count = len(accounts)
            wizard.new_count = len(free)
            wizard.known_count = len(accounts - free)
            wizard.due = sum(wizard.arrear_ids.mapped("due"))

    def action_collect(self):
        """Plan one activity for each account that nobody collects yet."""
        self.ensure_one()
        self.arrear_ids.check_access("read")
        accounts = self._open_accounts()
        if not accounts:
            raise UserError(self.env._("All these customers are with a collector already."))
        accounts.check_access("read")
        if not accounts.company_id <= self.env.companies or self.user_id.share:
            raise AccessError(self.env._("Work in one of your companies."))
        for account in accounts:
            account.activity_schedule(
                ACTIVITY,
                date_deadline=self.deadline,
                user_id=self.user_id.id,
                note=self.note or "",
                summary=self.env._(
                    "Collect %(symbol)s %(amount)s",
                    symbol=account.currency_id.symbol,
                    amount=f"{account.arrears_total:.2f}",
                ),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "%(count)s customers are with %(user)s now.", count=len(accounts), user=self.user_id.name
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }


class ElectricityArrearRefreshWizard(models.TransientModel):
    """Orders a refresh of chosen accounts or of all; shows before how many."""

    _name = "electricity.arrear.refresh.wizard"
    _description = "Ask the Marketing System Again"

    account_ids = fields.Many2many("electricity.account", readonly=True, default=lambda self: self._default_accounts())
    everything = fields.Boolean("All Accounts of the Company", default=lambda self: not self._default_accounts())
    company_id = fields.Many2one("res.company", default=lambda self: self.env.company, readonly=True)
    account_count = fields.Integer("Accounts", compute="_compute_account_count")

    @api.model
    def _default_accounts(self):
        model, ids = self.env.context.get("active_model"), self.env.context.get("active_ids", [])
        if model == "electricity.arrear":
            return self.env[model].browse(ids).electricity_account_id.ids
        return ids if model == "electricity.account" else []

    @api.depends("everything", "account_ids", "company_id")
    def _compute_account_count(self):
        for wizard in self:
            domain = [("company_id", "=", wizard.company_id.id), ("state", "!=", "closed")]
            if not wizard.everything:
                domain.append(("id", "in", wizard.account_ids.ids))
            wizard.account_count = self.env["electricity.account"].search_count(domain)

    def action_refresh(self):
        """Start the job and show its progress."""
        self.ensure_one()
        user = self.env.user
        if not any(user.has_group(f"electricity_prepaid.group_{name}") for name in ("supervisor", "finance")):
            raise AccessError(self.env._("Only supervisors and finance refresh many accounts."))
        # The form shows it read-only, but a caller may write any.
        if self.company_id not in self.env.companies:
            raise AccessError(self.env._("Work in one of your companies."))
        self.account_ids.check_access("read")
        accounts = self.account_ids.filtered(lambda account: account.company_id == self.company_id)
        job = self.env["electricity.arrear.refresh"].start(accounts, self.company_id, self.everything)
        return {
            "type": "ir.actions.act_window",
            "res_model": "electricity.arrear.refresh",
            "res_id": job.id,
            "view_mode": "form",
            "target": "current",
        }
