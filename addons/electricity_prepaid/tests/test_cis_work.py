"""The work list of the uploads: who may do what there, and what it takes to settle money."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core import cis_delivery, cis_results
from .outbox_case import OutboxCase


@tagged("post_install", "-at_install", "electricity")
class TestCisWork(OutboxCase):
    def test_every_code_says_what_to_do_and_holds_up_nobody(self):
        for code, entry in cis_results.RESULTS.items():
            if cis_results.meaning("submit_payment", code) != cis_results.REFUSED:
                continue
            with self.subTest(code=code):
                order, message = self.refused(code)
                self.assertEqual((message.state, message.result, message.code), ("refused", code, entry.sentence))
                self.assertEqual(order.upload_state, "refused")
                self.assertEqual(order.state, "written")
                self.assertTrue(message.with_user(self.supervisor).code_text.startswith(entry.sentence))
                offered = message.with_user(self.supervisor).allowed_actions.split()
                self.assertEqual(tuple(offered), cis_delivery.actions(message._standing(), code))
                self.assertIn("settle_done", offered)
                self.assertTrue(message.activity_ids)
                self.assertTrue(any(code in str(body) or entry.sentence in str(body) for body in self.bodies(order)))
                self.card.insert_in_meter()

    def bodies(self, order):
        return order.message_ids.mapped("body")

    def test_what_was_refused_is_sent_again_under_the_same_serial(self):
        order, message = self.refused("1037")
        message.with_user(self.supervisor).action_send_again()
        self.send()
        self.assertEqual((message.state, message.name), ("done", order.name))
        self.assertFalse(message.activity_ids)

    def test_money_is_settled_by_hand_by_two_persons_only(self):
        order, message = self.refused("1037")
        with self.assertRaises(UserError):
            message.with_user(self.supervisor)._or_tell(lambda: message._act("settle_done", self.supervisor))
        self.decide(message, "settle_done", self.supervisor)
        self.assertEqual((message.state, message.proposed_by_id), ("refused", self.supervisor))
        with self.assertRaises(UserError):
            message.with_user(self.supervisor).action_approve()
        message.with_user(self.second).action_approve()
        self.assertEqual((message.state, order.upload_state), ("done", "done"))
        self.assertEqual((message.proposed_by_id, message.approved_by_id), (self.supervisor, self.second))
        third = self._make_user("third", "group_supervisor")
        self.assertEqual(message.with_user(third).allowed_actions, "", "nothing is left to approve")
        with self.assertRaisesRegex(UserError, "M-130"):
            message.with_user(third).action_approve()
        message.state = "refused"  # its sale counts again: what was approved is used up
        with self.assertRaisesRegex(UserError, "M-130"):
            message.with_user(third).action_approve()
        self.assertIn("settle_done", message.with_user(third).allowed_actions)

    def test_a_payment_that_two_persons_gave_up_is_settled_by_hand(self):
        order, message = self.refused("1037")
        self.decide(message, "settle_void", self.supervisor)
        message.with_user(self.second).action_approve()
        self.assertEqual((message.state, order.upload_state), ("withdrawn", "settled"))
        for state in ("settled", "none", "done", "refused"):
            found = order.search([("id", "=", order.id), ("upload_state", "=", state)])
            self.assertEqual(bool(found), state == "settled", state)

    def test_a_proposal_is_taken_back_by_its_author(self):
        order, message = self.refused("1037")
        self.assertIs(message.found_text, False)
        self.decide(message, "settle_void", self.supervisor)
        with self.assertRaises(UserError):
            message.with_user(self.second).action_withdraw_proposal()
        message.with_user(self.supervisor).action_withdraw_proposal()
        self.assertFalse(message.proposed_by_id)
        for history in (message, order):
            newest = history.message_ids.sorted("id")[-1:]
            self.assertIn("takes back the proposal", newest.body)
            self.assertIn(self.supervisor.name, newest.body)

    def test_the_work_list_shows_what_waits_for_whom(self):
        _order, message = self.refused("1037")
        finance = self._make_user("finance_waits", "group_finance")
        messages = self.env["electricity.cis.message"]

        def seen_by(user):
            found = {
                value: bool(messages.with_user(user).search([("id", "=", message.id), ("approval", "=", value)]))
                for value in ("mine", "other", False)
            }
            shown = message.with_user(user).approval
            self.assertEqual(found, {value: value == shown for value in found}, "searched as it is shown")
            return shown

        self.assertIs(seen_by(self.second), False)
        self.assertEqual(self.connection.approval_count, 0)
        self.decide(message, "settle_void", self.supervisor)
        self.connection.invalidate_recordset()
        self.assertEqual(self.connection.approval_count, 1)
        self.assertEqual(
            [seen_by(user) for user in (self.supervisor, self.second, finance)], ["other", "mine", "other"]
        )
        waiting = self.connection.with_user(self.second).action_open_approvals()["context"]
        self.assertEqual(waiting, {"search_default_approval": 1})
        # It ended without the second person: nothing waits for one any more.
        message.settle_reconciled(True)
        self.connection.invalidate_recordset()
        self.assertEqual((seen_by(self.second), self.connection.approval_count), (False, 0))

    def test_what_a_worker_has_is_not_decided_on(self):
        _order, message = self.refused("1037")
        message.leased_until = fields.Datetime.now() + timedelta(minutes=1)
        with self.assertRaisesRegex(UserError, "S-101"):
            message.with_user(self.supervisor).action_send_again()

    def test_an_action_that_the_rules_do_not_offer_any_more_is_refused(self):
        _order, message = self.sold_message()
        self.send()
        with self.assertRaisesRegex(UserError, "M-130"):
            message.with_user(self.supervisor).action_send_again()

    def test_clerks_look_and_decide_nothing(self):
        _order, message = self.refused("1037")
        message = message.with_user(self.clerk)
        self.assertEqual((message.state, message.allowed_actions), ("refused", ""))
        for action in (message.action_send_again, message.action_ask_again, message.action_approve):
            with self.assertRaises(AccessError):
                action()

    def test_another_company_sees_nothing(self):
        _order, message = self.refused("1037")
        company = self.env["res.company"].create({"name": "Other Power"})
        stranger = self._make_user("stranger", "group_supervisor", company)
        self.assertFalse(self.env["electricity.cis.message"].with_user(stranger).search([("id", "=", message.id)]))
        with self.assertRaises(AccessError):
            message.with_user(stranger).action_send_again()

    def test_another_company_decides_nothing_and_reads_nothing_through_the_window(self):
        _order, message = self.refused("1037")
        stranger = self._make_user("stranger", "group_supervisor", self.env["res.company"].create({"name": "Other"}))
        decisions = self.env["electricity.cis.decision"].with_user(stranger)
        self.env.invalidate_all()
        values = {"message_id": message.id, "action": "settle_done", "note": "mine"}
        with self.assertRaises(AccessError):
            decisions.create(values)
        # A row of his that names it all the same, as one from before would.
        decision = decisions.sudo().create(values).sudo(False)
        with self.assertRaises(AccessError):
            decision.message_id = message
        for name in ("code_text", "found_text"):
            with self.assertRaises(AccessError):
                decision.read([name])
        with self.assertRaises(AccessError):
            decision.action_confirm()
        self.assertFalse(message.proposed_by_id)
        # As the form asks before anything is stored.
        with self.assertRaises(AccessError):
            decisions.onchange(values, ["message_id"], {"message_id": {}, "code_text": {}, "found_text": {}})

    def test_payments_and_what_takes_them_back_are_not_added_up(self):
        listed = self.env["electricity.cis.message"].fields_get(["amount"], ["aggregator"])
        self.assertFalse(listed["amount"].get("aggregator"))
        self.refused("1037")
        self.assertEqual((self.connection.work_count, self.connection.work_amount), (1, 100))

    def test_the_connection_shows_what_waits(self):
        self.refused("1037")
        self.connection.invalidate_recordset()
        self.assertEqual((self.connection.work_count, self.connection.queued_count), (1, 0))
        self.assertGreater(self.connection.work_amount, 0)
