"""The whole point of sale on real parts, for the process tests.

Odoo on a copied database, PostgreSQL, pcscd with virtual readers and hw_proxy are real processes; the card and the meter
are simulated in this process, so that a test can pull a card at a given byte. People act through :mod:`stack.page`.
"""

from __future__ import annotations

import itertools
import re
import subprocess
import time
import uuid
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from simulators.bench import Workbench
from simulators.keys import MasterKey
from simulators.vpcd import VpcdSlot
from stack.odoo import OdooProcess, run
from stack.page import CallError, Counter, OdooSession
from stack.processes import free_ports, wait_until
from stack.proxy import ProxyProcess

READER = "Virtual PCD 00 0{}"
PRICE = Decimal("0.5483")


@dataclass(frozen=True)
class Customer:
    """A contract with its card and meter, in the database and on the simulators' bench.

    Numbers are 12 digits; ``account_id`` is the id of ``electricity.account``.
    """

    account_id: int
    serial: str
    customer_no: str
    meter_no: str


class Terminal:
    """One paired hw_proxy at one slot of the virtual reader."""

    def __init__(self, world: World, slot: int):
        self.world = world
        self.slot = slot
        self.port = free_ports()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = world.folder / f"terminal-{slot}"
        self.id = self._create()
        self.process = self._pair_and_start()

    def _create(self) -> int:
        values = {"name": f"Counter {self.slot + 1}", "code": f"E2E{self.slot + 1}", "proxy_url": self.url}
        return self.world.admin.call("electricity.terminal", "create", [values])[0]

    def _pair_and_start(self) -> ProxyProcess:
        self.folder.mkdir()
        config = self.folder / "hw-proxy.toml"
        config.write_text(
            f'data_dir = "{self.folder / "data"}"\ntesting = true\nonly_readers = ["{READER.format(self.slot)}"]\n'
            f"[listen]\nport = {self.port}\n"
            f'[odoo]\nurl = "{self.world.odoo.url}"\ndatabase = "{self.world.database}"\ninterval = 2.0\n'
            "[limits]\nmax_unresolved = 1000\nrequests_per_second = 1000.0\nburst = 2000\n",
            encoding="utf-8",
        )
        process = ProxyProcess(config, self.port, self.world.pcsc.client_environment(), f"hw_proxy-{self.slot}")
        pair = [process.command[0], "pair", "--config", config, self.world.pairing_code(self.id)]
        subprocess.run(pair, check=True, capture_output=True)
        return self.world.stack.start(process)

    def crash_at(self, point: str) -> None:
        """Restart the service so that it dies by SIGKILL at ``point`` of its next write."""
        self.process.stop()
        self.process.environment["HW_PROXY_CRASH_AT"] = point
        self.process.start()
        self.wait_for_odoo()

    def revive(self) -> None:
        """Start the service after a crash, without a crash point."""
        self.process.kill()
        self.process.environment.pop("HW_PROXY_CRASH_AT", None)
        self.process.start()
        self.wait_for_odoo()

    def counter(self, session: OdooSession | None = None) -> Counter:
        """A page at this terminal, with a new uuid for its next sale."""
        return Counter(session or self.world.clerk, self.id)

    def wait_for_odoo(self) -> None:
        """Wait until the terminal has Odoo's signed time."""
        api = self.counter().api
        wait_until(lambda: api.call("status")["clock"]["kind"] == "signed", 20, "signed time at the terminal")

    def wait_for_card(self, state: str = "card") -> dict:
        """Wait until the reader's state is ``state`` ("card", "empty"); returns the reader's status."""
        api = self.counter().api

        def reader():
            readers = api.call("status")["readers"]
            return next((each for each in readers if each["state"] == state), None)

        return wait_until(reader, 20, f"the reader to be in the state {state}")


