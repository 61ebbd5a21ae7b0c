"""The simulated note acceptor by itself: every status that the protocol names, and where notes really are."""

from __future__ import annotations

import os
import select

import pytest

from simulators.faults import UnknownFault
from simulators.notes import acceptor as inside
from simulators.notes.acceptor import FOREIGN, AcceptorError, NoteAcceptor
from simulators.notes.frames import Unpacker, pack
from simulators.notes.line import NoteLine


@pytest.fixture
def device():
    made = NoteAcceptor()
    assert made.answer(inside.RESET) == (inside.ACK, b"")
    made.answer(0xC0, b"\x00\x00")
    assert made.answer(0xC3, b"\x00") == (0xC3, b"\x00")
    return made


def poll(device, times=1):
    """The statuses of some questions, repetitions left out."""
    shown = []
    for _time in range(times):
        status, _data = device.answer(inside.STATUS)
        if not shown or shown[-1] != status:
            shown.append(status)
    return shown


def to(device, status):
    """Ask until a status is shown; returns its data."""
    for _time in range(30):
        shown, data = device.answer(inside.STATUS)
        if shown == status:
            return data
    raise AssertionError(f"{status:02x} does not come")


def test_it_begins_with_power_up_and_needs_reset_and_settings():
    device = NoteAcceptor()
    assert poll(device, 3) == [inside.POWER_UP]
    device.answer(inside.RESET)
    assert poll(device, 3) == [inside.INITIALIZE]
    device.answer(0xC3, b"\x01")
    assert poll(device, 3) == [inside.DISABLED]


def test_a_note_passes_every_stage_and_is_in_the_box_at_the_sensor(device):
    device.insert(2_000)
    assert poll(device, 8) == [inside.IDLE, inside.ACCEPTING, inside.ESCROW]
    assert to(device, inside.ESCROW) == b"\x65"
    assert device.answer(inside.STACK_1) == (inside.ACK, b"")
    assert poll(device, 6) == [inside.STACKING, inside.VEND_VALID]
    assert device.box == {2_000: 1}
    assert device.answer(inside.ACK) is None
    assert poll(device, 6) == [inside.STACKED, inside.IDLE]


def test_a_note_is_held_until_somebody_decides_and_goes_back(device):
    device.insert(500)
    to(device, inside.ESCROW)
    assert poll(device, 20) == [inside.ESCROW]
    assert device.answer(inside.HOLD) == (inside.ACK, b"")
    device.answer(inside.RETURN)
    assert poll(device, 6) == [inside.RETURNING, inside.IDLE]
    assert (device.out, device.box) == ([500], {})


def test_it_repeats_vend_valid_until_it_is_acknowledged(device):
    device.faults.arm("unheard_ack")
    device.insert(500)
    to(device, inside.ESCROW)
    device.answer(inside.STACK_1)
    to(device, inside.VEND_VALID)
    device.answer(inside.ACK)
    assert poll(device, 3) == [inside.VEND_VALID]
    device.answer(inside.ACK)
    assert poll(device, 4) == [inside.STACKED, inside.IDLE]
    assert device.box == {500: 1}


@pytest.mark.parametrize(("cents", "reason"), [(FOREIGN, 0x76), (100, 0x79)])
def test_foreign_and_forbidden_notes_come_out_with_a_reason(device, cents, reason):
    device.answer(0xC0, b"\x01\x00")
    device.insert(cents)
    assert to(device, inside.REJECTING) == bytes([reason])
    to(device, inside.IDLE)
    assert device.out == [cents]


def test_a_command_at_the_wrong_time_is_invalid_and_does_nothing(device):
    for command in (inside.STACK_1, inside.RETURN, 0x77):
        assert device.answer(command) == (inside.INVALID, b"")
    assert device.answer(0xC0, b"\x00") == (inside.INVALID, b"")


def test_notes_wait_for_each_other(device):
    device.insert(500, 2)
    for _note in range(2):
        to(device, inside.ESCROW)
        device.answer(inside.STACK_1)
        to(device, inside.VEND_VALID)
        device.answer(inside.ACK)
    to(device, inside.IDLE)
    assert device.box == {500: 2}


