"""Cards that hang, drivers that fail and disks that come back: shown, survived, and no order lost."""

import threading
import time

import pytest

from hw_proxy.cards.transport import CardGone, CardSilent
from hw_proxy.config import Config, Limits, parse
from hw_proxy.devices.calls import CardHung
from hw_proxy.devices.pcsc import PcscInterface
from hw_proxy.devices.worker import Worker
from hw_proxy.errors import ConfigError, JournalError, Refusal
from hw_proxy.monitor import Monitor
from hw_proxy.supervisor import Supervised
from tests.hw_proxy.support import Bench, FakeCard, FakeSlot, card_memory

READ, CODE, WRITE = 0xB0, 0x20, 0xD0


class HangingCard(FakeCard):
    """A card whose reader hangs in the ``nth`` command with an instruction until :attr:`release` is set."""

    def __init__(self, memory=None):
        super().__init__(memory)
        self.release = threading.Event()
        self.hanging = threading.Event()
        self.hang_at = None
        self.afterwards = None

    def transmit(self, command):
        if self.hang_at == (command[1], self.count(command[1])):
            self.hang_at = None
            self.hanging.set()
            self.release.wait(20)
            if self.afterwards is not None:
                raise self.afterwards
        return super().transmit(command)

    def hang(self, instruction, nth=1):
        self.commands.clear()
        self.hang_at = (instruction, nth - 1)


@pytest.fixture
def bench(tmp_path):
    """A terminal whose patience is short, and its monitor."""
    made = Bench(tmp_path, HangingCard(), Config(data_dir=tmp_path, limits=Limits(card_timeout=0.3)))
    made.monitor = Monitor(made.terminal)
    first = made.card
    yield made
    first.release.set()
    made.close()


