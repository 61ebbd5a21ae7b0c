"""Rate limit per client."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

_MOST_CLIENTS = 256


class RateLimit:
    """A token bucket per client.

    :param per_second: requests a client may make for ever.
    :param burst: requests it may make at once.
    :param ticks: monotonic clock in seconds.
    """

    def __init__(self, per_second: float, burst: int, ticks: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._ticks = ticks
        self._lock = threading.Lock()
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allow(self, client: str) -> bool:
        """Whether a client may make one more request now."""
        now = self._ticks()
        with self._lock:
            level, since = self._clients.pop(client, (float(self._burst), now))
            level = min(self._burst, level + (now - since) * self._per_second)
            allowed = level >= 1
            self._clients[client] = (level - 1 if allowed else level, now)
            while len(self._clients) > _MOST_CLIENTS:
                self._clients.popitem(last=False)
            return allowed
