"""The receipt printer on the bench: what hands do with it, and the paper that came out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from .device import ReceiptPrinter, Slip
from .line import PrinterLine

MOST_SLIPS = 12


class PrinterBench:
    """One printer with its plug in.

    :param port: its TCP port; 0 takes a free one.
    :param note: takes what happened, in English and Chinese.
    """

    def __init__(self, port: int, note: Callable[[str, str], None]) -> None:
        self.printer = ReceiptPrinter()
        self.line = PrinterLine(self.printer, port)
        self._note = note
        self._taken: deque[Slip] = deque(maxlen=MOST_SLIPS)
        self._count = 0

    def fault(self, kind: str, **parameters: int) -> dict[str, object]:
        """Arm a fault of :data:`simulators.printer.faults.KINDS`; return what is armed now.

        :raises simulators.faults.UnknownFault: unknown kind or parameter.
        """
        self.printer.faults.arm(kind, **parameters)
        self._note(f"Fault in the printer: {kind}", f"打印机设置故障：{kind}")
        return self.printer.faults.armed()

    def set_paper(self, paper: str) -> None:
        """Change the roll: ``enough``, ``low`` or ``out``.

        :raises simulators.printer.device.PrinterError: no such state.
        """
        self.printer.set_paper(paper)
        self._note(f"Printer paper: {paper}", f"打印纸：{paper}")

    def set_cover(self, on: bool) -> None:
        """Open the cover (``on``) or close it."""
        self.printer.set_cover(on)
        self._note(f"Printer cover {'opened' if on else 'closed'}", f"打印机盖{'打开' if on else '合上'}")

    def set_power(self, on: bool) -> None:
        """Switch the printer on or off."""
        (self.printer.power_on if on else self.printer.power_off)()
        if not on:
            self.line.unplug()
        self._note(f"Printer switched {'on' if on else 'off'}", f"打印机{'上电' if on else '断电'}")

    def mend(self) -> None:
        """Do whatever hands can."""
        self.printer.mend()
        self._note("The printer is mended", "打印机已恢复")

    def paper(self) -> dict[str, object]:
        """Return the paper that came out, newest first, as pictures and text; what hangs out of it first."""
        with self.printer.lock:
            for slip in self.printer.take_slips():
                self._taken.appendleft(slip)
                self._count += 1
            hanging = [self.printer.hanging] if self.printer.hanging.parts else []
            return {"slips": [slip.show() for slip in (*hanging, *self._taken)]}

    def show(self) -> dict[str, object]:
        """Return its state; ``out`` counts the papers that were cut off: a page asks for them when there are new."""
        state = self.printer.show()
        return {**state, "port": self.line.port, "out": self._count + state["slips"]}

    def close(self) -> None:
        """Pull the plug."""
        self.line.close()
