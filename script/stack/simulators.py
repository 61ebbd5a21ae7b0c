"""The simulators as a process: cards in the virtual reader, meters, and a page to carry cards between them."""

import sys
from pathlib import Path

from stack.paths import ROOT
from stack.processes import Process, answers, free_ports


class SimulatorsProcess(Process):
    """``python -m simulators serve``.

    :param Path state: folder where cards and meters are kept
    :param Path keys: file with the cards' master keys, the same as Odoo's
    :param PcscDaemon pcsc: the reader that it puts cards into
    :param int port: of its page; a free one by default
    :param list options: further options, such as ``["--write-times"]``
    :param Path notes: link to the serial device of a note acceptor; without it there is none
    :param int printer: TCP port of a receipt printer; without it there is none
    """

    ready_timeout = 15
    stop_timeout = 5

    def __init__(self, state, keys, pcsc, port=None, options=(), notes=None, printer=None):
        self.port = port or free_ports()
        slots = f"{pcsc.port},{pcsc.port + 1}"
        arguments = [f"--state={state}", f"--keys={keys}", f"--port={self.port}", f"--slots={slots}", *options]
        if notes is not None:
            arguments.append(f"--notes={notes}")
        if printer is not None:
            arguments.append(f"--printer={printer}")
        super().__init__(
            "simulators", [sys.executable, "-m", "simulators", "serve", *arguments], Path(state).parent, cwd=ROOT
        )

    @property
    def url(self):
        """Address of its page and interface."""
        return f"http://127.0.0.1:{self.port}"

    def is_ready(self):
        return answers(f"{self.url}/api/state")
