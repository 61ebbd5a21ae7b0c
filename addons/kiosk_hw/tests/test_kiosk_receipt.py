"""What a kiosk gives its customer to take home, and what a stolen session gets of it."""

import uuid

from odoo.tests import tagged

from .common import KioskCase


@tagged("post_install", "-at_install")
class TestKioskReceipt(KioskCase):
    def bought(self, amount="40.00"):
        """Buy from the balance at the kiosk; return the order's uuid."""
        self.account.sudo().book("correction", round(float(amount) * 100))
        order_uuid = str(uuid.uuid4())
        self.kiosk.begin(order_uuid, self.reading(), amount)
        issued = self.kiosk.authorize(order_uuid, self.reading())
        self.assertTrue(issued["ok"], issued)
        self.kiosk.confirm([self.proxy.write(self.card, issued["write_order"])])
        return order_uuid

    def test_a_purchase_is_printed_once_and_shown_as_a_code(self):
        order_uuid = self.bought()
        answer, again = self.kiosk.receipt(order_uuid), self.kiosk.receipt(order_uuid)
        text = self.printed_text(answer)
        self.assertIn("40.00", text)
        self.assertIn(f"{'*' * 8}{self.account.name[-4:]}", text)
        self.assertNotIn(self.account.name, text)
        self.assertEqual(answer["job"], again["job"])
        self.assertTrue(answer["qr"].startswith("data:image/svg+xml;base64,"))

    def test_it_comes_in_the_language_of_the_page(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        order_uuid = self.bought()
        self.assertIn("流水号", self.printed_text(self.kiosk.with_context(lang="zh_CN").receipt(order_uuid)))

    def test_notes_that_bought_nothing_are_on_a_receipt(self):
        self.terminal.takes_notes = True
        order_uuid = str(uuid.uuid4())
        self.kiosk.begin(order_uuid, self.reading(), "100.00")
        self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {2_000: 1}))
        self.kiosk.give_up(order_uuid)
        text = self.printed_text(self.kiosk.receipt(order_uuid))
        self.assertIn("20.00", text)
        self.assertIn("Nothing was bought", text)

    def test_a_note_that_is_looked_for_is_on_a_receipt_though_nothing_is_paid(self):
        self.terminal.takes_notes = True
        self.config.kiosk_phone = "95598"
        order_uuid = str(uuid.uuid4())
        self.assertEqual(self.kiosk.begin(order_uuid, self.reading(), "100.00")["order"]["uncertain"], "0.00")
        doubt = [{"denomination": 2_000, "at": 1_700_000_000_000}]
        self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {}, uncertain=doubt))
        order = self.kiosk.give_up(order_uuid)["order"]
        self.assertEqual((order["uncertain"], order["paid"]), ("20.00", "0.00"))
        self.assertEqual(self.kiosk.status(order_uuid)["order"]["uncertain"], "20.00")
        answer = self.kiosk.receipt(order_uuid)
        text = self.printed_text(answer)
        for wanted in ("is being looked for (A-109)", "call 95598", "Help line 95598", self.order(order_uuid).name):
            self.assertIn(wanted, text)
        self.assertTrue(answer["qr"])

    def test_what_is_held_for_an_order_is_no_balance_on_the_kiosks_screens(self):
        self.terminal.takes_notes = True
        self.account.sudo().book("correction", 2_000)
        order_uuid = str(uuid.uuid4())
        self.kiosk.begin(order_uuid, self.reading(), "50.00")
        order = self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {5_000: 1}))["order"]
        self.assertEqual((order["state"], order["balance"], order["held"]), ("paid", "20.00", "50.00"))
        quote = self.kiosk.quote(self.reading())
        self.assertEqual((quote["customer"]["balance"], quote["open_order"]["balance"]), ("20.00", "20.00"))
        self.assertIn("Held for this purchase", self.printed_text(self.kiosk.receipt(order_uuid)))

    def test_a_balance_below_nothing_is_shown_as_it_is(self):
        order_uuid = str(uuid.uuid4())
        self.kiosk.begin(order_uuid, self.reading(), "50.00")
        self.account.sudo().book("correction", -300)
        self.assertEqual(self.kiosk.status(order_uuid)["order"]["balance"], "-3.00")

    def test_an_order_that_bought_and_paid_nothing_prints_nothing(self):
        self.terminal.takes_notes = True
        order_uuid = str(uuid.uuid4())
        self.kiosk.begin(order_uuid, self.reading(), "100.00")
        self.kiosk.give_up(order_uuid)
        answer = self.kiosk.receipt(order_uuid)
        self.assertEqual((answer["job"], answer["print"], answer["qr"]), (None, None, None))

    def test_the_latest_receipt_of_the_card_in_the_reader_is_printed_as_a_copy(self):
        self.bought("30.00")
        self.card.insert_in_meter()
        self.kiosk.receipt(self.bought("40.00"))
        answer = self.kiosk.receipt_copy(self.reading(), str(uuid.uuid4()))
        self.assertIn("40.00", self.printed_text(answer))
        self.assertIn("Copy 1", self.printed_text(answer))

    def test_copies_end(self):
        self.kiosk.receipt(self.bought())
        for _each in range(3):
            self.assertTrue(self.kiosk.receipt_copy(self.reading(), str(uuid.uuid4()))["ok"])
        self.assertRefused(self.kiosk.receipt_copy(self.reading(), str(uuid.uuid4())), "A-407")

    def test_a_card_with_no_purchase_has_no_receipt(self):
        self.assertRefused(self.kiosk.receipt_copy(self.reading(), str(uuid.uuid4())), "A-408")

    def test_another_terminals_order_and_reading_give_nothing(self):
        order_uuid = self.bought()
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        order = self.order(order_uuid).sudo()
        order.terminal_id = other
        self.assertTrue(self.kiosk.receipt(order_uuid)["ok"], "it was written here")
        order.attempt_ids.terminal_id = other
        self.assertRefused(self.kiosk.receipt(order_uuid), "S-115")
        self.assertRefused(self.kiosk.receipt("nonsense"), "S-115")
        stranger = type(self.proxy)(other, self.database_uuid)
        nonce = self.env["electricity.recharge"].with_user(self.clerk).new_nonce(other.id)["nonce"]
        answer = self.kiosk.receipt_copy(stranger.snapshot(self.card, nonce), str(uuid.uuid4()))
        self.assertRefused(answer, "N-101")
