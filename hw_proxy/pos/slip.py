"""One receipt on its way to the paper, and what the printer says of it afterwards.

``DLE EOT n`` is answered at once, whatever still waits in the printer. ``GS r n`` waits its turn: its answer after the
cut says that everything before it is done. A printer that answers the first and not the second is believed by the
first; one that answers neither is believed when it has taken all bytes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from escpos.escpos import Escpos
from escpos.printer import Serial
from PIL import Image

from hw_proxy import crashpoints

PRINTED, NOT_PRINTED, UNKNOWN = "printed", "not_printed", "unknown"
_IN_TURN = b"\x1dr\x01"
_ERRORS = b"\x10\x04\x03"
_CUTTER = 0x08
_SHORT_WAIT = 1.0


@dataclass(frozen=True)
class SlipEnd:
    """What became of a receipt: ``printed``, ``not_printed`` or ``unknown``, and the code of what is wrong, or none."""

    state: str
    code: str | None = None


def send(device: Escpos, slip: Image.Image | bytes, told: bool, patience: float, begun: Callable[[], None]) -> SlipEnd:
    """Send a receipt to an open printer that is ready, and cut it off.

    :param slip: a picture as wide as the paper, or what the printer is sent.
    :param told: whether the printer answers questions.
    :param patience: seconds that it may take until the printer says that it is done.
    :param begun: called before the first byte.
    """
    confirms = told and bool(ask(device, _IN_TURN, _SHORT_WAIT))
    begun()
    crashpoints.reach("print_begun")
    if isinstance(slip, bytes):
        device._raw(slip)
    else:
        device.image(slip)
    crashpoints.reach("print_middle")
    device.cut()
    crashpoints.reach("print_sent")
    if not confirms or ask(device, _IN_TURN, patience):
        return SlipEnd(PRINTED)
    errors = ask(device, _ERRORS, _SHORT_WAIT)
    if errors and errors[0] & _CUTTER:
        # Only the cut came after the text.
        return SlipEnd(PRINTED, "A-404")
    return SlipEnd(UNKNOWN, "A-403")


def ask(device: Escpos, question: bytes, patience: float) -> bytes:
    """Ask an open printer something.

    :param patience: seconds.
    :return: its answer, or nothing when there was none in time: many printers take receipts and never answer.
    :raises OSError: the line is gone.
    """
    device._raw(question)
    if isinstance(device, Serial):
        return _read_serial(device, patience)
    device.device.settimeout(patience)
    try:
        found = device._read()
    except TimeoutError:
        return b""
    finally:
        device.device.settimeout(device.timeout)
    if not found:
        raise ConnectionError("the printer has closed the line")
    return found


def _read_serial(device: Serial, patience: float) -> bytes:
    until = time.monotonic() + patience
    while time.monotonic() < until:
        # One byte is the whole answer, and waiting for more would take the line's whole time-out.
        found = device.device.read(1)
        if found:
            return found
    return b""