class World:
    """Everything that belongs to one utility.

    :param stack: keeps the processes
    :param database: a copied database with the addon
    :param pcsc: a running PcscDaemon
    """

    def __init__(self, stack, folder: Path, database: str, pcsc, terminals: int = 2):
        self.stack, self.folder, self.database, self.pcsc = stack, folder, database, pcsc
        self.keyring = folder / "keys" / "keyring.json"
        self.card_keys = folder / "keys" / "card-keys.json"
        self.environment = {"ELECTRICITY_KEYRING": str(self.keyring), "ELECTRICITY_CARD_KEYS": str(self.card_keys)}
        self.keyring.parent.mkdir(mode=0o700)
        run("electricity_keys", "init", f"--database={database}", environment=self.environment)
        self.odoo = stack.start(OdooProcess(database, folder, environment=self.environment))
        self.admin = OdooSession(self.odoo.url, database, "admin", "admin")
        self._numbers = itertools.count(1)
        self.admin.call("ir.config_parameter", "set_param", "web.base.url", self.odoo.url)
        self._master_data()
        self.clerk = self.user("clerk", "group_clerk")
        self.supervisor = self.user("supervisor", "group_supervisor")
        self.second_supervisor = self.user("second-supervisor", "group_supervisor")
        slots = [VpcdSlot(pcsc.port + number) for number in range(2)]
        self.bench = Workbench(folder / "bench", MasterKey.load(self.card_keys), slots)
        self.terminals = [Terminal(self, slot) for slot in range(terminals)]
        for terminal in self.terminals:
            terminal.wait_for_odoo()
            terminal.counter().open_shift("100.00")

    @property
    def terminal(self) -> Terminal:
        """The first terminal."""
        return self.terminals[0]

    def pairing_code(self, terminal_id: int) -> str:
        """A fresh one-time pairing code, as an administrator sees it once."""
        action = self.admin.call("electricity.terminal", "action_pair", [terminal_id])
        return re.search(r"\w{4}(-\w{4}){3}", action["params"]["message"])[0]

    def _ref(self, name: str) -> int:
        found = self.admin.call("ir.model.data", "check_object_reference", "electricity_prepaid", name)
        return found[1]

    def user(self, login: str, group: str) -> OdooSession:
        """A user of one of the addon's groups, logged in."""
        values = {"name": login, "login": login, "password": login, "group_ids": [(4, self._ref(group))]}
        self.admin.call("res.users", "create", [values])
        return OdooSession(self.odoo.url, self.database, login, login)

    def _master_data(self) -> None:
        self.admin.call("res.users", "write", [self.admin.uid], {"group_ids": [(4, self._ref("group_administrator"))]})
        maker = self.admin.call("electricity.meter.maker", "create", [{"name": "E2E Meters", "code": "E2E"}])[0]
        values = {"name": "DEMO-1", "maker_id": maker, "batch": "1", "driver": "sle4442_demo"}
        self.meter_model = self.admin.call("electricity.meter.model", "create", [values])[0]
        version = {"valid_from": "2020-01-01", "price": float(PRICE)}
        values = {"name": "E2E tariff", "version_ids": [(0, 0, version)]}
        self.tariff = self.admin.call("electricity.tariff", "create", [values])[0]

    def customer(self, kwh: int = 100, **parameters: int) -> Customer:
        """A new contract: its card has count 1 and has been in its meter."""
        number = next(self._numbers)
        serial, customer_no, meter_no = (f"{kind}{number:09d}" for kind in ("300", "400", "500"))
        self.bench.issue(serial, customer_no, meter_no, kwh, **parameters)
        create = self.admin.call
        partner = create("res.partner", "create", [{"name": f"Customer {number}"}])[0]
        account = create(
            "electricity.account", "create", [{"name": customer_no, "partner_id": partner, "tariff_id": self.tariff}]
        )[0]
        meter = create("electricity.meter", "create", [{"name": meter_no, "model_id": self.meter_model}])[0]
        values = {"electricity_account_id": account, "meter_id": meter, "initial_count": 1}
        create("electricity.meter.installation", "create", [values])
        create(
            "electricity.card",
            "create",
            [{"name": serial, "electricity_account_id": account, "issue": 1, "state": "active"}],
        )
        create("electricity.account", "action_activate", [account])
        return Customer(account, serial, customer_no, meter_no)

    def insert(self, customer: Customer, slot: int = 0) -> None:
        """Put the customer's card into a reader and wait until the terminal shows it."""
        self.bench.insert(customer.serial, slot)
        self.terminals[slot].wait_for_card()

    def pull(self, slot: int = 0) -> None:
        """Take whatever card is in a reader and wait until the terminal knows."""
        self.bench.pull(slot)
        self.terminals[slot].wait_for_card("empty")

    def clear_slots(self) -> None:
        """Empty the readers and disarm all faults: what a test leaves must not reach the next."""
        for slot in range(len(self.bench.slots)):
            self.bench.pull(slot)
        for serial in self.bench.cards:
            self.bench.clear_faults(serial)

    def carry(self, customer: Customer, **fault):
        """Carry the card to its meter; returns the meter's InsertResult."""
        return self.bench.carry(customer.serial, customer.meter_no, **fault)

    def credits(self, customer: Customer) -> list[tuple[int, int]]:
        """What the meter has credited after the opening: (count, energy in 0.01 kWh)."""
        return [tuple(entry) for entry in self.bench.meter(customer.meter_no).credits if entry[0] > 1]

    def orders(self, customer: Customer) -> list[dict]:
        """All orders of the account, oldest first."""
        fields = ["uuid", "state", "amount", "cost", "energy", "count"]
        domain = [("electricity_account_id", "=", customer.account_id)]
        return self.admin.call("electricity.recharge", "search_read", domain, fields, order="id")

    def check_books(self, customer: Customer, final: bool = True) -> None:
        """Assert the property of the project for one account.

        Never more than one credit per paid order; with ``final`` (faults have stopped, the card has been carried to the
        meter) exactly one for each written order and none for any other; money in = energy + balance to the cent.
        """
        orders = self.orders(customer)
        credits = self.credits(customer)
        counts = [count for count, _energy in credits]
        assert len(counts) == len(set(counts)), f"a count was credited twice: {credits}"
        written = {(order["count"], round(order["energy"] * 100)) for order in orders if order["state"] == "written"}
        uncertain = {
            (order["count"], round(order["energy"] * 100))
            for order in orders
            if order["state"] in ("authorized", "unknown", "not_written")
        }
        assert set(credits) <= written | uncertain, f"credited without an order: {credits} {orders}"
        if final:
            assert not uncertain, f"an order did not end: {orders}"
            assert set(credits) == written, f"written and credited differ: {written} {credits}"
        self._check_money(customer, orders)

    def _check_money(self, customer: Customer, orders: list[dict]) -> None:
        read = self.admin.call
        domain = [("electricity_account_id", "=", customer.account_id)]
        entries = read("electricity.ledger.entry", "search_read", domain, ["money", "energy"])
        tenders = read("electricity.tender", "search_read", domain, ["amount", "direction"])
        account = read("electricity.account", "read", [customer.account_id], ["balance", "held"])[0]
        balance = _cents(account["balance"])
        paid = sum(_cents(each["amount"]) * (1 if each["direction"] == "in" else -1) for each in tenders)
        cost = sum(_cents(order["cost"]) for order in orders if order["state"] == "written")
        held = sum(
            _cents(order["cost"]) for order in orders if order["state"] in ("authorized", "unknown", "not_written")
        )
        assert paid == cost + balance, f"money in {paid} is not energy {cost} + balance {balance}"
        assert sum(_cents(entry["money"]) for entry in entries) == balance
        assert _cents(account["held"]) == held
        energy = sum(round(order["energy"] * 100) for order in orders if order["state"] == "written")
        assert sum(round(entry["energy"] * 100) for entry in entries) == energy

    def finish(self, customer: Customer, slot: int = 0, limit: int = 6) -> None:
        """What a clerk does when an order did not end: read the card, do what the rules allow, until it is written.

        Then the card is carried to the meter. Uses only what the page offers.
        """
        for _step in range(limit):
            order = self.orders(customer)[-1]
            if order["state"] == "written":
                result = self.carry(customer)
                if result.error is None or (order["count"], round(order["energy"] * 100)) in self.credits(customer):
                    return
            self._repair_step(customer, slot, order)
        raise AssertionError(f"not finished after {limit} steps: {self.orders(customer)}")

    def _repair_step(self, customer: Customer, slot: int, order: dict) -> None:
        if self.bench.slot_of(customer.serial) != slot:
            self.clear_slots()
            self.insert(customer, slot)
        counter = self.terminals[slot].counter()
        counter.uuid = order["uuid"]
        for attempt in range(40):
            try:
                counter.deliver_receipts()
                if counter.status()["state"] in ("draft", "paid"):
                    due = Decimal(counter.status()["due"])
                    if due > 0:
                        counter.pay_cash(str(due))
                else:
                    counter.resolve()
                if counter.status()["state"] != "written" or order["state"] == "written":
                    counter.confirm(counter.write(counter.authorize(counter.snapshot())))
                return
            except CallError as error:
                # Another call is at work, the old attempt still lives, or the reader is being read: all end by themselves.
                if error.code not in {"S-101", "P-113", "S-112"} or attempt == 39:
                    raise
                time.sleep(0.25)


def _cents(value: float) -> int:
    return round(Decimal(str(value)) * 100)


def new_uuid() -> str:
    """A uuid as a page makes one before a call."""
    return str(uuid.uuid4())
