"""Door and cash-box switches, and the power supply: what cannot be read is unknown, what changes is told once."""

import contextlib
import socket
import threading

import pytest
from stack.processes import wait_until

from hw_proxy import doctor
from hw_proxy.config import Config, Ups, parse
from hw_proxy.config import SwitchRule as Rule
from hw_proxy.devices import switches, ups
from hw_proxy.errors import ConfigError
from hw_proxy.service import Service


def made(*rules):
    told = []
    return switches.Switches(rules, told.append, threading.Event()), told


@pytest.fixture
def value(tmp_path):
    """The value file of a GPIO, closed."""
    path = tmp_path / "value"
    path.write_text("1\n")
    return path


# -- switches --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [None, "", "2", "\N{SNOWMAN}"])
def test_a_line_that_cannot_be_read_is_unknown_and_breaks_nothing(tmp_path, content):
    if content is not None:
        (tmp_path / "value").write_text(content, encoding="utf-8")
    all_switches, told = made(Rule("door", "door", str(tmp_path / "value"), "gpio"))
    for _look in range(3):
        all_switches.look()
    assert all_switches.all[0].state == "unknown"
    assert told == []


def test_a_serial_device_that_is_not_there_or_has_no_lines_is_unknown(tmp_path):
    all_switches, _told = made(
        Rule("one", "door", str(tmp_path / "none"), "cts"), Rule("two", "door", "/dev/ptmx", "cts")
    )
    for _look in range(3):
        all_switches.look()
    assert [switch.state for switch in all_switches.all] == ["unknown", "unknown"]
    all_switches.close()


def test_a_bounce_is_no_opening(value):
    all_switches, told = made(Rule("door", "door", str(value), "gpio"))
    for text in ("1", "1", "0", "1", "0", "1"):
        value.write_text(text)
        all_switches.look()
    assert [status["state"] for status in told] == ["closed"]


@pytest.mark.parametrize(("active_closed", "states"), [(True, ["closed", "open"]), (False, ["open", "closed"])])
def test_an_opening_is_told_once(value, active_closed, states):
    all_switches, told = made(Rule("box", "cash_box", str(value), "gpio", active_closed))
    for text in ("1", "1", "1", "0", "0", "0"):
        value.write_text(text)
        all_switches.look()
    assert told == [{"name": "box", "kind": "cash_box", "state": state, "code": None} for state in states]


def test_a_switch_whose_wire_is_gone_becomes_unknown(value):
    all_switches, told = made(Rule("door", "door", str(value), "gpio"))
    all_switches.look()
    all_switches.look()
    value.unlink()
    all_switches.look()
    all_switches.look()
    assert [status["state"] for status in told] == ["closed", "unknown"]


def test_two_lines_of_one_serial_device_are_read_apart():
    # The library's own loop ties CTS to RTS and DSR to DTR.
    all_switches, told = made(Rule("door", "door", "loop://", "cts"), Rule("box", "cash_box", "loop://", "dsr"))
    for _look in range(2):
        all_switches.look()
    all_switches._ports._ports["loop://"].rts = False
    for _look in range(2):
        all_switches.look()
    assert [(status["name"], status["state"]) for status in told] == [
        ("door", "closed"),
        ("box", "closed"),
        ("door", "open"),
    ]
    all_switches.close()


def test_without_pyserial_the_state_is_unknown(monkeypatch):
    monkeypatch.setattr(switches, "serial", None)
    all_switches, _told = made(Rule("door", "door", "loop://", "cts"))
    all_switches.look()
    assert all_switches.all[0].state == "unknown"


# -- the power supply ------------------------------------------------------------------------------------------------


class Upsd:
    """A upsd that answers with fixed text."""

    def __init__(self, answer):
        self.answer = answer
        self.asked = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                line, _address = self._server.accept()
            except OSError:
                return
            with line, contextlib.suppress(OSError):
                self.asked.append(line.recv(1000))
                # In two pieces, as a network may bring it.
                half = len(self.answer) // 2
                line.sendall(self.answer[:half])
                line.sendall(self.answer[half:])

    def close(self):
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()


def listed(status, charge="87"):
    lines = [
        "BEGIN LIST VAR ups",
        f'VAR ups battery.charge "{charge}"',
        r'VAR ups ups.model "Back \"Up\" 650"',
        f'VAR ups ups.status "{status}"',
        "END LIST VAR ups",
    ]
    return ("\n".join(lines) + "\n").encode()


