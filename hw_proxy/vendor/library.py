"""One library: its process, started when needed and again when it died, its failures and its quarantine."""

from __future__ import annotations

import logging
import threading
import time

from hw_proxy.vendor import faults, process
from hw_proxy.vendor.description import Description
from hw_proxy.vendor.faults import VendorError
from hw_proxy.vendor.process import DEFAULT_USER, Answer, Transmit, WorkerProcess
from hw_proxy.vendor.quarantine import MemoryStore, Quarantine, Store

logger = logging.getLogger(__name__)

#: Seconds in which a library that does not start is not tried again: a card in the reader asks twice a second.
REST = 3.0


class Library:
    """Serves one call at a time; safe for several threads.

    :param description: the library.
    :param store: keeps its failures.
    :param user: see :class:`~hw_proxy.vendor.process.WorkerProcess`.
    """

    def __init__(self, description: Description, store: Store | None = None, user: str = DEFAULT_USER) -> None:
        self.description = description
        limits = description.limits
        self.quarantine = Quarantine(
            store if store is not None else MemoryStore(), description.id, limits.crashes, limits.cooldown
        )
        self.lock = threading.RLock()
        """Held over calls that belong together, such as connect, read, disconnect."""
        self._user = user
        self._refused: tuple[float, VendorError] | None = None
        self._worker: WorkerProcess | None = None
        self.version = ""

    @property
    def worker(self) -> WorkerProcess | None:
        """The running process, or none."""
        return self._worker

    def has(self, verb: str) -> bool:
        """Whether the library has a function for this."""
        return verb in self.description.functions

    def call(self, verb: str, values: dict[str, object], transmit: Transmit | None = None) -> dict[str, object]:
        """Call a function.

        :param values: what may go in (see the description).
        :param transmit: sends a command to the card.
        :return: what came out.
        :raises VendorError: the library is missing or quarantined, hung, crashed, or reported an error.
        """
        with self.lock:
            self.start()
            try:
                answer = self._worker.call(verb, values, transmit)
            except VendorError as error:
                self._worker = None
                self._count(verb, error)
                raise
            self.quarantine.worked(verb)
            self._retire()
            if not answer.good:
                raise self._reported(verb, answer)
            return answer.values

    def start(self) -> None:
        """Start the process unless it runs.

        :raises VendorError: V-101, V-104, or a failure of the library's ``init``.
        """
        with self.lock:
            if self._worker is not None and self._worker.alive:
                return
            if self.quarantine.resting():
                raise VendorError(faults.QUARANTINED, self.quarantine.health().why)
            if self._refused is not None and time.monotonic() < self._refused[0]:
                raise self._refused[1]
            self._worker = self._refused = None
            try:
                worker = WorkerProcess(self.description, self._user)
                for verb in ("init", "version"):
                    if self.has(verb):
                        answer = worker.call(verb, {})
                        if not answer.good:
                            worker.kill()
                            raise VendorError(faults.MISSING, f"{verb} returned {answer.result}")
                        self.version = str(answer.values.get("version", self.version))[:32]
            except VendorError as error:
                self._count("start", error)
                self._refused = (time.monotonic() + REST, error)
                raise
            self._worker = worker
            self.quarantine.worked("start")

    def condemn(self, verb: str, error: VendorError) -> None:
        """What a call answered turned out to be nonsense: count it, and begin with a new process."""
        with self.lock:
            self.stop()
            self._count(verb, error)

    def stop(self) -> None:
        """End the process."""
        with self.lock:
            if self._worker is not None:
                self._worker.kill()
                self._worker = None

    def _count(self, verb: str, error: VendorError) -> None:
        logger.error("library %s: %s", self.description.id, error)
        if error.code not in faults.COUNTED:
            return
        health = self.quarantine.failed(verb, str(error))
        if health.until:
            logger.error("library %s is quarantined after %d failures", self.description.id, health.failures)

    def _retire(self) -> None:
        """A library that leaks gets a new process long before it meets a limit in the middle of a write."""
        worker = self._worker
        if worker.memory_kb > self.description.limits.memory_mb * 1024 // 2:
            logger.warning("library %s holds %d MB: restarted", self.description.id, worker.memory_kb // 1024)
            self.stop()
        elif worker.cpu_s > process.CPU_LIFE / 2:
            logger.info("library %s has used %.0f s of processor time: restarted", self.description.id, worker.cpu_s)
            self.stop()

    def _reported(self, verb: str, answer: Answer) -> VendorError:
        row = self.description.errors.get(answer.result)
        text = row.text if row else self._error_text(answer.result)
        return VendorError(row.code if row else faults.ERROR, f"{verb}: {text} ({answer.result})", answer.result)

    def _error_text(self, number: int | None) -> str:
        if self.has("error_text") and self._worker is not None:
            try:
                answer = self._worker.call("error_text", {"error": number})
                return str(answer.values.get("version", ""))[:100] or "an error"
            except VendorError as error:
                self._worker = None
                self._count("error_text", error)
        return "an error that its description does not name"
