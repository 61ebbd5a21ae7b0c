"""The terminal's time: Odoo's signed time plus a monotonic offset, not the wall clock (docs/protocol, "ack")."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

SIGNED = "signed"
WALL = "wall"

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def monotonic() -> float:
    """Seconds since the machine started, sleep included where the system can count it."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def boot_id() -> str:
    """Identity of this run of the machine; empty where the system does not tell."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


class Clock:
    """Trusted time from the last acknowledgement.

    :param max_age: seconds after which the offset is no longer trusted (a quartz drifts by seconds a day).
    :param max_round_trip: seconds; a slower answer leaves too much doubt about its moment.
    :param ticks: monotonic clock in seconds.
    :param wall: wall clock in seconds since the epoch.
    """

    def __init__(
        self,
        max_age: float = 86400.0,
        max_round_trip: float = 10.0,
        ticks: Callable[[], float] = monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._max_age = max_age
        self._max_round_trip = max_round_trip
        self.ticks = ticks
        self._wall = wall
        self._lock = threading.Lock()
        self._anchor: tuple[float, int] | None = None

    def trust(self, now_ms: int, sent: float, received: float) -> bool:
        """Take Odoo's signed time.

        :param now_ms: Odoo's clock, milliseconds since the epoch.
        :param sent: :attr:`ticks` when the heartbeat left.
        :param received: :attr:`ticks` when the acknowledgement was in; Odoo's moment is taken as the middle.
        :return: whether it was taken.
        """
        if not 0 <= received - sent <= self._max_round_trip:
            return False
        with self._lock:
            self._anchor = ((sent + received) / 2, now_ms)
        return True

    def kind(self) -> str:
        """``signed`` or ``wall``."""
        return self._read()[0]

    def now_ms(self) -> int:
        """Milliseconds since the epoch, by the best clock there is."""
        return self._read()[1]

    def stamp(self) -> tuple[str, int]:
        """Kind and milliseconds of one and the same moment."""
        return self._read()

    def wall_ms(self) -> int:
        """Milliseconds since the epoch by the wall clock, trusted or not."""
        return int(self._wall() * 1000)

    def _read(self) -> tuple[str, int]:
        with self._lock:
            anchor = self._anchor
        if anchor is not None:
            age = self.ticks() - anchor[0]
            if 0 <= age <= self._max_age:
                return SIGNED, anchor[1] + int(age * 1000)
        return WALL, self.wall_ms()

    def dump(self) -> str | None:
        """The offset as text, so that a restart of the service keeps it; none when nothing is trusted."""
        with self._lock:
            anchor = self._anchor
        boot = boot_id()
        return f"{boot} {anchor[0]!r} {anchor[1]}" if anchor and boot else None

    def restore(self, text: str | None) -> bool:
        """Take a dumped offset back; only valid while the machine has not been restarted.

        :return: whether it was taken.
        """
        parts = (text or "").split()
        if len(parts) != 3 or not boot_id() or parts[0] != boot_id():
            return False
        try:
            anchor = (float(parts[1]), int(parts[2]))
        except ValueError:
            return False
        with self._lock:
            self._anchor = anchor
        return True
