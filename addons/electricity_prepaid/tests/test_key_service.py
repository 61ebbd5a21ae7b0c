"""The key service: what a terminal gets for one live attempt, and all that it does not get."""

import json
import os
import uuid
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..core import keyring, orders, tokens
from ..core.card_keys import SoftwareCardKeys
from ..core.errors import Refusal
from .fakes import FakeTerminal, tamper
from .key_case import CHALLENGE, DRIVER, SERIAL, KeyCase


@tagged("post_install", "-at_install", "electricity")
class TestKeyService(KeyCase):
    # -- what is not given -----------------------------------------------------------------------------------------

    def test_requests_that_are_not_signed_by_a_terminal_of_ours(self):
        attempt = self.attempt()
        good = self.claims(attempt)
        stranger = keyring.SigningKey.generate()
        self.assertKeyRefused(good, "P-104", 400, key=stranger)
        self.assertKeyRefused({**good, "aud": "elsewhere"}, "P-104", 400)
        self.assertKeyRefused({**good, "iss": str(uuid.uuid4())}, "T-101")
        self.assertKeyRefused({**good, "iss": "x\0"}, "T-101")
        token = tokens.sign(tokens.KEY, good, self.proxy.key)
        other_type = tokens.sign(tokens.HEARTBEAT, good, self.proxy.key)
        for request in (tamper(token), other_type, "", None, 5, {"a": 1}, token + "=" * 9000):
            status, answer = self.post(json.dumps({"request": request}) if request != token + "=" * 9000 else b"[]")
            self.assertEqual((status, answer["code"]), (400, "P-104"), request)
        self.assertFalse(self.uses())

    @mute_logger("odoo.http")
    def test_a_body_too_large(self):
        headers = {"Content-Type": "application/json", "X-Odoo-Database": self.env.cr.dbname}
        response = self.url_open("/electricity/terminal/keys", data=b"x" * 9000, headers=headers)
        self.assertGreaterEqual(response.status_code, 400)

    def test_claims_that_are_not_as_they_must_be(self):
        attempt = self.attempt()
        good = self.claims(attempt)
        for change in (
            {"challenge": "0123"},
            {"challenge": CHALLENGE.upper()},
            {"serial": "650000000000123"},
            {"version": 256},
            {"version": True},
            {"op": "decrypt"},
            {"op": ["mac"]},
            {"op": "update_key"},
            {"op": "mac"},
            {"answer": "00"},
            {"jti": "x"},
            {"extra": 1},
        ):
            with self.subTest(change=change):
                self.assertKeyRefused({**good, **change}, "P-104", 400)

    def test_an_attempt_of_another_terminal(self):
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "U01"})
        proxy = FakeTerminal(other, self.database_uuid)
        attempt = self.attempt()
        claims = {**self.claims(attempt), "iss": other.uuid}
        self.assertKeyRefused(claims, "K-102", key=proxy.key)
        use = self.env["electricity.key.use"].search([("terminal_id", "=", other.id)])
        self.assertEqual((use.code, use.recharge_id.id, use.attempt), ("K-102", False, attempt.jti))

    def test_an_attempt_that_never_was(self):
        attempt = self.attempt()
        self.assertKeyRefused({**self.claims(attempt), "attempt": str(uuid.uuid4())}, "K-102")

    def test_an_attempt_that_is_over(self):
        for values in ({"state": "written"}, {"state": "not_written"}, {"state": "void"}):
            with self.subTest(values=values):
                self.assertKeyRefused(self.claims(self.attempt(**values)), "K-102")
        self.assertKeyRefused(self.claims(self.attempt(state="unknown", receipt_token="x")), "K-102")

    def test_an_attempt_whose_time_is_long_over(self):
        self.assertKeyRefused(self.claims(self.attempt(exp=-125)), "K-102")

    def test_a_write_begun_in_the_last_second_is_finished(self):
        attempt = self.attempt(exp=-60, state="unknown")
        status, answer = self.send(self.claims(attempt))
        self.assertEqual(status, 200, answer)

    def test_an_attempt_with_a_later_one(self):
        attempt = self.attempt()
        self.attempt()
        self.assertKeyRefused(self.claims(attempt), "K-102")

    def test_another_card_or_other_keys_than_the_order_names(self):
        attempt = self.attempt()
        self.assertKeyRefused(self.claims(attempt, serial="6500000000001235"), "K-103")
        for version in (0, 2):
            self.assertKeyRefused({**self.claims(attempt), "version": version}, "K-103")

    def test_a_challenge_for_the_card_that_the_terminal_chose(self):
        self.assertKeyRefused(self.claims(self.attempt(), r="00" * 8), "K-103")

    def test_a_card_that_is_not_genuine(self):
        attempt = self.attempt()
        self.assertKeyRefused(self.claims(attempt, answer="00" * 8), "K-105")
        self.assertEqual(self.uses().code, "K-105")

    def test_other_bytes_than_ordered(self):
        attempt = self.attempt()
        (header, data), (other_header, other_data) = self.updates(attempt)[:2]
        more = data[:-1] + bytes([data[-1] ^ 1])
        moved = bytes([*header[:3], header[3] + 1, header[4]])
        wrong = [(header, more), (header, data + b"\0"), (header, other_data), (moved, data), (other_header, data)]
        for asked in wrong:
            with self.subTest(asked=asked):
                claims = self.claims(attempt, "mac", header=asked[0].hex(), data=asked[1].hex())
                self.assertKeyRefused(claims, "K-103")

    def test_somebody_is_called_once_when_a_terminal_asks_for_other_bytes(self):
        attempt = self.attempt()
        before = len(self.terminal.activity_ids)
        for _ in range(3):
            self.assertKeyRefused(self.claims(attempt, "mac", data="00" * 8), "K-103")
        self.assertEqual(len(self.terminal.activity_ids) - before, 1)

    def test_new_keys_only_where_a_card_is_issued(self):
        self.assertKeyRefused(self.claims(self.attempt(), "update_key"), "K-103")
        self.assertKeyRefused(self.claims(self.attempt("open"), "update_key", 0), "K-103")
        issued = self.attempt("open", before=self.cpu_card(version=1, blank=True), version=1)
        self.assertKeyRefused(self.claims(issued, "update_key"), "K-103")

    def test_new_keys_only_from_a_terminal_that_issues_cards(self):
        attempt = self.attempt("open", version=1)
        self.terminal.sudo().issues_cpu_cards = False
        self.assertKeyRefused(self.claims(attempt, "update_key", 0), "K-110")
        self.assertEqual(self.uses().code, "K-110")
        self.assertEqual(self.send(self.claims(attempt, version=0))[0], 200)
        self.terminal.sudo().issues_cpu_cards = True
        self.assertEqual(self.send(self.claims(attempt, "update_key", 0))[0], 200)

    def test_keys_of_a_version_that_is_not_there(self):
        attempt = self.attempt(before=self.cpu_card(version=7))
        claims = self.claims(attempt, version=1)
        self.assertKeyRefused({**claims, "version": 7}, "K-106")

    def test_a_terminal_that_does_not_sell(self):
        attempt = self.attempt()
        for state, code in (("quarantined", "T-102"), ("disabled", "T-103")):
            self.terminal.sudo().state = state
            self.assertKeyRefused(self.claims(attempt), code)
        self.assertEqual(self.uses().mapped("code"), ["T-103", "T-102"])
        self.terminal.sudo().write({"state": "active", "active": False})
        self.assertKeyRefused(self.claims(attempt), "T-103")

    def test_no_more_than_the_quota_of_the_day(self):
        attempt = self.attempt()
        self.terminal.key_quota = 2
        self.assertEqual(self.send(self.claims(attempt))[0], 200)
        self.assertKeyRefused(self.claims(attempt, answer="00" * 8), "K-105")
        messages = len(self.terminal.message_ids)
        for _ in range(3):
            self.assertKeyRefused(self.claims(attempt), "K-104")
        self.assertEqual(len(self.uses()), 2, "a terminal could fill the log")
        self.assertEqual(len(self.terminal.message_ids) - messages, 1)
        self.assertEqual(self.terminal.key_uses_today, 3)
        self.terminal.sudo().key_day = fields.Date.today() - timedelta(days=2)
        self.assertEqual(self.send(self.claims(attempt))[0], 200)
        self.assertEqual(self.terminal.key_uses_today, 1)

    def test_repeats_are_no_way_round_the_quota(self):
        attempt = self.attempt()
        refused = self.claims(attempt, answer="00" * 8)
        self.terminal.key_quota = 2
        for code in ("K-105", "K-105", "K-104", "K-104"):
            self.assertKeyRefused(refused, code)
        self.assertEqual(len(self.uses()), 1)

    def test_an_answer_repeated_beyond_the_quota_is_not_made_anew(self):
        claims = self.claims(self.attempt())
        self.terminal.key_quota = 2
        self.assertEqual([self.send(claims)[0] for _ in range(2)], [200, 200])
        with patch.object(SoftwareCardKeys, "authenticate", side_effect=AssertionError("key work")):
            self.assertKeyRefused(claims, "K-104")

    def test_the_day_is_that_of_the_company(self):
        self.company.partner_id.tz = "Pacific/Kiritimati"
        first = self.terminal._key_today()
        self.company.partner_id.tz = "Pacific/Pago_Pago"
        self.assertGreater(first, self.terminal._key_today())  # 25 hours apart: one day, or two for an hour

    def test_keys_that_are_away_come_back(self):
        attempt = self.attempt()
        claims = self.claims(attempt)
        with (
            patch.dict(os.environ, {"ELECTRICITY_CARD_KEYS": "/nowhere/card-keys.json"}),
            mute_logger("odoo.addons.electricity_prepaid.models.key_use"),
        ):
            self.assertKeyRefused(claims, "K-109", 503)
        self.assertEqual(self.send(claims)[0], 200)
        self.assertEqual(self.uses().mapped("code"), [False, "K-109"])

    # -- what is given ---------------------------------------------------------------------------------------------

    def test_the_answers_are_those_of_the_suite(self):
        attempt = self.attempt()
        status, answer = self.send(self.claims(attempt))
        external = self.keys._key(DRIVER, 1, "ext", SERIAL)
        expected = external.encrypt(bytes.fromhex(CHALLENGE) + bytes(8))[:8].hex()
        self.assertEqual((status, answer), (200, {"cryptogram": expected}))
        signer = self.keys._key(DRIVER, 1, "mac", SERIAL)
        updates = self.updates(attempt)
        self.assertGreater(len(updates), 1)
        for header, data in updates:
            claims = self.claims(attempt, "mac", header=header.hex(), data=data.hex())
            expected = signer.cmac(bytes.fromhex(CHALLENGE) + header + data)[:4].hex()
            self.assertEqual(self.send(claims), (200, {"mac": expected}))
        self.assertEqual(set(self.uses().mapped("op")), {"authenticate", "mac"})
        self.assertEqual(self.uses().recharge_id, self.recharge)
        self.assertEqual(self.terminal.key_uses_today, 1 + len(updates))

    def test_a_new_card_gets_its_keys_and_opens_with_them(self):
        attempt = self.attempt("open", version=1)
        self.assertEqual(self.send(self.claims(attempt, version=0))[0], 200)
        self.assertKeyRefused(self.claims(attempt, version=1), "K-103")
        status, answer = self.send(self.claims(attempt, "update_key", 0))
        command = self.keys.key_update(DRIVER, 0, SERIAL, bytes.fromhex(CHALLENGE), 1)
        self.assertEqual((status, answer), (200, {"command": command.hex(), "version": 1}))
        self.assertEqual(self.send(self.claims(attempt, version=1))[0], 200)

    def test_the_same_request_is_answered_again_and_counts_again(self):
        attempt = self.attempt()
        claims = self.claims(attempt)
        first = self.send(claims)
        self.assertEqual(self.send(claims), first)
        self.assertEqual(self.send({**claims, "iat": claims["iat"] + 1}), first)
        self.assertEqual((len(self.uses()), self.terminal.key_uses_today), (1, 3))
        self.assertKeyRefused({**claims, "challenge": "00" * 8}, "K-103")
        attempt.sudo().state = "written"
        self.assertKeyRefused(claims, "K-102")

    def test_a_refused_request_stays_refused(self):
        claims = self.claims(self.attempt(), answer="00" * 8)
        for _ in range(2):
            self.assertKeyRefused(claims, "K-105")
        self.assertEqual(len(self.uses()), 1)

    def test_no_secret_is_in_log_or_database(self):
        attempt = self.attempt()
        with self.assertLogs(level="DEBUG") as logs:
            claims = self.claims(attempt)
            given = [self.send(claims)[1]["cryptogram"], self.send(self.claims(attempt, "mac"))[1]["mac"]]
            self.assertKeyRefused(self.claims(attempt, answer="00" * 8), "K-105")
            given.append(claims["answer"])
        kept = json.dumps(self.uses().read(), default=str) + "\n".join(
            line for line in logs.output if "urllib3" not in line
        )
        for secret in (*given, self.keys._key(DRIVER, 1, "mac", SERIAL).value.hex()):
            self.assertNotIn(secret, kept)

    def test_the_use_is_on_record_before_the_answer(self):
        with (
            patch.object(type(self.env["electricity.key.use"]), "_log", side_effect=RuntimeError("disk full")),
            mute_logger("odoo.http"),
        ):
            self.env.flush_all()
            body = json.dumps({"request": tokens.sign(tokens.KEY, self.claims(self.attempt()), self.proxy.key)})
            self.env.flush_all()
            headers = {"Content-Type": "application/json", "X-Odoo-Database": self.env.cr.dbname}
            response = self.url_open("/electricity/terminal/keys", data=body, headers=headers)
        self.assertGreaterEqual(response.status_code, 500)
        self.assertNotIn("cryptogram", response.text)

    # -- codes of memory cards -------------------------------------------------------------------------------------

    def order_for(self, driver):
        _header, claims = tokens.peek(self.attempt().order_token, "X")
        return replace(orders.parse(claims), driver=driver, card_serial="700000000201")

    def test_the_code_of_a_memory_card_is_counted_and_logged(self):
        Use = self.env["electricity.key.use"]
        for driver, size in (("sle4442_demo", 3), ("sle4428_demo", 2)):
            order = self.order_for(driver)
            code = Use.psc(self.recharge, self.terminal, order)
            self.assertEqual((code, len(code)), (self.keys.psc(driver, "700000000201"), size))
            use = self.uses(driver=driver)
            self.assertEqual((use.op, use.attempt, use.card_serial), ("psc", order.jti, "700000000201"))
            self.assertNotIn(code.hex(), json.dumps(use.read(), default=str))
        self.assertIsNone(Use.psc(self.recharge, self.terminal, self.order_for("at24_demo")))
        self.assertEqual(self.terminal.key_uses_today, 2)

    def test_a_code_is_not_given_beyond_the_quota(self):
        self.terminal.sudo().write({"key_quota": 1, "key_day": self.terminal._key_today(), "key_uses": 1})
        with self.assertRaises(Refusal) as refusal:
            self.env["electricity.key.use"].psc(self.recharge, self.terminal, self.order_for("sle4442_demo"))
        self.assertEqual(refusal.exception.code, "K-104")

    def test_a_code_that_cannot_be_had_is_on_record(self):
        order, code = self.order_for("sle4442_demo"), None
        with (
            patch.dict(os.environ, {"ELECTRICITY_CARD_KEYS": "/nowhere/card-keys.json"}),
            mute_logger("odoo.addons.electricity_prepaid.models.key_use"),
        ):
            # Not assertRaises, which takes back what a refusal leaves on record.
            try:
                self.env["electricity.key.use"].psc(self.recharge, self.terminal, order)
            except Refusal as refusal:
                code = refusal.code
        self.assertEqual((code, self.uses().code), ("K-109", "K-109"))

    def test_a_reconnect_command_is_counted_and_logged(self):
        deadline = bytes.fromhex("261231235959")
        card = ("csg2015", 1, SERIAL)
        made = self.env["electricity.key.use"].reconnect(self.recharge, self.terminal, card, deadline)
        self.assertEqual(made, self.keys.reconnect(*card, deadline))
        use = self.uses(op="reconnect")
        self.assertEqual((use.driver, use.version, use.card_serial), card)
        self.assertEqual(use.recharge_id, self.recharge)
        self.assertEqual(self.terminal.key_uses_today, 1)

    def test_a_sale_with_a_memory_card_leaves_its_use_on_record(self):
        self.recharge.sudo().state = "cancelled"
        order, _answer = self.authorized()
        self.assertEqual(self.uses(op="psc").recharge_id, order)

    # -- who sees it -----------------------------------------------------------------------------------------------

    def test_a_use_is_named_in_words(self):
        use = self.env["electricity.key.use"].create(
            {"op": "psc", "card_serial": "000000000101", "driver": "at24_demo"}
        )
        self.assertEqual(use.display_name, "Code of a Memory Card · 000000000101")
        self.assertEqual(use.driver_name, "AT24C02 memory card (demo layout)")
        self.assertEqual(
            use.create({"op": "made", "actor": "root", "driver": "vendor:gone"}).driver_name, "vendor:gone"
        )

    def test_the_log_is_read_by_administrators_and_changed_by_nobody(self):
        self.send(self.claims(self.attempt()))
        use = self.uses()
        for group in ("clerk", "technician", "finance", "supervisor"):
            user = new_test_user(self.env, f"keys_{group}", f"electricity_prepaid.group_{group}")
            with self.assertRaises(AccessError):
                use.with_user(user).read(["op"])
        administrator = new_test_user(self.env, "keys_admin", "electricity_prepaid.group_administrator")
        self.assertTrue(use.with_user(administrator).read(["op"]))
        for user in (administrator, self.env.ref("base.user_root")):
            with self.assertRaises(UserError):
                use.with_user(user).write({"code": False})
            with self.assertRaises(UserError):
                use.with_user(user).unlink()
        for values in ({"key_uses": 0}, {"key_day": False}):
            with self.assertRaises(AccessError):
                self.terminal.with_user(administrator).write(values)
