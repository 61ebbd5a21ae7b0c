"""A point of sale that is a kiosk."""

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import KioskCase


@tagged("post_install", "-at_install")
class TestPosConfig(KioskCase):
    def test_a_terminal_makes_a_kiosk_with_a_user_of_its_own(self):
        self.assertTrue(self.config.is_electricity_kiosk)
        self.assertEqual(self.terminal.kind, "kiosk")
        self.assertEqual(self.terminal.user_ids, self.config.kiosk_user_id)
        self.assertEqual(self.config.kiosk_user_id.group_ids, self.env.ref("kiosk_hw.group_kiosk"))

    def test_clerks_do_not_sell_at_a_kiosk(self):
        self.assertRefused(self.counter.new_nonce(self.terminal.id), "S-116")

    def test_a_kiosk_has_one_box_for_notes_and_no_employees(self):
        with self.assertRaises(ValidationError):
            self.config.payment_method_ids = False

    def test_the_terminal_stays_while_its_session_is_open(self):
        self.config.open_kiosk_session()
        with self.assertRaises(UserError):
            self.config.electricity_terminal_id = False

    def test_a_browsers_word_makes_no_order(self):
        session = self.config.open_kiosk_session()
        orders = self.env["pos.order"].with_user(self.env.ref("base.user_admin"))
        with self.assertRaisesRegex(UserError, "kiosk"):
            orders.sync_from_ui([{"session_id": session.id, "uuid": "1", "lines": [], "payment_ids": []}])
        self.assertFalse(session.order_ids)
