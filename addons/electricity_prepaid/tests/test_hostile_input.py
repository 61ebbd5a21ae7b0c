"""What a caller sends is odd, late, or meets somebody else's work."""

import json
import uuid

from odoo.tests import HttpCase, tagged

from ..core import tokens
from .common import CounterCase


@tagged("post_install", "-at_install")
class TestHostileInput(HttpCase, CounterCase):
    def row_version(self, shift):
        self.env.cr.execute("SELECT ctid FROM electricity_cash_session WHERE id = %s", [shift.id])
        return self.env.cr.fetchone()[0]

    def post(self, path, body):
        return self.url_open(path, data=json.dumps(body), headers={"Content-Type": "application/json"})

    def unsigned(self, issuer):
        return ".".join(tokens.b64u(json.dumps(part).encode()) for part in ({"alg": "none"}, {"iss": issuer}, {}))

    def test_a_count_that_is_no_count_is_refused(self):
        shift = self.open_shift()
        for counted in ([1], "abc", 5, {"²": 1}, {"1" * 5000: 1}, {"-100": 1}, {"100": "1"}):
            with self.subTest(counted=counted):
                self.assertRefused(self.counter.close_shift(shift.id, counted), "S-104")
        self.assertEqual(shift.state, "open")

    def test_odd_identifiers_name_no_order(self):
        for odd in ("\x00", "\ud800", "", None, [], {}, 2**80, "x" * 10000):
            with self.subTest(odd=odd):
                self.assertRefused(self.counter.status(odd), "S-115")

    def test_money_in_and_out_changes_the_row_of_the_shift(self):
        # A count whose transaction began before must fail, and only a change of the row makes it fail.
        shift = self.open_shift()
        order = self.begin()
        before = self.row_version(shift)
        self.pay(order)
        paid = self.row_version(shift)
        self.assertNotEqual(paid, before)
        self.assertTrue(self.counter.cancel(order.uuid, True)["ok"])
        self.assertNotEqual(self.row_version(shift), paid)

    def test_the_cron_leaves_an_order_that_was_paid_or_ended_meanwhile(self):
        self.open_shift()
        paid = self.begin()
        self.pay(paid)
        paid.sudo().expires_at = "2020-01-01 00:00:00"
        paid._mark_stale()
        self.assertEqual(paid.state, "paid")
        self.counter.cancel(paid.uuid, True)
        paid._mark_stale()
        self.assertEqual((paid.state, paid.cancel_reason), ("cancelled", "refund"))

    def test_unsigned_messages_get_a_code(self):
        for issuer in ("\x00", "\ud800", {"a": 1}, [1], None, 5, str(uuid.uuid4())):
            with self.subTest(issuer=issuer):
                answer = self.post("/electricity/terminal/sync", {"heartbeat": self.unsigned(issuer), "receipts": []})
                self.assertEqual((answer.status_code, answer.json()["code"]), (403, "T-101"))
                self.assertEqual(self.confirm(self.unsigned(issuer))["results"][0]["code"], "R-101")
        body = dict.fromkeys(("handle", "ed25519", "x25519", "host", "version", "mac"), "\x00")
        answer = self.post("/electricity/terminal/pair", body)
        self.assertEqual((answer.status_code, answer.json()["code"]), (400, "P-104"))

    def test_a_terminal_in_another_century_still_hears_the_time(self):
        beat = self.proxy.heartbeat(wall=9_000_000_000_000_000, epoch=2**50)
        answer = self.post("/electricity/terminal/sync", {"heartbeat": beat, "receipts": []})
        self.assertEqual(answer.status_code, 200, answer.text)
        self.assertIn("ack", answer.json())

    def test_the_sealed_code_of_the_card_is_forgotten_with_the_receipt(self):
        order, answer = self.authorized()
        self.assertTrue(order.attempt_ids.sealed_token)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertFalse(order.attempt_ids.sealed_token)
