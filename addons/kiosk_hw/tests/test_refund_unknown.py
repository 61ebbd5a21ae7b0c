"""Payouts that go back through the gateway, while nobody knows how they end: the balance holds their money."""

from odoo.addons.electricity_prepaid.core import gateway
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .refund_case import RefundCase


@tagged("post_install", "-at_install")
class TestRefundUnknown(RefundCase):
    def test_nothing_is_asked_in_the_transaction_of_the_approval(self):
        payout = self.approved()
        self.assertEqual((payout.state, self.asked_to_pay_back()), ("approved", []))
        self.assertTrue(payout.reference)
        self.assertMoney(100, 60)

    def test_a_purchase_does_not_spend_what_is_on_its_way_back(self):
        self.refunds.slow = True
        payout = self.approved()
        self.run_refunds()
        order = self.order(self.begun("100.00"))
        self.assertEqual((payout.state, order._due_cents()), ("sent", 6_000))
        self.assertMoney(100, 60)

    def test_an_answer_that_is_lost_is_asked_for_and_nothing_is_paid_back_twice(self):
        self.gateway.silent = {gateway.REFUND}
        payout = self.approved()
        self.run_refunds()
        self.assertEqual(payout.state, "sent")
        self.assertIn("A-314", payout.gateway_text)
        self.assertMoney(100, 60)
        self.run_refunds()
        self.assertEqual(self.asked_to_pay_back(), [payout.reference])
        self.assertPaidBackOnce(payout)
        self.assertMoney(40, 0)

    def test_a_question_that_did_not_arrive_is_asked_again_by_the_same_reference(self):
        self.gateway.away = {gateway.REFUND}
        payout = self.approved()
        self.run_refunds(2)
        self.assertEqual(payout.state, "sent")
        self.gateway.away = set()
        self.run_refunds()
        self.assertEqual(set(self.asked_to_pay_back()), {payout.reference})
        self.assertPaidBackOnce(payout)

    def test_one_that_provably_never_left_can_be_taken_back(self):
        self.gateway.away = {gateway.REFUND}
        self.gateway.fault = gateway.ServiceAway("no connection", sent=False)
        payout = self.approved()
        self.run_refunds()
        self.assertEqual((payout.state, payout.gateway_trouble), ("approved", "no connection"))
        payout.with_user(self.finance).action_withdraw()
        self.gateway.away = set()
        self.run_refunds()
        self.assertFalse(self.refunds.made)
        self.assertMoney(100, 0)

    def test_one_that_perhaps_arrived_cannot_be_taken_back(self):
        self.gateway.away = {gateway.REFUND}
        payout = self.approved()
        self.run_refunds()
        self.assertFalse(payout.with_user(self.finance).may_withdraw)
        with self.assertRaisesRegex(UserError, "S-128"):
            payout.with_user(self.finance).action_withdraw()
        self.assertMoney(100, 60)

    def never_heard_of(self):
        """Return a refund whose question was lost; from now on the gateway answers, and the provider is off."""
        self.gateway.away = {gateway.REFUND}
        payout = self.approved()
        self.run_refunds()
        self.provider.state = "disabled"
        return payout

    def test_one_that_the_gateway_never_heard_of_can_be_taken_back_when_no_question_is_good_any_more(self):
        payout = self.never_heard_of()
        self.run_refunds()
        self.assertEqual(payout.gateway_told, "unknown")
        self.assertFalse(payout.with_user(self.finance).may_withdraw, "the question may still arrive")
        self.pass_time(payout)
        self.assertTrue(payout.with_user(self.finance).may_withdraw)
        with self.assertRaisesRegex(UserError, "S-116"):
            payout.with_user(self.clerk).action_withdraw()
        payout.with_user(self.finance).action_withdraw()
        self.assertEqual(payout.state, "withdrawn")
        self.assertMoney(100, 0)
        self.provider.state = "test"
        self.gateway.away = set()
        self.run_refunds(2)
        self.assertEqual((self.refunds.made, payout.state), ({}, "withdrawn"))
        self.assertMoney(100, 0)

    def test_only_a_word_from_after_its_time_lets_it_be_taken_back(self):
        payout = self.never_heard_of()
        payout.hear(gateway.RefundTold(payout.reference, gateway.UNKNOWN), asked_at=payout.gateway_valid_until)
        # The next question goes unanswered: that it was asked later proves nothing.
        self.pass_time(payout)
        payout.gateway_unheard_at = payout.gateway_valid_until
        self.gateway.away = {gateway.REFUND_QUERY}
        self.run_refunds()
        self.assertFalse(payout.with_user(self.finance).may_withdraw)
        with self.assertRaisesRegex(UserError, "S-128"):
            payout.with_user(self.finance).action_withdraw()
        self.assertMoney(100, 60)

    def test_a_question_that_leaves_between_form_and_click_keeps_it_from_being_taken_back(self):
        payout = self.never_heard_of()
        self.pass_time(payout)
        self.run_refunds()
        self.assertTrue(payout.with_user(self.finance).may_withdraw)
        self.provider.state = "test"
        self.run_refunds()
        with self.assertRaisesRegex(UserError, "S-128"):
            payout.with_user(self.finance).action_withdraw()
        self.assertMoney(100, 60)

    def test_while_the_provider_is_off_no_question_is_counted_or_prolonged(self):
        payout = self.never_heard_of()
        counted = (payout.gateway_questions, payout.gateway_valid_until)
        self.run_refunds(3)
        self.assertEqual((payout.gateway_questions, payout.gateway_valid_until), counted)
        self.assertEqual(len(self.asked_to_pay_back()), 1)
        self.assertGreater(payout.gateway_next_at, payout.gateway_asked_at)
        self.provider.state = "test"
        self.gateway.away = set()
        self.run_refunds()
        self.assertPaidBackOnce(payout)

    def test_one_that_waits_for_a_provider_that_is_off_is_asked_for_when_it_is_on_again(self):
        payout = self.approved()
        self.provider.state = "disabled"
        self.run_refunds(2)
        self.assertEqual((payout.state, payout.gateway_questions, self.gateway.calls[-1][0]), ("approved", 0, "query"))
        self.provider.state = "test"
        self.run_refunds()
        self.assertPaidBackOnce(payout)

    def test_what_is_paid_back_after_it_was_taken_back_is_booked_and_reported(self):
        payout = self.never_heard_of()
        self.pass_time(payout)
        self.run_refunds()
        payout.with_user(self.finance).action_withdraw()
        self.refunds.made[payout.reference] = {
            "state": gateway.REFUNDED,
            "amount": 6_000,
            "currency": payout.currency_id.name,
        }
        self.run_refunds()
        self.assertPaidBackOnce(payout)
        self.assertIn("A-317", payout.gateway_text)
        self.assertMoney(40, 0)

    def test_asking_by_hand_begins_nothing(self):
        self.gateway.away = {gateway.REFUND}
        payout = self.approved()
        with self.assertRaisesRegex(UserError, "S-128"):
            payout.with_user(self.supervisor).action_ask()
        self.run_refunds()
        self.gateway.away = set()
        asked = len(self.asked_to_pay_back())
        payout.gateway_asked_at = False
        payout.with_user(self.supervisor).action_ask()
        self.assertEqual((payout.state, payout.gateway_told), ("sent", "unknown"))
        self.assertEqual((len(self.asked_to_pay_back()), self.refunds.made), (asked, {}))
        with self.assertRaises(AccessError):
            payout.with_user(self._make_user("technician", "group_technician")).action_ask()
