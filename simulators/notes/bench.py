"""The note acceptor on the bench: what hands do with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .acceptor import FOREIGN, NoteAcceptor
from .line import NoteLine


class NotesBench:
    """One acceptor with its plug in.

    :param path: link to its terminal.
    :param note: takes what happened, in English and Chinese.
    """

    def __init__(self, path: str | Path, note: Callable[[str, str], None]) -> None:
        self.acceptor = NoteAcceptor()
        self.line = NoteLine(self.acceptor, path)
        self._note = note
        self.line.plug()

    def insert(self, cents: int, pieces: int = 1) -> None:
        """Hold notes to the slit.

        :param cents: worth of one; 0 for a foreign note.
        :raises AcceptorError: there is no such note.
        """
        self.acceptor.insert(cents, pieces)
        if cents == FOREIGN:
            self._note("A foreign note into the acceptor", "向收钞机放入一张不识别的纸币")
        else:
            self._note(f"{pieces} × ¥{cents / 100:g} into the acceptor", f"向收钞机放入 {pieces} 张 ¥{cents / 100:g}")

    def fault(self, kind: str, **parameters: object) -> dict[str, object]:
        """Arm a fault of :data:`simulators.notes.faults.KINDS`; return what is armed now.

        :raises simulators.faults.UnknownFault: unknown kind or parameter.
        """
        self.acceptor.faults.arm(kind, **parameters)
        self._note(f"Fault in the note acceptor: {kind}", f"收钞机设置故障：{kind}")
        return self.acceptor.faults.armed()

    def mend(self, into_box: bool = False) -> None:
        """Do whatever hands can: power, plug and box in, no fault, no jam, no second note.

        :param into_box: a stuck note goes into the box instead of back to the customer.
        """
        acceptor = self.acceptor
        acceptor.faults.clear()
        acceptor.power_on()
        self.line.plug()
        acceptor.put_box()
        acceptor.mend(into_box)
        self._note("The note acceptor is mended", "收钞机已恢复")

    def set_power(self, on: bool) -> None:
        """Switch the acceptor on or off."""
        (self.acceptor.power_on if on else self.acceptor.power_off)()
        self._note(f"Note acceptor switched {'on' if on else 'off'}", f"收钞机{'上电' if on else '断电'}")

    def set_plug(self, on: bool) -> None:
        """Put its plug in or pull it out."""
        (self.line.plug if on else self.line.unplug)()
        self._note(f"Note acceptor {'plugged in' if on else 'unplugged'}", f"收钞机{'插上' if on else '拔下'}数据线")

    def take_box(self) -> dict[str, object]:
        """Take the cash box out and empty it; return what was in it, pieces by cents."""
        taken = {str(cents): pieces for cents, pieces in sorted(self.acceptor.take_box().items()) if pieces}
        self._note("Cash box taken out", "取出钱箱")
        return {"taken": taken}

    def put_box(self) -> None:
        """Put the empty cash box back."""
        self.acceptor.put_box()
        self._note("Cash box put back", "装回钱箱")

    def show(self) -> dict[str, object]:
        """Return everything as JSON-ready values."""
        return {**self.acceptor.show(), "plugged": self.line.plugged, "device": str(self.line.path)}

    def close(self) -> None:
        """Pull the plug."""
        self.line.close()
