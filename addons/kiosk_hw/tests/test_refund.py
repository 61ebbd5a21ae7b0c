"""Payouts that go back through the gateway: what is refused, and in the end one tender for what was paid back."""

import uuid
from unittest.mock import patch

from odoo import fields
from odoo.addons.electricity_prepaid.core import gateway
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.exceptions import UserError
from odoo.tests import tagged

from .refund_case import RefundCase


@tagged("post_install", "-at_install")
class TestRefund(RefundCase):
    # -- what is refused

    def test_nobody_approves_his_own(self):
        payout = self.propose(user=self.supervisor)
        with self.assertRaisesRegex(UserError, "S-121"):
            payout.with_user(self.supervisor).action_approve()
        self.assertMoney(100, 0)

    def test_two_approvals_are_one_refund(self):
        payout = self.approved()
        reference = payout.reference
        with self.assertRaisesRegex(UserError, "S-128"):
            payout.with_user(self.finance).action_approve()
        self.run_refunds(2)
        self.assertEqual((payout.reference, self.asked_to_pay_back()), (reference, [reference]))
        self.assertPaidBackOnce(payout)

    def test_no_more_than_the_payment_brought_and_has_not_gone_back(self):
        # 100 of it are paid out of the balance.
        self.balance_of_a_payment("150.00", "bank_card")
        with self.assertRaisesRegex(UserError, r"100\.00.*A-313"):
            self.propose(100.01)
        self.approved(60.0)
        with self.assertRaisesRegex(UserError, r"40\.00.*A-313"):
            self.propose(40.01)
        self.run_refunds()
        with self.assertRaisesRegex(UserError, r"40\.00.*A-313"):
            self.propose(40.01)
        last = self.approved(40.0)
        self.run_refunds()
        self.assertEqual(last.state, "paid")
        self.assertEqual(self.source.left_to_go_back(), 0)
        self.assertMoney(50, 0)

    def test_no_more_than_the_balance_has(self):
        self.env["electricity.tender"].give_back(self.account, 5_000, uuid="elsewhere", kind="cash")
        with self.assertRaisesRegex(UserError, r"50\.00.*S-125"):
            self.propose(60.0)

    def test_only_money_that_came_by_a_gateway_goes_back_by_it(self):
        unknown = self.env["electricity.tender"].keep_without_account(
            self.company, {"uuid": str(uuid.uuid4()), "kind": "qr", "amount": 5}
        )
        unknown.write({"electricity_account_id": self.account.id, "is_unassigned": False})
        self.account.book("tender", 500, tender=unknown)
        with self.assertRaisesRegex(UserError, "A-312"):
            self.propose(5.0, unknown)
        payouts = self.env["electricity.payout"].with_user(self.clerk)
        with self.assertRaisesRegex(UserError, "A-312"):
            payouts.propose(self.account.with_user(self.clerk), 5.0, "gateway", "Moves away")

    def test_odoos_demo_provider_pays_nothing_back(self):
        # Its addon need not be installed here: the code is all that is asked for.
        self.env.cr.execute("UPDATE payment_provider SET code = 'demo' WHERE id = %s", [self.provider.id])
        self.provider.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "A-312"):
            self.propose()
        self.assertMoney(100, 0)

    def test_a_provider_that_is_switched_off_is_asked_for_nothing(self):
        payout = self.propose()
        self.provider.state = "disabled"
        with self.assertRaisesRegex(UserError, "A-312"):
            payout.with_user(self.supervisor).action_approve()
        self.assertFalse(self.asked_to_pay_back())

    def test_a_payment_of_another_account_is_none(self):
        other, _card = self._make_account("700000000009", "700000000109", "700000000209")
        other.book("tender", 10_000)
        with self.assertRaisesRegex(UserError, "A-312"):
            self.env["electricity.payout"].with_user(self.clerk).propose(
                other.with_user(self.clerk), 10.0, "gateway", "No", source_tender_id=self.source.id
            )

    def test_it_is_not_paid_in_cash_as_well(self):
        payout = self.approved()
        self.counter.open_shift(self.terminal.id, "500.00")
        with self.assertRaisesRegex(UserError, "S-128"):
            payout.with_user(self.clerk).action_pay_out()
        self.run_refunds()
        with self.assertRaisesRegex(UserError, "S-128"):
            payout.with_user(self.clerk).action_pay_out()
        self.assertPaidBackOnce(payout)

    # -- how it ends

    def test_a_refusal_frees_the_money(self):
        self.refunds.refuses = "not_enough_funds"
        payout = self.approved()
        self.run_refunds()
        self.assertEqual(payout.state, "refused")
        self.assertIn("A-315", payout.gateway_text)
        self.assertIn("not_enough_funds", payout.gateway_text)
        self.assertEqual(payout.activity_ids.user_id, self.supervisor)
        self.assertMoney(100, 0)
        self.refunds.refuses = None
        again = self.approved()
        self.run_refunds()
        self.assertPaidBackOnce(again)

    def test_an_error_at_the_only_question_frees_the_money(self):
        self.gateway.refuses = "unknown_operation"
        payout = self.approved()
        self.run_refunds()
        self.assertEqual(payout.state, "refused")
        self.assertMoney(100, 0)

    def test_an_error_at_a_later_question_frees_nothing_before_no_earlier_one_can_arrive(self):
        self.gateway.away = {gateway.REFUND}
        payout = self.approved()
        self.run_refunds()
        self.gateway.away, self.gateway.refuses = set(), "not_now"
        self.run_refunds(2)
        self.assertEqual((payout.state, payout.gateway_questions), ("sent", 2))
        self.assertMoney(100, 60)
        self.pass_time(payout)
        self.run_refunds()
        self.assertEqual((payout.state, payout.gateway_questions), ("refused", 2))
        self.assertMoney(100, 0)

    def test_what_is_paid_back_after_it_was_refused_is_booked_and_reported(self):
        self.refunds.refuses = "not_now"
        payout = self.approved()
        self.run_refunds()
        self.refunds.made[payout.reference]["state"] = gateway.REFUNDED
        self.run_refunds()
        self.assertPaidBackOnce(payout)
        self.assertIn("A-317", payout.gateway_text)
        self.assertIn("A-317", "".join(payout.activity_ids.mapped("summary")))
        self.assertMoney(40, 0)

    def test_what_is_on_its_way_after_it_was_refused_is_reported_before_it_is_paid(self):
        self.refunds.refuses = "not_now"
        payout = self.approved()
        self.run_refunds()
        self.refunds.made[payout.reference]["state"] = gateway.REFUND_PENDING
        self.run_refunds(2)
        self.assertEqual(payout.state, "refused")
        self.assertIn("A-318", payout.gateway_text)
        self.assertEqual("".join(payout.activity_ids.mapped("summary")).count("A-318"), 1)
        self.assertMoney(100, 0)
        self.refunds.made[payout.reference]["state"] = gateway.REFUNDED
        self.run_refunds()
        self.assertPaidBackOnce(payout)
        self.assertIn("A-317", payout.gateway_text)
        self.assertMoney(40, 0)

    def test_another_amount_is_booked_as_it_was_paid_back(self):
        self.refunds.amount = 5_900
        payout = self.approved()
        self.run_refunds()
        self.assertPaidBackOnce(payout, 59.0)
        self.assertIn("A-316", payout.gateway_text)
        self.assertEqual(self.source.left_to_go_back(), 4_100)
        self.assertMoney(41, 0)

    def test_another_currency_is_not_booked_and_stays_held(self):
        self.refunds.currency = "XTS"
        payout = self.approved()
        self.run_refunds(3)
        self.assertEqual((payout.state, len(payout.activity_ids)), ("sent", 1))
        self.assertIn("A-316", payout.gateway_text)
        self.assertMoney(100, 60)

    def test_the_word_comes_many_times_and_counts_once(self):
        payout = self.approved()
        self.run_refunds()
        told = gateway.refund_told_by({"refund": self.refunds.says(payout.reference)})
        for _time in range(3):
            payout.hear(told)
        self.assertPaidBackOnce(payout)
        self.assertMoney(40, 0)

    def test_one_that_fails_keeps_no_other_from_being_looked_at(self):
        bad, good = self.approved(10.0), self.approved(20.0)
        look = type(bad)._look

        def fail(payout):
            if payout == bad:
                raise ValueError("something nobody expected")
            return look(payout)

        with (
            patch.object(type(bad), "_look", fail),
            self.assertLogs("odoo.addons.electricity_prepaid.models.answers", "ERROR"),
        ):
            self.run_refunds()
        self.assertEqual((bad.state, good.state), ("approved", "paid"))
        self.assertGreater(bad.gateway_next_at, fields.Datetime.now())

    def test_somebody_at_the_account_is_waited_for(self):
        payout = self.approved()
        with patch.object(type(self.account), "take", side_effect=Refusal("S-101")):
            self.run_refunds()
        self.assertEqual((payout.state, self.asked_to_pay_back()), ("approved", []))
        self.run_refunds()
        self.assertPaidBackOnce(payout)
