"""The real parts: hw-proxy as a process, pcscd with the virtual reader, a simulated card; only Odoo is ours."""

import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
from stack.processes import free_ports
from stack.proxy import ProxyProcess

from hw_proxy.receipts import claims_of
from simulators.issue import issue
from simulators.keys import MasterKey
from simulators.meter import Meter
from simulators.vpcd import VpcdSlot
from tests.hw_proxy.fake_odoo import CODE, OdooServer
from tests.hw_proxy.support import ORDERED, ORIGIN, SERIAL

METER = "000000008901"
KEYS = MasterKey(bytes(range(32)))
READER = "Virtual PCD 00 00"


class RealTerminal:
    """A paired terminal with a card.

    :param folder: empty folder for configuration and data.
    :param pcsc: the running PcscDaemon.
    :param environment: further variables of the service.
    """

    def __init__(self, folder, pcsc, interval=0.3, extra=""):
        self.folder = Path(folder)
        self.pcsc = pcsc
        self.odoo = OdooServer()
        self.port = free_ports(1)
        self.config = self.folder / "hw-proxy.toml"
        self.config.write_text(
            f'data_dir = "data"\ntesting = true\n[listen]\nport = {self.port}\n'
            f'[odoo]\nurl = "{self.odoo.url}"\ninterval = {interval}\n{extra}',
            encoding="utf-8",
        )
        self.slot = VpcdSlot(pcsc.port)
        self.process = None
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30, trust_env=False)

    def command(self, *arguments, **options):
        """Run ``hw-proxy`` with the configuration."""
        program = Path(sys.executable).with_name("hw-proxy")
        return subprocess.run(
            [program, arguments[0], "--config", self.config, *arguments[1:]],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            **options,
        )

    def pair(self):
        done = self.command("pair", CODE)
        assert done.returncode == 0, done.stderr

    def start(self, crash_at=None):
        environment = dict(self.pcsc.client_environment())
        if crash_at:
            environment["HW_PROXY_CRASH_AT"] = crash_at
        self.process = ProxyProcess(self.config, self.port, environment)
        self.process.start()

    def stop(self):
        if self.process is not None:
            self.process.stop()
            self.process = None

    def close(self):
        self.stop()
        if self.slot.card is not None:
            self.slot.pull()
        self.client.close()
        self.odoo.close()

    # -- the card ------------------------------------------------------------------------------------------------

    def issue(self, serial=SERIAL):
        """A card that has been in its meter once."""
        self.meter = Meter(METER, KEYS)
        chip, _opened = issue(serial, "000000004567", self.meter, KEYS, energy=10_000)
        return chip

    def insert(self, chip=None):
        """Put a card in and wait until the service shows it."""
        chip = chip or self.issue()
        before = self.reader()["ins"]
        self.slot.insert(chip)
        self.until(lambda: self.reader()["state"] == "card" and self.reader()["ins"] != before)
        return chip

    def pull(self):
        chip = self.slot.pull()
        self.until(lambda: self.reader()["state"] != "card")
        return chip

    # -- the page ------------------------------------------------------------------------------------------------

    def call(self, name, body=None, **headers):
        """One call; the answer."""
        given = {"Origin": ORIGIN, "Authorization": f"Bearer {self.odoo.page(self.odoo.terminal)}", **headers}
        return self.client.post(f"/v1/{name}", json=body if body is not None else {}, headers=given)

    def ask(self, name, body=None):
        """One call that must succeed; its JSON."""
        answer = self.call(name, body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    @contextmanager
    def listen(self):
        """The lines of the event stream."""
        headers = {"Origin": ORIGIN, "Authorization": f"Bearer {self.odoo.page(self.odoo.terminal)}"}
        with self.client.stream("POST", "/v1/events", json={}, headers=headers) as answer:
            assert answer.status_code == 200
            yield answer.iter_lines()

    def reader(self):
        readers = {reader["name"]: reader for reader in self.ask("status")["readers"]}
        return readers.get(READER, {"state": "absent", "ins": None, "code": None})

    def until(self, condition, seconds=15):
        """Wait for a condition."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"did not happen; status {self.ask('status')}"
            time.sleep(0.02)

    def ready(self):
        """Wait for the signed time."""
        self.until(lambda: self.ask("status")["clock"]["kind"] == "signed")

    def snapshot(self):
        return claims_of(self.ask("snapshot", {"nonce": "n" * 20})["snapshot"])

    def order(self, snapshot=None, **changes):
        """A good order for the card as the snapshot shows it."""
        snapshot = snapshot or self.snapshot()
        memory = bytes.fromhex(snapshot["card"]["memory"])
        write = type(ORDERED)(count=2, energy=5_000, alarm1=20, alarm2=5, hoard=0, issue=1, flags=1)
        values = {"ins": snapshot["ins"], "memory": memory, "write": write, "psc": KEYS.psc(SERIAL), **changes}
        return self.odoo.order(IdentityView(self.odoo), **values)

    def write(self, order, sealed):
        """Send an order and wait for the claims of its receipt."""
        job = self.ask("write", {"order": order, "sealed": sealed})["job"]
        return self.wait(job)

    def wait(self, job, seconds=30):
        end = time.monotonic() + seconds
        while True:
            state = self.ask(f"jobs/{job}")
            if state["state"] == "done":
                return claims_of(state["receipt"])
            assert time.monotonic() < end, state
            time.sleep(0.01)


class IdentityView:
    """What Odoo knows of the terminal: its id and its public agreement key."""

    class _Keys:
        def __init__(self, x25519):
            self.x25519 = x25519

    class _Pairing:
        def __init__(self, terminal):
            self.terminal = terminal

    def __init__(self, odoo):
        self.keys = self._Keys(odoo.keys[1])
        self.pairing = self._Pairing(odoo.terminal)
