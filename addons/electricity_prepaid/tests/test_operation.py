"""Cards beside the purchase: an account is opened, a card replaced, cleared, a sale set back."""

import copy
import uuid
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..core.errors import Refusal
from .common import CounterCase
from .fakes import FakeCard


class OperationCase(CounterCase):
    def setUp(self):
        super().setUp()
        self.blank = FakeCard("700000000901", None, None, count=None)
        self.chief = self.counter.with_user(self.supervisor)

    def new_account(self, number="700000000008", meter_number="700000000108", count=0):
        """Return an account in draft with a meter."""
        partner = self.env["res.partner"].create({"name": f"Customer {number}"})
        account = self.env["electricity.account"].create(
            {"name": number, "partner_id": partner.id, "regime": "card", "tariff_id": self.tariff.id}
        )
        meter = self.env["electricity.meter"].create({"name": meter_number, "model_id": self.meter_model.id})
        account.install_meter(meter, initial_count=count)
        return account

    def start(self, op, card, account=None, amount="0.00", counter=None, order_uuid=None):
        """Ask for an operation and return the answer."""
        counter = self.counter if counter is None else counter
        number = account.name if account else None
        token = self.snapshot(card, counter=counter)
        return counter.begin_operation(order_uuid or str(uuid.uuid4()), self.terminal.id, token, op, number, amount)

    def begun(self, op, card, account=None, amount="0.00", counter=None):
        answer = self.start(op, card, account, amount, counter)
        self.assertTrue(answer["ok"], answer)
        return self.order(answer["order"]["uuid"])

    def write_out(self, order, card):
        """Authorize an order and carry it out on a card."""
        answer = self.authorize(order, card)
        self.confirm(self.proxy.write(card, answer["write_order"]))
        return answer

    def card_of(self, card):
        return self.env["electricity.card"].search([("name", "=", card.serial)])


