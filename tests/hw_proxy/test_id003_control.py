"""What is told and sent for what an acceptor says; the acceptor is simulated, the line is left out."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_proxy.notes import codes
from hw_proxy.notes.acceptor import Event, Kind, Position
from hw_proxy.notes.id003_control import Control
from hw_proxy.notes.id003_frames import Message, Status
from simulators.notes import acceptor
from simulators.notes.acceptor import FOREIGN
from tests.hw_proxy.id003_support import ALL, Desk

POINTS = ("accepting", "escrow", "stacking", "sensor", "acked")
BACK = ("rejecting", "returning")
"""Points at which a note comes back: one that the device does not know, one that nobody wants."""


def put_towards(desk, at):
    """Insert a note that comes to a point of the way."""
    desk.decide = at != "returning"
    desk.acceptor.insert(FOREIGN if at == "rejecting" else 2_000)


@pytest.fixture
def desk():
    return Desk().opened()


def notes(ledger):
    """The events that speak of notes."""
    wanted = (Kind.ESCROW, Kind.STACKED, Kind.RETURNED, Kind.REJECTED)
    return [(event.kind, event.denomination) for event in ledger.events if event.kind in wanted]


# -- what goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("at", [*POINTS, *BACK])
@pytest.mark.parametrize("slips", [False, True])
@pytest.mark.parametrize("forgets", [False, True])
@pytest.mark.parametrize("polls_without_power", [0, 30])
def test_after_a_power_cut_at_any_point_the_box_agrees_or_the_note_is_doubted(at, slips, forgets, polls_without_power):
    desk = Desk().opened()
    desk.acceptor.faults.arm("power_loss", at=at, slips=slips, forgets=forgets)
    put_towards(desk, at)
    for _round in range(60):
        desk.poll()
        if not desk.acceptor.powered:
            break
    desk.poll(polls_without_power)
    desk.acceptor.power_on()
    desk.until(Kind.POWER_UP)
    desk.until(Kind.READY)
    box = {cents: pieces for cents, pieces in desk.acceptor.box.items() if pieces}
    assert desk.ledger.agrees_with(box), (box, desk.ledger.events)
    if not forgets or at in BACK:
        assert desk.ledger.doubted == []
        assert desk.ledger.counted == box
    if at in BACK:
        assert (box, len(desk.acceptor.out)) == ({}, 1)
    desk.decide = True
    desk.acceptor.insert(500)
    desk.until(Kind.STACKED)
    desk.settle()
    assert desk.ledger.counted[500] == desk.acceptor.box[500] == 1


@pytest.mark.parametrize(
    ("at", "position"),
    [
        ("accepting", "escrow"),
        ("escrow", "escrow"),
        ("stacking", "escrow"),
        ("sensor", "stacker"),
        ("acked", "stacker"),
        ("rejecting", "escrow"),
        ("returning", "escrow"),
    ],
)
def test_the_power_up_says_where_the_note_lies(desk, at, position):
    desk.acceptor.faults.arm("power_loss", at=at)
    put_towards(desk, at)
    desk.poll(20)
    desk.acceptor.power_on()
    desk.until(Kind.POWER_UP)
    (event,) = (event for event in desk.ledger.events if event.kind is Kind.POWER_UP)
    assert event.position is Position(position)


@pytest.mark.parametrize(
    ("fault", "parameters", "code"),
    [
        ("jam_acceptor", {"at": "accepting"}, codes.JAM_IN_ACCEPTOR),
        ("jam_acceptor", {"at": "stacking"}, codes.JAM_IN_ACCEPTOR),
        ("jam_stacker", {"at": "before"}, codes.JAM_IN_STACKER),
        ("jam_stacker", {"at": "after"}, codes.JAM_IN_STACKER),
        ("failure", {}, codes.FAILURE),
        ("cheated", {}, codes.CHEATED),
        ("pause", {"at": "accepting"}, codes.PAUSED),
        ("pause", {"at": "stacking"}, codes.PAUSED),
        ("box_full", {}, codes.BOX_FULL),
    ],
)
@pytest.mark.parametrize("into_box", [False, True])
def test_a_fault_is_told_once_and_cleared_when_its_cause_is_gone(desk, fault, parameters, code, into_box):
    acceptor = desk.acceptor
    acceptor.faults.arm(fault, **parameters)
    acceptor.insert(1_000)
    desk.until(Kind.FAULT)
    desk.poll(5)
    assert [told for told in desk.ledger.fault_codes() if told != codes.UNCERTAIN] == [code]
    if fault == "pause":
        acceptor.take_second()
    elif fault == "box_full":
        acceptor.take_box()
        acceptor.put_box()
    elif fault != "cheated":
        # Nobody puts a note into the box that was not even judged.
        acceptor.clear_jam(into_box and desk.ledger.open_note is not None)
    desk.until(Kind.CLEARED)
    desk.until(Kind.READY)
    desk.settle()
    assert desk.ledger.agrees_with(acceptor.box), (acceptor.box, desk.ledger.events)
    assert desk.control.state() == "ready"


@pytest.mark.parametrize("polls", range(14))
def test_a_box_that_is_taken_out_at_any_moment_loses_no_note(desk, polls):
    desk.acceptor.insert(1_000)
    desk.poll(polls)
    taken = desk.acceptor.take_box()
    desk.until(Kind.FAULT)
    assert desk.ledger.fault_codes() == [codes.BOX_OPEN]
    desk.acceptor.put_box()
    desk.until(Kind.READY)
    desk.settle()
    boxes = Counter(taken) + desk.acceptor.box
    assert desk.ledger.agrees_with(boxes), (boxes, desk.ledger.events)
    assert boxes[1_000] + len(desk.acceptor.out) == 1


def test_silence_is_borne_for_a_while_and_then_told(desk):
    desk.acceptor.faults.arm("lost", times=7)
    desk.poll(7)
    assert desk.ledger.events == []
    desk.acceptor.faults.arm("silent")
    desk.until(Kind.FAULT)
    assert desk.ledger.fault_codes() == [codes.SILENT]
    desk.acceptor.faults.clear()
    desk.until(Kind.READY)
    assert [kind for kind in desk.ledger.kinds() if kind is not Kind.READY] == [Kind.FAULT, Kind.CLEARED]


@pytest.mark.parametrize("polls", range(16))
def test_silence_in_the_middle_of_a_note_doubts_it_until_the_device_speaks(desk, polls):
    desk.acceptor.insert(5_000)
    desk.poll(polls)
    desk.acceptor.faults.arm("silent")
    desk.until(Kind.FAULT)
    desk.acceptor.faults.clear()
    desk.until(Kind.READY)
    desk.settle()
    assert desk.ledger.agrees_with(desk.acceptor.box), desk.ledger.events


def test_a_device_that_never_tells_its_denominations_is_unfit(monkeypatch):
    desk = Desk()
    monkeypatch.setattr(desk.acceptor, "_currency", lambda: b"")
    desk.control.open(ALL)
    desk.until(Kind.FAULT)
    desk.settle()
    assert desk.ledger.fault_codes() == [codes.FAILURE]
    assert "notes.denominations" in desk.ledger.events[-1].detail


def test_a_device_that_does_not_know_a_setting_beside_the_denominations_still_works(monkeypatch):
    monkeypatch.setattr(acceptor, "SETTINGS", {0xC0: 2, 0xC3: 1})
    desk = Desk().opened()
    desk.acceptor.insert(500)
    desk.until(Kind.STACKED)


@pytest.mark.parametrize("missing", [0xC0, 0xC3])
def test_a_device_that_does_not_take_what_to_inhibit_is_unfit_until_it_does(monkeypatch, missing):
    known = {code: size for code, size in acceptor.SETTINGS.items() if code != missing}
    monkeypatch.setattr(acceptor, "SETTINGS", known)
    desk = Desk()
    desk.control.open(ALL)
    desk.settle()
    assert not set(desk.ledger.kinds()) & {Kind.READY, Kind.CLOSED}
    assert desk.ledger.fault_codes() == [codes.FAILURE]
    monkeypatch.undo()
    desk.until(Kind.READY)


def test_a_note_that_vanishes_in_the_middle_is_told_as_uncertain():
    control = Control({0x61: 100})
    told = []
    for code, data in ((Status.IDLING, b""), (Status.ESCROW, b"\x61")):
        told += control.see(Message(code, data))
    control.way.stack()
    told += control.see(Message(Status.STACKING)) + control.see(Message(Status.IDLING))
    assert [event.kind for event in told] == [Kind.ESCROW, Kind.FAULT, Kind.CLEARED]
    assert told[1].code == codes.UNCERTAIN


def test_a_late_repetition_of_a_note_that_is_over_counts_nothing():
    control = Control({0x61: 100})
    told = []
    for code, data in ((Status.IDLING, b""), (Status.ESCROW, b"\x61")):
        told += control.see(Message(code, data))
    control.way.stack()
    for code in (Status.STACKING, Status.VEND_VALID, Status.VEND_VALID, Status.STACKED, Status.IDLING):
        told += control.see(Message(code))
    told += control.see(Message(Status.VEND_VALID)) + control.see(Message(Status.STACKED))
    assert [event.kind for event in told].count(Kind.STACKED) == 1


@pytest.mark.parametrize("polls", range(16))
@pytest.mark.parametrize("decide", [True, False])
def test_a_service_that_dies_at_any_moment_learns_the_end_of_the_note(polls, decide):
    desk = Desk(decide=decide).opened()
    desk.acceptor.insert(2_000)
    desk.poll(polls)
    desk.restart()
    desk.until(Kind.READY)
    desk.settle()
    assert desk.ledger.counted == desk.acceptor.box == ({2_000: 1} if decide else {})
    assert desk.ledger.open_note is None
    if decide:
        assert desk.ledger.doubted == []


@pytest.mark.parametrize("at", [*POINTS, *BACK])
def test_after_a_power_cut_of_the_whole_kiosk_nothing_is_in_doubt(at):
    desk = Desk().opened()
    desk.acceptor.faults.arm("power_loss", at=at)
    put_towards(desk, at)
    for _round in range(30):
        if desk.acceptor.powered:
            desk.poll()
    desk.restart()
    desk.acceptor.power_on()
    desk.until(Kind.READY)
    assert desk.ledger.doubted == []
    assert desk.ledger.counted == {cents: pieces for cents, pieces in desk.acceptor.box.items() if pieces}


def test_a_note_that_was_stacked_while_the_service_was_away_is_told_without_its_worth():
    control = Control({0x61: 100})
    assert control.see(Message(Status.VEND_VALID)) == [Event(Kind.STACKED)]


@pytest.mark.parametrize("fault", [Status.PAUSE, Status.STACKER_OPEN, None])
def test_a_note_that_is_still_held_after_a_fault_is_told_as_held_once_more(fault):
    control = Control({0x61: 100, 0x63: 500})
    control.see(Message(Status.IDLING))
    told = control.see(Message(Status.ESCROW, b"\x61"))
    told += control.cut("silent") if fault is None else control.see(Message(fault))
    told += control.see(Message(Status.ESCROW, b"\x61"))
    assert [event.kind for event in told] == [Kind.ESCROW, Kind.FAULT, Kind.CLEARED, Kind.ESCROW]
    assert control.see(Message(Status.POWER_UP_ACCEPTOR)) == [Event(Kind.POWER_UP, position=Position.ESCROW)]
    assert control.see(Message(Status.INITIALIZE)) == [Event(Kind.RETURNED, 100)]


@pytest.mark.parametrize("decided", [False, True])
def test_another_note_in_escrow_after_a_silence_is_not_taken_for_the_first(decided):
    control = Control({0x61: 100, 0x63: 500})
    control.see(Message(Status.IDLING))
    control.see(Message(Status.ESCROW, b"\x61"))
    control.cut("silent")
    if decided:
        # The holder's word comes late.
        assert control.way.stack()
    told = control.see(Message(Status.ESCROW, b"\x63"))
    ends = [Kind.FAULT, Kind.CLEARED] if decided else [Kind.RETURNED]
    assert [event.kind for event in told] == [Kind.CLEARED, *ends, Kind.ESCROW]
    assert control.next() is None or control.next().code not in (0x41, 0x43)


# -- a note's way ----------------------------------------------------------------------------------------------------


def test_a_note_goes_into_the_box_and_is_told_once(desk):
    desk.acceptor.insert(2_000)
    desk.settle()
    assert notes(desk.ledger) == [(Kind.ESCROW, 2_000), (Kind.STACKED, 2_000)]
    assert desk.acceptor.box == {2_000: 1}


def test_a_note_that_nobody_decides_about_stays_in_escrow():
    desk = Desk(decide=None).opened()
    desk.acceptor.insert(2_000)
    desk.settle()
    assert notes(desk.ledger) == [(Kind.ESCROW, 2_000)]
    assert desk.control.state() == "busy"


def test_a_note_is_given_back():
    desk = Desk(decide=False).opened()
    desk.acceptor.insert(2_000)
    desk.settle()
    assert notes(desk.ledger) == [(Kind.ESCROW, 2_000), (Kind.RETURNED, 2_000)]
    assert (desk.acceptor.out, desk.acceptor.box) == ([2_000], {})


def test_several_notes_one_after_the_other_are_told_each(desk):
    for cents in (1_000, 500, 10_000, 500):
        desk.acceptor.insert(cents)
    desk.settle(120)
    assert [cents for kind, cents in notes(desk.ledger) if kind is Kind.STACKED] == [1_000, 500, 10_000, 500]
    assert desk.acceptor.box == {1_000: 1, 500: 2, 10_000: 1}


def test_a_foreign_note_and_one_that_is_not_wanted_are_rejected(desk):
    desk.control.open(frozenset({10_000}))
    desk.settle()
    desk.ledger.events.clear()
    desk.acceptor.insert(FOREIGN)
    desk.acceptor.insert(500)
    desk.settle()
    assert notes(desk.ledger) == [(Kind.REJECTED, None), (Kind.REJECTED, None)]
    assert [event.detail for event in desk.ledger.events if event.kind is Kind.REJECTED] == [
        "denomination not recognised",
        "inhibited",
    ]
    assert desk.acceptor.box == {}


def test_a_denomination_that_the_configuration_does_not_name_goes_back():
    desk = Desk(table={0x67: 10_000}).opened()
    # A device that ignores what it was told to inhibit.
    desk.acceptor._settings[0xC0] = b"\x00\x00"
    desk.acceptor.insert(500)
    desk.settle()
    assert notes(desk.ledger) == [(Kind.REJECTED, None)]
    assert (desk.acceptor.out, desk.acceptor.box) == ([500], {})


def test_a_note_put_in_while_closed_is_rejected():
    desk = Desk()
    desk.until(Kind.CLOSED)
    desk.acceptor.insert(2_000)
    desk.settle()
    assert notes(desk.ledger) == [(Kind.REJECTED, None)]
    assert (desk.acceptor.out, desk.acceptor.box) == ([2_000], {})


@pytest.mark.parametrize("polls", range(12))
def test_a_string_of_notes_ends_with_closing_and_the_last_is_told_to_its_end(desk, polls):
    desk.acceptor.insert(1_000, 6)
    desk.poll(polls)
    desk.ledger.events.clear()
    desk.control.close()
    desk.until(Kind.CLOSED)
    at = desk.ledger.kinds().index(Kind.CLOSED)
    assert not set(desk.ledger.kinds()[at:]) & {Kind.ESCROW, Kind.STACKED}
    desk.settle(120)
    assert desk.ledger.counted == {cents: pieces for cents, pieces in desk.acceptor.box.items() if pieces}
    assert desk.acceptor.box[1_000] <= 2


def test_closing_and_opening_are_answered_each_time(desk):
    for _time in range(3):
        desk.control.close()
        desk.until(Kind.CLOSED)
        desk.ledger.events.clear()
        desk.control.open(ALL)
        desk.until(Kind.READY)
        desk.ledger.events.clear()
    desk.control.open(ALL)
    desk.until(Kind.READY)


def test_opening_for_notes_that_the_device_does_not_know_is_told_as_closed(desk):
    desk.control.open(frozenset({77}))
    desk.until(Kind.CLOSED)
    assert "none of the wanted denominations" in desk.ledger.events[-1].detail


# -- everything at once ----------------------------------------------------------------------------------------------

LINE = [("lost", {}), ("garbled", {}), ("unheard", {}), ("unheard_ack", {}), ("lost", {"times": 3})]
TROUBLES = st.sampled_from(
    [
        *LINE,
        ("jam_acceptor", {"at": "accepting"}),
        ("jam_acceptor", {"at": "stacking"}),
        ("jam_stacker", {"at": "before"}),
        ("jam_stacker", {"at": "after"}),
        ("pause", {"at": "stacking"}),
        ("cheated", {}),
        *(("power_loss", {"at": at, "forgets": forgets}) for at in (*POINTS, *BACK) for forgets in (False, True)),
        ("power_loss", {"at": "stacking", "slips": True}),
        ("silent", {}),
    ]
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("insert"), st.sampled_from(sorted(ALL))),
        st.tuples(st.just("fault"), TROUBLES),
        st.tuples(st.just("poll"), st.integers(1, 25)),
        st.tuples(st.just("mend"), st.booleans()),
        st.tuples(st.just("restart"), st.none()),
    ),
    max_size=25,
)


def mend(acceptor, into_box=False):
    """Hands do what there is to do."""
    acceptor.faults.clear()
    acceptor.power_on()
    if acceptor.show()["state"] == "paused":
        acceptor.take_second()
    if acceptor._broken:
        acceptor.clear_jam(into_box)


@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_a_line_that_loses_and_garbles_never_costs_a_note(steps):
    desk = Desk().opened()
    for what, value in steps:
        if what == "insert":
            desk.acceptor.insert(value)
        elif what == "fault" and value in LINE:
            desk.acceptor.faults.arm(value[0], **value[1])
            desk.poll(4)
        elif what == "poll":
            desk.poll(value)
    desk.acceptor.faults.clear()
    desk.settle(400)
    assert desk.ledger.counted == desk.acceptor.box
    assert desk.ledger.doubted == []


@settings(max_examples=250, deadline=None)
@given(STEPS, st.booleans())
def test_whatever_goes_wrong_no_note_is_counted_that_is_not_there_and_none_is_forgotten(steps, late):
    """``late``: notes are decided about only now and then."""
    desk = Desk(decide=None if late else True).opened()
    for what, value in steps:
        if what == "insert":
            desk.acceptor.insert(value)
        elif what == "fault":
            desk.acceptor.faults.arm(value[0], **value[1])
        elif what == "poll":
            desk.poll(value)
            if late and value % 2:
                desk.control.way.stack()
        elif what == "restart":
            desk.restart()
        else:
            mend(desk.acceptor, into_box=value and desk.ledger.open_note is not None)
    mend(desk.acceptor)
    desk.decide = True
    desk.control.way.stack()
    desk.settle(300)
    mend(desk.acceptor)
    desk.settle(300)
    assert desk.control.state() == "ready"
    assert desk.ledger.agrees_with(desk.acceptor.box), (desk.acceptor.box, desk.ledger.events)
