"""The acceptor's plug: a pseudo terminal with a name of its own, which can be pulled out and put in again."""

from __future__ import annotations

import os
import select
import threading
import tty
from contextlib import suppress
from pathlib import Path

from .acceptor import NoteAcceptor
from .frames import Unpacker, pack


class NoteLine:
    """Serves one acceptor at a pseudo terminal, on a thread of its own.

    :param acceptor: what answers.
    :param path: link to the terminal, made anew with each plug; the device to name in the configuration.
    """

    def __init__(self, acceptor: NoteAcceptor, path: str | Path) -> None:
        self.acceptor = acceptor
        self.path = Path(path)
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()

    @property
    def plugged(self) -> bool:
        """Whether the terminal is there."""
        return self._thread is not None

    def plug(self) -> None:
        """Put the plug in; does nothing when it is in."""
        with self._lock:
            if self._thread is not None:
                return
            master, slave = os.openpty()
            tty.setraw(slave)
            self._stop = threading.Event()
            self.path.unlink(missing_ok=True)
            self.path.symlink_to(os.ttyname(slave))
            self._thread = threading.Thread(target=self._serve, args=(master, slave, self._stop), daemon=True)
            self._thread.start()

    def unplug(self) -> None:
        """Pull the plug out: the terminal vanishes."""
        with self._lock:
            if self._thread is None:
                return
            self._stop.set()
            self._thread.join()
            self._thread = None
            self.path.unlink(missing_ok=True)

    close = unplug

    def _serve(self, master: int, slave: int, stop: threading.Event) -> None:
        unpacker = Unpacker()
        try:
            while not stop.is_set():
                ready, _, _ = select.select([master], [], [], 0.02)
                if ready:
                    for code, data in unpacker.feed(os.read(master, 4096)):
                        self._answer(master, code, data, stop)
        finally:
            # Ours is the last hold on it: with it the terminal is gone for everybody.
            os.close(slave)
            os.close(master)

    def _answer(self, master: int, code: int, data: bytes, stop: threading.Event) -> None:
        faults = self.acceptor.faults
        answer = self.acceptor.answer(code, data)
        if answer is None or faults.count("lost"):
            return
        slow = faults.get("slow")
        if slow is not None:
            stop.wait(float(str(slow["seconds"])))
        content = pack(*answer)
        if faults.count("garbled"):
            content = content[:-1] + bytes((content[-1] ^ 0x55,))
        if faults.count("doubled"):
            content += content
        with suppress(OSError):  # whoever asked is gone
            os.write(master, content)
