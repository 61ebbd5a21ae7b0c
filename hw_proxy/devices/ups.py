"""The uninterruptible power supply, asked through ``upsd`` of Network UPS Tools.

Relied on: the tools' developer guide, chapter "Network protocol information" (``LIST VAR``), and the variables
``ups.status`` (words such as OL, OB, LB) and ``battery.charge`` (per cent). Only read: nothing is set or commanded.
"""

from __future__ import annotations

import logging
import shlex
import socket
import threading
from collections.abc import Callable

from hw_proxy.config import Ups as Settings

logger = logging.getLogger(__name__)

LINE, BATTERY, LOW, UNKNOWN = "line", "battery", "low", "unknown"
_EVERY = 5.0
_WAIT = 3.0
_MOST = 65_536


def read_variables(answer: str, name: str) -> dict[str, str]:
    """The variables of an answer to ``LIST VAR``.

    :param answer: all its lines.
    :param name: of the supply.
    :raises ValueError: it is an error or no such list.
    """
    lines = answer.splitlines()
    if not lines or lines[0].strip() != f"BEGIN LIST VAR {name}" or lines[-1].strip() != f"END LIST VAR {name}":
        raise ValueError(lines[0][:60] if lines else "no answer")
    found = {}
    for line in lines[1:-1]:
        words = shlex.split(line)
        if len(words) != 4 or words[:2] != ["VAR", name]:
            raise ValueError(line[:60])
        found[words[2]] = words[3]
    return found


def state_of(variables: dict[str, str]) -> str:
    """``line``, ``battery``, ``low`` (it will end soon) or ``unknown``."""
    words = variables.get("ups.status", "").split()
    if "LB" in words and "OL" not in words:
        return LOW
    if "OB" in words:
        return BATTERY
    return LINE if "OL" in words else UNKNOWN


class Ups:
    """One supply. ``state`` as :func:`state_of` says; ``charge``: per cent, where it is known.

    :param settings: the ``[ups]`` section, with a name.
    :param changed: called with the status whenever the state has changed.
    :param stopping: set to end.
    """

    def __init__(
        self, settings: Settings, changed: Callable[[dict[str, object]], None], stopping: threading.Event
    ) -> None:
        self._settings = settings
        self._changed = changed
        self._stopping = stopping
        self.state = UNKNOWN
        self.charge: int | None = None

    def status(self) -> dict[str, object]:
        """For the terminal's status."""
        return {"name": self._settings.name, "kind": "ups", "state": self.state, "charge": self.charge, "code": None}

    def run(self) -> None:
        """Ask every five seconds until the end."""
        while not self._stopping.is_set():
            self.look()
            self._stopping.wait(_EVERY)

    def look(self) -> None:
        """Ask once."""
        try:
            variables = read_variables(self._ask(), self._settings.name)
        except (OSError, ValueError) as error:
            if self.state != UNKNOWN:
                logger.warning("the power supply does not say how it is: %s", error)
            variables = {}
        charge = variables.get("battery.charge", "").partition(".")[0]
        self.charge = int(charge) if charge.isdecimal() else None
        state = state_of(variables)
        if state != self.state:
            logger.info("power supply: %s, was %s", state, self.state)
            self.state = state
            self._changed(self.status())

    def _ask(self) -> str:
        name = self._settings.name
        with socket.create_connection((self._settings.host, self._settings.port), timeout=_WAIT) as line:
            line.sendall(f"LIST VAR {name}\n".encode())
            answer = b""
            end = f"END LIST VAR {name}\n".encode()
            while not answer.endswith(end) and not answer.startswith(b"ERR ") and len(answer) < _MOST:
                piece = line.recv(4096)
                if not piece:
                    break
                answer += piece
        return answer.decode("utf-8", "replace")
