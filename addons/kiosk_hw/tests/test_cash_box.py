"""Cash boxes: out of the machine, counted, on paper, closed; nothing is mixed up, missed or counted twice."""

import uuid
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .box_case import BoxCase

AT = 1_700_000_000_000


def uncertain(*denominations):
    return [{"denomination": denomination, "at": AT} for denomination in denominations]


@tagged("post_install", "-at_install")
class TestCashBox(BoxCase):
    def refuses(self, code):
        return self.assertRaisesRegex(UserError, code)

    # -- out of the machine

    def test_while_a_box_is_changed_no_order_to_take_notes_is_signed(self):
        order = self.begin_at_kiosk()
        self.box().with_user(self.technician).action_take_out()
        self.assertRefused(self.kiosk.collect(order.uuid), "A-501")
        self.box().with_user(self.technician).action_stay()
        self.assertTrue(self.kiosk.collect(order.uuid)["ok"])

    def test_a_new_box_is_not_in_while_an_order_for_the_old_one_may_still_open_the_acceptor(self):
        box = self.box()
        box.with_user(self.technician).action_take_out()
        with self.refuses("A-503"):
            box.with_user(self.technician).action_out()
        self.assertEqual((box.state, self.terminal.box_number), ("leaving", 1))
        self.wait(box)
        box.with_user(self.technician).action_out()
        self.assertEqual((box.state, self.terminal.box_number, self.box().state), ("out", 2, "in_machine"))

    def test_a_second_click_changes_no_second_box(self):
        box = self.take_out()
        with self.refuses("A-504"):
            box.with_user(self.technician).action_out()
        with self.refuses("A-504"):
            box.with_user(self.technician).action_take_out()
        self.assertEqual(self.terminal.box_number, 2)

    def test_the_terminals_form_begins_the_same_way(self):
        self.terminal.with_user(self.technician).action_new_cash_box()
        self.assertEqual((self.box().state, self.terminal.box_number), ("leaving", 1))

    def test_a_box_number_that_was_used_before_a_restore_is_not_used_again(self):
        self.put_in({1000: 1}, session="box-2")
        self.put_in({1000: 1}, session="box-7")
        for number in (2, 7):
            self.count(self.box(number), {1000: 1}).with_user(self.teller).action_print_slip()
        self.take_out()
        self.assertEqual((self.terminal.box_number, self.box().session, self.box().recorded), (8, "box-8", 0))

    def test_boxes_from_before_are_neither_counted_nor_booked_and_keep_no_box_in_the_machine(self):
        self.put_in({1000: 1}, session="box-9", uncertain=uncertain(5000))
        self.env.cr.execute("DELETE FROM electricity_cash_box_note")
        self.env.cr.execute("DELETE FROM electricity_cash_box WHERE session = 'box-9'")
        self.env.invalidate_all()
        self.env["electricity.cash.box"]._ensure_boxes()
        self.env["electricity.cash.box"]._ensure_boxes()
        old = self.box(9)
        self.assertEqual((old.state, len(old.note_ids)), ("before", 1))
        self.put_in({2000: 1}, session="box-9")
        self.book()
        old.invalidate_recordset()
        self.assertEqual((old.state, old.line_ids.ids, old.difference), ("before", [], 0))
        with self.refuses("A-504"):
            self.count(old, {1000: 1})
        self.take_out()
        old.note_ids.with_user(self.supervisor).propose("found", "It was in the bag.")
        old.note_ids.with_user(self.supervisor2).action_approve()
        self.assertEqual((old.note_ids.state, old.state), ("found", "before"))

    def test_money_is_recorded_whatever_the_terminals_clock_says_of_a_note(self):
        tender = self.put_in({1000: 1}, uncertain=[{"denomination": 5000, "at": 2**53 - 1}])
        self.assertEqual(tender.amount, 10)
        self.assertLessEqual(self.box().note_ids.happened_at, fields.Datetime.now())

    def test_money_is_recorded_when_its_box_cannot_be_told_and_the_job_tells_it(self):
        Box = type(self.env["electricity.cash.box"])
        failing = patch.object(Box, "of_session", side_effect=UserError("busy"))
        with failing, self.assertLogs("odoo.addons.kiosk_hw", "WARNING"):
            tender = self.put_in({1000: 1}, session="box-9", uncertain=uncertain(5000))
        self.assertEqual((tender.amount, tender.waits_for_box, self.box(9).ids), (10, True, []))
        self.book()
        self.assertEqual((tender.waits_for_box, self.box(9).state, len(self.box(9).note_ids)), (False, "out", 1))

    def test_notes_belong_to_the_box_that_their_statement_names(self):
        self.put_in({1000: 1})
        old = self.take_out()
        self.put_in({5000: 1})
        self.put_in({2000: 1}, session="box-1")
        self.assertEqual((old.recorded, self.box().recorded), (30, 50))

    def test_a_statement_of_a_box_that_nobody_knows_makes_that_box(self):
        self.put_in({1000: 1}, session="box-9")
        box = self.box(9)
        self.assertEqual((box.state, box.recorded), ("out", 10))

    def test_a_terminal_that_begins_to_take_notes_has_a_box_at_once(self):
        terminal = self.env["electricity.terminal"].create({"name": "New", "code": "N01", "takes_notes": True})
        self.assertEqual(terminal.cash_box_id.state, "in_machine")
        other = self.env["electricity.terminal"].create({"name": "Other", "code": "N02"})
        self.assertFalse(other.cash_box_id)
        self.env.cr.execute("UPDATE electricity_terminal SET takes_notes = true WHERE id = %s", [other.id])
        other.invalidate_recordset()
        self.env["electricity.cash.box"]._ensure_boxes()
        self.env["electricity.cash.box"]._ensure_boxes()
        self.assertEqual(len(other.cash_box_ids), 1)

    def test_notes_that_are_out_of_the_machine_no_longer_count_for_its_limit(self):
        self.put_in({10000: 3})
        self.assertEqual(self.terminal._unremitted_cents(), 30000)
        self.take_out()
        self.put_in({5000: 1})
        self.put_in({1000: 1}, session="box-1")
        self.assertEqual(self.terminal._unremitted_cents(), 5000)

    # -- the slip

    def test_no_other_box_is_begun_or_counted_before_the_slip_of_the_last_one(self):
        first = self.take_out()
        with self.refuses("A-502"):
            self.box().with_user(self.technician).action_take_out()
        self.count(first, {})
        with self.refuses("A-502"):
            self.box().with_user(self.technician).action_take_out()
        self.put_in({1000: 1}, session="box-9")
        with self.refuses("A-502"):
            self.count(self.box(9), {1000: 1})
        first.with_user(self.teller).action_print_slip()
        self.count(self.box(9), {1000: 1}).with_user(self.teller).action_print_slip()
        self.take_out()

    def test_a_slip_is_recorded_and_the_next_one_is_a_copy(self):
        box = self.counted({1000: 3}, {1000: 2})
        action = box.with_user(self.teller).action_print_slip()
        self.assertIn(f"kiosk_hw.cash_box_slip/{box.id}?paper=roll", action["url"])
        self.assertEqual((box.slip_count, box.slip_by_id), (1, self.teller))
        self.assertNotIn("Copy", self.slip(box))
        box.with_user(self.teller2).action_print_slip_a5()
        self.assertEqual((box.slip_count, box.slip_by_id), (2, self.teller))
        self.assertIn("Copy", self.slip(box))

    def slip(self, box):
        # The browser's language is not the reader's.
        report = self.env["ir.actions.report"].with_user(self.teller).with_context(lang="en_US")
        html, _kind = report._render_qweb_html("kiosk_hw.cash_box_slip", box.ids, data={"paper": "a5"})
        return html.decode()

    def test_a_slip_says_what_is_missing_in_words(self):
        box = self.counted({1000: 3, 5000: 1}, {1000: 2, 5000: 1})
        text = self.slip(box)
        for part in (box.name, self.terminal.name, "Short money", "Ten", "Taken out by", "technician", "teller"):
            self.assertIn(part, text)
        self.env["res.lang"]._activate_lang("zh_CN")
        self.teller.lang = "zh_CN"
        text = self.slip(box)
        for part in ("壹拾元整", '<article lang="zh_CN"'):
            self.assertIn(part, text)

    def test_there_is_no_slip_before_the_count(self):
        box = self.take_out()
        with self.refuses("A-504"):
            box.with_user(self.teller).action_print_slip()
        self.assertNotIn(box.name, self.slip(box))

    # -- the count

    def test_a_box_in_the_machine_is_not_counted(self):
        with self.refuses("A-504"):
            self.count(self.box(), {})

    def test_a_count_that_is_none_changes_nothing(self):
        box = self.take_out()
        for bad in ({"1000": -1}, {"10.00": 1}, {"1000": 1.5}):
            with self.refuses("S-104"):
                self.count(box, bad)
        self.assertEqual((box.state, box.counted), ("out", 0))

    def test_who_counts_does_not_see_what_was_recorded_before_it_is_counted(self):
        self.put_in({1000: 3})
        box = self.take_out()
        seen = box.with_user(self.teller)
        self.assertEqual((seen.is_hidden, seen.recorded, seen.table), (True, 0, False))
        wizard = self.env["electricity.cash.box.count"].with_user(self.teller)
        wizard = wizard.with_context(default_cash_box_id=box.id).create({})
        self.assertEqual((wizard.is_hidden, wizard.recorded), (True, 0))
        self.assertNotIn(30, [value for value in wizard.read()[0].values() if isinstance(value, float)])
        self.assertEqual(box.with_user(self.finance).recorded, 30)
        self.count(box, {1000: 2})
        self.assertEqual((seen.is_hidden, seen.recorded, seen.difference, box.was_blind), (False, 30, -10, True))

    def test_a_company_may_count_with_the_record_before_its_eyes(self):
        self.company.kiosk_blind_count = False
        self.put_in({1000: 3})
        box = self.take_out()
        self.assertEqual(box.with_user(self.teller).recorded, 30)
        self.assertFalse(self.count(box, {1000: 3}).was_blind)

    def test_the_window_counts_by_denomination(self):
        self.put_in({1000: 3})
        box = self.take_out()
        model = self.env["electricity.cash.box.count"].with_user(self.teller)
        wizard = model.with_context(default_cash_box_id=box.id).create({})
        wizard.line_ids.filtered(lambda line: line.denomination == 10).pieces = 3
        self.assertEqual((wizard.counted, wizard.piece_count), (30, 3))
        wizard.line_ids[:1].pieces = -1
        with self.assertRaises(UserError):
            wizard.action_confirm()
        wizard.line_ids[:1].pieces = 0
        wizard.action_confirm()
        self.assertEqual((box.counted, box.state, box.count_lines), (30, "settled", {"1000": 3}))

    def test_a_second_count_is_another_persons(self):
        box = self.counted({1000: 3}, {1000: 2})
        with self.refuses("A-511"):
            self.count(box, {1000: 3})
        self.count(box, {1000: 3}, self.teller2)
        self.assertEqual((box.state, box.counted_by_id, box.difference), ("settled", self.teller2, 0))

    # -- uncertain notes

    def test_a_note_that_the_box_shows_is_the_customers_money(self):
        order = self.begin_at_kiosk("100.00")
        tender = self.put_in({5000: 1}, order.uuid, uncertain=uncertain(5000))
        box = self.take_out()
        self.assertEqual((box.recorded, box.uncertain, order.state), (50, 50, "draft"))
        self.count(box, {5000: 2})
        note = box.note_ids
        self.assertEqual((note.state, note.is_by_count, box.state), ("found", True, "settled"))
        found = note.found_tender_id
        self.assertEqual((found.kind, found.amount, found.recharge_id), ("box_count", 50, order))
        self.assertEqual((order.state, self.account.balance, tender.amount), ("paid", 100, 50))
        self.assertEqual(found.pos_order_id.amount_total, 50)
        self.assertLedger()

    def test_a_note_that_is_not_there_is_closed_as_not_taken(self):
        order = self.begin_at_kiosk("100.00")
        self.put_in({5000: 1}, order.uuid, uncertain=uncertain(5000))
        box = self.count(self.take_out(), {5000: 1})
        self.assertEqual((box.note_ids.state, box.state, self.account.balance), ("absent", "settled", 50))
        self.assertFalse(box.note_ids.found_tender_id)

    def test_the_customers_receipt_says_what_became_of_the_notes(self):
        order = self.begin_at_kiosk("100.00")
        self.put_in({}, order.uuid, uncertain=uncertain(5000, 1000))
        self.kiosk.give_up(order.uuid)
        self.assertEqual(order._status()["uncertain"], "60.00")
        self.count(self.take_out(), {5000: 1})
        self.assertEqual((order._status()["uncertain"], order.receipt_stage()), ("0.00", "kept"))
        stated = order.tender_ids.filtered("uncertain_amount")
        self.assertEqual(stated.uncertain_text, "50.00 (found in the box), 10.00 (not in the box)")
        self.assertEqual((stated.standing, stated.is_looked_for), ("decided", False))
        lines = order.receipt_lines()
        found = [line["value"] for line in lines if line.get("text") == "Cash, Found in the Box"]
        self.assertIn("50.00", *found)
        (absent,) = [line["text"] for line in lines if "is not in it" in line.get("text", "")]
        self.assertIn("10.00", absent)
        self.assertFalse([line for line in lines if "looked for (" in line.get("text", "")])

    def test_a_receipt_for_a_note_that_was_not_there_can_still_be_read(self):
        order = self.begin_at_kiosk("100.00")
        self.put_in({}, order.uuid, uncertain=uncertain(5000))
        self.kiosk.give_up(order.uuid)
        self.count(self.take_out(), {})
        self.assertEqual((order._status()["uncertain"], order.receipt_stage()), ("0.00", "looked_for"))

    def test_one_of_two_uncertain_notes_is_left_to_two_persons(self):
        order = self.begin_at_kiosk("100.00")
        self.put_in({}, order.uuid, uncertain=uncertain(5000, 5000))
        box = self.count(self.take_out(), {5000: 1})
        self.assertEqual((set(box.note_ids.mapped("state")), box.state), ({"open"}, "counted"))
        first, second = box.note_ids
        with self.refuses("S-121"):
            first.with_user(self.supervisor).action_approve()
        first.with_user(self.supervisor).propose("found", "The customer showed the receipt.")
        with self.refuses("S-121"):
            first.with_user(self.supervisor).action_approve()
        first.with_user(self.supervisor2).action_approve()
        with self.refuses("A-504"):
            first.with_user(self.supervisor2).action_approve()
        self.assertEqual((first.state, self.account.balance, box.difference, box.state), ("found", 50, 0, "counted"))
        second.with_user(self.teller).propose("absent", "Only one note.")
        second.with_user(self.supervisor).action_approve()
        self.assertEqual((second.state, box.state, self.account.balance), ("absent", "settled", 50))

    def test_a_proposal_is_not_changed_under_the_eyes_of_who_approves(self):
        self.put_in({}, uncertain=uncertain(5000, 5000))
        note = self.count(self.take_out(), {5000: 1}).note_ids[:1]
        note.with_user(self.teller).propose("absent", "Not seen.")
        with self.refuses("A-504"):
            note.with_user(self.teller2).propose("found", "Mine.")
        with self.refuses("S-116"):
            note.with_user(self.teller2).action_withdraw()
        note.with_user(self.teller).action_withdraw()
        note.with_user(self.teller).propose("found", "Seen.")
        with self.refuses("A-504"):
            note.with_user(self.supervisor).with_context(seen_proposal="absent").action_approve()
        self.assertEqual((note.state, note.proposed, note.proposed_by_id), ("open", "found", self.teller))

    def test_numbers_that_changed_want_a_slip_of_their_own_which_is_no_copy(self):
        box = self.counted({1000: 3}, {1000: 2})
        box.with_user(self.teller).action_print_slip()
        self.count(box, {1000: 3}, self.teller2)
        self.assertEqual((box.state, box.slip_count), ("settled", 0))
        with self.refuses("A-502"):
            box.with_user(self.teller).action_close()
        box.with_user(self.teller).action_print_slip()
        self.assertNotIn("Copy", self.slip(box))
        self.assertIn("Replaces", self.slip(box))
        for _ in range(2):
            self.put_in({5000: 1}, session="box-1")
        box.invalidate_recordset()
        self.assertEqual((box.slip_count, box.slip_revision), (0, 2))
        self.terminal.invalidate_recordset()
        calls = [text for text in self.terminal.activity_ids.mapped("summary") if "A-509" in text]
        self.assertEqual(len(calls), 1)

    def test_an_uncertain_note_of_an_unknown_purchase_waits_for_its_owner(self):
        self.put_in({}, uncertain=uncertain(2000))
        box = self.count(self.take_out(), {2000: 1})
        found = box.note_ids.found_tender_id
        self.assertEqual((found.is_unassigned, found.amount, box.state), (True, 20, "settled"))
        found.with_user(self.supervisor).propose_account(self.account, "She was there.")
        found.with_user(self.supervisor2).action_approve_account()
        self.assertEqual(self.account.balance, 20)

    def test_a_note_is_not_decided_before_its_box_is_counted(self):
        self.put_in({}, uncertain=uncertain(2000))
        note = self.box().note_ids
        with self.refuses("A-504"):
            note.with_user(self.supervisor).propose("found", "x")
        self.assertFalse(note.with_user(self.teller).search([]))
        self.count(self.take_out(), {})
        self.assertTrue(note.with_user(self.teller).search([]))

    # -- what comes late

    def test_what_comes_before_the_count_is_part_of_it(self):
        self.put_in({1000: 1})
        box = self.take_out()
        self.put_in({1000: 2}, session="box-1")
        self.assertEqual(self.count(box, {1000: 3}).state, "settled")

    def test_what_comes_after_the_count_opens_a_difference(self):
        box = self.counted({1000: 1}, {1000: 1})
        box.with_user(self.teller).action_print_slip()
        box.with_user(self.teller).action_close()
        self.put_in({5000: 1}, session="box-1")
        box.invalidate_recordset()
        self.assertEqual((box.state, box.recorded, box.difference, box.open_difference), ("counted", 60, -50, -50))
        self.assertTrue(self.terminal.activity_ids)

    def test_a_long_box_is_settled_by_the_statement_that_comes_late(self):
        box = self.counted({1000: 1}, {1000: 1, 5000: 1})
        self.assertEqual((box.state, box.difference), ("counted", 50))
        self.put_in({5000: 1}, session="box-1")
        box.invalidate_recordset()
        self.assertEqual((box.state, box.difference), ("settled", 0))

    def test_an_uncertain_note_that_comes_late_is_decided_by_people(self):
        box = self.counted({1000: 1}, {1000: 1})
        self.put_in({}, str(uuid.uuid4()), session="box-1", uncertain=uncertain(1000))
        box.invalidate_recordset()
        self.assertEqual((box.state, box.note_ids.state), ("counted", "open"))

    # -- the end

    def test_a_box_is_closed_when_it_is_explained_on_paper_and_in_the_books(self):
        box = self.counted({1000: 1}, {1000: 1})
        with self.refuses("A-502"):
            box.with_user(self.teller).action_close()
        box.with_user(self.teller).action_print_slip()
        box.is_booked = False
        with self.refuses("A-507"):
            box.with_user(self.teller).action_close()
        self.book()
        box.with_user(self.teller).action_close()
        self.assertEqual((box.state, box.closed_by_id), ("closed", self.teller))

    def test_a_box_with_a_difference_is_not_closed(self):
        box = self.counted({1000: 1}, {})
        box.with_user(self.teller).action_print_slip()
        with self.refuses("A-504"):
            box.with_user(self.teller).action_close()

    def test_a_box_stays_on_record(self):
        with self.assertRaises(UserError):
            self.box().unlink()
