"""The receipt printer as a thing: paper, cover, knife, power, and what is on the paper.

A question in real time (``DLE EOT``) is answered at once; everything else waits while the printer cannot print, and
goes on when hands have put that right. Without power all that waits is lost.
"""

from __future__ import annotations

import threading
from collections import deque

from .commands import DLE_EOT, Command, Parser
from .faults import PrinterFaults
from .png import data_uri

ENOUGH, LOW, OUT = "enough", "low", "out"
PAPERS = (ENOUGH, LOW, OUT)
_FIXED = 0x12
"""Bits 1 and 4 of every answer."""
_OFF_LINE, _COVER, _END, _ERROR, _CUTTER, _NEAR = 0x08, 0x04, 0x60, 0x40, 0x08, 0x0C
_LINE_ROWS = 24


class PrinterError(Exception):
    """Hands cannot do this."""


class Slip:
    """What was printed since the last cut, or one piece that was cut off.

    ``parts``: rows of dots (list of bytes), or dictionaries with ``letters`` (bytes, GB 18030) and ``large``, or with
    ``qr``.
    """

    def __init__(self) -> None:
        self.parts: list[list[bytes] | dict[str, object]] = []
        self.rows = 0
        self.is_cut = False

    def text(self) -> str:
        """Return the letters on it; those in pictures are not read."""
        return "".join(_text(part) for part in self.parts if isinstance(part, dict) and "letters" in part)

    def codes(self) -> list[str]:
        """Return what the codes say that the printer itself has drawn."""
        return [str(part["qr"]) for part in self.parts if isinstance(part, dict) and "qr" in part]

    def show(self) -> dict[str, object]:
        """Return it as JSON-ready values."""
        return {"parts": [_shown(part) for part in self.parts if part], "rows": self.rows, "cut": self.is_cut}


def _text(part: dict[str, object]) -> str:
    return bytes(part["letters"]).decode("gb18030", "replace")


def _shown(part: list[bytes] | dict[str, object]) -> dict[str, object]:
    if isinstance(part, list):
        return {"image": data_uri(part)}
    return {"text": _text(part), "large": part["large"]} if "letters" in part else part


