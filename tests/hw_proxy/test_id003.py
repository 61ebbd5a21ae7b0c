"""The driver's thread at a pseudo terminal: unplugging, silence, power cuts, a listener that fails."""

import contextlib

import pytest
from stack.processes import wait_until

from hw_proxy.notes import codes, id003
from hw_proxy.notes.acceptor import Kind
from hw_proxy.notes.id003 import Id003Acceptor
from simulators.notes.acceptor import FOREIGN
from tests.hw_proxy.id003_support import Rig


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path)
    yield made
    made.close()


@pytest.fixture
def opened(rig):
    return rig.start().opened()


def box(rig):
    return {cents: pieces for cents, pieces in rig.acceptor.box.items() if pieces}


def test_a_device_that_is_not_there_is_told_and_found_when_it_comes(rig):
    rig.line.unplug()
    rig.start()
    rig.until(Kind.FAULT)
    assert rig.ledger.fault_codes() == [codes.SILENT]
    assert rig.driver.status() == {"name": "notes", "kind": "notes", "state": "fault", "code": codes.SILENT}
    rig.line.plug()
    rig.until(Kind.CLEARED)
    rig.until(Kind.CLOSED)
    assert rig.driver.status()["state"] == "closed"


def test_a_device_that_is_unplugged_is_found_again_and_goes_on(opened):
    opened.line.unplug()
    opened.until(Kind.FAULT)
    opened.line.plug()
    opened.until(Kind.READY)
    opened.acceptor.insert(5_000)
    opened.until(Kind.STACKED)
    assert opened.ledger.counted == box(opened) == {5_000: 1}


def test_a_note_in_escrow_while_it_is_unplugged_is_not_lost(opened):
    opened.decide = None
    opened.acceptor.insert(2_000)
    opened.until(Kind.ESCROW)
    opened.line.unplug()
    opened.until(Kind.FAULT)
    opened.decide = True
    opened.line.plug()
    opened.until(Kind.STACKED)
    assert opened.ledger.counted == box(opened) == {2_000: 1}


@pytest.mark.parametrize("at", ["accepting", "escrow", "stacking", "sensor", "acked", "rejecting", "returning"])
def test_a_power_cut_at_any_point_ends_with_an_agreeing_box(opened, at):
    opened.acceptor.faults.arm("power_loss", at=at)
    opened.decide = at != "returning"
    opened.acceptor.insert(FOREIGN if at == "rejecting" else 2_000)
    wait_until(lambda: not opened.acceptor.powered, 20, "the power cut")
    opened.until(Kind.FAULT)
    opened.acceptor.power_on()
    opened.until(Kind.POWER_UP)
    opened.until(Kind.READY)
    assert opened.ledger.agrees_with(box(opened))
    assert opened.ledger.counted == box(opened)


@pytest.mark.parametrize("kind", ["lost", "garbled", "doubled", "unheard", "unheard_ack"])
def test_a_bad_line_costs_no_note(opened, kind):
    opened.acceptor.faults.arm(kind, times=3)
    opened.acceptor.insert(500, 3)
    opened.until(Kind.STACKED, 3)
    assert opened.ledger.counted == box(opened) == {500: 3}
    assert opened.ledger.fault_codes() == []


def test_a_device_that_falls_silent_is_told_and_cleared(opened):
    opened.acceptor.faults.arm("silent")
    opened.until(Kind.FAULT)
    opened.acceptor.faults.clear()
    opened.until(Kind.READY)
    assert opened.ledger.kinds() == [Kind.FAULT, Kind.CLEARED, Kind.READY]


def test_a_slow_device_is_waited_for(opened):
    opened.acceptor.faults.arm("slow", seconds=0.05)
    opened.acceptor.insert(500)
    opened.until(Kind.STACKED)
    assert opened.ledger.fault_codes() == []


def test_a_listener_that_fails_gets_the_note_again_and_the_device_waits_for_it(rig):
    failures = []

    def tell(event):
        if event.kind is Kind.STACKED and len(failures) < 2:
            failures.append(rig.acceptor.show()["state"])
            raise OSError("the disk is full")
        rig.tell(event)

    rig.start(tell).opened()
    rig.acceptor.insert(1_000)
    rig.until(Kind.STACKED)
    assert failures == ["vend_valid", "vend_valid"]
    assert rig.ledger.kinds().count(Kind.STACKED) == 1
    rig.acceptor.insert(500)
    rig.until(Kind.STACKED, 2)
    assert rig.ledger.counted == box(rig)


def test_a_string_of_notes_with_a_foreign_one_in_it(opened):
    for cents in (500, FOREIGN, 10_000):
        opened.acceptor.insert(cents)
    opened.until(Kind.STACKED, 2)
    assert opened.ledger.counted == box(opened) == {500: 1, 10_000: 1}
    assert opened.ledger.kinds().count(Kind.REJECTED) == 1


def test_at_the_end_the_acceptor_is_left_closed(opened):
    opened.driver.stop()
    opened.acceptor.insert(500)
    assert opened.acceptor.show()["state"] == "disabled"


def test_a_second_program_at_the_same_device_gets_nothing(opened):
    told = []
    second = Id003Acceptor("second", str(opened.line.path), retry=0.02)
    second.start(told.append)
    wait_until(lambda: told, 10, "the second program")
    second.stop()
    assert [event.kind for event in told] == [Kind.FAULT]
    opened.acceptor.insert(500)
    opened.until(Kind.STACKED)


def test_without_pyserial_the_acceptor_says_so(monkeypatch, tmp_path):
    monkeypatch.setattr(id003, "serial", None)
    told = []
    driver = Id003Acceptor("notes", str(tmp_path / "none"))
    driver.start(told.append)
    wait_until(lambda: told, 10, "the fault")
    with contextlib.suppress(RuntimeError):
        driver.stop()
    assert "pyserial" in told[0].detail