@tagged("post_install", "-at_install", "electricity")
class TestOpen(OperationCase):
    def test_an_account_is_opened_with_a_blank_card_without_money(self):
        account = self.new_account()
        order = self.begun("open", self.blank, account)
        self.assertEqual((order.state, order.op, account.state), ("paid", "open", "draft"))
        self.write_out(order, self.blank)
        image = self.blank.image
        self.assertEqual((image.customer_no, image.meter_no), (account.name, account.meter_id.name))
        self.assertEqual((image.count, image.quantity, image.card_type), (1, 0, 1))
        self.assertEqual((order.state, account.state, account.purchase_count), ("written", "active", 1))
        card = self.card_of(self.blank)
        self.assertEqual((account.card_id, card.state, card.issue), (card, "active", 1))
        self.assertFalse(order.ledger_entry_ids)
        self.assertLedger(account)

    def test_the_first_purchase_comes_in_the_same_step(self):
        account = self.new_account()
        self.open_shift()
        order = self.begun("open", self.blank, account, "100.00")
        self.assertEqual(order.state, "draft")
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot(self.blank)), "S-110")
        self.pay(order)
        self.write_out(order, self.blank)
        self.assertEqual(self.blank.image.quantity, round(order.energy * 100))
        self.assertEqual((order.state, order.count), ("written", 1))
        self.assertAlmostEqual(order.cost + order.remainder, 100.0)
        self.assertLedger(account)
        self.blank.insert_in_meter()
        self.assertEqual(self.sold("50.00", self.blank).count, 2)

    def test_a_card_in_use_opens_nothing(self):
        self.assertRefused(self.start("open", self.card, self.new_account()), "C-115")

    def test_an_account_in_use_is_not_opened_again(self):
        self.assertRefused(self.start("open", self.blank, self.account), "S-124")

    def test_an_account_that_is_not_there(self):
        self.assertRefused(self.start("open", self.blank), "C-106")

    def test_an_account_without_meter(self):
        partner = self.env["res.partner"].create({"name": "Nobody"})
        account = self.env["electricity.account"].create(
            {"name": "700000000007", "partner_id": partner.id, "tariff_id": self.tariff.id}
        )
        self.assertRefused(self.start("open", self.blank, account), "S-111")

    def test_a_card_of_another_kind_than_the_meter_takes(self):
        account = self.new_account()
        self.meter_model.driver = "sle4428_demo"
        self.assertRefused(self.start("open", self.blank, account), "C-116")
        other = FakeCard("700000000902", None, None, count=None, driver="sle4428_demo")
        self.write_out(self.begun("open", other, account), other)
        self.assertEqual(account.card_id.driver, "sle4428_demo")

    def test_a_blank_card_that_our_records_call_replaced(self):
        account = self.new_account()
        record = self.env["electricity.card"].create({"name": self.blank.serial})
        record.sudo().state = "replaced"
        order = self.begun("open", self.blank, account)
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot(self.blank)), "C-107")

    def test_the_card_is_pulled_and_the_opening_is_finished_with_it(self):
        account = self.new_account()
        order = self.begun("open", self.blank, account)
        answer = self.authorize(order, self.blank)
        before, whole = self.blank.memory, copy.copy(self.blank)
        whole.take(self.proxy.claims(answer["write_order"])["write"])
        self.blank.memory = whole.memory[:0x30] + before[0x30:]
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", before, None, code="C-205"))
        self.assertEqual((order.state, account.state), ("unknown", "draft"))
        self.blank.take_out()
        settled = self.counter.resolve(self.terminal.id, self.snapshot(self.blank))
        self.assertEqual(settled["resolution"], "rewrite", settled)
        self.write_out(order, self.blank)
        self.assertEqual(self.blank.memory, whole.memory)
        self.assertEqual((order.state, account.state, account.card_id.state), ("written", "active", "active"))

    def test_an_opening_without_keys_leaves_the_card_free(self):
        order = self.begun("open", self.blank, self.new_account())
        with patch.object(type(self.env["electricity.key.use"]), "psc", side_effect=Refusal("K-109")):
            self.assertRefused(self.counter.authorize(order.uuid, self.snapshot(self.blank)), "K-109")
        self.assertFalse(self.card_of(self.blank).electricity_account_id)
        other = self.new_account("700000000009", "700000000109")
        self.write_out(self.begun("open", self.blank, other), self.blank)
        self.assertEqual(other.card_id, self.card_of(self.blank))

    def test_an_opening_that_was_refused_leaves_the_card_free(self):
        account = self.new_account()
        order = self.begun("open", self.blank, account)
        answer = self.authorize(order, self.blank)
        self.confirm(self.proxy.receipt(answer["write_order"], "void", code="O-105"))
        self.assertEqual((order.state, account.purchase_count), ("paid", 0))
        card = self.card_of(self.blank)
        self.assertEqual((card.state, card.electricity_account_id.id), ("blank", False))
        self.assertTrue(self.counter.cancel(order.uuid, False)["ok"])
        self.assertTrue(self.start("open", self.blank, account)["ok"])

    def test_a_repeat_is_the_same_order_and_another_amount_a_conflict(self):
        account, order_uuid = self.new_account(), str(uuid.uuid4())
        first = self.start("open", self.blank, account, order_uuid=order_uuid)
        again = self.start("open", self.blank, account, order_uuid=order_uuid)
        self.assertEqual(first["order"]["id"], again["order"]["id"])
        self.assertRefused(self.start("open", self.blank, account, "50.00", order_uuid=order_uuid), "S-102")

    def test_the_quote_offers_what_fits_the_card(self):
        quote = self.counter.quote(self.terminal.id, self.snapshot(self.blank))
        self.assertEqual((quote["code"], quote["operations"]), ("C-102", ["open", "replace"]))
        self.assertEqual(self.counter.quote(self.terminal.id, self.snapshot())["operations"], ["replace"])

    def test_a_quote_has_no_effect(self):
        account = self.new_account()
        token = self.snapshot(self.blank)
        answer = self.counter.quote_operation(self.terminal.id, token, "open", account.name, "100.00")
        self.assertTrue(answer["allowed"], answer)
        self.assertEqual((answer["takes_money"], answer["breakdown"]["amount"]), (True, "100.00"))
        self.assertFalse(account.recharge_ids)
        self.assertFalse(self.card_of(self.blank))

    def test_what_is_no_operation(self):
        for op in ("purchase", "rewrite", "reverse", "", None, 5):
            with self.subTest(op=op):
                self.assertRefused(self.start(op, self.blank, self.account), "P-104")

    def test_account_numbers_that_are_none(self):
        for number in ("1", "\x00" * 12, "７００００００００００８", ["700000000008"], {"a": 1}, 700000000008, True):
            with self.subTest(number=number):
                token = self.snapshot(self.blank)
                answer = self.counter.begin_operation(
                    str(uuid.uuid4()), self.terminal.id, token, "open", number, "0.00"
                )
                self.assertRefused(answer, "C-106")

    def test_a_caller_decides_nothing_by_defaults(self):
        account = self.new_account()
        counter = self.counter.with_context(
            default_last_in_meter=True, default_state="written", default_op="purchase", default_count=7, default_issue=9
        )
        order = self.begun("open", self.blank, account, counter=counter)
        self.assertEqual((order.state, order.op, order.last_in_meter, order.count), ("paid", "open", False, 0))
        answer = counter.authorize(order.uuid, self.snapshot(self.blank))
        self.assertTrue(answer["ok"], answer)
        self.assertEqual((order.card_id.state, order.card_id.issue), ("blank", 1))

    def test_nobody_but_clerks(self):
        stranger = self.env["res.users"].create({"name": "x", "login": "stranger_op"})
        with self.assertRaises(AccessError):
            self.counter.with_user(stranger).begin_operation(str(uuid.uuid4()), self.terminal.id, "", "open")


