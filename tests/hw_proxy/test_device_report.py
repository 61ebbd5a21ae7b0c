"""What a heartbeat tells of the devices, and which change is told before the next one is due."""

import pytest

from hw_proxy.config import Config
from hw_proxy.device_report import MOST, SELDOM, DeviceNews, report
from hw_proxy.monitor import Monitor
from hw_proxy.pusher import heartbeat_of
from tests.hw_proxy.support import Bench
from tests.hw_proxy.test_schemas import check

BEAT = {"iss": "00000001-0000-4000-8000-000000000000", "aud": "d", "iat": 1, "nonce": "n"}


def device(kind="printer", state="ready", code=None, name="receipt printer", **detail):
    return {"name": name, "kind": kind, "state": state, "code": code, **detail}


class Thing:
    """A device that shows what it is told to."""

    def __init__(self, **status):
        self.shown = device(**status)

    def status(self):
        return self.shown


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.mark.parametrize(
    "status",
    [
        device(name="x" * 500),
        device(name="front\x00door\u2028"),
        device(name=""),
        device(state="No Word"),
        device(state=None),
        device(code="broken"),
        device(charge=-1, paper=None, ratio=0.5, nested={"a": 1}, flag=True, words="Two Words"),
        device(one=1, two=2, three=3, four=4, five=5, six=6),
    ],
)
def test_a_device_that_says_nonsense_never_makes_a_heartbeat_that_odoo_refuses(bench, status):
    bench.terminal.devices.append(Thing())
    bench.terminal.devices[0].shown = status
    beat = {**BEAT, **heartbeat_of(bench.terminal)}
    check("heartbeat", beat)
    assert [entry["kind"] for entry in beat["devices"]] == ["reader", "printer"]


def test_a_device_without_a_kind_is_left_out_and_one_of_a_name_is_told_once():
    told = report([device(kind=None), device(kind="Door"), device(paper="low"), device(state="fault")])
    assert told == [
        {"kind": "printer", "name": "receipt printer", "state": "ready", "code": None, "detail": {"paper": "low"}}
    ]


def test_no_more_devices_are_told_than_odoo_takes():
    assert len(report(device(name=str(number)) for number in range(3 * MOST))) == MOST


def test_details_are_told(bench):
    bench.terminal.devices += [Thing(kind="ups", state="battery", name="ups", charge=83)]
    assert heartbeat_of(bench.terminal)["devices"][1] == {
        "kind": "ups",
        "name": "ups",
        "state": "battery",
        "code": None,
        "detail": {"charge": 83},
    }


def test_a_change_is_told_at_once_and_one_that_goes_to_and_fro_seldom():
    clock = Clock()
    news = DeviceNews(clock)
    good, bad = report([device()]), report([device(state="fault", code="P-116")])
    assert not news.is_due(good)
    assert news.is_due(bad)
    told = 0
    for number in range(100):
        clock.now += SELDOM / 10
        told += news.is_due(good if number % 2 else bad)
    assert told <= 10
    clock.now += SELDOM
    news.is_due(good)
    clock.now += SELDOM
    assert not news.is_due(good)


def test_a_change_while_it_is_too_early_is_told_when_it_may_be():
    clock = Clock()
    news = DeviceNews(clock)
    news.is_due(report([device()]))
    assert news.is_due(report([device(paper="low")]))
    assert not news.is_due(report([device(paper="out")]))
    clock.now += SELDOM
    assert news.is_due(report([device(paper="out")]))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (device("reader", "empty"), device("reader", "card")),
        (device("reader", "card"), device("reader", "error", "C-103")),
        (device("notes", "closed"), device("notes", "ready")),
        (device("ups", "battery", charge=80), device("ups", "battery", charge=79)),
    ],
)
def test_what_every_customer_changes_is_left_to_the_next_heartbeat(before, after):
    news = DeviceNews(Clock())
    news.is_due(report([before]))
    assert not news.is_due(report([after]))


def test_the_monitor_wants_a_heartbeat_when_a_device_has_changed(tmp_path):
    bench = Bench(tmp_path, config=Config(data_dir=tmp_path))
    door = Thing(kind="door", state="closed", name="front door")
    bench.terminal.devices.append(door)
    monitor = Monitor(bench.terminal)
    monitor.look()
    bench.terminal.push_wanted.clear()
    monitor.look()
    assert not bench.terminal.push_wanted.is_set()
    door.shown = device("door", "open", name="front door")
    monitor.look()
    assert bench.terminal.push_wanted.is_set()
    bench.close()
