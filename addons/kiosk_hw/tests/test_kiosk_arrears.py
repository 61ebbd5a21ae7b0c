"""Arrears at a kiosk: with the card or without, the same order as at a counter, and never twice."""

import uuid

from odoo.addons.electricity_prepaid.tests.marketing import MarketingCase
from odoo.tests import tagged

from .common import KioskCase
from .payment_case import PaymentCase

OLD = ("B1", "2026-01", 12000, 150, "open")
NEW = ("B2", "2026-02", 9000, 0, "open")
HELD = ("B3", "2026-03", 5000, 0, "disputed")


class ArrearsCase(KioskCase, MarketingCase):
    """A customer of the kiosk who owes two bills."""

    def setUp(self):
        super().setUp()
        self.terminal.takes_notes = True
        self.company.kiosk_account_check = "phone"
        self.account.partner_id.phone = "138-0000-4711"
        self.owes(NEW, OLD)

    def who(self):
        """Be identified by number and digits."""
        return {"token": self.kiosk.identify(str(uuid.uuid4()), "700000000001", "4711")["token"]}

    def shown(self, who=None):
        """Ask what is owed."""
        answer = self.kiosk.arrears(who or self.who())
        self.assertTrue(answer["ok"], answer)
        return answer

    def begun(self, who=None, bills=None):
        who = who or self.who()
        shown = self.shown(who)["bills"]["bills"]
        bills = [
            {"receivable_id": bill["receivable_id"], "amount": bill["due"]}
            for bill in shown
            if bills is None or bill["receivable_id"] in bills
        ]
        answer = self.kiosk.begin_arrears(str(uuid.uuid4()), who, bills)
        self.assertTrue(answer["ok"], answer)
        return self.order(answer["order"]["uuid"])


@tagged("post_install", "-at_install")
class TestKioskArrears(ArrearsCase):
    def test_without_the_marketing_system_bills_are_shown_and_not_paid(self):
        self.shown()
        self.there.silence = "timeout"
        answer = self.shown()
        self.assertEqual(answer["bills"]["total"], "211.50")
        self.assertEqual((answer["payable"]["allowed"], answer["payable"]["code"]), (False, "M-306"))
        bills = [{"receivable_id": "B1", "amount": "121.50"}]
        self.assertRefused(self.kiosk.begin_arrears(str(uuid.uuid4()), self.who(), bills), "M-306")

    def test_a_company_without_one_says_so_too(self):
        self.connection.active = False
        answer = self.shown()
        self.assertIsNone(answer["bills"])
        self.assertEqual(answer["payable"]["code"], "M-306")

    def test_what_is_disputed_is_not_taken(self):
        self.owes(HELD)
        who = self.who()
        self.assertEqual(self.shown(who)["bills"]["bills"][0]["status"], "disputed")
        bills = [{"receivable_id": "B3", "amount": "50.00"}]
        self.assertRefused(self.kiosk.begin_arrears(str(uuid.uuid4()), who, bills), "M-303")

    def test_nobodys_bills_are_paid_after_the_visit(self):
        who = self.who()
        self.shown(who)
        self.kiosk.end_visit()
        self.assertRefused(self.kiosk.begin_arrears(str(uuid.uuid4()), who, []), "K-153")

    def test_an_answer_is_masked(self):
        self.account.supply_address = "Minzu Avenue 12, Room 402"
        answer = self.shown()
        for text in ("700000000001", "700000000101", "Customer", "402"):
            self.assertNotIn(text, str(answer))
        self.assertIn("Minzu Avenue 12", answer["customer"]["address"])

    def test_notes_pay_bills_as_a_counters_cash_does(self):
        order = self.begun()
        self.assertTrue(self.kiosk.collect(order.uuid)["collect"])
        statement = self.proxy.tender(order.uuid, {10_000: 2, 2_000: 1})
        paid = self.kiosk.add_tender(order.uuid, statement)
        self.assertEqual((paid["order"]["state"], paid["order"]["op"]), ("written", "arrears"))
        self.assertEqual(self.kiosk.add_tender(order.uuid, statement)["order"]["paid"], "220.00", "the same once more")
        self.assertEqual((self.account.balance, self.account.arrears_total), (8.5, 0))
        message = order.cis_message_ids
        self.assertEqual((message.kind, message.payload["kind"], message.amount), ("payment", "arrears", 211.5))
        self.assertEqual([each["receivable_id"] for each in message.payload["allocations"]], ["B1", "B2"])
        self.assertLedger()

    def test_the_oldest_bill_alone(self):
        order = self.begun(bills=("B1",))
        self.kiosk.add_tender(order.uuid, self.proxy.tender(order.uuid, {10_000: 1, 5_000: 1}))
        self.assertEqual((order.state, self.account.balance, self.account.arrears_total), ("written", 28.5, 90))
        self.assertLedger()

    def test_too_little_is_the_accounts_balance(self):
        order = self.begun()
        self.kiosk.add_tender(order.uuid, self.proxy.tender(order.uuid, {10_000: 1}))
        self.assertTrue(self.kiosk.give_up(order.uuid)["ok"])
        self.assertEqual((order.state, self.account.balance, self.account.arrears_total), ("cancelled", 100, 211.5))
        self.assertLedger()

    def test_a_card_names_its_customer_and_needs_no_digits(self):
        who = {"snapshot": self.reading()}
        self.assertEqual(self.shown(who)["bills"]["total"], "211.50")
        self.account.sudo().book("correction", 30000)
        order = self.begun({"snapshot": self.reading()})
        self.assertEqual((order.state, self.account.balance), ("written", 88.5))
        self.assertLedger()

    def test_no_card_is_written_for_it(self):
        order = self.begun()
        self.assertRefused(self.kiosk.authorize(order.uuid, self.reading()), "S-112")

    def test_the_purchase_shows_what_is_owed(self):
        self.shown()
        answer = self.kiosk.quote(self.reading())
        self.assertEqual(answer["bills"]["total"], "211.50")


@tagged("post_install", "-at_install")
class TestKioskArrearsThroughTheGateway(ArrearsCase, PaymentCase):
    def test_bills_are_paid_by_either_way_once(self):
        for kind, bill, amount, left in (("qr", "B1", 121.5, 90), ("bank_card", "B2", 90, 0)):
            with self.subTest(kind=kind):
                order, reference = ArrearsCase.begun(self, bills=(bill,)), uuid.uuid4().hex
                self.assertEqual(self.kiosk.pay(order.uuid, reference, kind)["payment"]["amount"], f"{amount:.2f}")
                self.gateway.pay(reference)
                self.assertEqual([self.asked(reference) for _again in range(2)], ["paid"] * 2)
                self.assertEqual((order.state, order.tender_ids.kind), ("written", kind))
                self.assertEqual((self.account.balance, self.account.arrears_total), (0, left))
                message = order.cis_message_ids
                self.assertEqual((len(message), message.kind, message.amount), (1, "payment", amount))
                self.assertEqual(order._upload_method(round(amount * 100)), kind)
                self.assertLedger()

    def test_what_is_paid_after_the_bills_were_given_up_is_balance(self):
        order, reference = ArrearsCase.begun(self, bills=("B1",)), uuid.uuid4().hex
        self.kiosk.pay(order.uuid, reference, "qr")
        self.kiosk.pay_cancel(reference)
        self.assertTrue(self.kiosk.give_up(order.uuid)["ok"])
        self.gateway.pay(reference)
        self.run_cron()
        self.assertEqual((order.state, self.account.balance, self.account.arrears_total), ("cancelled", 121.5, 211.5))
        self.assertLedger()