@tagged("post_install", "-at_install", "electricity")
class TestReplace(OperationCase):
    def test_a_lost_card_gives_the_last_count_and_quantity_again_without_money(self):
        last = self.sold()
        order = self.begun("replace", self.blank, self.account)
        self.assertEqual(order.state, "paid")
        self.write_out(order, self.blank)
        image = self.blank.image
        self.assertEqual((image.count, image.quantity), (2, round(last.energy * 100)))
        self.assertEqual((image.card_type, image.issue), (3, 2))
        self.assertEqual((order.cost, order.energy, self.account.purchase_count), (0, 0, 2))
        old = self.env["electricity.card"].search([("name", "=", self.card.serial)])
        self.assertEqual((old.state, self.account.card_id.name), ("replaced", self.blank.serial))
        self.assertLedger()

    def test_the_old_card_is_never_sold_to_or_written_again(self):
        self.sold()
        self.write_out(self.begun("replace", self.blank, self.account), self.blank)
        self.card.insert_in_meter()
        quote = self.counter.quote(self.terminal.id, self.snapshot())
        self.assertEqual((quote["allowed"], quote["code"]), (False, "C-107"))
        self.blank.insert_in_meter()
        self.assertEqual(self.sold("50.00", self.blank).count, 3)

    def test_money_is_taken_only_when_the_last_purchase_is_shown_in_the_meter(self):
        self.sold()
        self.assertRefused(self.start("replace", self.blank, self.account, "100.00"), "S-112")
        self.assertRefused(self.start("replace", self.card, amount="100.00"), "S-112")
        self.card.insert_in_meter()
        order = self.begun("replace", self.card, amount="100.00")
        self.assertTrue(order.last_in_meter)
        self.pay(order)
        self.write_out(order, self.blank)
        self.assertEqual((self.blank.image.count, order.count, self.account.purchase_count), (3, 3, 3))
        self.assertEqual(self.blank.image.quantity, round(order.energy * 100))
        self.assertLedger()

    def test_shown_in_the_meter_and_no_money_gives_the_next_count_with_nothing(self):
        self.sold()
        self.card.insert_in_meter()
        order = self.begun("replace", self.card)
        self.write_out(order, self.blank)
        self.assertEqual((self.blank.image.count, self.blank.image.quantity), (3, 0))

    def test_the_old_card_itself_is_not_written_as_its_replacement(self):
        self.sold()
        order = self.begun("replace", self.card)
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "C-115")
        self.assertEqual(order.state, "paid")

    def test_the_new_card_takes_over_an_unknown_order(self):
        order, answer = self.authorized()
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", self.card.memory, None, code="C-205"))
        held, tenders = self.account.held, len(order.tender_ids)
        same = self.begun("replace", self.blank, self.account)
        self.assertEqual((same, same.takes_new_card), (order, True))
        self.write_out(order, self.blank)
        self.assertEqual((order.state, order.count, order.card_no), ("written", 2, self.blank.serial))
        self.assertEqual((self.blank.image.count, self.blank.image.quantity), (2, round(order.energy * 100)))
        self.assertEqual(len(order.tender_ids), tenders)
        self.assertTrue(held)
        self.assertEqual(self.account.held, 0)
        self.assertEqual(self.account.card_id.name, self.blank.serial)
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "C-107")
        self.assertLedger()

    def test_a_write_under_way_is_not_taken_over(self):
        self.authorized()
        self.assertRefused(self.start("replace", self.blank, self.account), "S-103")

    def test_a_replacement_that_was_torn_is_finished_on_the_same_card_only(self):
        self.sold()
        order = self.begun("replace", self.blank, self.account)
        answer = self.authorize(order, self.blank)
        before = self.blank.memory
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", before, None, code="C-205"))
        self.assertEqual(order.state, "unknown")
        self.blank.take_out()
        self.card.insert_in_meter()
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "C-107")
        self.write_out(order, self.blank)
        self.assertEqual((order.state, self.account.card_id.name), ("written", self.blank.serial))
        self.assertEqual(order.attempt_ids.mapped("op"), ["replace", "rewrite"])

    def test_a_torn_replacement_is_replaced_by_a_third_card_with_the_same_count(self):
        self.sold()
        order = self.begun("replace", self.blank, self.account)
        answer = self.authorize(order, self.blank)
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", self.blank.memory, None, code="C-205"))
        third = FakeCard("700000000903", None, None, count=None)
        self.assertEqual(self.begun("replace", third, self.account), order)
        self.write_out(order, third)
        self.assertEqual((third.image.count, third.image.issue, self.account.purchase_count), (2, 3, 2))
        self.assertEqual(self.account.card_id.name, third.serial)

    def test_an_account_that_was_never_opened(self):
        self.assertRefused(self.start("replace", self.blank, self.new_account()), "S-111")

    def test_two_persons_read_the_meter_instead_of_the_old_card(self):
        self.sold()
        order = self.begun("replace", self.blank, self.account)
        order.sudo().propose_reading(2, 1, "photograph 7", self.supervisor)
        self.assertFalse(order.last_in_meter)
        order.sudo().approve_reading(self.supervisor2)
        self.assertTrue(order.last_in_meter)
        self.write_out(order, self.blank)
        self.assertEqual((self.blank.image.count, self.blank.image.quantity), (3, 0))


