"""The service killed in the middle of a print, as a process: nothing is printed twice, and its end is unknown."""

import contextlib
import socket
import subprocess
import sys
import uuid

import httpx
import pytest
from stack.paths import ROOT
from stack.processes import Process, free_ports, wait_until

from hw_proxy.crashpoints import PRINT_POINTS
from simulators.printer.device import ReceiptPrinter
from simulators.printer.line import PrinterLine
from tests.hw_proxy import print_support
from tests.hw_proxy.fake_odoo import CODE, OdooServer
from tests.hw_proxy.support import ORIGIN


class _Service(Process):
    ready_timeout = 20

    def __init__(self, kiosk, environment):
        self._port = kiosk.port
        super().__init__(
            "hw_proxy",
            [sys.executable, "-m", "hw_proxy", "run", "--config", str(kiosk.config)],
            kiosk.folder,
            environment,
        )

    def is_ready(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self._port)) == 0


class PrintingKiosk:
    """A paired service whose printer outlives it."""

    def __init__(self, folder):
        self.folder, self.odoo, self.port = folder, OdooServer(), free_ports(1)
        self.device = ReceiptPrinter()
        self.line = PrinterLine(self.device)
        self.config = folder / "hw-proxy.toml"
        self.config.write_text(
            f'data_dir = "data"\ntesting = true\n[listen]\nport = {self.port}\n'
            f'[odoo]\nurl = "{self.odoo.url}"\ninterval = 0.3\n[kiosk]\nenabled = true\n'
            f'[printer]\nkind = "network"\nhost = "127.0.0.1"\nport = {self.line.port}\n',
            encoding="utf-8",
        )
        program = [sys.executable, "-m", "hw_proxy", "pair", "--config", str(self.config), CODE]
        subprocess.run(program, check=True, capture_output=True, timeout=60, cwd=ROOT)
        self.process = None
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30, trust_env=False)

    def start(self, crash_at=None):
        environment = {"PYTHONPATH": str(ROOT), "PCSCLITE_CSOCK_NAME": str(self.folder / "none")}
        if crash_at:
            environment["HW_PROXY_CRASH_AT"] = crash_at
        self.process = _Service(self, environment)
        self.process.start()
        wait_until(lambda: self.ask("status")["clock"]["kind"] == "signed", 20, "the signed time")

    def ask(self, name, body=None):
        headers = {"Origin": ORIGIN, "Authorization": f"Bearer {self.odoo.page(self.odoo.terminal)}"}
        answer = self.client.post(f"/v1/{name}", json=body or {}, headers=headers)
        assert answer.status_code in (200, 202), answer.text
        return answer.json()

    def close(self):
        if self.process is not None:
            self.process.stop()
        self.client.close()
        self.line.close()
        self.odoo.close()


@pytest.fixture
def kiosk(tmp_path):
    made = PrintingKiosk(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize("point", PRINT_POINTS)
def test_a_kill_in_the_middle_ends_as_unknown_and_a_repeat_prints_nothing(kiosk, point):
    jti = str(uuid.uuid4())
    job = print_support.order(kiosk.odoo, kiosk.odoo.terminal, jti=jti)
    kiosk.start(crash_at=point)
    with contextlib.suppress(httpx.TransportError):
        kiosk.ask("print", {"job": job})
    wait_until(lambda: not kiosk.process.is_running(), 20, "the kill")
    kiosk.start()
    wait_until(lambda: kiosk.device.hanging.rows == 0 or point != "print_sent", 20, "the last bytes")
    before = (len(kiosk.device.slips), kiosk.device.hanging.rows)
    unknown = {"job": jti, "state": "unknown", "code": "A-403"}
    assert kiosk.ask("print", {"job": job}) == unknown
    assert kiosk.ask("print/state", {"job": jti}) == unknown
    assert (len(kiosk.device.slips), kiosk.device.hanging.rows) == before
    other = print_support.order(kiosk.odoo, kiosk.odoo.terminal)
    job = kiosk.ask("print", {"job": other})["job"]
    wait_until(lambda: kiosk.ask("print/state", {"job": job})["state"] == "printed", 30, "the next receipt")
