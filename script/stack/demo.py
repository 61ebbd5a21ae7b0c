"""The demo: a utility with customers, a counter with a card reader, cards and meters, all on this machine.

``script/demo`` serves it until Ctrl-C; ``script/demo --check`` makes one whole sale without a person and stops.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time

from simulators.client import BenchClient
from stack import demo_kiosk, postgres
from stack.cis import USERNAME, CisProcess
from stack.databases import drop_database, install_database
from stack.demo_check import check
from stack.manifests import source_hash
from stack.odoo import OdooProcess, run
from stack.paths import ROOT, cache_folder
from stack.payment import PaymentProcess
from stack.pcsc import PcscDaemon
from stack.processes import ProcessError, Stack, free_ports, is_free
from stack.proxy import ProxyProcess
from stack.simulators import SimulatorsProcess

MODULES = ["electricity_prepaid", "kiosk_hw"]
TERMINAL = "C01"
CARDS = ROOT / "addons" / "electricity_prepaid" / "demo" / "cards.json"
BLANKS = CARDS.with_name("blanks.json")
MARKETING = CARDS.with_name("marketing.json")
ODOO_PORT, PROXY_PORT, SIMULATORS_PORT, KIOSK_PORT, CIS_PORT, PAYMENT_PORT = 8069, 8269, 8270, 8271, 8272, 8274
ZONE = "Asia/Shanghai"
LOGINS = ("clerk", "supervisor", "finance", "technician", "cash", "admin")
SETTINGS = """
parameters = env["ir.config_parameter"]
if {fresh}:
    # The copied template's uuid would let one key ring fit several databases.
    parameters.init(force=True)
    env.ref("base.user_admin").group_ids += env.ref("electricity_prepaid.group_administrator")
    languages = env["base.language.install"].create({{"lang_ids": env.ref("base.lang_zh_CN").ids}})
    languages.lang_install()
    # Their receipts are in their own language.
    env["electricity.account"].search([]).partner_id.lang = "zh_CN"
parameters.set_param("web.base.url", {url!r})
parameters.set_param("web.base.url.freeze", "True")
terminal = env["electricity.terminal"].search([("code", "=", {terminal!r})])
terminal.write({{"proxy_url": {proxy_url!r}, "issues_cpu_cards": True}})
company = env.ref("base.main_company")
# Both books must begin their days at the same moment.
company.partner_id.tz = {zone!r}
connection = env["electricity.cis.connection"].search([("company_id", "=", company.id)], limit=1)
values = {{"url": {cis_url!r}, "username": {cis_user!r}, "secret_name": "demo"}}
if connection:
    connection.write(values)
else:
    env["electricity.cis.connection"].create({{**values, "name": "Marketing system", "company_id": company.id}})
