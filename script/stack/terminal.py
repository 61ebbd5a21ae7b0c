"""One terminal of the process tests: hw_proxy, paired with Odoo, at one slot of the virtual reader."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
from typing import TYPE_CHECKING

from stack.page import Counter, OdooSession, TerminalApi
from stack.processes import ProcessError, free_ports, wait_until
from stack.proxy import ProxyProcess

if TYPE_CHECKING:
    from stack.world import World

READER = "Virtual PCD 00 0{}"
CRASH_POINT = "HW_PROXY_CRASH_AT"
PATIENCE = 30.0


class Terminal:
    """One paired hw_proxy at one slot of the virtual reader."""

    def __init__(self, world: World, slot: int):
        self.world = world
        self.slot = slot
        self.sam_slot: int | None = None
        self.extra = ""
        self.port = free_ports()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = world.folder / f"terminal-{slot}"
        self.id = self._create()
        self.process = self._pair_and_start()
        self.api: TerminalApi = self.counter().api

    def _create(self) -> int:
        values = {"name": f"Counter {self.slot + 1}", "code": f"E2E{self.slot + 1}", "proxy_url": self.url}
        # What piles up in a test is the test's own business; the limits have tests of their own.
        values["max_unresolved"] = 0
        values["issues_cpu_cards"] = True
        return self.world.admin.call("electricity.terminal", "create", [values])[0]

    def _pair_and_start(self) -> ProxyProcess:
        self.folder.mkdir()
        config = self._configure(self.world.odoo.url)
        process = ProxyProcess(config, self.port, self.world.pcsc.client_environment(), f"hw_proxy-{self.slot}")
        pair = [process.command[0], "pair", "--config", config, self.world.pairing_code(self.id)]
        done = subprocess.run(pair, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ProcessError(f"the terminal was not paired: {done.stderr}")
        return self.world.stack.start(process)

    def _configure(self, odoo_url: str):
        config = self.folder / "hw-proxy.toml"
        sam = "" if self.sam_slot is None else f'[sam]\nreader = "{READER.format(self.sam_slot)}"\n'
        config.write_text(
            f'data_dir = "{self.folder / "data"}"\ntesting = true\nonly_readers = ["{READER.format(self.slot)}"]\n'
            f"[listen]\nport = {self.port}\n"
            f'[odoo]\nurl = "{odoo_url}"\ndatabase = "{self.world.database}"\ninterval = 2.0\n'
            "[limits]\nmax_unresolved = 1000\nrequests_per_second = 1000.0\nburst = 2000\n" + sam + self.extra,
            encoding="utf-8",
        )
        return config

    @property
    def data(self):
        """Folder with the terminal's keys and journal."""
        return self.folder / "data"

    @property
    def will_crash(self) -> bool:
        """Whether a crash point is armed, reached or not."""
        return CRASH_POINT in self.process.environment

    def crash_at(self, point: str) -> None:
        """Restart the service so that it dies by SIGKILL at ``point`` of its next write."""
        self.process.kill()
        self.process.environment[CRASH_POINT] = point
        self.process.start()
        self.wait_for_odoo()

    def revive(self) -> None:
        """Start the service after a crash, without a crash point."""
        self.process.kill()
        self.process.environment.pop(CRASH_POINT, None)
        self.process.start()
        self.wait_for_odoo()

    def cut_off(self) -> None:
        """Restart the service without a way to Odoo: it still writes, having kept Odoo's time, and pushes nothing."""
        self._restart_with(f"http://127.0.0.1:{free_ports()}")

    def use_security_module(self, slot: int | None) -> None:
        """Restart the service with a security module in a slot, or without one."""
        self.sam_slot = slot
        self._restart_with(self.world.odoo.url)

    def use(self, extra: str) -> None:
        """Restart the service with more sections in its configuration, as TOML."""
        self.extra = extra
        self._restart_with(self.world.odoo.url)

    def forget_time(self) -> None:
        """Restart the service without a way to Odoo and without the time that it had from there."""
        self.process.kill()
        with contextlib.closing(sqlite3.connect(next(self.data.glob("journal-*.sqlite")))) as journal, journal:
            journal.execute("DELETE FROM meta WHERE key = 'clock'")
        self._configure(f"http://127.0.0.1:{free_ports()}")
        self.process.start()
        self.wait_for_card("card" if self.world.bench.slots[self.slot].card else "empty")

    def reconnect(self) -> None:
        """Restart the service with its way to Odoo."""
        self._restart_with(self.world.odoo.url)

    def _restart_with(self, odoo_url: str) -> None:
        self.process.kill()
        self._configure(odoo_url)
        self.process.start()
        self.wait_for_odoo()
        self.wait_for_card("card" if self.world.bench.slots[self.slot].card else "empty")

    def verify_journal(self) -> str:
        """What ``hw-proxy journal verify`` says. Raises ``CalledProcessError`` when the journal is not whole."""
        command = [self.process.command[0], "journal", "--config", self.process.config, "verify"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def counter(self, session: OdooSession | None = None, patience: float = PATIENCE) -> Counter:
        """A page at this terminal, with a new uuid for its next sale."""
        return Counter(session or self.world.clerk, self.id, patience)

    def wait_for_odoo(self) -> None:
        """Wait until the terminal has Odoo's signed time."""
        wait_until(lambda: self.api.call("status")["clock"]["kind"] == "signed", 20, "signed time at the terminal")

    def reader(self) -> dict:
        """The status of the terminal's only reader; empty while there is none."""
        readers = self.api.call("status")["readers"]
        return readers[0] if readers else {}

    def wait_for_card(self, state: str = "card", besides: str | None = None) -> dict:
        """Wait until the reader's state is ``state`` ("card", "empty"); returns the reader's status.

        :param besides: an insertion that does not count, because its card has been taken out since
        """

        def fresh():
            found = self.reader()
            stale = besides is not None and found.get("ins") == besides
            return found if found.get("state") == state and not stale else None

        return wait_until(fresh, 20, f"the reader to be in the state {state}", interval=0.02)
