"""One physical try to carry out an order: compare, intent, code, write, read back, outcome.

Runs on the reader's only worker. The error counter is read before the code is presented, and the code is presented at
most once. What the terminal may claim afterwards is defined in docs/protocol, "What an outcome means".
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from hw_proxy import crashpoints
from hw_proxy.cards.driver import FULL_COUNTER, CardDriver, Reading
from hw_proxy.cards.transport import CardError, CardGone, CardRefused, CardSilent
from hw_proxy.clock import Clock
from hw_proxy.devices.reader import Insertion
from hw_proxy.errors import JournalError
from hw_proxy.journal import AlreadyKnown, Intent, Journal, Stored
from hw_proxy.orders import Order
from hw_proxy.receipts import NOT_WRITTEN, UNKNOWN, WRITTEN, Outcome, ReceiptBook

logger = logging.getLogger(__name__)

REPEATS = 2
_BLOCK_POINTS = ("after_block_1", "after_block_2", "after_commit")


class _Stop(Exception):
    """The writing ended early.

    :param code: why, for the receipt.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Writer:
    """Carries out one order.

    :param step: told ``check``, ``write``, ``verify`` as the work goes on.
    :param retry_outcome: seconds to wait before the outcome is journalled again when the disk refuses it.
    :param stopping: whether the service ends, which ends that waiting too: the replay then answers ``unknown``.
    """

    def __init__(
        self,
        order: Order,
        psc: bytes | None,
        journal: Journal,
        book: ReceiptBook,
        clock: Clock,
        step: Callable[[str], None] = lambda _name: None,
        retry_outcome: float = 1.0,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._order = order
        self._psc = psc
        self._journal = journal
        self._book = book
        self._clock = clock
        self._step = step
        self._retry_outcome = retry_outcome
        self._stopping = stopping
        self._fault = False
        self._counter: int | None = None

    def run(self, insertion: Insertion | None) -> Stored:
        """The receipt of this attempt, journalled.

        :param insertion: the card in the reader now, or none.
        :raises JournalError: nothing was begun, because it could not be journalled.
        """
        self._step("check")
        known = self._journal.receipt(self._order.jti)
        if known is not None:
            return known
        if insertion is None or insertion.id != self._order.ins:
            return self._book.void(self._order, "O-106")
        driver = insertion.driver
        if driver.id != self._order.driver:
            return self._book.void(self._order, "O-108")
        try:
            before = self._read_before(insertion)
        except CardGone:
            self._book.void(self._order, "O-106")
            raise
        except CardError as error:
            return self._book.void(self._order, error.code)
        refusal = self._refusal(driver, before)
        if refusal is not None:
            return self._book.void(self._order, refusal, before.as_claim())
        return self._write(insertion, before)

    def _read_before(self, insertion: Insertion) -> Reading:
        try:
            return insertion.driver.read()
        except (CardSilent, CardRefused):
            # Silence may be a card on its way out.
            insertion.connection.settle()
            raise

    def _refusal(self, driver: CardDriver, before: Reading) -> str | None:
        if before.digest != self._order.expect_digest or not driver.matches(before.memory, self._order):
            return "C-203"
        if before.counter != FULL_COUNTER:
            return "C-114" if before.counter else "C-104"
        # Reading took time, so the order's life is looked at here, at the last moment before the intent.
        if self._clock.now_ms() >= self._order.exp * 1000:
            return "O-105"
        return None

    def _write(self, insertion: Insertion, before: Reading) -> Stored:
        driver = insertion.driver
        steps = driver.plan(before.memory, self._order)
        expected = driver.apply(before.memory, steps)
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
            self._carry_out(driver, steps)
        except _Stop as stop:
            code = stop.code
        except CardGone as error:
            code, gone = error.code, True
        self._step("verify")
        result = self._unknown(before, code) if gone else self._verify(insertion, before, expected, code)
        crashpoints.reach("before_outcome")
        stored = self._record(intent, result)
        crashpoints.reach("after_outcome")
        if gone or result.code == "C-202":
            raise CardGone("the card was taken out during the write")
        return stored

    def _carry_out(self, driver: CardDriver, steps: list[tuple[int, bytes]]) -> None:
        if self._psc is not None:
            try:
                right = driver.present(self._psc)
            except (CardSilent, CardRefused) as error:
                # Whether the chip compared the code is not known, so it is never presented again.
                self._fault = True
                raise _Stop("C-207") from error
            if not right:
                raise _Stop("C-207")
            # 90 07 is the counter itself: set back when the code is taken, so it need not be read again.
            self._counter = FULL_COUNTER
        crashpoints.reach("after_code")
        for point, (address, data) in zip(_BLOCK_POINTS, steps, strict=False):
            self._write_block(driver, address, data)
            crashpoints.reach(point)

    def _write_block(self, driver: CardDriver, address: int, data: bytes) -> None:
        for attempt in range(1 + REPEATS):
            try:
                driver.write(address, data)
                return
            except (CardSilent, CardRefused) as error:
                self._fault = True
                logger.warning("write at %#04x failed (%s), try %d", address, error, attempt + 1)
                driver.dialect.connection.check()
        raise _Stop("C-204")

    def _verify(self, insertion: Insertion, before: Reading, expected: bytes, code: str | None) -> Outcome:
        """Compare the card with what it was and what it shall be; a bad reading is repeated."""
        after: Reading | None = None
        try:
            if self._fault:
                insertion.connection.settle()
            for _attempt in range(1 + REPEATS):
                try:
                    after = insertion.driver.read(counter=self._counter)
                except (CardSilent, CardRefused) as error:
                    logger.warning("reading back failed: %s", error)
                    continue
                if after.memory in (before.memory, expected):
                    break
            # An answer says nothing about the card that was written unless that card is still here.
            insertion.connection.check()
        except CardGone as error:
            return self._unknown(before, error.code)
        if after is None:
            return Outcome(UNKNOWN, "C-205", before.as_claim())
        if after.memory == expected:
            return Outcome(WRITTEN, None, before.as_claim(), after.as_claim())
        if after.memory == before.memory:
            return Outcome(NOT_WRITTEN, code or "C-204", before.as_claim(), after.as_claim())
        return Outcome(UNKNOWN, "C-207" if code == "C-207" else "C-205", before.as_claim(), after.as_claim())

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
