"""Sessions of kiosks roll over without a person."""

from datetime import timedelta
from unittest.mock import patch

from lxml import etree
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

    def manager(self, name="manager", group="point_of_sale.group_pos_manager"):
        user = self._make_user(name, "group_supervisor")
        user.group_ids += self.env.ref(group)
        return user

    def test_a_manager_rolls_over_at_once_and_the_next_session_is_open(self):
        self.session.with_user(self.manager()).action_roll_over()
        self.assertEqual((self.session.state, self.config.current_session_id.state), ("closed", "opened"))
        with self.assertRaisesRegex(UserError, "no open session of a kiosk"):
            self.session.with_user(self.manager("second")).action_roll_over()

    def test_a_manager_ends_a_session_to_change_what_it_fixes(self):
        self.session.with_user(self.manager()).action_end_kiosk()
        self.assertEqual(self.session.state, "closed")
        self.assertFalse(self.config.current_session_id)

    def test_nobody_else_and_no_shops_session_is_rolled_over(self):
        cashier = self.manager("cashier", "point_of_sale.group_pos_user")
        for call in ("action_roll_over", "action_end_kiosk"):
            with self.assertRaisesRegex(UserError, "S-116"):
                getattr(self.session.with_user(cashier), call)()
        config = self.env["pos.config"].create({"name": "Shop"})
        shop = self.env["pos.session"].create({"config_id": config.id, "user_id": self.env.uid})
        shop.set_opening_control(0, "")
        manager = self.manager()
        with self.assertRaisesRegex(UserError, "no open session of a kiosk"):
            shop.with_user(manager).action_roll_over()
        self.assertEqual((self.session.state, shop.state), ("opened", "opened"))

    def test_a_kiosks_session_does_not_offer_to_sell_in_it(self):
        manager = self.manager()
        arch = etree.fromstring(self.session.with_user(manager).get_view(view_type="form")["arch"])
        (selling,) = arch.xpath("//button[@name='open_frontend_cb']")
        self.assertIn("is_electricity_kiosk", selling.get("invisible"))
        (ending,) = arch.xpath("//button[@name='action_roll_over']")
        self.assertIn("not is_electricity_kiosk", ending.get("invisible"))
        view = self.env.ref("point_of_sale.view_pos_config_kanban")
        arch = etree.fromstring(self.config.with_user(manager).get_view(view.id, "kanban")["arch"])
        buttons = arch.xpath("//div[@name='card_left']/*")
        self.assertEqual(buttons[0].get("t-if"), "record.is_electricity_kiosk.raw_value")
        self.assertEqual([buttons[1].get("name"), buttons[1].get("t-if")], ["open_ui", None])
        self.assertTrue(buttons[1].get("t-elif"))
