"""What the switch of a cash box says stands beside what staff pressed; a box that nobody took out is told."""

import importlib.util
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.modules import get_manifest
from odoo.tests import tagged

from .box_case import BoxCase

FOLDER = Path(__file__).parents[1] / "migrations"


@tagged("post_install", "-at_install")
class TestBoxSwitch(BoxCase):
    def say(self, *states):
        """Let the terminal tell of the switches of its box."""
        told = [
            {"kind": "cash_box", "name": f"box {number}", "state": state, "code": None, "detail": {}}
            for number, state in enumerate(states)
        ]
        self.env["electricity.terminal"].sudo().sync(self.proxy.heartbeat(devices=told), [])
        self.env.flush_all()
        self.env.invalidate_all()

    def reports(self):
        return self.terminal.activity_ids.filtered(lambda each: "A-514" in (each.summary or ""))

    def test_a_box_that_staff_take_out_bears_what_its_switch_said(self):
        box = self.box()
        self.say("closed")
        self.assertFalse(box.switch_out_at)
        box.with_user(self.technician).action_take_out()
        self.say("open")
        self.wait(box)
        # Pressed before the new box is locked in: what closes then is still about the change of the old one.
        box.with_user(self.technician).action_out()
        self.say("closed")
        self.assertTrue(box.leaving_at <= box.switch_out_at + timedelta(minutes=2))
        self.assertTrue(box.switch_in_at)
        self.assertEqual((self.box().switch_out_at, self.reports().ids), (False, []))

    def test_a_box_that_was_out_without_being_taken_out_calls_somebody_once(self):
        box = self.box()
        for _time in range(2):
            self.say("open")
            self.assertTrue(box.switch_out_at)
            self.assertFalse(box.switch_in_at)
            self.say("closed")
        self.assertEqual(len(self.reports()), 1)
        self.assertEqual(sum("Take the Box Out" in str(each.body) for each in box.message_ids), 2)
        self.assertEqual(self.box(), box, "only people say which box is in")

    def test_out_of_service_for_emptying_alone_is_no_batch(self):
        self.terminal.with_user(self.technician).take_out("emptying", {"en_US": "Emptying"})
        self.say("open")
        self.say("closed")
        self.assertEqual(len(self.reports()), 1)

    def test_a_switch_that_cannot_be_read_says_nothing(self):
        box = self.box()
        self.say("unknown")
        self.say("open", "closed")
        self.say("unknown", "closed")
        self.assertFalse(box.switch_in_at)
        self.assertTrue(box.switch_out_at)
        self.assertFalse(self.reports())


@tagged("post_install", "-at_install")
class TestBoxesFromBefore(BoxCase):
    def migrate(self):
        """Run the script as an update does."""
        path = FOLDER / "19.0.1.1.0/post-boxes-from-before.py"
        spec = importlib.util.spec_from_file_location("migration", path)
        script = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(script)
        self.env.flush_all()
        script.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()

    def age(self, table, ids, minutes):
        """Let rows have been made so long ago."""
        self.env.flush_all()
        made = fields.Datetime.now() - timedelta(minutes=minutes)
        self.env.cr.execute(f"UPDATE {table} SET create_date = %s WHERE id IN %s", [made, tuple(ids)])
        self.env.invalidate_all()

    def test_every_script_is_of_a_version_that_the_addon_has_reached(self):
        reached = get_manifest("kiosk_hw")["version"]
        for folder in FOLDER.iterdir():
            self.assertLessEqual(*(tuple(map(int, text.split("."))) for text in (folder.name, reached)))

    def test_only_boxes_that_an_update_made_out_are_from_before(self):
        taken_out = self.take_out()
        emptied = self.put_in({1000: 1}, session="box-8")
        late = self.put_in({1000: 1}, session="box-9")
        old, unknown, present = self.box(8), self.box(9), self.box()
        self.age("electricity_tender", emptied.ids, 90)
        # The update made this box and the one that was in the machine then, long after the money.
        self.age("electricity_cash_box", (old | present).ids, 60)
        self.age("electricity_tender", late.ids, 30)
        self.age("electricity_cash_box", unknown.ids, 30)
        for _time in range(2):
            self.migrate()
        self.assertEqual(
            [box.state for box in (old, unknown, taken_out, present)], ["before", "out", "out", "in_machine"]
        )
        self.count(unknown, {1000: 1})
