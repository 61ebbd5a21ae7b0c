"""A barcode scanner at a serial line, and the pages that wait for its next code."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable

from hw_proxy.api.limits import RateLimit
from hw_proxy.config import Scanner as Settings

try:
    import serial
except ImportError:  # the optional package pyserial
    serial = None

AVAILABLE = serial is not None

logger = logging.getLogger(__name__)

LONGEST_CODE = 2953
"""Bytes that the largest QR code holds (ISO/IEC 18004: version 40, level L, byte mode); a voucher has some 800."""
_RETRY = 2.0
_READ_WAIT = 0.5
# Seconds that a code is kept while a page asks anew.
_FRESH = 2.0
# Codes a second that hands hold before a scanner, and how many at once; a line that is out of order sends thousands.
_CODES_A_SECOND, _AT_ONCE = 5, 20


class Scans:
    """Hands each code to one page: the one that asked last.

    :param ticks: monotonic clock in seconds.
    """

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._lock = threading.Lock()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[str]]] = []
        self._kept: deque[tuple[float, str]] = deque(maxlen=8)
        self.heard: Callable[[str], None] = lambda code: None
        """Told of each code as well, on the scanner's thread: a kiosk's page hears of it by the event stream."""

    def offer(self, code: str) -> None:
        """A code was read; on any thread."""
        self.heard(code)
        self._hand_over(code)

    def _hand_over(self, code: str) -> None:
        with self._lock:
            if not self._waiting:
                self._kept.append((self._ticks(), code))
                return
            loop, future = self._waiting.pop()
        loop.call_soon_threadsafe(self._give, future, code)

    def _give(self, future: asyncio.Future[str], code: str) -> None:
        if future.done():
            self._hand_over(code)
        else:
            future.set_result(code)

    async def wait(self, seconds: float) -> str | None:
        """The next code, or none when there was none in time."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[str] = loop.create_future()
        with self._lock:
            while self._kept:
                at, code = self._kept.popleft()
                if self._ticks() - at <= _FRESH:
                    return code
            self._waiting.append((loop, future))
        try:
            return await asyncio.wait_for(future, seconds)
        except TimeoutError:
            return None
        finally:
            with self._lock:
                if (loop, future) in self._waiting:
                    self._waiting.remove((loop, future))

    def count(self) -> int:
        """Pages that wait."""
        with self._lock:
            return len(self._waiting)


class SerialScanner:
    """Reads codes, each ended by CR or LF, from a serial device; survives its unplugging.

    :param settings: the ``[scanner]`` section.
    :param scans: gets the codes.
    """

    def __init__(self, settings: Settings, scans: Scans, stopping: threading.Event) -> None:
        self._settings = settings
        self._scans = scans
        self._stopping = stopping
        self._pace = RateLimit(_CODES_A_SECOND, _AT_ONCE)
        self._warnings = RateLimit(1 / 60, 1)
        self.connected = False

    def status(self) -> dict[str, object]:
        """For the terminal's status: ``ready`` or ``absent``."""
        state = "ready" if self.connected else "absent"
        return {"name": "scanner", "kind": "scanner", "state": state, "code": None}

    def run(self) -> None:
        """Read until the end."""
        if serial is None:
            logger.error("scanner.device is set, but the package pyserial is missing")
            self._stopping.wait()
            return
        while not self._stopping.is_set():
            try:
                with serial.Serial(self._settings.device, self._settings.baud, timeout=_READ_WAIT) as line:
                    logger.info("the scanner is there")
                    self.connected = True
                    self._read(line)
            except (OSError, serial.SerialException) as error:
                if self.connected:
                    logger.warning("the scanner went away: %s", error)
                self.connected = False
                self._stopping.wait(_RETRY)

    def _read(self, line: serial.Serial) -> None:
        code = bytearray()
        while not self._stopping.is_set():
            byte = line.read(1)
            if byte in (b"\r", b"\n"):
                self._take(bytes(code))
                code.clear()
            elif len(code) <= LONGEST_CODE:
                # One byte more than a code has marks what has none of its kind; the rest of it is not kept.
                code += byte

    def _take(self, code: bytes) -> None:
        text = code.decode("utf-8", "replace").strip()
        if not text or not text.isprintable() or len(code) > LONGEST_CODE:
            return
        if self._pace.allow(""):
            self._scans.offer(text)
        elif self._warnings.allow(""):
            logger.warning("the scanner sends more codes than anybody holds before it; the rest is left out")
