"""A counter without hardware: one company, one customer, people of each group, and what a clerk does."""

import copy
import os
import tempfile
import uuid

from odoo.tests import TransactionCase

from ..core import card_keys, keyring
from ..models.keyring import EPOCH_PARAMETER
from .fakes import FakeCard, FakeTerminal


class CounterCase(TransactionCase):
    """A company with one counter, one customer, and people of each group."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.database_uuid = cls.env["ir.config_parameter"].sudo().get_param("database.uuid")
        cls._make_keys()
        cls.clerk = cls._make_user("clerk", "group_clerk")
        cls.supervisor = cls._make_user("supervisor", "group_supervisor")
        cls.supervisor2 = cls._make_user("supervisor2", "group_supervisor")
        cls.terminal = cls.env["electricity.terminal"].create({"name": "Counter T", "code": "T01"})
        cls.proxy = FakeTerminal(cls.terminal, cls.database_uuid)
        maker = cls.env["electricity.meter.maker"].create({"name": "Maker T", "code": "MT"})
        cls.meter_model = cls.env["electricity.meter.model"].create(
            {
                "name": "Model T",
                "maker_id": maker.id,
                "min_amount": 10,
                "max_amount": 5000,
                "step_amount": 0.01,
                "hoard_limit_energy": 9000,
            }
        )
        cls.tariff = cls.env["electricity.tariff"].create(
            {"name": "Tariff T", "version_ids": [(0, 0, {"valid_from": "2020-01-01", "price": 0.5486})]}
        )
        cls.account, cls.card = cls._make_account("700000000001", "700000000101", "700000000201")
        cls.counter = cls.env["electricity.recharge"].with_user(cls.clerk)

    def setUp(self):
        super().setUp()
        # The database is rolled back after each test: so are the card and the terminal's journal.
        self.card = copy.copy(type(self).card)
        self.proxy = copy.copy(type(self).proxy)

    @classmethod
    def _make_keys(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        ring_path = os.path.join(folder.name, "keyring.json")
        cards_path = os.path.join(folder.name, "card-keys.json")
        cls.ring = keyring.provision(ring_path, cls.database_uuid)
        card_keys.SoftwareCardKeys.provision(cards_path)
        cls.ring_path = ring_path
        for name, path in (("ELECTRICITY_KEYRING", ring_path), ("ELECTRICITY_CARD_KEYS", cards_path)):
            before = os.environ.get(name)
            os.environ[name] = path
            cls.addClassCleanup(_restore, name, before)
        cls.env["ir.config_parameter"].sudo().set_param(EPOCH_PARAMETER, str(cls.ring.epoch))

    @classmethod
    def _make_user(cls, login, group, company=None):
        company = company or cls.company
        return (
            cls.env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": login,
                    "login": f"engine_{login}",
                    "company_id": company.id,
                    "company_ids": [(6, 0, company.ids)],
                    "group_ids": [(4, cls.env.ref(f"electricity_prepaid.{group}").id)],
                }
            )
        )

    @classmethod
    def _make_account(cls, number, meter_number, card_number, company=None, count=1):
        company = company or cls.company
        partner = cls.env["res.partner"].create({"name": f"Customer {number}"})
        tariff = cls.tariff
        if tariff.company_id != company:
            tariff = cls.env["electricity.tariff"].create(
                {
                    "name": f"Tariff {number}",
                    "company_id": company.id,
                    "version_ids": [(0, 0, {"valid_from": "2020-01-01", "price": 0.5486})],
                }
            )
        account = cls.env["electricity.account"].create(
            {
                "name": number,
                "partner_id": partner.id,
                "company_id": company.id,
                "regime": "card",
                "tariff_id": tariff.id,
                "supply_address": "1 Test Road",
            }
        )
        meter = cls.env["electricity.meter"].create(
            {"name": meter_number, "model_id": cls.meter_model.id, "company_id": company.id}
        )
        account.install_meter(meter, initial_count=count)
        card = cls.env["electricity.card"].create(
            {"name": card_number, "electricity_account_id": account.id, "company_id": company.id}
        )
        card.action_activate()
        account.action_activate()
        return account, FakeCard(card_number, number, meter_number, count=count)

    def nonce(self, terminal=None, counter=None):
        answer = (self.counter if counter is None else counter).new_nonce((terminal or self.terminal).id)
        self.assertTrue(answer["ok"], answer)
        return answer["nonce"]

    def snapshot(self, card=None, proxy=None, counter=None, **changes):
        """Return a fresh signed reading of a card."""
        proxy = proxy or self.proxy
        return proxy.snapshot(card or self.card, self.nonce(proxy.record, counter), **changes)

    def assertRefused(self, answer, code):
        self.assertFalse(answer["ok"], answer)
        self.assertEqual(answer["code"], code)
        self.assertTrue(answer["message"])

    def open_shift(self, opening="500.00", counter=None, terminal=None):
        answer = (self.counter if counter is None else counter).open_shift((terminal or self.terminal).id, opening)
        self.assertTrue(answer["ok"], answer)
        return self.env["electricity.cash.session"].browse(answer["session"]["id"])

    def begin(self, amount="100.00", card=None, order_uuid=None, **kwargs):
        order_uuid = order_uuid or str(uuid.uuid4())
        answer = self.counter.begin(order_uuid, self.terminal.id, self.snapshot(card, **kwargs), amount)
        self.assertTrue(answer["ok"], answer)
        return self.order(order_uuid)

    def order(self, order_uuid):
        return self.env["electricity.recharge"].search([("uuid", "=", order_uuid)])

    def pay(self, order, received="100.00"):
        answer = self.counter.add_tender(order.uuid, {"uuid": str(uuid.uuid4()), "kind": "cash", "received": received})
        self.assertTrue(answer["ok"], answer)
        return answer

    def authorize(self, order, card=None, snapshot=None):
        answer = self.counter.authorize(order.uuid, snapshot or self.snapshot(card))
        self.assertTrue(answer["ok"], answer)
        return answer

    def authorized(self, amount="100.00", card=None):
        """Return an order that is paid in cash and authorized, and the answer with its write order."""
        if not self.env["electricity.cash.session"].current(self.terminal, self.clerk):
            self.open_shift()
        order = self.begin(amount, card)
        self.pay(order, amount)
        return order, self.authorize(order, card)

    def confirm(self, *tokens_):
        answer = self.counter.confirm(list(tokens_))
        self.assertTrue(answer["ok"], answer)
        return answer

    def sold(self, amount="100.00", card=None):
        """Return an order that is written on the card and confirmed."""
        card = card or self.card
        order, answer = self.authorized(amount, card)
        self.confirm(self.proxy.write(card, answer["write_order"]))
        self.assertEqual(order.state, "written")
        return order

    def pass_time(self, order):
        """Let the order's attempts expire."""
        order.attempt_ids.sudo().write({"expires_at": "2020-01-01 00:00:00"})

    def assertLedger(self, account=None):
        """Check that the stored sums are the ledger's, and that nothing is held without an order or a payout."""
        account = account or self.account
        entries = self.env["electricity.ledger.entry"].search([("electricity_account_id", "=", account.id)])
        self.assertAlmostEqual(sum(entries.mapped("money")), account.balance, places=2)
        self.assertAlmostEqual(sum(entries.mapped("energy")), account.total_energy, places=2)
        orders_ = self.env["electricity.recharge"].search([("electricity_account_id", "=", account.id)])
        payouts = self.env["electricity.payout"].search([("electricity_account_id", "=", account.id)])
        waiting = payouts.filtered(lambda payout: payout.state not in ("proposed", "paid", "refused", "withdrawn"))
        held = sum(orders_.mapped("amount_held")) + sum(waiting.mapped("amount"))
        self.assertAlmostEqual(held, account.held, places=2)
        tenders = self.env["electricity.tender"].search([("electricity_account_id", "=", account.id)])
        paid = sum(t.amount if t.direction == "in" else -t.amount for t in tenders)
        sold = sum(-entry.money for entry in entries if entry.kind not in ("tender", "refund"))
        self.assertAlmostEqual(paid, account.balance + sold)


def _restore(name, value):
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value