@tagged("post_install", "-at_install", "electricity")
class TestClear(OperationCase):
    def _close(self):
        self.account.action_remove_meter()
        self.account.action_close()

    def test_a_card_of_a_closed_account_becomes_blank_and_is_issued_again(self):
        self._close()
        self.assertEqual(self.chief.quote(self.terminal.id, self.snapshot(counter=self.chief))["operations"], ["clear"])
        order = self.begun("clear", self.card, counter=self.chief)
        self.write_out(order, self.card)
        card = self.card_of(self.card)
        self.assertEqual((self.card.image.condition, order.state, card.state), ("blank", "written", "blank"))
        self.assertFalse(card.electricity_account_id)
        account = self.new_account()
        self.write_out(self.begun("open", self.card, account), self.card)
        self.assertEqual(account.card_id, card)

    def test_only_a_supervisor_clears(self):
        self._close()
        self.assertRefused(self.start("clear", self.card), "S-116")

    def test_an_account_in_use_is_settled_first(self):
        self.assertRefused(self.start("clear", self.card, counter=self.chief), "S-111")

    def test_a_torn_clearing_is_finished(self):
        self._close()
        order = self.begun("clear", self.card, counter=self.chief)
        answer = self.authorize(order)
        before = self.card.memory
        cleared = self.card.written(self.proxy.claims(answer["write_order"])["write"])
        self.card.memory = cleared[:0x30] + before[0x30:]
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", before, None, code="C-205"))
        self.card.take_out()
        self.assertEqual(self.counter.resolve(self.terminal.id, self.snapshot())["resolution"], "rewrite")
        self.write_out(order, self.card)
        self.assertEqual((order.state, self.card.image.condition), ("written", "blank"))


