"""A balance that a gateway brought, and payouts of it that go back through the gateway."""

from unittest.mock import patch

from odoo.addons.electricity_prepaid.core import gateway

from .payment_case import PaymentCase


class RefundCase(PaymentCase):
    """100.00 of balance that came by QR code; a clerk proposes, a supervisor approves."""

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
