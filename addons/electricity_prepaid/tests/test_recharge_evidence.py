"""What a page, a terminal or a clerk may not make Odoo believe."""

import time
import uuid
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..core import sle4442_demo, tokens
from ..core.keyring import SigningKey
from ..core.receipts import OUTCOMES
from .common import CounterCase
from .fakes import FakeTerminal, tamper


@tagged("post_install", "-at_install", "electricity")
class TestSnapshots(CounterCase):
    def _begin(self, token, amount="100.00"):
        return self.counter.begin(str(uuid.uuid4()), self.terminal.id, token, amount)

    def test_an_altered_reading(self):
        self.assertRefused(self._begin(tamper(self.snapshot())), "N-101")

    def test_a_reading_signed_by_another_key(self):
        self.assertRefused(self._begin(self.snapshot(key=SigningKey.generate())), "N-101")

    def test_a_reading_for_another_database(self):
        self.assertRefused(self._begin(self.snapshot(aud=str(uuid.uuid4()))), "N-101")

    def test_a_reading_of_another_terminal(self):
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "U01"})
        proxy = FakeTerminal(other, self.database_uuid)
        self.assertRefused(self._begin(proxy.snapshot(self.card, self.nonce(other))), "N-101")

    def test_not_a_token_at_all(self):
        for value in ("", "a.b.c", None, 1, {}):
            with self.subTest(value=value):
                self.assertRefused(self._begin(value), "N-101")

    def test_a_nonce_that_we_never_gave(self):
        self.assertRefused(self._begin(self.proxy.snapshot(self.card, "made-up")), "N-102")

    def test_a_nonce_of_another_terminal(self):
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "U01"})
        FakeTerminal(other, self.database_uuid)
        self.assertRefused(self._begin(self.proxy.snapshot(self.card, self.nonce(other))), "N-102")

    def test_a_nonce_that_is_too_old(self):
        token = self.snapshot()
        rows = self.env["electricity.snapshot"].search([], limit=1)
        rows.sudo().expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertRefused(self._begin(token), "N-102")

    def test_a_reading_decides_once(self):
        token = self.snapshot()
        self.assertTrue(self._begin(token)["ok"])
        self.assertRefused(self._begin(token), "N-103")
        self.assertRefused(self.counter.quote(self.terminal.id, token), "N-103")

    def test_a_refused_call_does_not_use_a_reading_up(self):
        token = self.snapshot()
        self.assertRefused(self._begin(token, "1.00"), "S-105")
        self.assertTrue(self._begin(token, "100.00")["ok"])

    def test_a_clock_ten_minutes_off_stops_the_sale_before_money(self):
        for off in (-600, 600):
            with self.subTest(off=off):
                self.assertRefused(self._begin(self.snapshot(iat=int(time.time()) + off)), "T-104")
        answer = self.counter.quote(self.terminal.id, self.snapshot(iat=int(time.time()) - 600))
        self.assertEqual((answer["allowed"], answer["code"]), (False, "T-104"))

    def test_a_wall_clock_is_believed_less(self):
        self.assertRefused(self._begin(self.snapshot(iat=int(time.time()) - 60, clk="wall")), "T-104")
        self.assertTrue(self._begin(self.snapshot(iat=int(time.time()) - 60, clk="signed"))["ok"])

    def test_a_card_of_another_issuer_is_refused_at_each_step(self):
        self.open_shift()
        order = self.begin()
        self.pay(order)
        self.company.electricity_issuer = 7
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "C-103")
        self.assertEqual(order.state, "paid")
        self.assertTrue(self.counter.cancel(order.uuid, True)["ok"])
        quote = self.counter.quote(self.terminal.id, self.snapshot())
        self.assertEqual((quote["allowed"], quote["code"]), (False, "C-103"))
        self.assertRefused(self._begin(self.snapshot()), "C-103")

    def test_the_company_decides_whose_cards_are_taken(self):
        identity = sle4442_demo.encode_identity(self.card.serial, 7)
        self.card.memory = identity + self.card.memory[len(identity) :]
        self.assertRefused(self._begin(self.snapshot()), "C-103")
        self.company.electricity_issuer = 7
        self.assertTrue(self._begin(self.snapshot())["ok"])

    def test_authorize_with_a_reading_of_another_card(self):
        _account, card = self._make_account("700000000002", "700000000102", "700000000202")
        self.open_shift()
        order = self.begin()
        self.pay(order)
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot(card)), "C-109")
        self.assertEqual(order.state, "paid")


