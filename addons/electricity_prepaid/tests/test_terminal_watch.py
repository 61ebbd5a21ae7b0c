"""Watching terminals: alarm storms, devices that flap, heartbeats that race or are played back, other companies."""

import json
import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.http_routing.tests.common import MockRequest
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..core.errors import Refusal
from ..models.ir_websocket import CHANNEL
from ..models.terminal_watch import CRON, SINCE
from .common import CounterCase
from .fakes import FakeTerminal

READER = {"kind": "reader", "name": "Reader", "state": "card", "code": None, "detail": {}}
NOTES = {"kind": "notes", "name": "acceptor", "state": "closed", "code": None, "detail": {}}
JAM = {**NOTES, "state": "fault", "code": "A-102"}
PRINTER = {"kind": "printer", "name": "printer", "state": "ready", "code": None, "detail": {"paper": "enough"}}


@tagged("post_install", "-at_install", "electricity")
class TestTerminalWatch(CounterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.technician = new_test_user(cls.env, "watch_technician", "electricity_prepaid.group_technician")
        cls.terminal.with_context(tracking_disable=True).responsible_id = cls.technician

    def setUp(self):
        super().setUp()
        # As if the watch had run just now, whatever a server did with this database before.
        self.env.ref(CRON).sudo().lastcall = fields.Datetime.now()
        # Nothing is committed in a test.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: float("inf"))

    def beat(self, *told, proxy=None, **changes):
        """Let the terminal say how it is."""
        proxy = proxy or self.proxy
        beat = proxy.heartbeat(devices=list(told), **changes)
        answer = self.env["electricity.terminal"].sudo().sync(beat, [])
        self.env.flush_all()
        return answer

    def later(self, seconds):
        """Let time pass: everything that was noted is that much older."""
        self.env.flush_all()
        for table, columns in (
            ("electricity_terminal", ("last_heartbeat", "alarm_check_at", "paired_at")),
            ("electricity_terminal_device", ("since", "changed_at")),
            ("electricity_terminal_alarm", ("opened_at", "calm_since", "closed_at")),
        ):
            changes = ", ".join(f"{column} = {column} - interval '{int(seconds)} s'" for column in columns)
            self.env.cr.execute(f"UPDATE {table} SET {changes}")  # pylint: disable=sql-injection
        self.env.invalidate_all()

    def watch(self):
        self.env["electricity.terminal"]._cron_watch()
        self.env.flush_all()
        self.env.invalidate_all()

    def open_kinds(self, terminal=None):
        return sorted((terminal or self.terminal).open_alarm_ids.mapped("kind"))

    def heard(self):
        """What the bus would bring to the screens of a company since the last call."""
        rows = self.env.cr.precommit.data.get("bus.bus.values", [])
        found = [row for row in rows if CHANNEL in row["channel"]]
        rows.clear()
        return found

    def queries_of(self, work):
        self.env.cr.flush()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        work()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    # -- what is taken ----------------------------------------------------------------------------------------------

    def test_a_forged_claim_changes_nothing(self):
        self.beat(NOTES)
        for told in ([{**JAM, "kind": "N0tes "}], [JAM, JAM], [{**JAM, "more": 1}], "jam", [None]):
            with self.assertRaises(Refusal) as refused:
                self.env["electricity.terminal"].sudo().sync(self.proxy.heartbeat(devices=told), [])
            self.assertEqual(refused.exception.code, "P-104")
        self.assertEqual(self.terminal.device_ids.mapped("state"), ["ready"])

    def test_an_old_terminal_has_its_readers_and_no_alarm(self):
        answer = self.env["electricity.terminal"].sudo().sync(self.proxy.heartbeat(), [])
        self.assertTrue(answer["ack"])
        self.assertEqual(self.terminal.device_ids.mapped(lambda d: (d.kind, d.state)), [("reader", "ready")])
        self.assertFalse(self.terminal.open_alarm_ids)

    def test_a_heartbeat_that_is_played_back_does_not_undo_a_newer_one(self):
        old = self.proxy.heartbeat(devices=[NOTES], iat=int(time.time()) - 50)
        self.beat(JAM)
        self.env["electricity.terminal"].sudo().sync(old, [])
        self.assertEqual(self.terminal.device_ids.state, "fault")

    def test_a_clock_of_the_future_does_not_silence_the_terminal(self):
        self.beat(NOTES, iat=2**40)
        self.later(0)
        self.beat(JAM, iat=int(time.time()) + 1)
        self.assertEqual(self.terminal.device_ids.state, "fault")

    def test_a_device_that_is_gone_is_gone_and_its_alarm_ends(self):
        self.beat(READER, JAM)
        self.later(60)
        self.beat(READER, JAM)
        self.assertEqual(self.open_kinds(), ["notes_down"])
        self.beat(READER)
        self.later(120)
        self.beat(READER)
        self.assertEqual(self.terminal.device_ids.kind, "reader")
        self.assertFalse(self.open_kinds())

    def test_devices_of_unknown_kinds_and_one_name_are_one_row(self):
        strange = [{**READER, "kind": kind, "state": "hovering"} for kind in ("drone", "balloon")]
        self.beat(*strange)
        self.assertEqual((self.terminal.device_ids.kind, self.terminal.device_ids.state), ("other", "unknown"))

    # -- cost -------------------------------------------------------------------------------------------------------

    def test_nothing_is_asked_or_written_while_nothing_changes(self):
        def plain():
            self.env["electricity.terminal"].sudo().sync(self.proxy.heartbeat(), [])

        def told():
            self.env["electricity.terminal"].sudo().sync(self.proxy.heartbeat(devices=[READER, NOTES, PRINTER]), [])

        plain()
        without = self.queries_of(plain)
        told()
        self.later(30)
        changed_at = self.terminal.device_ids.mapped("changed_at")
        self.heard()
        self.assertLessEqual(self.queries_of(told), without)
        self.assertEqual(self.terminal.device_ids.mapped("changed_at"), changed_at)
        self.assertFalse(self.heard())

    def test_a_change_costs_a_handful_of_queries(self):
        self.beat(READER, NOTES, PRINTER)
        jam = [READER, JAM, {**PRINTER, "detail": {"paper": "low"}}]
        same = self.queries_of(lambda: self.beat(READER, NOTES, PRINTER))
        self.assertLessEqual(self.queries_of(lambda: self.beat(*jam)) - same, 10, "three of them set it apart")

    def test_a_receipt_on_paper_costs_four_queries(self):
        def printed(count):
            self.beat(READER, NOTES, {**PRINTER, "detail": {"paper": "enough", "printed": count}})

        printed(1)
        printed(2)
        same = self.queries_of(lambda: printed(2))
        self.assertLessEqual(self.queries_of(lambda: printed(3)) - same, 4, "two of them set it apart")

    def test_every_customer_puts_a_card_in_and_no_row_is_written(self):
        self.beat(READER, NOTES)
        self.later(30)
        changed_at = self.terminal.device_ids.mapped("changed_at")
        self.beat({**READER, "state": "error", "code": "C-103"}, {**NOTES, "state": "busy"})
        self.assertEqual(self.terminal.device_ids.mapped("changed_at"), changed_at)

    # -- alarms -----------------------------------------------------------------------------------------------------

    def test_a_flapping_device_makes_one_alarm_and_no_noise(self):
        messages = len(self.terminal.message_ids)
        for _round in range(6):
            self.beat(JAM)
            self.later(20)
            self.beat(JAM)
            self.watch()
            self.beat(NOTES)
            self.later(20)
        alarms = self.terminal.alarm_ids
        self.assertEqual((len(alarms), alarms.kind, alarms.closed_at), (1, "notes_down", False))
        self.assertEqual(len(self.terminal.activity_ids), 1)
        self.assertEqual(len(self.terminal.message_ids), messages)

    def test_an_alarm_storm_calls_one_person_once(self):
        storm = [
            JAM,
            {**READER, "state": "absent", "code": "P-107"},
            *({"kind": "door", "name": f"door {n}", "state": "open", "code": None, "detail": {}} for n in range(20)),
            {"kind": "ups", "name": "ups", "state": "low", "code": None, "detail": {"charge": 3}},
        ]
        self.beat(*storm)
        self.later(60)
        self.beat(*storm)
        self.assertEqual(len(self.terminal.open_alarm_ids), 23)
        self.assertEqual((self.terminal.alarm_count, self.terminal.alarm_level), (23, "3"))
        self.watch()
        self.watch()
        activity = self.terminal.activity_ids
        self.assertEqual((len(activity), activity.user_id), (1, self.technician))
        self.assertIn("Door Open", activity.summary)

    def test_the_activity_ends_by_itself_and_the_history_stays(self):
        door = {"kind": "door", "name": "door", "state": "open", "code": None, "detail": {}}
        self.beat(door)
        self.watch()
        self.assertTrue(self.terminal.activity_ids)
        self.beat({**door, "state": "closed"})
        self.later(60)
        self.watch()
        self.assertFalse(self.open_kinds())
        self.watch()
        self.assertFalse(self.terminal.activity_ids)
        alarm = self.terminal.alarm_ids
        self.assertEqual((alarm.kind, bool(alarm.closed_at), alarm.code), ("door_open", True, "T-311"))

    def test_two_heartbeats_at_once_open_one_alarm(self):
        door = {"kind": "door", "name": "door", "state": "open", "code": None, "detail": {}}
        self.beat(door)
        now = fields.Datetime.now()
        self.terminal.sudo().judge(now)
        self.terminal.sudo().judge(now)
        self.assertEqual(len(self.terminal.alarm_ids), 1)
        self.env.cr.execute(
            "SELECT 1 FROM pg_indexes WHERE tablename = 'electricity_terminal_alarm'"
            " AND indexdef LIKE 'CREATE UNIQUE INDEX%%closed_at IS NULL%%'"
        )
        self.assertEqual(self.env.cr.rowcount, 1)

    def test_odoos_own_pause_is_no_terminals_silence(self):
        self.beat(READER)
        self.later(1800)
        cron = self.env.ref(CRON).sudo()
        cron.lastcall = fields.Datetime.now() - timedelta(minutes=30)
        self.watch()
        self.assertFalse(self.open_kinds())
        cron.lastcall = fields.Datetime.now()
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param(SINCE, fields.Datetime.to_string(fields.Datetime.now() - timedelta(minutes=3)))
        self.watch()
        self.assertEqual(self.open_kinds(), ["offline"], "it is not heard after the return either")
        cron.lastcall = fields.Datetime.now() - timedelta(minutes=30)
        self.watch()
        self.assertEqual(self.open_kinds(), ["offline"], "what was silent before stays so")
        self.assertFalse(self.terminal.open_alarm_ids.calm_since)

    def test_a_storm_over_many_terminals_calls_a_person_once(self):
        model = self.env["electricity.terminal"].with_context(tracking_disable=True)
        many = model.create(
            [{"name": f"N{n}", "code": f"N{n:02}", "responsible_id": self.technician.id} for n in range(12)]
        )
        past = fields.Datetime.now() - timedelta(hours=1)
        many.sudo().write({"state": "active", "last_heartbeat": past})
        self.watch()
        self.assertEqual(set(many.mapped("alarm_level")), {"3"})
        activity = many.activity_ids
        self.assertEqual((len(activity), activity.user_id), (1, self.technician))
        first = many.filtered("activity_ids")
        first.sudo().state = "disabled"
        self.watch()
        first.open_alarm_ids.calm_since = past
        first.sudo().alarm_check_at = past
        self.watch()
        self.assertFalse(first.activity_ids)
        self.watch()
        self.assertEqual(len(many.activity_ids), 1, "the others are not forgotten")

    def test_a_silent_terminal_is_found_and_one_that_comes_back_is_cleared_soon(self):
        self.beat(READER)
        self.later(100)
        self.watch()
        self.assertFalse(self.open_kinds())
        self.later(60)
        self.watch()
        self.assertEqual(self.open_kinds(), ["offline"])
        self.assertEqual(self.terminal.fleet_state, "offline")
        self.assertTrue(self.terminal.activity_ids)
        self.watch()
        self.beat(READER)
        self.assertFalse(self.terminal.is_silent)
        self.later(60)
        self.beat(READER)
        self.assertFalse(self.open_kinds())
        self.assertEqual(self.terminal.fleet_state, "ok")
        self.assertGreaterEqual(self.terminal.alarm_ids.minutes, 2)

    def test_nobody_is_called_for_a_terminal_that_is_switched_off(self):
        self.beat(JAM)
        self.later(300)
        self.terminal.sudo().state = "disabled"
        self.watch()
        self.assertFalse(self.open_kinds())

    def test_an_alarm_ends_when_its_terminal_is_switched_off(self):
        self.beat(JAM)
        self.later(60)
        self.beat(JAM)
        self.terminal.sudo().state = "disabled"
        self.watch()
        self.later(120)
        self.watch()
        self.assertFalse(self.open_kinds())
        self.assertEqual(self.terminal.alarm_count, 0)

    def test_a_wrong_clock_is_an_alarm_until_it_is_right(self):
        self.beat(READER, wall=int(time.time() * 1000) + 600_000)
        self.assertEqual(self.open_kinds(), ["clock_wrong"])
        self.beat(READER)
        self.later(120)
        self.beat(READER)
        self.assertFalse(self.open_kinds())

    def test_one_terminal_that_cannot_be_looked_after_keeps_no_other_from_it(self):
        other = self.env["electricity.terminal"].create({"name": "Other", "code": "T77"})
        FakeTerminal(other, self.database_uuid)
        long_ago = fields.Datetime.now() - timedelta(hours=1)
        (self.terminal | other).sudo().last_heartbeat = long_ago
        broken = self.terminal
        judge = type(broken).judge

        def failing(terminal, *args):
            if terminal.id == broken.id:
                raise ValueError("broken")
            return judge(terminal, *args)

        self.patch(type(broken), "judge", failing)
        with self.assertLogs("odoo.addons.electricity_prepaid.models.terminal_watch", "ERROR"):
            self.watch()
        self.assertEqual(self.open_kinds(other), ["offline"])

    def test_money_is_taken_also_when_the_devices_cannot_be(self):
        self.terminal.sudo().takes_notes = True
        statement = self.proxy.tender("00000000-0000-4000-8000-000000000001", {1000: 1}, seq=1, session="box-1")
        beat = self.proxy.heartbeat(devices=[JAM])

        def lost(_terminal, *_args):
            # As the database refuses, in the middle of a transaction.
            self.env.cr.execute("DO $$ BEGIN RAISE serialization_failure; END $$")

        with patch.object(type(self.terminal), "judge", lost), mute_logger("odoo.sql_db"):
            answer = self.env["electricity.terminal"].sudo().sync(beat, [], notes=[statement])
        self.assertFalse(answer["tenders"][0]["code"], answer)
        self.assertEqual(self.env["electricity.tender"].search([("terminal_id", "=", self.terminal.id)]).amount, 10)
        self.assertTrue(self.terminal.last_heartbeat)
        self.assertFalse(self.terminal.device_digest, "the next heartbeat tells them again")
        self.beat(JAM)
        self.assertEqual(self.terminal.device_ids.state, "fault")

    # -- people -----------------------------------------------------------------------------------------------------

    def test_people_acknowledge_and_note_and_do_nothing_else(self):
        self.beat({"kind": "door", "name": "door", "state": "open", "code": None, "detail": {}})
        alarm = self.terminal.open_alarm_ids.with_user(self.technician)
        alarm.action_acknowledge()
        alarm.note = "The door was left open."
        self.assertEqual(alarm.acknowledged_by_id, self.technician)
        for change in ({"closed_at": fields.Datetime.now()}, {"severity": "1"}, {"acknowledged_by_id": False}):
            with self.assertRaises(AccessError):
                alarm.write(change)
        with self.assertRaises(AccessError):
            alarm.unlink()
        with self.assertRaises(UserError):
            alarm.with_user(self.clerk).action_acknowledge()
        with self.assertRaises(AccessError):
            self.terminal.with_user(self.technician).write({"alarm_level": False})

    def test_another_company_sees_none_of_it(self):
        self.beat({"kind": "door", "name": "door", "state": "open", "code": None, "detail": {}})
        company = self.env["res.company"].create({"name": "Other Power"})
        stranger = self._make_user("stranger", "group_administrator", company)
        for model in ("device", "alarm"):
            self.assertFalse(self.env[f"electricity.terminal.{model}"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.terminal.open_alarm_ids.with_user(stranger).action_acknowledge()

    def test_a_screen_hears_its_own_companies_only_and_a_clerk_none(self):
        company = self.env["res.company"].create({"name": "Other Power"})
        stranger = self._make_user("stranger", "group_technician", company)

        def hears(user):
            channels = self.env["ir.websocket"].with_user(user)._build_bus_channel_list([CHANNEL, "x"])
            self.assertNotIn(CHANNEL, channels)
            return [channel[0] for channel in channels if isinstance(channel, tuple) and channel[1] == CHANNEL]

        with MockRequest(self.env):
            self.assertEqual(hears(self.technician), [self.company])
            self.assertEqual(hears(stranger), [company])
            self.assertEqual(hears(self.clerk), [])
        self.heard()
        self.beat(JAM)
        (told,) = self.heard()
        self.assertEqual(json.loads(told["channel"])[1:], ["res.company", self.company.id, CHANNEL])

    def test_the_watch_is_called_when_somebody_has_to_be(self):
        triggers = self.env["ir.cron.trigger"].sudo()
        domain = [("cron_id", "=", self.env.ref(CRON).id)]
        before = triggers.search_count(domain)
        self.beat({"kind": "door", "name": "door", "state": "open", "code": None, "detail": {}})
        self.assertEqual(triggers.search_count(domain), before + 1)
