"""A kiosk without hardware: a counter's terminal that is a point of sale's, with a chart of accounts behind it."""

import time
import uuid
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.addons.electricity_prepaid.core import tokens
from odoo.addons.electricity_prepaid.tests.common import CounterCase


class KioskCase(CounterCase):
    """A company with one kiosk, whose user calls what its page calls."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.company.chart_template:
            cls.env["account.chart.template"].try_loading("generic_coa", cls.company, install_demo=False)
        cls.config = cls._make_kiosk(cls.terminal)
        cls.kiosk = cls._page_of(cls.config)

    @classmethod
    def _make_kiosk(cls, terminal, name="Kiosk T", code="KSKT"):
        accounts = cls.env["account.account"].with_company(terminal.company_id)
        suspense = accounts.create({"name": name, "code": f"1099{code[-1]}", "account_type": "asset_current"})
        journal = cls.env["account.journal"].create(
            {
                "name": f"{name} notes",
                "code": code,
                "type": "cash",
                "company_id": terminal.company_id.id,
                "profit_account_id": suspense.id,
                "loss_account_id": suspense.id,
            }
        )
        method = cls.env["pos.payment.method"].create(
            {"name": "Notes", "journal_id": journal.id, "company_id": terminal.company_id.id}
        )
        advances = accounts.create(
            {"name": f"{name} advances", "code": f"2203{code[-1]}", "account_type": "liability_current"}
        )
        return (
            cls.env["pos.config"]
            .with_company(terminal.company_id)
            .create(
                {
                    "name": name,
                    "company_id": terminal.company_id.id,
                    "electricity_terminal_id": terminal.id,
                    "payment_method_ids": [(6, 0, method.ids)],
                    "kiosk_advance_product_id": cls._make_advance_product(advances).id,
                }
            )
        )

    @classmethod
    def _make_advance_product(cls, account, **values):
        company = account.company_ids[:1] or cls.company
        return (
            cls.env["product.product"]
            .with_company(company)
            .create(
                {
                    "name": "Customer advance",
                    "type": "service",
                    "taxes_id": [(5,)],
                    "property_account_income_id": account.id,
                    **values,
                }
            )
        )

    @classmethod
    def _page_of(cls, config):
        return cls.env["electricity.kiosk"].with_user(config.kiosk_user_id)

    def statement(self, proxy=None, key=None, **changes):
        """Sign a login statement."""
        proxy = proxy or self.proxy
        claims = {
            "iss": proxy.record.uuid,
            "aud": self.database_uuid,
            "jti": str(uuid.uuid4()),
            "iat": int(time.time()),
            **changes,
        }
        return tokens.sign(tokens.LOGIN, claims, key or proxy.key)

    def reading(self, card=None):
        """Return a fresh reading of a card at the kiosk, for a nonce that its page asked for."""
        answer = self.kiosk.new_nonce()
        self.assertTrue(answer["ok"], answer)
        return self.proxy.snapshot(card or self.card, answer["nonce"])

    def assertMasked(self, answer):
        """Check that an answer about the customer's order says of the customer nothing in full."""
        account = self.account
        told = str(answer)
        for text in (account.name, account.meter_id.name, self.card.image.serial, account.partner_id.name):
            self.assertNotIn(text, told)
        self.assertFalse({"customer", "address", "meter"} & set(answer["order"]))

    def printed_text(self, answer):
        """Return what a genuine print order to this kiosk's terminal says."""
        self.assertTrue(answer["ok"], answer)
        claims = tokens.verify(
            answer["print"], tokens.PRINT, self.ring.active.x, self.database_uuid, self.terminal.uuid, "A-405"
        )
        return "\n".join(f"{line.get('text', '')} {line.get('value', '')}" for line in claims["lines"])


class NotesCase(KioskCase):
    """A kiosk that takes notes."""

    def setUp(self):
        super().setUp()
        self.terminal.takes_notes = True
        self.seqs = {}

    def begin_at_kiosk(self, amount="100.00"):
        order_uuid = str(uuid.uuid4())
        answer = self.kiosk.begin(order_uuid, self.reading(), amount)
        self.assertTrue(answer["ok"], answer)
        return self.order(order_uuid)

    def put_in(self, notes, order_uuid=None, **changes):
        """Let the terminal tell of notes; return the tender."""
        session = changes.setdefault("session", self.terminal.box_session())
        self.seqs[session] = self.seqs.get(session, 0) + 1
        statement = self.proxy.tender(order_uuid or str(uuid.uuid4()), notes, seq=self.seqs[session], **changes)
        (result,) = self.env["electricity.recharge"]._take_tenders([statement], self.terminal)
        self.assertIsNone(result["code"])
        return self.env["electricity.tender"].search([("terminal_id", "=", self.terminal.id)], order="id desc", limit=1)

    def project(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
            self.env["electricity.tender"]._cron_project()

    def session(self):
        return self.config.current_session_id

    def roll_over(self, session):
        session.start_at = fields.Datetime.now() - timedelta(hours=25)
        with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
            self.env["pos.session"]._cron_roll_over()

    def booked(self, session):
        """Return {account: cents} of what a closed session has booked, accounts without a balance left out."""
        lines = (session.move_id | session.statement_line_ids.move_id).line_ids
        self.assertEqual(set(lines.mapped("parent_state")), {"posted"})
        sums = {}
        for line in lines:
            sums[line.account_id] = sums.get(line.account_id, 0) + round(line.balance * 100)
        return {account: cents for account, cents in sums.items() if cents}
