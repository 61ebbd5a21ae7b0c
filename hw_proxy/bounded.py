"""A call that is waited for no longer than a given time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

Result = TypeVar("Result")


class TooLate(Exception):
    """The call had no answer in time. It may still go on; what it answers is dropped."""


def bounded(call: Callable[[], Result], seconds: float) -> Result:
    """Answer of a call, or what it raised.

    A socket's time-out counts from one byte to the next, and a card reader has none: only another thread can stop
    waiting for them.

    :param seconds: how long to wait.
    :raises TooLate: it has not ended in time.
    """
    answers: queue.SimpleQueue[tuple[Result | None, BaseException | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            answers.put((call(), None))
        except BaseException as error:  # noqa: BLE001 -- handed over, and raised by the thread that waits
            answers.put((None, error))

    threading.Thread(target=work, name="bounded call", daemon=True).start()
    try:
        value, error = answers.get(timeout=max(seconds, 0.0))
    except queue.Empty as nothing:
        raise TooLate(f"no answer in {seconds:g} s") from nothing
    if error is not None:
        raise error
    return value