def watch_until(bench, condition, seconds=5):
    """Let the monitor look until a condition holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, bench.reader.status
        bench.monitor.look()
        bench.reader.tick()
        time.sleep(0.02)


def hang_in_a_write(bench, instruction, nth=1):
    """Send an order that hangs; its job and the order."""
    order, sealed = bench.order()
    bench.card.hang(instruction, nth)
    job = bench.terminal.jobs.write(order, sealed)
    assert bench.card.hanging.wait(5)
    return job, order, sealed


@pytest.mark.parametrize(("instruction", "nth"), [(CODE, 1), (WRITE, 1), (WRITE, 2), (WRITE, 3)])
def test_an_order_that_hangs_after_its_intent_ends_as_unknown(bench, instruction, nth):
    job, _order, _sealed = hang_in_a_write(bench, instruction, nth)
    watch_until(bench, lambda: bench.terminal.jobs.state(job)["state"] == "done")
    receipt = bench.claims(bench.terminal.jobs.state(job)["receipt"])
    assert (receipt["outcome"], receipt["code"]) == ("unknown", "C-205")
    assert bench.terminal.journal.open_intents() == []


def test_an_order_that_hangs_before_its_intent_is_void_and_never_carried_out(bench):
    job, order, sealed = hang_in_a_write(bench, READ)
    watch_until(bench, lambda: bench.terminal.jobs.state(job)["state"] == "done")
    receipt = bench.claims(bench.terminal.jobs.state(job)["receipt"])
    assert (receipt["outcome"], receipt["code"]) == ("void", "C-206")
    bench.card.release.set()
    watch_until(bench, lambda: bench.reader.status.state == "card")
    assert bench.write(order, sealed) == receipt
    assert bench.card.memory == card_memory()


@pytest.mark.parametrize("afterwards", [None, CardSilent("late"), CardGone("late")])
def test_a_call_that_comes_back_after_it_was_given_up_touches_the_card_no_more(bench, afterwards):
    bench.card.afterwards = afterwards
    job, _order, _sealed = hang_in_a_write(bench, WRITE)
    watch_until(bench, lambda: bench.terminal.jobs.state(job)["state"] == "done")
    first = bench.terminal.jobs.state(job)["receipt"]
    sent = len(bench.card.commands)
    bench.card.release.set()
    watch_until(bench, lambda: bench.card.closed)
    # The command that hung is the last of the old worker; everything else belongs to the new insertion.
    assert [command[1] for command in bench.card.commands[sent:]].count(WRITE) <= 1
    watch_until(bench, lambda: bench.reader.status.state == "card")
    assert bench.terminal.jobs.state(job)["receipt"] == first
    assert bench.terminal.journal.head()[0] == 1


def test_the_reader_serves_again_without_a_restart_once_the_call_has_come_back(bench):
    old = bench.ins
    hang_in_a_write(bench, WRITE, 2)
    watch_until(bench, lambda: bench.reader.status.state == "error")
    assert bench.reader.status.code == "C-206"
    bench.card.release.set()
    watch_until(bench, lambda: bench.reader.status.state == "card")
    assert bench.ins != old
    assert bench.write(op="rewrite")["outcome"] == "written"


def test_a_reader_plugged_in_anew_serves_although_the_old_call_still_hangs(bench):
    hang_in_a_write(bench, WRITE, 2)
    watch_until(bench, lambda: bench.reader.status.state == "error")
    hung = bench.card
    bench.reader.lost("P-107")
    bench.idle()
    assert bench.terminal.problems() == ["P-107"]
    bench.insert(FakeCard())
    assert bench.reader.status.state == "card"
    assert bench.write()["outcome"] == "written"
    hung.release.set()
    watch_until(bench, lambda: hung.closed)
    assert bench.reader.status.state == "card"


def test_a_snapshot_that_hangs_is_refused_and_shown(bench):
    bench.card.hang(READ)
    threading.Timer(0.5, bench.monitor.look).start()
    with pytest.raises(Refusal) as refusal:
        bench.terminal.snapshot("n")
    assert (refusal.value.code, bench.reader.status.state) == ("C-206", "error")


def test_a_card_that_hangs_while_it_is_taken_is_shown_and_taken_later(bench):
    bench.pull()
    card = HangingCard()
    card.hang(0xA4)
    bench.slot.card = card
    bench.reader.seen(True)
    watch_until(bench, lambda: bench.reader.status.state == "error")
    card.release.set()
    watch_until(bench, lambda: bench.reader.status.state == "card")


def test_what_hangs_shows_within_two_seconds_and_goes_by_itself(tmp_path):
    bench = Bench(tmp_path, HangingCard())
    monitor = bench.monitor = Monitor(bench.terminal)
    shown = []
    bench.terminal.events.publish = lambda event, data: shown.append((event, data))
    started = time.monotonic()
    job, _order, _sealed = hang_in_a_write(bench, WRITE)
    while bench.reader.status.code is None:
        monitor.look()
        time.sleep(0.05)
    assert time.monotonic() - started < 2
    assert (bench.reader.status.state, bench.reader.status.code) == ("busy", "C-206")
    assert any(event == "status" and data["readers"][0]["code"] == "C-206" for event, data in shown)
    bench.card.release.set()
    assert bench.wait(job)["outcome"] == "written"
    watch_until(bench, lambda: bench.reader.status.code is None)
    assert bench.reader.status.state == "card"
    bench.close()


def test_one_reader_that_hangs_leaves_the_other_alone(bench):
    other = FakeSlot(FakeCard(), "ACS Fake 01")
    reader = bench.terminal.interfaces[0].reader(other)
    reader.seen(True)
    hang_in_a_write(bench, WRITE)
    reader.run(lambda _insertion: None).result(5)
    ins = reader.status.ins
    receipt = bench.write(*bench.order(ins=ins, memory=bytes(other.card.memory)))
    assert (receipt["outcome"], receipt["ins"]) == ("written", ins)


def test_a_terminal_with_a_hanging_reader_can_be_ended(bench, monkeypatch):
    monkeypatch.setattr("hw_proxy.devices.reader._CLOSE_PATIENCE", 0.2)
    hang_in_a_write(bench, WRITE)
    started = time.monotonic()
    bench.close()
    assert time.monotonic() - started < 2


def test_a_driver_that_fails_at_a_card_shows_and_the_next_card_is_served(bench, monkeypatch):
    bench.pull()

    def bug(*_args):
        raise ValueError("bug")

    monkeypatch.setattr("hw_proxy.cards.registry.CardRegistry.probe", bug)
    bench.insert(FakeCard())
    watch_until(bench, lambda: bench.reader.status.state == "error")
    assert bench.reader.status.code == "P-114"
    assert bench.card.closed
    monkeypatch.undo()
    bench.pull()
    bench.insert(FakeCard())
    assert bench.reader.status.state == "card"


def test_a_worker_that_was_given_up_fails_what_waits(bench):
    worker = Worker("test")
    gate = threading.Event()
    running = worker.submit(lambda: gate.wait(10))
    waiting = worker.submit(lambda: None)
    time.sleep(0.05)
    back = threading.Event()
    worker.give_up(CardHung(), back.set)
    late = worker.submit(lambda: None)
    for future in (running, waiting, late):
        assert isinstance(future.exception(1), CardHung)
    gate.set()
    assert back.wait(5)
    assert worker.close(5)


def test_a_thread_that_dies_is_started_again():
    stopping = threading.Event()
    starts = []

    def work():
        starts.append(1)
        if len(starts) < 3:
            raise RuntimeError("bug")
        stopping.set()

    thread = Supervised("test", work, stopping, pause=0.01)
    thread.start()
    thread.join(5)
    assert len(starts) == 3


def test_a_card_service_that_does_not_answer_counts_as_down(bench, monkeypatch):
    interface = PcscInterface(None, lambda _status: None)
    interface._problem = None
    assert interface.problem() is None
    monkeypatch.setattr("hw_proxy.devices.pcsc._SILENCE", -1)
    assert interface.problem() == "P-108"
    bench.terminal.interfaces[:] = [interface]
    with pytest.raises(Refusal) as refusal:
        bench.terminal.snapshot("n")
    assert refusal.value.code == "P-108"


def test_too_little_patience_is_refused():
    with pytest.raises(ConfigError, match="card_timeout"):
        parse({"limits": {"card_timeout": 0.5}}, Config().data_dir)


# -- the disk --------------------------------------------------------------------------------------------------------


def test_a_disk_that_fails_stops_the_writing_shows_and_serves_again_by_itself(bench, monkeypatch):
    monkeypatch.setattr("hw_proxy.monitor.MEND_EVERY", 0)
    journal = bench.terminal.journal
    journal.rows("PRAGMA query_only = ON")
    with pytest.raises(JournalError):
        journal.put("x", "y")
    assert "P-110" in bench.terminal.problems()
    with pytest.raises(Refusal) as refusal:
        bench.terminal.jobs.write(*bench.order())
    assert refusal.value.code == "P-110"
    bench.monitor.look()
    assert "P-110" in bench.terminal.problems()
    journal.rows("PRAGMA query_only = OFF")
    bench.monitor.look()
    assert bench.terminal.problems() == []
    assert bench.write()["outcome"] == "written"


def test_an_outcome_that_could_not_be_journalled_is_journalled_when_the_disk_is_back(bench, monkeypatch):
    monkeypatch.setattr("hw_proxy.jobs.SETTLE_EVERY", 0)

    def bug(*_args):
        bench.terminal.journal.rows("PRAGMA query_only = ON")
        raise RuntimeError("bug")

    monkeypatch.setattr("hw_proxy.writer.Writer._verify", bug)
    order, sealed = bench.order()
    job = bench.terminal.jobs.write(order, sealed)
    watch_until(bench, lambda: bench.terminal.jobs.journal_fault)
    assert "P-110" in bench.terminal.problems()
    bench.terminal.journal.rows("PRAGMA query_only = OFF")
    watch_until(bench, lambda: bench.terminal.jobs.journal_fault is None)
    receipt = bench.claims(bench.terminal.jobs.state(job)["receipt"])
    assert (receipt["outcome"], receipt["seq"]) == ("unknown", 1)
