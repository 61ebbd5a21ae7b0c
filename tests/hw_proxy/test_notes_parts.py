"""The note acceptor in the service: configuration, status, doctor, its end."""

import pytest
from stack.processes import wait_until

from hw_proxy import doctor
from hw_proxy.config import Config, Notes, parse
from hw_proxy.errors import ConfigError
from hw_proxy.notes import denominations
from hw_proxy.notes.make import make
from hw_proxy.service import Service
from simulators.notes.acceptor import NoteAcceptor
from simulators.notes.line import NoteLine


@pytest.fixture
def line(tmp_path):
    made = NoteLine(NoteAcceptor(), tmp_path / "note-acceptor")
    made.plug()
    yield made
    made.close()


@pytest.mark.parametrize(
    "raw",
    [
        {"protocol": "ccnet"},
        {"denominations": "61=1"},
        {"denominations": ["1"]},
        {"denominations": ["60=1"]},
        {"denominations": ["69=1"]},
        {"denominations": ["61=0"]},
        {"denominations": ["61=1.005"]},
        {"denominations": ["61=1", "61=5"]},
        {"denominations": ["61=-1"]},
        {"drawer": 1},
    ],
)
def test_a_wrong_section_is_refused_in_words(raw, tmp_path):
    with pytest.raises(ConfigError, match="notes"):
        parse({"notes": raw}, tmp_path)


def test_denominations_are_read_as_cents():
    assert denominations.parse(("61=0.50", " 67=100", "6a=1")[:2]) == {0x61: 50, 0x67: 10_000}


def test_without_a_device_there_is_no_acceptor():
    assert make(Notes()) is None


def test_the_acceptor_is_shown_in_the_status_and_its_end_is_waited_for(bench, line):
    service = Service(Config(data_dir=bench.config.data_dir, notes=Notes(device=str(line.path))))
    assert bench.terminal.status()["devices"] == []
    service._start_acceptor(bench.terminal)

    def shown():
        return bench.terminal.status()["devices"]

    closed = {"name": "note acceptor", "kind": "notes", "state": "closed", "code": None}
    wait_until(lambda: shown() == [closed], 20, "the acceptor")
    line.unplug()
    wait_until(lambda: shown()[0]["code"] == "A-101", 20, "the unplugging")
    service.stop()
    line.plug()
    assert shown()[0]["state"] == "fault"


def test_a_note_that_nobody_counts_goes_back(bench, line):
    """The service found the acceptor open, with a note in escrow."""
    device = line.acceptor
    device.answer(0x40)
    device.answer(0xC0, b"\x00\x00")
    device.answer(0xC3, b"\x00")
    device.insert(2_000)
    for _question in range(6):
        device.answer(0x11)
    assert device.show()["state"] == "escrow"
    service = Service(Config(data_dir=bench.config.data_dir, notes=Notes(device=str(line.path))))
    service._start_acceptor(bench.terminal)
    wait_until(lambda: device.out == [2_000], 20, "the note")
    service.stop()
    assert not device.box


# -- doctor ----------------------------------------------------------------------------------------------------------


def finding(device):
    (found,) = doctor._notes(Config(notes=Notes(device=str(device))))
    return found


def test_an_acceptor_that_is_missing_or_silent_is_said(tmp_path, line):
    assert doctor._notes(Config()) == []
    assert finding(tmp_path / "none").level == doctor.WARN
    line.acceptor.faults.arm("silent")
    found = finding(line.path)
    assert (found.level, "A-101" in found.advice) == (doctor.FAIL, True)
    plain = tmp_path / "file"
    plain.touch()
    assert finding(plain).level == doctor.FAIL


def test_an_acceptor_that_answers_is_said_and_left_as_it_is(line):
    found = finding(line.path)
    assert (found.level, "power up" in found.text) == (doctor.OK, True)
    assert line.acceptor.show()["state"] == "power_up"


def test_an_acceptor_that_the_service_uses_is_said(bench, line):
    service = Service(Config(data_dir=bench.config.data_dir, notes=Notes(device=str(line.path))))
    service._start_acceptor(bench.terminal)
    wait_until(lambda: "in use" in finding(line.path).text, 20, "the service at the device")
    service.stop()