@tagged("post_install", "-at_install", "electricity")
class TestReceipts(CounterCase):
    def code_of(self, token):
        return self.confirm(token)["results"][0]["code"]

    def test_a_repeated_receipt_answers_the_same_and_books_once(self):
        order, answer = self.authorized()
        token = self.proxy.write(self.card, answer["write_order"])
        for _time in range(3):
            answer = self.confirm(token)
            self.assertIsNone(answer["results"][0]["code"])
            self.assertEqual(answer["orders"][0]["state"], "written")
        self.assertEqual(len(order.ledger_entry_ids.filtered(lambda entry: entry.kind == "energy")), 1)
        self.assertLedger()

    def test_altered_foreign_and_malformed_receipts(self):
        order, answer = self.authorized()
        before = self.card.memory
        good = self.proxy.write(self.card, answer["write_order"])
        self.proxy.seq = 0
        foreign = self.proxy.receipt(
            answer["write_order"], "written", before, self.card.memory, key=SigningKey.generate()
        )
        for token in (tamper(good), foreign, "x.y.z", "", None):
            with self.subTest(token=token):
                self.assertEqual(self.code_of(token), "R-101")
        self.assertEqual(order.state, "authorized")
        self.assertEqual(self.terminal.receipt_seq, 0)

    def test_outcomes_of_receipts_have_words(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        for language in ("en_US", "zh_CN"):
            receipts = self.env["electricity.receipt"].with_context(lang=language)
            words = dict(receipts._fields["outcome"]._description_selection(receipts.env))
            self.assertEqual(set(words), set(OUTCOMES))
            self.assertFalse(set(OUTCOMES) & set(words.values()))

    def test_written_with_another_image_is_not_believed(self):
        order, answer = self.authorized()
        token = self.proxy.receipt(answer["write_order"], "written", self.card.memory, self.card.memory)
        self.assertEqual(self.code_of(token), "R-101")
        self.assertEqual(order.state, "authorized")

    def test_an_order_that_odoo_did_not_sign_is_no_receipt(self):
        order, answer = self.authorized()
        _header, claims = tokens.peek(answer["write_order"], "O-101")
        claims["write"]["energy"] = 99999999
        forged = tokens.sign(tokens.ORDER, claims, SigningKey.generate())
        token = self.proxy.receipt(forged, "void")
        self.assertEqual(self.code_of(token), "R-101")
        self.assertEqual(order.state, "authorized")

    def test_a_gap_carried_by_a_page_changes_nothing(self):
        order, answer = self.authorized()
        self.proxy.seq = 1
        token = self.proxy.write(self.card, answer["write_order"])
        self.assertEqual(self.code_of(token), "R-102")
        self.assertEqual((order.state, self.terminal.state), ("authorized", "active"))

    def test_a_gap_pushed_by_the_terminal_quarantines_it(self):
        order, answer = self.authorized()
        self.proxy.seq = 1
        token = self.proxy.write(self.card, answer["write_order"])
        self.env["electricity.recharge"].sudo()._take_receipts([token], "push", self.terminal)
        self.assertEqual((order.state, self.terminal.state), ("authorized", "quarantined"))

    def test_two_receipts_for_one_place_quarantine_the_terminal(self):
        order, answer = self.authorized()
        before = self.card.memory
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.proxy.seq = 0
        fork = self.proxy.receipt(answer["write_order"], "not_written", before, before)
        self.assertEqual(self.code_of(fork), "R-103")
        self.assertEqual(self.terminal.state, "quarantined")
        self.assertEqual(order.state, "written")
        self.assertTrue(self.terminal.activity_ids)

    def test_a_quarantined_terminal_does_not_sell_but_its_receipts_count(self):
        order, answer = self.authorized()
        self.terminal.sudo().state = "quarantined"
        token = self.proxy.write(self.card, answer["write_order"])
        self.assertIsNone(self.code_of(token))
        self.assertEqual(order.state, "written")
        self.card.insert_in_meter()
        answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), "100.00")
        self.assertRefused(answer, "T-102")

    def test_a_receipt_comes_whatever_the_clock_says(self):
        order, answer = self.authorized()
        before = self.card.memory
        _header, claims = tokens.peek(answer["write_order"], "O-101")
        self.proxy.write(self.card, answer["write_order"])
        self.proxy.seq, self.proxy.head = 0, type(self).proxy.head
        token = self.proxy.receipt(
            answer["write_order"], "written", before, self.card.memory, iat=int(time.time()) - 3600, clk="wall"
        )
        self.assertIsNone(self.code_of(token))
        self.assertEqual((order.state, claims["serial"]), ("written", order.name))

    def test_a_receipt_for_an_order_that_this_database_lost(self):
        order, answer = self.authorized()
        token = self.proxy.write(self.card, answer["write_order"])
        order.attempt_ids.sudo().jti = str(uuid.uuid4())
        self.assertEqual(self.code_of(token), "R-104")
        self.assertEqual(self.terminal.receipt_seq, 1)
        self.assertTrue(self.terminal.activity_ids)

    def _restored(self):
        """Do what the operator does after a restore."""
        ring = Path(self.ring_path)
        # A file is not rolled back.
        self.addCleanup(ring.write_bytes, ring.read_bytes())
        self.assertTrue(self.env["electricity.keyring"].command("restored")[1])

    def test_an_order_of_this_epoch_that_is_lost_stops_all_sales_until_the_operator_acts(self):
        order, answer = self.authorized()
        token = self.proxy.write(self.card, answer["write_order"])
        order.attempt_ids.sudo().jti = str(uuid.uuid4())
        self.assertEqual(self.code_of(token), "R-104")
        account, card = self._make_account("700000000002", "700000000102", "700000000202")
        quote = self.counter.quote(self.terminal.id, self.snapshot(card), "100.00")
        self.assertEqual((quote["allowed"], quote["code"]), (False, "T-106"))
        self.assertTrue(self.terminal.activity_ids.filtered(lambda activity: "T-106" in activity.summary))
        keys = self.env["electricity.keyring"]
        self.assertFalse(keys.command("show")[1])
        self._restored()
        self.assertTrue(keys.command("show")[1])
        self.assertTrue(self.counter.quote(self.terminal.id, self.snapshot(card), "100.00")["allowed"])

    def test_receipts_are_taken_while_sales_are_stopped(self):
        order, answer = self.authorized()
        token = self.proxy.write(self.card, answer["write_order"])
        keys = self.env["electricity.keyring"]
        self.assertTrue(keys.stop_sales(keys.load_ring()))
        self.assertFalse(keys.stop_sales(keys.load_ring()))
        self.assertIsNone(self.code_of(token))
        self.assertEqual(order.state, "written")

    def test_a_lost_order_of_an_older_epoch_only_reports(self):
        order, answer = self.authorized()
        token = self.proxy.write(self.card, answer["write_order"])
        order.attempt_ids.sudo().jti = str(uuid.uuid4())
        keys = self.env["electricity.keyring"]
        self._restored()
        self.assertEqual(self.code_of(token), "R-104")
        self.assertTrue(keys.load_for_sale())
        self.assertFalse(self.terminal.activity_ids.filtered(lambda activity: "T-106" in activity.summary))

    def test_a_receipt_cannot_speak_for_another_terminals_order(self):
        order, answer = self.authorized()
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "U01"})
        proxy = FakeTerminal(other, self.database_uuid)
        token = proxy.receipt(answer["write_order"], "void")
        self.assertEqual(self.code_of(token), "R-101")
        self.assertEqual(order.state, "authorized")

    def test_a_late_not_written_never_downgrades(self):
        order = self.sold()
        attempt = order.attempt_ids
        token = self.proxy.receipt(attempt.sudo().order_token, "void", code="O-105")
        self.assertIsNone(self.code_of(token))
        self.assertEqual(order.state, "written")
        self.assertLedger()

    def test_a_late_written_on_a_cancelled_order_makes_a_dispute(self):
        order, answer = self.authorized()
        before = self.card.memory
        self.confirm(self.proxy.receipt(answer["write_order"], "void", code="O-109"))
        self.assertTrue(self.counter.cancel(order.uuid, False)["ok"])
        self.confirm(
            self.proxy.receipt(answer["write_order"], "written", before, self.card.written(self._block(order)))
        )
        self.assertEqual(order.state, "dispute")
        self.assertTrue(order.activity_ids)
        self.assertLedger()

    def _block(self, order):
        from ..core.card_image import PurchaseBlock

        _header, claims = tokens.peek(order.attempt_ids[-1].sudo().order_token, "O-101")
        return PurchaseBlock.from_claim(claims["write"])


