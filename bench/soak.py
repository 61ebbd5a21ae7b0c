"""Bench ``soak``: a week of idle hours and 10 000 sales leave hw_proxy as large as they found it.

The service is a process of its own on the real PC/SC stack; Odoo is the tests' server and the card is simulated. Time
is compressed: a week's polls, heartbeats and reloads of the page come as fast as they are answered.
"""

import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
from stack.pcsc import PcscDaemon
from stack.processes import Stack

from bench.figures import Figure
from tests.hw_proxy.real import RealTerminal
from tests.hw_proxy.support import ORIGIN

WHOLE = 30
"""Runs that stand for the whole week and all the sales; fewer are that part of them."""
WEEK = 7 * 24 * 3600
POLL, HEARTBEAT, RELOAD = 5, 20, 3600
"""Seconds between two polls of a page, two heartbeats, and two reloads of a page."""
SALES = 10_000
# Until caches are full: the last 500 jobs are remembered.
WARM_UP_SALES = 600
WARM_UP_SECONDS = WEEK // 20
RSS_LIMIT = 1.10
CONFIGURATION = """\
[limits]
requests_per_second = 100000.0
burst = 1000000
[pos]
enabled = true
"""
_INTERVAL = 0.002
_SETTLE = 2.0
_SAMPLES = 40


@dataclass(frozen=True)
class Size:
    """What a process holds: bytes of memory, file descriptors, threads."""

    rss: int
    fds: int
    threads: int

    @classmethod
    def of(cls, process):
        """Measure a process when it has come to rest.

        Descriptors and threads are the least of many looks: a heartbeat on its way holds a socket for a moment.
        """
        time.sleep(_SETTLE)
        fds, threads = [], []
        for _number in range(_SAMPLES):
            fds.append(process.num_fds())
            threads.append(process.num_threads())
            time.sleep(_SETTLE / _SAMPLES)
        return cls(process.memory_info().rss, min(fds), min(threads))


class Soak:
    """A running terminal, and the load of its days.

    :param folder: empty
    :param pcsc: a running PcscDaemon
    """

    def __init__(self, folder, pcsc):
        self.terminal = RealTerminal(folder, pcsc, interval=_INTERVAL, extra=CONFIGURATION)
        self.terminal.pair()
        self.terminal.start()
        self.terminal.ready()
        self.terminal.insert()
        self.process = psutil.Process(self.terminal.process.pid)

    def idle(self, seconds):
        """Everything that happens in hours without a customer.

        :param seconds: of the simulated time
        """
        terminal = self.terminal
        beats = len(terminal.odoo.heartbeats) + seconds // HEARTBEAT
        for number in range(seconds // POLL):
            terminal.ask("status")
            if number % 10 == 0:
                self._point_of_sale()
            if number % (RELOAD // POLL) == 0:
                self._reload()
        while len(terminal.odoo.heartbeats) < beats:
            terminal.ask("status")
        del terminal.odoo.heartbeats[:]
        del terminal.odoo.headers[:]

    def _point_of_sale(self):
        body = {"id": 1, "jsonrpc": "2.0", "method": "call", "params": {}}
        answer = self.terminal.client.post("/hw_proxy/status_json", json=body, headers={"Origin": ORIGIN})
        answer.raise_for_status()

    def _reload(self):
        with self.terminal.listen() as lines:
            next(lines)

    def sell(self, number):
        """So many writes; each is read, ordered, written, read back and acknowledged."""
        for _number in range(number):
            receipt = self.terminal.write(*self.terminal.order(op="rewrite"))
            if receipt["outcome"] != "written":
                raise RuntimeError(f"a write ended as {receipt['outcome']} ({receipt['code']})")
        self.terminal.until(lambda: self.terminal.ask("status")["journal"]["unacknowledged"] == 0, 60)

    def size(self):
        """What the service holds now."""
        return Size.of(self.process)

    def close(self):
        """End the terminal."""
        self.terminal.close()


def measure(runs):
    """Return the figures: memory, descriptors and threads after the load, beside those before it.

    :param int runs: of :data:`WHOLE` parts of the week and the sales
    """
    part = runs / WHOLE
    with tempfile.TemporaryDirectory() as folder, Stack() as stack:
        pcsc = stack.start(PcscDaemon(Path(folder) / "pcsc"))
        os.environ.update(pcsc.client_environment())
        (Path(folder) / "terminal").mkdir()
        soak = Soak(Path(folder) / "terminal", pcsc)
        try:
            soak.sell(WARM_UP_SALES)
            soak.idle(WARM_UP_SECONDS)
            before = soak.size()
            soak.idle(int(WEEK * part))
            idle = soak.size()
            soak.sell(int(SALES * part))
            after = soak.size()
        finally:
            soak.close()
    return figures(before, idle, f"after {part * 7:.3g} days idle") + figures(
        idle, after, f"after {SALES * part:.0f} sales", "soak.sales"
    )


def figures(before, after, what, name="soak.idle"):
    """Figures of one part of the load.

    :param Size before: at its begin
    :param Size after: at its end
    """
    megabyte = 1_000_000
    return [
        Figure(
            f"{name}.rss",
            round(after.rss / megabyte, 2),
            round(before.rss / megabyte, 2),
            round(after.rss / before.rss, 3),
            "MB",
            f"{what}; before it",
            RSS_LIMIT,
        ),
        *(
            Figure(f"{name}.{kind}", now, was, round(now / was, 3), kind, f"{what}; before it", 1.0)
            for kind, now, was in (("fds", after.fds, before.fds), ("threads", after.threads, before.threads))
        ),
    ]
