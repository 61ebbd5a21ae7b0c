"""What a kiosk's page is told and may do: about the card in its reader, masked, and never about another terminal's."""

import uuid

from odoo.tests import tagged

from .common import KioskCase


@tagged("post_install", "-at_install")
class TestKioskSale(KioskCase):
    def test_who_the_card_belongs_to_is_masked(self):
        answer = self.kiosk.quote(self.reading(), "100.00")
        self.assertTrue(answer["ok"] and answer["allowed"], answer)
        self.assertEqual(answer["customer"]["name"], "C**** 7****")
        self.assertEqual(answer["customer"]["account"], "********0001")
        self.assertEqual(answer["card"]["serial"], "********0201")
        self.assertNotIn("700000000001", str(answer))
        self.assertEqual(answer["breakdown"]["energy"], "182.28")

    def test_the_file_shows_purchases_and_bills(self):
        self.balance("100.00")
        self.bought("40.00")
        answer = self.kiosk.file(self.reading())
        self.assertEqual([row["amount"] for row in answer["purchases"]], ["40.00"])
        self.assertIsNone(answer["bills"])
        self.assertEqual(answer["customer"]["balance"], self.cents(self.account.balance))

    def test_a_reading_of_another_terminal_says_nothing(self):
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        stranger = type(self.proxy)(other, self.database_uuid)
        nonce = self.env["electricity.recharge"].with_user(self.clerk).new_nonce(other.id)["nonce"]
        answer = self.kiosk.quote(stranger.snapshot(self.card, nonce))
        self.assertRefused(answer, "N-101")

    def test_the_balance_goes_onto_the_card(self):
        self.balance("100.00")
        order = self.bought("40.00")
        self.assertEqual((order["state"], self.card.image.count), ("written", 2))
        self.assertLedger()
        self.assertNotIn("customer", order)

    def test_an_order_of_another_terminal_is_none(self):
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        self.balance("100.00")
        self.bought("40.00")
        order = self.env["electricity.recharge"].search([], limit=1)
        self.assertTrue(self.kiosk.status(order.uuid)["ok"])
        order.sudo().terminal_id = other
        self.assertRefused(self.kiosk.status(order.uuid), "S-115")
        self.assertRefused(self.kiosk.status("nonsense"), "S-115")

    def test_no_card_is_written_without_a_fresh_reading(self):
        self.balance("100.00")
        order_uuid = str(uuid.uuid4())
        self.kiosk.begin(order_uuid, self.reading(), "40.00")
        self.assertRefused(self.kiosk.authorize(order_uuid, None), "N-101")

    def balance(self, amount):
        """Put money on the account, as a counter would."""
        self.account.sudo().book("correction", round(float(amount) * 100))

    def cents(self, amount):
        return f"{amount:.2f}"

    def bought(self, amount):
        """Buy from the balance at the kiosk; return the order as its page shows it."""
        order_uuid = str(uuid.uuid4())
        begun = self.kiosk.begin(order_uuid, self.reading(), amount)
        self.assertEqual((begun["ok"], begun["order"]["state"]), (True, "paid"), begun)
        answer = self.kiosk.authorize(order_uuid, self.reading())
        self.assertTrue(answer["ok"], answer)
        told = self.kiosk.confirm([self.proxy.write(self.card, answer["write_order"])])
        self.assertEqual(told["results"][0]["code"], None)
        return told["orders"][0]
