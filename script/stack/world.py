"""The whole point of sale on real parts, for the process tests.

Odoo on a copied database, PostgreSQL, pcscd with virtual readers and hw_proxy are real processes; card and meter
are simulated in this process, so that a test can pull a card at a given byte. People act through :mod:`stack.page`.
"""

from __future__ import annotations

import itertools
import json
import re
import time
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

from simulators.bench import Workbench
from simulators.families import MEMORY_DRIVER
from simulators.keys import CardKeys
from simulators.vpcd import VpcdSlot
from stack import logs
from stack.books import Books
from stack.clerk import TO_THE_METER, WAIT, Clerk, StaffNeeded
from stack.odoo import OdooProcess, run
from stack.page import CallError, OdooSession
from stack.processes import wait_until
from stack.terminal import Terminal

PRICE = 0.5483


@dataclass(frozen=True)
class Customer:
    """A contract with its card and meter, in the database and on the simulators' bench.

    Numbers are 12 digits, a CPU card's serial 16; ``account_id`` is the id of ``electricity.account``.
    """

    account_id: int
    serial: str
    customer_no: str
    meter_no: str
    driver: str = MEMORY_DRIVER
    opened_by_bench: bool = True


class World:
    """Everything that belongs to one utility.

    :param stack: keeps the processes
    :param database: a copied database with the addon
    :param pcsc: a running PcscDaemon
    :param terminals: how many paired terminals, one a slot
    :param write_times: cards spend the data sheet's EEPROM times
    :param environment: further variables of Odoo
    """

    def __init__(
        self,
        stack,
        folder: Path,
        database: str,
        pcsc,
        terminals: int = 2,
        write_times: bool = False,
        environment: dict[str, str] | None = None,
    ):
        self.stack, self.folder, self.database, self.pcsc = stack, folder, database, pcsc
        self.keyring = folder / "keys" / "keyring.json"
        self.card_keys = folder / "keys" / "card-keys.json"
        self.environment = {"ELECTRICITY_KEYRING": str(self.keyring), "ELECTRICITY_CARD_KEYS": str(self.card_keys)}
        self.environment |= environment or {}
        self.keyring.parent.mkdir(mode=0o700)
        run("electricity_keys", "init", f"--database={database}", environment=self.environment)
        for keys in (self.keyring, self.card_keys):
            logs.plant_keys(keys)
        self.odoo = stack.start(OdooProcess(database, folder, environment=self.environment))
        self.admin = OdooSession(self.odoo.url, database, "admin", "admin")
        self._numbers = itertools.count(1)
        self.admin.call("ir.config_parameter", "set_param", "web.base.url", self.odoo.url)
        self._master_data()
        self.clerk = self.user("clerk", "group_clerk")
        self.supervisor = self.user("supervisor", "group_supervisor")
        self.second_supervisor = self.user("second-supervisor", "group_supervisor")
        slots = [VpcdSlot(pcsc.port + number) for number in range(2)]
        self.bench = Workbench(folder / "bench", CardKeys.load(self.card_keys), slots, write_times)
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

    def portal_user(self, login: str) -> OdooSession:
        """A customer with a portal login, logged in."""
        portal = self.admin.call("ir.model.data", "check_object_reference", "base", "group_portal")[1]
        values = {"name": login, "login": login, "password": login, "group_ids": [(6, 0, [portal])]}
        self.admin.call("res.users", "create", [values])
        return OdooSession(self.odoo.url, self.database, login, login)

    def foreign_clerk(self, login: str) -> OdooSession:
        """A clerk of another company in the same database, logged in."""
        company = self.admin.call("res.company", "create", [{"name": f"Company of {login}"}])[0]
        values = {"name": login, "login": login, "password": login, "company_id": company}
        values |= {"company_ids": [(6, 0, [company])], "group_ids": [(4, self._ref("group_clerk"))]}
        self.admin.call("res.users", "create", [values])
        return OdooSession(self.odoo.url, self.database, login, login)

    def _master_data(self) -> None:
        self.admin.call("res.users", "write", [self.admin.uid], {"group_ids": [(4, self._ref("group_administrator"))]})
        self.meter_maker = self.admin.call(
            "electricity.meter.maker", "create", [{"name": "E2E Meters", "code": "E2E"}]
        )[0]
        self._meter_models: dict[str, int] = {}
        version = {"valid_from": "2020-01-01", "price": PRICE}
        values = {"name": "E2E tariff", "version_ids": [(0, 0, version)]}
        self.tariff = self.admin.call("electricity.tariff", "create", [values])[0]

    def meter_model_with(self, driver: str = MEMORY_DRIVER, **limits: float) -> int:
        """Another meter model, with limits; returns its id.

        :param driver: of its cards
        """
        values = {"name": f"DEMO-{next(self._numbers)}", "maker_id": self.meter_maker, "batch": "1", **limits}
        return self.admin.call("electricity.meter.model", "create", [{**values, "driver": driver}])[0]

    @property
    def meter_model(self) -> int:
        """Id of the meter model of the usual cards."""
        return self.meter_model_for(MEMORY_DRIVER)

    def meter_model_for(self, driver: str) -> int:
        """The world's own meter model for a kind of card; returns its id."""
        if driver not in self._meter_models:
            self._meter_models[driver] = self.meter_model_with(driver)
        return self._meter_models[driver]

    def customer(
        self, quantity: int = 100, meter_model: int | None = None, driver: str = MEMORY_DRIVER, **parameters: int
    ) -> Customer:
        """A new contract: its card has count 1 and has been in its meter.

        :param quantity: of the opening purchase, kWh or yuan as the cards have it
        :param meter_model: id of the meter's model; the world's own for these cards by default
        :param driver: kind of card
        :param parameters: of the simulated card (``Workbench.issue``)
        """
        found = self._numbered(driver)
        self.bench.issue(found.serial, found.customer_no, found.meter_no, quantity, driver=driver, **parameters)
        found = self._contract(found, meter_model, initial_count=1)
        values = {"name": found.serial, "electricity_account_id": found.account_id, "issue": 1, "driver": driver}
        card = self.admin.call("electricity.card", "create", [values])[0]
        self.admin.call("electricity.card", "action_activate", [card])
        self.admin.call("electricity.account", "action_activate", [found.account_id])
        return found

    def applicant(self, driver: str = MEMORY_DRIVER) -> Customer:
        """A new contract that is not opened: a blank card, a meter that waits for its opening card."""
        found = self._numbered(driver)
        self.bench.blank_card(found.serial, driver)
        self.bench.add_meter(found.meter_no, driver)
        return replace(self._contract(found, None, initial_count=0), opened_by_bench=False)

    def _numbered(self, driver: str) -> Customer:
        number = next(self._numbers)
        serial, customer_no, meter_no = (f"{kind}{number:09d}" for kind in ("300", "400", "500"))
        for each in (serial, customer_no, meter_no):
            logs.plant(each, "the whole number of a card, an account or a meter")
        return Customer(0, serial.zfill(self.bench.family(driver).serial_digits), customer_no, meter_no, driver)

    def _contract(self, found: Customer, meter_model: int | None, initial_count: int) -> Customer:
        """Account, meter and installation in the database; returns the customer with the account's id."""
        create = self.admin.call
        partner = create("res.partner", "create", [{"name": f"Customer {found.customer_no}"}])[0]
        values = {"name": found.customer_no, "partner_id": partner, "tariff_id": self.tariff}
        account = create("electricity.account", "create", [values])[0]
        model = meter_model or self.meter_model_for(found.driver)
        meter = create("electricity.meter", "create", [{"name": found.meter_no, "model_id": model}])[0]
        values = {"electricity_account_id": account, "meter_id": meter, "initial_count": initial_count}
        create("electricity.meter.installation", "create", [values])
        return replace(found, account_id=account)

    def accept_database(self) -> None:
        """Let sales go on after the alarm for lost rows, once every terminal has told all. The epoch stays."""
        for terminal in self.terminals:
            wait_until(lambda api=terminal.api: not api.call("status")["journal"]["unacknowledged"], 20, "the receipts")
        epoch = json.loads(self.keyring.read_text(encoding="utf-8"))["epoch"]
        self.admin.call("ir.config_parameter", "set_param", "electricity.epoch", str(epoch))

    def insert(self, customer: Customer, slot: int = 0) -> None:
        """Put the customer's card into a reader and wait until the terminal shows it."""
        before = self.terminals[slot].reader().get("ins")
        self.bench.insert(customer.serial, slot)
        self.terminals[slot].wait_for_card(besides=before)

    def pull(self, slot: int = 0) -> None:
        """Take whatever card is in a reader and wait until the terminal knows."""
        self.bench.pull(slot)
        self.terminals[slot].wait_for_card("empty")

    def clear_slots(self) -> None:
        """Empty the readers and disarm all faults: what a test leaves must not reach the next."""
        for slot in range(len(self.bench.slots)):
            self.clear_slot(slot)

    def clear_slot(self, slot: int) -> None:
        """Empty one reader and disarm the faults of its card."""
        serial = self.bench.pull(slot)
        if serial is not None:
            self.bench.clear_faults(serial)

    def restart_odoo(self) -> None:
        """Kill Odoo, as a power cut would, and start it again."""
        self.odoo.kill()
        self.odoo.start()

    def restart_pcsc(self) -> None:
        """Kill the card service and start it again; wait until the terminals see their readers."""
        self.pcsc.kill()
        self.pcsc.start()
        for terminal in self.terminals:
            terminal.wait_for_card("card" if self.bench.slots[terminal.slot].card else "empty")

    def carry(self, customer: Customer, **fault):
        """Carry the card to its meter; returns the meter's InsertResult."""
        return self.bench.carry(customer.serial, customer.meter_no, **fault)

    def credits(self, customer: Customer) -> list[tuple[int, int]]:
        """What the meter has credited, without the opening by the bench: (count, quantity in 0.01 kWh or cents)."""
        first = 1 if customer.opened_by_bench else 0
        return [entry for entry in self.bench.meter(customer.meter_no).credits if entry[0] > first and entry[1]]

    def orders(self, customer: Customer) -> list[dict]:
        """All orders of the account, oldest first."""
        fields = ["uuid", "state", "op", "amount", "cost", "energy", "count"]
        domain = [("electricity_account_id", "=", customer.account_id)]
        return self.admin.call("electricity.recharge", "search_read", domain, fields, order="id")

    def check_books(self, customer: Customer, final: bool = True) -> None:
        """Assert the property of the project for one account (:mod:`stack.books`).

        :param final: faults have stopped, orders have been finished and the card has been carried to the meter
        """
        Books.read(self.admin, customer.account_id, self.credits(customer)).check(final)

    def finish(self, customer: Customer, slot: int = 0, timeout: float = 90.0) -> None:
        """Faults have stopped: the clerk does what the page offers, and the customer goes to the meter, until it takes
        the card. Uses only what the page and the meter's display show.

        :raises StaffNeeded: the order is held, or the time is over
        """
        self.bench.clear_faults(customer.serial)
        clerk = Clerk(self.terminals[slot].counter())
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            self.bring(customer, slot)
            try:
                if clerk.step() and self.carry(customer).accepted:
                    return
            except CallError as error:
                if error.code in TO_THE_METER:
                    self.carry(customer)
                elif error.code not in WAIT:
                    raise
                time.sleep(0.1)
        raise StaffNeeded(f"not finished after {timeout} s: {self.orders(customer)}")

    def bring(self, customer: Customer, slot: int = 0) -> None:
        """Put the card into the reader unless the terminal shows it already."""
        where = self.bench.slot_of(customer.serial)
        if where == slot and self.terminals[slot].reader().get("state") in ("card", "busy"):
            return
        if where is not None:
            self.pull(where)
        if self.bench.slots[slot].card is not None:
            self.pull(slot)
        self.insert(customer, slot)


def new_uuid() -> str:
    """A uuid as a page makes one before a call."""
    return str(uuid.uuid4())
