"""Which state of a device is an alarm, from when on and until when: storms, flapping, and what time alone decides."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import alarms, codes
from prepaid_core.alarms import RULES, Key, Opened
from prepaid_core.devices import Device

NOW = datetime(2026, 11, 26, 3, 0)
JAM = Key("notes_down", "notes", "acceptor")


def seconds(number):
    return timedelta(seconds=number)


def kinds_of(kind, state, code=None, **detail):
    device = Device(kind, "x", state, code, detail)
    return alarms.of_device(device.filed_kind, device.steady, device.steady_code, device.paper)


@pytest.mark.parametrize(
    ("device", "found"),
    [
        (("reader", "card"), ()),
        (("reader", "error", "C-103"), ()),
        (("reader", "error", "P-108"), ("reader_down",)),
        (("reader", "absent", "P-107"), ("reader_down",)),
        (("notes", "closed"), ()),
        (("notes", "starting"), ()),
        (("notes", "fault", "A-102"), ("notes_down",)),
        (("notes", "fault", "A-104"), ("cash_full",)),
        (("notes", "fault", "A-105"), ("cash_open",)),
        (("printer", "fault", "P-116"), ("printer_down",)),
        (("scanner", "absent"), ("scanner_down",)),
        (("door", "open"), ("door_open",)),
        (("door", "closed"), ()),
        (("door", "unknown"), ("device_down",)),
        (("cash_box", "open"), ("cash_open",)),
        (("ups", "line"), ()),
        (("ups", "battery"), ("on_battery",)),
        (("ups", "low"), ("battery_low",)),
        (("ups", "unknown"), ("power_unknown",)),
        (("keypad", "fault", "P-120"), ("device_down",)),
        (("drone_port", "hovering"), ()),
        (("drone_port", "fault"), ("device_down",)),
    ],
)
def test_the_state_of_a_device_and_its_alarm(device, found):
    assert kinds_of(*device) == found


def test_a_printer_without_paper_is_not_broken_as_well():
    assert kinds_of("printer", "fault", "P-116", paper="out") == ("paper_out",)
    assert kinds_of("printer", "ready", None, paper="low") == ("paper_low",)
    assert kinds_of("printer", "fault", "P-116", paper="low") == ("paper_low", "printer_down")


def test_every_kind_of_alarm_has_its_sentence_and_severity():
    assert len({rule.code for rule in RULES.values()}) == len(RULES)
    for rule in RULES.values():
        assert rule.code in codes.CATALOGUE and rule.severity in alarms.SEVERITIES


def test_what_goes_away_by_itself_soon_is_no_alarm():
    since = NOW - seconds(RULES["notes_down"].raise_after - 1)
    changes = alarms.decide({JAM: since}, [], NOW)
    assert not changes
    assert changes.again == NOW + seconds(1)
    assert alarms.decide({JAM: since}, [], changes.again).opens == ((JAM, since),)


def test_a_device_that_comes_and_goes_makes_one_alarm():
    opened, opens = [], 0
    for step in range(100):
        now = NOW + seconds(20 * step)
        conditions = {JAM: now - seconds(60)} if step % 2 else {}
        changes = alarms.decide(conditions, opened, now)
        opens += len(changes.opens)
        assert not changes.closes
        if changes.opens:
            opened = [Opened(1, JAM)]
        if changes.calms:
            opened = [Opened(1, JAM, now)]
        if changes.stirs:
            opened = [Opened(1, JAM)]
    assert opens == 1


def test_an_alarm_ends_when_its_condition_was_gone_long_enough():
    changes = alarms.decide({}, [Opened(7, JAM)], NOW)
    assert (changes.calms, changes.closes) == ((7,), ())
    later = alarms.decide({}, [Opened(7, JAM, NOW)], changes.again)
    assert (later.closes, later.again) == ((7,), None)


def test_a_line_that_comes_and_goes_makes_one_alarm():
    silent = Key("offline", "", "")
    assert alarms.decide({}, [Opened(7, silent)], NOW).closes == ()
    assert alarms.decide({silent: NOW}, [Opened(7, silent, NOW)], NOW).stirs == (7,)


def test_a_box_and_a_roll_that_nobody_described_are_no_alarm():
    assert alarms.of_terminal(NOW, pieces=10**6, receipts_left=-5) == {}


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({"pieces": 849, "capacity": 1000}, set()),
        ({"pieces": 850, "capacity": 1000}, {"cash_near_full"}),
        ({"pieces": 1000, "capacity": 1000}, {"cash_full"}),
        ({"receipts_left": 51, "roll": 500}, set()),
        ({"receipts_left": 50, "roll": 500}, {"paper_low"}),
        ({"clock_error": -121}, {"clock_wrong"}),
        ({"clock_error": 120}, set()),
        ({"clock_error": 999, "silent_since": NOW}, {"offline"}),
    ],
)
def test_what_is_wrong_with_the_terminal_itself(facts, found):
    assert set(alarms.of_terminal(NOW, **facts)) == found


KEYS = st.builds(Key, st.sampled_from(sorted(RULES)), st.sampled_from(["", "notes", "printer"]), st.just("n"))
MOMENTS = st.integers(-1000, 0).map(lambda number: NOW + seconds(number))


@given(st.dictionaries(KEYS, MOMENTS), st.dictionaries(KEYS, st.none() | MOMENTS))
def test_no_alarm_is_ever_opened_twice_nor_ended_while_it_lasts(conditions, known):
    opened = [Opened(number, key, calm) for number, (key, calm) in enumerate(known.items())]
    changes = alarms.decide(conditions, opened, NOW)
    by_id = {alarm.id: alarm for alarm in opened}
    assert not {key for key, _since in changes.opens} & set(known)
    assert all(by_id[number].key not in conditions for number in (*changes.closes, *changes.calms))
    assert all(by_id[number].key in conditions for number in changes.stirs)
    assert changes.again is None or changes.again > NOW


@given(st.dictionaries(KEYS, MOMENTS), st.lists(KEYS, max_size=3, unique=True))
def test_when_asked_again_at_the_named_moment_something_happens(conditions, known):
    opened = [Opened(number, key, NOW) for number, key in enumerate(known)]
    changes = alarms.decide(conditions, opened, NOW)
    if changes.again is not None:
        later = alarms.decide(conditions, [a for a in opened if a.id not in changes.closes], changes.again)
        assert later.opens or later.closes
