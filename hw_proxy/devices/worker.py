"""A thread that does one thing after the other, and that can be left behind when it hangs."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import TypeVar

Result = TypeVar("Result")
_Task = tuple["Future[object]", Callable[[], object]]


class _Handed:
    """Hands the failure of work to whoever waits for it, so that the thread goes on."""

    def __init__(self) -> None:
        self.error: Exception | None = None

    def __enter__(self) -> _Handed:
        return self

    def __exit__(self, _kind: type | None, error: BaseException | None, _trace: TracebackType | None) -> bool:
        if isinstance(error, Exception):
            self.error = error
        return self.error is not None


class Worker:
    """Does work in turn on a thread of its own. A thread that hangs does not keep the process from ending.

    :param name: of the thread.
    """

    def __init__(self, name: str) -> None:
        self._lock = threading.Lock()
        self._tasks: queue.SimpleQueue[_Task | None] = queue.SimpleQueue()
        self._running: Future[object] | None = None
        self._given_up: Exception | None = None
        self._at_last: Callable[[], None] = lambda: None
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)
        self._thread.start()

    @property
    def is_current(self) -> bool:
        """Whether the caller runs on this worker's thread."""
        return threading.current_thread() is self._thread

    @property
    def is_alive(self) -> bool:
        """Whether the thread still runs, or hangs."""
        return self._thread.is_alive()

    def submit(self, work: Callable[[], Result]) -> Future[Result]:
        """Queue work. Once the worker was given up, the answer is the failure that was given then."""
        future: Future[Result] = Future()
        with self._lock:
            failure = self._given_up
            if failure is None:
                self._tasks.put((future, work))
        if failure is not None:
            future.set_exception(failure)
        return future

    def give_up(self, failure: Exception, at_last: Callable[[], None]) -> None:
        """Leave the thread behind: what runs and what waits fails now.

        :param at_last: called on the thread if it ever comes back.
        """
        with self._lock:
            self._given_up = failure
            self._at_last = at_last
            lost = [self._running] if self._running is not None else []
            self._running = None
            while not self._tasks.empty():
                task = self._tasks.get()
                if task is not None and task[0].set_running_or_notify_cancel():
                    lost.append(task[0])
            self._tasks.put(None)
        for future in lost:
            future.set_exception(failure)

    def close(self, patience: float) -> bool:
        """End after the work that has begun and what waits.

        :param patience: seconds to wait.
        :return: whether the thread has ended.
        """
        self._tasks.put(None)
        self._thread.join(patience)
        return not self._thread.is_alive()

    def _loop(self) -> None:
        while (task := self._tasks.get()) is not None:
            future, work = task
            if not self._begin(future):
                continue
            result: object = None
            with _Handed() as handed:
                result = work()
            if not self._end(future):
                break
            if handed.error is not None:
                future.set_exception(handed.error)
            else:
                future.set_result(result)
        with self._lock:
            at_last = self._at_last
        at_last()

    def _begin(self, future: Future[object]) -> bool:
        with self._lock:
            if self._given_up is not None or not future.set_running_or_notify_cancel():
                return False
            self._running = future
            return True

    def _end(self, future: Future[object]) -> bool:
        """Whether the work's end still matters to anybody."""
        with self._lock:
            if self._running is not future:
                return False
            self._running = None
            return True
