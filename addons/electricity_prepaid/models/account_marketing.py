"""What the marketing system said about an account when it was asked last."""

from odoo import api, fields, models

from ..core import arrears, money
from .arrear import UNPAID


class ElectricityAccount(models.Model):
    _inherit = "electricity.account"

    category = fields.Char(
        index="btree_not_null", tracking=True, help="Customer category of the marketing system, e.g. residential."
    )
    category_text = fields.Char(
        "Category of Use", compute="_compute_category_text", help="A code we do not know: as it is."
    )
    arrear_ids = fields.One2many("electricity.arrear", "electricity_account_id", string="Bills", readonly=True)
    arrears_total = fields.Monetary(
        "Arrears",
        readonly=True,
        copy=False,
        default=0.0,
        aggregator="sum",
        help="Open bills with late fees, less what was paid here and is still to be uploaded.",
    )
    arrears_late_fee = fields.Monetary(
        "Late Fees", readonly=True, copy=False, default=0.0, aggregator="sum", help="Part of the arrears."
    )
    marketing_advance = fields.Monetary(
        "Advance at the Marketing System", readonly=True, copy=False, default=0.0, help="Held there, not here."
    )
    arrears_fetched_at = fields.Datetime("Arrears as of", readonly=True, copy=False)
    marketing_asked_at = fields.Datetime("Marketing System Asked", readonly=True, copy=False)
    marketing_told_at = fields.Datetime(
        "Customer Told",
        readonly=True,
        copy=False,
        help="Latest answer about the customer, other questions aside.",
    )
    marketing_reachable = fields.Boolean("It Answered", readonly=True, copy=False, default=False)
    marketing_may_buy = fields.Boolean("May Buy There", readonly=True, copy=False, default=True)
    marketing_reason = fields.Char("Why Not", readonly=True, copy=False, help="Result code of the marketing system.")
    marketing_count = fields.Integer(
        "Purchase Count There",
        readonly=True,
        copy=False,
        default=-1,
        aggregator=None,
        help="Last purchase that the marketing system has booked; -1 while it is not known.",
    )
    marketing_meter = fields.Char("Meter There", readonly=True, copy=False)
    arrear_count = fields.Integer(compute="_compute_arrear_count")

    _arrears_index = models.Index("(company_id, arrears_total) WHERE arrears_total > 0")

    @api.depends("category")
    @api.depends_context("lang")
    def _compute_category_text(self):
        words = dict(self.env["electricity.arrear"]._fields["category_group"]._description_selection(self.env))
        for account in self:
            account.category_text = words.get(account.category, account.category)

    def _compute_arrear_count(self):
        counts = {}
        if self.env["electricity.arrear"].has_access("read"):
            domain = [("electricity_account_id", "in", self.ids), ("state", "in", UNPAID)]
            groups = self.env["electricity.arrear"]._read_group(domain, ["electricity_account_id"], ["__count"])
            counts = dict(groups)
        for account in self:
            account.arrear_count = counts.get(account, 0)

    def action_open_arrears(self):
        """Return the window action that lists the bills of this account."""
        return self._action_open("action_arrear")

    @api.private
    def open_bills(self):
        """Return the bills that this account owes, as ``core.arrears.OpenBill``, oldest first."""
        self.ensure_one()
        rows = self.env["electricity.arrear"].search(self._unpaid_domain(), order="month, receivable_id")
        return [arrears.OpenBill(row.receivable_id, row.month, money.to_cents(row.due), row.state) for row in rows]

    def _unpaid_domain(self):
        return [("electricity_account_id", "=", self.id), ("state", "in", UNPAID)]

    @api.private
    def store_arrears(self, known, asked_at):
        """Keep what the marketing system says that this account owes. The caller holds the account.

        :param known: ``core.cis_types.Arrears``
        :param asked_at: naive UTC, when it was asked
        """
        self.ensure_one()
        self.env["electricity.arrear"].replace_set(self, known.bills, asked_at)
        self.write(
            {
                "marketing_advance": money.cents_to_float(known.advance_balance),
                "arrears_fetched_at": asked_at,
                **self.arrears_sums(),
            }
        )

    @api.private
    def arrears_sums(self):
        """Return the account's stored sums as its bills have them now, as fields to write."""
        self.env["electricity.arrear"].flush_model(["due", "late_fee", "state"])
        domain = self._unpaid_domain()
        ((due, late_fee),) = self.env["electricity.arrear"]._read_group(domain, [], ["due:sum", "late_fee:sum"])
        return {"arrears_total": due or 0.0, "arrears_late_fee": late_fee or 0.0}
