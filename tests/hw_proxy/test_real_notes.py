"""The note acceptor at the real service."""

import pytest

from simulators.notes.acceptor import NoteAcceptor
from simulators.notes.line import NoteLine
from tests.hw_proxy.real import RealTerminal

pytestmark = pytest.mark.hardware


@pytest.fixture
def line(tmp_path):
    made = NoteLine(NoteAcceptor(), tmp_path / "note-acceptor")
    made.plug()
    yield made
    made.close()


@pytest.fixture
def real(pcsc, tmp_path, line):
    made = RealTerminal(tmp_path, pcsc, extra=f'[notes]\ndevice = "{line.path}"\n')
    made.pair()
    made.start()
    yield made
    made.close()


def test_the_status_shows_the_acceptor_and_what_is_wrong_with_it(real, line):
    def state():
        (device,) = real.ask("status")["devices"]
        return device["state"], device["code"]

    real.until(lambda: state() == ("closed", None))
    line.acceptor.take_box()
    real.until(lambda: state() == ("fault", "A-105"))
    line.acceptor.put_box()
    real.until(lambda: state() == ("closed", None))
    line.unplug()
    real.until(lambda: state() == ("fault", "A-101"))
    line.plug()
    real.until(lambda: state() == ("closed", None))
    done = real.command("doctor")
    assert "note acceptor: " in done.stdout
    assert "in use by the service" in done.stdout


def test_after_a_crash_the_acceptor_is_closed_again(real, line):
    real.until(lambda: real.ask("status")["devices"][0]["state"] == "closed")
    real.process.kill()
    # Somebody had opened it.
    line.acceptor.answer(0xC3, b"\x00")
    assert line.acceptor.show()["state"] == "idle"
    real.start()
    real.until(lambda: line.acceptor.show()["state"] == "disabled")
