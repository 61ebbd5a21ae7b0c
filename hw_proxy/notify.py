"""Tells systemd that the service lives (sd_notify(3): a datagram to the socket that ``NOTIFY_SOCKET`` names)."""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

DEFAULT_PERIOD = 10.0


def notify(text: str) -> bool:
    """Send a state, such as ``WATCHDOG=1``.

    :return: whether somebody wanted it.
    """
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as line:
            # An @ stands for the zero byte of an abstract address.
            line.connect(address.replace("@", "\0", 1) if address.startswith("@") else address)
            line.sendall(text.encode())
    except OSError as error:
        logger.warning("systemd could not be told %s: %s", text, error)
        return False
    return True


def period() -> float:
    """Seconds between two signs of life: a third of what systemd allows."""
    allowed = os.environ.get("WATCHDOG_USEC", "")
    return int(allowed) / 3_000_000 if allowed.isdecimal() and len(allowed) < 20 else DEFAULT_PERIOD


def keep_alive(is_alive: Callable[[], bool], stopping: threading.Event) -> None:
    """Give signs of life until the end, as long as there is life.

    :param is_alive: whether the service's own monitor still looks around.
    """
    while not stopping.wait(period()):
        if is_alive():
            notify("WATCHDOG=1")
        else:
            logger.error("the monitor hangs: systemd is no longer told that the service lives")
