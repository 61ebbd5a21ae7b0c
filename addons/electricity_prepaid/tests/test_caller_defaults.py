"""A caller's context and saved defaults decide nothing about money, counts and states."""

import uuid

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CounterCase


@tagged("post_install", "-at_install")
class TestCallerDefaults(CounterCase):
    def calling(self, model, **defaults):
        """Return the counter of a clerk who has saved defaults and sends them in the context as well."""
        for name, value in defaults.items():
            self.env["ir.default"].with_user(self.clerk).set(model, name, value, user_id=self.clerk.id)
        return self.counter.with_context(**{f"default_{name}": value for name, value in defaults.items()})

    def add_cash(self, counter, order):
        answer = counter.add_tender(order.uuid, {"uuid": str(uuid.uuid4()), "kind": "cash", "received": "100.00"})
        self.assertTrue(answer["ok"], answer)
        return order.tender_ids

    def test_a_payment_cannot_be_called_a_refund(self):
        shift = self.open_shift("500.00")
        tender = self.add_cash(self.calling("electricity.tender", direction="out", change=5.0), self.begin())
        self.assertEqual(tender.direction, "in")
        self.assertEqual(shift.cash_now, 600.0)
        self.assertLedger()

    def test_an_attempt_cannot_be_born_void_and_its_money_handed_back(self):
        self.open_shift()
        order = self.begin()
        self.pay(order)
        answer = self.calling("electricity.recharge.attempt", state="void").authorize(order.uuid, self.snapshot())
        self.assertTrue(answer["ok"], answer)
        self.assertEqual(order.attempt_ids.state, "issued")
        self.assertRefused(self.counter.cancel(order.uuid, True), "S-114")

    def test_an_order_cannot_be_born_paid_or_written(self):
        order_uuid = str(uuid.uuid4())
        counter = self.calling("electricity.recharge", paid_amount=1000.0, written_at="2001-01-01 00:00:00", count=7)
        self.assertTrue(counter.begin(order_uuid, self.terminal.id, self.snapshot(), "100.00")["ok"])
        order = self.order(order_uuid)
        self.assertEqual((order.paid_amount, order.written_at, order.count), (0, False, 0))

    def test_an_account_cannot_be_born_rich(self):
        accounts = self.env["electricity.account"].with_user(self.supervisor)
        account = accounts.with_context(
            default_balance=1000.0, default_state="active", default_purchase_count=9, default_district="North"
        ).create({"name": "700000000077", "partner_id": self.account.partner_id.id})
        self.assertEqual((account.balance, account.state, account.purchase_count), (0, "draft", 0))
        self.assertEqual(account.district, "North")

    def test_a_card_cannot_be_born_active(self):
        cards = self.env["electricity.card"].with_user(self.supervisor)
        values = {"name": "700000000888", "electricity_account_id": self.account.id, "issue": 9}
        with self.assertRaises(AccessError):
            cards.create({**values, "state": "active"})
        self.assertEqual(cards.with_context(default_state="lost").create(values).state, "blank")
