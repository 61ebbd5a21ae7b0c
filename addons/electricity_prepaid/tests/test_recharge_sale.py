"""From the card to the receipt: one sale and what may not be sold."""

import uuid
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core import tokens
from ..models import recharge_sale
from .common import CounterCase


@tagged("post_install", "-at_install", "electricity")
class TestSale(CounterCase):
    def test_the_database_itself_keeps_one_open_order_per_meter(self):
        self.env.cr.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'electricity_recharge'")
        definitions = [row[0] for row in self.env.cr.fetchall()]
        self.assertTrue(
            any("UNIQUE" in line and "(installation_id) WHERE" in line for line in definitions), definitions
        )
        self.env.cr.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'electricity_ledger_entry'")
        definitions = [row[0] for row in self.env.cr.fetchall()]
        self.assertTrue(any("UNIQUE" in line and "(recharge_id) WHERE" in line for line in definitions), definitions)

    def test_one_sale_credits_the_card_once_and_the_ledger_agrees(self):
        self.open_shift()
        answer = self.counter.quote(self.terminal.id, self.snapshot(), "100.00")
        self.assertTrue(answer["ok"] and answer["allowed"], answer)
        self.assertEqual(answer["customer"]["account"], self.account.name)
        self.assertEqual(answer["breakdown"]["energy"], "182.28")
        order = self.begin("100.00")
        self.assertEqual(order.state, "draft")
        paid = self.pay(order, "150.00")
        self.assertEqual(paid["change"], "50.00")
        self.assertEqual(order.state, "paid")
        answer = self.authorize(order)
        self.assertEqual(order.state, "authorized")
        self.assertEqual(self.account.held, order.cost)
        self.assertEqual(self.account.purchase_count, 2)
        answer = self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual(answer["results"][0]["code"], None)
        self.assertEqual(answer["orders"][0]["state"], "written")
        self.assertEqual(self.account.held, 0)
        self.assertAlmostEqual(self.account.balance, order.remainder)
        self.assertAlmostEqual(self.account.total_energy, 182.28)
        self.assertLedger()

    def test_the_write_order_says_what_the_card_shall_hold(self):
        order, answer = self.authorized()
        _header, claims = tokens.peek(answer["write_order"], "O-101")
        self.assertEqual(claims["write"]["count"], 2)
        self.assertEqual(claims["write"]["energy"], 18228)
        self.assertEqual(claims["expect"]["count"], 1)
        self.assertEqual(claims["aud"], self.terminal.uuid)
        self.assertLessEqual(claims["exp"] - claims["iat"], 60)
        self.assertEqual(claims["sealed"], tokens.token_hash(answer["sealed"]))
        self.assertEqual(order.attempt_ids.jti, answer["attempt"])

    def test_an_unfinished_meter_visit_is_refused(self):
        self.sold()
        answer = self.counter.quote(self.terminal.id, self.snapshot())
        self.assertFalse(answer["allowed"])
        self.assertEqual(answer["code"], "C-108")
        self.assertRefused(self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), "50.00"), "C-108")

    def test_after_the_meter_the_next_purchase_goes_on(self):
        self.sold()
        self.card.insert_in_meter()
        order = self.sold("60.00")
        self.assertEqual(order.count, 3)
        self.assertLedger()

    def test_balance_pays_before_cash(self):
        first = self.begin("100.00")
        self.open_shift()
        self.pay(first, "100.00")
        self.assertTrue(self.counter.cancel(first.uuid, False)["ok"])
        self.assertEqual(self.account.balance, 100)
        order = self.begin("80.00")
        self.assertEqual(order.state, "paid")
        answer = self.authorize(order)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual(order.state, "written")
        self.assertLedger()

    def _give_balance(self, amount):
        """Leave an amount in the account's balance, as odd cents come from sales before."""
        self.env["electricity.account"].browse(self.account.id).book("correction", round(amount * 100))

    def test_the_cash_due_and_the_change_can_be_paid_in_coins(self):
        self.open_shift()
        self._give_balance(0.01)
        order = self.begin("333.00")
        answer = self.counter.status(order.uuid)
        self.assertEqual(answer["order"]["due"], "333.00")
        self.assertEqual(self.pay(order, "350.00")["change"], "17.00")
        self.assertEqual(order.state, "paid")
        self.assertAlmostEqual(self.account.balance, 333.01)
        issued = self.authorize(order)
        self.confirm(self.proxy.write(self.card, issued["write_order"]))
        self.assertAlmostEqual(self.account.balance, 333.01 - order.cost)

    def test_the_balance_that_a_purchase_holds_is_told(self):
        self.open_shift()
        order = self.begin("100.00")
        self.assertEqual(order._status()["held"], "0.00")
        self.pay(order, "100.00")
        self.assertEqual((order._status()["balance"], order._status()["held"]), ("100.00", "100.00"))
        issued = self.authorize(order)
        self.assertEqual(order._status()["held"], f"{order.cost:.2f}")
        self.confirm(self.proxy.write(self.card, issued["write_order"]))
        self.assertEqual(order._status()["held"], "0.00")

    def test_an_amount_that_no_coins_make_is_rounded_up_and_the_rest_is_balance(self):
        self.open_shift()
        order = self.begin("33.35")
        self.assertEqual(self.counter.status(order.uuid)["order"]["due"], "33.40")
        self.pay(order, "33.40")
        self.assertEqual(order.state, "paid")
        answer = self.authorize(order)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertAlmostEqual(self.account.balance, 33.40 - order.cost)
        self.assertLedger()

    def test_cash_that_no_coins_make_is_refused(self):
        self.open_shift()
        order = self.begin("33.00")
        answer = self.counter.add_tender(order.uuid, {"uuid": str(uuid.uuid4()), "kind": "cash", "received": "33.05"})
        self.assertRefused(answer, "S-123")
        self.assertFalse(order.paid_amount)
        self.company.electricity_smallest_coin = 0.01
        self.assertEqual(self.pay(order, "33.05")["change"], "0.05")

    def test_money_is_handed_back_in_whole_coins(self):
        self.open_shift()
        self._give_balance(-0.05)
        order = self.begin("33.00")
        self.assertEqual(self.counter.status(order.uuid)["order"]["due"], "33.10")
        self.pay(order, "33.10")
        answer = self.counter.cancel(order.uuid, True)
        self.assertEqual(answer["handed_back"], "33.00")
        self.assertAlmostEqual(self.account.balance, 0.05)

    def test_amounts_that_are_not_amounts(self):
        for amount, code in (
            ("-5", "S-104"),
            ("1.001", "S-104"),
            ("abc", "S-104"),
            ("", "S-104"),
            (100, "S-104"),
            (100.0, "S-104"),
            (None, "S-104"),
            ("1e3", "S-104"),
            ("9.99", "S-105"),
            ("5000.01", "S-106"),
        ):
            with self.subTest(amount=amount):
                answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), amount)
                self.assertRefused(answer, code)
        self.assertFalse(self.env["electricity.recharge"].search([("electricity_account_id", "=", self.account.id)]))

    def test_limits_of_step_hoard_and_day(self):
        self.meter_model.step_amount = 10
        self.assertRefused(self._begin("15.00"), "S-107")
        self.meter_model.step_amount = 0.01
        self.meter_model.hoard_limit_energy = 50
        self.assertRefused(self._begin("100.00"), "S-108")
        self.meter_model.hoard_limit_energy = 0
        self.meter_model.purchases_per_day = 1
        self.sold()
        self.card.insert_in_meter()
        self.assertRefused(self._begin("100.00"), "S-109")

    def test_no_price_no_sale(self):
        self.tariff.version_ids.sudo().write({"valid_from": "2999-01-01"})
        self.assertRefused(self._begin("100.00"), "S-119")

    def test_a_suspended_account_is_not_sold_to(self):
        self.account.action_suspend()
        self.assertRefused(self._begin("100.00"), "S-111")

    def test_cards_that_may_not_be_written(self):
        blank = self.card.memory[:0x20] + b"\xff" * (256 - 0x20)
        cases = {
            "C-102": blank,
            "C-105": self.card.memory[:0x2E] + b"\x00\x00" + self.card.memory[0x30:],
        }
        for code, memory in cases.items():
            with self.subTest(code=code):
                self.card.memory, kept = memory, self.card.memory
                self.assertRefused(self._begin("100.00"), code)
                self.card.memory = kept

    def test_locked_tried_and_unregistered_cards(self):
        self.card.tries = 0
        self.assertRefused(self._begin("100.00"), "C-104")
        self.card.tries = 2
        self.assertRefused(self._begin("100.00"), "C-114")
        self.card.tries = 3
        self.env["electricity.card"].search([("name", "=", self.card.serial)]).sudo().write({"name": "799999999999"})
        self.assertRefused(self._begin("100.00"), "C-106")

    def test_an_old_card_is_refused(self):
        record = self.account.card_id
        record.sudo().write({"state": "replaced"})
        newer = self.env["electricity.card"].create(
            {"name": "700000000299", "electricity_account_id": self.account.id, "issue": 2}
        )
        newer.action_activate()
        self.assertRefused(self._begin("100.00"), "C-107")

    def test_same_uuid_answers_the_same_order_and_conflicts_with_another_amount(self):
        order_uuid = str(uuid.uuid4())
        token = self.snapshot()
        first = self.counter.begin(order_uuid, self.terminal.id, token, "100.00")
        again = self.counter.begin(order_uuid, self.terminal.id, token, "100.00")
        self.assertEqual(first["order"]["serial"], again["order"]["serial"])
        self.assertRefused(self.counter.begin(order_uuid, self.terminal.id, token, "200.00"), "S-102")
        self.assertEqual(len(self.order(order_uuid)), 1)

    def test_not_a_uuid(self):
        self.assertRefused(self.counter.begin("1", self.terminal.id, self.snapshot(), "100.00"), "P-104")

    def test_a_second_order_waits_for_the_first(self):
        self.open_shift()
        first = self.begin("100.00")
        self.pay(first, "50.00")
        answer = self._begin("60.00")
        self.assertRefused(answer, "S-103")
        self.assertEqual(answer["order"]["uuid"], first.uuid)
        self.assertEqual(self.counter.quote(self.terminal.id, self.snapshot())["open_order"]["uuid"], first.uuid)

    def test_a_uuid_that_another_transaction_used_at_this_moment(self):
        _account, card = self._make_account("700000000002", "700000000102", "700000000202")
        order = self.begin()
        token = self.snapshot(card)
        # What was committed after this transaction began cannot be seen, only be run into.
        unseen = patch.object(recharge_sale, "find_by", lambda records, **_values: records.browse())
        with mute_logger("odoo.sql_db"), unseen:
            answer = self.counter.begin(order.uuid, self.terminal.id, token, "50.00")
        self.assertRefused(answer, "S-101")
        self.assertRefused(self.counter.begin(order.uuid, self.terminal.id, token, "50.00"), "S-102")
        self.assertEqual((order.state, order.amount), ("draft", 100))
        self.assertTrue(self.begin("50.00", card))

    def test_an_empty_order_of_the_same_counter_gives_way(self):
        first = self.begin("100.00")
        self.begin("60.00")
        self.assertEqual(first.state, "cancelled")

    def test_an_unpaid_order_is_not_written(self):
        order = self.begin("100.00")
        answer = self.counter.authorize(order.uuid, self.snapshot())
        self.assertRefused(answer, "S-110")
        self.assertEqual(answer["params"]["due"], "100.00")

    def test_authorize_again_returns_the_same_write_order(self):
        order, answer = self.authorized()
        again = self.authorize(order)
        self.assertEqual(again["write_order"], answer["write_order"])
        self.assertEqual(again["sealed"], answer["sealed"])
        self.assertEqual(len(order.attempt_ids), 1)
        self.assertEqual(self.account.purchase_count, 2)

    def test_the_price_is_computed_again_when_the_card_is_written(self):
        self.open_shift()
        order = self.begin("100.00")
        self.pay(order)
        self.tariff.version_ids.sudo().write({"price": 1.0})
        self.authorize(order)
        self.assertAlmostEqual(order.energy, 100.0)

    def test_status_and_unknown_orders(self):
        order = self.begin("100.00")
        status = self.counter.status(order.uuid)["order"]
        self.assertEqual((status["state"], status["due"]), ("draft", "100.00"))
        self.assertIn("tender", status["actions"])
        self.assertRefused(self.counter.status(str(uuid.uuid4())), "S-115")

    def test_counter_state_gives_a_token_and_finds_open_orders(self):
        order, _answer = self.authorized()
        state = self.counter.counter_state(self.terminal.id)
        self.assertTrue(state["ok"] and state["token"], state)
        self.assertIn(order.uuid, [row["uuid"] for row in state["open_orders"]])
        self.assertEqual(state["session"]["expected"], "600.00")
        self.assertIn("S-101", state["codes"])
        _header, claims = tokens.peek(state["token"], "P-103")
        self.assertEqual((claims["aud"], claims["sub"]), (self.terminal.uuid, f"user:{self.clerk.id}"))

    def _begin(self, amount):
        return self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), amount)
