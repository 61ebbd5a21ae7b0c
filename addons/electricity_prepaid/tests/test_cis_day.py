"""A past day is compared once; what it did not bring is final then."""

import uuid
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core import cis_types as cis
from .marketing import MarketingCase

BILL = ("B1", "2026-01", 12000, 150, "open")


@tagged("post_install", "-at_install")
class TestCisDay(MarketingCase):
    def setUp(self):
        super().setUp()
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
        self.env["electricity.cis.day"]._cron_days()
        return day

    def test_a_day_that_matches_is_done(self):
        day = self.bring()
        self.assertEqual((day.state, day.our_count, day.our_total, day.their_total), ("matched", 1, 121.5, 121.5))
        (page,) = self.there.days
        self.assertEqual(page.records, (cis.Record(self.paid.name, "700000000001", 12150),))
        self.assertEqual(page.batch, self.connection.batch_of(self.company, self.day))

    def test_the_day_that_is_proposed_is_the_companys(self):
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):  # 25 hours apart: never the same date
            self.company.partner_id.tz = zone
            wizard = self.env["electricity.cis.day.bring"].with_context(tz="UTC").create({})
            self.assertEqual(wizard.day, self.connection.today() - timedelta(days=1))

    def test_a_day_that_is_done_is_not_brought_again(self):
        day = self.bring()
        self.assertEqual(self.bring(), day)
        self.assertEqual(len(self.there.days), 1)

    def test_a_reversal_is_a_record_of_its_own(self):
        reversal = self.env["electricity.cis.message"]._queue_reversal(self.paid, "wrong")
        reversal.write({"accounting_date": self.day, "state": "done"})
        day = self.bring()
        self.assertEqual((day.our_count, day.our_total), (2, 0))
        self.assertEqual(
            self.there.days[0].records[1], cis.Record(reversal.name, "700000000001", -12150, self.paid.name)
        )

    def test_differences_are_listed_once_and_keep_what_people_said(self):
        mine = cis.Difference("only_caller", self.paid.name, "700000000001", 12150)
        theirs = cis.Difference("only_marketing", "X1", "700000000001", None, 500, "M1")
        self.there.day_answer = self.differing(mine, theirs)
        day = self.bring()
        self.assertEqual((day.state, day.open_count), ("differs", 2))
        self.assertTrue(day.result_text)
        row = day.difference_ids.filtered(lambda one: one.serial == "X1")
        finance = self._make_user("finance_day", "group_finance")
        row.with_user(finance).write({"user_id": finance.id, "resolution": "corrected_here", "note": "typed there"})
        self.assertTrue(row.resolved_at)
        with self.assertRaises(AccessError):
            row.with_user(finance).write({"their_amount": 0})
        again = self.bring()
        self.assertEqual(again, day)
        self.assertEqual(len(day.difference_ids), 2)
        self.assertEqual(row.resolution, "corrected_here")
        self.there.day_answer = self.matched
        self.bring()
        self.assertEqual((day.state, day.open_count), ("matched", 0))

    def test_every_result_has_its_state(self):
        states = {"1007": "differs", "1008": "differs", "1009": "differs", "707": "refused", "1013": "refused"}
        for code, state in states.items():
            self.there.day_answer = self.differing(code=code)
            self.assertEqual(self.bring().state, state, code)
        self.there.day_answer = self.differing(code="706")
        self.assertEqual(self.bring().state, "matched", "closed there with our totals: our last answer was lost")

    def test_closed_there_with_other_totals_is_no_match(self):
        self.there.day_answer = lambda page: cis.DayAnswer(cis.Result("706"), True, page.count + 1, page.total + 100)
        day = self.bring()
        self.assertEqual((day.state, day.their_total), ("refused", 122.5))

    def test_today_is_not_compared(self):
        with self.assertRaises(UserError) as caught:
            self.env["electricity.cis.day"].bring(self.company, self.connection.today())
        self.assertIn("M-121", str(caught.exception))

    def test_a_day_waits_for_its_messages(self):
        self.message.state = "unknown"
        with self.assertRaises(UserError):
            self.env["electricity.cis.day"].bring(self.company, self.day)
        self.env["electricity.cis.day"]._cron_days()
        self.assertFalse(self.there.days)

    def test_no_record_is_final_once_the_day_matches(self):
        self.message.write({"state": "unknown", "tried": True, "uncertain": True})
        self.assertEqual(self.bring(anyway=True).state, "matched")
        self.assertEqual(self.message.state, "withdrawn")

    def test_no_record_is_not_final_while_the_day_differs(self):
        self.message.write({"state": "refused", "tried": True})
        self.there.day_answer = self.differing(cis.Difference("only_marketing", "X1", "700000000009", None, 500))
        self.bring()
        self.assertEqual(self.message.state, "refused")

    def test_a_late_booking_that_the_day_shows_is_ours(self):
        self.message.write({"state": "unknown", "tried": True, "uncertain": True})
        late = cis.Difference("only_marketing", self.paid.name, "700000000001", None, 12150, "M7")
        self.there.day_answer = self.differing(late, code="1009")
        day = self.bring(anyway=True)
        self.assertEqual((day.state, self.message.state), ("differs", "done"))
        self.there.day_answer = self.matched
        self.bring()
        self.assertEqual((day.state, day.our_count), ("matched", 1))

    def test_the_same_serial_with_another_amount_is_not_ours(self):
        self.message.write({"state": "unknown", "tried": True, "uncertain": True})
        other = cis.Difference("only_marketing", self.paid.name, "700000000001", None, 99)
        self.there.day_answer = self.differing(other)
        self.bring(anyway=True)
        self.assertEqual(self.message.state, "unknown")

    def test_silence_lets_the_day_wait_and_it_goes_on(self):
        self.there.silence = "timeout"
        day = self.bring()
        self.assertEqual(day.state, "waiting")
        self.there.silence = None
        self.env["electricity.cis.day"]._cron_days()
        self.assertEqual(day.state, "matched")

    def test_the_night_brings_the_days_that_had_uploads(self):
        self.env["electricity.cis.day"]._cron_days()
        day = self.env["electricity.cis.day"].search([("company_id", "=", self.company.id)])
        self.assertEqual((day.day, day.state), (self.day, "matched"))

    def test_the_office_chooses_a_day_and_sees_what_is_on_its_way(self):
        self.message.state = "queued"
        wizards = self.env["electricity.cis.day.bring"].with_user(self.supervisor)
        wizard = wizards.create({"day": fields.Date.to_string(self.day)})
        self.assertEqual(wizard.live_count, 1)
        with self.assertRaises(UserError):
            wizard.action_bring()
        with self.assertRaises(AccessError):
            self.env["electricity.cis.day.bring"].with_user(self.clerk).create({})
