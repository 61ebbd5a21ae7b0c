"""Vouchers: the terminal's word that a customer brings is one tender at most, whoever brings it and in what order."""

import random
import uuid

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..core.errors import Refusal
from .common import CounterCase
from .fakes import tamper


@tagged("post_install", "-at_install", "electricity")
class TestVoucher(CounterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terminal.takes_notes = True

    def tenders(self):
        return self.env["electricity.tender"].search([("terminal_id", "=", self.terminal.id)], order="id")

    def check(self, text, user=None):
        """Check a voucher as a clerk does; the window afterwards."""
        form = Form(self.env["electricity.voucher.check"].with_user(user or self.clerk))
        form.voucher = text
        window = form.save()
        window.action_check()
        return window

    def test_a_voucher_whose_money_has_not_arrived_is_taken_in(self):
        order = self.begin()
        window = self.check(self.proxy.tender(order.uuid, {5000: 1}))
        self.assertEqual((window.result, window.amount, window.account_id), ("balance", 50, self.account))
        self.assertEqual(order.paid_amount, 50)
        self.assertLedger()

    def test_its_money_is_named_as_people_speak_of_it(self):
        order = self.begin()
        window = self.check(self.proxy.tender(order.uuid, {5000: 1}))
        self.assertIn("50.00", window.tender_id.display_name)
        self.assertIn(self.terminal.code, window.tender_id.display_name)
        self.assertNotIn(window.tender_id.uuid, window.tender_id.display_name)

    def test_bringing_it_again_counts_nothing(self):
        order = self.begin()
        statement = self.proxy.tender(order.uuid, {5000: 1})
        self.check(statement)
        self.check(f"  {statement[:200]}\n{statement[200:]} ")
        self.assertEqual((len(self.tenders()), order.paid_amount), (1, 50))

    def test_its_number_finds_it_as_people_write_it(self):
        order = self.begin()
        self.counter.add_tender(
            order.uuid, {"kind": "terminal_cash", "statement": self.proxy.tender(order.uuid, {5000: 1})}
        )
        digits = self.tenders().uuid.replace("-", "")[:12]
        for text in (digits.upper(), f"{digits[:4]}-{digits[4:8]}-{digits[8:]}", self.tenders().uuid):
            window = self.check(text)
            self.assertEqual((window.result, window.tender_id), ("balance", self.tenders()))

    def test_a_number_of_money_that_has_not_arrived_says_to_scan_the_code(self):
        window = self.check("1A2B-3C4D-5E6F")
        self.assertEqual(window.result, "missing")
        self.assertIn("A-412", window.message)

    def test_a_purchase_that_is_not_known_leads_to_the_two_persons(self):
        window = self.check(self.proxy.tender(str(uuid.uuid4()), {5000: 1}), self.supervisor)
        self.assertEqual((window.result, window.account_id), ("unassigned", self.env["electricity.account"]))
        self.assertEqual(window.action_assign()["res_model"], "electricity.tender.assign")
        self.tenders().with_user(self.supervisor).propose_account(self.account, "Brought the voucher")
        self.tenders().with_user(self.supervisor2).action_approve_account()
        self.assertEqual(self.check(self.tenders().uuid).account_id, self.account)
        self.assertEqual(self.account.balance, 50)

    def test_a_voucher_over_money_of_nobody_counts_nothing_again_before_or_after_it_has_an_account(self):
        statement = self.proxy.tender(str(uuid.uuid4()), {5000: 1})
        orders = self.env["electricity.recharge"].sudo()
        self.assertEqual(orders._take_tenders([statement], self.terminal)[0]["code"], None)
        for _time in range(2):
            window = self.check(statement, self.supervisor)
            self.assertEqual((window.result, window.amount, self.account.balance), ("unassigned", 50, 0))
        self.tenders().with_user(self.supervisor).propose_account(self.account, "Brought the voucher")
        self.check(statement, self.supervisor2)
        self.tenders().with_user(self.supervisor2).action_approve_account()
        for _time in range(2):
            window = self.check(statement)
            self.assertEqual((window.result, window.account_id), ("balance", self.account))
            orders._take_tenders([statement], self.terminal)
        self.assertEqual((len(self.tenders()), self.account.balance), (1, 50))
        with self.assertRaises(UserError):
            window.with_user(self.supervisor).action_assign()
        self.assertLedger()

    def test_a_voucher_whose_order_is_known_later_does_not_count_beside_what_nobody_owned(self):
        order = self.begin()
        statement = self.proxy.tender(order.uuid, {5000: 1})
        named = order.uuid
        order.uuid = str(uuid.uuid4())
        self.env["electricity.recharge"].sudo()._take_tenders([statement], self.terminal)
        order.uuid = named
        with self.assertRaises(UserError) as refused:
            self.check(statement)
        self.assertIn("S-102", str(refused.exception))
        self.assertEqual((len(self.tenders()), order.paid_amount, self.account.balance), (1, 0, 0))
        self.assertEqual(self.check(self.tenders().uuid).result, "unassigned")

    def test_a_clerk_alone_assigns_nothing(self):
        window = self.check(self.proxy.tender(str(uuid.uuid4()), {5000: 1}))
        with self.assertRaises(UserError):
            window.action_assign()

    def test_money_of_an_order_that_has_ended_is_balance(self):
        order = self.begin()
        self.counter.cancel(order.uuid, False)
        window = self.check(self.proxy.tender(order.uuid, {5000: 1}))
        self.assertEqual((window.result, self.account.balance), ("balance", 50))
        self.assertLedger()

    def test_what_is_no_voucher_books_nothing(self):
        order = self.begin()
        good = self.proxy.tender(order.uuid, {5000: 1})
        stranger = self.proxy.tender(order.uuid, {5000: 1}, key=self.ring.active)
        for text in (tamper(good), stranger, good[:-1], "", "hello", self.proxy.heartbeat(), "a.b.c", "9" * 11):
            with self.subTest(text=text[:20]):
                window = self.env["electricity.voucher.check"].with_user(self.clerk).create({"voucher": text or " "})
                window.action_check()
                self.assertEqual((window.result, window.tender_id.id), ("missing", False))
                self.assertIn("A-411", window.message)
        self.assertFalse(self.tenders())

    def test_a_terminal_of_another_company_is_none(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.terminal.sudo().company_id = other
        window = self.check(self.proxy.tender(str(uuid.uuid4()), {5000: 1}))
        self.assertIn("A-411", window.message)
        self.assertFalse(self.tenders())

    def test_nobody_but_staff_checks_vouchers(self):
        stranger = self._make_user("technician", "group_technician")
        with self.assertRaises(AccessError):
            self.env["electricity.voucher.check"].with_user(stranger).create({"voucher": "x"})
        with self.assertRaises(Refusal) as refused:
            self.env["electricity.tender"].with_user(stranger).of_voucher("x")
        self.assertEqual(refused.exception.code, "S-116")

    def test_any_order_of_voucher_page_and_push_is_one_tender_each(self):
        orders = self.env["electricity.recharge"]
        for seed in range(12):
            chance = random.Random(seed)
            savepoint = self.env.cr.savepoint()
            with self.subTest(seed=seed):
                order = self.begin()
                named = [order.uuid, str(uuid.uuid4())]
                statements = [
                    self.proxy.tender(chance.choice(named), {chance.choice((100, 2000)): 1}, seq=seq)
                    for seq in range(1, 5)
                ]
                ways = [(way, statement) for statement in statements for way in ("voucher", "push", "push", "voucher")]
                chance.shuffle(ways)
                for way, statement in ways:
                    if way == "voucher":
                        self.check(statement)
                    else:
                        orders.sudo()._take_tenders([statement], self.terminal)
                self.assertEqual(sorted(self.tenders().mapped("evidence")), sorted(statements))
                ours = self.tenders().filtered(lambda tender: not tender.is_unassigned)
                self.assertEqual((self.account.balance, order.paid_amount), (sum(ours.mapped("amount")),) * 2)
                self.assertLedger()
            savepoint.close(rollback=True)
            self.env.invalidate_all()
