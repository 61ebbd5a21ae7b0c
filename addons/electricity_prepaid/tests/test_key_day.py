"""Old uses of card keys: condensed into one row a terminal and day, never what is still needed."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models import key_day
from .common import CounterCase

OLD = timedelta(days=500)


@tagged("post_install", "-at_install", "electricity")
class TestKeyDay(CounterCase):
    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: float("inf"))
        self.noon = fields.Datetime.now().replace(hour=12, minute=0, second=0)

    def use(self, age=OLD, op="mac", terminal=None, **values):
        """One row of the log, some time ago."""
        terminal = terminal or self.terminal
        return self.env["electricity.key.use"]._log(op, terminal, used_at=self.noon - age, **values)

    def condense(self):
        self.env["electricity.key.day"]._cron_condense()

    def days(self, terminal=None):
        found = self.env["electricity.key.day"].search([("terminal_id", "=", (terminal or self.terminal).id)])
        return {(self.noon.date() - row.day).days: (row.uses, row.refused) for row in found}

    def test_old_uses_become_one_row_a_terminal_and_day(self):
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "U01"})
        gone = [self.use(op=op) for op in ("authenticate", "mac", "psc", "reconnect")]
        gone += [self.use(code="K-103"), self.use(op="update_key", code="K-110")]
        gone += [self.use(OLD + timedelta(days=1)), self.use(terminal=other, code="K-105")]
        kept = self.use(timedelta(days=399))
        self.condense()
        self.assertFalse(any(use.exists() for use in gone))
        self.assertTrue(kept.exists())
        self.assertEqual(self.days(), {500: (6, 2), 501: (1, 0)})
        self.assertEqual(self.days(other), {500: (1, 1)})

    def test_what_comes_later_of_a_day_is_added_to_it(self):
        for total in (1, 2):
            self.use()
            self.condense()
            self.assertEqual(self.days(), {500: (total, 0)})
        self.condense()
        self.assertEqual(self.days(), {500: (2, 0)}, "condensed twice")

    def test_chunks_condense_everything_and_count_nothing_twice(self):
        self.patch(key_day, "CHUNK", 2)
        for _ in range(5):
            self.use()
        self.condense()
        self.assertEqual((self.days(), self.env["electricity.key.use"].search_count([])), ({500: (5, 0)}, 0))

    def test_a_run_that_is_stopped_goes_on_with_the_rest(self):
        self.patch(key_day, "CHUNK", 2)
        for _ in range(5):
            self.use()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: 0)
        self.condense()
        self.assertEqual(self.days(), {500: (2, 0)})
        self.condense()
        self.assertEqual(self.days(), {500: (4, 0)})

    def test_uses_for_an_order_that_has_not_ended_stay(self):
        order = self.begin()
        for state in ("draft", "paid", "authorized", "unknown", "not_written", "dispute", "written", "cancelled"):
            with self.subTest(state=state):
                use = self.use(recharge_id=order.id)
                order.sudo().state = state
                self.condense()
                self.assertEqual(bool(use.exists()), state not in ("written", "cancelled"))

    def test_what_operators_did_and_who_got_keys_stays_for_ever(self):
        kept = [
            self.env["electricity.key.use"]._log("destroyed", used_at=self.noon - OLD, actor="root"),
            self.use(op="revocation", actor="root"),
            self.use(op="update_key"),
        ]
        self.condense()
        self.assertTrue(all(use.exists() for use in kept))
        self.assertFalse(self.days())

    def test_the_number_of_days_is_a_parameter_within_reason(self):
        set_param = self.env["ir.config_parameter"].sudo().set_param
        days_kept = self.env["electricity.key.day"].days_kept
        self.assertEqual(days_kept(), 400)
        for value, days in (("90", 90), ("36500", 36500), ("0", 30), ("29", 30)):
            set_param(key_day.KEEP_PARAMETER, value)
            self.assertEqual(days_kept(), days)
        for value in ("-5", "a year", "1e3"):
            set_param(key_day.KEEP_PARAMETER, value)
            with mute_logger("odoo.addons.electricity_prepaid.models.key_day"):
                self.assertEqual(days_kept(), 400)
        set_param(key_day.KEEP_PARAMETER, "30")
        today, younger, older = self.use(timedelta()), self.use(timedelta(days=29)), self.use(timedelta(days=31))
        self.condense()
        self.assertEqual([bool(use.exists()) for use in (today, younger, older)], [True, True, False])

    def test_the_day_is_that_of_the_company(self):
        self.company.partner_id.tz = "Pacific/Kiritimati"
        self.env["electricity.key.use"]._log("mac", self.terminal, used_at="2020-05-03 23:00:00")
        self.condense()
        self.assertEqual(str(self.env["electricity.key.day"].search([]).day), "2020-05-04")

    def test_each_company_sees_its_own_and_nobody_else_than_administrators(self):
        self.use()
        self.condense()
        row = self.env["electricity.key.day"].search([("terminal_id", "=", self.terminal.id)])
        administrator = new_test_user(self.env, "key_days", "electricity_prepaid.group_administrator")
        self.assertEqual(row.with_user(administrator).uses, 1)
        company = self.env["res.company"].create({"name": "Other Power"})
        stranger = self._make_user("key_days_stranger", "group_administrator", company)
        for user in (stranger, self.clerk, self.supervisor):
            with self.assertRaises(AccessError):
                row.with_user(user).read(["uses"])
