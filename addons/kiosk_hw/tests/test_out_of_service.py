"""Kiosks that are taken out of service from afar, and come back."""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import KioskCase

DOOR = {"kind": "door", "name": "door", "state": "open", "code": None, "detail": {}}


@tagged("post_install", "-at_install")
class TestOutOfService(KioskCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.technician = new_test_user(cls.env, "out_technician", "electricity_prepaid.group_technician")
        cls.counter_terminal = cls.env["electricity.terminal"].create({"name": "Counter V", "code": "T03"})

    def wizard(self, terminals=None, **values):
        terminals = terminals or self.terminal
        wizards = self.env["electricity.kiosk.out"].with_user(self.technician)
        return wizards.with_context(default_terminal_ids=terminals.ids).create(
            {"terminal_ids": terminals.ids, **values}
        )

    def heard(self):
        rows = self.env.cr.precommit.data.get("bus.bus.values", [])
        return [json.loads(row["message"])["type"] for row in rows if self.config.access_token in row["channel"]]

    def test_a_kiosk_says_the_text_in_both_languages_and_who_did_it(self):
        self.wizard(reason="emptying").action_confirm()
        texts = self.kiosk.start()["texts"]
        self.assertIn("emptied", texts["en_US"]["notice"])
        self.assertIn("清钞", texts["zh_CN"]["notice"])
        self.assertEqual((self.terminal.is_out, self.terminal.out_by_id), (True, self.technician))
        self.assertEqual(self.terminal.message_ids[:1].author_id, self.technician.partner_id)
        self.assertEqual(self.heard()[:1], [f"{self.config.access_token}-ELECTRICITY_KIOSK"])
        self.terminal.with_user(self.technician).action_back_in_service()
        self.assertIsNone(self.kiosk.start()["texts"]["zh_CN"]["notice"])
        self.assertFalse(self.terminal.is_out or self.terminal.out_by_id)

    def test_the_window_says_beforehand_what_it_will_do(self):
        other = self._make_kiosk(self.env["electricity.terminal"].create({"name": "W", "code": "T04"}), "W", "KSKW")
        other.kiosk_notice = "Closed."
        terminals = self.terminal | other.electricity_terminal_id | self.counter_terminal
        wizard = self.wizard(terminals, reason="fault")
        self.assertEqual((wizard.closes, wizard.changes, wizard.leaves), ("Counter T", "W", "Counter V"))
        wizard.action_confirm()
        self.assertEqual(terminals.filtered("is_out"), terminals - self.counter_terminal)
        with self.assertRaises(UserError):
            self.wizard(self.counter_terminal).action_confirm()

    def test_the_text_follows_the_reason_until_somebody_writes_another(self):
        form = Form(
            self.env["electricity.kiosk.out"]
            .with_user(self.technician)
            .with_context(default_terminal_ids=self.terminal.ids)
        )
        self.assertIn("emptied", form.text_en)
        form.reason = "fault"
        self.assertIn("out of order", form.text_en)
        form.text_en = "Flooded."
        form.save().action_confirm()
        self.assertEqual(self.config.kiosk_notice, "Flooded.")

    def test_a_planned_end_comes_by_itself_and_no_earlier(self):
        self.wizard(until=fields.Datetime.now() + timedelta(hours=1)).action_confirm()
        self.env["electricity.terminal"]._cron_back_in_service()
        self.assertTrue(self.terminal.is_out)
        self.terminal.sudo().out_until = fields.Datetime.now() - timedelta(seconds=1)
        self.env["electricity.terminal"]._cron_back_in_service()
        self.assertFalse(self.terminal.is_out)
        with self.assertRaises(UserError):
            self.wizard(until=fields.Datetime.now() - timedelta(hours=1)).action_confirm()

    def test_who_empties_a_box_opens_doors_without_an_alarm(self):
        self.wizard(reason="emptying").action_confirm()
        sync = self.env["electricity.terminal"].sudo().sync
        sync(self.proxy.heartbeat(devices=[DOOR]), [])
        self.assertFalse(self.terminal.open_alarm_ids)
        self.assertEqual(self.terminal.fleet_state, "out")
        self.terminal.with_user(self.technician).action_back_in_service()
        sync(self.proxy.heartbeat(devices=[DOOR]), [])
        self.assertEqual(self.terminal.open_alarm_ids.kind, "door_open")

    def test_clerks_and_other_companies_close_nothing(self):
        company = self.env["res.company"].create({"name": "Other Power"})
        stranger = self._make_user("stranger", "group_supervisor", company)
        with self.assertRaises(AccessError):
            self.env["electricity.kiosk.out"].with_user(self.clerk).create({"terminal_ids": self.terminal.ids})
        for user in (self.clerk, stranger, self.config.kiosk_user_id):
            for call in ("action_back_in_service", "action_open_out_of_service"):
                with self.assertRaises(UserError):
                    getattr(self.terminal.with_user(user), call)()
        wizards = self.env["electricity.kiosk.out"].with_user(stranger)
        with self.assertRaises(AccessError):
            wizards.create({"terminal_ids": self.terminal.ids}).action_confirm()
        with self.assertRaises(AccessError):
            self.terminal.with_user(self.technician).write({"is_out": True})
        self.assertFalse(self.terminal.is_out)

    def test_the_version_of_the_open_page_is_known_and_nonsense_is_not(self):
        ours = self.env["electricity.kiosk"].page_version()
        self.kiosk.start("1.0")
        self.assertEqual((self.terminal.page_version, self.terminal.page_is_behind), ("1.0", True))
        for nonsense in ("<b>", "9" * 50, 7, None, "undefined"):
            self.assertTrue(self.kiosk.start(nonsense)["ok"])
            self.assertEqual(self.terminal.page_version, "1.0")
        self.kiosk.start(ours)
        self.assertFalse(self.terminal.page_is_behind)

    def test_a_page_from_before_finish_here_was_told_who_goes_on_is_behind(self):
        self.kiosk.start("19.0.1.1.0")
        self.assertTrue(self.terminal.page_is_behind)

    def test_a_page_that_does_not_ask_what_was_interrupted_is_behind(self):
        self.kiosk.start("19.0.1.2.0")
        self.assertTrue(self.terminal.page_is_behind)
