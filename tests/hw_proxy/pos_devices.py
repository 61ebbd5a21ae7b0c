"""A receipt printer and a serial line, as the tests of the point of sale's face need them."""

import contextlib
import os
import socket
import threading
import time
import tty

# ESC/POS: GS v 0 prints a raster, GS V cuts, ESC p opens a cash drawer.
RASTER = b"\x1dv0"
CUT = b"\x1dV"
PULSE = b"\x1bp"


def pty_pair():
    master, slave = os.openpty()
    tty.setraw(slave)
    return master, os.ttyname(slave)


class FakePrinter:
    """A network printer. ``answers`` by status request: byte, or nothing; what it got is in ``received``."""

    def __init__(self, answers=None):
        self.answers = {1: 0x12, 4: 0x12} if answers is None else answers
        self.received = b""
        self.deaf = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                line, _address = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line):
        with line:
            while data := line.recv(65_536):
                while self.deaf.is_set():
                    time.sleep(0.05)
                asked = data[-1] if data[-3:-1] == b"\x10\x04" else None
                self.received += data if asked is None else data[:-3]
                answer = self.answers.get(asked) if asked is not None else None
                if answer is not None:
                    line.sendall(bytes([answer]))

    def close(self):
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
