"""A lookup in the marketing system: what it says is stored with the account, and shown to the page."""

from dataclasses import dataclass

from odoo import api, fields, models

from ..core import cis_results, money
from ..core.cis_types import Arrears, ArrearsAnswer, CustomerAnswer, Unreachable

OK, NO_RECORD = "1001", "1003"


@dataclass(frozen=True)
class Told:
    """What the marketing system said about one customer.

    :param customer: None when that question brought no answer
    :param arrears: None when that question brought no answer, or was not asked
    :param silence: why there is no answer, None when there is
    """

    customer: CustomerAnswer | None = None
    arrears: ArrearsAnswer | None = None
    silence: Unreachable | None = None

    @property
    def known(self):
        """The arrears, also when there is no record of any; None when they are not known."""
        if not self.arrears:
            return None
        if self.arrears.result.code == NO_RECORD:
            return Arrears("", 0, 0, 0)
        return self.arrears.arrears if self.arrears.result.code == OK else None


class ElectricityAccount(models.Model):
    _inherit = "electricity.account"

    @api.private
    def store_lookup(self, told, asked_at):
        """Keep an answer of the marketing system, or that there was none. The caller holds the account.

        :param told: :class:`Told`
        :param asked_at: naive UTC, when it was asked
        """
        self.ensure_one()
        values = {"marketing_asked_at": asked_at, "marketing_reachable": not told.silence}
        if told.customer:
            values.update(self._customer_values(told.customer))
            if cis_results.about_the_customer(told.customer.result.code):
                values["marketing_told_at"] = asked_at
        if told.arrears and told.known is None:
            values.update(marketing_may_buy=False, marketing_reason=told.arrears.result.code)
        self.write(values)
        if told.known is not None:
            self.store_arrears(told.known, asked_at)

    def _customer_values(self, answer):
        """Return the fields that an answer of QueryCustomer sets; master data are the sync's."""
        customer = answer.customer
        if answer.result.code != OK or not customer:
            return {"marketing_may_buy": False, "marketing_reason": answer.result.code}
        count = customer.last_count
        values = {
            "marketing_may_buy": customer.may_buy,
            "marketing_reason": customer.reason.code if customer.reason and not customer.may_buy else False,
            "marketing_meter": customer.meter_no or False,
            "marketing_count": -1 if count is None else count,
        }
        if customer.category and not self.category:
            values["category"] = customer.category
        return values

    @api.private
    def bills_answer(self):
        """Return the bills that this account owes as docs/protocol §4 shows them, oldest first."""
        self.ensure_one()
        rows = self.env["electricity.arrear"].search(self._unpaid_domain(), order="month, receivable_id")
        return [
            {
                "receivable_id": row.receivable_id,
                "month": row.month,
                "amount": money.format_cents(money.to_cents(row.amount)),
                "late_fee": money.format_cents(money.to_cents(row.late_fee)),
                "due": money.format_cents(money.to_cents(row.due)),
                "status": row.state,
                "age": row.age,
            }
            for row in rows
        ]

    @api.private
    def arrears_answer(self):
        """Return what this account owes as docs/protocol §4 shows it; None while it was never told."""
        self.ensure_one()
        if not self.arrears_fetched_at:
            return None
        paid = self.env["electricity.arrear"].search([("electricity_account_id", "=", self.id), ("state", "=", "paid")])
        return {
            "total": money.format_cents(money.to_cents(self.arrears_total)),
            "late_fee": money.format_cents(money.to_cents(self.arrears_late_fee)),
            "advance": money.format_cents(money.to_cents(self.marketing_advance)),
            "paid_here": money.format_cents(sum(money.to_cents(row.due) for row in paid)),
            "as_of": fields.Datetime.to_string(self.arrears_fetched_at),
            "bills": self.bills_answer(),
        }
