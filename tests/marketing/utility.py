"""One utility for the tests of the uploads: a database of Odoo that this process works on, and the marketing system.

The senders are real: Odoo's crons in a process of its own that a test may kill, or the same code run here. Sales are
put in as the counter leaves them when a card is written; how it comes to that is tested in tests/end_to_end.
"""

import itertools
import os
import time
import uuid
from contextlib import contextmanager
from datetime import timedelta

from stack.odoo import OdooProcess, data_folder
from stack.paths import ROOT

PRICE = 0.5


class Utility:
    """A company with a connection to the marketing system.

    :param database: a copied database with the addon, which nobody else uses
    :param cis: a running CisProcess
    """

    def __init__(self, database, cis, folder):
        self.database, self.cis, self.client = database, cis, cis.client
        self.folder = folder
        self._numbers = itertools.count(1)
        self._processes = itertools.count(1)
        os.environ.update(cis.environment_of_odoo)
        self.registry = _registry(database)
        with self.work() as env:
            self._set_up(env)

    @contextmanager
    def work(self, user=None):
        """Yield an environment whose transaction is committed at the end.

        :param user: id of the user; the superuser without
        """
        from odoo import SUPERUSER_ID, api

        with self.registry.cursor() as cr:
            yield api.Environment(cr, user or SUPERUSER_ID, {"lang": "en_US"})

    def _set_up(self, env):
        groups = [(4, env.ref("electricity_prepaid.group_supervisor").id)]
        self.supervisors = [
            env["res.users"]
            .with_context(no_reset_password=True)
            .create({"name": name, "login": name, "group_ids": groups})
            .id
            for name in ("first", "second")
        ]
        maker = env["electricity.meter.maker"].create({"name": "Maker", "code": "M"})
        self.meter_model = (
            env["electricity.meter.model"]
            .create({"name": "Model", "maker_id": maker.id, "driver": "sle4442_demo", "unit": "kwh"})
            .id
        )
        self.tariff = (
            env["electricity.tariff"]
            .create({"name": "Flat", "version_ids": [(0, 0, {"valid_from": "2020-01-01", "price": PRICE})]})
            .id
        )
        self.connection = (
            env["electricity.cis.connection"]
            .create(
                {
                    "name": "Simulated marketing system",
                    "url": self.cis.url,
                    "username": self.cis.username,
                    "secret_name": "demo",
                }
            )
            .id
        )

    def account(self, **customer):
        """Make an account here and its customer there.

        :param customer: further members of the customer there
        :return: its number
        """
        number = f"7{next(self._numbers):011d}"
        with self.work() as env:
            account = env["electricity.account"].create(
                {
                    "name": number,
                    "partner_id": env["res.partner"].create({"name": f"Customer {number}"}).id,
                    "regime": "card",
                    "tariff_id": self.tariff,
                }
            )
            meter = env["electricity.meter"].create({"name": number, "model_id": self.meter_model})
            account.install_meter(meter, initial_count=1)
        self.client.put_customers({"account_no": number, "regime": "card", "last_count": 1, **customer})
        return number

    def sell(self, number, amount=100.0):
        """Put in the order of a sale whose card is written, as ``_apply`` does.

        :return: its serial
        """
        with self.work() as env:
            account = env["electricity.account"].search([("name", "=", number)])
            account.purchase_count += 1
            order = env["electricity.recharge"].create(
                {
                    "uuid": str(uuid.uuid4()),
                    "company_id": account.company_id.id,
                    "currency_id": account.currency_id.id,
                    "electricity_account_id": account.id,
                    "installation_id": account.installation_id.id,
                    "amount": amount,
                    "cost": amount,
                    "energy": amount / PRICE,
                    "count": account.purchase_count,
                    "account_no": number,
                    "state": "written",
                }
            )
            env["electricity.tender"].create(
                {
                    "uuid": str(uuid.uuid4()),
                    "recharge_id": order.id,
                    "electricity_account_id": account.id,
                    "company_id": account.company_id.id,
                    "currency_id": account.currency_id.id,
                    "kind": "cash",
                    "amount": amount,
                }
            )
            env["electricity.cis.message"]._queue_payment(order)
            return order.name

    def take_back(self, serial):
        """Take a sale back, as the receipt of the terminal does; return the reversal's serial."""
        with self.work() as env:
            order = self.order(env, serial)
            order.state = "reversed"
            order.electricity_account_id.purchase_count -= 1
            return env["electricity.cis.message"]._queue_reversal(order, "wrong amount").name

    def order(self, env, serial):
        """Return the order of a serial."""
        return env["electricity.recharge"].search([("name", "=", serial)])

    def message(self, env, serial):
        """Return the message of a payment's or a reversal's serial."""
        return env["electricity.cis.message"].search([("name", "=", serial)])

    def read(self, serial, *names):
        """Return fields of the message of a serial."""
        with self.work() as env:
            values = self.message(env, serial).read(names or ["state"])[0]
        return tuple(values[name] for name in names) if len(names) > 1 else values[names[0] if names else "state"]

    def operations(self, serial):
        """Return the calls that were made for a message, oldest first."""
        with self.work() as env:
            return self.message(env, serial).attempt_ids.sorted("id").mapped("operation")

    def send(self):
        """Run the senders here until nothing is due."""
        with self.work() as env:
            for shard in range(4):
                env["electricity.cis.message"]._cron_send(shard)

    def pass_time(self, leases=False):
        """Let every delay be over, and the circuit's pause.

        :param leases: those of dead workers too
        """
        with self.work() as env:
            env.cr.execute("UPDATE electricity_cis_message SET next_try_at = now() AT TIME ZONE 'UTC' - interval '1s'")
            env.cr.execute("UPDATE electricity_cis_connection SET circuit_until = NULL, circuit_state = 'closed'")
            env.cr.execute("UPDATE electricity_cis_connection SET failures = 0")
            if leases:
                env.cr.execute(
                    "UPDATE electricity_cis_message SET leased_until = now() AT TIME ZONE 'UTC' - interval '1s'"
                    " WHERE leased_until IS NOT NULL"
                )

    def act(self, serial, action, note="compared with the record there", **place):
        """Do what the work list offers, by two persons where it takes two.

        :param place: ``there_name`` and ``there_day``, as the first person found it
        """
        with self.work(self.supervisors[0]) as env:
            message = self.message(env, serial)
            assert action in message.allowed_actions.split()
            if action in ("send_again", "ask_again"):
                getattr(message, f"action_{action}")()
            else:
                decision = {"message_id": message.id, "action": action, "note": note, **place}
                env["electricity.cis.decision"].create(decision).action_confirm()
        with self.work(self.supervisors[1]) as env:
            message = self.message(env, serial)
            if message.proposed_by_id and not message.approved_by_id:
                message.action_approve()

    def compare_days(self):
        """Run the nightly comparison here; return {day: state}."""
        with self.work() as env:
            env["electricity.cis.day"]._cron_days()
            days = env["electricity.cis.day"].search([("company_id", "=", self.connection_company(env))])
            return {day.day: day.state for day in days}

    def connection_company(self, env):
        """Return the id of the company."""
        return env["electricity.cis.connection"].browse(self.connection).company_id.id

    def yesterday(self, *serials):
        """Let messages have been of yesterday, as if they had been sold then."""
        with self.work() as env:
            connection = env["electricity.cis.connection"].browse(self.connection)
            day = connection.today() - timedelta(days=1)
            batch = connection.batch_of(connection.company_id, day)
            for serial in serials:
                message = self.message(env, serial)
                payload = {**message.payload, "accounting_date": day.isoformat()}
                if message.kind == "payment":
                    payload["batch"] = batch
                message.write({"accounting_date": day, "batch": batch, "payload": payload})
            return day

    def wake(self):
        """Let the crons of the Odoo process look now."""
        with self.work() as env:
            for shard in range(4):
                env.ref(f"electricity_prepaid.ir_cron_cis_send_{shard}")._trigger()

    def odoo(self, stack):
        """Start an Odoo whose crons send."""
        options = ["--max-cron-threads=2"]
        environment = self.cis.environment_of_odoo
        name = f"odoo-{next(self._processes)}"
        return stack.start(OdooProcess(self.database, self.folder, options=options, environment=environment, name=name))

    def records(self):
        """Return what stands there: {serial: payment}, {original serial: reversal}; fail when a serial is twice."""
        records = self.client.records()
        payments = {each["serial"]: each for each in records["payment"]}
        reversals = {each["original_serial"]: each for each in records["reversal"]}
        assert len(payments) == len(records["payment"])
        assert len(reversals) == len(records["reversal"])
        return payments, reversals

    def check_books(self):
        """Check record by record that both books agree: nothing is open, and what stands is what counts here."""
        payments, reversals = self.records()
        with self.work() as env:
            messages = env["electricity.cis.message"].search([("kind", "=", "payment")])
            for message in messages:
                order, there = message.recharge_id, payments.get(message.name)
                assert message.state in ("done", "withdrawn"), (message.name, message.state, message.code)
                stands = there is not None and message.name not in reversals
                assert stands == (order.state == "written"), (message.name, order.state)
                if there:
                    assert (there["account_no"], there["amount"]) == (order.account_no, round(order.cost * 100))
            assert set(payments) <= set(messages.mapped("name"))


def _registry(database):
    """Return Odoo's registry of a database in this process."""
    import odoo
    from odoo.modules.registry import Registry

    arguments = [f"--config={ROOT / 'odoo.conf'}", f"--addons-path={ROOT / 'addons'}", f"--database={database}"]
    arguments += [f"--data-dir={data_folder()}", "--log-level=warn"]
    odoo.tools.config.parse_config(arguments, setup_logging=False)
    return Registry(database)


def wait_for(condition, seconds=60):
    """Wait until a function returns something true, and return that."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, "it did not come to it in time"
        time.sleep(0.2)
