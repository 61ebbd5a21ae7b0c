"""Bench ``supervision``: how soon a page shows what happens to card, reader and card service; the aim is two seconds.

The service is a process of its own on the real PC/SC stack, the card is simulated, and the time counts until the event
stream says it, as a page hears it. The virtual reader cannot be unplugged while pcscd runs, so for that pcscd comes
back without it, and the time counts from when its socket is there.
"""

import json
import os
import signal
import statistics
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
from stack.pcsc import PcscDaemon
from stack.processes import Stack

from bench.figures import Figure
from simulators.vpcd import VpcdSlot
from tests.hw_proxy.real import READER, RealTerminal

AIM_MS = 2000.0
RUNS_PER_ROUND = 6
"""So many of the ``--runs`` make a round of every event: five rounds by default."""
OTHER = "Virtual PCD 00 01"
# Longer than the service needs to show it, shorter than its patience.
_HANG_SECONDS = 4.0
_PATIENCE = 30.0


class Daemon(PcscDaemon):
    """pcscd whose readers are there when it starts, or not: ``plugged``."""

    plugged = True

    def prepare(self):
        super().prepare()
        if not self.plugged:
            (self.folder / "readers" / "virtual").write_text("")


class Page:
    """What a page hears: the last status of the event stream."""

    def __init__(self):
        self.status = None
        self._news = threading.Condition()

    @contextmanager
    def listening(self, terminal):
        """Follow the terminal's event stream."""
        with terminal.listen() as lines:
            thread = threading.Thread(target=self._follow, args=(lines,), daemon=True)
            thread.start()
            yield

    def _follow(self, lines):
        event = None
        # So it ends when the terminal does.
        with suppress(httpx.TransportError):
            for line in lines:
                name, _, value = line.partition(": ")
                if name == "event":
                    event = value
                elif name == "data" and event == "status":
                    with self._news:
                        self.status = json.loads(value)
                        self._news.notify_all()

    def reader(self, name=READER):
        """State and code of a reader."""
        readers = {each["name"]: each for each in (self.status or {}).get("readers", [])}
        found = readers.get(name, {"state": None, "code": None})
        return found["state"], found["code"]

    def problems(self):
        """What keeps the terminal from selling."""
        return (self.status or {}).get("problems", [])

    def seconds_until(self, condition, do=lambda: None):
        """Do something and wait until the stream has said what came of it; the seconds since the begin."""
        begin = time.monotonic()
        do()
        with self._news:
            if not self._news.wait_for(condition, _PATIENCE):
                raise RuntimeError(f"the page was never told; the last status is {self.status}")
            return time.monotonic() - begin


class Events:
    """Everything that can happen, one after the other, each from a quiet terminal.

    :param terminal: a running RealTerminal
    :param page: listens to it
    """

    def __init__(self, terminal, page):
        self._terminal, self._page = terminal, page

    def round(self):
        """Let everything happen once; return ``{event: seconds until the page was told}``."""
        found = {}
        chip = self._terminal.issue()
        found["card.in"] = self._until(
            lambda: self._page.reader()[0] == "card", lambda: self._terminal.slot.insert(chip)
        )
        found |= self._hang(chip)
        found |= self._silent_service()
        found |= self._killed_service()
        found["card.out"] = self._until(lambda: self._page.reader()[0] == "empty", self._terminal.slot.pull)
        found |= self._unplug()
        return found

    def _until(self, condition, do=lambda: None):
        return self._page.seconds_until(condition, do)

    def _hang(self, chip):
        """The card does not answer; another one comes into the second reader meanwhile."""
        order, sealed = self._terminal.order()
        chip.faults.arm("silent", seconds=_HANG_SECONDS, apdus=1)
        job = self._terminal.ask("write", {"order": order, "sealed": sealed})["job"]
        hangs = self._until(lambda: self._page.reader()[1] == "C-206")
        second = VpcdSlot(self._terminal.pcsc.port + 1)
        card = self._terminal.issue("000000000777")
        other = self._until(lambda: self._page.reader(OTHER)[0] == "card", lambda: second.insert(card))
        second.pull()
        self._terminal.wait(job)
        chip.faults.clear()
        self._until(lambda: self._page.reader()[0] == "card" and self._page.reader(OTHER)[0] == "empty")
        return {"card.hangs": hangs, "other.card": other}

    def _silent_service(self):
        pcscd = self._terminal.pcsc.daemon_pid()
        os.kill(pcscd, signal.SIGSTOP)
        try:
            hangs = self._until(lambda: "P-108" in self._page.problems())
        finally:
            os.kill(pcscd, signal.SIGCONT)
        return {"service.hangs": hangs, "service.again": self._until(self._at_rest)}

    def _killed_service(self):
        killed = self._until(lambda: "P-108" in self._page.problems(), self._terminal.pcsc.kill)
        self._terminal.pcsc.start()
        return {"service.killed": killed, "service.back": self._until(self._at_rest)}

    def _at_rest(self):
        return self._page.reader()[0] == "card" and self._page.problems() == []

    def _unplug(self):
        pcsc = self._terminal.pcsc
        seconds = {}
        for plugged, event, condition in (
            (False, "reader.out", lambda: "P-107" in self._page.problems()),
            (True, "reader.in", lambda: self._page.reader()[0] == "empty"),
        ):
            self._until(lambda: "P-108" in self._page.problems(), pcsc.kill)
            pcsc.plugged = plugged
            pcsc.start()
            seconds[event] = self._until(condition)
        return seconds


def measure(runs):
    """Return a figure for every event: the slowest round beside the aim.

    :param int runs: :data:`RUNS_PER_ROUND` of them are a round
    """
    with tempfile.TemporaryDirectory() as folder, Stack() as stack:
        pcsc = stack.start(Daemon(Path(folder) / "pcsc"))
        os.environ.update(pcsc.client_environment())
        (Path(folder) / "terminal").mkdir()
        terminal = RealTerminal(Path(folder) / "terminal", pcsc)
        try:
            terminal.pair()
            terminal.start()
            terminal.ready()
            page = Page()
            with page.listening(terminal):
                page.seconds_until(lambda: page.reader()[0] == "empty" and page.problems() == [])
                events = Events(terminal, page)
                rounds = [events.round() for _number in range(max(1, runs // RUNS_PER_ROUND))]
        finally:
            terminal.close()
    return [_figure(event, [each[event] * 1000 for each in rounds]) for event in rounds[0]]


def _figure(event, times):
    slowest = max(times)
    note = f"slowest of {len(times)}, median {statistics.median(times):.0f}; the aim is 2 s"
    return Figure(event, round(slowest), AIM_MS, round(slowest / AIM_MS, 3), "ms", note, 1.0)
