"""A kiosk with cash boxes, and the people who empty, count, explain and approve."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields

from .common import NotesCase


class BoxCase(NotesCase):
    """A kiosk whose company has an account for cash on its way to the vault."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.technician = cls._make_user("technician", "group_technician")
        cls.finance = cls._make_user("finance", "group_finance")
        cls.teller = cls._make_teller("teller")
        cls.teller2 = cls._make_teller("teller2")
        accounts = cls.env["account.account"]
        cls.transit = accounts.create({"name": "Transit T", "code": "101999", "account_type": "asset_current"})
        cls.bearer = accounts.create({"name": "Losses T", "code": "600999", "account_type": "expense"})
        cls.company.kiosk_transit_account_id = cls.transit
        journal = cls.config.payment_method_ids.journal_id
        cls.cash, cls.suspense = journal.default_account_id, journal.profit_account_id
        cls.advances = cls.config.kiosk_advance_product_id.property_account_income_id

    @classmethod
    def _make_teller(cls, login):
        user = cls._make_user(login, "group_technician")
        user.group_ids = [(6, 0, cls.env.ref("kiosk_hw.group_cash_box").ids)]
        return user

    def box(self, number=None):
        """Return the box that is in the machine now, or another one."""
        session = f"box-{number}" if number else self.terminal.box_session()
        return self.env["electricity.cash.box"].search(
            [("terminal_id", "=", self.terminal.id), ("session", "=", session)]
        )

    def wait(self, box):
        """Let the time pass that a change of the box takes."""
        box.leaving_at = fields.Datetime.now() - timedelta(minutes=2)

    def take_out(self):
        """Take the present box out; return it."""
        box = self.box()
        box.with_user(self.technician).action_take_out()
        self.wait(box)
        box.with_user(self.technician).action_out()
        return box

    def count(self, box, notes, user=None):
        """Count a box: {denomination in cents: pieces}."""
        box.with_user(user or self.teller).confirm_count(notes)
        box.invalidate_recordset()
        return box

    def counted(self, recorded, counted):
        """Return a box whose notes were recorded and counted like this."""
        self.put_in(recorded)
        return self.count(self.take_out(), counted)

    def explain(self, box, cents, user=None):
        """Propose an explanation of a part of the difference; return it."""
        box.with_user(user or self.teller).propose_explanation(cents / 100, "other", "Looked into.", self.bearer)
        return box.explanation_ids[:1]

    def book(self):
        """Let the job bring boxes into the books."""
        with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
            self.env["electricity.cash.box"]._cron_book()

    def roll(self):
        """Let the kiosk's session roll over, and check that nothing was booked as a difference."""
        session = self.config.open_kiosk_session()
        self.roll_over(session)
        session.invalidate_recordset()
        self.assertEqual((session.state, session.cash_register_difference), ("closed", 0))

    def sums(self):
        """Return {account: cents} of all posted lines on the kiosk's accounts, those without a balance left out."""
        accounts = self.cash | self.suspense | self.advances | self.transit | self.bearer
        self.env.flush_all()
        groups = self.env["account.move.line"]._read_group(
            [("account_id", "in", accounts.ids), ("parent_state", "=", "posted")], ["account_id"], ["balance:sum"]
        )
        return {account: round(balance * 100) for account, balance in groups if round(balance * 100)}
