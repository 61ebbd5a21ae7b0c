"""What a kiosk's page is told and may do: about the card in its reader, masked, and never about another terminal's."""

import uuid

from odoo.addons.electricity_prepaid.tests.fakes import FakeCard
from odoo.tests import tagged
from odoo.tools import SQL

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

    def test_what_is_approved_to_be_paid_out_is_no_balance_on_the_screen(self):
        self.balance("100.00")
        payouts = self.env["electricity.payout"].with_user(self.clerk)
        payout = payouts.propose(self.account.with_user(self.clerk), 80.0, "cash", "Moves away")
        payout.with_user(self.supervisor).action_approve()
        customer = self.kiosk.quote(self.reading(), "10.00")["customer"]
        self.assertEqual((customer["balance"], customer["reserved"]), ("20.00", "80.00"))
        order_uuid = str(uuid.uuid4())
        begun = self.kiosk.begin(order_uuid, self.reading(), "15.00")
        self.assertEqual((begun["order"]["state"], begun["order"]["balance"]), ("paid", "5.00"))
        customer = self.kiosk.quote(self.reading())["customer"]
        self.assertEqual((customer["balance"], customer["reserved"]), ("5.00", "80.00"))
        self.assertNotIn("reserved", begun["order"])

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

    def begun(self, amount="100.00"):
        """Begin an order at a kiosk that takes notes; return its uuid."""
        self.terminal.takes_notes = True
        order_uuid = str(uuid.uuid4())
        answer = self.kiosk.begin(order_uuid, self.reading(), amount)
        self.assertEqual((answer["ok"], answer["order"]["state"]), (True, "draft"), answer)
        return order_uuid

    def test_notes_are_taken_for_its_own_orders_only(self):
        order_uuid = self.begun()
        self.assertTrue(self.kiosk.collect(order_uuid)["collect"])
        order = self.order(order_uuid)
        order.sudo().terminal_id = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        for call in (
            lambda: self.kiosk.collect(order_uuid),
            lambda: self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {10_000: 1})),
            lambda: self.kiosk.give_up(order_uuid),
        ):
            self.assertRefused(call(), "S-115")
        self.assertFalse(order.tender_ids)

    def test_a_kiosk_without_an_acceptor_signs_nothing(self):
        order_uuid = self.begun()
        self.terminal.takes_notes = False
        self.assertRefused(self.kiosk.collect(order_uuid), "A-208")

    def test_the_pages_word_is_no_money(self):
        order_uuid = self.begun()
        for statement in (None, "nonsense", {"kind": "cash", "received": "100.00"}, self.proxy.heartbeat()):
            self.assertRefused(self.kiosk.add_tender(order_uuid, statement), "S-122")
        self.assertFalse(self.order(order_uuid).tender_ids)

    def test_notes_buy_what_was_ordered(self):
        order_uuid = self.begun()
        statement = self.proxy.tender(order_uuid, {5_000: 2})
        paid = self.kiosk.add_tender(order_uuid, statement)
        self.assertEqual(paid["order"]["state"], "paid", paid)
        self.assertEqual(self.kiosk.add_tender(order_uuid, statement)["order"]["paid"], "100.00", "the same once more")
        answer = self.kiosk.authorize(order_uuid, self.reading())
        self.kiosk.confirm([self.proxy.write(self.card, answer["write_order"])])
        self.assertEqual(self.order(order_uuid).state, "written")
        self.assertLedger()

    def test_what_was_paid_for_an_order_that_is_given_up_stays_as_balance(self):
        order_uuid = self.begun()
        self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {2_000: 1}))
        self.assertTrue(self.kiosk.give_up(order_uuid)["ok"])
        self.assertEqual((self.order(order_uuid).state, self.account.balance), ("cancelled", 20))
        self.assertLedger()

    def test_the_nonce_for_the_next_reading_comes_with_the_answer_before_it(self):
        quoted = self.kiosk.quote(self.reading(), "100.00")
        self.terminal.takes_notes = True
        order_uuid = str(uuid.uuid4())
        begun = self.kiosk.begin(order_uuid, self.proxy.snapshot(self.card, quoted["nonce"]), "100.00")
        self.assertTrue(begun["ok"], begun)
        self.assertNotIn("nonce", begun, "money comes first, and takes longer than a nonce lives")
        paid = self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {10_000: 1}))
        snapshot = self.proxy.snapshot(self.card, paid["nonce"])
        answer = self.kiosk.authorize(order_uuid, snapshot)
        self.assertTrue(answer["ok"], answer)
        self.kiosk.confirm([self.proxy.write(self.card, answer["write_order"])])
        self.assertRefused(self.kiosk.quote(snapshot), "N-103")
        self.card.insert_in_meter()
        self.assertRefused(self.kiosk.quote(self.proxy.snapshot(self.card, quoted["nonce"])), "N-103")

    def balance(self, amount):
        """Put money on the account, as a counter would."""
        self.account.sudo().book("correction", round(float(amount) * 100))

    def cents(self, amount):
        return f"{amount:.2f}"

    def test_a_browser_that_begins_anew_hears_how_the_cards_order_stands(self):
        kiosk = self.kiosk.with_context(lang="en_US")
        self.balance("100.00")
        told = kiosk.interrupted(self.reading())
        self.assertEqual([told[name] for name in ("open_order", "unpaid", "ended")], [None] * 3)
        order_uuid = str(uuid.uuid4())
        kiosk.begin(order_uuid, self.reading(), "40.00")
        told = kiosk.interrupted(self.reading())
        self.assertEqual((told["open_order"]["uuid"], told["ended"]), (order_uuid, None))
        issued = kiosk.authorize(order_uuid, self.reading())
        kiosk.confirm([self.proxy.write(self.card, issued["write_order"])])
        told = kiosk.interrupted(self.reading())
        self.assertEqual((told["open_order"], told["ended"]["uuid"]), (None, order_uuid))
        self.assertEqual((told["ended"]["state"], told["ended"]["language"]), ("written", "en_US"))
        self.assertMasked({**told, "order": told["ended"]})

    def test_what_ended_long_ago_or_at_another_terminal_is_not_told_again(self):
        self.balance("100.00")
        order = self.order(self.bought("40.00")["uuid"])
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        for values in ({"terminal_id": other.id}, {"write_date": "2026-01-01 00:00:00"}):
            self.assertTrue(self.kiosk.interrupted(self.reading())["ended"])
            before = {name: order[name] for name in values}
            self._write_past_odoo(order, values)
            self.assertIsNone(self.kiosk.interrupted(self.reading())["ended"])
            self._write_past_odoo(order, {name: getattr(value, "id", value) for name, value in before.items()})

    def test_a_card_of_nobody_has_nothing_that_was_begun(self):
        blank = FakeCard("700000000901", None, None, count=None)
        told = self.kiosk.interrupted(self.reading(blank))
        self.assertEqual([told[name] for name in ("ok", "open_order", "unpaid", "ended")], [True, None, None, None])
        told = self.kiosk.resolve(self.reading(blank))
        self.assertEqual([told[name] for name in ("ok", "order", "unpaid")], [True, None, None])

    def _write_past_odoo(self, order, values):
        for name, value in values.items():
            self.env.cr.execute(
                SQL("UPDATE electricity_recharge SET %s = %s WHERE id = %s", SQL.identifier(name), value, order.id)
            )
        order.invalidate_recordset()

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
