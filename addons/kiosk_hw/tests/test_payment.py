"""QR code and bank card at a kiosk: each fault of a gateway, and in the end one tender for what was really paid."""

import uuid
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .payment_case import PaymentCase

CONTROLLER = "odoo.addons.kiosk_hw.controllers.payment"


@tagged("post_install", "-at_install")
class TestPayment(PaymentCase, HttpCase):
    # -- what goes wrong at the gateway

    def test_a_notice_that_is_lost_is_made_up_for_by_a_query(self):
        order_uuid, reference = self.paying()
        self.assertEqual(self.asked(reference), "waiting")
        self.gateway.pay(reference)
        self.assertEqual(self.asked(reference), "paid")
        self.assertPaidOnce(order_uuid)
        self.assertEqual(self.order(order_uuid).state, "paid")

    def test_notices_that_come_twice_and_late_and_queries_make_one_tender(self):
        order_uuid, reference = self.paying()
        self.gateway.pay(reference)
        notice = self.gateway.notice(reference)
        self.notify(notice)
        self.notify(notice)
        self.asked(reference)
        self.kiosk.pay_cancel(reference)
        self.run_cron(minutes=5)
        self.notify(self.gateway.notice(reference))
        self.assertPaidOnce(order_uuid)

    def test_a_notice_may_be_there_before_the_answer(self):
        order_uuid, reference = self.begun(), uuid.uuid4().hex
        answer = self.gateway.ask

        def notice_first(operation, claims):
            told = answer(operation, claims)
            self.gateway.pay(reference)
            self.notify(self.gateway.notice(reference))
            return told

        self.gateway.ask = notice_first
        paid = self.kiosk.pay(order_uuid, reference, "qr")
        self.assertEqual((paid["payment"]["state"], paid["order"]["state"]), ("paid", "paid"))
        self.assertPaidOnce(order_uuid)

    def test_a_notice_with_another_signature_is_not_believed(self):
        _order, reference = self.paying()
        self.gateway.pay(reference)
        with mute_logger(CONTROLLER):
            self.notify(self.gateway.notice(reference, key="another-key-that-is-long-enough-0123456789"), 403)
            self.notify("nonsense", 403)
            self.notify(self.gateway.ask("query", {"reference": reference})[1], 403)
        self.assertFalse(self.tenders())
        self.assertEqual(self.payment(reference).state, "pending")

    def test_another_amount_is_booked_as_it_is_and_reported(self):
        order_uuid, reference = self.paying()
        self.gateway.pay(reference, amount=6_000)
        self.notify(self.gateway.notice(reference))
        self.assertPaidOnce(order_uuid, "60.00")
        order = self.order(order_uuid)
        self.assertEqual((order.state, order._due_cents()), ("draft", 4_000))
        self.assertIn("A-305", self.terminal.activity_ids[-1:].summary)
        second = uuid.uuid4().hex
        self.assertEqual(self.kiosk.pay(order_uuid, second, "bank_card")["payment"]["amount"], "40.00")

    def test_too_much_is_the_customers_balance(self):
        order_uuid, reference = self.paying()
        self.gateway.pay(reference, amount=12_000)
        self.asked(reference)
        self.assertPaidOnce(order_uuid, "120.00")
        self.assertEqual((self.order(order_uuid).state, self.account.balance), ("paid", 120))

    def test_another_currency_counts_for_no_account(self):
        order_uuid, reference = self.paying()
        self.gateway.pay(reference, amount=500, currency="JPY")
        self.notify(self.gateway.notice(reference))
        tender = self.tenders()
        self.assertEqual((tender.amount, tender.currency_id.name, tender.is_unassigned), (500, "JPY", True))
        self.assertEqual((self.order(order_uuid).paid_amount, self.account.balance), (0, 0))
        self.assertIn("A-306", self.terminal.activity_ids[-1:].summary)
        self.env.user.group_ids += self.env.ref("electricity_prepaid.group_finance")
        with self.assertRaisesRegex(UserError, "another currency"):
            tender.propose_account(self.account, "guessed")

    def test_an_order_at_the_gateway_whose_answer_was_lost_is_the_same_one(self):
        self.gateway.silent = {"create"}
        order_uuid, reference = self.paying()
        payment = self.kiosk.pay_status(reference)["payment"]
        self.assertEqual((payment["state"], payment["code"], payment["qr"]), ("asking", "A-301", None))
        self.gateway.silent = set()
        self.later(reference)
        self.assertEqual(self.kiosk.pay(order_uuid, reference, "qr")["payment"]["state"], "waiting")
        self.assertEqual(len(self.gateway.orders), 1)

    def test_a_gateway_that_is_away_takes_nothing_and_is_asked_until_it_says_so(self):
        self.gateway.away = {"create", "query", "close"}
        order_uuid, reference = self.paying()
        self.assertEqual(self.kiosk.pay_cancel(reference)["payment"]["code"], "A-301")
        self.run_cron(minutes=5)
        self.assertEqual(self.payment(reference).state, "draft", "nobody knows")
        self.assertRefused(self.kiosk.pay(order_uuid, uuid.uuid4().hex, "qr"), "A-304")
        self.gateway.away = set()
        self.run_cron(minutes=5)
        self.assertEqual(self.payment(reference).state, "cancel")
        self.assertEqual(
            self.gateway.orders[reference]["state"], "closed", "also what comes later is not paid any more"
        )
        self.assertTrue(self.kiosk.pay(order_uuid, uuid.uuid4().hex, "qr")["ok"])

    def test_a_close_whose_answer_was_lost_is_asked_about(self):
        _order, reference = self.paying()
        self.gateway.silent = {"close"}
        self.assertEqual(self.kiosk.pay_cancel(reference)["payment"]["code"], "A-303")
        self.assertEqual(self.asked(reference), "closed")
        self.assertFalse(self.tenders())

    def test_a_payment_that_wins_against_its_cancellation_counts(self):
        order_uuid, reference = self.paying()
        self.gateway.pay(reference)
        self.assertEqual(self.kiosk.pay_cancel(reference)["payment"]["state"], "paid")
        self.assertPaidOnce(order_uuid)

    def test_paid_after_it_was_closed_is_booked_and_reported(self):
        order_uuid, reference = self.paying()
        self.kiosk.pay_cancel(reference)
        self.kiosk.give_up(order_uuid)
        self.gateway.pay(reference)
        self.notify(self.gateway.notice(reference))
        self.assertPaidOnce(order_uuid)
        self.assertEqual((self.order(order_uuid).state, self.account.balance), ("cancelled", 100))
        self.assertIn("A-311", self.terminal.activity_ids[-1:].summary)

    def test_a_closed_payment_is_looked_at_once_more(self):
        order_uuid, reference = self.paying()
        self.kiosk.pay_cancel(reference)
        self.gateway.pay(reference)
        self.run_cron()
        self.assertPaidOnce(order_uuid)

    def test_what_nobody_ends_is_closed_at_the_gateway(self):
        _order, reference = self.paying()
        self.run_cron()
        self.assertEqual(self.payment(reference).state, "pending", "its time is not over")
        self.run_cron(minutes=5)
        self.assertEqual((self.payment(reference).state, self.gateway.calls[-1]), ("cancel", ("close", reference)))
        self.payment(reference).gateway_closed_at = "2020-01-01 00:00:00"
        self.run_cron(minutes=5)
        self.assertFalse(self.payment(reference).gateway_next_at)

    def test_one_that_cannot_be_looked_at_keeps_no_other_from_it(self):
        (_first, bad), (_second, good) = self.paying(), self.paying()
        look = type(self.env["payment.transaction"])._look

        def fail(payment):
            if payment.reference == bad:
                raise ValueError("something nobody expected")
            return look(payment)

        logger = "odoo.addons.electricity_prepaid.models.answers"
        with patch.object(type(self.env["payment.transaction"]), "_look", fail), mute_logger(logger):
            self.run_cron(minutes=5)
        self.assertEqual((self.payment(bad).state, self.payment(good).state), ("pending", "cancel"))

    def test_a_payment_that_the_gateway_refuses_is_over(self):
        self.gateway.refuses = "merchant_closed"
        order_uuid, reference = self.paying()
        payment = self.kiosk.pay_status(reference)["payment"]
        self.assertEqual((payment["state"], payment["code"]), ("refused", "A-310"))
        self.assertEqual(self.payment(reference).state_message, "merchant_closed")
        self.gateway.refuses = None
        self.assertTrue(self.kiosk.pay(order_uuid, uuid.uuid4().hex, "qr")["ok"])

    # -- what the page may and may not

    def test_the_page_cannot_say_that_it_was_paid(self):
        order_uuid, reference = self.paying(kind="bank_card")
        self.assertRefused(self.kiosk.add_tender(order_uuid, reference), "S-122")
        self.assertEqual(self.asked(reference), "waiting")
        self.assertFalse(self.tenders())

    def test_one_payment_at_a_time_and_no_notes_beside_it(self):
        self.terminal.takes_notes = True
        order_uuid, reference = self.paying()
        self.assertRefused(self.kiosk.collect(order_uuid), "A-304")
        self.assertRefused(self.kiosk.pay(order_uuid, uuid.uuid4().hex, "bank_card"), "A-304")
        self.assertEqual(self.kiosk.pay_open(order_uuid)["payment"]["reference"], reference)
        self.later(reference)
        self.kiosk.pay_cancel(reference)
        self.assertIsNone(self.kiosk.pay_open(order_uuid)["payment"])
        self.assertTrue(self.kiosk.collect(order_uuid)["ok"])

    def test_notes_first_and_the_rest_by_qr(self):
        self.terminal.takes_notes = True
        order_uuid = self.begun()
        self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {2_000: 1}))
        reference = uuid.uuid4().hex
        self.assertEqual(self.kiosk.pay(order_uuid, reference, "qr")["payment"]["amount"], "80.00")
        self.gateway.pay(reference)
        self.assertEqual(self.asked(reference), "paid")
        self.assertEqual(self.order(order_uuid).state, "paid")
        order = self.order(order_uuid)
        self.assertEqual((order._upload_method(10_000), order._upload_channel()), ("mixed", "kiosk"))
        self.assertLedger()

    def test_what_is_due_is_asked_for_to_the_cent_and_nothing_of_it_becomes_balance(self):
        cases = [("64.27", 0, "qr"), ("64.27", 1, "bank_card"), ("99.99", 98, "qr"), ("50.00", 4_999, "bank_card")]
        for amount, balance, kind in cases:
            with self.subTest(amount=amount, balance=balance):
                self.account.sudo().book("correction", balance)
                order_uuid, reference = self.paying(amount, kind)
                exact = f"{float(amount) - balance / 100:.2f}"
                status = self.kiosk.status(order_uuid)["order"]
                self.assertEqual((status["missing"], self.payment(reference).amount), (exact, float(exact)))
                self.assertEqual(self.gateway.orders[reference]["amount"], round(float(exact) * 100))
                self.assertEqual(round(float(status["due"]) * 100) % 10, 0, "notes and coins: nothing smaller")
                self.gateway.pay(reference)
                self.assertEqual(self.asked(reference), "paid")
                self.assertEqual((self.order(order_uuid).state, f"{self.account.balance:.2f}"), ("paid", amount))
                self.assertEqual(self.kiosk.give_up(order_uuid)["order"]["state"], "cancelled")
                self.account.sudo().book("correction", -round(self.account.balance * 100))

    def test_a_few_cents_that_are_missing_are_asked_for_as_few(self):
        order_uuid, reference = self.paying("64.27")
        self.gateway.pay(reference, amount=6_424)
        self.asked(reference)
        second = uuid.uuid4().hex
        self.assertEqual(self.kiosk.pay(order_uuid, second, "qr")["payment"]["amount"], "0.03")
        self.gateway.pay(second)
        self.assertEqual((self.asked(second), self.order(order_uuid).state), ("paid", "paid"))
        self.assertEqual(f"{self.account.balance:.2f}", "64.27")

    def test_the_query_is_not_repeated_within_its_pause(self):
        _order, reference = self.paying()
        asked = len(self.gateway.calls)
        for _each in range(5):
            self.kiosk.pay_status(reference)
        self.assertEqual(len(self.gateway.calls), asked)

    def test_payments_and_orders_of_others_are_none(self):
        order_uuid, reference = self.paying()
        self.payment(reference).electricity_terminal_id = self.env["electricity.terminal"].create(
            {"name": "Counter U", "code": "T02"}
        )
        for call in (self.kiosk.pay_status, self.kiosk.pay_cancel):
            self.assertRefused(call(reference), "S-115")
            self.assertRefused(call(None), "S-115")
        self.assertRefused(self.kiosk.pay(order_uuid, "x" * 32, "qr"), "P-104")
        self.assertRefused(self.kiosk.pay(order_uuid, reference, "bank_card"), "S-102")

    def test_a_way_that_does_not_work_says_why(self):
        self.assertEqual([way["code"] for way in self.kiosk.start()["ways"]], [None, None])
        self.provider.state = "disabled"
        self.assertEqual([way["code"] for way in self.kiosk.start()["ways"]], ["A-302", "A-302"])
        self.assertRefused(self.kiosk.pay(self.begun(), uuid.uuid4().hex, "qr"), "A-302")
        self.provider.state = "test"
        self.provider.electricity_gateway_secret = "nowhere"
        with mute_logger("odoo.addons.kiosk_hw.models.payment_provider"):
            self.assertEqual([way["code"] for way in self.kiosk.start()["ways"]], ["A-302", "A-302"])
        for url in ("https://pay:99999/", "https://[pay/", "http://pay.example/", "pay.example"):
            with self.assertRaisesRegex(ValidationError, "safe address"):
                self.provider.electricity_gateway_url = url

    def test_the_qr_code_is_drawn_here(self):
        order_uuid, reference = self.begun(), uuid.uuid4().hex
        payment = self.kiosk.pay(order_uuid, reference, "qr")["payment"]
        self.assertTrue(payment["qr"].startswith("data:image/svg+xml;base64,"))
        self.assertTrue(170 < payment["seconds_left"] <= 180, payment)

    # -- settings

    def test_a_kiosk_has_each_way_once_and_others_none(self):
        with self.assertRaisesRegex(ValidationError, "each way"):
            self.config.payment_method_ids = [(4, self.qr_method.copy({"journal_id": self.qr_method.journal_id.id}).id)]
        with self.assertRaisesRegex(ValidationError, "bank journal"):
            self.config.payment_method_ids.filtered("is_cash_count").write(
                {"kiosk_kind": "qr", "kiosk_provider_id": self.provider.id}
            )
        with self.assertRaisesRegex(ValidationError, "card terminal"):
            self.card_method.kiosk_card_terminal = False

    # -- in the books

    def test_each_payment_is_in_the_books_once(self):
        order_uuid, reference = self.paying()
        self.gateway.pay(reference)
        self.notify(self.gateway.notice(reference))
        session = self.config.open_kiosk_session()
        self.assertIsNone(session._cannot_close_session(), "whoever closes it brings the payment in")
        tender = self.tenders()
        self.assertEqual(tender.pos_order_id.payment_ids.payment_method_id, self.qr_method)
        self.project()
        self.payment(reference)._post_process()
        self.assertTrue(self.payment(reference).is_post_processed)
        session._roll_over()
        self.assertEqual(session.state, "closed")
        payments = self.env["account.payment"].search([("pos_session_id", "=", session.id)])
        self.assertEqual((len(payments), payments.amount), (1, 100))
        advances = self.config.kiosk_advance_product_id.property_account_income_id
        lines = (session.move_id | payments.move_id).line_ids
        self.assertEqual(sum(lines.filtered(lambda line: line.account_id == advances).mapped("balance")), -100)
        outstanding = payments.outstanding_account_id
        self.assertEqual(sum(lines.filtered(lambda line: line.account_id == outstanding).mapped("balance")), 100)
        self.assertPaidOnce(order_uuid)
