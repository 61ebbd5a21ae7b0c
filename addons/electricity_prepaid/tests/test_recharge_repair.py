"""Orders that did not end as planned."""

import uuid

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..core import tokens
from ..core.card_image import PurchaseBlock
from .common import CounterCase


@tagged("post_install", "-at_install", "electricity")
class TestRepair(CounterCase):
    def block(self, answer):
        _header, claims = tokens.peek(answer["write_order"], "O-101")
        return PurchaseBlock.from_claim(claims["write"])

    def unknown(self):
        """Return an order whose terminal said that it does not know, and its answer."""
        order, answer = self.authorized()
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", self.card.memory, None, code="C-205"))
        self.assertEqual(order.state, "unknown")
        return order, answer

    def run_cron(self):
        # A test must not commit; what the cron does to the rows is all that matters here.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: float("inf"))
        self.env["electricity.recharge"]._cron_mark_stale()

    def resolve(self, card=None):
        return self.counter.resolve(self.terminal.id, self.snapshot(card))

    def test_void_then_again(self):
        order, answer = self.authorized()
        self.confirm(self.proxy.receipt(answer["write_order"], "void", code="O-106"))
        self.assertEqual((order.state, self.account.held, self.account.purchase_count), ("paid", 0, 1))
        again = self.authorize(order)
        self.assertNotEqual(again["attempt"], answer["attempt"])
        self.confirm(self.proxy.write(self.card, again["write_order"]))
        self.assertEqual((order.state, order.count), ("written", 2))
        self.assertLedger()

    def test_not_written_then_written_again(self):
        order, answer = self.authorized()
        self.confirm(
            self.proxy.receipt(answer["write_order"], "not_written", self.card.memory, self.card.memory, code="C-204")
        )
        self.assertEqual(order.state, "not_written")
        self.card.take_out()
        again = self.authorize(order)
        self.assertEqual(order.attempt_ids[-1].op, "rewrite")
        self.confirm(self.proxy.write(self.card, again["write_order"]))
        self.assertEqual(order.state, "written")
        self.assertEqual(self.account.purchase_count, 2)
        self.assertLedger()

    def test_not_written_then_refunded(self):
        order, answer = self.authorized()
        self.confirm(
            self.proxy.receipt(answer["write_order"], "not_written", self.card.memory, self.card.memory, code="C-204")
        )
        for _time in range(2):
            answer = self.counter.cancel(order.uuid, True)
            self.assertEqual((answer["ok"], answer["handed_back"]), (True, "100.00"))
        self.assertEqual((order.state, self.account.balance, self.account.held), ("cancelled", 0, 0))
        self.assertEqual(self.account.purchase_count, 1)
        self.assertEqual(order.cash_session_id.cash_now, 500)
        self.assertLedger()
        self.assertRefused(self.counter.cancel(order.uuid, False), "S-112")

    def test_a_refund_gives_back_what_was_paid_not_the_balance(self):
        first = self.begin("100.00")
        self.open_shift()
        self.pay(first, "100.00")
        self.counter.cancel(first.uuid, False)
        order = self.begin("150.00")
        self.pay(order, "50.00")
        answer = self.counter.cancel(order.uuid, True)
        self.assertEqual(answer["handed_back"], "50.00")
        self.assertEqual(self.account.balance, 100)
        self.assertLedger()

    def test_a_refund_takes_no_more_than_the_drawer_holds(self):
        self.open_shift("500.00")
        order = self.begin()
        self.pay(order)
        other = self.counter.with_user(self.supervisor)
        shift = self.open_shift("40.00", counter=other)
        answer = other.cancel(order.uuid, True)
        self.assertEqual((answer["ok"], answer["handed_back"]), (True, "40.00"))
        self.assertEqual((shift.cash_now, self.account.balance), (0.0, 60.0))
        self.assertLedger()

    def test_a_refund_needs_a_shift(self):
        order = self.begin()
        shift = self.open_shift()
        self.pay(order)
        self.counter.close_shift(shift.id, {"10000": 6})
        self.assertRefused(self.counter.cancel(order.uuid, True), "S-117")
        self.assertEqual(order.state, "paid")

    def test_what_is_under_way_cannot_be_cancelled(self):
        order, _answer = self.authorized()
        for refund in (True, False):
            self.assertRefused(self.counter.cancel(order.uuid, refund), "S-114")
        self.assertEqual(order.state, "authorized")

    def test_what_is_unknown_cannot_be_cancelled_by_an_image(self):
        order, _answer = self.unknown()
        self.card.take_out()
        self.assertEqual(self.resolve()["resolution"], "rewrite")
        self.assertRefused(self.counter.cancel(order.uuid, True), "S-114")

    def test_what_is_written_cannot_be_cancelled(self):
        order = self.sold()
        self.assertRefused(self.counter.cancel(order.uuid, True), "S-112")

    def test_reading_shows_the_order_not_yet_in_the_meter(self):
        order, answer = self.unknown()
        self.card.memory = self.card.written(self.block(answer))
        self.card.take_out()
        result = self.resolve()
        self.assertEqual((result["resolution"], order.state), ("written", "written"))
        self.assertLedger()

    def test_reading_shows_the_order_in_the_meter(self):
        order, answer = self.unknown()
        self.card.memory = self.card.written(self.block(answer))
        self.card.insert_in_meter()
        self.assertEqual((self.resolve()["resolution"], order.state), ("written", "written"))
        self.assertLedger()

    def test_reading_shows_a_torn_write_and_it_is_written_again(self):
        order, answer = self.unknown()
        self.card.memory = self.card.written(self.block(answer))
        self.card.write_back(1)
        self.card.take_out()
        result = self.resolve()
        self.assertEqual(result["resolution"], "rewrite")
        again = self.authorize(order)
        self.confirm(self.proxy.write(self.card, again["write_order"]))
        self.assertEqual((order.state, self.account.purchase_count), ("written", 2))
        self.assertLedger()

    def test_reading_shows_the_card_as_before_and_it_is_written_again(self):
        order, _answer = self.unknown()
        self.card.take_out()
        result = self.resolve()
        self.assertEqual(result["resolution"], "rewrite")
        self.assertIn("rewrite", result["order"]["actions"])
        again = self.authorize(order)
        self.confirm(self.proxy.write(self.card, again["write_order"]))
        self.assertEqual(order.state, "written")
        self.assertLedger()

    def test_reading_shows_something_else_and_staff_is_called(self):
        order, _answer = self.unknown()
        self.card.write_back(7)
        self.card.take_out()
        result = self.resolve()
        self.assertEqual((result["resolution"], order.state), ("hold", "unknown"))
        self.assertTrue(order.hold_code)
        self.assertTrue(order.activity_ids)
        self.assertIn(self.card.memory.hex(), "".join(order.message_ids.mapped("body")))

    def test_a_reading_from_before_the_attempt_settles_nothing(self):
        self.open_shift()
        order = self.begin()
        self.pay(order)
        early = self.snapshot()
        answer = self.authorize(order)
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", self.card.memory, None, code="C-205"))
        self.assertRefused(self.counter.resolve(self.terminal.id, early), "N-104")
        self.assertEqual(order.state, "unknown")

    def test_a_sale_begun_with_a_reading_from_before_the_attempt_asks_for_a_new_one(self):
        early = self.snapshot()
        self.sold()
        answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, early, "100.00")
        self.assertRefused(answer, "N-104")

    def test_a_quarantined_terminal_settles_nothing(self):
        order, answer = self.authorized()
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", self.card.memory, None, code="C-205"))
        token = self.snapshot()
        self.terminal.quarantine("R-103")
        self.assertRefused(self.counter.resolve(self.terminal.id, token), "T-102")
        self.assertEqual(order.state, "unknown")

    def test_nothing_open_resolves_nothing_and_uses_nothing_up(self):
        token = self.snapshot()
        answer = self.counter.resolve(self.terminal.id, token)
        self.assertEqual((answer["order"], answer["resolution"]), (None, "none"))
        self.assertTrue(self.counter.begin(str(uuid.uuid4()), self.terminal.id, token, "100.00")["ok"])

    def test_a_write_under_way_is_not_disturbed(self):
        order, _answer = self.authorized()
        self.assertEqual(self.resolve()["resolution"], "none")
        self.assertEqual(order.state, "authorized")

    def test_the_meter_refused_a_written_order(self):
        order = self.sold()
        self.card.write_back(1)
        self.card.take_out()
        answer = self.resolve()
        self.assertEqual((answer["resolution"], answer["order"]["state"]), ("rewrite", "written"))
        self.assertIn("rewrite", answer["order"]["actions"])
        balance = self.account.balance
        again = self.authorize(order)
        self.assertEqual(order.attempt_ids[-1].op, "rewrite")
        self.confirm(self.proxy.write(self.card, again["write_order"]))
        self.assertEqual((order.state, self.account.balance, self.account.purchase_count), ("written", balance, 2))
        self.assertLedger()

    def test_what_is_in_the_meter_is_not_written_again(self):
        order = self.sold()
        self.card.insert_in_meter()
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "C-113")

    def test_an_expired_write_order_without_news_is_unknown(self):
        order, _answer = self.authorized()
        self.pass_time(order)
        answer = self.counter.authorize(order.uuid, self.snapshot())
        self.assertRefused(answer, "S-112")
        self.assertEqual(answer["order"]["state"], "unknown")
        self.assertEqual(len(order.attempt_ids), 1)

    def test_the_cron_marks_calls_and_never_voids(self):
        order, answer = self.authorized()
        empty_account, card = self._make_account("700000000002", "700000000102", "700000000202")
        empty = self.begin(card=card)
        (order | empty).sudo().write({"expires_at": "2020-01-01 00:00:00"})
        self.pass_time(order)
        self.run_cron()
        self.assertEqual((order.state, empty.state), ("unknown", "cancelled"))
        self.assertEqual(order.attempt_ids.state, "unknown")
        self.assertTrue(order.activity_ids)
        self.assertFalse(empty_account.held)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual(order.state, "written")
        self.assertFalse(order.activity_ids)
        self.assertLedger()

    def test_an_order_with_money_never_expires(self):
        self.open_shift()
        order = self.begin()
        self.pay(order, "20.00")
        order.sudo().expires_at = "2020-01-01 00:00:00"
        self.run_cron()
        self.assertEqual(order.state, "draft")

    def test_two_persons_read_the_meter(self):
        order, _answer = self.unknown()
        self._propose(order, self.supervisor, count=2, issue=1)
        self.assertEqual(order.proposed_outcome, "credited")
        with self.assertRaisesRegex(UserError, "S-121"):
            order.with_user(self.supervisor).action_approve_reading()
        self.assertEqual(order.state, "unknown")
        order.with_user(self.supervisor2).action_approve_reading()
        self.assertEqual(order.state, "written")
        self.assertLedger()

    def test_a_meter_without_the_purchase_proves_no_refund(self):
        order, _answer = self.unknown()
        self._propose(order, self.supervisor, count=1, issue=1)
        self.assertEqual(order.proposed_outcome, "not_credited")
        order.with_user(self.supervisor2).action_approve_reading()
        self.assertEqual(order.state, "unknown")
        self.assertRefused(self.counter.cancel(order.uuid, True), "S-114")

    def test_a_meter_that_took_a_newer_card_ends_the_order(self):
        order, _answer = self.unknown()
        self._propose(order, self.supervisor, count=1, issue=2)
        order.with_user(self.supervisor2).action_approve_reading()
        self.assertEqual((order.state, self.account.balance, self.account.held), ("cancelled", 100, 0))
        self.assertLedger()

    def test_an_approval_judges_by_the_cards_of_that_moment(self):
        order, _answer = self.unknown()
        self._propose(order, self.supervisor, count=1, issue=2)
        self.assertEqual(order.proposed_outcome, "fenced")
        order.card_id.sudo().issue = 2
        order.with_user(self.supervisor2).action_approve_reading()
        self.assertEqual((order.proposed_outcome, order.state), ("not_credited", "unknown"))

    def test_an_order_under_way_again_is_not_ended_by_an_older_proposal(self):
        order, _answer = self.unknown()
        self._propose(order, self.supervisor, count=1, issue=2)
        self.authorize(order)
        self.assertEqual(order.state, "authorized")
        with self.assertRaisesRegex(UserError, "S-112"):
            order.with_user(self.supervisor2).action_approve_reading()
        self.assertEqual(order.state, "authorized")

    def test_a_clerk_neither_proposes_nor_approves(self):
        order, _answer = self.unknown()
        with self.assertRaises(AccessError):
            order.with_user(self.clerk).action_propose_reading()
        self._propose(order, self.supervisor, count=2, issue=1)
        with self.assertRaises(AccessError):
            order.with_user(self.clerk).action_approve_reading()
        self.assertEqual(order.state, "unknown")

    def _propose(self, order, user, count, issue):
        self.env["electricity.reading.wizard"].with_user(user).create(
            {
                "recharge_id": order.id,
                "meter_reading_count": count,
                "meter_reading_issue": issue,
                "note": "Read by A. B., photograph 17",
            }
        ).action_propose()

    def test_the_work_list_shows_what_each_person_may_do(self):
        order, _answer = self.unknown()
        self.assertEqual(order.with_user(self.clerk).allowed_actions, "rewrite")
        self.assertIn("propose", order.with_user(self.supervisor).allowed_actions)
        self._propose(order, self.supervisor, count=2, issue=1)
        self.assertIn("approve", order.with_user(self.supervisor2).allowed_actions)
        self.assertNotIn("approve", order.with_user(self.supervisor).allowed_actions)

    def test_buttons_say_why_not(self):
        order, _answer = self.authorized()
        with self.assertRaisesRegex(UserError, "S-114"):
            order.with_user(self.clerk).action_cancel_refund()

    def test_a_shift_is_counted(self):
        shift = self.open_shift("500.00")
        order = self.begin()
        self.pay(order, "150.00")
        self.assertRefused(self.counter.close_shift(shift.id, {"10000": -1}), "S-104")
        answer = self.counter.close_shift(shift.id, {"10000": 5, "5000": 1})
        self.assertEqual((answer["expected"], answer["counted"], answer["difference"]), ("600.00", "550.00", "-50.00"))
        self.assertEqual(self.counter.close_shift(shift.id, {"10000": 5, "5000": 1})["counted"], "550.00")
        self.assertRefused(self.counter.close_shift(shift.id, {"10000": 6}), "S-102")
        self.assertEqual((shift.state, shift.difference), ("closed", -50))

    def test_a_shift_belongs_to_its_clerk(self):
        shift = self.open_shift()
        self.assertEqual(self.open_shift().id, shift.id)
        self.assertRefused(self.counter.open_shift(self.terminal.id, "1.00"), "S-102")
        other = self._make_user("clerk2", "group_clerk")
        self.assertRefused(self.counter.with_user(other).close_shift(shift.id, {}), "S-116")
        self.assertTrue(self.counter.with_user(self.supervisor).close_shift(shift.id, {"10000": 5})["ok"])
        self.assertRefused(self.counter.close_shift(0, {}), "S-117")