class ReceiptPrinter:
    """The device. Safe for several threads.

    ``slips``: what was cut off and not taken yet; ``hanging``: what is printed and not cut.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.faults = PrinterFaults()
        self.paper = ENOUGH
        self.cover_open = False
        self.jammed = False
        self.powered = True
        self.slips: list[Slip] = []
        self.hanging = Slip()
        self._parser = Parser()
        self._waiting: deque[Command] = deque()
        self._large = False
        self._qr = b""

    # -- what is sent --------------------------------------------------------------------------------------------

    def take(self, data: bytes) -> bytes:
        """Take bytes from the line; return what is answered.

        :raises PrinterError: it has no power, or lost it meanwhile.
        """
        with self.lock:
            if not self.powered:
                raise PrinterError("no power")
            answer = b""
            for command in self._parser.feed(data):
                if command.name == DLE_EOT:
                    answer += self._status(command.data[0])
                else:
                    self._waiting.append(command)
            return answer + self._work()

    def _work(self) -> bytes:
        answer = b""
        while self._waiting and self._can_print():
            answer += self._do(self._waiting.popleft())
            if not self.powered:
                raise PrinterError("the power went")
        return answer

    def _can_print(self) -> bool:
        return self.powered and self.paper != OUT and not self.cover_open and not self.jammed

    def _status(self, which: int) -> bytes:
        if self.faults.holds("silent"):
            return b""
        bits = {
            1: 0 if self._can_print() else _OFF_LINE,
            2: _COVER if self.cover_open else 0,
            3: _CUTTER if self.jammed else 0,
            4: (_END | _NEAR) if self.paper == OUT else _NEAR if self.paper == LOW else 0,
        }
        return bytes([_FIXED | bits.get(which, 0)])

    def _do(self, command: Command) -> bytes:
        name, data = command.name, command.data
        if name == b"text":
            self._letters(data)
        elif name == b"\x1dv":
            self._raster(data)
        elif name == b"\x1dV":
            self._cut()
        elif name == b"\x1d!":
            self._large = data != b"\0"
        elif name == b"\x1d(":
            self._code(data[3:])
        elif name == b"\x1b@":
            self._large = False
        elif name == b"\x1dr" and not self.faults.holds("silent") and not self.faults.holds("no_turn"):
            return bytes([0x03 if self.paper == LOW else 0x00])
        return b""

    def _letters(self, data: bytes) -> None:
        parts = self.hanging.parts
        # A character may come in two pieces.
        last = parts[-1] if parts and isinstance(parts[-1], dict) else {}
        if "letters" in last and last["large"] == self._large:
            last["letters"] += data
        else:
            parts.append({"letters": data, "large": self._large})
        self._roll(data.count(b"\n") * _LINE_ROWS)

    def _raster(self, data: bytes) -> None:
        width, height = data[2] + data[3] * 256, data[4] + data[5] * 256
        rows = [data[6 + row * width : 6 + (row + 1) * width] for row in range(height)]
        self.hanging.parts.append(rows)
        for place in range(len(rows)):
            self._roll(1)
            if not self._can_print():
                # Only what came out before it stopped is on the paper; the rest of this picture is lost.
                del rows[place + 1 :]
                return

    def _code(self, data: bytes) -> None:
        if data[:2] == b"1P":
            self._qr = data[3:]
        elif data[:2] == b"1Q":
            self.hanging.parts.append({"qr": self._qr.decode("utf-8", "replace")})
            self._roll(200)

    def _roll(self, rows: int) -> None:
        self.hanging.rows += rows
        if self.faults.strike("paper_out", self.hanging.rows):
            self.paper = OUT
        if self.faults.strike("power_loss", self.hanging.rows):
            self.power_off()

    def _cut(self) -> None:
        if self.faults.strike("cutter_jam"):
            self.jammed = True
            return
        self.hanging.is_cut = True
        self.slips.append(self.hanging)
        self.hanging = Slip()

    # -- hands ---------------------------------------------------------------------------------------------------

    def set_paper(self, paper: str) -> None:
        """Put in a new roll (``enough``), or let it be nearly or wholly used up.

        :raises PrinterError: no such state.
        """
        if paper not in PAPERS:
            raise PrinterError(f"paper is one of {', '.join(PAPERS)}")
        with self.lock:
            self.paper = paper
            self._go_on()

    def set_cover(self, open_: bool) -> None:
        """Open or close the cover."""
        with self.lock:
            self.cover_open = open_
            self._go_on()

    def power_off(self) -> None:
        """Take the power away: what waits in it is lost."""
        with self.lock:
            self.powered = False
            self._waiting.clear()
            self._parser.clear()
            self._large = False

    def power_on(self) -> None:
        """Give it power."""
        with self.lock:
            self.powered = True

    def mend(self) -> None:
        """Do whatever hands can: power, a new roll, cover closed, knife freed, no fault."""
        with self.lock:
            self.faults.clear()
            self.paper, self.cover_open, self.jammed, self.powered = ENOUGH, False, False, True
            self._go_on()

    def take_slips(self) -> list[Slip]:
        """Take what was cut off."""
        with self.lock:
            taken, self.slips = self.slips, []
            return taken

    def _go_on(self) -> None:
        if self.powered:
            # Whoever asked in turn has stopped waiting.
            self._work()

    def show(self) -> dict[str, object]:
        """Return its state, and the latest paper, as JSON-ready values."""
        with self.lock:
            return {
                "paper": self.paper,
                "cover_open": self.cover_open,
                "jammed": self.jammed,
                "powered": self.powered,
                "faults": self.faults.armed(),
                "slips": len(self.slips),
                "hanging": self.hanging.rows,
            }
