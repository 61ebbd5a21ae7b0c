"""The receipt printer: images as ESC/POS rasters, and its paper where the device tells (ESC/POS, ``DLE EOT n``)."""

from __future__ import annotations

import io
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from typing import TypeVar

from escpos.constants import (
    RT_MASK_LOWPAPER,
    RT_MASK_NOPAPER,
    RT_MASK_ONLINE,
    RT_STATUS_ONLINE,
    RT_STATUS_PAPER,
)
from escpos.escpos import Escpos
from escpos.exceptions import Error as EscposError
from escpos.printer import File, Network, Serial
from PIL import Image, UnidentifiedImageError

from hw_proxy.config import Printer as Settings
from hw_proxy.devices.worker import Worker
from hw_proxy.errors import Refusal
from hw_proxy.pos.slip import NOT_PRINTED, UNKNOWN, SlipEnd, ask, send

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

MOST_PIXELS = 6_000_000
MOST_ROWS = 10_000
STATUS_EVERY = 10.0
_STATUS_WAIT = 1.0
# Seconds beside the time that the bytes themselves take.
_PATIENCE = 10.0
_BYTES_PER_SECOND = 20_000
_BITS_PER_BYTE = 12


@dataclass(frozen=True)
class PrinterState:
    """``ready``, and in words what is wrong when it is not; ``told``: whether the device itself said so.

    ``paper``: ``enough``, ``low`` (the near-end sensor), ``out``, or none where the device does not say.
    """

    ready: bool
    message: str = ""
    told: bool = False
    paper: str | None = None


