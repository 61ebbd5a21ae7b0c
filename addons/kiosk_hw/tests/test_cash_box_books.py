"""Cash boxes in the books: to the cent, once, and differences on suspense until two persons explain them."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval
from psycopg2.errors import UniqueViolation

from .box_case import BoxCase

LOGGER = "odoo.addons.kiosk_hw"


@tagged("post_install", "-at_install")
class TestCashBoxBooks(BoxCase):
    def refuses(self, code):
        return self.assertRaisesRegex(UserError, code)

    # -- what keeps a box from the books

    def test_a_box_without_an_account_for_transit_follows_when_there_is_one(self):
        self.company.kiosk_transit_account_id = self.company.transfer_account_id = False
        with self.assertLogs(LOGGER, "WARNING") as logs:
            box = self.counted({1000: 1}, {1000: 1})
        self.assertIn("Cash on Its Way to the Vault", logs.output[0])
        self.assertEqual((box.counted, box.is_booked), (10, False))
        self.company.kiosk_transit_account_id = self.transit
        self.book()
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 1000, self.advances: -1000})

    def test_a_box_waits_until_its_notes_are_in_the_kiosks_orders(self):
        tender = self.put_in({1000: 1})
        box = self.take_out()
        with (
            patch.object(type(tender), "_make_pos_orders", side_effect=UserError("busy")),
            self.assertLogs(LOGGER, "WARNING") as logs,
        ):
            self.count(box, {1000: 1})
        self.assertIn("not in the books yet", logs.output[-1])
        self.assertFalse(box.line_ids)
        self.book()
        self.assertEqual((box.is_booked, box.line_ids.amount), (True, -10))

    def test_a_box_waits_for_a_session_that_somebody_is_closing(self):
        session = self.config.open_kiosk_session()
        self.put_in({1000: 1})
        self.project()
        box = self.take_out()
        session.state = "closing_control"
        with self.assertLogs(LOGGER, "WARNING"):
            self.count(box, {1000: 1})
        self.assertFalse(box.is_booked)
        self.roll_over(session)
        self.book()
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 1000, self.advances: -1000})

    def test_no_box_leaves_the_books_twice(self):
        box = self.counted({1000: 2}, {1000: 1})
        lines = box.line_ids
        box.is_booked = False
        self.book()
        self.assertEqual(box.line_ids, lines)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            lines[0].copy({"cash_box_id": box.id, "cash_box_part": lines[0].cash_box_part, "cash_box_step": 1})
            self.env.flush_all()

    def test_a_cash_move_from_outside_cannot_say_that_it_is_a_box(self):
        session = self.config.open_kiosk_session()
        extras = {"translatedType": "out", "cash_box_id": self.box().id, "account": self.bearer.id}
        with self.assertRaisesRegex(UserError, "cash box"):
            session.try_cash_in_out("out", 10, "x", False, extras)
        self.assertFalse(session.statement_line_ids)

    def test_no_manager_books_a_difference_that_the_count_of_the_box_books_too(self):
        session = self.config.open_kiosk_session()
        self.put_in({10000: 10})
        self.project()
        manager = self._make_user("pos_manager", "group_clerk")
        manager.group_ids += self.env.ref("point_of_sale.group_pos_manager")
        refused = session.with_user(manager).post_closing_cash_details(900)
        self.assertFalse(refused["successful"])
        session.cash_register_balance_end_real = 900
        session.state = "closing_control"
        with self.assertRaisesRegex(UserError, "difference"), self.env.cr.savepoint():
            session.close_session_from_ui()
        session.invalidate_recordset()
        self.roll_over(session)
        self.assertEqual(session.state, "closed")
        self.count(self.take_out(), {10000: 9})
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 90000, self.suspense: 10000, self.advances: -100000})

    def test_what_a_box_moves_is_neither_claimed_nor_changed_nor_deleted(self):
        box = self.counted({1000: 2}, {1000: 1})
        line = box.line_ids[0]
        accountant = self._make_user("accountant", "group_finance")
        accountant.group_ids += self.env.ref("account.group_account_manager")
        lines = self.env["account.bank.statement.line"].with_user(accountant)
        with self.assertRaises(AccessError):
            lines.create(
                {
                    "journal_id": line.journal_id.id,
                    "payment_ref": "x",
                    "amount": -20,
                    "cash_box_id": box.id,
                    "cash_box_part": "transit",
                    "cash_box_step": 7,
                }
            )
        for changed in ({"cash_box_id": False}, {"amount": -1}):
            with self.assertRaises(AccessError):
                line.with_user(accountant).write(changed)
        with self.assertRaisesRegex(UserError, "stays"):
            line.unlink()

    def test_a_box_is_not_closed_while_the_books_say_something_else_than_the_count(self):
        box = self.counted({1000: 1}, {1000: 1})
        box.with_user(self.teller).action_print_slip()
        box.line_ids.cash_box_id = False
        self.company.kiosk_transit_account_id = self.company.transfer_account_id = False
        with self.assertLogs(LOGGER, "WARNING"), self.refuses("A-507"):
            box.with_user(self.teller).action_close()

    def test_an_explanation_leaves_the_account_on_which_the_difference_is_booked(self):
        box = self.counted({1000: 3}, {1000: 1})
        box.with_user(self.teller).action_print_slip()
        other = self.suspense.copy({"code": "109977"})
        self.cash_journal().write({"profit_account_id": other.id, "loss_account_id": other.id})
        self.explain(box, -2000).with_user(self.supervisor).action_approve()
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 1000, self.bearer: 2000, self.advances: -3000})

    def cash_journal(self):
        return self.config.payment_method_ids.journal_id

    # -- what shows in the books

    def test_what_was_counted_is_on_its_way_to_the_vault(self):
        session = self.config.open_kiosk_session()
        self.put_in({10000: 3, 500: 1})
        self.project()
        self.assertEqual(session.cash_register_balance_end, 305)
        box = self.count(self.take_out(), {10000: 3, 500: 1})
        session.invalidate_recordset()
        self.assertEqual((box.is_booked, session.cash_register_balance_end), (True, 0))
        self.put_in({2000: 1})
        self.roll()
        self.assertEqual(self.session().cash_register_balance_start, 20)
        self.assertEqual(self.sums(), {self.cash: 2000, self.transit: 30500, self.advances: -32500})

    def test_short_money_is_on_suspense(self):
        self.counted({1000: 3}, {1000: 1})
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 1000, self.suspense: 2000, self.advances: -3000})

    def test_long_money_is_on_suspense(self):
        self.counted({1000: 1}, {1000: 1, 5000: 1})
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 6000, self.suspense: -5000, self.advances: -1000})

    def test_an_empty_count_of_a_full_box_is_all_short(self):
        self.counted({1000: 1}, {})
        self.roll()
        self.assertEqual(self.sums(), {self.suspense: 1000, self.advances: -1000})

    def test_an_empty_box_moves_nothing(self):
        box = self.counted({1000: 1}, {1000: 1})
        box.with_user(self.teller).action_print_slip()
        empty = self.count(self.take_out(), {})
        self.assertEqual((empty.is_booked, empty.line_ids.ids, empty.state), (True, [], "settled"))

    def test_money_that_comes_after_the_session_and_the_count_is_neither_lost_nor_twice(self):
        box = self.counted({1000: 1}, {1000: 1, 5000: 1})
        self.roll()
        self.put_in({5000: 1}, session="box-1")
        self.project()
        self.book()
        self.roll()
        self.assertTrue(box.is_booked)
        self.assertEqual(self.sums(), {self.transit: 6000, self.advances: -6000})

    def test_a_second_count_corrects_the_books(self):
        box = self.counted({1000: 3}, {1000: 1})
        self.count(box, {1000: 2}, self.teller2)
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 2000, self.suspense: 1000, self.advances: -3000})

    def test_a_found_note_leaves_the_suspense_account(self):
        self.put_in({}, uncertain=[{"denomination": 5000, "at": 1_700_000_000_000}] * 2)
        box = self.count(self.take_out(), {5000: 1})
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 5000, self.suspense: -5000})
        note = box.note_ids[:1]
        note.with_user(self.supervisor).propose("found", "Shown.")
        note.with_user(self.supervisor2).action_approve()
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 5000, self.advances: -5000})

    def test_notes_of_a_terminal_that_is_no_kiosk_are_counted_without_books(self):
        terminal = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02", "takes_notes": True})
        tender = self.put_in({1000: 1})
        tender.terminal_id = terminal
        box = terminal.cash_box_id
        box.with_user(self.technician).action_take_out()
        self.wait(box)
        box.with_user(self.technician).action_out()
        self.count(box, {})
        self.assertEqual((box.difference, box.is_booked, box.line_ids.ids), (-10, True, []))
        box.with_user(self.teller).propose_explanation(-10, "other", "x", self.env["account.account"])
        box.explanation_ids.with_user(self.supervisor).action_approve()
        self.assertEqual(box.state, "settled")

    # -- explanations

    def test_nobody_explains_more_than_there_is_or_the_other_way_round(self):
        box = self.counted({1000: 3}, {1000: 1})
        for cents in (-2001, 2000, 1):
            with self.refuses("A-510"):
                self.explain(box, cents)
        self.explain(box, -1500)
        with self.refuses("A-510"):
            (self.explain(box, -1500) and self.approve_all(box))

    def approve_all(self, box):
        for explanation in box.explanation_ids:
            explanation.with_user(self.supervisor2).action_approve()

    def test_a_difference_is_not_booked_to_where_it_is(self):
        box = self.counted({1000: 3}, {1000: 1})
        for account in (self.suspense, self.env["account.account"]):
            with self.assertRaises(ValidationError):
                box.with_user(self.teller).propose_explanation(-20, "other", "x", account)

    def explaining(self, box):
        window = Form(
            self.env["electricity.cash.box.explain"]
            .with_user(self.teller)
            .with_context(default_cash_box_id=box.id, default_amount=box.open_difference)
        )
        window.reason = "theft"
        window.note = "Looked into."
        return window

    def test_the_window_asks_for_an_account_and_proposes_what_was_approved_for_the_reason(self):
        box = self.counted({1000: 3}, {1000: 1})
        window = self.explaining(box)
        self.assertFalse(window.account_id)
        with self.assertRaisesRegex(AssertionError, "account_id is a required field"):
            window.save()
        window.amount = -15
        window.account_id = self.bearer
        window.save().action_propose()
        self.assertFalse(self.explaining(box).account_id, "nobody has approved it yet")
        self.approve_all(box)
        self.assertEqual(self.explaining(box).account_id, self.bearer)

    def test_the_window_offers_accounts_that_bear_a_difference_and_no_others(self):
        box = self.counted({1000: 3}, {1000: 1})
        window = self.env["electricity.cash.box.explain"].create(
            {"cash_box_id": box.id, "amount": -20, "reason": "other", "note": "x"}
        )
        domain = safe_eval(window._fields["account_id"].domain, {"company_id": box.company_id.id})
        outstanding = self.transit.copy({"code": "101998", "reconcile": True})
        offered = self.env["account.account"].search(domain)
        self.assertIn(self.bearer, offered)
        self.assertFalse(offered & (self.cash | outstanding))

    def test_an_approved_explanation_clears_suspense_and_settles_the_box(self):
        box = self.counted({1000: 3}, {1000: 1})
        self.explain(box, -1500)
        self.approve_all(box)
        self.assertEqual((box.state, box.open_difference), ("counted", -5))
        explanation = self.explain(box, -500)
        explanation.with_user(self.supervisor).action_approve()
        self.assertEqual(box.state, "settled")
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 1000, self.bearer: 2000, self.advances: -3000})

    def test_long_money_goes_to_whom_it_belongs(self):
        box = self.counted({1000: 1}, {1000: 2})
        self.explain(box, 1000).with_user(self.supervisor).action_approve()
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 2000, self.bearer: -1000, self.advances: -1000})

    def test_an_explanation_is_approved_once(self):
        box = self.counted({1000: 3}, {1000: 1})
        explanation = self.explain(box, -2000)
        explanation.with_user(self.supervisor).action_approve()
        with self.refuses("A-504"):
            explanation.with_user(self.supervisor2).action_approve()
        self.assertEqual(len(explanation.move_id), 1)

    def test_an_explanation_is_taken_back_until_the_box_is_closed(self):
        box = self.counted({1000: 3}, {1000: 1})
        explanation = self.explain(box, -2000)
        explanation.with_user(self.supervisor).action_approve()
        explanation.with_user(self.supervisor2).action_reverse()
        self.assertEqual((box.state, box.open_difference), ("counted", -20))
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 1000, self.suspense: 2000, self.advances: -3000})
        self.explain(box, -2000).with_user(self.supervisor).action_approve()
        box.with_user(self.teller).action_print_slip()
        box.with_user(self.teller).action_close()
        with self.refuses("A-504"):
            box.explanation_ids[:1].with_user(self.supervisor2).action_reverse()

    def test_a_late_statement_makes_an_explanation_wrong_and_says_so(self):
        box = self.counted({1000: 1}, {1000: 2})
        explanation = self.explain(box, 1000)
        explanation.with_user(self.supervisor).action_approve()
        self.put_in({1000: 1}, session="box-1")
        self.book()
        box.invalidate_recordset()
        self.assertEqual((box.state, box.difference, box.open_difference), ("counted", 0, -10))
        with self.refuses("A-510"):
            self.explain(box, -1000)
        explanation.with_user(self.supervisor2).action_reverse()
        self.assertEqual(box.state, "settled")
        self.roll()
        self.assertEqual(self.sums(), {self.transit: 2000, self.advances: -2000})
