"""Arrears paid alone: whole bills, once, and back again on the same day."""

import uuid

from odoo.tests import tagged

from .marketing import MarketingCase
from .receipt_case import ReceiptChecks

OLD = ("B1", "2026-01", 12000, 150, "open")
NEW = ("B2", "2026-02", 9000, 0, "open")


@tagged("post_install", "-at_install")
class TestArrearsPaid(ReceiptChecks, MarketingCase):
    def setUp(self):
        super().setUp()
        self.owes(NEW, OLD)
        self.lookup()

    def messages(self, order):
        """Return the order's way into the outbox: (kind, cents, what is paid)."""
        return [
            (message.kind, round(message.amount * 100), message.payload.get("allocations"))
            for message in order.cis_message_ids.sorted("id")
        ]

    def begun(self, bills=None):
        order_uuid = str(uuid.uuid4())
        answer = self.begin_arrears(bills, order_uuid)
        self.assertTrue(answer["ok"], answer)
        return self.order(order_uuid)

    def paid(self, received="211.50", bills=None):
        self.open_shift()
        order = self.begun(bills)
        self.pay(order, received)
        return order

    def test_paid_is_done_in_one_step(self):
        shift = self.open_shift("500.00")
        order = self.begun()
        self.assertEqual((order.state, order.amount, order.delivery), ("draft", 211.5, "none"))
        answer = self.pay(order, "220.00")
        self.assertEqual(answer["change"], "8.50")
        self.assertEqual(answer["order"]["state"], "written")
        self.assertEqual(answer["order"]["actions"], ["print"])
        self.assertEqual([bill["month"] for bill in answer["order"]["breakdown"]["bills"]], ["2026-01", "2026-02"])
        self.assertEqual(
            order.allocations, [{"receivable_id": "B1", "amount": 12150}, {"receivable_id": "B2", "amount": 9000}]
        )
        self.assertEqual(set(order.arrear_ids.mapped("state")), {"paid"})
        self.assertEqual((self.account.balance, self.account.arrears_total), (0, 0))
        self.assertEqual(order.ledger_entry_ids.sorted("id").mapped("kind"), ["tender", "arrears"])
        self.assertEqual(shift.cash_now, 711.5)
        paid = [{"receivable_id": "B1", "amount": 12150}, {"receivable_id": "B2", "amount": 9000}]
        self.assertEqual(self.messages(order), [("payment", 21150, paid)])
        payload = order.cis_message_ids.payload
        self.assertEqual((payload["kind"], payload["count"], payload["energy"]), ("arrears", None, None))
        self.assertEqual((order.count, self.account.purchase_count, order.energy), (0, 1, 0))
        self.assertLedger()

    def test_the_clerk_may_choose_some_bills(self):
        order = self.paid("90.00", [("B2", "90.00")])
        self.assertEqual(order.arrear_ids.receivable_id, "B2")
        self.assertEqual(self.account.arrears_total, 121.5)
        self.assertEqual(order.breakdown["left"], "121.50")

    def test_the_balance_pays_at_once(self):
        self.account.sudo().book("correction", 30000)
        order = self.begun()
        self.assertEqual((order.state, self.account.balance), ("written", 88.5))
        self.assertEqual(order.cis_message_ids.payload["method"], "balance")

    def test_a_repeat_answers_the_same_order(self):
        self.open_shift()
        order_uuid = str(uuid.uuid4())
        first = self.begin_arrears([("B1", "121.50")], order_uuid)
        again = self.begin_arrears([("B1", "121.50")], order_uuid)
        self.assertEqual(first["order"]["serial"], again["order"]["serial"])
        self.assertRefused(self.begin_arrears([("B2", "90.00")], order_uuid), "S-102")
        order = self.order(order_uuid)
        tender = {"uuid": str(uuid.uuid4()), "kind": "cash", "received": "121.50"}
        self.counter.add_tender(order_uuid, tender)
        self.counter.add_tender(order_uuid, tender)
        self.assertEqual(order.paid_amount, 121.5)
        self.assertEqual(len(self.messages(order)), 1)
        self.assertLedger()

    def test_a_part_of_a_bill_is_refused_with_fresh_figures(self):
        answer = self.begin_arrears([("B1", "100.00")])
        self.assertRefused(answer, "M-302")
        self.assertEqual(answer["arrears"]["bills"][0]["due"], "121.50")

    def test_what_changed_since_it_was_shown_is_refused_before_money_is_taken(self):
        self.open_shift()
        order = self.begun()
        self.owes(NEW, ("B1", "2026-01", 12000, 180, "open"))
        self.lookup()
        answer = self.counter.add_tender(order.uuid, {"uuid": str(uuid.uuid4()), "kind": "cash", "received": "211.50"})
        self.assertRefused(answer, "M-302")
        self.assertEqual(answer["arrears"]["total"], "211.80")
        self.assertFalse(order.tender_ids)

    def test_an_old_part_payment_needs_a_fresh_look_at_the_bills(self):
        self.open_shift()
        order = self.begun()
        self.pay(order, "100.00")
        order.expires_at = self.account.marketing_asked_at = "2020-01-01 00:00:00"
        tender = {"uuid": str(uuid.uuid4()), "kind": "cash", "received": "111.50"}
        self.assertRefused(self.counter.add_tender(order.uuid, tender), "M-301")
        self.assertEqual((order.state, order.paid_amount), ("draft", 100))
        self.lookup()
        self.assertTrue(self.counter.add_tender(order.uuid, tender)["ok"])
        self.assertEqual(order.state, "written")

    def test_notes_in_the_box_count_even_when_the_bills_changed(self):
        order = self.begun()
        self.owes(NEW)
        self.lookup()
        statement = self.proxy.tender(order.uuid, {10000: 2, 1000: 2})
        answer = self.counter.add_tender(order.uuid, {"kind": "terminal_cash", "statement": statement})
        self.assertTrue(answer["ok"], answer)
        self.assertEqual((answer["order"]["state"], answer["order"]["code"]), ("paid", "M-302"))
        self.assertEqual(answer["order"]["actions"], ["cancel", "refund"])
        self.assertEqual(self.account.balance, 220)
        self.assertFalse(self.messages(order))

    def test_bills_with_a_collector_or_in_dispute_are_not_taken(self):
        self.owes(("B1", "2026-01", 12000, 150, "disputed"), NEW)
        self.lookup()
        self.assertRefused(self.begin_arrears([("B1", "121.50")]), "M-303")
        self.assertRefused(self.begin_arrears([]), "M-304")
        self.assertEqual(self.begun().amount, 90)

    def test_hostile_choices_are_refused(self):
        for bills in (None, "B1", [None], [{"receivable_id": 1, "amount": "1.00"}], [{"amount": "1.00"}]):
            answer = self.counter.begin_arrears(str(uuid.uuid4()), self.terminal.id, "700000000001", bills)
            self.assertRefused(answer, "P-104")
        for number in ("700000000002", None, "x", ["700000000001"]):
            answer = self.counter.begin_arrears(
                str(uuid.uuid4()), self.terminal.id, number, [{"receivable_id": "B1", "amount": "121.50"}]
            )
            self.assertRefused(answer, "C-106")

    def test_a_bill_is_not_taken_twice_while_the_list_still_has_it(self):
        self.paid()
        self.lookup()
        self.assertEqual(set(self.account.arrear_ids.mapped("state")), {"paid"})
        self.assertEqual(self.account.arrears_total, 0)
        self.assertRefused(self.begin_arrears([("B1", "121.50")]), "M-302")
        self.owes()
        self.lookup()
        self.assertEqual(set(self.account.arrear_ids.mapped("state")), {"settled"})

    def test_two_payments_at_once_are_one(self):
        self.open_shift()
        order = self.begun()
        self.assertEqual(self.begun([("B1", "121.50")]).state, "draft")
        self.assertEqual(order.state, "cancelled", "an empty draft of the same terminal gives way")
        self.assertRefused(
            self.counter.add_tender(order.uuid, {"uuid": str(uuid.uuid4()), "kind": "cash", "received": "211.50"}),
            "S-113",
        )

    def test_a_purchase_waits_for_arrears_that_are_half_paid(self):
        self.open_shift()
        order = self.begun()
        self.pay(order, "100.00")
        self.assertEqual(order.state, "draft")
        answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), "100.00")
        self.assertRefused(answer, "S-103")
        self.assertEqual(answer["order"]["uuid"], order.uuid)

    def test_it_needs_a_fresh_lookup_and_an_answer(self):
        self.account.marketing_asked_at = "2020-01-01 00:00:00"
        self.assertRefused(self.begin_arrears(), "M-301")
        self.there.silence = "connection"
        self.lookup()
        self.assertRefused(self.begin_arrears(), "M-306")

    def test_no_card_is_written_for_arrears(self):
        order = self.paid()
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "S-112")
        self.assertFalse(order.has_attempts)

    def test_arrears_do_not_count_as_a_purchase_of_the_day(self):
        self.meter_model.purchases_per_day = 1
        self.paid()
        self.sold()

    def test_the_receipt_names_each_bill(self):
        order = self.paid()
        answer = self.counter.register_print(order.uuid)
        self.assertTrue(answer["ok"], answer)
        html = self.env["ir.actions.report"]._render_qweb_html("electricity_prepaid.receipt", order.ids)[0].decode()
        for text in ("Receipt for arrears paid", "2026-01", "2026-02", "B1", "B2", "120.00", "1.50", "211.50"):
            self.assertIn(text, html)
        self.assertNotIn("Put the card into your meter", html)

    def test_the_receipt_adds_up_though_the_balance_paid_a_part(self):
        self.account.sudo().book("correction", 1150)
        rows = self.assertAddsUp(self.paid("200.00"))
        self.assertEqual((rows["Balance before"], rows["Paid now"], rows["Arrears paid"]), (1150, 20000, 21150))

    def test_bills_that_changed_while_money_came_are_not_called_paid(self):
        self.open_shift()
        order = self.begun()
        self.pay(order, "100.00")
        text = self.receipt_text(order)
        self.assertIn("Not paid in full yet", text)
        self.assertNotIn("card", text.replace("Card", ""))
        order.sudo().write({"state": "paid"})
        rows = self.assertAddsUp(order)
        self.assertEqual((rows["Held for these bills"], rows["Free balance"]), (10000, 0))
        text = self.receipt_text(order)
        self.assertIn("bills not paid yet", text)
        self.assertNotIn("on the card", text)
