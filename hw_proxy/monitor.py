"""The monitor: looks after what may hang or break while nobody asks, and tells the pages when something changed."""

from __future__ import annotations

import threading
import time

from hw_proxy.device_report import DeviceNews
from hw_proxy.terminal import Terminal

PERIOD = 0.25
MEND_EVERY = 2.0


class Monitor:
    """Looks at a terminal again and again.

    It gives up calls to cards that do not return, ends attempts whose outcome could not be journalled before, publishes
    the status when anything in it has changed but the time, and lets Odoo know soon when a device has changed.

    :param terminal: what to look after.
    :param stopping: set to end.
    """

    def __init__(self, terminal: Terminal, stopping: threading.Event | None = None) -> None:
        self._terminal = terminal
        self._stopping = stopping or terminal.stopping
        self._told: dict[str, object] | None = None
        self._news = DeviceNews()
        self._mended_at = 0.0
        self._looked_at = time.monotonic()

    @property
    def silent_for(self) -> float:
        """Seconds since it last looked: it hangs when the disk does."""
        return time.monotonic() - self._looked_at

    def run(self) -> None:
        """Look every :data:`PERIOD` seconds until the end."""
        while not self._stopping.wait(PERIOD):
            self.look()

    def look(self) -> None:
        """Look once."""
        self._looked_at = time.monotonic()
        terminal = self._terminal
        for interface in terminal.interfaces:
            interface.look_after(terminal.config.limits.card_timeout)
        if time.monotonic() - self._mended_at >= MEND_EVERY:
            self._mended_at = time.monotonic()
            terminal.journal.mend()
        terminal.jobs.settle()
        terminal.cash.look()
        status = terminal.status()
        essence = {**status, "clock": status["clock"]["kind"], "odoo": terminal.odoo.reachable}
        if essence != self._told:
            self._told = essence
            terminal.events.publish("status", status)
        if self._news.is_due(terminal.device_report()):
            terminal.push_wanted.set()
