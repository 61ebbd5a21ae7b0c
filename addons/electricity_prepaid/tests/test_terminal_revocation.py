"""A revoked terminal: nothing that it signs is taken, and it comes back only with new keys."""

import json

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .fakes import FakeTerminal
from .key_case import KeyCase


@tagged("post_install", "-at_install", "electricity")
class TestRevocation(KeyCase):
    def setUp(self):
        super().setUp()
        self.administrator = new_test_user(self.env, "revoker", "electricity_prepaid.group_administrator")

    def revoke(self):
        wizard = self.env["electricity.terminal.revocation"].with_user(self.administrator)
        wizard.create({"terminal_id": self.terminal.id, "reason": "Stolen"}).action_revoke()

    def test_only_an_administrator_revokes(self):
        for group in ("clerk", "technician", "finance", "supervisor"):
            user = new_test_user(self.env, f"revoke_{group}", f"electricity_prepaid.group_{group}")
            with self.assertRaises(UserError):
                self.terminal.with_user(user).revoke("because")
            with self.assertRaises(AccessError):
                self.env["electricity.terminal.revocation"].with_user(user).create(
                    {"terminal_id": self.terminal.id, "reason": "x"}
                )

    def test_an_administrator_of_another_company_revokes_and_starts_nothing(self):
        company = self.env["res.company"].create({"name": "Other Power"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "electricity_prepaid.group_administrator",
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        wizard = self.env["electricity.terminal.revocation"].with_user(stranger)
        for action in (
            lambda: wizard.create({"terminal_id": self.terminal.id, "reason": "x"}).action_revoke(),
            lambda: self.terminal.with_user(stranger).reactivate("x"),
            lambda: self.terminal.with_user(stranger).action_disable(),
        ):
            with self.assertRaises(AccessError):
                action()
        self.assertEqual(self.terminal.state, "active")

    def test_nothing_that_it_signs_is_taken_from_then_on(self):
        self.recharge.sudo().state = "cancelled"
        order, answer = self.authorized()
        receipt = self.proxy.write(self.card, answer["write_order"])
        snapshot, attempt = self.snapshot(), self.attempt()
        self.revoke()
        self.assertEqual(self.terminal.state, "disabled")
        self.assertKeyRefused(self.claims(attempt), "T-101")
        self.assertRefused(self.counter.quote(self.terminal.id, snapshot), "T-101")
        self.assertEqual(self.counter.confirm([receipt])["results"][0]["code"], "T-101")
        headers = {"Content-Type": "application/json", "X-Odoo-Database": self.env.cr.dbname}
        body = json.dumps({"heartbeat": self.proxy.heartbeat(), "receipts": []})
        response = self.url_open("/electricity/terminal/sync", data=body, headers=headers)
        self.assertEqual((response.status_code, response.json()["code"]), (403, "T-101"))
        self.assertFalse(order.attempt_ids.sudo().mapped("sealed_token")[0])

    def test_it_is_on_record_and_cannot_start_again_without_new_keys(self):
        self.revoke()
        use = self.uses(op="revocation")
        self.assertEqual((use.actor, "Stolen" in use.note), (self.administrator.login, True))
        self.assertIn("Stolen", self.terminal.message_ids[0].body)
        with self.assertRaises(UserError):
            self.terminal.with_user(self.administrator).reactivate("found it")
        with self.assertRaises(UserError):
            self.terminal.with_user(self.administrator).revoke("again")
        FakeTerminal(self.terminal, self.database_uuid)
        self.terminal.sudo().state = "disabled"
        self.terminal.with_user(self.administrator).reactivate("paired again")

    def test_a_pairing_code_is_revoked_too(self):
        terminal = self.env["electricity.terminal"].create({"name": "New", "code": "N01"})
        terminal.sudo().new_pairing_code()
        terminal.with_user(self.administrator).revoke("lost the note")
        self.assertFalse(terminal.sudo().pairing_verifier)
