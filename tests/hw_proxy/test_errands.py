"""Prints that Odoo asks the terminal for with a heartbeat: printed once, and told in the next heartbeats."""

import uuid

import pytest
from stack.processes import wait_until

from hw_proxy import tokens
from hw_proxy.config import Config, OdooServer
from hw_proxy.keys import Identity, TerminalKeys
from hw_proxy.odoo import OdooClient
from hw_proxy.pos import slip
from hw_proxy.pusher import Pusher
from hw_proxy.receipts import claims_of
from tests.hw_proxy.fake_odoo import OdooServer as FakeServer
from tests.hw_proxy.print_support import Printing
from tests.hw_proxy.support import Bench
from tests.hw_proxy.test_schemas import check


class Asking:
    """A terminal with a printer, and an Odoo that asks it for prints."""

    def __init__(self, folder):
        self.server = FakeServer()
        keys = TerminalKeys.generate()
        self.server.keys = (keys.ed25519, keys.x25519)
        config = Config(data_dir=folder, odoo=OdooServer(url=self.server.url, timeout=2))
        identity = Identity(keys, self.server.pairing(self.server.terminal))
        self.bench = Bench(folder, config=config, odoo=self.server, identity=identity)
        self.printing = Printing(self.bench)
        self.pusher = Pusher(self.bench.terminal, OdooClient(config.odoo))

    def ask(self, **changes):
        """Let Odoo ask for one print until it is told of its end; return its name."""
        token = self.printing.order(**changes)
        self.server.prints = [token]
        return claims_of(token)["jti"]

    def beat(self):
        """One heartbeat; what it told of prints."""
        assert self.pusher.sync()
        claims = self.server.heartbeats[-1]
        check("heartbeat", claims)
        return claims.get("prints", [])

    def told(self):
        """What is told in the end."""
        return wait_until(self.beat, 60, "an answer about the print")

    def slips(self):
        return len(self.printing.device.take_slips())

    def close(self):
        self.printing.close()
        self.bench.close()
        self.server.close()


@pytest.fixture
def asking(tmp_path, monkeypatch):
    monkeypatch.setattr("hw_proxy.pos.printer._PATIENCE", 1.0)
    monkeypatch.setattr(slip, "_SHORT_WAIT", 0.2)
    monkeypatch.setattr("hw_proxy.pos.printer._STATUS_WAIT", 0.2)
    made = Asking(tmp_path)
    yield made
    made.close()


def test_it_is_printed_once_however_often_odoo_asks_and_told_until_odoo_knows(asking):
    job = asking.ask()
    assert asking.beat() == [], "the heartbeat before knows nothing of it"
    end = [{"job": job, "state": "printed", "code": None}]
    assert asking.told() == end
    assert asking.beat() == end, "Odoo was busy, and asks again"
    asking.server.prints = []
    asking.beat()
    assert asking.beat() == []
    assert asking.slips() == 1


def test_its_end_is_told_at_once(asking):
    asking.ask()
    asking.beat()
    assert asking.bench.terminal.push_wanted.wait(60)


def test_an_answer_that_is_lost_is_given_again(asking):
    job = asking.ask()
    asking.beat()
    asking.server.broken = (503, {"code": "S-101", "message": "busy"})
    asking.printing.ended(job)
    assert not asking.pusher.sync()
    asking.server.broken = None
    assert asking.beat() == [{"job": job, "state": "printed", "code": None}]
    assert asking.slips() == 1


def test_without_paper_it_says_so(asking):
    asking.printing.device.set_paper("out")
    job = asking.ask()
    assert asking.told() == [{"job": job, "state": "not_printed", "code": "A-401"}]
    asking.printing.device.mend()
    asking.beat()
    assert not asking.slips(), "the same print is not begun again"


def test_a_printer_that_loses_its_power_in_the_middle_is_not_believed(asking):
    asking.printing.device.faults.arm("power_loss")
    job = asking.ask()
    assert asking.told() == [{"job": job, "state": "unknown", "code": "A-403"}]


def test_without_a_printer_it_says_so(asking):
    desk = asking.printing.desk
    printer, desk.printer = desk.printer, None
    job = asking.ask()
    wanted = asking.bench.terminal.push_wanted
    asking.beat()
    assert wanted.is_set()
    wanted.clear()
    assert asking.beat() == [{"job": job, "state": "not_printed", "code": "A-406"}]
    assert not wanted.is_set(), "it is told once at once, however long Odoo asks"
    desk.printer = printer


def test_one_that_was_being_printed_when_the_terminal_died_is_uncertain_and_not_printed_again(asking):
    job = asking.ask()
    terminal = asking.bench.terminal
    assert terminal.prints.book.begin(job, terminal.clock.now_ms())
    again = asking.bench.reopen()
    server = asking.server
    pusher = Pusher(again.terminal, OdooClient(again.config.odoo))
    for _time in range(2):
        assert pusher.sync()
    assert server.heartbeats[-1]["prints"] == [{"job": job, "state": "unknown", "code": "A-403"}]
    assert not asking.slips()
    again.close()


@pytest.mark.parametrize(
    "prints",
    [
        "x",
        {"job": 1},
        [None, 7, "x"],
        [tokens.sign(TerminalKeys.generate().signing, "print+jwt", {"jti": str(uuid.uuid4())})],
    ],
)
def test_what_is_no_print_order_is_left_alone(asking, prints):
    asking.server.prints = prints
    asking.beat()
    assert asking.beat() == []
    assert not asking.slips()


def test_an_order_that_is_too_old_is_not_printed_and_not_called_ended(asking):
    asking.ask(iat=1, exp=100)
    asking.beat()
    assert asking.beat() == []
    assert not asking.slips()
