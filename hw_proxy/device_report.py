"""What a heartbeat says of the terminal's devices, and when a change is worth one of its own."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable

from hw_proxy.tokens import is_uint

# As much as Odoo takes in a heartbeat (docs/protocol, section 1).
MOST = 32
_LONGEST_NAME = 64
_MOST_DETAILS = 4
_WORD = re.compile(r"[a-z][a-z0-9_]{0,15}")
_CODE = re.compile(r"[A-Z]-[0-9]{3}")
_OWN = ("kind", "name", "state", "code")
_is_number = is_uint((1 << 53) - 1)

SELDOM = 5.0
"""Seconds between two heartbeats that are sent because a device has changed."""
# Changes with each customer: not worth a heartbeat.
_WORKING = {"reader": ("empty", "card", "busy", "error"), "notes": ("ready", "closed", "busy")}


def report(statuses: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """The claim ``devices``.

    What Odoo would refuse is left out or made fit: a heartbeat must not fail for a device's name.

    :param statuses: of the devices, as ``/v1/status`` lists them, with ``kind``.
    """
    entries: dict[tuple[object, object], dict[str, object]] = {}
    for status in statuses:
        entry = _entry(status)
        if entry is not None:
            entries.setdefault((entry["kind"], entry["name"]), entry)
    return list(entries.values())[:MOST]


def _entry(status: dict[str, object]) -> dict[str, object] | None:
    kind, state, code = status.get("kind"), status.get("state"), status.get("code")
    name = "".join(letter for letter in str(status.get("name") or kind) if letter.isprintable())[:_LONGEST_NAME]
    if not _is_word(kind) or not name:
        return None
    known_code = code if isinstance(code, str) and _CODE.fullmatch(code) else None
    detail = {
        key: value
        for key, value in status.items()
        if key not in _OWN and _is_word(key) and (_is_word(value) or _is_number(value))
    }
    return {
        "kind": kind,
        "name": name,
        "state": state if _is_word(state) else "unknown",
        "code": known_code,
        "detail": dict(list(detail.items())[:_MOST_DETAILS]),
    }


def _is_word(value: object) -> bool:
    return isinstance(value, str) and bool(_WORD.fullmatch(value))


class DeviceNews:
    """Tells when a device has changed in a way that the operator wants to know of before the next heartbeat is due.

    :param ticks: monotonic clock in seconds.
    """

    def __init__(self, ticks: Callable[[], float] = time.monotonic) -> None:
        self._ticks = ticks
        self._told: object = None
        self._told_at = float("-inf")

    def is_due(self, devices: list[dict[str, object]]) -> bool:
        """Whether a heartbeat is to be sent now; it then counts as told.

        A device that goes to and fro is told at most every :data:`SELDOM` seconds.

        :param devices: claim ``devices`` as it is now.
        """
        essence = [(entry["kind"], entry["name"], *_essence(entry)) for entry in devices]
        if self._told is None:
            # The first heartbeat says it.
            self._told = essence
            return False
        if essence == self._told or self._ticks() - self._told_at < SELDOM:
            return False
        self._told, self._told_at = essence, self._ticks()
        return True


def _essence(entry: dict[str, object]) -> tuple[object, ...]:
    working = entry["state"] in _WORKING.get(str(entry["kind"]), ())
    detail = entry["detail"]
    paper = detail.get("paper") if isinstance(detail, dict) else None
    return ("working", None, paper) if working else (entry["state"], entry["code"], paper)