@pytest.mark.parametrize(
    ("at", "status", "in_box"),
    [
        ("accepting", inside.POWER_UP_ACCEPTOR, 0),
        ("escrow", inside.POWER_UP_ACCEPTOR, 0),
        ("stacking", inside.POWER_UP_ACCEPTOR, 0),
        ("sensor", inside.POWER_UP_STACKER, 1),
        ("acked", inside.POWER_UP_STACKER, 1),
    ],
)
def test_at_power_up_it_says_where_the_note_lies(device, at, status, in_box):
    device.faults.arm("power_loss", at=at)
    device.insert(500)
    for _time in range(12):
        for command in (inside.STATUS, inside.STACK_1, inside.ACK):
            device.answer(command)
    assert device.answer(inside.STATUS) is None
    device.power_on()
    assert poll(device, 2) == [status]
    device.answer(inside.RESET)
    assert (device.box[500], len(device.out)) == (in_box, 1 - in_box)


@pytest.mark.parametrize(("at", "note"), [("rejecting", inside.FOREIGN), ("returning", 500)])
@pytest.mark.parametrize("forgets", [False, True])
def test_a_note_that_was_coming_back_when_the_power_went_comes_out(device, at, note, forgets):
    device.faults.arm("power_loss", at=at, forgets=forgets)
    device.insert(note)
    for _time in range(12):
        for command in (inside.STATUS, inside.RETURN):
            device.answer(command)
    assert device.answer(inside.STATUS) is None
    device.power_on()
    assert poll(device, 2) == [inside.POWER_UP if forgets else inside.POWER_UP_ACCEPTOR]
    assert device.out == ([note] if forgets else [])
    device.answer(inside.RESET)
    assert (dict(device.box), device.out) == ({}, [note])


def test_one_that_slips_or_is_forgotten_is_where_it_really_is(device):
    device.faults.arm("power_loss", at="stacking", slips=True, forgets=True)
    device.insert(500)
    to(device, inside.ESCROW)
    device.answer(inside.STACK_1)
    for _time in range(4):
        device.answer(inside.STATUS)
    device.power_on()
    assert poll(device) == [inside.POWER_UP]
    assert device.box == {500: 1}


def test_a_jam_stays_until_hands_free_it(device):
    device.faults.arm("jam_acceptor")
    device.insert(500)
    to(device, inside.JAM_ACCEPTOR)
    device.answer(inside.RESET)
    assert poll(device, 3) == [inside.JAM_ACCEPTOR]
    device.clear_jam()
    device.answer(inside.RESET)
    assert poll(device) == [inside.INITIALIZE]
    assert device.out == [500]
    with pytest.raises(AcceptorError):
        device.clear_jam()


def test_the_box_is_taken_with_what_is_in_it_and_put_back(device):
    device.box[500] = 3
    assert device.take_box() == {500: 3}
    assert poll(device, 2) == [inside.BOX_OPEN]
    device.answer(inside.RESET)
    assert poll(device) == [inside.BOX_OPEN]
    device.put_box()
    device.answer(inside.RESET)
    assert poll(device) == [inside.INITIALIZE]


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("burn", {}),
        ("pause", {"where": 1}),
        ("pause", {"at": "noon"}),
        ("lost", {"times": "1"}),
        ("slow", {"seconds": -1}),
    ],
)
def test_faults_that_do_not_exist_are_refused(device, kind, parameters):
    with pytest.raises(UnknownFault):
        device.faults.arm(kind, **parameters)


def test_hands_cannot_put_in_what_does_not_exist(device):
    for cents, pieces in ((7, 1), (500, 0), (500, 101)):
        with pytest.raises(AcceptorError):
            device.insert(cents, pieces)


def test_the_plug_answers_on_a_line_and_goes_and_comes(tmp_path):
    line = NoteLine(NoteAcceptor(), tmp_path / "acceptor")
    for _time in range(2):
        line.plug()
        port = os.open(line.path, os.O_RDWR | os.O_NOCTTY)
        os.write(port, b"\x00\xfc\x01" + pack(inside.STATUS))
        assert select.select([port], [], [], 10)[0]
        assert Unpacker().feed(os.read(port, 100)) == [(inside.POWER_UP, b"")]
        line.unplug()
        assert not line.path.exists()
        os.close(port)
