"""Threads that must not end: what dies is logged and started again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType

logger = logging.getLogger(__name__)


class _Survived:
    """Logs the failure of work, so that its thread can start it again."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: type | None, error: BaseException | None, _trace: TracebackType | None) -> bool:
        if not isinstance(error, Exception):
            return False
        logger.error("%s failed and is started again", self._name, exc_info=error)
        return True


class Supervised(threading.Thread):
    """Runs a function again and again until it is told to stop. A function that hangs does not keep the process alive.

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
            with _Survived(self.name):
                self._work()
            self._stopping.wait(self._pause)
