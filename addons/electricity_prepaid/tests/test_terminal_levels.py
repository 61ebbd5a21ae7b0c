"""Cash box and paper roll: what is in them, when they end, and what a terminal did on a day."""

import time
import uuid
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from . import test_migrations
from .common import CounterCase
from .day_case import DayCase
from .fakes import FakeTerminal

CLOSED = {"kind": "notes", "name": "acceptor", "state": "closed", "code": None, "detail": {}}
PRINTER = {"kind": "printer", "name": "printer", "state": "ready", "code": None, "detail": {"paper": "enough"}}


@tagged("post_install", "-at_install", "electricity")
class TestTerminalLevels(CounterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.technician = new_test_user(cls.env, "levels_technician", "electricity_prepaid.group_technician")
        cls.terminal.write({"takes_notes": True, "box_capacity": 20})

    def setUp(self):
        super().setUp()
        # Nothing is committed in a test.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: float("inf"))

    def notes(self, counts, seq=1, session="box-1", ago=None):
        """Let the terminal state notes: {yuan: pieces}."""
        token = self.proxy.tender(
            "00000000-0000-4000-8000-000000000001",
            {value * 100: count for value, count in counts.items()},
            seq=seq,
            session=session,
        )
        (result,) = self.env["electricity.recharge"].sudo()._take_tenders([token], self.terminal)
        self.assertFalse(result["code"], result)
        tender = self.env["electricity.tender"].search([], order="id desc", limit=1)
        if ago:
            tender.sudo().occurred_at = fields.Datetime.now() - ago
        return tender

    def beat(self, *told):
        self.env["electricity.terminal"].sudo().sync(self.proxy.heartbeat(devices=list(told)), [])

    def count(self):
        self.env["electricity.terminal"]._cron_levels()
        self.env["electricity.terminal"]._cron_watch()
        self.env.flush_all()
        self.env.invalidate_all()

    def kinds(self):
        return sorted(self.terminal.open_alarm_ids.mapped("kind"))

    def calm(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE electricity_terminal_alarm SET calm_since = calm_since - interval '10 min'")
        self.env.invalidate_all()
        self.terminal.sudo().alarm_check_at = fields.Datetime.now()

    # -- the box ----------------------------------------------------------------------------------------------------

    def test_what_is_in_the_box_is_what_its_session_states(self):
        self.notes({100: 2, 5: 1})
        self.notes({100: 1}, seq=2)
        self.count()
        shown = self.terminal.with_user(self.supervisor)
        self.assertEqual(
            [(note["denomination"], note["count"], note["amount"]) for note in shown.box_notes],
            [("100.00", 3, "300.00"), ("5.00", 1, "5.00")],
        )
        self.assertEqual((shown.box_pieces, shown.box_percent, shown.box_amount), (4, 20, 305.0))
        self.terminal.sudo().box_number += 1
        self.count()
        self.assertFalse(self.terminal.box_pieces or self.terminal.with_user(self.supervisor).box_notes)

    def test_a_technician_sees_how_full_it_is_and_not_the_money(self):
        self.notes({100: 2})
        self.count()
        shown = self.terminal.with_user(self.technician)
        self.assertEqual(shown.box_percent, 10)
        for name in ("box_notes", "box_amount"):
            with self.assertRaises(AccessError):
                shown.read([name])

    def test_a_box_that_fills_up_calls_in_time_and_an_empty_one_is_quiet(self):
        self.beat(CLOSED)
        self.notes({10: 17})
        self.count()
        self.assertEqual(self.kinds(), ["cash_near_full"])
        self.notes({10: 3}, seq=2)
        self.count()
        self.assertEqual(self.kinds(), ["cash_full", "cash_near_full"])
        self.calm()
        self.count()
        self.assertEqual(self.kinds(), ["cash_full"])
        self.terminal.sudo().box_number += 1
        self.count()
        self.calm()
        self.count()
        self.assertEqual(self.kinds(), [])

    def test_what_the_acceptor_says_of_its_box_is_not_said_twice(self):
        self.notes({10: 20})
        self.beat({**CLOSED, "state": "fault", "code": "A-104"})
        self.count()
        self.assertEqual(
            self.terminal.open_alarm_ids.mapped(lambda a: (a.kind, a.device_name)), [("cash_full", "acceptor")]
        )

    def test_the_forecast_goes_by_the_last_two_weeks(self):
        self.notes({10: 14}, session="box-0", ago=timedelta(days=13, hours=23))
        self.notes({10: 6})
        self.count()
        # 20 pieces in two weeks, 14 are left: well within the week after.
        left = self.terminal.box_full_at - fields.Datetime.now()
        self.assertTrue(timedelta(days=6) < left <= timedelta(days=14), left)

    def test_an_unknown_capacity_gives_no_forecast_and_no_alarm(self):
        self.terminal.box_capacity = 0
        self.notes({10: 500})
        self.count()
        self.assertFalse(self.terminal.box_full_at)
        self.assertEqual(self.kinds(), [])

    def test_nothing_is_written_while_nothing_changes(self):
        self.notes({10: 5})
        self.count()
        before = self.terminal.write_date
        self.env.cr.execute("SELECT xmin FROM electricity_terminal WHERE id = %s", [self.terminal.id])
        version = self.env.cr.fetchone()
        self.count()
        self.env.cr.execute("SELECT xmin FROM electricity_terminal WHERE id = %s", [self.terminal.id])
        self.assertEqual((self.env.cr.fetchone(), self.terminal.write_date), (version, before))

    # -- the roll ---------------------------------------------------------------------------------------------------

    def test_receipts_are_counted_since_the_roll_was_changed(self):
        self.terminal.roll_receipts = 10
        self.sold()
        self.terminal.with_user(self.technician).action_roll_changed()
        self.terminal.sudo().roll_changed_at -= timedelta(seconds=1)
        self.card.insert_in_meter()
        self.sold("50.00")
        self.count()
        self.assertGreaterEqual(self.terminal.roll_used, 1)
        self.assertEqual(self.terminal.roll_percent, (10 - self.terminal.roll_used) * 10)
        self.assertTrue(self.terminal.roll_out_at)

    def test_low_paper_by_count_is_an_alarm_unless_the_printer_itself_knows(self):
        self.terminal.write({"roll_receipts": 1})
        self.terminal.sudo().roll_changed_at = fields.Datetime.now() - timedelta(minutes=1)
        self.sold()
        self.count()
        self.assertEqual(self.kinds(), ["paper_low"])
        self.beat(PRINTER)
        self.calm()
        self.count()
        self.assertEqual(self.kinds(), [])

    def told(self, printed, **changes):
        """Let the terminal tell how many receipts it has printed so far."""
        printer = {**PRINTER, "detail": {"paper": "enough", "printed": printed}}
        self.env["electricity.terminal"].sudo().sync(self.proxy.heartbeat(devices=[printer], **changes), [])

    def used(self):
        self.count()
        return self.terminal.roll_used

    def test_what_the_terminal_printed_counts_and_not_what_was_sold(self):
        self.terminal.roll_receipts = 100
        self.terminal.sudo().roll_changed_at = fields.Datetime.now() - timedelta(minutes=1)
        self.told(40)
        self.assertEqual(self.used(), 0, "what it printed before is not known to be on this roll")
        self.sold()
        self.assertEqual(self.used(), 0)
        self.told(47)
        self.told(47)
        self.assertEqual((self.used(), self.terminal.roll_percent), (7, 93))
        self.terminal.sudo().forecast_at = False
        self.count()
        self.assertTrue(self.terminal.roll_out_at)

    def test_purchases_before_the_terminal_told_its_count_stay_counted(self):
        self.terminal.roll_receipts = 100
        self.terminal.sudo().roll_changed_at = fields.Datetime.now() - timedelta(hours=2)
        self.sold().sudo().occurred_at = fields.Datetime.now() - timedelta(hours=1)
        self.assertEqual(self.used(), 1)
        self.told(0)
        self.told(2)
        self.assertEqual(self.used(), 3)

    def test_a_heartbeat_that_is_played_back_counts_no_paper_again_and_a_new_journal_begins_anew(self):
        self.terminal.roll_receipts = 100
        self.terminal.sudo().roll_changed_at = fields.Datetime.now() - timedelta(minutes=1)
        now = int(time.time())
        self.told(10, iat=now - 60)
        self.told(15, iat=now - 40)
        self.told(12, iat=now - 50)
        self.assertEqual(self.used(), 5)
        self.told(2, iat=now - 30)
        self.assertEqual(self.used(), 7)

    def test_a_new_roll_counts_from_nothing(self):
        self.terminal.roll_receipts = 100
        self.told(10)
        self.told(15)
        self.env.flush_all()
        # One second later, at least.
        for column, table in (("at", "electricity_terminal_print"), ("paper_told_at", "electricity_terminal")):
            self.env.cr.execute(
                SQL("UPDATE %s SET %s = %s - interval '10 s'", *map(SQL.identifier, (table, column, column)))
            )
        self.env.invalidate_all()
        self.terminal.with_user(self.technician).action_roll_changed()
        self.assertEqual(self.used(), 0)
        self.told(16)
        self.assertEqual(self.used(), 1)

    def test_nonsense_about_paper_is_no_count(self):
        for nonsense in ("many", 2**40):
            self.told(nonsense)
        self.assertFalse(self.terminal.sudo().paper_told_at)

    def test_clerks_change_no_roll(self):
        with self.assertRaisesRegex(Exception, "may not do this"):
            self.terminal.with_user(self.clerk).action_roll_changed()

    # -- days -------------------------------------------------------------------------------------------------------

    def day(self, terminal=None):
        self.env["electricity.terminal.day"]._count(self.company, 2)
        rows = self.env["electricity.terminal.day"].search([("terminal_id", "=", (terminal or self.terminal).id)])
        return rows.sorted("day")[-1:]

    def test_a_day_counts_what_was_sold_and_taken(self):
        self.beat()
        self.sold("100.00")
        self.notes({100: 2, 5: 3, 2: 1})
        row = self.day()
        self.assertEqual((row.purchases, row.writes, row.failures), (1, 1, 0))
        self.assertEqual((row.amount_clerk, row.amount_notes, row.amount_total), (100.0, 217.0, 317.0))
        self.assertEqual((row.notes_100, row.notes_5, row.notes_10, row.notes_other), (2, 3, 0, 1))
        self.assertGreater(row.energy, 100)
        self.assertGreaterEqual(row.cards, 1)
        self.assertEqual(row.uptime, 100.0)
        self.assertLess(fields.Datetime.now() - row.counted_at, timedelta(minutes=5))
        self.assertEqual(self.day(), row)

    def other_terminal(self, **values):
        """Make another terminal that signs, which was paired and heard of unless told otherwise."""
        code = str(uuid.uuid4())[:8]
        other = FakeTerminal(self.env["electricity.terminal"].create({"name": "U", "code": code}), self.database_uuid)
        now = fields.Datetime.now()
        other.record.sudo().write({"paired_at": now - timedelta(hours=1), "last_heartbeat": now, **values})
        return other

    def test_a_sale_is_counted_where_its_card_was_written(self):
        other = self.other_terminal()
        order = self.begin()
        self.open_shift()
        self.pay(order)
        self.confirm(self.proxy.receipt(self.authorize(order)["write_order"], "void"))
        answer = self.authorize(order, snapshot=other.snapshot(self.card, self.nonce(other.record)))
        self.confirm(other.write(self.card, answer["write_order"]))
        self.assertEqual((order.state, order.terminal_id), ("written", self.terminal))
        here, there = self.day(), self.day(other.record)
        self.assertEqual((here.purchases, here.writes, here.energy, here.failures), (0, 0, 0, 1))
        self.assertEqual((there.purchases, there.writes), (1, 1))
        self.assertGreater(there.energy, 100)
        self.assertEqual((here.amount_total, there.amount_total), (100, 0), "the money is where it was taken")

    def test_a_terminal_that_never_worked_has_no_days(self):
        for values in ({"state": "disabled"}, {"paired_at": False, "last_heartbeat": False}):
            with self.subTest(values):
                other = self.other_terminal(**values).record
                self.assertFalse(self.day(other))

    def test_a_terminal_that_is_stopped_keeps_what_was_counted_until_then(self):
        other = self.other_terminal().record
        silence = {
            "terminal_id": other.id,
            "company_id": self.company.id,
            "kind": "offline",
            "severity": "3",
            "code": "T-301",
            "device_name": "",
            "opened_at": other.paired_at,
        }
        alarm = self.env["electricity.terminal.alarm"].sudo().create(silence)
        self.assertEqual((self.day(other).uptime, self.day(other).is_watched), (0.0, True))
        other.state = "disabled"
        alarm.closed_at = other.paired_at
        row = self.day(other)
        self.assertEqual((row.uptime, row.is_watched), (0.0, True))
        self.assertEqual(row.offline_minutes, self.day(other).offline_minutes)

    def test_a_terminal_that_is_used_again_was_not_in_use_the_day_before(self):
        now = fields.Datetime.now()
        other = self.other_terminal(state="disabled", paired_at=now - timedelta(days=3)).record
        days = self.env["electricity.terminal.day"]
        yesterday = self.day(self.other_terminal().record).day - timedelta(days=1)
        bare = {"company_id": self.company.id, "currency_id": self.company.currency_id.id, "day": yesterday}
        for known in ((), (False,), (True,)):
            with self.subTest(known), self.cr.savepoint() as savepoint:
                for is_watched in known:
                    days.create({**bare, "terminal_id": other.id, "is_watched": is_watched})
                other.state = "active"
                self.assertTrue(self.day(other).is_watched)
                row = days.search([("terminal_id", "=", other.id), ("day", "=", yesterday)])
                self.assertEqual(tuple(row.mapped("is_watched")), known)
                self.assertEqual(row.mapped("uptime"), [100.0 * is_watched for is_watched in known])
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_a_stopped_terminal_still_brings_counts_without_an_uptime(self):
        self.notes({100: 2})
        self.terminal.sudo().write({"state": "disabled", "last_heartbeat": fields.Datetime.now()})
        row = self.day()
        self.assertEqual((row.amount_notes, row.is_watched), (200, False))
        self.assertFalse(row.search([("id", "=", row.id), ("uptime", "<", 95), ("is_watched", "=", True)]))
        self.env.cr.execute("SELECT uptime FROM electricity_terminal_day WHERE id = %s", [row.id])
        self.assertEqual(self.env.cr.fetchone(), (None,), "an average leaves it out")

    def test_days_of_terminals_that_never_worked_are_removed_by_the_update(self):
        never = self.other_terminal(paired_at=False, last_heartbeat=False).record
        idle, busy = (self.other_terminal(state="disabled").record for _each in range(2))
        self.beat()
        terminals = self.terminal + never + idle + busy
        days = self.env["electricity.terminal.day"].search([("terminal_id", "in", terminals.ids)])
        days.unlink()
        days.create(
            [
                {
                    "terminal_id": terminal.id,
                    "company_id": self.company.id,
                    "currency_id": self.company.currency_id.id,
                    "day": "2026-01-01",
                    "uptime": 100,
                    "cards": int(terminal == busy),
                }
                for terminal in terminals
            ]
        )
        self.env.flush_all()
        self.env.cr.execute("UPDATE electricity_terminal_day SET is_watched = NULL")
        test_migrations.TestMigrations.migrate(self, "19.0.1.4.0/post-uptime-in-use.py")
        rows = days.search([("terminal_id", "in", terminals.ids)], order="terminal_id")
        told = {row.terminal_id: (row.is_watched, row.uptime) for row in rows}
        self.assertEqual(told, {self.terminal: (True, 100), busy: (True, 100), idle: (False, 0)})

    def test_time_without_a_word_is_no_uptime(self):
        now = fields.Datetime.now()
        self.terminal.sudo().paired_at = now - timedelta(days=3)
        self.env["electricity.terminal.alarm"].sudo().create(
            {
                "terminal_id": self.terminal.id,
                "company_id": self.company.id,
                "kind": "offline",
                "severity": "3",
                "code": "T-301",
                "device_name": "",
                "opened_at": now - timedelta(days=3),
                "closed_at": now,
            }
        )
        self.assertEqual(self.day().uptime, 0.0)

    def test_a_try_that_failed_is_found_by_its_code(self):
        _order, answer = self.authorized()
        self.confirm(self.proxy.receipt(answer["write_order"], "void", code="C-203"))
        failure = (
            self.env["electricity.terminal.failure"]
            .with_user(self.technician)
            .search([("terminal_id", "=", self.terminal.id)])
        )
        self.assertEqual(failure.code, "C-203")
        self.assertTrue(failure.code_message)
        self.assertEqual(self.day().failures, 1)

    def test_another_companys_figures_are_not_shown(self):
        self.sold()
        self.day()
        company = self.env["res.company"].create({"name": "Other Power"})
        stranger = self._make_user("stranger", "group_administrator", company)
        self.assertFalse(self.env["electricity.terminal.day"].with_user(stranger).search([]))
        self.assertFalse(self.env["electricity.terminal.failure"].with_user(stranger).search([]))

    # -- versions ---------------------------------------------------------------------------------------------------

    def test_an_older_version_than_another_terminals_is_behind(self):
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        other.sudo().write({"state": "active", "version": "0.10.0"})
        self.terminal.sudo().version = "0.9.0"
        self.assertTrue(self.terminal.is_behind)
        self.assertFalse(other.is_behind)
        found = self.env["electricity.terminal"].search([("is_behind", "=", True)])
        self.assertIn(self.terminal, found)
        self.assertNotIn(other, found)
        self.assertIn(other, self.env["electricity.terminal"].search([("is_behind", "=", False)]))


@tagged("post_install", "-at_install", "electricity")
class TestDaysOfArrears(DayCase):
    def test_arrears_are_no_purchase(self):
        self.env["electricity.terminal.day"]._count(self.company, 1)
        row = self.env["electricity.terminal.day"].search([("terminal_id", "=", self.terminal.id)])
        self.assertEqual((row.arrears, row.purchases, row.amount_clerk), (1, 0, 121.5))
