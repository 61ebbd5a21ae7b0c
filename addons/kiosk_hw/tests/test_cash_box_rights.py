"""Who may do what to a cash box."""

from lxml import etree
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .box_case import BoxCase


@tagged("post_install", "-at_install")
class TestCashBoxRights(BoxCase):
    def test_only_technicians_and_cash_staff_take_a_box_out(self):
        for user in (self.finance, self.supervisor):
            with self.assertRaisesRegex(UserError, "S-116"):
                self.box().with_user(user).action_take_out()
        with self.assertRaises(AccessError):
            self.box().with_user(self.config.kiosk_user_id).action_take_out()
        self.box().with_user(self.teller).action_take_out()
        self.assertEqual(self.box().state, "leaving")

    def test_only_cash_staff_count(self):
        box = self.take_out()
        for user in (self.finance, self.supervisor, self.technician, self.clerk):
            with self.assertRaises(UserError):
                self.count(box, {}, user)
        self.assertEqual(box.state, "out")

    def test_only_supervisors_approve_and_not_their_own(self):
        box = self.counted({1000: 1}, {})
        explanation = self.explain(box, -1000, self.supervisor)
        for user in (self.finance, self.technician, self.teller):
            with self.assertRaisesRegex(UserError, "S-116"):
                explanation.with_user(user).action_approve()
        with self.assertRaisesRegex(UserError, "S-121"):
            explanation.with_user(self.supervisor).action_approve()
        explanation.with_user(self.supervisor2).action_approve()
        self.assertEqual(explanation.state, "approved")

    def test_finance_reads_and_changes_nothing(self):
        box = self.counted({1000: 1}, {})
        self.assertEqual(box.with_user(self.finance).read(["recorded", "difference", "table"])[0]["difference"], -10)
        for call in ("action_print_slip", "action_explain", "action_close", "action_count"):
            with self.assertRaisesRegex(UserError, "S-116"):
                getattr(box.with_user(self.finance), call)()

    def test_technicians_take_boxes_out_and_see_no_amounts(self):
        self.put_in({1000: 2})
        box = self.take_out()
        self.count(box, {1000: 1})
        self.explain(box, -1000)
        mine = box.with_user(self.technician)
        names = ["recorded", "uncertain", "counted", "count_lines", "difference", "explained", "open_difference"]
        for name in [*names, "piece_count", "table", "difference_text", "explanation_ids"]:
            with self.assertRaises(AccessError):
                mine.read([name])
            self.assertTrue(box.with_user(self.finance).read([name]))
        with self.assertRaises(AccessError):
            mine.formatted_read_group([], ["state"], ["counted:sum"])
        with self.assertRaises(AccessError):
            self.env["electricity.cash.box.explanation"].with_user(self.technician).search([])
        with self.assertRaises(AccessError):
            self.terminal.with_user(self.technician).read(["cash_box_amount"])
        for kind in ("list", "form", "kanban"):
            shown = etree.fromstring(mine.get_view(view_type=kind)["arch"]).xpath("//field/@name")
            self.assertFalse({*names, "table", "explanation_ids"} & set(shown))
        self.assertNotIn("10.00", " ".join(mine.message_ids.mapped("body")))
        tracked = box.message_ids.sudo().tracking_value_ids
        self.assertIn("counted", tracked.field_id.mapped("name"))
        seen = tracked._filter_has_field_access(self.env(user=self.technician))
        self.assertNotIn("counted", seen.field_id.mapped("name"))

    def test_the_slip_is_no_way_round_for_technicians(self):
        box = self.counted({1000: 2}, {1000: 1})
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.technician)._render_qweb_html(
                "kiosk_hw.cash_box_slip", box.ids
            )

    def test_nobody_writes_rows(self):
        box = self.counted({1000: 1}, {})
        explanation = self.explain(box, -1000)
        for user in (self.finance, self.supervisor, self.technician, self.teller):
            for record, values in ((box, {"state": "closed"}), (explanation, {"state": "approved"})):
                with self.assertRaises(AccessError):
                    record.with_user(user).write(values)
                with self.assertRaises(AccessError):
                    record.with_user(user).unlink()

    def test_judging_a_heartbeat_adds_up_no_notes_however_long_the_terminal_stands_there(self):
        self.put_in({1000: 1})
        self.take_out()
        self.put_in({1000: 1})
        terminal = self.terminal.sudo()
        self.env.flush_all()
        terminal.invalidate_recordset()
        terminal.read(["box_number"])
        before = self.env.cr.sql_log_count
        self.assertFalse(terminal.is_box_leaving)
        self.assertEqual(self.env.cr.sql_log_count - before, 1)
        self.assertEqual(terminal.cash_box_amount, 10)

    def test_who_counts_blindly_does_not_see_at_the_terminal_what_is_in_the_box(self):
        self.put_in({1000: 3})
        self.terminal.sudo().box_level = 3
        self.company.kiosk_blind_count = True
        counts = self._make_user("counts", "group_supervisor")
        counts.group_ids += self.env.ref("kiosk_hw.group_cash_box")
        names = ["box_pieces", "box_percent", "box_amount", "box_notes", "cash_box_amount"]
        (seen,) = self.terminal.with_user(self.supervisor).read(names)
        self.assertEqual((seen["box_pieces"], seen["box_amount"], seen["cash_box_amount"]), (3, 30, 30))
        (seen,) = self.terminal.with_user(counts).read(names)
        self.assertFalse([name for name in names if seen[name]])
        with self.assertRaises(AccessError):
            self.terminal.with_user(self.teller).read(["box_level"])
        self.company.kiosk_blind_count = False
        self.assertEqual(self.terminal.with_user(counts).box_pieces, 3)

    def test_boxes_of_another_company_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Other Power"})
        stranger = self._make_user("stranger", "group_supervisor", company)
        box = self.counted({1000: 1}, {})
        explanation = self.explain(box, -1000)
        for record in (box, explanation):
            self.assertFalse(record.with_user(stranger).search([("id", "=", record.id)]))
            with self.assertRaises(AccessError):
                record.with_user(stranger).read(["company_id"])
        with self.assertRaises(AccessError):
            explanation.with_user(stranger).action_approve()

    def test_every_screen_opens_for_everybody_who_has_its_menu(self):
        self.put_in({1000: 1}, uncertain=[{"denomination": 1000, "at": 1_700_000_000_000}])
        box = self.take_out()
        self.count(box, {})
        self.explain(box, -1000)
        for user in (self.teller, self.technician, self.supervisor, self.finance):
            for model in ("electricity.cash.box", "electricity.cash.box.note", "electricity.cash.box.explanation"):
                records = self.env[model].with_user(user)
                if user == self.technician and model == "electricity.cash.box.explanation":
                    continue
                for kind in ("list", "form"):
                    self.assertTrue(records.search([]).read(self.shown(records, kind)))
        for user in (self.technician, self.supervisor, self.finance):
            terminal = self.terminal.with_user(user)
            terminal.read(self.shown(terminal, "form"))

    def shown(self, records, kind):
        """Return the fields that a view shows to the user of the records."""
        arch = etree.fromstring(records.get_view(view_type=kind)["arch"])
        return list(map(str, arch.xpath("//field[not(ancestor::field)]/@name")))
