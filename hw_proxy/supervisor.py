"""Threads that must not end: what dies is logged and started again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

logger = logging.getLogger(__name__)


class Supervised(threading.Thread):
    """Runs a function again and again until it is told to stop.

    :param name: for the log.
    :param work: returns when it is done, which counts as an early end while ``stopping`` is not set.
    :param stopping: set to end.
    :param pause: seconds before the next start.
    """

    def __init__(self, name: str, work: Callable[[], None], stopping: threading.Event, pause: float = 1.0) -> None:
        super().__init__(name=name, daemon=True)
        self._work = work
        self._stopping = stopping
        self._pause = pause

    def run(self) -> None:
        """Start the work, and start it again after a failure."""
        while not self._stopping.is_set():
            with ThreadPoolExecutor(1, thread_name_prefix=self.name) as executor:
                error = executor.submit(self._work).exception()
            if error is not None:
                logger.error("%s failed and is started again", self.name, exc_info=error)
            self._stopping.wait(self._pause)
