"""Pairing a terminal and taking what it pushes, over HTTP as it does."""

import json
import time
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..core import pairing, receipts, tokens
from ..core.keyring import SigningKey
from .common import CounterCase
from .fakes import FakeTerminal, keyring_x25519, tamper


@tagged("post_install", "-at_install", "electricity")
class TestTerminal(CounterCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].sudo().set_param("web.base.url", "https://power.example:8443/odoo")

    def post(self, call, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "X-Odoo-Database": self.env.cr.dbname}
        self.opener.cookies.clear()
        response = self.url_open(f"/electricity/terminal/{call}", data=data, headers=headers)
        return response.status_code, response.json()

    def new_terminal(self):
        terminal = self.env["electricity.terminal"].create({"name": "New", "code": "N01"})
        return terminal, pairing.parse_code(terminal.sudo().new_pairing_code())

    def request(self, code, key=None, x25519=None, **changes):
        key = key or SigningKey.generate()
        x25519 = x25519 or keyring_x25519()
        secret = pairing.derive_key(code)
        return {
            "handle": code.handle,
            "ed25519": key.x,
            "x25519": x25519,
            "host": "counter-pc",
            "version": "0.1.0",
            "mac": pairing.request_mac(secret, code.handle, key.x, x25519),
            **changes,
        }

    def test_pairing_once(self):
        terminal, code = self.new_terminal()
        request = self.request(code)
        status, answer = self.post("pair", request)
        self.assertEqual(status, 200, answer)
        self.assertEqual((answer["terminal"], answer["kid"]), (terminal.uuid, self.ring.active.kid))
        self.assertEqual(answer["origins"], ["https://power.example:8443"])
        expected = pairing.answer_mac(
            pairing.derive_key(code),
            answer["terminal"],
            answer["iss"],
            answer["kid"],
            answer["key"],
            answer["epoch"],
            answer["origins"],
        )
        self.assertEqual(answer["mac"], expected)
        self.assertEqual((terminal.state, terminal.sudo().ed25519), ("active", request["ed25519"]))
        note = terminal.message_ids.filtered(lambda message: "Paired with" in message.body)
        self.assertEqual(note.author_id, self.env.ref("base.partner_root"))
        self.assertEqual(self.post("pair", request), (200, answer))
        status, answer = self.post("pair", self.request(code))
        self.assertEqual((status, answer["code"]), (403, "T-108"))
        self.assertEqual(terminal.sudo().ed25519, request["ed25519"])

    def test_a_wrong_secret_counts_and_five_are_enough(self):
        terminal, code = self.new_terminal()
        wrong = pairing.PairingCode(code.handle, "000000000000")
        for _try in range(5):
            self.assertEqual(self.post("pair", self.request(wrong))[1]["code"], "T-108")
        self.assertEqual(self.post("pair", self.request(code))[1]["code"], "T-108")
        self.assertFalse(terminal.sudo().ed25519)

    def test_an_old_or_unknown_code(self):
        terminal, code = self.new_terminal()
        terminal.sudo().pairing_expires_at = fields.Datetime.now() - timedelta(seconds=1)
        self.assertEqual(self.post("pair", self.request(code))[1]["code"], "T-109")
        self.assertEqual(self.post("pair", self.request(pairing.new_code()))[1]["code"], "T-108")

    def test_keys_swapped_on_the_way(self):
        terminal, code = self.new_terminal()
        request = self.request(code, ed25519=SigningKey.generate().x)
        self.assertEqual(self.post("pair", request)[1]["code"], "T-108")
        self.assertFalse(terminal.sudo().ed25519)

    def test_bodies_that_are_none(self):
        for body in (b" ", b"[]", b"{", b'"x"', b'{"handle": 1}'):
            with self.subTest(body=body):
                status, answer = self.post("pair", body)
                self.assertEqual((status, answer["code"]), (400, "P-104"))

    @mute_logger("odoo.http")
    def test_a_body_too_large(self):
        headers = {"Content-Type": "application/json", "X-Odoo-Database": self.env.cr.dbname}
        response = self.url_open("/electricity/terminal/pair", data=b"x" * 5000, headers=headers)
        self.assertGreaterEqual(response.status_code, 400)

    def test_receipts_pushed_by_the_terminal(self):
        order, answer = self.authorized()
        token = self.proxy.write(self.card, answer["write_order"])
        status, answer = self.post("sync", {"heartbeat": self.proxy.heartbeat(), "receipts": [token]})
        self.assertEqual(status, 200, answer)
        self.assertEqual([row["code"] for row in answer["results"]], [None])
        ack = tokens.verify(answer["ack"], tokens.ACK, self.ring.active.x, self.database_uuid, self.terminal.uuid, "X")
        self.assertEqual((ack["ack"], ack["head"], ack["state"]), (1, tokens.token_hash(token), "active"))
        self.assertEqual(ack["origins"], ["https://power.example:8443"])
        self.env.invalidate_all()
        self.assertEqual(order.state, "written")
        self.assertTrue(self.terminal.is_online)
        self.assertEqual(self.terminal.reader_text, "Virtual PCD 00 00: card in it")
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(["electricity_prepaid"], ["zh_CN"])
        self.assertEqual(self.terminal.with_context(lang="zh_CN").reader_text, "Virtual PCD 00 00: 有卡")
        self.assertLedger()
        status, again = self.post("sync", {"heartbeat": self.proxy.heartbeat(), "receipts": [token]})
        self.assertEqual([row["code"] for row in again["results"]], [None])

    def test_a_hole_is_not_acknowledged_and_quarantines(self):
        order, answer = self.authorized()
        self.proxy.seq = 1
        token = self.proxy.write(self.card, answer["write_order"])
        _status, answer = self.post("sync", {"heartbeat": self.proxy.heartbeat(), "receipts": [token]})
        self.assertEqual([row["code"] for row in answer["results"]], ["R-102"])
        _header, ack = tokens.peek(answer["ack"], "X")
        self.assertEqual((ack["ack"], ack["head"]), (0, receipts.first_prev(self.terminal.uuid)))
        self.assertEqual(ack["state"], "quarantined")
        self.env.invalidate_all()
        self.assertEqual(order.state, "authorized")

    def _beat(self, **changes):
        """Send a heartbeat; the terminal's state afterwards, as the acknowledgement tells it."""
        _status, answer = self.post("sync", {"heartbeat": self.proxy.heartbeat(**changes), "receipts": []})
        self.env.invalidate_all()
        return tokens.peek(answer["ack"], "X")[1]["state"]

    def _sold(self):
        """Sell once; the receipt is stored."""
        _order, answer = self.authorized()
        token = self.proxy.write(self.card, answer["write_order"])
        self.post("sync", {"heartbeat": self.proxy.heartbeat(), "receipts": [token]})
        self.env.invalidate_all()

    def test_a_lost_journal_quarantines(self):
        self._sold()
        later = int(time.time()) + 100
        lost = {"seq": 0, "head": receipts.first_prev(self.terminal.uuid)}
        self.assertEqual(self._beat(**lost), "active", "may have been overtaken by the one that counts the receipt")
        self.assertEqual(self._beat(**lost, iat=later, clk="wall"), "active", "its clock says nothing")
        self.assertEqual(self._beat(iat=later), "active")
        self.assertEqual(self._beat(**lost, iat=later), "quarantined")
        self.assertIn("R-102", self.terminal.message_ids[0].body + self.terminal.message_ids[1].body)

    def test_a_copied_journal_quarantines_before_it_sends_a_receipt(self):
        self._sold()
        self.assertEqual(self._beat(head=tokens.token_hash("the copy's receipt")), "quarantined")

    def test_a_journal_that_is_ahead_is_fine(self):
        self._sold()
        self.assertEqual(self._beat(seq=5, head=tokens.token_hash("not here yet")), "active")
        self.assertEqual(self._beat(seq=2**40, head=tokens.token_hash("not here yet")), "active")

    def test_somebody_elses_heartbeat_or_receipt(self):
        _order, answer = self.authorized()
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "U01"})
        proxy = FakeTerminal(other, self.database_uuid)
        token = self.proxy.write(self.card, answer["write_order"])
        _status, answer = self.post("sync", {"heartbeat": proxy.heartbeat(), "receipts": [token]})
        self.assertEqual([row["code"] for row in answer["results"]], ["R-101"])
        for heartbeat in (
            tamper(self.proxy.heartbeat()),
            self.proxy.heartbeat(key=SigningKey.generate()),
            self.proxy.heartbeat(aud="elsewhere"),
            None,
        ):
            status, answer = self.post("sync", {"heartbeat": heartbeat, "receipts": []})
            self.assertEqual((status, answer["code"]), (400, "P-104"))
        status, answer = self.post("sync", {"heartbeat": self.proxy.heartbeat(), "receipts": ["x"] * 51})
        self.assertEqual((status, answer["code"]), (400, "P-104"))

    def test_a_terminal_that_was_never_paired(self):
        stranger = self.env["electricity.terminal"].create({"name": "Counter U", "code": "U01"})
        proxy = FakeTerminal(stranger, self.database_uuid)
        stranger.sudo().write({"ed25519": False})
        status, answer = self.post("sync", {"heartbeat": proxy.heartbeat(), "receipts": []})
        self.assertEqual((status, answer["code"]), (403, "T-101"))

    def test_a_terminal_that_sells_gets_new_keys_from_an_administrator_only(self):
        terminal, code = self.new_terminal()
        self.post("pair", self.request(code))
        self.assertEqual(terminal.state, "active")
        technician = self._make_user("technician", "group_technician")
        with self.assertRaises(UserError):
            terminal.with_user(technician).action_pair()
        terminal.with_user(self._make_user("administrator", "group_administrator")).action_pair()

    def test_only_a_technician_pairs_and_nobody_sets_keys_by_hand(self):
        technician = self._make_user("technician", "group_technician")
        with self.assertRaises(UserError):
            self.terminal.with_user(self.clerk).action_pair()
        new = self.env["electricity.terminal"].create({"name": "New", "code": "N01"})
        action = new.with_user(technician).action_pair()
        self.assertRegex(action["params"]["message"], r"\w{4}-\w{4}-\w{4}-\w{4}")
        for values in ({"ed25519": "x"}, {"state": "active"}, {"receipt_seq": 0}, {"pairing_verifier": "00"}):
            with self.assertRaises(AccessError):
                self.terminal.with_user(technician).write(values)

    def test_a_stopped_terminal_starts_again_with_a_reason(self):
        administrator = self._make_user("administrator", "group_administrator")
        self.terminal.with_user(administrator).action_disable()
        self.assertEqual(self.terminal.state, "disabled")
        with self.assertRaises(UserError):
            self.terminal.with_user(self.clerk).reactivate("because")
        wizard = self.env["electricity.terminal.reason"].with_user(administrator)
        wizard.create({"terminal_id": self.terminal.id, "reason": "Journal compared"}).action_reactivate()
        self.assertEqual(self.terminal.state, "active")
        self.assertIn("Journal compared", self.terminal.message_ids[0].body)
