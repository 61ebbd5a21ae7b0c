"""Each note and each step of a write in the trail of a visit, as the terminal has signed it."""

import uuid
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import KioskCase


@tagged("post_install", "-at_install")
class TestKioskVisitNotes(KioskCase):
    def setUp(self):
        super().setUp()
        self.terminal.takes_notes = True
        self.kiosk = self._page_of(self.config).with_context(kiosk_visit=str(uuid.uuid4()))
        self.order_uuid = str(uuid.uuid4())
        self.assertTrue(self.kiosk.begin(self.order_uuid, self.reading(), "100.00")["ok"])

    def told(self, *rows, terminal=None):
        """The terminal tells Odoo of notes and writes."""
        proxy = terminal or self.proxy
        trail = self.env["electricity.terminal.trail"].sudo()
        self.assertTrue(trail.take(proxy.record, proxy.trail(*rows), self.database_uuid))

    def note(self, **changes):
        return self.proxy.note_row(**{"recharge": self.order_uuid, **changes})

    def events(self, user=None, what="Note"):
        """(source, what, text, code) of the visit's events that begin with a word, as somebody sees them."""
        self.env.invalidate_all()
        visit = self.env["electricity.kiosk.visit"].with_user(user or self.supervisor).search([])
        self.assertEqual(len(visit), 1)
        found = [event for event in visit.events() if event["what"].startswith(what)]
        return [(event["source"], event["what"], event["text"], event["code"]) for event in found]

    def test_a_hundred_that_came_back_is_in_the_trail_although_nothing_was_paid(self):
        now = fields.Datetime.now().timestamp()
        ends = [
            {"denomination": 10_000, "end": "returned", "wish": "return"},
            {"denomination": None, "end": "rejected", "wish": None, "reason": "not recognised"},
            {"denomination": 2_000, "end": "returned"},
            {"denomination": 5_000, "end": "uncertain"},
            {"denomination": 5_000},
        ]
        rows = [self.note(**end, done=int(now * 1000) + 1000 * place) for place, end in enumerate(ends)]
        self.told(*rows)
        self.assertEqual(
            self.events(),
            [
                ("terminal", "Note 100.00", "came back, was not to be taken", ""),
                ("terminal", "Note of unknown worth", "came back, not taken (not recognised)", ""),
                ("terminal", "Note 20.00", "came back, although it was to be taken", ""),
                ("terminal", "Note 50.00", "was put in; the acceptor does not say where it is", "A-109"),
                ("terminal", "Note 50.00", "went into the cash box", ""),
            ],
        )

    def test_a_note_that_came_out_while_nothing_was_paid_belongs_to_the_visit_of_that_time(self):
        done = int(fields.Datetime.now().timestamp() * 1000)
        hour = timedelta(hours=1) // timedelta(milliseconds=1)
        alone = {"recharge": None, "end": "rejected", "wish": None}
        self.env.cr.execute("UPDATE electricity_kiosk_visit SET started_at = started_at - interval '20 seconds'")
        self.told(self.note(**alone, done=done - 5_000), self.note(**alone, done=done - hour))
        self.assertEqual(len(self.events()), 1)

    def test_another_companys_terminal_puts_no_note_into_it(self):
        company = self.env["res.company"].create({"name": "Other utility"})
        record = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02", "company_id": company.id})
        self.told(self.note(), terminal=type(self.proxy)(record, self.database_uuid))
        self.assertEqual(self.events(), [])

    def test_the_steps_of_a_write_are_told_with_the_cards_last_words(self):
        self.kiosk.add_tender(self.order_uuid, self.proxy.tender(self.order_uuid, {5_000: 2}))
        issued = self.kiosk.authorize(self.order_uuid, self.reading())
        self.kiosk.confirm([self.proxy.write(self.card, issued["write_order"])])
        steps = [
            ("check", None, "9000"),
            ("unlock", None, "9007"),
            ("write", "block 1", "6581"),
            ("verify", None, None),
        ]
        self.told(self.proxy.write_row(issued["attempt"], steps), self.proxy.write_row(str(uuid.uuid4()), steps))
        words = "check 9000 · unlock 9007 · write block 1 6581 · verify –"
        what = "Steps of the write, with the card's last status words"
        self.assertEqual(self.events(what="Steps"), [("terminal", what, words, "")])

    def test_who_may_not_see_the_money_sees_no_note_and_nobody_sees_a_number(self):
        self.told(self.note(end="returned"))
        technician = self._make_user("technician", "group_technician")
        self.assertEqual(self.events(technician), [])
        visit = self.env["electricity.kiosk.visit"].with_user(self.supervisor).search([])
        self.assertIn("came back", str(visit.trail))
        for number in (self.account.name, self.account.card_ids[:1].name or self.account.name):
            self.assertNotIn(number, str(visit.trail))
