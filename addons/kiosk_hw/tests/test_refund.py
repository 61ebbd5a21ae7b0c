"""Payouts that go back through the gateway: each fault of it, and in the end one tender for what was paid back."""

import uuid
from unittest.mock import patch

from odoo import fields
from odoo.addons.electricity_prepaid.core import gateway
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .payment_case import PaymentCase


@tagged("post_install", "-at_install")
class TestRefund(PaymentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.finance = cls._make_user("finance", "group_finance")

    def setUp(self):
        super().setUp()
        self.refunds = self.gateway.refunds
        self.source = self.balance_of_a_payment()

    def balance_of_a_payment(self, amount="100.00", kind="qr"):
        """Let a customer pay for a purchase and give it up; return the tender, whose money is balance now."""
        order_uuid, reference = self.paying(amount, kind)
        self.gateway.pay(reference)
        self.assertEqual(self.asked(reference), "paid")
        self.assertTrue(self.kiosk.give_up(order_uuid)["ok"])
        return self.payment(reference).electricity_tender_ids

    def propose(self, amount=60.0, source=None, user=None):
        payouts = self.env["electricity.payout"].with_user(user or self.clerk)
        account = self.account.with_user(user or self.clerk)
        source = source or self.source
        payout = payouts.propose(account, amount, "gateway", "Moves away", source_tender_id=source.id)
        return payout.with_env(self.env)

    def approved(self, amount=60.0, source=None):
        payout = self.propose(amount, source)
        payout.with_user(self.supervisor).action_approve()
        return payout

    def run_refunds(self, times=1):
        """Let the job look as often, as if what is due were due now."""
        for _time in range(times):
            for payout in self.env["electricity.payout"].search([("gateway_next_at", "!=", False)]):
                payout.write({"gateway_asked_at": False, "gateway_next_at": "2020-01-01 00:00:00"})
            with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=True):
                self.env["electricity.payout"]._cron_refunds()

    def pass_time(self, payout):
        payout.gateway_valid_until = "2020-01-01 00:00:00"

    def asked_to_pay_back(self):
        return [reference for operation, reference in self.gateway.calls if operation == gateway.REFUND]

    def assertMoney(self, balance, held):
        self.assertEqual((self.account.balance, self.account.held), (balance, held))
        self.assertLedger()

    def assertPaidBackOnce(self, payout, amount=60.0):
        tender = payout.tender_ids
        self.assertEqual((payout.state, len(tender)), ("paid", 1))
        self.assertEqual((tender.direction, tender.kind, tender.amount), ("out", self.source.kind, amount))
        self.assertEqual(tender.electricity_account_id, self.account)
        self.assertLedger()

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

    # -- while nobody knows how it ends

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

    # -- the window, the books

    def test_the_window_offers_the_payments_and_what_can_go_back(self):
        self.approved(60.0)
        action = self.account.with_user(self.clerk).action_pay_out_balance()
        form = Form(self.env[action["res_model"]].with_user(self.clerk).with_context(**action["context"]))
        form.way = "gateway"
        form.source_tender_id = self.source.with_user(self.clerk)
        self.assertEqual((form.left, form.amount), (40, 40))
        form.reason = "Moves away"
        shown = form.save().action_propose()
        payout = self.env["electricity.payout"].browse(shown["res_id"])
        self.assertEqual((payout.source_tender_id, payout.amount), (self.source, 40))
        name = self.source.with_user(self.clerk).with_context(as_payment=True).display_name
        self.assertIn("QR", name)
        self.assertIn("100.00", name)

    def test_each_refund_is_in_the_books_once(self):
        session = self.config.open_kiosk_session()
        self.project()
        payout = self.approved()
        self.run_refunds()
        self.assertIsNone(session._cannot_close_session(), "whoever closes it brings the refund in")
        self.project()
        order = payout.tender_ids.pos_order_id
        self.assertEqual((order.amount_total, order.payment_ids.payment_method_id), (-60, self.qr_method))
        self.assertBooked(session, 40)

    def test_a_day_with_refunds_only_is_in_the_books(self):
        session = self.config.open_kiosk_session()
        self.project()
        session._roll_over()
        came_in = self.env["account.payment"].search([("pos_session_id", "=", session.id)])
        payout = self.approved()
        self.run_refunds()
        session = self.config.current_session_id
        self.project()
        self.assertTrue(payout.tender_ids.pos_order_id)
        self.assertBooked(session, -60)
        went_out = self.env["account.payment"].search([("pos_session_id", "=", session.id)])
        self.assertEqual((came_in.amount, went_out.amount, went_out.payment_type), (100, 60, "outbound"))
        self.assertEqual(went_out.outstanding_account_id, came_in.outstanding_account_id)

    def test_a_day_on_which_all_went_back_is_in_the_books(self):
        session = self.config.open_kiosk_session()
        self.approved(100.0)
        self.run_refunds()
        self.assertBooked(session, 0)
        self.assertMoney(0, 0)

    def assertBooked(self, session, amount):
        """Close a session, and check what it moved between the service's bank journal and the advances."""
        session._roll_over()
        self.assertEqual(session.state, "closed")
        payments = self.env["account.payment"].search([("pos_session_id", "=", session.id)])
        advances = self.config.kiosk_advance_product_id.property_account_income_id
        lines = (session.move_id | payments.move_id).line_ids
        self.assertEqual(set(lines.mapped("parent_state")) - {"posted"}, set())
        moved = sum(lines.filtered(lambda line: line.account_id == advances).mapped("balance"))
        self.assertEqual(moved, -amount)
        bank = self.qr_method.journal_id
        money = lines.filtered(
            lambda line: line.journal_id == bank and line.account_id.account_type != "asset_receivable"
        )
        self.assertEqual(sum(money.mapped("balance")), amount)
        receivable = lines.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        self.assertEqual(sum(receivable.mapped("balance")), 0)
        self.assertFalse(receivable.filtered(lambda line: not line.reconciled))
        self.assertLessEqual(len(money.account_id), 1)

    def test_it_counts_in_the_days_figures(self):
        self.approved()
        self.run_refunds()
        self.env["electricity.terminal.day"]._count(self.company, 1)
        day = self.env["electricity.terminal.day"].search([("terminal_id", "=", self.terminal.id)])
        self.assertEqual((day.amount_other, day.amount_out, day.amount_total), (100, 60, 40))
