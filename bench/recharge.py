"""Bench ``recharge``: what a sale costs Odoo, beside stock Odoo's invoice, payment and reconciliation in the same run.

:func:`measure` prepares a database and runs :func:`alternate` in "odoo shell", where Odoo's environment is.
"""

import itertools
import json
import sys
import tempfile
import time
import uuid
from pathlib import Path

from stack.databases import drop_database, install_database
from stack.odoo import run

from bench.figures import paired

DATABASE = "prepaid_bench"
WARM_UP = 3
AMOUNT = "100.00"
MARK = "BENCH "
LIMIT = 0.15


def measure(runs):
    """Return the figure: milliseconds of a sale beside those of an invoice.

    :param int runs: number of pairs
    """
    install_database(DATABASE, ["electricity_prepaid", "account"])
    try:
        with tempfile.TemporaryDirectory() as folder:
            keys = {
                "ELECTRICITY_KEYRING": str(Path(folder) / "keyring.json"),
                "ELECTRICITY_CARD_KEYS": str(Path(folder) / "card-keys.json"),
            }
            run("electricity_keys", "init", f"--database={DATABASE}", environment=keys)
            program = f"from bench.recharge import alternate\nalternate(env, {runs})\n"
            output = run("shell", f"--database={DATABASE}", "--no-http", stdin=program, environment=keys).stdout
    finally:
        drop_database(DATABASE)
    line = next(each for each in output.splitlines() if MARK in each)
    pairs = json.loads(line.split(MARK, 1)[1])
    return [paired("recharge", pairs, "stock invoice + payment + reconcile", LIMIT)]


def alternate(env, runs):
    """Sell and invoice by turns, and print the pairs in seconds.

    :param env: Odoo's environment, as superuser
    """
    sale, invoice = _Sale(env), _Invoice(env)
    env.cr.commit()
    pairs = [(sale.once(), invoice.once()) for _number in range(runs + WARM_UP)][WARM_UP:]
    sys.stdout.write(MARK + json.dumps(pairs) + "\n")
    sys.stdout.flush()


class _Transactions:
    """Runs each call as a request would: in a transaction of its own, committed, with an empty cache."""

    def __init__(self, env):
        self.registry = env.registry
        self.user = env.uid

    def call(self, work):
        """Return what ``work(env)`` returned, and the seconds that it and its commit took."""
        from odoo import api

        with self.registry.cursor() as cr:
            begin = time.perf_counter()
            result = work(api.Environment(cr, self.user, {}))
            cr.commit()
            return result, time.perf_counter() - begin


class _Sale(_Transactions):
    """A counter with a terminal that signs, and a card that is only bytes."""

    def __init__(self, env):
        from odoo.addons.electricity_prepaid.tests.fakes import FakeCard, FakeTerminal

        super().__init__(env)
        self.user = self._clerk(env)
        number, meter_number, serial = "700000000001", "700000000101", "700000000201"
        self._account(env, number, meter_number, serial)
        self.terminal_id = env["electricity.terminal"].create({"name": "Bench", "code": "B01"}).id
        uuid_of_database = env["ir.config_parameter"].get_param("database.uuid")
        self.proxy = FakeTerminal(env["electricity.terminal"].browse(self.terminal_id), uuid_of_database)
        self.card = FakeCard(serial, number, meter_number)
        env.cr.commit()
        self._sale("open_shift", self.terminal_id, "0.00")

    @staticmethod
    def _clerk(env):
        values = {"name": "Bench", "login": "bench"}
        user = env["res.users"].with_context(no_reset_password=True).create(values)
        user.group_ids += env.ref("electricity_prepaid.group_clerk")
        return user.id

    @staticmethod
    def _account(env, number, meter_number, serial):
        maker = env["electricity.meter.maker"].create({"name": "Bench", "code": "BE"})
        model = env["electricity.meter.model"].create({"name": "Bench", "maker_id": maker.id})
        version = {"valid_from": "2020-01-01", "price": 0.5483}
        tariff = env["electricity.tariff"].create({"name": "Bench", "version_ids": [(0, 0, version)]})
        partner = env["res.partner"].create({"name": "Bench customer"})
        values = {"name": number, "partner_id": partner.id, "tariff_id": tariff.id}
        account = env["electricity.account"].create(values)
        meter = env["electricity.meter"].create({"name": meter_number, "model_id": model.id})
        values = {"electricity_account_id": account.id, "meter_id": meter.id, "initial_count": 1}
        env["electricity.meter.installation"].create(values)
        card = {"name": serial, "electricity_account_id": account.id, "issue": 1, "state": "active"}
        env["electricity.card"].create(card)
        account.action_activate()

    def _sale(self, method, *arguments):
        def work(env):
            return getattr(env["electricity.recharge"], method)(*arguments)

        answer, seconds = self.call(work)
        if not answer["ok"]:
            raise RuntimeError(f"{method}: {answer}")
        return answer, seconds

    def _snapshot(self):
        return self.proxy.snapshot(self.card, self._sale("new_nonce", self.terminal_id)[0]["nonce"])

    def once(self):
        """Make one sale and return the seconds of its four calls; the terminal's own work is not counted."""
        order = str(uuid.uuid4())
        tender = {"uuid": str(uuid.uuid4()), "kind": "cash", "received": AMOUNT}
        _answer, begin = self._sale("begin", order, self.terminal_id, self._snapshot(), AMOUNT)
        _answer, pay = self._sale("add_tender", order, tender)
        answer, authorize = self._sale("authorize", order, self._snapshot())
        receipt = self.proxy.write(self.card, answer["write_order"])
        _answer, confirm = self._sale("confirm", [receipt])
        self.card.insert_in_meter()
        return begin + pay + authorize + confirm


class _Invoice(_Transactions):
    """Stock Odoo's way to the same end: invoice, payment, reconciliation."""

    def __init__(self, env):
        super().__init__(env)
        if not env.company.chart_template:
            env["account.chart.template"].try_loading("generic_coa", env.company, install_demo=False)
        self.partner = env["res.partner"].create({"name": "Bench invoice customer"}).id
        self.numbers = itertools.count(1)

    def once(self):
        """Post one invoice, then pay and reconcile it, and return the seconds.

        Two transactions, as it is two requests in Odoo's screens: the sale beside it commits each of its calls too.
        """

        def invoice(env):
            line = {"name": f"Electricity {next(self.numbers)}", "quantity": 1, "price_unit": float(AMOUNT)}
            values = {"move_type": "out_invoice", "partner_id": self.partner, "invoice_line_ids": [(0, 0, line)]}
            move = env["account.move"].create(values)
            move.action_post()
            return move.id

        def pay(env):
            context = {"active_model": "account.move", "active_ids": [move]}
            env["account.payment.register"].with_context(**context).create({})._create_payments()
            return env["account.move"].browse(move).payment_state

        move, posting = self.call(invoice)
        state, paying = self.call(pay)
        if state not in ("paid", "in_payment"):
            raise RuntimeError(f"the invoice is {state}")
        return posting + paying
