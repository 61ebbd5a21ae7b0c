"""The printer's plug: a TCP port on this machine, which is gone while the printer has no power."""

from __future__ import annotations

import contextlib
import socket
import threading

from .device import PrinterError, ReceiptPrinter


class PrinterLine:
    """Serves one printer, as one that is connected by a network is.

    :param printer: what answers.
    :param port: 0 takes a free one; the one in use is :attr:`port`.
    """

    def __init__(self, printer: ReceiptPrinter, port: int = 0) -> None:
        self.printer = printer
        self._server = socket.create_server(("127.0.0.1", port))
        self.port: int = self._server.getsockname()[1]
        self._lines: set[socket.socket] = set()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                line, _address = self._server.accept()
                if not self.printer.powered:
                    line.close()
                    continue
                self._lines.add(line)
                threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        with contextlib.suppress(OSError, PrinterError), line:
            while data := line.recv(65_536):
                answer = self.printer.take(data)
                if answer:
                    line.sendall(answer)
        self._lines.discard(line)

    def unplug(self) -> None:
        """Break every connection, as when the power goes."""
        for line in list(self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Take the port away."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.unplug()
