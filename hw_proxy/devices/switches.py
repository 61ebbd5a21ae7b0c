"""Switches of door and cash box, at a serial device's control lines or at a GPIO.

A switch at a serial port is wired between a line that the port drives (RTS, DTR) and one that it reads (CTS, DSR, CD).
A GPIO is read from its ``value`` file: 1 is active.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from hw_proxy.config import SwitchRule

try:
    import serial
except ImportError:  # the optional package pyserial
    serial = None

logger = logging.getLogger(__name__)

CLOSED, OPEN, UNKNOWN = "closed", "open", "unknown"
_LOOK = 0.2
# Equal looks in a row that make a new state: contacts bounce.
_STEADY = 2


class Ports:
    """The serial devices that are open for their control lines; several switches may share one."""

    def __init__(self) -> None:
        self._ports: dict[str, object] = {}

    def is_active(self, device: str, line: str) -> bool:
        """Whether a line is active.

        :raises OSError: the device is not there, has no such lines, or pyserial is missing.
        """
        if serial is None:
            raise OSError("the package pyserial is missing")
        if device not in self._ports:
            self._ports[device] = serial.serial_for_url(device)
        try:
            return bool(getattr(self._ports[device], line))
        except OSError:
            self.close(device)
            raise

    def close(self, device: str) -> None:
        """Let a device go, to open it anew with the next look."""
        port = self._ports.pop(device, None)
        if port is not None:
            port.close()

    def close_all(self) -> None:
        """Let every device go."""
        for device in list(self._ports):
            self.close(device)


class Switch:
    """One switch; ``state`` is ``closed``, ``open`` or ``unknown``."""

    def __init__(self, rule: SwitchRule, ports: Ports) -> None:
        self.rule = rule
        self.state = UNKNOWN
        self._ports = ports
        self._seen = UNKNOWN
        self._times = 0

    def status(self) -> dict[str, object]:
        """For the terminal's status."""
        return {"name": self.rule.name, "kind": self.rule.kind, "state": self.state, "code": None}

    def look(self) -> bool:
        """Look once; whether the state has changed."""
        seen = self.read()
        self._times = self._times + 1 if seen == self._seen else 1
        self._seen = seen
        if self._times < _STEADY or seen == self.state:
            return False
        logger.info("%s: %s, was %s", self.rule.name, seen, self.state)
        self.state = seen
        return True

    def read(self) -> str:
        """What the line says at this moment."""
        try:
            if self.rule.line == "gpio":
                text = Path(self.rule.device).read_text(encoding="ascii").strip()
                if text not in ("0", "1"):
                    return UNKNOWN
                active = text == "1"
            else:
                active = self._ports.is_active(self.rule.device, self.rule.line)
        except (OSError, UnicodeDecodeError) as error:
            if self._seen != UNKNOWN:
                logger.warning("%s cannot be read: %s", self.rule.name, error)
            return UNKNOWN
        return CLOSED if active == self.rule.active_closed else OPEN


class Switches:
    """All switches of the terminal, looked at five times a second.

    :param rules: the ``[[switches]]`` sections.
    :param changed: called with a switch's status whenever its state has changed.
    :param stopping: set to end.
    """

    def __init__(
        self,
        rules: tuple[SwitchRule, ...],
        changed: Callable[[dict[str, object]], None],
        stopping: threading.Event,
    ) -> None:
        self._ports = Ports()
        self.all = [Switch(rule, self._ports) for rule in rules]
        self._changed = changed
        self._stopping = stopping

    def run(self) -> None:
        """Look until the end."""
        try:
            while not self._stopping.wait(_LOOK):
                self.look()
        finally:
            self.close()

    def close(self) -> None:
        """Let every device go."""
        self._ports.close_all()

    def look(self) -> None:
        """Look at every switch once."""
        for switch in self.all:
            if switch.look():
                self._changed(switch.status())
