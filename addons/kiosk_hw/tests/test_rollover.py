"""Sessions of kiosks roll over without a person."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import KioskCase


@tagged("post_install", "-at_install")
class TestRollover(KioskCase):
    def setUp(self):
        super().setUp()
        self.session = self.config.open_kiosk_session()

    def run_cron(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
            self.env["pos.session"]._cron_roll_over()

    def age(self, session, hours):
        session.start_at = fields.Datetime.now() - timedelta(hours=hours)

    def test_a_session_of_today_goes_on(self):
        self.age(self.session, 23)
        self.run_cron()
        self.assertEqual(self.session.state, "opened")

    def test_a_days_session_is_closed_and_the_next_one_open(self):
        self.age(self.session, 25)
        self.run_cron()
        self.assertEqual(self.session.state, "closed")
        self.assertEqual(self.config.current_session_id.state, "opened")
        self.assertNotEqual(self.config.current_session_id, self.session)

    def test_the_cash_in_the_box_is_carried_over(self):
        self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.session.cash_journal_id.id,
                "pos_session_id": self.session.id,
                "payment_ref": "notes",
                "amount": 120,
            }
        )
        self.age(self.session, 25)
        self.run_cron()
        self.session.invalidate_recordset()
        self.assertEqual(self.session.cash_register_difference, 0)
        self.assertEqual(self.session.statement_line_ids.mapped("amount"), [120], "no difference is booked")
        self.assertEqual(self.config.current_session_id.cash_register_balance_start, 120)

    def test_one_that_cannot_be_closed_keeps_no_other_from_it(self):
        terminal = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        other = self._make_kiosk(terminal, "Kiosk U", "KSKU").open_kiosk_session()
        self.age(self.session, 26)
        self.age(other, 25)
        Session = type(self.session)
        close = Session.close_session_from_ui

        def refuse(session, *args):
            if session == self.session:
                raise UserError(session.env._("It cannot be closed."))
            return close(session, *args)

        with patch.object(Session, "close_session_from_ui", refuse), self.assertLogs("odoo.addons.kiosk_hw", "WARNING"):
            self.run_cron()
        self.assertEqual((self.session.state, other.state), ("opened", "closed"))

    def test_points_of_sale_with_people_are_left_alone(self):
        self.session.config_id.sudo().write({"kiosk_notice": "x"})
        config = self.env["pos.config"].create({"name": "Shop"})
        shop = self.env["pos.session"].create({"config_id": config.id, "user_id": self.env.uid})
        shop.set_opening_control(0, "")
        self.age(shop, 30)
        self.run_cron()
        self.assertEqual(shop.state, "opened")
