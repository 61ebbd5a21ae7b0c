"""The service killed at every step of a payment in notes, as a process: the box holds what is stated, once."""

import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
import uuid

import httpx
import pytest
from stack.paths import ROOT
from stack.processes import Process, free_ports

from hw_proxy import audit
from hw_proxy.crashpoints import CASH_POINTS
from hw_proxy.journal import Journal
from hw_proxy.notes.book import NoteReader
from hw_proxy.receipts import claims_of
from tests.hw_proxy.fake_odoo import CODE, OdooServer
from tests.hw_proxy.note_machine import Driver, NoteMachine
from tests.hw_proxy.support import ORIGIN

RECHARGE = "00000001-0000-4000-8000-000000000001"


class _Gone(Exception):
    """The service is dead: what was told is not confirmed."""


class Cable:
    """The device's end of the line to one life of the service after the other."""

    def __init__(self, machine):
        self.machine = machine
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        self._connected = threading.Event()
        self._confirmed = threading.Event()
        self._line = None
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                line, _address = self._server.accept()
                driver = Driver(self.machine, "cable")
                self._line = line
                self._read(line, driver)
                self._connected.clear()
                self.machine.driver = None
                self._confirmed.set()

    def _read(self, line, driver):
        with contextlib.suppress(OSError), line:
            for text in line.makefile():
                told = json.loads(text)
                command = told.pop("command")
                if command == "hello":
                    driver.hear = self._tell
                    self.machine.driver = driver
                    self._connected.set()
                elif command == "ok":
                    self._confirmed.set()
                else:
                    getattr(driver, command)(*told.values())

    def _tell(self, event):
        self._confirmed.clear()
        position = event.position.value if event.position else None
        told = {"kind": event.kind.value, "denomination": event.denomination, "position": position, "code": event.code}
        with contextlib.suppress(OSError):
            self._line.sendall(json.dumps(told).encode() + b"\n")
        assert self._confirmed.wait(10), "the service does not answer its device"
        if self.machine.driver is None:
            raise _Gone

    def wait(self):
        assert self._connected.wait(20), "the service does not come up"

    def close(self):
        self._server.close()


class Kiosk:
    """A paired service with a device that outlives it."""

    def __init__(self, folder):
        self.folder = folder
        self.odoo = OdooServer()
        self.machine = NoteMachine()
        self.cable = Cable(self.machine)
        self.port = free_ports(1)
        self.config = folder / "hw-proxy.toml"
        self.config.write_text(
            f'data_dir = "data"\ntesting = true\n[listen]\nport = {self.port}\n'
            f'[odoo]\nurl = "{self.odoo.url}"\ninterval = 0.3\n',
            encoding="utf-8",
        )
        program = [sys.executable, "-m", "hw_proxy", "pair", "--config", str(self.config), CODE]
        subprocess.run(program, check=True, capture_output=True, timeout=60, cwd=ROOT)
        self.process = None
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30, trust_env=False)

    def start(self, crash_at=None):
        environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'script'}", "PCSCLITE_CSOCK_NAME": str(self.folder / "none")}
        if crash_at:
            environment["HW_PROXY_CRASH_AT"] = crash_at
        self.process = _Service(self, environment)
        self.process.start()
        self.cable.wait()
        self.until(lambda: self.ask("status")["clock"]["kind"] == "signed")

    def close(self):
        if self.process is not None:
            self.process.stop()
        self.client.close()
        self.cable.close()
        self.odoo.close()

    def ask(self, name, body=None):
        headers = {"Origin": ORIGIN, "Authorization": f"Bearer {self.odoo.page(self.odoo.terminal)}"}
        answer = self.client.post(f"/v1/{name}", json=body or {}, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def until(self, condition, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "did not happen"
            time.sleep(0.02)

    def state(self):
        return self.ask("cash/state", {"recharge": RECHARGE})

    def pay(self):
        """Two notes and a confirmation, until the service dies of one of them."""
        self.ask("cash/open", {"collect": self.odoo.collect(self.odoo.terminal, RECHARGE)})
        self.until(lambda: self.machine.takes)
        for note in (5000, 2000):
            self.machine.insert(note)
            self.machine.move()
        self.ask("cash/confirm", {"recharge": RECHARGE})
        self.until(lambda: not self.machine.takes)
        self.machine.settle()
        self.until(lambda: self.odoo.tenders)

    def stated(self):
        claims = [claims_of(token) for token in self.odoo.tenders.values()]
        doubt = sum(note["denomination"] for each in claims for note in each.get("uncertain", []))
        return sum(each["total"] for each in claims), doubt

    def journal(self):
        path = next((self.folder / "data").glob("journal-*.sqlite"))
        with Journal.open_read_only(path) as journal:
            reader = NoteReader(journal)
            return audit.problems(journal), reader.unfinished(), reader.unacknowledged()


class _Service(Process):
    ready_timeout = 20

    def __init__(self, kiosk, environment):
        self._port = kiosk.port
        command = [sys.executable, "-m", "tests.hw_proxy.cash_service", str(kiosk.config), str(kiosk.cable.port)]
        super().__init__("cash_service", command, kiosk.folder, environment)

    def is_ready(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0


@pytest.fixture
def kiosk(tmp_path):
    made = Kiosk(tmp_path)
    yield made
    made.close()


def test_a_payment_reaches_odoo_without_the_page(kiosk):
    kiosk.start()
    kiosk.pay()
    assert kiosk.stated() == (7000, 0)
    assert kiosk.machine.box == [5000, 2000]
    kiosk.until(lambda: kiosk.journal() == ([], [], 0))


ON_ITS_WAY = ("note_after_escrow", "note_after_stack")
CASES = [
    *((point, "stays") for point in CASH_POINTS),
    *((point, power) for point in ON_ITS_WAY for power in ("fell", "sensor", "escrow")),
    # It is in the box already; the device forgets with its power that nobody has confirmed it.
    ("note_before_stacked", "fell"),
]


@pytest.mark.parametrize(("point", "power"), CASES)
def test_a_kill_at_every_step_states_what_is_in_the_box_once(kiosk, point, power):
    kiosk.start(crash_at=point)
    with contextlib.suppress(httpx.TransportError, _Gone):
        kiosk.pay()
    kiosk.until(lambda: not kiosk.process.is_running())
    kiosk.until(lambda: kiosk.machine.driver is None)
    if power == "stays":
        kiosk.machine.move()
    else:
        kiosk.machine.lose_power(power)
    kiosk.start()
    (kiosk.machine.resume if power == "stays" else kiosk.machine.power_up)()
    kiosk.until(lambda: kiosk.journal() == ([], [], 0))
    counted, uncertain = kiosk.stated()
    box = sum(kiosk.machine.box)
    assert counted <= box <= counted + uncertain
    if power != "fell":
        assert (counted, uncertain) == (box, 0)
    shown = kiosk.state()
    assert sorted(shown["tenders"]) == sorted(kiosk.odoo.tenders.values())
    assert shown["state"] == ("submitted" if box or uncertain else "closed")
    assert kiosk.ask("cash/open", {"collect": kiosk.odoo.collect(kiosk.odoo.terminal, str(uuid.uuid4()))})["total"] == 0