"""


def say(text=""):
    """Print a line at once, also into a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Demo:
    """One demo with its database and its folder.

    :param str name: database; a second demo beside the first has another
    """

    def __init__(self, name="prepaid_demo"):
        self.name = name
        self.folder = cache_folder() / name
        self.keys = self.folder / "keys"
        self.environment = {
            "ELECTRICITY_KEYRING": str(self.keys / "keyring.json"),
            "ELECTRICITY_CARD_KEYS": str(self.keys / "card-keys.json"),
            "ELECTRICITY_DEMO_PAYMENTS": "1",
        }
        ports = (ODOO_PORT, PROXY_PORT, SIMULATORS_PORT, KIOSK_PORT, CIS_PORT, PAYMENT_PORT)
        self.odoo_port, self.proxy_port, self.simulators_port, self.kiosk_port, cis_port, payment_port = map(
            _port, ports, (2, 1, 1, 1, 2, 2)
        )
        self.printer_port = free_ports()
        self.cis = CisProcess(self.folder / "marketing", cis_port, zone=ZONE)
        self.payment = PaymentProcess(self.folder / "payment", payment_port)
        self.environment |= self.cis.environment_of_odoo | self.payment.environment_of_odoo
        self.started_postgres = False

    def discard(self):
        """Throw away the database, the keys and the journal of the terminal together: they belong to each other."""
        postgres.ensure()
        drop_database(self.name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def prepare(self):
        """Make the database, or bring it up to date with the addons."""
        self.started_postgres = postgres.ensure()
        self.folder.mkdir(parents=True, exist_ok=True)
        modules = MODULES
        now, stored = source_hash(modules), self.folder / "sources"
        fresh = not self._is_whole() or not stored.exists()
        if fresh:
            say("Making the demo's database: a few seconds, or minutes after an addon has changed")
            self.discard()
            self.folder.mkdir(parents=True)
            install_database(self.name, [*modules, demo_kiosk.LOCALIZATION], demo=True, script=demo_kiosk.CHART)
        changed = fresh or stored.read_text(encoding="ascii") != now
        if changed and not fresh:
            say("Bringing the demo's database up to date with the addons, which have changed: a minute or so")
            run("server", f"--database={self.name}", f"--update={','.join(modules)}", "--stop-after-init", "--no-http")
        settings = SETTINGS.format(
            fresh=fresh,
            url=f"http://127.0.0.1:{self.odoo_port}",
            terminal=TERMINAL,
            proxy_url=f"http://127.0.0.1:{self.proxy_port}",
            zone=ZONE,
            cis_url=self.cis.url,
            cis_user=USERNAME,
        )
        kiosk = demo_kiosk.setup_script(f"http://127.0.0.1:{self.kiosk_port}", self.payment.url, self.payment.merchant)
        settings += kiosk + "env.cr.commit()\n"
        run("shell", f"--database={self.name}", "--no-http", stdin=settings)
        if changed or not self.keys.exists():
            # Also a key file from before: it lacks the masters of the kinds of card that are new.
            run("electricity_keys", "init", f"--database={self.name}", environment=self.environment)
        stored.write_text(now, encoding="ascii")

    def _is_whole(self):
        """Tell whether the database is there, and from a time in which the demo had a kiosk."""
        if not postgres.exists(self.name):
            return False
        installed = "SELECT 1 FROM ir_module_module WHERE name = 'kiosk_hw' AND state = 'installed'"
        return bool(postgres.query(installed, self.name))

    def start(self, stack):
        """Start all parts, issue the customers' cards, and pair the terminals of counter and kiosk.

        :param Stack stack: keeps the processes
        """
        stack.start(self.cis)
        stack.start(self.payment)
        self._open_books()
        self.odoo = stack.start(OdooProcess(self.name, self.folder, self.odoo_port, environment=self.environment))
        self.pcsc = stack.start(PcscDaemon(self.folder / "pcsc"))
        self.simulators = stack.start(
            SimulatorsProcess(
                self.folder / "bench",
                self.environment["ELECTRICITY_CARD_KEYS"],
                self.pcsc,
                self.simulators_port,
                notes=self.folder / "note-acceptor",
                printer=self.printer_port,
            )
        )
        self._issue_cards()
        counter, kiosk = map(demo_kiosk.section_readers, (demo_kiosk.COUNTER_SLOT, demo_kiosk.KIOSK_SLOT))
        sections = demo_kiosk.sections(self.odoo_port, self.folder / "note-acceptor", self.printer_port)
        self.proxy = self._terminal(stack, TERMINAL, "terminal", self.proxy_port, counter)
        self.kiosk = self._terminal(stack, demo_kiosk.TERMINAL, "kiosk", self.kiosk_port, kiosk, sections)

    def _terminal(self, stack, code, folder, port, readers, sections=""):
        """Configure, pair and start one card service.

        :param code: of its terminal in Odoo
        :param folder: name of the folder of its keys and journal
        :param readers: line of the configuration
        :param sections: further ones, of the configuration
        :return: ProxyProcess
        """
        config = self.folder / f"hw-proxy-{folder}.toml"
        config.write_text(
            f'data_dir = "{self.folder / folder}"\n{readers}'
            f'[listen]\nport = {port}\norigins = ["http://localhost:{self.odoo_port}"]\n'
            f'[odoo]\nurl = "{self.odoo.url}"\ndatabase = "{self.name}"\n{sections}',
            encoding="utf-8",
        )
        process = ProxyProcess(config, port, self.pcsc.client_environment(), f"hw_proxy-{folder}")
        if not (self.folder / folder / "pairing.json").exists():
            self._pair(process.command[0], config, code)
        return stack.start(process)

    def _open_books(self):
        """Tell the marketing system its customers, once: what they paid since then stays paid."""
        client = self.cis.client
        if not client.books()["customers"]:
            client.put_customers(*json.loads(MARKETING.read_text(encoding="utf-8")))

    def _issue_cards(self):
        client = BenchClient(self.simulators.url)
        present = {card["name"] for card in client.state()["cards"]}
        for card in json.loads(CARDS.read_text(encoding="utf-8")):
            if card["serial"] not in present:
                numbers = {name: card[name] for name in ("serial", "customer_no", "meter_no")}
                client.do("issue", **numbers, driver=card.get("driver"), quantity="100")
        blanks = json.loads(BLANKS.read_text(encoding="utf-8"))
        for card in blanks["cards"]:
            if card["serial"] not in present:
                client.do("blank-card", **card)
        meters = {meter["meter_no"] for meter in client.state()["meters"]}
        for meter in blanks["meters"]:
            if meter["meter"] not in meters:
                client.do("meter", **meter)
        if not present:
            client.do("baseline")

    def _pair(self, program, config, terminal):
        options = [f"--database={self.name}", f"--terminal={terminal}"]
        output = run("electricity_keys", "pair", *options, environment=self.environment).stdout
        code = re.search(r"\w{4}(-\w{4}){3}", output)
        if not code:
            raise ProcessError(f"Odoo gave no pairing code: {output}")
        done = subprocess.run(
            [program, "pair", "--config", config, code[0]], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ProcessError(f"the terminal could not be paired: {done.stderr or done.stdout}")

    def doctor(self):
        """Return the line by which a shell checks the demo's terminal, whose card service is its own."""
        words = [self.proxy.command[0], "doctor", "--config", self.proxy.config]
        setting = [f"{name}={shlex.quote(value)}" for name, value in self.pcsc.client_environment().items()]
        return " ".join([*setting, *(shlex.quote(str(word)) for word in words)])

    def describe(self):
        """Print where everything is."""
        say()
        say(f"  Odoo            {self.odoo.url}/odoo")
        say(f"                  {', '.join(LOGINS)} (the password is the login)")
        say(f"  Cards, meters   {self.simulators.url}/     insert and pull cards, carry them to the meter")
        say(f"  Marketing       {self.cis.control}/     the utility's books; let its calls go wrong")
        say(f"  Payments        {self.payment.control}/     the customer's phone and the bank card's terminal")
        say(f"  Kiosk           {self.kiosk.url}/kiosk     a customer alone, with reader 2 and the note acceptor")
        say(f"  Terminals       {self.proxy.url}     (hw_proxy, paired as {TERMINAL})")
        say(f"                  {self.kiosk.url}     (hw_proxy, paired as {demo_kiosk.TERMINAL})")
        say(f"  Logs, journal   {self.folder}")
        say(f"  Its check       {self.doctor()}")
        say()
        say("Open Odoo as clerk, menu Electricity, Counter. Ctrl-C stops everything.")

    def stop_postgres(self):
        """Stop the database server if this demo started it and nobody else uses it."""
        others = (
            "SELECT 1 FROM pg_stat_activity WHERE backend_type = 'client backend' "
            f"AND datname <> '{self.name}' AND pid <> pg_backend_pid()"
        )
        if self.started_postgres and not postgres.query(others):
            postgres.Cluster().stop()


def _port(usual, count):
    """Return the usual port, or a free one when somebody has it already."""
    if all(is_free(usual + each) for each in range(count)):
        return usual
    return free_ports(count)


def main(arguments=None):
    """Command line of script/demo; returns its exit status."""
    parser = argparse.ArgumentParser(prog="script/demo", description="Run the whole system with demo data.")
    parser.add_argument("--check", action="store_true", help="make one whole sale without a person, then stop")
    parser.add_argument("--fresh", action="store_true", help="throw away the demo's database, keys and cards first")
    options = parser.parse_args(arguments)
    # A check must not meet what people left in their demo, nor another check: both share one database server.
    demo = Demo(f"prepaid_demo_check_{os.getpid()}" if options.check else "prepaid_demo")
    # Also Ctrl-C's signal: a shell starts what goes to the background with that one ignored.
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.default_int_handler)
    try:
        with Stack() as stack:
            begin = time.monotonic()
            if options.fresh or options.check:
                demo.discard()
            demo.prepare()
            say("Starting the marketing system, Odoo, pcscd, the simulators and hw_proxy")
            demo.start(stack)
            say(f"Ready after {time.monotonic() - begin:.0f} s")
            if options.check:
                return check(demo, say)
            demo.describe()
            while not stack.ended():
                time.sleep(0.5)
            raise ProcessError("\n".join(f"{each.name} ended\n{each.log_tail()}" for each in stack.ended()))
    except KeyboardInterrupt:
        say("\nStopped.")
        return 0
    except (ProcessError, postgres.PostgresError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    finally:
        if options.check and demo.folder.exists():
            demo.discard()
        demo.stop_postgres()


if __name__ == "__main__":
    sys.exit(main())
