"""Who gets in: the kiosk's own browser, by a statement of its terminal that is good once, for a minute."""

import time

from odoo.addons.electricity_prepaid.core import keyring
from odoo.addons.electricity_prepaid.tests.fakes import tamper
from odoo.exceptions import AccessDenied
from odoo.tests import HttpCase, tagged

from ..models.res_users import CREDENTIAL
from .common import KioskCase


@tagged("post_install", "-at_install")
class TestKioskLogin(KioskCase, HttpCase):
    def enter(self, token):
        return self.url_open("/electricity/kiosk/login", data={"token": token}, allow_redirects=False)

    def test_a_statement_of_the_terminal_opens_the_kiosk_once(self):
        token = self.statement()
        answer = self.enter(token)
        self.assertEqual((answer.status_code, answer.headers["Location"][-18:]), (303, "/electricity/kiosk"))
        self.assertEqual(self.enter(token).status_code, 403)
        login = self.env["electricity.kiosk.login"].search([])
        self.assertEqual((login.config_id, login.terminal_id), (self.config, self.terminal))

    def test_what_is_not_the_terminals_word_opens_nothing(self):
        now = int(time.time())
        stranger = keyring.SigningKey.generate()
        other = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        wrong = {
            "malformed": "nonsense",
            "empty": "",
            "changed": tamper(self.statement()),
            "another key": self.statement(key=stranger),
            "too old": self.statement(iat=now - 61),
            "of tomorrow": self.statement(iat=now + 86_400),
            "another database": self.statement(aud="another"),
            "a further claim": self.statement(admin=True),
            "no kiosk": self.statement(iss=other.uuid),
            "no terminal": self.statement(iss="00000000-0000-0000-0000-000000000000"),
            "a heartbeat": self.proxy.heartbeat(),
        }
        for name, token in wrong.items():
            with self.subTest(name):
                self.assertEqual(self.enter(token).status_code, 403)
        self.assertFalse(self.env["electricity.kiosk.login"].search([]))

    def test_a_disabled_terminal_opens_nothing_and_a_quarantined_one_may_say_so(self):
        self.terminal.sudo().state = "disabled"
        self.assertEqual(self.enter(self.statement()).status_code, 403)
        self.terminal.sudo().state = "quarantined"
        self.assertEqual(self.enter(self.statement()).status_code, 303)
        self.assertEqual(self.kiosk.start()["problems"], ["T-102"])

    def test_the_page_is_for_the_kiosks_user_only(self):
        self.assertEqual(self.url_open("/electricity/kiosk", allow_redirects=False).status_code, 303)
        self.authenticate("admin", "admin")
        self.assertEqual(self.url_open("/electricity/kiosk").status_code, 404)

    def test_the_page_opens_a_session_by_itself(self):
        self.enter(self.statement())
        self.assertEqual(self.url_open("/electricity/kiosk").status_code, 200)
        session = self.config.current_session_id
        self.assertEqual((session.state, session.user_id), ("opened", self.config.kiosk_user_id))
        self.assertEqual(self.url_open("/electricity/kiosk").status_code, 200)
        self.assertEqual(self.config.session_ids, session)

    def test_nobody_else_logs_in_as_a_kiosk(self):
        user = self.config.kiosk_user_id.sudo()
        user.password = "a password that somebody set"
        credential = {"type": "password", "login": user.login, "password": "a password that somebody set"}
        with self.assertRaises(AccessDenied):
            self.env["res.users"].authenticate(credential, {"interactive": True, "base_location": ""})
        with self.assertRaises(AccessDenied):
            self.clerk.with_user(self.clerk)._check_credentials(
                {"type": CREDENTIAL, "login": self.clerk.login, "token": self.statement()}, {}
            )
