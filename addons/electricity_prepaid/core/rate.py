"""A limit on how often somebody may ask, kept by each process for itself."""

import threading
import time
from collections import OrderedDict

MOST_CALLERS = 4096


class RateLimit:
    """A bucket of questions for each caller.

    :param per_minute: questions that a caller may ask for ever
    :param burst: questions at once, before that rate counts
    :param ticks: monotonic clock in seconds
    """

    def __init__(self, per_minute, burst, ticks=time.monotonic):
        self._rate = per_minute / 60
        self._burst = burst
        self._ticks = ticks
        self._lock = threading.Lock()
        self._callers = OrderedDict()

    def allow(self, caller):
        """Return whether a caller may ask once more now, and count that.

        :param caller: its address
        """
        now = self._ticks()
        with self._lock:
            level, since = self._callers.pop(caller, (self._burst, now))
            level = min(self._burst, level + (now - since) * self._rate)
            allowed = level >= 1
            self._callers[caller] = (level - 1 if allowed else level, now)
            while len(self._callers) > MOST_CALLERS:
                self._callers.popitem(last=False)
        return allowed
