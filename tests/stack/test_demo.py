"""The command line of script/demo: what it starts, and how it ends."""

import os
import signal

import pytest
from stack import demo
from stack.processes import ProcessError


class FakeDemo:
    """A demo that notes what is asked of it.

    :param str name: its database
    """

    made = None

    def __init__(self, name="prepaid_demo"):
        type(self).made = self
        self.name, self.folder, self.discarded, self.stopped = name, self, 0, False

    def exists(self):
        return True

    def discard(self):
        self.discarded += 1

    def prepare(self):
        raise ProcessError("no database")

    def stop_postgres(self):
        self.stopped = True


@pytest.fixture
def fake(monkeypatch):
    before = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(demo, "Demo", FakeDemo)
    yield FakeDemo
    for name, handler in before.items():
        signal.signal(name, handler)


def test_a_check_has_a_database_of_its_own_and_removes_it_at_the_end(fake, capsys):
    assert demo.main(["--check"]) == 1
    assert fake.made.name == f"prepaid_demo_check_{os.getpid()}"
    assert fake.made.discarded == 2
    assert fake.made.stopped
    assert "no database" in capsys.readouterr().err


def test_the_demo_of_people_keeps_its_data(fake):
    assert demo.main([]) == 1
    assert (fake.made.name, fake.made.discarded) == ("prepaid_demo", 0)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_it_also_where_the_shell_had_it_ignored(fake, capsys, monkeypatch, name):
    signal.signal(name, signal.SIG_IGN)
    monkeypatch.setattr(fake, "prepare", lambda self: os.kill(os.getpid(), name))
    assert demo.main([]) == 0
    assert "Stopped." in capsys.readouterr().out
    assert fake.made.stopped
