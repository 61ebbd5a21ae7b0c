"""What a terminal tells of single notes and of writes: taken once, only what it has signed, and for few eyes."""

import json
import uuid
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger

from ..core import tokens, trails
from ..core.keyring import SigningKey
from ..models import terminal_trail
from .common import CounterCase
from .fakes import FakeTerminal, tamper

LOGGER = "odoo.addons.electricity_prepaid.models.terminal_trail"


@tagged("post_install", "-at_install", "electricity")
class TestTerminalTrail(CounterCase, HttpCase):
    def sync(self, **more):
        """A heartbeat with what else it brings; the claims of the acknowledgement."""
        body = {"heartbeat": self.proxy.heartbeat(), "receipts": [], **more}
        headers = {"Content-Type": "application/json", "X-Odoo-Database": self.env.cr.dbname}
        self.opener.cookies.clear()
        response = self.url_open("/electricity/terminal/sync", data=json.dumps(body).encode(), headers=headers)
        self.assertEqual(response.status_code, 200, response.text)
        self.env.invalidate_all()
        return tokens.verify(
            response.json()["ack"], tokens.ACK, self.ring.active.x, self.database_uuid, self.terminal.uuid, "P-104"
        )

    def rows(self):
        return self.env["electricity.terminal.trail"].search([])

    def test_each_row_is_kept_once_and_the_acknowledgement_names_the_report(self):
        order, attempt = str(uuid.uuid4()), str(uuid.uuid4())
        note = self.proxy.note_row(recharge=order, end="returned", wish="return")
        write = self.proxy.write_row(attempt, [("check", None, "9000"), ("write", "block 1", None)])
        report = self.proxy.trail(note, write)
        _header, claims = tokens.peek(report, "P-104")
        self.assertEqual(self.sync(trail=report)["trail"], claims["jti"])
        self.assertTrue(self.sync(trail=self.proxy.trail({**note, "end": "stacked"}, write))["trail"])
        kept, told = self.rows()
        self.assertEqual(
            (kept.recharge_uuid, kept.denomination, kept.end, kept.wish), (order, 5_000, "returned", "return")
        )
        self.assertEqual((kept.done - kept.at), timedelta(seconds=1))
        self.assertEqual((told.attempt_jti, told.words), (attempt, "check 9000 · write block 1 –"))

    def test_a_terminal_from_before_hears_nothing_of_it(self):
        self.assertNotIn("trail", self.sync())
        self.assertIsNone(self.sync(trail=None)["trail"])

    def test_what_the_terminal_has_not_signed_is_no_evidence(self):
        row = self.proxy.note_row()
        record = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        other = FakeTerminal(record, self.database_uuid)
        forged = [
            self.proxy.trail(row, key=SigningKey.generate()),
            self.proxy.trail(row, iss=str(uuid.uuid4())),
            self.proxy.trail(row, aud=str(uuid.uuid4())),
            other.trail(row),
            tamper(self.proxy.trail(row)),
            self.proxy.heartbeat(),
            self.proxy.trail(*[row] * 51),
            "nonsense",
            7,
            [row],
        ]
        with mute_logger(LOGGER):
            for report in forged:
                self.assertIsNone(self.sync(trail=report)["trail"], report)
        self.assertFalse(self.rows())

    def test_what_a_newer_terminal_says_beside_it_is_left_out(self):
        rows = [
            self.proxy.note_row(weight=7),
            {"id": str(uuid.uuid4()), "kind": "door", "opened": 1},
            self.proxy.note_row(end="eaten"),
            self.proxy.note_row(at=10**20),
            self.proxy.note_row(reason="\x00"),
            self.proxy.note_row(recharge="' OR 1=1"),
            self.proxy.write_row(str(uuid.uuid4()), [("check", None, "90000")]),
            7,
            None,
        ]
        self.assertTrue(self.sync(trail=self.proxy.trail(*rows, more="x"))["trail"])
        self.assertEqual(self.rows().mapped("uuid"), [rows[0]["id"]])

    def test_who_sees_no_orders_sees_no_notes(self):
        self.sync(trail=self.proxy.trail(self.proxy.note_row()))
        self.assertEqual(len(self.rows().with_user(self.supervisor).search([])), 1)
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self.rows().with_user(self.clerk).search([])
        with mute_logger("odoo.addons.base.models.ir_model"), self.assertRaises(AccessError):
            self.rows().with_user(self.supervisor).unlink()
        company = self.env["res.company"].create({"name": "Other utility"})
        self.supervisor.write({"company_ids": [(4, company.id)], "company_id": company.id})
        self.assertFalse(self.rows().with_user(self.supervisor).with_company(company).search([]))

    def test_rows_that_came_long_ago_go_whatever_the_terminals_clock_said(self):
        dead, ahead = self.proxy.note_row(at=0, done=0), self.proxy.note_row(at=0, done=trails.LATEST)
        self.sync(trail=self.proxy.trail(dead, ahead))
        self.env["electricity.terminal.trail"]._gc_old()
        self.assertEqual(self.rows().mapped("uuid"), [dead["id"], ahead["id"]])
        for row, days in ((dead, 399), (ahead, 401)):
            self.env.cr.execute(
                "UPDATE electricity_terminal_trail SET received_at = %s WHERE uuid = %s",
                (fields.Datetime.now() - timedelta(days=days), row["id"]),
            )
        self.env["electricity.terminal.trail"]._gc_old()
        self.assertEqual(self.rows().mapped("uuid"), [dead["id"]])

    def test_the_rows_of_long_ago_are_found_without_reading_all_of_them(self):
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        query = "EXPLAIN SELECT id FROM electricity_terminal_trail WHERE received_at < %s ORDER BY received_at LIMIT 9"
        plan = "".join(line for (line,) in self.env.execute_query(SQL(query, fields.Datetime.now())))
        self.assertIn("electricity_terminal_trail_received_index", plan)
        self.assertNotIn("Sort", plan)

    def test_a_terminal_that_tells_too_much_at_once_has_to_wait_and_no_other(self):
        record = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        other = FakeTerminal(record, self.database_uuid)
        trail = self.env["electricity.terminal.trail"]
        report, late = self.proxy.trail(self.proxy.note_row(), self.proxy.note_row()), self.proxy.note_row()
        with patch.object(terminal_trail, "MOST_A_MINUTE", 2), mute_logger(LOGGER):
            self.assertTrue(self.sync(trail=report)["trail"])
            answer = self.sync(trail=self.proxy.trail(late))
            self.assertIsNone(answer["trail"])
            self.assertEqual(answer["state"], "active", "the rest of the call is answered")
            self.assertTrue(self.sync(trail=self.proxy.trail())["trail"])
            self.assertTrue(trail.take(record, other.trail(other.note_row()), self.database_uuid))
            self.env.cr.execute("UPDATE electricity_terminal_trail SET received_at = received_at - interval '1 minute'")
            self.assertTrue(self.sync(trail=self.proxy.trail(late))["trail"])
        self.assertEqual(len(self.rows()), 4)
