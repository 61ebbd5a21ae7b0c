"""Alarms about terminals: which state of a device is one, from when on, and until when. Nothing but decisions."""

from collections import namedtuple
from dataclasses import dataclass
from datetime import timedelta

from . import codes, devices

INFO, WARNING, CRITICAL = "1", "2", "3"
SEVERITIES = (INFO, WARNING, CRITICAL)
"""As they are stored, so that they sort."""

NEAR_FULL = 85
"""Per cent of a cash box from which on it is nearly full."""
PAPER_LEFT = 10
"""Per cent of a roll below which it is nearly at its end, where the printer itself does not say."""
WRONG_CLOCK = 120
"""Seconds of a terminal's wall clock."""

Key = namedtuple("Key", "kind device name")
"""What an alarm is about: its kind, and kind and name of the device; both empty for the terminal itself."""


@dataclass(frozen=True)
class Rule:
    """How one kind of alarm behaves.

    :param code: its sentence
    :param severity: one of :data:`SEVERITIES`
    :param raise_after: seconds that its condition has to last; what goes away by itself sooner is none
    :param clear_after: seconds that its condition has to be gone: a device that comes and goes makes one alarm
    """

    code: str
    severity: str
    raise_after: int = 0
    clear_after: int = 60


RULES = {
    "offline": Rule(codes.T_OFFLINE, CRITICAL, 120, 60),
    "reader_down": Rule(codes.T_READER_DOWN, CRITICAL, 30, 30),
    "notes_down": Rule(codes.T_NOTES_DOWN, CRITICAL, 15, 60),
    "cash_full": Rule(codes.T_CASH_FULL, CRITICAL, 0, 30),
    "cash_near_full": Rule(codes.T_CASH_NEAR_FULL, WARNING, 0, 30),
    "cash_open": Rule(codes.T_CASH_OPEN, CRITICAL, 0, 30),
    "printer_down": Rule(codes.T_PRINTER_DOWN, WARNING, 30, 60),
    "paper_out": Rule(codes.T_PAPER_OUT, WARNING, 10, 30),
    "paper_low": Rule(codes.T_PAPER_LOW, INFO, 10, 120),
    "scanner_down": Rule(codes.T_SCANNER_DOWN, WARNING, 60, 60),
    "door_open": Rule(codes.T_DOOR_OPEN, CRITICAL, 0, 30),
    "on_battery": Rule(codes.T_ON_BATTERY, WARNING, 10, 60),
    "battery_low": Rule(codes.T_BATTERY_LOW, CRITICAL, 0, 60),
    "power_unknown": Rule(codes.T_POWER_UNKNOWN, INFO, 300, 60),
    "clock_wrong": Rule(codes.T_CLOCK_WRONG, INFO, 0, 60),
    "device_down": Rule(codes.T_DEVICE_DOWN, WARNING, 60, 60),
}
_WORKS = (devices.READY, devices.CLOSED, devices.LINE, devices.STARTING)
_BOX_CODES = {codes.A_BOX_FULL: "cash_full", codes.A_BOX_OPEN: "cash_open"}
_BY_STATE = {
    (devices.DOOR, devices.OPEN): "door_open",
    (devices.BOX, devices.OPEN): "cash_open",
    (devices.UPS, devices.BATTERY): "on_battery",
    (devices.UPS, devices.LOW): "battery_low",
    (devices.UPS, devices.UNKNOWN): "power_unknown",
}
_BY_KIND = {
    devices.READER: "reader_down",
    devices.NOTES: "notes_down",
    devices.PRINTER: "printer_down",
    devices.SCANNER: "scanner_down",
}


def of_device(kind, state, code=None, paper=None):
    """Return the kinds of alarm that a device is a reason for.

    :param kind: of the device, as it is filed
    :param state: its steady state
    :param code: its steady code, or None
    :param paper: one of ``devices.PAPERS``, or None
    """
    if kind == devices.PRINTER and paper == "out":
        return ("paper_out",)
    found = ("paper_low",) if kind == devices.PRINTER and paper == "low" else ()
    if (kind, state) in _BY_STATE:
        return (*found, _BY_STATE[kind, state])
    if state in _WORKS:
        return found
    if kind == devices.NOTES and code in _BOX_CODES:
        return (_BOX_CODES[code],)
    if state == devices.UNKNOWN and kind not in _BY_KIND:
        # A device of a kind that we do not know, or a switch that cannot be read.
        return ("device_down",) if kind in (devices.DOOR, devices.BOX) else found
    return (*found, _BY_KIND.get(kind, "device_down"))


def of_terminal(now, *, silent_since=None, clock_error=0, pieces=0, capacity=0, receipts_left=None, roll=0):
    """Return what is wrong with a terminal itself, as {kind of alarm: since when}.

    :param now: the moment
    :param silent_since: when it was last heard of, None when it is heard
    :param clock_error: seconds by which its wall clock is wrong
    :param pieces: notes in its cash box
    :param capacity: notes that the box holds; 0: not known
    :param receipts_left: receipts that its roll still gives, None when that is not known or its printer says it
    :param roll: receipts that a new roll gives; 0: not known
    """
    found = {}
    if silent_since is not None:
        found["offline"] = silent_since
    elif abs(clock_error) > WRONG_CLOCK:
        found["clock_wrong"] = now
    if capacity and pieces >= capacity:
        found["cash_full"] = now
    elif capacity and pieces * 100 >= capacity * NEAR_FULL:
        found["cash_near_full"] = now
    if roll and receipts_left is not None and receipts_left * 100 <= roll * PAPER_LEFT:
        found["paper_low"] = now - timedelta(seconds=RULES["paper_low"].raise_after)
    return found


@dataclass(frozen=True)
class Opened:
    """An alarm that is open.

    :param id: of its row
    :param key: :data:`Key`
    :param calm_since: since when its condition is gone, or None
    """

    id: int
    key: Key
    calm_since: object = None


@dataclass(frozen=True)
class Changes:
    """What becomes of a terminal's alarms.

    :param opens: tuple of ``(key, since)``
    :param closes: ids that end
    :param calms: ids whose condition has just gone
    :param stirs: ids whose condition has come back
    :param again: when something changes by time alone, or None
    """

    opens: tuple = ()
    closes: tuple = ()
    calms: tuple = ()
    stirs: tuple = ()
    again: object = None

    def __bool__(self):
        return bool(self.opens or self.closes or self.calms or self.stirs)


def decide(conditions, opened, now):
    """Decide what becomes of a terminal's alarms.

    :param conditions: {:data:`Key`: since when}
    :param opened: iterable of :class:`Opened`, no two with one key
    :param now: the moment
    :return: :class:`Changes`
    """
    opens, closes, calms, stirs, times = [], [], [], [], []
    known = set()
    for alarm in opened:
        known.add(alarm.key)
        if alarm.key in conditions:
            if alarm.calm_since is not None:
                stirs.append(alarm.id)
            continue
        end = (alarm.calm_since or now) + timedelta(seconds=RULES[alarm.key.kind].clear_after)
        if end <= now:
            closes.append(alarm.id)
            continue
        times.append(end)
        if alarm.calm_since is None:
            calms.append(alarm.id)
    for key, since in sorted(conditions.items()):
        if key in known:
            continue
        due = since + timedelta(seconds=RULES[key.kind].raise_after)
        if due <= now:
            opens.append((key, since))
        else:
            times.append(due)
    return Changes(tuple(opens), tuple(closes), tuple(calms), tuple(stirs), min(times, default=None))
