"""A payment that people found in the other books under another serial or day is compared as it stands there."""

from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..core import cis_types as cis
from .day_case import DayCase

THERE = "OFFICE-0001"


@tagged("post_install", "-at_install")
class TestCisPlace(DayCase):
    def setUp(self):
        super().setUp()
        self.message.write({"state": "refused", "tried": True, "result": "11219", "code": "M-110"})

    def propose(self, **place):
        values = {"message_id": self.message.id, "action": "settle_done", "note": "seen there", **place}
        self.env["electricity.cis.decision"].with_user(self.supervisor).create(values).action_confirm()

    def settle(self, **place):
        self.propose(**place)
        self.message.with_user(self.supervisor2).action_approve()
        self.assertEqual(self.message.state, "done")

    def only_here(self, serial=None):
        return cis.Difference("only_caller", serial or self.paid.name, "700000000001", 12150)

    def only_there(self, serial=THERE, amount=12150, account="700000000001"):
        return cis.Difference("only_marketing", serial, account, None, amount, "M1")

    def resolutions(self, day):
        return {one.serial: one.resolution for one in day.difference_ids}

    def test_a_place_where_it_cannot_be_is_refused(self):
        other = self.message.copy({"name": "R-OTHER-0001", "kind": "reversal", "there_name": "OFFICE-0009"})
        for serial in ("short", "with space", "x" * 41, other.name, other.there_name):
            with self.assertRaises(UserError, msg=serial):
                self.propose(there_name=serial)
        with self.assertRaises(UserError):
            self.propose(there_name=THERE, there_day=self.connection.today() + timedelta(days=1))
        self.assertFalse(self.message.proposed_by_id)

    def test_a_place_that_was_taken_meanwhile_is_refused_to_the_second_person(self):
        self.propose(there_name=THERE)
        self.message.copy({"name": "R-OTHER-0001", "kind": "reversal", "there_name": THERE})
        with self.assertRaises(UserError):
            self.message.with_user(self.supervisor2).action_approve()

    def test_nothing_is_named_before_the_second_person_approves(self):
        self.propose(there_name=THERE)
        self.assertFalse(self.message.there_name)
        self.message.with_user(self.supervisor).action_withdraw_proposal()
        self.propose()
        self.message.with_user(self.supervisor2).action_approve()
        self.assertFalse(self.message.there_name)

    def test_a_payment_that_was_named_is_compared_under_its_serial_there(self):
        self.settle(there_name=f" {THERE} ")
        day = self.bring()
        self.assertEqual(day.state, "matched")
        self.assertEqual(self.there.days[0].records, (cis.Record(THERE, "700000000001", 12150),))
        self.assertIn(THERE, str(self.message.message_ids.mapped("body")))

    def test_a_payment_that_counts_there_on_another_day_is_compared_on_that_day(self):
        before = self.day - timedelta(days=1)
        self.settle(there_name=THERE, there_day=before)
        self.assertEqual(self.message.accounting_date, before)
        self.env["electricity.cis.day"]._cron_days()
        self.assertEqual([page.accounting_date for page in self.there.days], [before])

    def test_a_payment_that_nobody_named_is_tied_to_the_one_record_that_it_can_be(self):
        self.settle()
        strangers = (self.only_there("OFFICE-0002", 99), self.only_there("OFFICE-0003", account="700000000009"))
        self.there.day_answer = self.differing(self.only_here(), self.only_there(), *strangers)
        day = self.bring()
        expected = {self.paid.name: "one_payment", THERE: "one_payment", "OFFICE-0002": "open", "OFFICE-0003": "open"}
        self.assertEqual((day.state, self.resolutions(day)), ("differs", expected))
        self.assertEqual(day.open_count, 2)
        self.assertEqual(day.difference_ids.filtered(lambda one: one.serial == THERE).message_id, self.message)
        self.there.day_answer = self.matched
        self.bring()
        self.assertEqual(self.there.days[-1].records, (cis.Record(THERE, "700000000001", 12150),))
        self.assertEqual((day.state, self.resolutions(day)[THERE]), ("matched", "one_payment"))

    def test_where_more_than_one_record_can_be_meant_nothing_is_guessed(self):
        self.settle()
        self.there.day_answer = self.differing(self.only_here(), self.only_there(), self.only_there("OFFICE-0002"))
        self.assertEqual(set(self.resolutions(self.bring()).values()), {"open"})
        self.assertFalse(self.message.there_name)

    def test_a_list_that_is_not_whole_ties_nothing(self):
        self.settle()
        pair = (self.only_here(), self.only_there())
        self.there.day_answer = lambda page: cis.DayAnswer(cis.Result("1008"), True, 1, 12150, pair, more=True)
        self.bring()
        self.assertFalse(self.message.there_name)

    def test_a_payment_that_stands_there_under_its_own_serial_is_tied_to_no_other(self):
        self.settle()
        self.there.day_answer = self.differing(self.only_there())
        self.assertEqual(self.resolutions(self.bring()), {THERE: "open"})
        self.assertFalse(self.message.there_name)

    def test_a_payment_that_the_marketing_system_confirmed_is_tied_to_no_other(self):
        self.propose()
        self.message.write({"state": "done", "result": "1001"})
        self.there.day_answer = self.differing(self.only_here(), self.only_there())
        self.bring()
        self.assertFalse(self.message.there_name)

    def test_a_record_that_is_another_message_of_ours_is_tied_to_nothing(self):
        self.settle()
        self.message.copy({"name": "R-OTHER-0001", "kind": "reversal", "there_name": THERE, "state": "withdrawn"})
        self.there.day_answer = self.differing(self.only_here(), self.only_there())
        self.assertEqual(set(self.resolutions(self.bring()).values()), {"open"})

    def test_a_payment_whose_day_was_closed_without_it_is_tied_on_the_day_on_which_it_was_booked_there(self):
        self.message.accounting_date = self.day - timedelta(days=3)
        self.message.result = "706"
        self.settle()
        self.there.day_answer = self.differing(self.only_there())
        day = self.bring()
        self.assertEqual(self.resolutions(day), {THERE: "one_payment"})
        self.assertEqual((self.message.there_name, self.message.accounting_date), (THERE, self.day))