@pytest.fixture
def upsd():
    server = Upsd(listed("OL CHRG"))
    yield server
    server.close()


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("OL", "line"),
        ("OL CHRG", "line"),
        ("OL LB", "line"),
        ("OB DISCHRG", "battery"),
        ("OB LB", "low"),
        ("FSD OB LB", "low"),
        ("", "unknown"),
        ("OFF", "unknown"),
    ],
)
def test_the_words_of_the_status_mean(status, state):
    assert ups.state_of({"ups.status": status}) == state


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"ERR UNKNOWN-UPS\n",
        b"ERR DATA-STALE\n",
        b"BEGIN LIST VAR ups\n",
        b'BEGIN LIST VAR ups\nVAR ups ups.status "OL\nEND LIST VAR ups\n',
        b"BEGIN LIST VAR ups\nVAR other ups.status OL\nEND LIST VAR ups\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"\xff" * 70_000,
    ],
)
def test_an_answer_that_is_none_makes_the_state_unknown(upsd, answer):
    upsd.answer = answer
    told = []
    supply = ups.Ups(Ups("ups", port=upsd.port), told.append, threading.Event())
    supply.state = "line"
    supply.look()
    assert (supply.state, supply.charge) == ("unknown", None)
    assert [status["state"] for status in told] == ["unknown"]


def test_a_power_cut_is_told_and_nothing_but_questions_is_sent(upsd):
    told = []
    supply = ups.Ups(Ups("ups", port=upsd.port), told.append, threading.Event())
    supply.look()
    supply.look()
    upsd.answer = listed("OB LB", "9.5")
    supply.look()
    assert [(status["state"], status["charge"]) for status in told] == [("line", 87), ("low", 9)]
    assert set(upsd.asked) == {b"LIST VAR ups\n"}
    upsd.close()
    supply.look()
    assert supply.status() == {"name": "ups", "kind": "ups", "state": "unknown", "charge": None, "code": None}


# -- at the terminal -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        {"switches": {}},
        {"switches": [{"name": "door"}]},
        {"switches": [{"name": "door", "kind": "window", "device": "x"}]},
        {"switches": [{"name": "door", "kind": "door", "device": "x", "line": "rts"}]},
        {"switches": [{"name": "door", "kind": "door", "device": ""}]},
        {"switches": [{"name": "", "kind": "door", "device": "x"}]},
        {"switches": [{"name": "door", "kind": "door", "device": "x"}] * 2},
        {"ups": {"name": "my ups"}},
        {"ups": {"name": "ups\nSET VAR"}},
        {"ups": {"name": "ups", "port": 0}},
    ],
)
def test_a_wrong_configuration_is_refused_in_words(raw, tmp_path):
    with pytest.raises(ConfigError):
        parse(raw, tmp_path)


def test_the_status_lists_them_and_a_change_is_an_event(bench, value, upsd, monkeypatch):
    told = []
    publish = bench.terminal.events.publish
    monkeypatch.setattr(
        bench.terminal.events, "publish", lambda name, data: (told.append((name, data)), publish(name, data))
    )
    config = Config(
        data_dir=bench.config.data_dir,
        switches=(Rule("door", "door", str(value), "gpio"),),
        ups=Ups("ups", port=upsd.port),
    )
    service = Service(config)
    service._start_devices(bench.terminal)

    def states():
        return {device["kind"]: device["state"] for device in bench.terminal.status()["devices"]}

    wait_until(lambda: states() == {"door": "closed", "ups": "line"}, 20, "the devices")
    value.write_text("0")
    wait_until(lambda: states()["door"] == "open", 20, "the door")
    opened = {"name": "door", "kind": "door", "state": "open", "code": None}
    wait_until(lambda: ("device", opened) in told, 20, "the event")
    service.stop()


def test_the_doctor_says_what_cannot_be_read(value, upsd, tmp_path):
    rules = (Rule("door", "door", str(value), "gpio"), Rule("box", "cash_box", str(tmp_path / "none"), "cts"))
    found = {
        item.subject: item for item in doctor._surroundings(Config(switches=rules, ups=Ups("ups", port=upsd.port)))
    }
    assert [(name, item.level) for name, item in found.items()] == [
        ("door", "OK"),
        ("box", "WARN"),
        ("power supply", "OK"),
    ]
    upsd.close()
    (finding,) = doctor._surroundings(Config(ups=Ups("ups", port=upsd.port)))
    assert (finding.level, "upsd" in finding.advice) == ("WARN", True)
