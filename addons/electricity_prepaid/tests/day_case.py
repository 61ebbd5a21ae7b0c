"""A past day with one payment of arrears that is booked, and a marketing system to compare it with."""

import uuid
from datetime import timedelta

from odoo import fields

from ..core import cis_compare
from ..core import cis_types as cis
from .marketing import MarketingCase

BILL = ("B1", "2026-01", 12000, 150, "open")


class DayCase(MarketingCase):
    """Yesterday, over at any hour in which this runs."""

    def setUp(self):
        super().setUp()
        # Yesterday is over, whatever the hour in which this runs.
        self.patch(cis_compare, "GRACE", timedelta(0))
        self.day = self.connection.today() - timedelta(days=1)
        self.owes(BILL)
        self.lookup()
        self.open_shift()
        order_uuid = str(uuid.uuid4())
        self.assertTrue(self.begin_arrears(order_uuid=order_uuid)["ok"])
        self.paid = self.order(order_uuid)
        self.pay(self.paid, "121.50")
        self.message = self.paid.cis_message_ids
        self.message.write({"accounting_date": self.day, "state": "done"})
        self.there.day_answer = self.matched

    def matched(self, page):
        if page.page < page.pages:
            return cis.DayAnswer(cis.Result("1001"), False)
        return cis.DayAnswer(cis.Result("1001"), True, page.count, page.total)

    def differing(self, *differences, code="1008"):
        return lambda page: cis.DayAnswer(cis.Result(code), True, page.count, page.total, tuple(differences))

    def bring(self, anyway=False):
        day = self.env["electricity.cis.day"].bring(self.company, self.day, anyway)
        if anyway:
            day.with_user(self.supervisor).action_approve()
        self.env["electricity.cis.day"]._cron_days()
        return day

    def compare_again(self, *days):
        """Let the cron run once the time has come for days that rest."""
        for day in days:
            day.next_try_at = fields.Datetime.now() - timedelta(seconds=1)
        self.env["electricity.cis.day"]._cron_days()
