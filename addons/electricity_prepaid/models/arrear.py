"""Bills that the marketing system says are owed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core import arrears, money
from .account_button import ACCOUNT_BUTTON
from .own_defaults import OWN_DEFAULTS

STATES = [
    ("open", "Unpaid"),
    ("collecting", "With a Collector"),
    ("disputed", "Disputed"),
    ("paid", "Paid Here"),
    ("settled", "Settled"),
]
UNPAID = arrears.UNPAID
AGES = [
    ("d30", "Up to 30 days"),
    ("d90", "31 to 90 days"),
    ("d180", "91 to 180 days"),
    ("d365", "181 to 365 days"),
    ("older", "Over a year"),
]


CATEGORIES = [
    ("residential", "Residential"),
    ("commercial", "Commercial"),
    ("industrial", "Industrial"),
    ("agricultural", "Agricultural"),
]
"""Categories of customers whose code we have a word for; a utility may have others."""


class ElectricityArrear(models.Model):
    """One receivable (应收) of the marketing system.

    The rows of an account are replaced as a set by each answer of the marketing system; a bill that is listed no more
    is settled and stays for the history. A bill paid here is ``paid`` until the marketing system lists it no more, so
    that it is never taken twice. Nobody writes these rows by hand.
    """

    _name = "electricity.arrear"
    _description = "Electricity Arrear"
    _inherit = [OWN_DEFAULTS, ACCOUNT_BUTTON]
    _order = "month, receivable_id, id"
    _rec_name = "receivable_id"
    # No _check_company_auto: the only code that writes here copies the company of the account.

    electricity_account_id = fields.Many2one(
        "electricity.account", "Account", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    partner_id = fields.Many2one(
        related="electricity_account_id.partner_id", string="Customer", store=True, index="btree_not_null"
    )
    category = fields.Char("Category Code", related="electricity_account_id.category", store=True)
    category_group = fields.Selection(
        [*CATEGORIES, ("other", "Other Categories")],
        "Category",
        compute="_compute_category_group",
        store=True,
        help="To group by: in words, those without a word of ours together.",
    )
    category_text = fields.Char(related="electricity_account_id.category_text")
    district = fields.Char(related="electricity_account_id.district", store=True)
    receivable_id = fields.Char("Bill", required=True, readonly=True, index="trigram")
    month = fields.Char(
        "Bill Month", required=True, readonly=True, help="Year and month of the consumption, such as 2026-03."
    )
    due_on = fields.Date("Overdue Since", required=True, readonly=True)
    age = fields.Selection(AGES, required=True, readonly=True, index=True)
    amount = fields.Monetary(required=True, readonly=True, aggregator="sum", help="Without the late fee.")
    late_fee = fields.Monetary(required=True, readonly=True, aggregator="sum", help="As of the last answer.")
    due = fields.Monetary(compute="_compute_due", store=True, aggregator="sum", help="Settles the bill.")
    state = fields.Selection(STATES, "Status", required=True, readonly=True, default="open", index=True)
    fetched_at = fields.Datetime("As of", required=True, readonly=True)
    settled_at = fields.Datetime(readonly=True)
    recharge_id = fields.Many2one(
        "electricity.recharge", "Paid With", readonly=True, index="btree_not_null", ondelete="restrict"
    )

    _receivable_unique = models.UniqueIndex("(company_id, receivable_id)", "This bill is known already.")
    _open_index = models.Index("(company_id, age) WHERE state IN ('open', 'collecting', 'disputed')")

    @api.depends("amount", "late_fee")
    def _compute_due(self):
        for bill in self:
            bill.due = money.cents_to_float(money.to_cents(bill.amount) + money.to_cents(bill.late_fee))

    @api.depends("category")
    def _compute_category_group(self):
        known = dict(CATEGORIES)
        for bill in self:
            bill.category_group = bill.category and (bill.category if bill.category in known else "other")

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Bills stay on record. The next answer of the marketing system settles them."))

    @api.model
    @api.private
    def replace_set(self, account, bills, fetched_at):
        """Make the rows of an account say what the marketing system lists.

        :param account: one ``electricity.account``, held by the caller
        :param bills: of ``core.cis_types``
        :param fetched_at: naive UTC, when it was asked
        """
        company = account.company_id
        listed = [bill.receivable_id for bill in bills]
        known = self.search(
            [
                ("company_id", "=", company.id),
                "|",
                ("receivable_id", "in", listed),
                "&",
                ("electricity_account_id", "=", account.id),
                ("state", "in", (*UNPAID, "paid")),
            ]
        )
        rows = {row.receivable_id: row for row in known}
        today = datetime.now(ZoneInfo(company.electricity_zone())).date()
        new = []
        for bill in bills:
            due_on = arrears.due_on(bill.month)
            values = {
                "electricity_account_id": account.id,
                "month": bill.month,
                "due_on": due_on,
                "age": arrears.age_of(due_on, today),
                "amount": money.cents_to_float(bill.amount),
                "late_fee": money.cents_to_float(bill.late_fee),
                "fetched_at": fetched_at,
            }
            row = rows.get(bill.receivable_id)
            if row and row.recharge_id.state == "written":
                # The customer has our receipt for it: whatever the list still says, it is not taken again.
                row.write({"state": "paid", "fetched_at": fetched_at, "settled_at": False})
            elif row:
                row.write({**values, "state": bill.status, "settled_at": False, "recharge_id": False})
            else:
                identity = {"receivable_id": bill.receivable_id, "state": bill.status}
                new.append({**values, **identity, "company_id": company.id, "currency_id": account.currency_id.id})
        self.create(new)
        gone = known.filtered(lambda row: row.receivable_id not in listed)
        gone.write({"state": "settled", "settled_at": fetched_at, "fetched_at": fetched_at})

    @api.private
    def mark_paid(self, recharge):
        """Remember that these bills were paid with an order."""
        self.write({"state": "paid", "recharge_id": recharge.id})

    @api.private
    def mark_unpaid(self):
        """Open the bills of an order that was taken back."""
        self.write({"state": "open", "recharge_id": False, "settled_at": False})

    @api.model
    def _cron_age(self):
        """Move bills that grew older to the age of today, all of a company at once."""
        groups = self.sudo()._read_group([("state", "in", UNPAID)], ["company_id"])
        for (company,) in groups:
            today = datetime.now(ZoneInfo(company.electricity_zone())).date()
            limits = [(key, most) for key, most in arrears.AGES if most is not None]
            cases = SQL(" ").join(SQL("WHEN %s - due_on <= %s THEN %s", today, most, key) for key, most in limits)
            age = SQL("CASE %s ELSE %s END", cases, arrears.AGES[-1][0])
            self.flush_model(["age", "due_on", "state"])
            self.env.cr.execute(
                SQL(
                    "UPDATE electricity_arrear SET age = %s WHERE company_id = %s AND state IN %s AND age <> %s",
                    age,
                    company.id,
                    UNPAID,
                    age,
                )
            )
            self.invalidate_model(["age"])
            self.env["ir.cron"]._commit_progress(1)
