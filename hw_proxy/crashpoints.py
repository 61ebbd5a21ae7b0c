"""Places where a crash test may kill the service. TEST ONLY.

A point does nothing unless the configuration says ``testing = true`` and the environment variable
``HW_PROXY_CRASH_AT`` names it. The process then dies by SIGKILL, as in a power cut: nothing is flushed or closed.
"""

from __future__ import annotations

import os
import signal

POINTS = (
    "before_intent",
    "after_intent",
    "after_code",
    "after_block_1",
    "after_block_2",
    "after_commit",
    "before_outcome",
    "after_outcome",
    "after_push",
)
CASH_POINTS = (
    "collect_begun",
    "note_before_escrow",
    "note_after_escrow",
    "note_after_stack",
    "note_before_stacked",
    "note_after_stacked",
    "tender_before",
    "tender_after",
    "tender_after_push",
)
PRINT_POINTS = ("print_begun", "print_middle", "print_sent")
ALL = POINTS + CASH_POINTS + PRINT_POINTS
VARIABLE = "HW_PROXY_CRASH_AT"

_armed: str | None = None


def arm(testing: bool) -> None:
    """Read the environment once at start.

    :param testing: the configuration's ``testing``.
    :raises ValueError: a crash point is asked for without ``testing = true``, or does not exist.
    """
    global _armed
    wanted = os.environ.get(VARIABLE) or None
    if wanted is None:
        _armed = None
        return
    if not testing:
        raise ValueError(f"{VARIABLE} is set, but the configuration does not say testing = true")
    if wanted not in ALL:
        raise ValueError(f"{VARIABLE}={wanted} does not exist; there are: {', '.join(ALL)}")
    _armed = wanted


def reach(point: str) -> None:
    """Die here when this point is armed."""
    if _armed == point:
        os.kill(os.getpid(), signal.SIGKILL)