@tagged("post_install", "-at_install", "electricity")
class TestMoneyRights(CounterCase):
    def _tender(self, order, counter=None, **changes):
        tender = {"uuid": str(uuid.uuid4()), "kind": "cash", "received": "100.00", **changes}
        return (self.counter if counter is None else counter).add_tender(order.uuid, tender)

    def test_cash_without_a_shift(self):
        order = self.begin()
        self.assertRefused(self._tender(order), "S-117")
        self.assertEqual(self.account.balance, 0)

    def test_cash_over_the_clerks_limit_in_one_or_in_parts(self):
        self.company.electricity_clerk_cash_limit = 80
        self.open_shift()
        order = self.begin()
        self.assertRefused(self._tender(order), "S-118")
        self.assertTrue(self._tender(order, received="60.00")["ok"])
        self.assertRefused(self._tender(order, received="40.00"), "S-118")
        self.assertEqual(self.account.balance, 60)

    def test_cash_of_another_kind_or_amount(self):
        self.open_shift()
        order = self.begin()
        self.assertRefused(self._tender(order, kind="card"), "S-116")
        for received in ("0.00", "-1", "1.234", 5, None):
            with self.subTest(received=received):
                self.assertRefused(self._tender(order, received=received), "S-104")
        self.assertRefused(self.counter.add_tender(order.uuid, None), "S-116")

    def test_cash_of_a_user_without_the_right(self):
        order = self.begin()
        finance = self._make_user("finance", "group_finance")
        with self.assertRaises(AccessError):
            self._tender(order, self.counter.with_user(finance))
        self.assertEqual(self.account.balance, 0)

    def test_cash_of_a_clerk_of_another_company(self):
        order = self.begin()
        company = self.env["res.company"].create({"name": "Other Power"})
        stranger = self._make_user("stranger", "group_clerk", company)
        self.assertRefused(self._tender(order, self.counter.with_user(stranger)), "S-115")

    def test_a_clerk_who_is_not_listed_at_the_terminal(self):
        self.terminal.user_ids = self.supervisor
        self.assertRefused(self.counter.new_nonce(self.terminal.id), "S-116")

    def test_a_terminal_of_another_company(self):
        company = self.env["res.company"].create({"name": "Other Power"})
        other = self.env["electricity.terminal"].create({"name": "U", "code": "U1", "company_id": company.id})
        self.assertRefused(self.counter.new_nonce(other.id), "T-110")
        self.assertRefused(self.counter.new_nonce(0), "T-101")

    def test_a_card_of_another_company_is_not_known(self):
        company = self.env["res.company"].create({"name": "Other Power"})
        account, card = self._make_account("700000000009", "700000000109", "700000000209", company)
        self.assertTrue(account)
        answer = self.counter.quote(self.terminal.id, self.snapshot(card))
        self.assertEqual((answer["allowed"], answer["code"], answer["customer"]), (False, "C-106", None))

    def test_the_same_tender_counts_once_and_conflicts_with_another_amount(self):
        self.open_shift()
        order = self.begin()
        tender = {"uuid": str(uuid.uuid4()), "kind": "cash", "received": "150.00"}
        for _time in range(3):
            self.assertEqual(self.counter.add_tender(order.uuid, tender)["change"], "50.00")
        self.assertEqual(self.account.balance, 100)
        self.assertRefused(self.counter.add_tender(order.uuid, {**tender, "received": "160.00"}), "S-102")

    def test_what_is_paid_in_full_takes_no_more(self):
        self.open_shift()
        order = self.begin()
        self.pay(order)
        self.assertRefused(self._tender(order), "S-112")
        self.assertEqual(self.account.balance, 100)

    def test_notes_counted_by_the_terminal(self):
        order = self.begin()
        statement = self.proxy.tender(order.uuid, {5000: 2})
        for _time in range(2):
            answer = self.counter.add_tender(order.uuid, {"kind": "terminal_cash", "statement": statement})
            self.assertEqual((answer["order"]["paid"], answer["change"]), ("100.00", "0.00"))
        self.assertEqual(order.state, "paid")
        self.assertLedger()

    def test_more_notes_than_due_are_balance(self):
        order = self.begin()
        statement = self.proxy.tender(order.uuid, {10000: 2})
        self.counter.add_tender(order.uuid, {"kind": "terminal_cash", "statement": statement})
        self.assertEqual((order.state, self.account.balance), ("paid", 200))
        self.assertLedger()

    def test_forged_notes(self):
        order = self.begin()
        for statement in (
            tamper(self.proxy.tender(order.uuid, {5000: 2})),
            self.proxy.tender(order.uuid, {5000: 2}, key=SigningKey.generate()),
            self.proxy.tender(str(uuid.uuid4()), {5000: 2}),
            self.proxy.tender(order.uuid, {5000: 2}, total=20000),
            None,
        ):
            answer = self.counter.add_tender(order.uuid, {"kind": "terminal_cash", "statement": statement})
            self.assertRefused(answer, "S-122")
        self.assertEqual(self.account.balance, 0)

    def test_cash_in_a_terminals_own_box_counts_until_it_is_handed_over(self):
        self.terminal.sudo().max_unremitted = 50
        order = self.begin("60.00")
        statement = self.proxy.tender(order.uuid, {5000: 1, 1000: 1})
        self.assertTrue(self.counter.add_tender(order.uuid, {"kind": "terminal_cash", "statement": statement})["ok"])
        _account, card = self._make_account("700000000002", "700000000102", "700000000202")
        answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(card), "60.00")
        self.assertRefused(answer, "T-105")

    def test_money_for_a_reservation_that_ended(self):
        self.open_shift()
        order = self.begin()
        order.sudo().expires_at = "2020-01-01 00:00:00"
        for _time in range(2):
            self.assertRefused(self._tender(order), "S-113")
            self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "S-113")
            self.assertEqual((order.state, order.cancel_reason), ("cancelled", "expired"))
        self.assertEqual(self.account.balance, 0)
        self.assertTrue(self.begin())

    def test_no_group_may_write_the_books_directly(self):
        order, _answer = self.authorized()
        rows = order | self.env["electricity.recharge"]
        for user in (self.clerk, self.supervisor):
            for record in (rows, order.attempt_ids, order.tender_ids, order.ledger_entry_ids):
                record = record.with_user(user)
                with self.assertRaises(AccessError):
                    record.write({"company_id": self.company.id})
                with self.assertRaises(AccessError):
                    record.unlink()

    @mute_logger("odoo.sql_db")
    def test_the_ledger_cannot_be_changed_even_by_the_system(self):
        from odoo.exceptions import UserError

        order = self.sold()
        entry = order.ledger_entry_ids[:1]
        with self.assertRaises(UserError):
            entry.sudo().write({"money": 0})
        with self.assertRaises(UserError):
            entry.sudo().unlink()

    def test_limits_of_a_terminal(self):
        self.terminal.sudo().max_unremitted = 50
        self.open_shift()
        order = self.begin("60.00")
        self.pay(order, "60.00")
        answer = self.authorize(order)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.card.insert_in_meter()
        answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), "60.00")
        self.assertRefused(answer, "T-105")

    def test_a_restored_database_does_not_sell(self):
        self.env["ir.config_parameter"].sudo().set_param("electricity.epoch", "7")
        answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), "60.00")
        self.assertRefused(answer, "T-106")
        state = self.counter.counter_state(self.terminal.id)
        self.assertEqual((state["token"], state["problems"]), (None, ["T-106"]))

    def test_without_a_key_nothing_is_sold(self):
        import os

        path = self.ring_path
        os.rename(path, path + ".away")
        self.addCleanup(os.rename, path + ".away", path)
        with mute_logger("odoo.addons.electricity_prepaid.models.answers"):
            answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), "60.00")
        self.assertRefused(answer, "T-107")
        self.assertNotIn("reason", answer["params"])
