"""A card that lost a try of its code: written once more on a supervisor's word, at exactly the tries that are left."""

import uuid

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CounterCase
from .fakes import FakeCard


@tagged("post_install", "-at_install", "electricity")
class TestTries(CounterCase):
    def lost(self, tries=2):
        """Return an order whose card was pulled while it compared its code."""
        order, answer = self.authorized()
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", self.card.memory, code="C-202"))
        self.card.take_out()
        self.card.tries = tries
        self.assertEqual(order.state, "unknown")
        return order

    def refused(self, order, card=None):
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot(card)), "C-114")

    def allow(self, order, reason="Pulled at the counter", user=None):
        wizard = self.env["electricity.try.wizard"].with_user(user or self.supervisor)
        wizard.create({"recharge_id": order.id, "reason": reason}).action_allow()

    def may_allow(self, order, user=None):
        order.invalidate_recordset()
        return "try" in (order.with_user(user or self.supervisor).allowed_actions or "").split()

    def tries_in(self, answer):
        return self.proxy.claims(answer["write_order"]).get("tries")

    def test_an_ordinary_order_says_nothing_of_tries(self):
        _order, answer = self.authorized()
        self.assertNotIn("tries", self.proxy.claims(answer["write_order"]))

    def test_the_order_is_finished_on_a_supervisors_word(self):
        order = self.lost()
        self.assertFalse(self.may_allow(order), "no card was refused yet")
        self.refused(order)
        self.assertEqual((order.hold_code, order.tries_seen, order.tries_card_no), ("C-114", 2, self.card.serial))
        self.assertTrue(self.may_allow(order))
        self.assertFalse(self.may_allow(order, self.clerk))
        self.assertEqual(order.with_user(self.supervisor).action_open_try()["res_model"], "electricity.try.wizard")
        self.allow(order)
        message = order.message_ids[0].body
        for part in (self.supervisor.name, self.card.serial, "2", "Pulled at the counter"):
            self.assertIn(part, message)
        self.assertFalse(self.may_allow(order))
        answer = self.authorize(order)
        self.assertEqual(self.tries_in(answer), 2)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual((order.state, order.hold_code, order.tries_allowed), ("written", False, 0))
        self.card.tries = 3
        self.assertLedger()

    def test_the_window_shows_the_card_and_its_tries(self):
        order = self.lost()
        self.refused(order)
        action = order.with_user(self.supervisor).action_open_try()
        window = self.env[action["res_model"]].with_user(self.supervisor).with_context(**action["context"])
        with Form(window) as form:
            self.assertEqual((form.recharge_id, form.card_no, form.tries), (order, self.card.serial, 2))
            form.reason = "Pulled at the counter"
        form.record.action_allow()
        self.assertEqual(order.tries_allowed, 2)

    def test_a_paid_order_whose_card_lost_a_try_before_its_first_write(self):
        self.open_shift()
        order = self.begin()
        self.pay(order)
        self.card.tries = 2
        self.refused(order)
        self.allow(order)
        self.assertEqual(self.tries_in(self.authorize(order)), 2)

    def used_up(self, outcome):
        """Check that the permission is gone after a write order, whatever became of it."""
        order = self.lost()
        self.refused(order)
        self.allow(order)
        answer = self.authorize(order)
        self.assertEqual(self.authorize(order)["write_order"], answer["write_order"], "the same order again")
        if outcome:
            self.confirm(self.proxy.receipt(answer["write_order"], outcome, self.card.memory, code="C-203"))
        else:
            self.pass_time(order)
            self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "S-112")
        self.assertFalse(self.may_allow(order))
        self.refused(order)
        self.assertTrue(self.may_allow(order), "a supervisor decides again")

    def test_a_permission_ends_with_a_write_order_that_was_not_carried_out(self):
        self.used_up("void")

    def test_a_permission_ends_with_a_write_order_whose_end_is_not_known(self):
        self.used_up("unknown")

    def test_a_permission_ends_with_a_write_order_of_which_nothing_was_heard(self):
        self.used_up(None)

    def test_a_key_that_is_away_does_not_use_the_permission_up(self):
        order = self.lost()
        self.refused(order)
        self.allow(order)
        self.terminal.sudo().write({"key_quota": 1, "key_day": self.terminal._key_today(), "key_uses": 5})
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "K-104")
        self.terminal.sudo().key_quota = 0
        self.assertEqual(self.tries_in(self.authorize(order)), 2)

    def test_another_number_of_tries_than_was_allowed_is_refused(self):
        order = self.lost(tries=2)
        self.refused(order)
        self.allow(order)
        self.card.tries = 1
        self.refused(order)
        self.assertFalse(self.may_allow(order), "never below two")

    def test_a_card_with_all_its_tries_again_needs_no_permission(self):
        order = self.lost()
        self.refused(order)
        self.allow(order)
        self.card.tries = 3
        self.assertIsNone(self.tries_in(self.authorize(order)))
        self.assertFalse(order.tries_allowed)

    def test_the_permission_is_for_the_card_that_was_refused(self):
        order = self.lost()
        self.refused(order)
        self.allow(order)
        other = FakeCard("700000000999", self.account.name, self.account.meter_id.name)
        other.tries = 2
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot(other)), "C-109")
        self.assertEqual(self.tries_in(self.authorize(order)), 2)

    def test_another_blank_card_does_not_take_the_permission(self):
        first, other = (FakeCard(f"70000000099{number}", None, None, count=None) for number in (1, 2))
        token = self.snapshot(first)
        account = self.env["electricity.account"].create(
            {"name": "700000000008", "partner_id": self.account.partner_id.id, "regime": "card"}
        )
        account.tariff_id = self.tariff
        account.install_meter(
            self.env["electricity.meter"].create({"name": "700000000108", "model_id": self.meter_model.id})
        )
        order_uuid = str(uuid.uuid4())
        answer = self.counter.begin_operation(order_uuid, self.terminal.id, token, "open", account.name, "0.00")
        self.assertTrue(answer["ok"], answer)
        order = self.order(order_uuid)
        first.tries = other.tries = 2
        self.refused(order, first)
        self.allow(order)
        for card in (other, other, first):
            self.refused(order, card)
            self.assertEqual((order.tries_card_no, order.tries_seen, order.tries_allowed), (card.serial, 2, 0))

    def test_the_last_try_is_never_allowed(self):
        order = self.lost(tries=1)
        self.refused(order)
        self.assertFalse(self.may_allow(order))
        with self.assertRaisesRegex(UserError, "S-112"):
            self.allow(order)

    def test_a_larger_chip_has_more_tries_to_allow(self):
        # The account's own meter takes these cards only.
        self.meter_model.driver = "sle4428_demo"
        self.account.card_id.sudo().driver = "sle4428_demo"
        self.card = FakeCard("700000000201", self.account.name, self.account.meter_id.name, driver="sle4428_demo")
        order = self.lost(tries=7)
        self.refused(order)
        self.allow(order)
        self.assertEqual(self.tries_in(self.authorize(order)), 7)

    def test_who_may_and_when(self):
        order = self.lost()
        with self.assertRaisesRegex(UserError, "S-112"):
            self.allow(order)
        self.refused(order)
        for user in (self.clerk, self._make_user("tries_technician", "group_technician")):
            with self.assertRaises(AccessError):
                self.allow(order, user=user)
            with self.assertRaises(AccessError):
                order.with_user(user).action_open_try()
        with self.assertRaises(UserError):
            self.allow(order, reason="  ")
        company = self.env["res.company"].create({"name": "Other Power"})
        with self.assertRaises(AccessError):
            self.allow(order, user=self._make_user("tries_stranger", "group_supervisor", company))
        self.allow(order)
        with self.assertRaisesRegex(UserError, "S-112"):
            self.allow(order)

    def test_nothing_is_allowed_while_a_write_order_is_out(self):
        order = self.lost()
        self.refused(order)
        self.allow(order)
        self.authorize(order)
        order.sudo().write({"tries_seen": 2, "tries_card_no": self.card.serial})
        with self.assertRaisesRegex(UserError, "S-112"):
            self.allow(order)

    def test_a_sale_is_never_begun_with_such_a_card(self):
        self.card.tries = 2
        quote = self.counter.quote(self.terminal.id, self.snapshot())
        self.assertEqual((quote["allowed"], quote["code"]), (False, "C-114"))
