"""``hw-proxy run`` with an acceptor that the test holds: ``python -m tests.hw_proxy.cash_service CONFIG PORT``."""

import contextlib
import json
import socket
import sys
import threading
from pathlib import Path

from hw_proxy.config import load
from hw_proxy.notes.acceptor import Event, Kind, Position
from hw_proxy.service import run


class SocketAcceptor:
    """An acceptor whose device is at the other end of a socket. It confirms what it was told after it has told it."""

    name = "machine"

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.settimeout(None)

    def start(self, tell):
        threading.Thread(target=self._serve, args=(tell,), daemon=True).start()

    def _serve(self, tell):
        self._send("hello")
        for line in self._socket.makefile():
            told = json.loads(line)
            position = Position(told["position"]) if told["position"] else None
            tell(Event(Kind(told["kind"]), told["denomination"], position, told["code"]))
            self._send("ok")

    def _send(self, command, **values):
        with contextlib.suppress(OSError):
            self._socket.sendall(json.dumps({"command": command, **values}).encode() + b"\n")

    def open(self, denominations):
        self._send("open", denominations=sorted(denominations))

    def close(self):
        self._send("close")

    def stack(self):
        self._send("stack")

    def give_back(self):
        self._send("give_back")

    def status(self):
        return {"name": self.name, "kind": "notes", "state": "ready", "code": None}

    def stop(self):
        self._socket.close()


if __name__ == "__main__":
    run(load(Path(sys.argv[1])), SocketAcceptor(int(sys.argv[2])))
