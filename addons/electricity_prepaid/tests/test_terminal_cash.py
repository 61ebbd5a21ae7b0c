"""Notes that a terminal takes: the order that opens its acceptor, and statements that are stored once, by any way."""

import json
import time
import uuid

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..core import tokens
from ..core.keyring import SigningKey
from . import test_migrations
from .common import CounterCase
from .fakes import FakeTerminal, tamper


@tagged("post_install", "-at_install", "electricity")
class TestTerminalCash(CounterCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terminal.takes_notes = True

    def sync(self, *statements, sessions=("box-1",), proxy=None, **more):
        """Push statements as the terminal does; the answer, with the claims of its acknowledgement."""
        proxy = proxy or self.proxy
        body = {"heartbeat": proxy.heartbeat(), "receipts": [], "tenders": list(statements), "sessions": sessions}
        headers = {"Content-Type": "application/json", "X-Odoo-Database": self.env.cr.dbname}
        self.opener.cookies.clear()
        data = json.dumps({**body, **more}).encode()
        response = self.url_open("/electricity/terminal/sync", data=data, headers=headers)
        answer = response.json()
        self.assertEqual(response.status_code, 200, answer)
        claims = tokens.verify(
            answer["ack"], tokens.ACK, self.ring.active.x, self.database_uuid, proxy.record.uuid, "P-104"
        )
        return [row["code"] for row in answer["tenders"]], claims

    def carry(self, order, statement):
        """Bring a statement as the page does."""
        return self.counter.add_tender(order.uuid, {"kind": "terminal_cash", "statement": statement})

    def tenders(self):
        return self.env["electricity.tender"].search([("terminal_id", "=", self.terminal.id)], order="id")

    def collect(self, order):
        answer = self.counter.collect(order.uuid)
        self.assertTrue(answer["ok"], answer)
        return tokens.verify(
            answer["collect"], tokens.COLLECT, self.ring.active.x, self.database_uuid, self.terminal.uuid, "A-201"
        )

    # -- the collect order

    def test_a_terminal_without_an_acceptor_gets_no_order(self):
        order = self.begin()
        self.terminal.takes_notes = False
        self.assertRefused(self.counter.collect(order.uuid), "A-208")

    def test_who_may_not_sell_there_gets_no_order(self):
        order = self.begin()
        self.assertRefused(self.counter.collect(str(uuid.uuid4())), "S-115")
        self.terminal.user_ids = self.supervisor
        self.assertRefused(self.counter.collect(order.uuid), "S-116")
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self.counter.with_user(self.env.ref("base.public_user")).collect(order.uuid)

    def test_a_terminal_that_may_not_sell_gets_no_order(self):
        order = self.begin()
        self.terminal.sudo().state = "quarantined"
        self.assertRefused(self.counter.collect(order.uuid), "T-102")

    def test_an_order_that_needs_no_money_gets_none(self):
        order = self.begin()
        self.carry(order, self.proxy.tender(order.uuid, {10000: 1}))
        answer = self.counter.collect(order.uuid)
        self.assertRefused(answer, "S-112")
        self.assertEqual(answer["order"]["state"], "paid")

    def test_an_order_whose_time_is_over_gets_none(self):
        order = self.begin()
        order.sudo().expires_at = "2020-01-01 00:00:00"
        self.assertRefused(self.counter.collect(order.uuid), "S-113")
        self.assertEqual(order.state, "cancelled")

    def test_the_order_says_what_may_be_taken_for_what(self):
        order = self.begin("30.00")
        order.sudo().expires_at = "2099-01-01 00:00:00"
        claims = self.collect(order)
        self.assertEqual((claims["recharge"], claims["session"]), (order.uuid, "box-1"))
        self.assertEqual(claims["denominations"], [100, 500, 1000, 2000, 5000, 10000])
        self.assertEqual((claims["most"], claims["wait"]), (3000 + 9999, 60))
        self.assertEqual((claims["epoch"], claims["exp"] - claims["iat"]), (self.ring.epoch, 60))
        self.assertLess(order.expires_at.year, 2099, "ten minutes from now")
        self.assertNotEqual(self.collect(order)["jti"], claims["jti"])

    def test_what_is_in_counts_for_the_next_order(self):
        order = self.begin("100.00")
        self.carry(order, self.proxy.tender(order.uuid, {5000: 1, 1000: 1}))
        self.assertEqual(self.collect(order)["most"], 4000 + 9999)

    def test_the_limit_for_one_order_holds_over_all_its_notes(self):
        self.company.electricity_notes_limit = 110
        order = self.begin("100.00")
        self.assertEqual(self.collect(order)["most"], 11000)
        self.carry(order, self.proxy.tender(order.uuid, {5000: 1}))
        self.assertEqual(self.collect(order)["most"], 6000)
        self.company.electricity_notes_limit = 90
        self.assertRefused(self.counter.collect(order.uuid), "S-106")
        self.company.electricity_notes_limit = 0
        self.assertEqual(self.collect(order)["most"], 5000 + 9999)

    def test_the_notes_of_a_company_are_checked(self):
        for text in ("", "5,5", "0", "5;10", "a", "100000"):
            with self.assertRaises(ValidationError):
                self.company.electricity_note_denominations = text

    # -- statements

    def test_a_pushed_statement_pays_the_order_and_is_acknowledged(self):
        order = self.begin()
        statement = self.proxy.tender(order.uuid, {5000: 2})
        codes, ack = self.sync(statement)
        self.assertEqual(codes, [None])
        jti = tokens.peek(statement, "S-122")[1]["jti"]
        self.assertEqual(ack["tenders"], [{"session": "box-1", "seq": 1, "jti": jti}])
        self.assertEqual((order.state, order.paid_amount), ("paid", 100))
        tender = self.tenders()
        self.assertEqual((tender.note_counts, tender.statement_seq), ({"5000": 2}, 1))
        self.assertEqual(tender.notes_text, "2 × 50.00")
        self.assertFalse(tender.user_id)
        self.assertLedger()

    def test_a_terminal_that_asks_about_no_session_hears_of_none(self):
        _codes, ack = self.sync(sessions=[])
        self.assertNotIn("tenders", ack)
        _codes, ack = self.sync(sessions=["box-9", "", 7, "x" * 65, "\0", "box-9"])
        self.assertEqual(ack["tenders"], [{"session": "box-9", "seq": 0, "jti": None}])
        self.assertNotIn("tenders", self.sync(sessions="box-1")[1])

    def bring(self, order, statement, way):
        if way == "push":
            self.assertEqual(self.sync(statement)[0], [None])
        else:
            self.assertTrue(self.carry(order, statement)["ok"])

    def test_page_and_terminal_bring_one_tender_in_any_order(self):
        order = self.begin()
        for seq, ways in enumerate((("push", "page"), ("page", "push")), start=1):
            statement = self.proxy.tender(order.uuid, {1000: 1}, seq=seq)
            for way in (*ways, *ways):
                self.bring(order, statement, way)
            self.assertEqual((order.paid_amount, len(order.tender_ids)), (10 * seq, seq))
        self.assertFalse(self.tenders().user_id, "no clerk took them, whoever was faster")
        self.assertLedger()

    def test_a_clerk_on_a_statement_from_before_the_update_is_taken_off(self):
        order = self.begin()
        self.carry(order, self.proxy.tender(order.uuid, {1000: 1}))
        self.open_shift()
        self.pay(order, "90.00")
        order.tender_ids.sudo().user_id = self.clerk
        test_migrations.TestMigrations.migrate(self, "19.0.1.4.0/post-no-clerk-of-terminal-cash.py")
        users = {tender.kind: tender.user_id for tender in order.tender_ids}
        self.assertEqual(users, {"cash": self.clerk, "terminal_cash": self.env["res.users"]})

    def test_another_statement_under_the_same_name_is_not_taken(self):
        order = self.begin()
        first = self.proxy.tender(order.uuid, {5000: 1})
        jti = tokens.peek(first, "S-122")[1]["jti"]
        self.sync(first)
        other = self.proxy.tender(order.uuid, {10000: 1}, jti=jti, seq=2)
        self.assertEqual(self.sync(other)[0], ["S-102"])
        self.assertRefused(self.carry(order, other), "S-102")
        self.assertEqual(order.paid_amount, 50)

    def test_a_statement_that_is_not_genuine_is_not_stored(self):
        order = self.begin()
        good = self.proxy.tender(order.uuid, {5000: 1})
        stranger = self.proxy.tender(order.uuid, {5000: 1}, key=SigningKey.generate())
        other_terminal = self.env["electricity.terminal"].create({"name": "Other", "code": "T02"})
        foreign = FakeTerminal(other_terminal, self.database_uuid).tender(order.uuid, {5000: 1})
        for bad in (tamper(good), stranger, foreign, "x", None, 7):
            self.assertEqual(self.sync(bad)[0], ["S-122"])
        self.assertFalse(self.tenders())

    def test_money_for_an_order_that_has_ended_is_the_customers_balance(self):
        order = self.begin()
        self.counter.cancel(order.uuid, False)
        self.assertEqual(order.state, "cancelled")
        self.sync(self.proxy.tender(order.uuid, {5000: 1}))
        self.assertEqual((order.state, self.account.balance), ("cancelled", 50))
        self.assertLedger()

    def test_money_over_the_amount_is_the_customers_balance(self):
        order = self.begin("30.00")
        self.sync(self.proxy.tender(order.uuid, {10000: 1}))
        self.assertEqual((order.state, self.account.balance), ("paid", 100))
        self.assertEqual(self.account.available_cents(), 10000)

    def test_money_for_an_unknown_order_is_kept_and_somebody_is_called(self):
        statement = self.proxy.tender(str(uuid.uuid4()), {5000: 1})
        for _time in range(2):
            codes, ack = self.sync(statement)
            self.assertEqual((codes, ack["tenders"][0]["seq"]), ([None], 1))
        tender = self.tenders()
        self.assertEqual((len(tender), tender.amount, tender.is_unassigned), (1, 50, True))
        self.assertFalse(tender.electricity_account_id or tender.recharge_id)
        action = self.env["ir.actions.act_window"]._for_xml_id("electricity_prepaid.action_tender_unassigned")
        self.assertIn("is_unassigned", str(action["domain"]))
        (activity,) = self.terminal.activity_ids
        self.assertIn("A-209", activity.summary)
        self.assertIn("50", activity.summary)

    def test_a_note_that_is_looked_for_is_no_money_of_nothing_to_whoever_is_called(self):
        self.sync(self.proxy.tender(str(uuid.uuid4()), {}, uncertain=[{"denomination": 2000, "at": 1}]))
        self.assertIn("20.00", self.terminal.activity_ids.summary)

    def unassigned(self):
        self.sync(self.proxy.tender(str(uuid.uuid4()), {5000: 1}))
        return self.tenders()

    def propose(self, tender, user, account=None):
        values = {"tender_id": tender.id, "account_id": (account or self.account).id, "note": "She showed her card."}
        self.env["electricity.tender.assign"].with_user(user).create(values).action_propose()

    def test_two_persons_decide_whose_notes_without_an_account_are(self):
        tender = self.unassigned()
        with self.assertRaisesRegex(UserError, "S-121"):
            tender.with_user(self.supervisor).action_approve_account()
        self.propose(tender, self.supervisor)
        with self.assertRaisesRegex(UserError, "S-121"):
            tender.with_user(self.supervisor).action_approve_account()
        with self.assertRaisesRegex(UserError, "S-116"):
            tender.with_user(self.clerk).action_approve_account()
        self.assertFalse(self.account.balance)
        tender.with_user(self.supervisor2).action_approve_account()
        self.assertEqual((self.account.balance, tender.electricity_account_id), (50, self.account))
        self.assertEqual((tender.is_unassigned, tender.approved_by_id), (False, self.supervisor2))
        self.assertLedger()
        with self.assertRaises(UserError):
            tender.with_user(self.supervisor2).action_approve_account()
        self.assertEqual(self.account.balance, 50)

    def test_a_clerk_proposes_no_account_and_nobody_one_of_another_company(self):
        tender = self.unassigned()
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self.propose(tender, self.clerk)
        with self.assertRaisesRegex(UserError, "S-116"):
            tender.with_user(self.clerk).action_open_assign()
        company = self.env["res.company"].create({"name": "Third Power", "currency_id": self.company.currency_id.id})
        account, _card = self._make_account("700000000003", "700000000103", "700000000203", company)
        self.supervisor.company_ids += company
        with self.assertRaises(UserError):
            self.propose(tender, self.supervisor, account)
        self.assertFalse(tender.proposed_account_id)

    def test_an_order_of_another_company_gets_nothing(self):
        company = self.env["res.company"].create({"name": "Other Power", "currency_id": self.company.currency_id.id})
        terminal = self.env["electricity.terminal"].create({"name": "O", "code": "O1", "company_id": company.id})
        order = self.begin()
        proxy = FakeTerminal(terminal, self.database_uuid)
        self.assertEqual(self.sync(proxy.tender(order.uuid, {5000: 1}), proxy=proxy)[0], [None])
        self.assertFalse(order.paid_amount)
        tender = self.env["electricity.tender"].search([("terminal_id", "=", terminal.id)])
        self.assertEqual((tender.company_id, tender.is_unassigned), (company, True))

    def test_uncertain_notes_are_kept_and_are_no_money(self):
        order = self.begin()
        doubt = [{"denomination": 5000, "at": int(time.time() * 1000)}]
        self.sync(self.proxy.tender(order.uuid, {2000: 1}, uncertain=doubt))
        self.assertEqual(self.carry(order, self.proxy.tender(order.uuid, {}, uncertain=doubt, seq=2))["ok"], True)
        first, second = self.tenders()
        self.assertEqual((first.amount, first.uncertain_amount, first.uncertain_notes), (20, 50, doubt))
        self.assertEqual((second.amount, second.uncertain_amount), (0, 50))
        self.assertEqual((first.standing, second.standing), ("in", "uncertain"))
        self.assertEqual(second.uncertain_text, "50.00 (being looked for)")
        self.assertTrue(first.is_looked_for and second.is_looked_for)
        self.assertEqual((order.paid_amount, order.state), (20, "draft"))
        self.assertEqual(self.sync()[1]["tenders"][0]["seq"], 2)
        self.assertLedger()

    def test_a_hole_that_the_terminal_pushes_is_reported_and_closes_later(self):
        order = self.begin()
        one, two, three = (self.proxy.tender(order.uuid, {1000: 1}, seq=seq) for seq in (1, 2, 3))
        self.sync(one)
        codes, ack = self.sync(three)
        self.assertEqual((codes, ack["tenders"][0]["seq"]), (["A-206"], 1))
        self.assertIn("A-206", self.terminal.activity_ids.summary)
        self.assertEqual(self.sync(three)[0], [None])
        self.assertEqual(len(self.terminal.activity_ids), 1, "told once")
        self.assertEqual(self.sync(two)[1]["tenders"][0]["seq"], 3)
        self.assertEqual((order.paid_amount, self.terminal.state), (30, "active"))

    def test_a_page_may_bring_a_later_statement_first(self):
        order = self.begin()
        one, two = (self.proxy.tender(order.uuid, {1000: 1}, seq=seq) for seq in (1, 2))
        self.assertTrue(self.carry(order, two)["ok"])
        self.assertFalse(self.terminal.activity_ids)
        self.assertEqual(self.sync(one, two)[0], [None, None])
        self.assertFalse(self.terminal.activity_ids)
        self.assertEqual(order.paid_amount, 20)

    def test_two_statements_with_one_number_both_count_and_stop_the_terminal(self):
        order = self.begin()
        one, other = (self.proxy.tender(order.uuid, {1000: 1}, seq=1) for _time in range(2))
        self.sync(one)
        codes, ack = self.sync(other)
        self.assertEqual(codes, ["A-207"])
        self.assertEqual(ack["tenders"][0]["jti"], tokens.peek(one, "S-122")[1]["jti"])
        self.assertEqual((order.paid_amount, self.terminal.state), (20, "quarantined"))
        self.assertTrue(any("A-207" in summary for summary in self.terminal.activity_ids.mapped("summary")))
        # A quarantined terminal's notes are taken all the same.
        self.assertEqual(self.sync(self.proxy.tender(order.uuid, {1000: 1}, seq=2))[0], [None])
        self.assertEqual(order.paid_amount, 30)

    def test_each_cash_box_has_numbers_of_its_own(self):
        order = self.begin()
        self.sync(self.proxy.tender(order.uuid, {1000: 1}))
        self.terminal.begin_box()
        self.assertEqual(self.collect(order)["session"], "box-2")
        self.sync(self.proxy.tender(order.uuid, {1000: 1}, session="box-2"))
        heads = self.sync(sessions=["box-2", "box-1"])[1]["tenders"]
        self.assertEqual([(head["session"], head["seq"]) for head in heads], [("box-2", 1), ("box-1", 1)])
        with self.assertRaises(UserError):
            self.terminal.with_user(self.clerk).action_new_cash_box()

    def test_a_number_beyond_the_column_is_stored(self):
        order = self.begin()
        self.assertEqual(self.sync(self.proxy.tender(order.uuid, {1000: 1}, seq=2**53 - 1))[0], ["A-206"])
        self.assertEqual(order.paid_amount, 10)

    def test_a_malformed_list_is_refused_as_a_whole(self):
        headers = {"Content-Type": "application/json", "X-Odoo-Database": self.env.cr.dbname}
        for bad in ("x", {}, ["x"] * 51, 7):
            body = {"heartbeat": self.proxy.heartbeat(), "receipts": [], "tenders": bad}
            data = json.dumps(body).encode()
            response = self.url_open("/electricity/terminal/sync", data=data, headers=headers)
            self.assertEqual((response.status_code, response.json()["code"]), (400, "P-104"))
