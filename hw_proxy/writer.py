"""One physical try to carry out an order: compare, intent, unlock, write, read back, outcome.

Runs on the reader's only worker. The card's tries are read before it is unlocked, and it is unlocked at most once. What
the terminal may claim afterwards is defined in docs/protocol, "What an outcome means".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from hw_proxy import crashpoints
from hw_proxy.cards.driver import Access, CardDriver, Reading, Step, WriteStopped
from hw_proxy.cards.transport import CardError, CardGone, CardRefused, CardSilent
from hw_proxy.clock import Clock
from hw_proxy.devices.reader import Insertion
from hw_proxy.errors import JournalError
from hw_proxy.journal import AlreadyKnown, Intent, Journal, Stored
from hw_proxy.receipts import NOT_WRITTEN, UNKNOWN, WRITTEN, Outcome, ReceiptBook
from hw_proxy.trail import Steps

logger = logging.getLogger(__name__)

REPEATS = 2
_BLOCK_POINTS = ("after_block_1", "after_block_2")
_COMMIT_POINT = "after_commit"


class Writer:
    """Carries out one order.

    :param access: the order and what opens its card.
    :param step: told ``check``, ``write``, ``verify`` as the work goes on.
    :param retry_outcome: seconds to wait before the outcome is journalled again when the disk refuses it.
    :param stopping: whether the service ends, which ends that waiting too: the replay then answers ``unknown``.
    """

    def __init__(
        self,
        access: Access,
        journal: Journal,
        book: ReceiptBook,
        clock: Clock,
        step: Callable[[str], None] = lambda _name: None,
        retry_outcome: float = 1.0,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._access = access
        self._order = access.order
        self._journal = journal
        self._book = book
        self._clock = clock
        self._step = step
        self._retry_outcome = retry_outcome
        self._stopping = stopping
        self._fault = False
        self._unlocked = False
        self._steps = Steps(None)

    def run(self, insertion: Insertion | None) -> Stored:
        """The receipt of this attempt, journalled, and its steps for the trail.

        :param insertion: the card in the reader now, or none.
        :raises JournalError: nothing was begun, because it could not be journalled.
        """
        began = self._clock.now_ms()
        self._steps = Steps(insertion.connection if insertion else None)
        try:
            return self._run(insertion)
        finally:
            self._steps.keep(self._journal, self._order.jti, began, self._clock.now_ms())

    def _run(self, insertion: Insertion | None) -> Stored:
        self._step("check")
        known = self._journal.receipt(self._order.jti)
        if known is not None:
            return known
        if insertion is None or insertion.id != self._order.ins:
            return self._book.void(self._order, "O-106")
        driver = insertion.driver
        needless = self._order.tries is not None and not driver.code_length
        if driver.id != self._order.driver or needless or not driver.accepts(self._order):
            return self._book.void(self._order, "O-108")
        try:
            before, refusal, steps = self._examine(insertion)
        except CardGone:
            self._book.void(self._order, "O-106")
            raise
        except CardError as error:
            return self._book.void(self._order, error.code)
        if refusal is not None:
            return self._book.void(self._order, refusal, before.as_claim())
        return self._write(insertion, before, steps)

    def _examine(self, insertion: Insertion) -> tuple[Reading, str | None, list[Step]]:
        """The card as it is, the code that refuses the order or none, and else what is to be written."""
        driver = insertion.driver
        self._steps.begin("check")
        try:
            before = driver.read()
            refusal = self._refusal(driver, before)
            return before, refusal, [] if refusal else driver.plan(before.memory, self._order)
        except (CardSilent, CardRefused):
            # Silence may be a card on its way out.
            insertion.connection.settle()
            raise

    def _refusal(self, driver: CardDriver, before: Reading) -> str | None:
        if before.digest != self._order.expect_digest or not driver.matches(before.memory, self._order):
            return "C-203"
        refusal = driver.refusal(before, self._order)
        if refusal is not None:
            return refusal
        # Reading took time, so the order's life is looked at here, at the last moment before the intent.
        if self._clock.now_ms() >= self._order.exp * 1000:
            return "O-105"
        return None

    def _write(self, insertion: Insertion, before: Reading, steps: list[Step]) -> Stored:
        driver = insertion.driver
        expected = driver.expected(before.memory, self._order, steps)
        intent = Intent(
            attempt=self._order.jti,
            order=self._order.token,
            serial=self._order.serial,
            ins=insertion.id,
            driver=driver.id,
            driver_version=driver.version,
            before=before.as_claim(),
            at=self._clock.now_ms(),
        )
        crashpoints.reach("before_intent")
        try:
            self._journal.open_intent(intent)
        except AlreadyKnown:
            # Voided on request while the card was being read.
            return self._journal.receipt(self._order.jti)
        crashpoints.reach("after_intent")
        self._step("write")
        code: str | None = None
        gone = False
        try:
            self._carry_out(driver, before, steps)
        except WriteStopped as stop:
            code = stop.code
            self._fault = self._fault or stop.fault
        except CardGone as error:
            code, gone = error.code, True
        self._step("verify")
        if not gone:
            self._steps.begin("verify")
        result = self._unknown(before, code) if gone else self._verify(insertion, before, expected, code)
        crashpoints.reach("before_outcome")
        stored = self._record(intent, result)
        crashpoints.reach("after_outcome")
        if gone or result.code == "C-202":
            raise CardGone("the card was taken out during the write")
        return stored

    def _carry_out(self, driver: CardDriver, before: Reading, steps: list[Step]) -> None:
        self._steps.begin("unlock")
        driver.unlock(self._access, before.memory)
        self._unlocked = True
        crashpoints.reach("after_code")
        for number, step in enumerate(steps):
            self._write_step(driver, step)
            if number == len(steps) - 1:
                crashpoints.reach(_COMMIT_POINT)
            elif number < len(_BLOCK_POINTS):
                crashpoints.reach(_BLOCK_POINTS[number])

    def _write_step(self, driver: CardDriver, step: Step) -> None:
        self._steps.begin("write", step.what)
        for attempt in range(1 + REPEATS):
            try:
                driver.write(step, self._access)
                return
            except (CardSilent, CardRefused) as error:
                self._fault = True
                logger.warning("writing the %s failed (%s), try %d", step.what, error, attempt + 1)
                driver.connection.check()
        raise WriteStopped("C-204")

    def _verify(self, insertion: Insertion, before: Reading, expected: bytes, code: str | None) -> Outcome:
        """Compare the card with what it was and what it shall be; a bad reading is repeated."""
        driver = insertion.driver
        after: Reading | None = None
        whole = False
        try:
            if self._fault:
                insertion.connection.settle()
            for _attempt in range(1 + REPEATS):
                try:
                    after = driver.read(unlocked=self._unlocked)
                    whole = after.memory == expected and driver.companions_written(self._order)
                except (CardSilent, CardRefused) as error:
                    logger.warning("reading back failed: %s", error)
                    continue
                if whole or after.memory == before.memory:
                    break
            # An answer says nothing about the card that was written unless that card is still here.
            insertion.connection.check()
        except CardGone as error:
            return self._unknown(before, error.code)
        if after is None:
            return Outcome(UNKNOWN, "C-205", before.as_claim())
        if whole:
            return Outcome(WRITTEN, None, before.as_claim(), after.as_claim())
        if after.memory == before.memory:
            return Outcome(NOT_WRITTEN, code or "C-204", before.as_claim(), after.as_claim())
        return Outcome(UNKNOWN, code if code not in (None, "C-204") else "C-205", before.as_claim(), after.as_claim())

    def _unknown(self, before: Reading, code: str | None) -> Outcome:
        return Outcome(UNKNOWN, "C-202" if code == "C-202" else "C-205", before.as_claim())

    def _record(self, intent: Intent, result: Outcome) -> Stored:
        while True:
            try:
                return self._book.close(intent, result)
            except JournalError as error:
                logger.error("the outcome could not be journalled: %s", error)
                if self._stopping():
                    raise
                time.sleep(self._retry_outcome)
