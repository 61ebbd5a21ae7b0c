"""Payouts that go back through the gateway: the window that proposes them, the books and the figures of the day."""

from odoo.tests import Form, tagged

from .refund_case import RefundCase


@tagged("post_install", "-at_install")
class TestRefundBooks(RefundCase):
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
