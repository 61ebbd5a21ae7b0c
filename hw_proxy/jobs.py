"""Jobs: write orders on their way, by the order's ``jti``."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hw_proxy import orders
from hw_proxy.cards.driver import Access
from hw_proxy.cards.registry import code_length
from hw_proxy.cards.transport import CardGone
from hw_proxy.clock import SIGNED
from hw_proxy.devices.calls import CardHung
from hw_proxy.devices.reader import Insertion
from hw_proxy.errors import JournalError, Refusal
from hw_proxy.journal import AlreadyKnown, Stored
from hw_proxy.orders import Order
from hw_proxy.receipts import UNKNOWN, Outcome
from hw_proxy.writer import Writer

if TYPE_CHECKING:
    from hw_proxy.terminal import Terminal

logger = logging.getLogger(__name__)

REMEMBERED = 500
VOID_WAIT = 3.0
SETTLE_EVERY = 2.0


@dataclass
class Job:
    """A job in memory; what is done stands in the journal. ``failed``: code of a job that could not be begun."""

    jti: str
    step: str = "check"
    state: str = "running"
    failed: str | None = None


class Jobs:
    """Takes orders, queues them at their reader, and answers for them."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self.journal_fault: str | None = None
        self._settled_at = 0.0

    # -- requests ------------------------------------------------------------------------------------------------

    def verify(self, token: object) -> Order:
        """A genuine order to this terminal.

        :raises Refusal: O-101 to O-104.
        """
        terminal = self._terminal
        pairing = terminal.identity.pairing
        order = orders.verify(token, pairing.issuer, pairing.terminal, terminal.odoo.epoch)
        try:
            terminal.odoo.raise_epoch(order.epoch)
        except JournalError as error:
            raise Refusal("P-110") from error
        return order

    def write(self, token: object, sealed: object) -> str:
        """Take an order.

        :param token: the order, untrusted.
        :param sealed: its sealed part or none, untrusted.
        :return: the job.
        :raises Refusal: it is not genuine (O-1xx), or nothing may begin now (P-109, P-110, P-112).
        """
        order = self.verify(token)
        orders.check_sealed(order, sealed)
        if self._known(order.jti):
            return order.jti
        access = self._access(order, sealed)
        if self._terminal.clock.kind() != SIGNED:
            raise Refusal("P-109")
        self._require_journal()
        code = self._refusal(order)
        if code is not None:
            self._void(order, code)
            return order.jti
        reader = self._terminal.reader_of(order.ins)
        if reader is None:
            self._void(order, "O-106")
            return order.jti
        job = self._begin(order.jti)
        if job is not None:
            future = reader.run(lambda insertion: self._execute(access, job, insertion), busy=True)
            future.add_done_callback(lambda done: self._done(order, job, done))
        return order.jti

    def void(self, token: object) -> str:
        """The receipt that the journal has of an order, else a void: it will never be executed.

        :param token: the order, untrusted.
        :raises Refusal: not genuine (O-1xx), still being written (P-113), or not journalled (P-110).
        """
        order = self.verify(token)
        until = time.monotonic() + VOID_WAIT
        while time.monotonic() < until:
            if not self._running(order.jti):
                return self._token(self._void(order, "O-109"))
            time.sleep(0.05)
        raise Refusal("P-113")

    def state(self, jti: str) -> dict[str, object]:
        """Answer of ``/v1/jobs/{jti}``.

        :raises Refusal: P-112, or the code of a job that could not be begun.
        """
        with self._lock:
            job = self._jobs.get(jti)
        if job is not None and job.state == "running":
            return {"job": jti, "state": "running", "step": job.step, "receipt": None}
        try:
            stored = self._terminal.journal.receipt(jti)
        except JournalError as error:
            raise Refusal("P-110") from error
        if stored is not None:
            return {"job": jti, "state": "done", "step": "done", "receipt": self._token(stored)}
        raise Refusal(job.failed if job is not None and job.failed else "P-112")

    def running_intents(self) -> int:
        """Open intents that are being worked on right now, and so are not unresolved yet."""
        with self._lock:
            running = [jti for jti, job in self._jobs.items() if job.state == "running"]
        return sum(1 for jti in running if self._terminal.journal.intent(jti) is not None)

    def settle(self) -> None:
        """End the attempts whose work is over and whose outcome could not be journalled then. Called by the monitor."""
        if self.journal_fault is None or time.monotonic() - self._settled_at < SETTLE_EVERY:
            return
        self._settled_at = time.monotonic()
        try:
            for intent in self._terminal.journal.open_intents():
                if not self._running(intent.attempt):
                    self._terminal.book.close(intent, Outcome(UNKNOWN, "C-205", intent.before))
        except JournalError:
            return
        self.journal_fault = None
        self._terminal.push_wanted.set()

    # -- inside --------------------------------------------------------------------------------------------------

    def _refusal(self, order: Order) -> str | None:
        """Code that voids a genuine, unknown order before a reader is asked."""
        now = self._terminal.clock.now_ms()
        if now >= order.exp * 1000 or now + orders.MAX_LIFE * 1000 < order.iat * 1000:
            return "O-105"
        return self._terminal.selling_problem()

    def _known(self, jti: str) -> bool:
        if self._running(jti):
            return True
        try:
            stored = self._terminal.journal.receipt(jti)
            if stored is None:
                return False
        except JournalError as error:
            raise Refusal("P-110") from error
        self._token(stored)
        return True

    def _token(self, stored: Stored) -> str:
        if stored.token is None:
            # Long acknowledged and shortened: Odoo has it, and the order's life is over anyway.
            raise Refusal("O-105", outcome=stored.outcome)
        return stored.token

    def _require_journal(self) -> None:
        problem = self._terminal.journal_problem()
        if problem is None:
            try:
                self._terminal.journal.probe()
                return
            except JournalError as error:
                problem = str(error)
        logger.error("no write may begin: %s", problem)
        raise Refusal("P-110")

    def _begin(self, jti: str) -> Job | None:
        with self._lock:
            job = self._jobs.get(jti)
            if job is not None and job.state == "running":
                return None
            job = self._jobs[jti] = Job(jti)
            self._jobs.move_to_end(jti)
            for old in [key for key, value in self._jobs.items() if value.state == "done"][:-REMEMBERED]:
                del self._jobs[old]
        self._show(job)
        return job

    def _running(self, jti: str) -> bool:
        with self._lock:
            job = self._jobs.get(jti)
            return job is not None and job.state == "running"

    def _void(self, order: Order, code: str) -> Stored:
        try:
            stored = self._terminal.book.void(order, code)
        except AlreadyKnown as error:
            raise Refusal("P-113") from error
        except JournalError as error:
            logger.error("a void could not be journalled: %s", error)
            raise Refusal("P-110") from error
        self._terminal.push_wanted.set()
        return stored

    def _access(self, order: Order, sealed: str | None) -> Access:
        code = orders.open_sealed(order, sealed, self._terminal.identity.keys.agreement)
        wanted = code_length(order.driver)
        if wanted is not None and len(code or b"") != wanted:
            raise Refusal("O-107")
        return Access(order, code, self._terminal.keys.session(order))

    def _execute(self, access: Access, job: Job, insertion: Insertion | None) -> Stored:
        terminal = self._terminal

        def step(name: str) -> None:
            job.step = name
            self._show(job)

        writer = Writer(
            access, terminal.journal, terminal.book, terminal.clock, step, stopping=terminal.stopping.is_set
        )
        return writer.run(insertion)

    def _done(self, order: Order, job: Job, future: Future[Stored]) -> None:
        error = future.exception()
        stored = future.result() if error is None else None
        if error is not None and not isinstance(error, CardGone):
            logger.error("job %s failed", job.jti, exc_info=error)
            job.failed = "P-110" if isinstance(error, JournalError) else "P-114"
        try:
            intent = self._terminal.journal.intent(order.jti)
            if intent is not None and not self._terminal.stopping.is_set():
                # A fault in the service itself: what the card took is not known, as after a crash.
                self._terminal.book.close(intent, Outcome(UNKNOWN, "C-205", intent.before))
            elif isinstance(error, CardHung):
                # Given up before its intent; the writer that is left behind finds this receipt.
                self._terminal.book.void(order, error.code)
        except JournalError as failure:
            logger.error("job %s has no outcome: %s", job.jti, failure)
            self.journal_fault = str(failure)
        job.step = "done"
        job.state = "done"
        self._show(job, stored and stored.token)
        self._terminal.push_wanted.set()
        self._terminal.events.publish("status", self._terminal.status())

    def _show(self, job: Job, receipt: str | None = None) -> None:
        told = {"job": job.jti, "state": job.state, "step": job.step, "receipt": receipt}
        self._terminal.events.publish("job", told)