@tagged("post_install", "-at_install", "electricity")
class TestReverse(OperationCase):
    def reverse(self, order, card=None, counter=None):
        counter = self.chief if counter is None else counter
        return counter.reverse(order.uuid, self.snapshot(card, counter=counter))

    def test_a_sale_is_set_back_while_the_card_stayed(self):
        before = self.card.memory
        order = self.sold()
        answer = self.reverse(order)
        self.assertTrue(answer["ok"], answer)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual(self.card.memory, before)
        self.assertEqual((order.state, self.account.purchase_count), ("reversed", 1))
        receipts = self.env["electricity.receipt"].search([("recharge_id", "=", order.id)], order="seq")
        self.assertEqual(receipts.mapped("op"), ["purchase", "reverse"])
        self.assertEqual((self.account.balance, self.account.total_energy), (100.0, 0.0))
        self.assertLedger()
        self.open_shift(counter=self.chief)
        back = self.chief.cancel(order.uuid, True)
        self.assertEqual((back["ok"], back["handed_back"]), (True, "100.00"))
        self.assertNotIn("refund", back["order"]["actions"])
        self.assertEqual(self.chief.cancel(order.uuid, True)["handed_back"], "100.00")
        self.assertEqual(self.account.balance, 0.0)
        self.assertLedger()
        self.assertEqual(self.sold("50.00").count, 2)

    def test_only_sales_that_stand_are_in_the_totals(self):
        unknown, answer = self.authorized("60.00")
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", self.card.memory, None, code="C-205"))
        self.assertEqual((unknown.state, unknown.energy_sold, unknown.cost_sold), ("unknown", 0, 0))
        again = self.counter.authorize(unknown.uuid, self.snapshot())
        self.confirm(self.proxy.write(self.card, again["write_order"]))
        self.assertEqual((unknown.energy_sold, unknown.cost_sold), (unknown.energy, unknown.cost))
        self.assertGreater(unknown.energy_sold, 0)
        self.card.insert_in_meter()
        reversed_ = self.sold()
        self.assertGreater(reversed_.cost_sold, 0)
        answer = self.reverse(reversed_)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual((reversed_.state, reversed_.energy_sold, reversed_.cost_sold), ("reversed", 0, 0))

    def test_only_a_supervisor_reverses(self):
        order = self.sold()
        self.assertNotIn("reverse", self.counter.status(order.uuid)["order"]["actions"])
        self.assertIn("reverse", self.chief.status(order.uuid)["order"]["actions"])
        self.assertRefused(self.reverse(order, counter=self.counter), "S-116")

    def test_not_after_the_card_has_left_the_reader(self):
        order = self.sold()
        self.card.take_out()
        self.assertRefused(self.reverse(order), "S-114")

    def test_not_after_the_meter_has_it(self):
        order = self.sold()
        self.card.write_back(2)
        self.assertRefused(self.reverse(order), "S-114")

    def test_news_of_a_reversal_come_after_the_count_went_to_a_new_card(self):
        before = self.card.memory
        order = self.sold()
        written = self.card.memory
        answer = self.reverse(order)
        self.pass_time(order)
        replacement = self.begun("replace", self.blank, self.account)
        self.write_out(replacement, self.blank)
        self.assertEqual(self.blank.image.count, order.count)
        self.confirm(self.proxy.receipt(answer["write_order"], "written", written, before))
        self.assertEqual((order.state, order.hold_code), ("written", "C-111"))
        self.assertEqual((self.account.balance, self.account.purchase_count), (0.0, 2))
        self.assertLedger()

    def test_not_while_a_replacement_has_begun(self):
        order = self.sold()
        self.begun("replace", self.blank, self.account)
        self.card.take_out()
        self.assertRefused(self.reverse(order), "S-103")

    def test_no_new_card_while_a_reversal_may_be_written(self):
        order = self.sold()
        self.assertTrue(self.reverse(order)["ok"])
        self.assertRefused(self.start("replace", self.blank, self.account), "S-103")

    def test_not_when_a_new_card_took_the_sale_over(self):
        order, answer = self.authorized()
        self.confirm(self.proxy.receipt(answer["write_order"], "not_written", self.card.memory, self.card.memory))
        self.counter.begin_operation(
            str(uuid.uuid4()), self.terminal.id, self.snapshot(self.blank), "replace", self.account.name, "0.00"
        )
        self.write_out(order, self.blank)
        self.assertEqual((order.state, order.card_id), ("written", self.card_of(self.blank)))
        self.assertRefused(self.reverse(order, self.blank), "S-114")

    def test_not_after_a_rewrite_or_a_replacement(self):
        order = self.sold()
        self.card.write_back(1)
        self.write_out(order, self.card)
        self.assertRefused(self.reverse(order), "S-114")

    def test_not_after_its_count_went_to_another_card(self):
        order = self.sold()
        self.write_out(self.begun("replace", self.blank, self.account), self.blank)
        self.assertFalse(self.reverse(order)["ok"])

    def test_an_uncertain_reversal_moves_no_money_and_the_sale_can_be_written_again(self):
        before = self.card.memory
        order = self.sold()
        answer = self.reverse(order)
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", self.card.memory, None, code="C-205"))
        self.assertEqual((order.state, self.account.balance), ("written", order.remainder))
        self.card.memory = before
        self.card.take_out()
        self.assertEqual(self.counter.resolve(self.terminal.id, self.snapshot())["resolution"], "rewrite")
        again = self.authorize(order)
        self.confirm(self.proxy.write(self.card, again["write_order"]))
        self.assertEqual(self.card.image.count, 2)
        self.assertLedger()

    def test_news_of_a_reversal_after_a_rewrite_give_no_money_back(self):
        before = self.card.memory
        order = self.sold()
        written = self.card.memory
        answer = self.reverse(order)
        self.pass_time(order)
        self.card.memory = before
        self.card.take_out()
        again = self.authorize(order)
        late = self.proxy.receipt(answer["write_order"], "written", written, before)
        self.confirm(late)
        self.assertEqual((order.state, self.account.balance), ("written", order.remainder))
        self.assertTrue(order.activity_ids)
        self.confirm(self.proxy.write(self.card, again["write_order"]))
        self.assertLedger()
