"""Events for the pages that listen: published on any thread, read in the server's event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

QUEUE_LENGTH = 256


class Subscription:
    """One listener's queue. ``overrun`` is set when it was too slow; it should then ask for the status anew."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self.queue: asyncio.Queue[tuple[str, dict[str, object]]] = asyncio.Queue(QUEUE_LENGTH)
        self.overrun = False

    def offer(self, event: str, data: dict[str, object]) -> None:
        """Hand an event over, from any thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._put, event, data)

    def _put(self, event: str, data: dict[str, object]) -> None:
        if self.queue.full():
            self.overrun = True
        else:
            self.queue.put_nowait((event, data))


class Events:
    """Hands every event to every listener."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()

    def publish(self, event: str, data: dict[str, object]) -> None:
        """Send an event: ``status``, ``card``, ``device``, ``job``, ``cash``, ``print`` or ``scan``."""
        with self._lock:
            listeners = list(self._subscriptions)
        for listener in listeners:
            listener.offer(event, data)

    def count(self) -> int:
        """Listeners at the moment."""
        with self._lock:
            return len(self._subscriptions)

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        """Listen; only inside the event loop."""
        subscription = Subscription(asyncio.get_running_loop())
        with self._lock:
            self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            with self._lock:
                self._subscriptions.discard(subscription)
