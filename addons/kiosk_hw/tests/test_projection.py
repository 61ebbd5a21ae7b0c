"""A kiosk's notes in the books: one order of the point of sale a tender, in the end once, and to the cent."""

from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import psycopg2.errors
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NotesCase

LOGGER = "odoo.addons.kiosk_hw"


@tagged("post_install", "-at_install")
class TestProjection(NotesCase):
    def assertBooked(self, session, cents):
        """Check that a session was closed without a difference, as cash that is owed to customers."""
        session.invalidate_recordset()
        self.assertEqual((session.state, session.cash_register_difference), ("closed", 0))
        cash = self.config.payment_method_ids.journal_id.default_account_id
        advances = self.config.kiosk_advance_product_id.property_account_income_id
        self.assertEqual(self.booked(session), {cash: cents, advances: -cents})

    @contextmanager
    def refusing(self, error):
        """Let no order be made, for this reason."""
        tenders = type(self.env["electricity.tender"])
        with patch.object(tenders, "_make_pos_orders", side_effect=error), self.assertLogs(LOGGER, "WARNING"):
            yield

    # -- settings

    def test_a_kiosk_without_a_product_for_advances_is_none(self):
        with self.assertRaisesRegex(ValidationError, "advances"):
            self.config.kiosk_advance_product_id = False

    def test_notes_are_no_income(self):
        income = self.env["account.account"].create({"name": "Sales T", "code": "400099", "account_type": "income"})
        with self.assertRaisesRegex(ValidationError, "liability"):
            self.config.kiosk_advance_product_id = self._make_advance_product(income)
        with self.assertRaisesRegex(ValidationError, "liability"):
            self.config.kiosk_advance_product_id = self._make_advance_product(self.env["account.account"])

    def test_an_advance_is_a_service_without_taxes(self):
        liability = self.config.kiosk_advance_product_id.property_account_income_id
        tax = self.env["account.tax"].create({"name": "Tax T", "amount": 13})
        for values in ({"type": "consu"}, {"taxes_id": [(6, 0, tax.ids)]}):
            with self.assertRaisesRegex(ValidationError, "service without taxes"):
                self.config.kiosk_advance_product_id = self._make_advance_product(liability, **values)

    # -- what fails, and what comes after it

    def test_a_product_that_was_changed_later_books_nothing_wrong(self):
        tender = self.put_in({5000: 1})
        liability = self.config.kiosk_advance_product_id.property_account_income_id
        self.config.kiosk_advance_product_id.property_account_income_id = self.env["account.account"].create(
            {"name": "Sales T", "code": "400099", "account_type": "income"}
        )
        with self.assertLogs(LOGGER, "WARNING") as logs:
            self.project()
        self.assertIn("liability", logs.output[0])
        self.assertFalse(tender.pos_order_id)
        self.config.kiosk_advance_product_id.property_account_income_id = liability
        self.project()
        self.assertEqual(tender.pos_order_id.amount_paid, 50)

    def test_one_that_fails_keeps_no_other_from_it_and_follows_later(self):
        first, bad, last = (self.put_in({value: 1}) for value in (1000, 2000, 5000))
        Order = type(self.env["pos.order"])
        paid = Order.action_pos_order_paid

        def refuse(order):
            if order.uuid == bad.uuid:
                raise LockError("in use")
            return paid(order)

        with patch.object(Order, "action_pos_order_paid", refuse), self.assertLogs(LOGGER, "WARNING") as logs:
            self.project()
        self.assertIn(bad.uuid, logs.output[0])
        self.assertEqual((first.pos_order_id.amount_total, last.pos_order_id.amount_total), (10, 50))
        self.assertFalse(bad.pos_order_id or self.env["pos.order"].search([("uuid", "=", bad.uuid)]))
        self.project()
        self.assertEqual(bad.pos_order_id.amount_total, 20)

    def test_a_name_that_is_taken_is_not_taken_twice(self):
        tender, other = self.put_in({1000: 1}), self.put_in({2000: 1})
        self.config.open_kiosk_session()
        self.project()
        tender.pos_order_id = False
        with mute_logger("odoo.sql_db"), self.assertLogs(LOGGER, "WARNING"):
            self.project()
        self.assertEqual(self.env["pos.order"].search_count([("uuid", "in", (tender.uuid, other.uuid))]), 2)
        self.assertFalse(tender.pos_order_id)

    def test_no_order_is_made_twice(self):
        tender = self.put_in({1000: 1})
        self.project()
        order = tender.pos_order_id
        self.project()
        self.assertEqual((tender.pos_order_id, self.session().order_ids), (order, order))

    def test_a_session_that_somebody_is_closing_takes_no_order(self):
        session = self.config.open_kiosk_session()
        tender = self.put_in({1000: 1})
        session.state = "closing_control"
        with self.assertLogs(LOGGER, "WARNING"):
            self.project()
        self.assertFalse(tender.pos_order_id)
        self.roll_over(session)
        self.assertEqual(tender.pos_order_id.session_id, session)
        self.assertBooked(session, 1000)

    def test_a_session_is_not_closed_before_its_notes_are_in_its_orders(self):
        session = self.config.open_kiosk_session()
        self.put_in({1000: 1})
        self.put_in({2000: 1})
        with self.refusing(LockError("in use")):
            refused = session.post_closing_cash_details(0)
            self.assertFalse(refused["successful"] or refused["redirect"])
            for part in ("payments: 2", "30.00", "close again"):
                self.assertIn(part, refused["message"])
            with self.assertRaisesRegex(UserError, "payments: 2"):
                session.action_pos_session_closing_control()
            self.roll_over(session)
        self.assertEqual(session.state, "opened")
        self.roll_over(session)
        self.assertBooked(session, 3000)

    def test_who_cannot_close_a_session_reads_why_its_money_waits(self):
        session = self.config.open_kiosk_session()
        self.put_in({1000: 1})
        with self.refusing(UserError("The product is wrong.")):
            self.assertIn("The product is wrong.", session.post_closing_cash_details(0)["message"])
        with self.refusing(psycopg2.errors.CheckViolation()):
            self.assertIn("log of Odoo", session.post_closing_cash_details(0)["message"])

    def test_who_closes_a_session_by_hand_waits_for_no_job(self):
        session = self.config.open_kiosk_session()
        manager = self.env["res.users"].create(
            {
                "name": "Finance T",
                "login": "finance-closing",
                "group_ids": [(4, self.env.ref("point_of_sale.group_pos_manager").id)],
            }
        )
        by_hand = session.with_user(manager)
        self.put_in({1000: 1})
        expected = by_hand.get_closing_control_data()["default_cash_details"]["amount"]
        self.assertEqual(expected, 10)
        # More comes in while the window is open, and again while the session is already being closed.
        self.put_in({2000: 1})
        self.assertEqual(by_hand.post_closing_cash_details(expected), {"successful": True})
        by_hand.update_closing_control_state_session("")
        self.put_in({5000: 1})
        self.assertEqual(by_hand.close_session_from_ui(), {"successful": True})
        self.assertBooked(session, 8000)

    def test_a_kiosks_session_takes_no_other_cash_than_expected(self):
        session = self.config.open_kiosk_session()
        self.put_in({1000: 1})
        refused = session.post_closing_cash_details(11)
        self.assertFalse(refused["successful"])
        self.assertIn("10.00", refused["message"])
        self.assertEqual(session.post_closing_cash_details(10), {"successful": True})

    def test_more_than_one_batch_is_brought_in_by_closing_again(self):
        session = self.config.open_kiosk_session()
        for _time in range(3):
            self.put_in({1000: 1})
        with patch("odoo.addons.kiosk_hw.models.tender.BATCH", 2):
            self.assertIn("close again", session.post_closing_cash_details(0)["message"])
            self.assertEqual(session.post_closing_cash_details(30), {"successful": True})

    def test_uncertain_notes_and_what_was_handed_back_are_no_orders(self):
        self.put_in({}, uncertain=[{"denomination": 5000, "at": 1_700_000_000_000}])
        tender = self.put_in({1000: 1})
        tender.direction = "out"
        self.project()
        self.assertFalse(self.env["electricity.tender"].search([("pos_order_id", "!=", False)]))
        self.assertIsNone(self.config.open_kiosk_session()._cannot_close_session())

    def test_notes_of_a_counter_are_no_orders(self):
        counter = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02", "takes_notes": True})
        tender = self.put_in({1000: 1})
        tender.terminal_id = counter
        self.project()
        self.assertFalse(tender.pos_order_id)

    # -- what shows in the books

    def test_recording_money_makes_no_order_yet(self):
        tender = self.put_in({1000: 1})
        self.assertFalse(tender.pos_order_id)

    def test_orders_that_are_made_at_once_are_each_as_if_made_alone(self):
        tenders = [self.put_in({note: 1}) for note in (1000, 2000, 5000)]
        self.project()
        orders = [tender.pos_order_id for tender in tenders]
        self.assertEqual([order.amount_paid for order in orders], [10, 20, 50])
        self.assertEqual({order.state for order in orders}, {"paid"})
        self.assertEqual(len({order.name for order in orders} | {order.pos_reference for order in orders}), 6)
        self.assertEqual([len(order.payment_ids) for order in orders], [1, 1, 1])

    def test_each_tender_is_an_order_of_its_own(self):
        bought = self.begin_at_kiosk("100.00")
        first = self.put_in({5000: 1}, bought.uuid)
        self.project()
        second = self.put_in({5000: 1, 1000: 1}, bought.uuid)
        self.assertEqual(bought.state, "paid")
        self.project()
        for tender in first | second:
            order = tender.pos_order_id
            self.assertEqual((order.uuid, order.state, order.amount_total), (tender.uuid, "paid", tender.amount))
            self.assertEqual((order.partner_id, order.amount_tax), (self.account.partner_id, 0))
            self.assertEqual((order.user_id, order.date_order), (self.config.kiosk_user_id, tender.occurred_at))
        session = self.session()
        self.roll_over(session)
        self.assertBooked(session, 11000)
        self.assertEqual(self.session().cash_register_balance_start, 110)

    def test_a_roll_over_takes_what_is_not_in_orders_yet(self):
        session = self.config.open_kiosk_session()
        self.put_in({2000: 1, 500: 1})
        self.roll_over(session)
        self.assertBooked(session, 2500)

    def test_money_of_an_order_that_was_cancelled_is_owed_too(self):
        bought = self.begin_at_kiosk("100.00")
        bought.sudo().expires_at = "2020-01-01 00:00:00"
        bought.sudo()._mark_stale()
        self.assertEqual(bought.state, "cancelled")
        self.put_in({5000: 1}, bought.uuid)
        self.assertEqual(self.account.balance, 50)
        self.project()
        session = self.session()
        self.roll_over(session)
        self.assertBooked(session, 5000)
        self.assertLedger()

    def test_money_that_arrives_after_its_session_is_in_the_next(self):
        first = self.config.open_kiosk_session()
        self.put_in({1000: 1})
        self.roll_over(first)
        late = self.put_in({5000: 1})
        late.occurred_at = first.stop_at - timedelta(hours=2)
        self.project()
        second = self.session()
        self.assertNotEqual(first, second)
        self.assertEqual(late.pos_order_id.session_id, second)
        self.roll_over(second)
        self.assertBooked(first, 1000)
        self.assertBooked(second, 5000)
        self.assertEqual(self.session().cash_register_balance_start, 60)

    def test_money_without_an_account_is_an_advance_of_nobody_and_stays_one_order(self):
        tender = self.put_in({5000: 1})
        self.project()
        order = tender.pos_order_id
        self.assertTrue(tender.is_unassigned)
        self.assertFalse(order.partner_id)
        tender.with_user(self.supervisor).propose_account(self.account, "She showed her card.")
        tender.with_user(self.supervisor2).action_approve_account()
        self.project()
        session = self.session()
        self.roll_over(session)
        self.assertEqual(tender.pos_order_id, order)
        self.assertBooked(session, 5000)

    def test_money_that_arrives_for_an_archived_kiosk_is_booked(self):
        self.config.active = False
        tender = self.put_in({1000: 1})
        self.project()
        session = tender.pos_order_id.session_id
        self.roll_over(session)
        self.assertBooked(session, 1000)

    def test_a_kiosk_of_another_company_books_there(self):
        company = self.env["res.company"].create({"name": "Other Power", "currency_id": self.company.currency_id.id})
        self.env["account.chart.template"].try_loading("generic_coa", company, install_demo=False)
        terminal = self.env["electricity.terminal"].create({"name": "O", "code": "O1", "company_id": company.id})
        config = self._make_kiosk(terminal, "Kiosk O", "KSKO")
        tender = self.put_in({1000: 1})
        tender.write({"terminal_id": terminal.id, "company_id": company.id})
        self.project()
        self.assertEqual((tender.pos_order_id.company_id, tender.pos_order_id.config_id), (company, config))
