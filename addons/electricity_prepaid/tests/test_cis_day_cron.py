"""The cron of the past days: whose turn it is, and that one company's trouble is no other's."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core import cis_compare
from ..core import cis_types as cis
from .day_case import DayCase


@tagged("post_install", "-at_install")
class TestCisDayCron(DayCase):
    def other_company(self):
        """Return the days of another company whose marketing system answers: one past day without messages."""
        company = self.env["res.company"].create({"name": "Other Utility"})
        connection = self.connection.copy({"company_id": company.id})
        days = self.env["electricity.cis.day"].sudo()
        return days.create({**days._identity(connection, self.day), "state": "sending"})

    def test_a_marketing_system_that_hangs_is_asked_once_and_holds_up_no_other_companys_days(self):
        older = [self.day - timedelta(days=number) for number in (1, 2, 3)]
        days = self.env["electricity.cis.day"].sudo()
        resting = days.create([{**days._identity(self.connection, date), "state": "sending"} for date in older])
        other = self.other_company()
        hung = self.connection.batch_of(self.company, self.day).rpartition("-")[2]

        def answer(page):
            if page.batch.endswith(f"-{hung}"):
                raise cis.Unreachable("timeout")
            return self.matched(page)

        self.there.day_answer = answer
        days._cron_days()
        self.assertEqual((other.state, set(resting.mapped("state"))), ("matched", {"sending", "waiting"}))
        self.assertEqual(len([page for page in self.there.days if page.batch.endswith(f"-{hung}")]), 1)
        self.assertGreater(min(resting.mapped("next_try_at")), fields.Datetime.now())
        days._cron_days()
        self.assertEqual(len(self.there.days), 2)

    def test_whoever_is_killed_while_a_marketing_system_hangs_has_let_the_others_come_first(self):
        day = self.env["electricity.cis.day"].bring(self.company, self.day)
        committed = []

        def commit(*_args, **_kwargs):
            committed.append(day.next_try_at)
            return 1.0

        def answer(page):
            self.assertGreater(committed[-1], fields.Datetime.now() + timedelta(minutes=5))
            return self.matched(page)

        self.patch(type(self.env["ir.cron"]), "_commit_progress", commit)
        self.there.day_answer = answer
        day.sudo()._cron_days()
        self.assertEqual(day.state, "matched")

    def test_an_answer_that_cannot_be_worked_on_lets_its_day_wait_and_stops_no_other(self):
        other = self.other_company()
        take = type(other)._take_answer

        def broken(day, *args):
            if day.company_id == self.company:
                raise OverflowError("planted")
            return take(day, *args)

        self.patch(type(other), "_take_answer", broken)
        with self.assertLogs("odoo.addons.electricity_prepaid.models.answers", "ERROR"):
            day = self.bring()
        self.assertEqual((day.state, other.state), ("waiting", "matched"))
        self.assertGreater(day.next_try_at, fields.Datetime.now())

    def test_a_company_whose_days_cannot_be_begun_stops_no_other(self):
        other = self.other_company()
        begin = type(other)._begin_days

        def broken(days, connection):
            if connection == self.connection:
                raise ValueError("planted")
            return begin(days, connection)

        self.patch(type(other), "_begin_days", broken)
        with self.assertLogs("odoo.addons.electricity_prepaid.models.answers", "ERROR"):
            self.env["electricity.cis.day"]._cron_days()
        self.assertEqual(other.state, "matched")

    def test_what_a_run_has_no_time_for_is_left_to_the_next_one_at_once(self):
        day = self.bring()
        day.write({"state": "sending", "next_try_at": fields.Datetime.now()})
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: 0.0)
        self.other_company()
        cron = self.env.ref("electricity_prepaid.ir_cron_cis_day")
        triggers = self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])
        asked = len(self.there.days)
        day._cron_days()
        self.assertEqual(len(self.there.days), asked + 1)
        self.assertGreater(self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)]), triggers)

    def test_a_day_that_has_only_just_ended_is_left_alone(self):
        now = datetime.now(ZoneInfo(self.company.electricity_zone()))
        self.patch(cis_compare, "GRACE", timedelta(hours=now.hour, minutes=now.minute + 1))
        days = self.env["electricity.cis.day"]
        days._cron_days()
        self.assertFalse(days.search([("company_id", "=", self.company.id)]))
        with self.assertRaises(UserError) as caught:
            days.bring(self.company, self.day)
        self.assertIn("just ended", str(caught.exception))
        self.assertFalse(self.there.days)

    def test_a_message_that_comes_after_its_day_was_begun_is_waited_for(self):
        days = self.env["electricity.cis.day"]
        day = days.bring(self.company, self.day)
        self.message.state = "queued"
        days._cron_days()
        self.assertEqual((day.state, day.waiting_count, self.there.days), ("open", 1, []))
        self.message.state = "done"
        days._cron_days()
        self.assertEqual(day.state, "matched")

    def test_nothing_is_uncommitted_while_the_marketing_system_is_asked(self):
        before = self.day - timedelta(days=1)
        reversal = self.env["electricity.cis.message"]._queue_reversal(self.paid, "wrong")
        reversal.write({"accounting_date": before, "state": "done"})
        events = []
        self.patch(
            type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kw: events.append("commit") or float("inf")
        )
        self.there.day_answer = lambda page: events.append(page.accounting_date) or self.matched(page)
        self.env["electricity.cis.day"]._cron_days()
        called = [index for index, event in enumerate(events) if event != "commit"]
        self.assertEqual([events[index] for index in called], [before, self.day])
        self.assertTrue(all(events[index - 1] == events[index + 1] == "commit" for index in called))

    @mute_logger("odoo.sql_db")
    def test_a_day_that_somebody_else_began_is_known(self):
        day = self.bring()
        missing = type(day)._missing_days
        self.patch(type(day), "_missing_days", lambda days, connection: [self.day, *missing(days, connection)])
        day._cron_days()
        self.assertEqual(day.state, "matched")

    def test_silence_lets_the_day_wait_and_it_goes_on(self):
        self.there.silence = "timeout"
        day = self.bring()
        self.assertEqual(day.state, "waiting")
        self.there.silence = None
        self.compare_again(day)
        self.assertEqual(day.state, "matched")
