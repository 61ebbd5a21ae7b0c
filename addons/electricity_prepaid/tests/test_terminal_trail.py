"""What a terminal tells of single notes and of writes: taken once, only what it has signed, and for few eyes."""

import json
import uuid
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..core import tokens
from ..core.keyring import SigningKey
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

    def test_rows_of_long_ago_go(self):
        self.sync(trail=self.proxy.trail(self.proxy.note_row(), self.proxy.note_row()))
        self.env.cr.execute(
            "UPDATE electricity_terminal_trail SET done = %s WHERE id = %s",
            (fields.Datetime.now() - timedelta(days=401), self.rows()[0].id),
        )
        self.env["electricity.terminal.trail"]._gc_old()
        self.assertEqual(len(self.rows()), 1)
