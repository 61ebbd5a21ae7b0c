"""A past day is compared once; what it did not bring is final then."""

from datetime import timedelta

from lxml import etree
from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from ..core import cis_types as cis
from ..models import cis_day_compare
from .day_case import DayCase


@tagged("post_install", "-at_install")
class TestCisDay(DayCase):
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

    def test_a_difference_that_was_gone_and_is_there_again_is_open_again(self):
        mine = cis.Difference("only_caller", self.paid.name, "700000000001", 12150)
        theirs = cis.Difference("only_marketing", "X1", "700000000001", None, 500, "M1")
        for found, open_count in (((mine, theirs), 2), ((theirs,), 1), ((mine, theirs), 2)):
            self.there.day_answer = self.differing(*found)
            self.assertEqual(self.bring().open_count, open_count)

    def test_a_record_that_both_books_have_under_other_accounts_is_one_difference(self):
        mine = cis.Difference("only_caller", self.paid.name, "700000000001", 12150)
        theirs = cis.Difference("only_marketing", self.paid.name, "700000000009", None, 12150, "M1")
        for found in ((mine, theirs), (theirs, mine), (mine, mine)):
            self.there.day_answer = self.differing(*found)
            day = self.bring()
            self.assertEqual((day.state, len(day.difference_ids)), ("differs", 1))
        self.there.day_answer = self.differing(mine, theirs)
        self.bring()
        self.assertEqual(day.difference_ids.kind, "amount")
        self.assertEqual(day.difference_ids.account_no, "700000000001, 700000000009")
        self.assertEqual((day.difference_ids.our_amount, day.difference_ids.their_amount), (121.5, 121.5))

    def test_finance_and_supervisor_settle_a_difference_from_the_form_of_its_day(self):
        self.there.day_answer = self.differing(cis.Difference("only_marketing", "X1", "700000000001", None, 500, "M1"))
        day = self.bring()
        people = {group: self._make_user(f"{group}_settles", f"group_{group}") for group in ("supervisor", "finance")}
        for group, user in people.items():
            with self.subTest(group=group):
                # Who may not write the day sees its rows read-only: they need a form of their own.
                self.assertFalse(day.with_user(user).has_access("write"))
                (button,) = self.buttons_of_differences(day.with_user(user))
                action = getattr(day.with_user(user).difference_ids, button)()
                row = self.env[action["res_model"]].with_user(user).browse(action["res_id"])
                with Form(row) as form:
                    form.user_id, form.resolution, form.note = user, "corrected_here", f"typed there by {group}"
                    with self.assertRaises(AssertionError):
                        form.their_amount = 0
                self.assertEqual((row.user_id, row.note), (user, f"typed there by {group}"))
                self.assertTrue(row.resolved_at)

    def buttons_of_differences(self, day):
        arch = etree.fromstring(day.get_view(view_type="form")["arch"])
        return arch.xpath("//field[@name='difference_ids']/list/button/@name")

    def test_every_result_has_its_state(self):
        states = {"1007": "differs", "1008": "differs", "1009": "differs", "1003": "refused"}
        for code, state in states.items():
            self.there.day_answer = self.differing(code=code)
            self.assertEqual(self.bring().state, state, code)
        self.there.day_answer = self.differing(code="706")
        self.assertEqual(self.bring().state, "matched", "closed there with our totals: our last answer was lost")

    def test_a_fault_there_lets_the_day_wait_and_it_is_tried_again(self):
        for code in ("1011", "1002", "1013", "707", "99999"):
            with self.subTest(code), self.cr.savepoint() as savepoint:
                self.there.day_answer = self.differing(code=code)
                day = self.bring()
                self.assertEqual((day.state, day.result), ("waiting", code))
                self.assertTrue(day.result_text)
                self.there.day_answer = self.matched
                self.env["electricity.cis.day"]._cron_days()
                self.assertEqual(day.state, "waiting", "not before its time")
                self.compare_again(day)
                self.assertEqual(day.state, "matched")
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_closed_there_with_other_totals_is_no_match(self):
        self.there.day_answer = lambda page: cis.DayAnswer(cis.Result("706"), True, page.count + 1, page.total + 100)
        day = self.bring()
        self.assertEqual((day.state, day.their_total), ("refused", 122.5))

    def test_today_is_not_compared(self):
        with self.assertRaises(UserError) as caught:
            self.env["electricity.cis.day"].bring(self.company, self.connection.today())
        self.assertIn("M-121", str(caught.exception))

    def test_a_day_waits_for_its_messages_and_says_so(self):
        days = self.env["electricity.cis.day"]
        for state in ("queued", "unknown", "refused", "dispute"):
            self.message.state = state
            with self.assertRaises(UserError):
                days.bring(self.company, self.day)
            days._cron_days()
            day = days.search([("company_id", "=", self.company.id)])
            self.assertEqual((day.state, day.waiting_count), ("open", 1), state)
        self.assertFalse(self.there.days)
        self.message.state = "done"
        days._cron_days()
        self.assertEqual((day.state, day.waiting_count), ("matched", 0))

    def test_a_day_waits_for_people_a_week_and_for_what_is_on_its_way_for_ever(self):
        self.day -= timedelta(days=7)
        self.message.write({"accounting_date": self.day, "state": "unknown", "tried": True})
        days = self.env["electricity.cis.day"]
        days._cron_days()
        self.assertFalse(self.there.days)
        self.message.state = "refused"
        days._cron_days()
        self.assertEqual(days.search([("company_id", "=", self.company.id)]).state, "matched")

    def test_a_sale_that_counts_goes_to_people_when_its_day_is_closed_without_it(self):
        for state in ("queued", "unknown", "refused"):
            with self.subTest(state), self.cr.savepoint() as savepoint:
                self.message.write({"state": state, "tried": True, "uncertain": True, "result": "1037"})
                self.assertEqual(self.bring(anyway=True).state, "matched")
                self.assertEqual((self.message.state, self.message.code), ("refused", "M-140"))
                self.assertTrue(self.message.activity_ids)
                self.assertEqual(self.paid.upload_state, "refused")
                self.assertFalse(self.message.uncertain, "its day is closed: it comes no more")
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_a_sale_that_was_taken_back_needs_nothing_when_its_day_is_closed_without_it(self):
        self.message.write({"state": "unknown", "tried": True, "uncertain": True})
        reversal = self.env["electricity.cis.message"]._queue_reversal(self.paid, "wrong")
        reversal.write({"state": "waiting"})
        self.paid.state = "reversed"
        self.assertEqual(self.bring(anyway=True).state, "matched")
        self.assertEqual((self.message.state, reversal.state), ("withdrawn", "queued"))

    def test_two_persons_compare_a_day_before_its_messages_have_arrived(self):
        self.message.state = "queued"
        days = self.env["electricity.cis.day"].with_user(self.supervisor)
        day = days.bring(self.company, self.day, anyway=True)
        days.sudo()._cron_days()
        self.assertEqual(day.state, "proposed")
        with self.assertRaises(UserError) as caught:
            day.action_approve()
        self.assertIn("S-121", str(caught.exception))
        with self.assertRaises(AccessError):
            day.with_user(self.clerk).action_approve()
        self.assertFalse(self.there.days)
        day.action_wait()
        days.sudo()._cron_days()
        self.assertEqual(day.state, "open")
        days.bring(self.company, self.day, anyway=True)
        day.with_user(self.supervisor2).action_approve()
        with self.assertRaises(UserError):
            day.with_user(self.supervisor2).action_approve()
        self.assertEqual((day.state, day.approved_by_id), ("sending", self.supervisor2))

    def test_no_record_is_not_final_while_the_day_differs(self):
        self.message.write({"state": "refused", "tried": True})
        self.there.day_answer = self.differing(cis.Difference("only_marketing", "X1", "700000000009", None, 500))
        self.bring(anyway=True)
        self.assertEqual((self.message.state, self.message.code), ("refused", False))

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

    def reversed_today(self, state):
        """Return the reversal of the day's payment, begun a day later."""
        reversal = self.env["electricity.cis.message"]._queue_reversal(self.paid, "wrong")
        reversal.write({"state": state, "result": "1015"})
        self.paid.state = "reversed"
        return reversal

    def by_hand(self, original, serial="OFFICE-1"):
        return cis.Difference("only_marketing", serial, "700000000001", None, -12150, "M8", original)

    def test_a_reversal_done_by_hand_is_found_on_the_day_of_its_payment(self):
        reversal = self.reversed_today("by_hand")
        self.there.day_answer = self.differing(self.by_hand(self.paid.name))
        day = self.bring()
        self.assertEqual((day.state, reversal.state, reversal.accounting_date), ("differs", "done", self.day))
        self.there.day_answer = self.matched
        self.bring()
        self.assertEqual(day.state, "matched")
        self.assertEqual(self.there.days[-1].records[1], cis.Record("OFFICE-1", "700000000001", -12150, self.paid.name))

    def test_a_reversal_that_two_persons_settled_gets_the_name_under_which_it_stands_there(self):
        reversal = self.reversed_today("done")
        reversal.approved_by_id = self.supervisor2
        self.there.day_answer = self.differing(self.by_hand(self.paid.name))
        self.bring()
        self.assertEqual((reversal.there_name, reversal.accounting_date), ("OFFICE-1", self.day))

    def test_a_second_reversal_there_is_left_to_people(self):
        for known in (
            {"marketing_serial": "M2"},
            {"approved_by_id": self.supervisor2.id, "there_name": "OFFICE-0"},
            {},
        ):
            with self.subTest(known=known), self.cr.savepoint() as savepoint:
                reversal = self.reversed_today("done")
                reversal.write(known)
                was = (reversal.there_name, reversal.accounting_date)
                self.there.day_answer = self.differing(self.by_hand(self.paid.name))
                day = self.bring()
                self.assertEqual((reversal.there_name, reversal.accounting_date), was)
                self.assertEqual((day.state, day.difference_ids.mapped("serial")), ("differs", ["OFFICE-1"]))
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_a_reversal_whose_own_day_is_matched_is_no_other_one(self):
        reversal = self.reversed_today("done")
        reversal.approved_by_id = self.supervisor2
        own = {"company_id": self.company.id, "day": reversal.accounting_date, "batch": reversal.batch}
        self.env["electricity.cis.day"].create({**own, "state": "matched"})
        self.there.day_answer = self.differing(self.by_hand(self.paid.name))
        self.bring()
        self.assertFalse(reversal.there_name)

    def test_the_comparison_settles_no_dispute(self):
        self.message.write({"state": "dispute", "code": "M-118"})
        self.message._call_for_help()
        booked = cis.Difference("only_marketing", self.paid.name, "700000000001", None, 12150, "M7")
        self.there.day_answer = self.differing(booked, self.by_hand(self.paid.name))
        day = self.bring(anyway=True)
        self.assertEqual((self.message.state, day.state, day.open_count), ("dispute", "differs", 2))
        self.assertTrue(self.message.activity_ids)

    def test_the_reversal_of_another_payment_of_the_same_amount_is_not_ours(self):
        reversal = self.reversed_today("by_hand")
        for original in ("R0000000000000000000X", ""):
            self.there.day_answer = self.differing(self.by_hand(original))
            self.bring()
            self.assertEqual(reversal.state, "by_hand", original)

    def test_a_reversal_that_is_not_there_still_has_to_be_done(self):
        for state in ("refused", "by_hand", "queued"):
            with self.subTest(state), self.cr.savepoint() as savepoint:
                reversal = self.reversed_today(state)
                reversal.accounting_date = self.day
                self.assertEqual(self.bring(anyway=state != "by_hand").state, "matched")
                self.assertEqual(reversal.state, state)
                savepoint.rollback()
                self.env.invalidate_all(flush=False)

    def test_the_day_of_a_payment_waits_for_its_reversal(self):
        self.reversed_today("refused")
        with self.assertRaises(UserError):
            self.bring()

    def test_the_night_brings_the_days_that_had_uploads(self):
        self.env["electricity.cis.day"]._cron_days()
        day = self.env["electricity.cis.day"].search([("company_id", "=", self.company.id)])
        self.assertEqual((day.day, day.state), (self.day, "matched"))

    def add_done(self, count, day):
        """Add finished messages of a day, as many as a test of what is read needs."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "INSERT INTO electricity_cis_message (name, kind, company_id, currency_id, electricity_account_id,"
                " recharge_id, amount, accounting_date, payload, state, queued_at, next_try_at)"
                " SELECT 'Z' || %s || n, 'reversal', company_id, currency_id, electricity_account_id, recharge_id,"
                " amount, %s, payload, 'done', queued_at, next_try_at"
                " FROM electricity_cis_message, generate_series(1, %s) n WHERE id = %s",
                str(day),
                day,
                count,
                self.message.id,
            )
        )
        self.env.cr.execute("ANALYZE electricity_cis_message")

    def rows_read(self, query):
        """Return how many rows of the messages a query reads."""

        def read(plan):
            own = plan["Actual Rows"] * plan["Actual Loops"] if plan.get("Relation Name") else 0
            return own + sum(map(read, plan.get("Plans", ())))

        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        ((found,),) = self.env.execute_query(SQL("EXPLAIN (ANALYZE, FORMAT JSON) %s", query))
        return read(found[0]["Plan"])

    def test_the_days_that_are_missing_are_found_without_reading_their_messages(self):
        days = self.env["electricity.cis.day"]
        before = self.day - timedelta(days=1)
        self.add_done(500, self.day)
        self.add_done(500, before)
        self.assertEqual(days._missing_days(self.connection), [before, self.day])
        self.assertLess(self.rows_read(days._query_missing_days(self.company, self.connection.today())), 20)
        days._add(self.connection, before)
        self.assertEqual(days._missing_days(self.connection), [self.day])

    def test_pages_bring_each_record_once_and_read_only_their_own(self):
        self.patch(cis_day_compare, "PAGE_SIZE", 200)
        self.add_done(500, self.day)
        day = self.bring()
        self.assertEqual((day.state, day.our_count, day.our_total), ("matched", 501, 121.5 - 500 * 121.5))
        self.assertEqual([len(page.records) for page in self.there.days], [200, 200, 101])
        serials = [record.serial for page in self.there.days for record in page.records]
        self.assertEqual(len(set(serials)), 501)
        self.assertLessEqual(self.rows_read(day._query_page(day.last_id - 50)), 51)

    def test_a_list_that_changed_on_the_way_begins_anew(self):
        self.patch(cis_day_compare, "PAGE_SIZE", 1)
        self.add_done(2, self.day)

        def answer(page):
            if page.page == 2:
                self.env.cr.execute("UPDATE electricity_cis_message SET state = 'withdrawn' WHERE name LIKE 'Z%2'")
            alike = [other for other in self.there.days if (other.count, other.total) == (page.count, page.total)]
            whole = {other.page for other in alike} == set(range(1, page.pages + 1))
            return cis.DayAnswer(cis.Result("1001"), whole, page.count, page.total)

        self.there.day_answer = answer
        day = self.bring()
        self.assertEqual((day.state, day.our_count), ("matched", 2))

    def test_the_office_chooses_a_day_and_sees_what_is_on_its_way(self):
        self.message.state = "queued"
        wizards = self.env["electricity.cis.day.bring"].with_user(self.supervisor)
        wizard = wizards.create({"day": fields.Date.to_string(self.day)})
        self.assertEqual(wizard.live_count, 1)
        with self.assertRaises(UserError):
            wizard.action_bring()
        with self.assertRaises(AccessError):
            self.env["electricity.cis.day.bring"].with_user(self.clerk).create({})

    def test_the_day_of_another_company_is_neither_counted_nor_brought(self):
        self.message.state = "queued"
        company = self.env["res.company"].create({"name": "Other Utility"})
        stranger = self._make_user("stranger", "group_supervisor", company)
        wizards = self.env["electricity.cis.day.bring"].with_user(stranger).with_company(company)
        day = fields.Date.to_string(self.day)
        wizard = wizards.create({"day": day, "company_id": self.company.id, "anyway": True})
        self.assertEqual(wizard.live_count, 0)
        with self.assertRaises(AccessError):
            wizard.action_bring()
        self.assertFalse(self.env["electricity.cis.day"].search([("company_id", "=", self.company.id)]))
