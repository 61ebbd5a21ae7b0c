"""A stolen session of a kiosk: what its user can do is what its page may ask."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..models.pos_session import KIOSK_MODELS
from .common import KioskCase

OPERATIONS = ("read", "write", "create", "unlink")


@tagged("post_install", "-at_install")
class TestKioskRights(KioskCase):
    def as_kiosk(self, name):
        return self.env[name].with_user(self.config.kiosk_user_id)

    def test_it_may_open_no_model_at_all(self):
        access = self.as_kiosk("ir.model.access")
        opened = [
            (name, operation)
            for name in self.env
            if not self.env[name]._abstract and not self.env[name]._transient
            for operation in OPERATIONS
            if access.check(name, operation, raise_exception=False)
        ]
        self.assertEqual(opened, [])

    def test_it_is_no_employee_and_gets_no_further_group(self):
        user = self.config.kiosk_user_id
        self.assertTrue(user.share)
        self.assertFalse(user._is_internal())
        with self.assertRaises(ValidationError):
            user.sudo().group_ids = [(4, self.env.ref("base.group_user").id)]

    def test_the_calls_of_the_counter_are_not_its(self):
        counter = self.as_kiosk("electricity.recharge")
        for call in (
            lambda: counter.counter_state(self.terminal.id),
            lambda: counter.new_nonce(self.terminal.id),
            lambda: counter.status("00000000-0000-0000-0000-000000000000"),
            lambda: counter.open_shift(self.terminal.id, "0.00"),
            lambda: counter.search([]),
            lambda: counter.browse(1).read(["name"]),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_the_calls_of_the_kiosk_are_nobody_elses(self):
        for user in (self.clerk, self.supervisor, self.env.ref("base.user_admin")):
            answer = self.env["electricity.kiosk"].with_user(user).start()
            self.assertRefused(answer, "S-116")

    def test_its_browser_gets_its_own_settings_and_no_customer(self):
        session = self.config.open_kiosk_session()
        data = self.as_kiosk("pos.session").browse(session.id).load_data([])
        self.assertLessEqual({name for name, rows in data.items() if rows}, KIOSK_MODELS)
        self.assertEqual([row["id"] for row in data["pos.config"]], self.config.ids)
        known = {self.company.partner_id.id, self.config.kiosk_user_id.partner_id.id}
        self.assertLessEqual({row["id"] for row in data["res.partner"]}, known)
        self.assertEqual([row["id"] for row in data["res.users"]], self.config.kiosk_user_id.ids)

    def test_the_session_of_another_kiosk_is_not_its(self):
        terminal = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        other = self._make_kiosk(terminal, "Kiosk U", "KSKU")
        session = other.open_kiosk_session()
        with self.assertRaises(AccessError):
            self.as_kiosk("pos.session").browse(session.id).load_data(["pos.config"])
        with self.assertRaises(AccessError):
            self.as_kiosk("pos.config").browse(other.id).register_new_device_identifier()

    def test_it_hears_its_own_channel_only(self):
        hears = self.as_kiosk("ir.websocket")._build_bus_channel_list(
            ["broadcast", self.config.access_token, "discuss.channel_1", "another token"]
        )
        self.assertEqual(hears, [self.config.access_token])
