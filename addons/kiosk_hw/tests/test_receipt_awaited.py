"""The paper of a customer of whom nobody knows yet whether the money has left the bank."""

from odoo.addons.electricity_prepaid.core import gateway
from odoo.tests import tagged

from .payment_case import PaymentCase


@tagged("post_install", "-at_install")
class TestReceiptAwaited(PaymentCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("zh_CN")
        self.config.kiosk_phone = "95598"
        self.gateway.away = {gateway.QUERY, gateway.CLOSE}

    def unheard(self, **begun):
        """Pay, and hear nothing of it any more; return the order's uuid and the reference."""
        order_uuid, reference = self.paying(**begun)
        self.assertTrue(self.kiosk.pay_cancel(reference)["ok"])
        return order_uuid, reference

    def of_link(self, order_uuid):
        """Return what the page behind the code on the screen says."""
        order = self.env["electricity.recharge"].receipt_of_link(self.token_of(order_uuid))
        return "\n".join(f"{line.get('text', '')} {line.get('value', '')}" for line in order.receipt_lines(hidden=True))

    def token_of(self, order_uuid):
        return self.order(order_uuid).receipt_link().rsplit("/", 1)[1].partition("?")[0]

    def test_a_payment_of_which_nobody_has_heard_is_on_paper_in_both_languages(self):
        order_uuid, _reference = self.unheard()
        answer, again = self.kiosk.receipt(order_uuid), self.kiosk.receipt(order_uuid)
        self.assertEqual(answer["job"], again["job"])
        self.assertTrue(answer["qr"])
        text = self.printed_text(answer)
        serial = self.order(order_uuid).name
        for wanted in ("Not known yet", "100.00", serial, "(A-303)", "call 95598", "QR Code", "second time"):
            self.assertIn(wanted, text)
        self.assertNotIn("Received", text)
        chinese = self.printed_text(self.kiosk.with_context(lang="zh_CN").receipt(order_uuid))
        for wanted in ("是否已付款尚待确认", "100.00", serial, "（A-303）", "95598", "请勿重复付款"):
            self.assertIn(wanted, chinese)

    def test_money_that_is_in_stands_beside_a_payment_of_which_nobody_has_heard(self):
        self.terminal.takes_notes = True
        order_uuid = self.begun()
        self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {2_000: 1}))
        reference = "0" * 32
        self.assertTrue(self.kiosk.pay(order_uuid, reference, "qr")["ok"])
        self.kiosk.pay_cancel(reference)
        partly = self.kiosk.receipt(order_uuid)
        self.kiosk.give_up(order_uuid)
        kept = self.kiosk.receipt(order_uuid)
        self.assertNotEqual(partly["job"], kept["job"])
        for answer in (partly, kept):
            text = self.printed_text(answer)
            for wanted in ("Received", "20.00", "80.00", "(A-303)"):
                self.assertIn(wanted, text)

    def test_a_later_payment_of_the_same_order_is_another_paper(self):
        order_uuid, reference = self.unheard()
        first = self.kiosk.receipt(order_uuid)["job"]
        self.gateway.away = set()
        self.later(reference)
        self.assertEqual(self.kiosk.pay_cancel(reference)["payment"]["state"], "closed")
        self.gateway.away = {gateway.QUERY, gateway.CLOSE}
        self.assertTrue(self.kiosk.pay(order_uuid, "1" * 32, "bank_card")["ok"])
        answer = self.kiosk.receipt(order_uuid)
        self.assertNotEqual(answer["job"], first)
        self.assertIn("Bank Card", self.printed_text(answer))

    def test_the_code_on_the_screen_tells_later_how_it_ended(self):
        order_uuid, reference = self.unheard()
        self.assertIn("Not known yet", self.of_link(order_uuid))
        self.gateway.away = set()
        self.later(reference)
        self.kiosk.pay_cancel(reference)
        text = self.of_link(order_uuid)
        self.assertIn("Nothing was taken", text)
        self.assertNotIn("A-303", text)
        self.assertIsNone(self.kiosk.receipt(order_uuid)["print"], "nobody needs paper to know that")
        self.gateway.pay(reference)
        self.assertEqual(self.asked(reference), "paid")
        self.assertIn("Paid, not on the card yet", self.of_link(order_uuid))
