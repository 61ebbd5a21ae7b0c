"""A box's slip at the terminal's own printer: staff ask for it, it comes out once, its signed word counts."""

import uuid
from datetime import timedelta

from odoo import fields
from odoo.addons.electricity_prepaid.core import tokens
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .box_case import BoxCase

PRINTER = {"kind": "printer", "name": "printer", "state": "ready", "code": None, "detail": {"paper": "enough"}}
NO_PAPER = {**PRINTER, "state": "fault", "code": "A-401", "detail": {"paper": "out"}}
NOTES = {"kind": "notes", "name": "notes", "state": "ready", "code": None, "detail": {}}


@tagged("post_install", "-at_install")
class TestCashBoxPrint(BoxCase):
    def setUp(self):
        super().setUp()
        self.beat()
        self.put_in({1000: 2, 5000: 1})
        self.box_out = self.count(self.take_out(), {1000: 2, 5000: 1})

    def refuses(self, code):
        return self.assertRaisesRegex(UserError, code)

    def beat(self, *ends, device=PRINTER):
        """Let the terminal say how it is and what became of prints; return the print orders of the answer."""
        more = {"prints": [{"job": job, "state": state, "code": code} for job, state, code in ends]} if ends else {}
        answer = self.env["electricity.terminal"].sudo().sync(self.proxy.heartbeat(devices=[device], **more), [])
        self.env.flush_all()
        self.env.invalidate_all()
        return [self.claims(token) for token in answer.get("prints", [])]

    def claims(self, token):
        return tokens.verify(token, tokens.PRINT, self.ring.active.x, self.database_uuid, self.terminal.uuid, "A-405")

    def ask(self, user=None):
        self.box_out.with_user(user or self.teller).action_print_at_terminal()

    def asked(self):
        """Ask, and let the terminal get the order; return its claims."""
        self.ask()
        (order,) = self.beat()
        return order

    def given_ago(self, seconds):
        """Let it have been so long since the terminal got the order."""
        self.box_out.print_ids.sent_at -= timedelta(seconds=seconds)

    def texts(self, order):
        return "\n".join(" ".join(filter(None, (each.get("text"), each.get("value")))) for each in order["lines"])

    def assertSlips(self, count, state):
        self.assertEqual((self.box_out.slip_count, self.box_out.print_ids[:1].state), (count, state))

    # -- the way of a print

    def test_the_slip_counts_when_the_terminal_has_signed_that_it_is_on_paper(self):
        order = self.asked()
        text = self.texts(order)
        for part in (self.box_out.name, "20.00", "50.00", "70.00", "No difference", "Received by"):
            self.assertIn(part, text)
        self.assertSlips(0, "asked")
        with self.refuses("A-502"):
            self.box().with_user(self.technician).action_take_out()
        self.assertEqual(self.beat((order["jti"], "printed", None)), [], "nothing is left to print")
        self.assertSlips(1, "printed")
        self.assertEqual((self.box_out.slip_by_id, self.terminal.prints_wait), (self.teller, False))
        self.box().with_user(self.technician).action_take_out()

    def test_until_it_answers_it_is_asked_for_the_same_print_and_no_other(self):
        order = self.asked()
        (again,) = self.beat()
        self.assertEqual((again["jti"], again["lines"]), (order["jti"], order["lines"]))
        for action in ("action_print_at_terminal", "action_print_slip", "action_print_slip_a5"):
            with self.refuses("A-512"):
                getattr(self.box_out.with_user(self.teller), action)()
        self.assertSlips(0, "asked")

    def test_an_answer_that_comes_twice_or_for_another_terminal_counts_once_and_not(self):
        order = self.asked()
        stranger = self.env["electricity.terminal"].create({"name": "Other", "code": "T99"})
        stranger._take_prints({order["jti"]: ("printed", None)})
        self.assertSlips(0, "asked")
        for _time in range(2):
            self.beat((order["jti"], "printed", "A-404"), (str(uuid.uuid4()), "printed", None))
        self.assertSlips(1, "printed")

    def test_a_forged_answer_is_none(self):
        order = self.asked()
        for end in ((order["jti"], "eaten", None), ("x", "printed", None), (order["jti"], "printed", "torn")):
            with self.assertRaisesRegex(Exception, "P-104"):
                self.beat(end)
        self.assertSlips(0, "asked")

    def test_a_copy_says_that_it_is_one(self):
        self.box_out.with_user(self.teller).action_print_slip()
        self.assertIn("Copy 1", self.texts(self.asked()))

    # -- what fails

    def test_without_paper_nothing_is_asked_for(self):
        self.beat(device=NO_PAPER)
        with self.refuses("A-513"):
            self.ask()
        self.beat(device=NOTES)
        with self.refuses("A-513"):
            self.ask()
        self.assertFalse(self.box_out.print_ids)

    def test_a_terminal_that_is_not_heard_is_asked_for_nothing(self):
        self.terminal.last_heartbeat = fields.Datetime.now() - timedelta(minutes=3)
        with self.refuses("A-513"):
            self.ask()

    def test_what_did_not_print_does_not_count_and_can_be_asked_for_again(self):
        for state, code, mark in (("not_printed", "A-401", False), ("unknown", "A-403", True)):
            order = self.asked()
            self.assertNotIn("may be on paper", self.texts(order))
            self.beat((order["jti"], state, code))
            self.assertSlips(0, state)
            with self.refuses("A-502"):
                self.box().with_user(self.technician).action_take_out()
            self.assertEqual(self.box_out._perhaps_printed(), mark)
        order = self.asked()
        self.assertIn("may be on paper already", self.texts(order))
        self.beat((order["jti"], "printed", None))
        self.assertSlips(1, "printed")

    def test_what_the_terminal_never_got_is_withdrawn_at_once(self):
        self.ask()
        self.box_out.with_user(self.teller).action_withdraw_print()
        self.assertEqual(self.beat(), [])
        self.box_out.with_user(self.teller).action_print_slip()
        self.assertEqual(self.box_out.slip_count, 1)

    def test_what_it_got_is_waited_for_as_long_as_it_may_still_print(self):
        order = self.asked()
        self.box_out.with_user(self.teller).action_withdraw_print()
        self.assertEqual(self.beat(), [])
        with self.refuses("A-512"):
            self.box_out.with_user(self.teller).action_print_slip()
        self.given_ago(131)
        self.assertIn("may be on paper already", self.texts({"lines": self.box_out._slip_lines()}))
        self.box_out.with_user(self.teller).action_print_slip()
        self.beat((order["jti"], "printed", None))
        self.assertSlips(2, "printed")

    def test_nobody_waits_for_it_any_more_after_ten_minutes(self):
        self.ask()
        self.box_out.print_ids.asked_at -= timedelta(minutes=11)
        self.assertEqual(self.beat(), [])
        self.assertSlips(0, "withdrawn")
        self.assertFalse(self.terminal.prints_wait)

    def test_a_slip_whose_numbers_have_changed_meanwhile_does_not_count(self):
        order = self.asked()
        self.count(self.box_out, {1000: 1, 5000: 1}, self._make_teller("teller3"))
        self.assertEqual((self.box_out.slip_revision, self.box_out.print_ids.state), (1, "withdrawn"))
        self.beat((order["jti"], "printed", None))
        self.assertSlips(0, "printed")
        self.assertIn("change 1", self.texts(self.asked()))

    def test_who_may_not_print_slips_asks_for_none(self):
        for user in (self.technician, self.finance):
            with self.refuses("S-116"):
                self.ask(user)
        self.ask(self.supervisor)
        with self.assertRaises(AccessError):
            self.box_out.print_ids.with_user(self.supervisor).write({"state": "printed"})
        self.assertFalse(self.env["electricity.cash.box.print"].with_user(self.clerk).has_access("read"))