class ReceiptPrinter:
    """Prints one receipt at a time on a worker of its own. A device that blocks is left alone until it comes back.

    :param settings: the ``[printer]`` section, with a kind.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._rastering = threading.Lock()
        self._worker = Worker("printer")
        self._left_behind: Worker | None = None
        self._state = PrinterState(False, "not asked yet")
        self._asked_at = float("-inf")

    # -- printing ------------------------------------------------------------------------------------------------

    def print_image(self, data: bytes) -> None:
        """Print a receipt, and cut it off.

        :param data: a JPEG or PNG file; what is wider than the paper is made smaller.
        :raises Refusal: P-104, not such an image or too large; P-116, the printer is not ready or did not take it.
        """
        # One picture in memory at a time, however many callers there are.
        with self._rastering:
            picture = self._raster(data)
        size = (picture.width + 7) // 8 * picture.height
        self._state = self._run(lambda: self._print(picture), _PATIENCE + size / self._rate())
        self._asked_at = time.monotonic()
        if not self._state.ready:
            logger.warning("the receipt printer is not ready: %s", self._state.message)
            raise Refusal("P-116")

    def print_slip(self, slip: Image.Image | bytes) -> SlipEnd:
        """Print a receipt of our own, cut it off, and find out what became of it.

        :param slip: a picture as wide as the paper, or what the printer is sent.
        :return: never raises; ``unknown`` when a part of it may be on paper.
        """
        size = (slip.width + 7) // 8 * slip.height if isinstance(slip, Image.Image) else len(slip)
        seconds = size / self._rate()
        begun = threading.Event()
        try:
            end, state = self._run(lambda: self._print_slip(slip, begun, _PATIENCE + seconds), 3 * _PATIENCE + seconds)
        except Refusal:
            # It broke or hangs; whether that was before or after the first byte, one of them says.
            end = SlipEnd(UNKNOWN, "A-403") if begun.is_set() else SlipEnd(NOT_PRINTED, "A-402")
            state = replace(self._state, ready=False, message=self._state.message or "does not answer")
        self._state, self._asked_at = state, time.monotonic()
        if end.code is not None:
            logger.warning("a receipt: %s (%s), printer: %s", end.state, end.code, state.message or "ready")
        return end

    def _rate(self) -> float:
        return self._settings.baud / _BITS_PER_BYTE if self._settings.kind == "serial" else _BYTES_PER_SECOND

    def _print_slip(
        self, slip: Image.Image | bytes, begun: threading.Event, patience: float
    ) -> tuple[SlipEnd, PrinterState]:
        device = self._open()
        try:
            state = self._ask(device)
            if not state.ready:
                return SlipEnd(NOT_PRINTED, "A-401" if state.paper == "out" else "A-402"), state
            end = send(device, slip, state.told, patience, begun.set)
            after = self._ask(device) if state.told else state
        finally:
            device.close()
        if end.state == UNKNOWN and after.paper == "out":
            end = SlipEnd(UNKNOWN, "A-401")
        return end, after

    def _raster(self, data: bytes) -> Image.Image:
        try:
            with Image.open(io.BytesIO(data), formats=("JPEG", "PNG")) as picture:
                if picture.height > MOST_ROWS or picture.width * picture.height > MOST_PIXELS:
                    raise Refusal("P-104", fields=["receipt"])
                grey = picture.convert("RGBA")
        except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
            raise Refusal("P-104", fields=["receipt"]) from error
        # What is transparent is paper.
        paper = Image.new("RGBA", grey.size, "white")
        grey = Image.alpha_composite(paper, grey).convert("L")
        if grey.width > self._settings.width:
            height = max(1, round(grey.height * self._settings.width / grey.width))
            grey = grey.resize((self._settings.width, height))
        return grey.convert("1")

    def _print(self, picture: Image.Image) -> PrinterState:
        device = self._open()
        try:
            state = self._ask(device)
            if not state.ready:
                return state
            device.image(picture)
            device.cut()
            after = self._ask(device) if state.told else state
        finally:
            device.close()
        return after

    # -- state ---------------------------------------------------------------------------------------------------

    def state(self) -> PrinterState:
        """The last state; never waits for the device, which is asked on the printer's worker every ten seconds."""
        with self._lock:
            due = time.monotonic() - self._asked_at >= STATUS_EVERY
            if due:
                self._asked_at = time.monotonic()
        if due:
            threading.Thread(target=self.ask, name="printer status", daemon=True).start()
        return self._state

    def status(self) -> dict[str, object]:
        """For the terminal's status: ``state`` ``ready`` or ``fault``, and ``paper``. Never waits for the device."""
        state = self.state()
        return {
            "name": "receipt printer",
            "kind": "printer",
            "state": "ready" if state.ready else "fault",
            "code": None if state.ready else "P-116",
            "paper": state.paper,
        }

    def ask(self) -> PrinterState:
        """Ask the device, and wait for it."""
        try:
            self._state = self._run(self._look, _PATIENCE)
        except Refusal:
            self._state = PrinterState(False, "does not answer")
        return self._state

    def _look(self) -> PrinterState:
        device = self._open()
        try:
            return self._ask(device)
        finally:
            device.close()

    def _ask(self, device: Escpos) -> PrinterState:
        if self._settings.kind == "file":
            return PrinterState(True)
        online = ask(device, RT_STATUS_ONLINE, _STATUS_WAIT)
        if not online:
            return PrinterState(True)
        paper = ask(device, RT_STATUS_PAPER, _STATUS_WAIT)
        left = _paper(paper[0]) if paper else None
        if left == "out":
            return PrinterState(False, "no paper", told=True, paper=left)
        if online[0] & RT_MASK_ONLINE:
            return PrinterState(False, "off line, or its cover is open", told=True, paper=left)
        return PrinterState(True, told=True, paper=left)

    # -- the device ----------------------------------------------------------------------------------------------

    def _open(self) -> Escpos:
        settings = self._settings
        if settings.kind == "network":
            device: Escpos = Network(settings.host, settings.port, timeout=settings.timeout)
        elif settings.kind == "serial":
            device = Serial(settings.device, baudrate=settings.baud, timeout=_STATUS_WAIT)
        else:
            device = File(settings.device, auto_flush=True)
        device.profile.profile_data["media"] = {"width": {"pixels": str(settings.width)}}
        device.open()
        return device

    def _run(self, work: Callable[[], Result], patience: float) -> Result:
        with self._lock:
            if self._left_behind is not None and self._left_behind.is_alive:
                raise Refusal("P-116")
            worker = self._worker
        try:
            return worker.submit(work).result(patience)
        except FutureTimeout as error:
            with self._lock:
                if self._worker is worker:
                    logger.error("the receipt printer does not come back")
                    worker.give_up(Refusal("P-116"), lambda: None)
                    self._left_behind, self._worker = worker, Worker("printer")
            raise Refusal("P-116") from error
        except (OSError, EscposError) as error:
            logger.warning("the receipt printer: %s", error)
            self._state = PrinterState(False, "does not answer")
            raise Refusal("P-116") from error

    def close(self) -> None:
        """End after what is being printed."""
        self._worker.close(_PATIENCE)


def _paper(sensors: int) -> str:
    if sensors & RT_MASK_NOPAPER == RT_MASK_NOPAPER:
        return "out"
    return "low" if sensors & RT_MASK_LOWPAPER == RT_MASK_LOWPAPER else "enough"
