"""How long the present call into the card service lasts, and a connection that can be given up while it hangs.

The card service may never answer: a reader's firmware that hangs, a driver that waits for ever. Nothing can take such a
call back. It can only be left alone, and whoever made it must do nothing more to the card when it returns at last.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from hw_proxy.cards.transport import CardGone, Connection

Result = TypeVar("Result")


class CardHung(CardGone):
    """The call was given up, and the insertion with it."""

    def __init__(self) -> None:
        super().__init__("the reader did not answer, and its call was given up", "C-206")


class Calls:
    """The calls of one worker into the card service, one at a time.

    :param ticks: monotonic clock in seconds.
    """

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._lock = threading.Lock()
        self._since: float | None = None
        self._given_up = False

    def run(self, call: Callable[[], Result], undo: Callable[[Result], None] | None = None) -> Result:
        """Answer of a call.

        :param undo: gets the answer of a call that was given up meanwhile.
        :raises CardHung: the calls were given up, before this one or during it.
        """
        with self._lock:
            if self._given_up:
                raise CardHung
            self._since = self._ticks()
        try:
            result = call()
        finally:
            with self._lock:
                self._since = None
                given_up = self._given_up
        if given_up:
            if undo is not None:
                undo(result)
            raise CardHung
        return result

    def seconds(self) -> float:
        """How long the present call has lasted; 0 when there is none."""
        with self._lock:
            return 0.0 if self._since is None else self._ticks() - self._since

    @property
    def given_up(self) -> bool:
        """Whether no call may begin any more."""
        with self._lock:
            return self._given_up

    def give_up(self, patience: float) -> bool:
        """Give up a call that has lasted too long. One that ends at this moment is not given up.

        :param patience: seconds.
        :return: whether it was given up.
        """
        with self._lock:
            if self._since is None or self._ticks() - self._since < patience:
                return False
            self._given_up = True
            return True


class WatchedConnection:
    """A connection whose calls are counted. After they were given up it does nothing any more."""

    def __init__(self, inner: Connection, calls: Calls) -> None:
        self._inner = inner
        self._calls = calls
        self.atr = inner.atr
        self.last_status: str | None = None

    def transmit(self, command: bytes) -> bytes:
        """Answer with its two status bytes.

        :raises CardGone: the insertion is over.
        :raises CardSilent: no answer.
        """
        self.last_status = None
        answer = self._calls.run(lambda: self._inner.transmit(command))
        self.last_status = answer[-2:].hex()
        return answer

    def check(self) -> None:
        """Make sure, without waiting, that it is still the same insertion.

        :raises CardGone: it is over.
        """
        self._calls.run(self._inner.check)

    def settle(self) -> None:
        """Like :meth:`check`, after the time that a removal needs to be noticed.

        :raises CardGone: it is over.
        """
        self._calls.run(self._inner.settle)

    def release(self) -> None:
        """Let another program use the card until :meth:`retake`.

        :raises CardGone: the insertion is over.
        """
        self._calls.run(self._inner.release)

    def retake(self) -> None:
        """Take the card back.

        :raises CardGone: it is not the same insertion any more.
        """
        self._calls.run(self._inner.retake)

    def close(self) -> None:
        """Let the card go; never fails."""
        if self._calls.given_up:
            self._inner.close()
            return
        with suppress(CardHung):
            self._calls.run(self._inner.close)
