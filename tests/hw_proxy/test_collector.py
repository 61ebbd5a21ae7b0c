"""Collecting note by note: what lies in the box is stated, once, whatever stops when."""

import contextlib
import itertools
import sqlite3
import uuid

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from hw_proxy import audit, crashpoints
from hw_proxy.errors import JournalError, Refusal
from hw_proxy.journal import Journal
from hw_proxy.keys import Identity, TerminalKeys
from hw_proxy.notes import collect
from hw_proxy.notes.acceptor import Event, Kind, Position
from hw_proxy.notes.book import NoteBook
from hw_proxy.notes.collector import DOUBT, Collector, State
from hw_proxy.receipts import claims_of
from tests.hw_proxy.note_machine import NoteMachine
from tests.hw_proxy.support import FakeOdoo, signed_clock

RECHARGE = "00000001-0000-4000-8000-000000000001"
OTHER = "00000001-0000-4000-8000-000000000002"
ODOO = FakeOdoo()
IDENTITY = Identity(TerminalKeys.generate(), ODOO.pairing())
CLOCK = signed_clock()


def order_for(recharge=RECHARGE, **changes):
    """A genuine collect order."""
    values = {"most": 20_000, "wait": 60, "session": "box-1", **changes}
    denominations = frozenset({1000, 2000, 5000, 10_000})
    return collect.CollectOrder(str(uuid.uuid4()), 3, 0, 60, recharge, denominations=denominations, **values)


class Desk:
    """A collector with a machine and a journal, and a clock that is moved by hand."""

    def __init__(self, path):
        self.path = path
        self.machine = NoteMachine()
        self.now = 1000.0
        self.begin()

    def begin(self):
        """A life of the service."""
        self.journal = Journal(self.path, IDENTITY.pairing.terminal)
        self.book = NoteBook(IDENTITY, self.journal, CLOCK)
        driver = self.machine.drive()
        self.collector = Collector(self.book, driver, self.now)
        driver.start(lambda event: self.collector.handle(event, self.now))

    def die(self):
        """The service's life ends without a word."""
        self.machine.driver.stop()
        self.journal.close()

    def restart(self):
        self.die()
        self.begin()

    def open(self, recharge=RECHARGE, **changes):
        order = order_for(recharge, **changes)
        self.collector.open(order, self.now)
        return order

    def insert(self, *notes, late=False):
        for note in notes:
            self.machine.insert(note, late)
            self.machine.move()

    def confirm(self, recharge=RECHARGE):
        self.collector.confirm(recharge, self.now)
        self.machine.settle()

    def tick(self, seconds=0.0):
        self.now += seconds
        self.collector.tick(self.now)

    @property
    def state(self):
        return self.collector.state

    def statements(self, recharge=None):
        tenders = self.book.tenders_of(recharge) if recharge else self.book.recent(10_000)[::-1]
        return [claims_of(tender.token) for tender in tenders]

    def stated(self):
        """Cents that all statements count, and cents of their uncertain notes."""
        claims = self.statements()
        doubt = sum(note["denomination"] for each in claims for note in each.get("uncertain", []))
        return sum(each["total"] for each in claims), doubt

    def full(self, yes=True):
        """Let the disk refuse to store, or store again."""
        self.journal.rows(f"PRAGMA query_only = {'ON' if yes else 'OFF'}")


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path / "journal.sqlite")
    yield made
    made.die()


def test_notes_are_counted_when_they_are_stacked_and_stated_when_confirmed(desk):
    desk.open()
    desk.insert(5000, 2000, 5000)
    assert (desk.state, desk.collector.taken.total) == (State.OPEN, 12_000)
    desk.confirm()
    assert desk.state is State.SUBMITTED
    (claims,) = desk.statements(RECHARGE)
    assert (claims["notes"], claims["total"], claims["seq"], claims["session"]) == (
        [{"denomination": 2000, "count": 1}, {"denomination": 5000, "count": 2}],
        12_000,
        1,
        "box-1",
    )
    assert "uncertain" not in claims
    assert audit.problems(desk.journal) == []


def test_a_note_in_escrow_is_journalled_before_it_is_stacked_and_does_not_count_yet(desk):
    desk.open()
    desk.machine.insert(5000)
    assert [note.denomination for note in desk.book.undecided()] == [5000]
    assert desk.machine.commands == ["open", "stack"]
    assert desk.collector.taken.total == 0


@pytest.mark.parametrize("note", [500, 10_000])
def test_a_note_that_is_not_wanted_or_too_much_goes_back(desk, note):
    desk.open(most=10_000)
    desk.insert(5000)
    desk.machine.takes |= {note}
    desk.insert(note)
    assert (desk.machine.box, desk.machine.out) == ([5000], [note])
    desk.confirm()
    assert desk.stated() == (5000, 0)


def test_a_note_that_comes_after_closing_goes_back(desk):
    desk.open()
    desk.insert(5000)
    desk.collector.confirm(RECHARGE, desk.now)
    desk.insert(2000, late=True)
    assert (desk.machine.out, desk.state) == ([2000], State.SUBMITTED)
    assert desk.stated() == (5000, 0)


def test_a_note_that_is_stacked_after_all_is_stated_once_more_for_the_same_order(desk):
    desk.open()
    desk.insert(5000)
    desk.confirm()
    desk.machine.stacks_by_itself = True
    desk.insert(2000, late=True)
    assert [claims["total"] for claims in desk.statements(RECHARGE)] == [5000, 2000]
    assert [claims["seq"] for claims in desk.statements(RECHARGE)] == [1, 2]


def test_the_last_note_is_waited_for(desk):
    desk.open()
    desk.machine.insert(5000)
    desk.collector.confirm(RECHARGE, desk.now)
    desk.tick()
    assert (desk.state, desk.statements()) == (State.CLOSING, [])
    desk.machine.move()
    assert desk.state is State.SUBMITTED
    assert desk.stated() == (5000, 0)


def test_the_time_out_begins_anew_with_each_note_and_submits_what_is_in(desk):
    desk.open(wait=60)
    desk.tick(59)
    desk.insert(5000)
    desk.tick(59)
    assert (desk.state, desk.collector.seconds_left(desk.now)) == (State.OPEN, 1)
    desk.tick(1)
    desk.machine.settle()
    assert desk.state is State.SUBMITTED
    assert desk.stated() == (5000, 0)


def test_a_time_out_without_money_states_nothing(desk):
    desk.open(wait=15)
    desk.tick(15)
    desk.machine.settle()
    assert (desk.state, desk.statements()) == (State.CLOSED, [])


def test_money_that_is_in_cannot_be_cancelled_nor_can_a_note_on_its_way(desk):
    desk.open()
    desk.machine.insert(5000)
    for _time in range(2):
        with pytest.raises(Refusal) as refusal:
            desk.collector.cancel(RECHARGE, desk.now)
        assert refusal.value.code == "A-204"
        desk.machine.move()
    assert desk.state is State.OPEN


def test_an_empty_collection_is_cancelled(desk):
    desk.open()
    desk.collector.cancel(RECHARGE, desk.now)
    desk.machine.settle()
    assert (desk.state, desk.statements()) == (State.CLOSED, [])


def test_another_order_waits_and_the_same_one_goes_on(desk):
    desk.open()
    desk.insert(5000)
    with pytest.raises(Refusal) as refusal:
        desk.open(OTHER)
    assert refusal.value.code == "A-202"
    desk.open()
    assert desk.collector.taken.total == 5000
    desk.confirm()
    desk.open(OTHER)
    assert desk.state is State.OPEN


def test_a_collect_order_opens_once(desk):
    order = desk.open()
    desk.confirm()
    desk.collector.open(order, desk.now)
    assert desk.machine.commands.count("open") == 1


def test_nothing_is_open_for_another_order(desk):
    desk.open()
    for call in (desk.collector.confirm, desk.collector.cancel):
        with pytest.raises(Refusal) as refusal:
            call(OTHER, desk.now)
        assert refusal.value.code == "A-203"


def test_a_fault_closes_and_states_what_is_in_and_opens_nothing_until_it_is_over(desk):
    desk.open()
    desk.insert(5000)
    desk.machine.tell(Event(Kind.FAULT, code="A-103"))
    assert (desk.state, desk.collector.code) == (State.SUBMITTED, "A-103")
    with pytest.raises(Refusal) as refusal:
        desk.open(OTHER)
    assert refusal.value.code == "A-103"
    desk.machine.tell(Event(Kind.CLEARED))
    desk.open(OTHER)


def test_a_note_that_a_fault_swallows_is_uncertain_after_a_while_and_never_counted_twice(desk):
    desk.open()
    desk.insert(2000)
    desk.machine.insert(5000)
    desk.machine.tell(Event(Kind.FAULT, code="A-103"))
    desk.tick(DOUBT - 1)
    assert desk.state is State.CLOSING
    desk.tick(1)
    assert desk.state is State.SUBMITTED
    assert desk.stated() == (2000, 5000)
    desk.machine.move()
    assert desk.machine.box == [2000, 5000]
    assert desk.stated() == (2000, 5000)


def test_a_note_that_a_fault_lets_through_counts(desk):
    desk.open()
    desk.machine.insert(5000)
    desk.machine.tell(Event(Kind.FAULT, code="A-103"))
    desk.machine.tell(Event(Kind.CLEARED))
    desk.machine.move()
    desk.tick()
    assert desk.stated() == (5000, 0)


def test_a_note_that_is_still_held_after_a_fault_goes_back_and_is_no_other_one(desk):
    desk.open()
    desk.insert(2000)
    desk.machine.insert(5000)
    desk.machine.tell(Event(Kind.FAULT, code="A-103"))
    desk.machine.tell(Event(Kind.CLEARED))
    desk.machine.tell(Event(Kind.ESCROW, 5000))
    desk.machine.move()
    desk.tick()
    assert (desk.machine.box, desk.machine.out) == ([2000], [5000])
    assert (desk.state, desk.stated()) == (State.SUBMITTED, (2000, 0))


def test_a_note_that_the_device_has_lost_is_uncertain_at_once(desk):
    desk.open()
    desk.machine.insert(5000)
    desk.machine.tell(Event(Kind.FAULT, code="A-109"))
    desk.machine.tell(Event(Kind.CLEARED))
    assert (desk.state, desk.stated()) == (State.SUBMITTED, (0, 5000))


def test_the_end_of_a_note_without_its_denomination_is_that_of_the_open_one(desk):
    desk.open()
    desk.machine.insert(5000)
    desk.restart()
    desk.machine.tell(Event(Kind.STACKED))
    desk.tick()
    assert desk.stated() == (5000, 0)
    desk.machine.tell(Event(Kind.STACKED))
    assert desk.stated() == (5000, 0)


def test_a_full_disk_gives_the_note_back_and_states_what_is_in_when_it_can(desk):
    desk.open()
    desk.insert(5000)
    desk.full()
    desk.insert(2000)
    assert (desk.machine.box, desk.machine.out) == ([5000], [2000])
    assert (desk.state, desk.collector.code) == (State.CLOSING, "A-205")
    desk.full(False)
    desk.tick()
    assert desk.state is State.SUBMITTED
    assert desk.stated() == (5000, 0)


def test_a_disk_that_fills_while_a_note_falls_loses_nothing(desk):
    desk.open()
    desk.machine.insert(5000)
    desk.full()
    desk.machine.move()
    desk.confirm()
    assert desk.state is State.CLOSING
    desk.full(False)
    desk.tick()
    assert desk.stated() == (5000, 0)


def test_a_note_that_could_not_be_written_down_closes_the_acceptor_at_once(desk):
    desk.open()
    desk.machine.insert(5000)
    desk.full()
    desk.machine.move()
    assert desk.machine.commands[-1] == "close"
    desk.insert(5000)
    assert (desk.machine.box, desk.machine.out) == ([5000], [5000])
    desk.restart()
    desk.machine.resume()
    desk.tick()
    assert desk.stated() == (0, 5000)


def test_a_full_disk_opens_nothing(desk):
    desk.full()
    with pytest.raises(Refusal) as refusal:
        desk.open()
    assert (refusal.value.code, desk.machine.commands) == ("A-205", [])


@pytest.mark.parametrize(
    ("where", "counted", "uncertain"),
    [("sensor", 7000, 0), ("escrow", 2000, 0), ("fell", 2000, 5000), ("pulled", 2000, 5000)],
)
def test_a_power_cut_is_decided_by_where_the_note_lies(desk, where, counted, uncertain):
    desk.open()
    desk.insert(2000)
    desk.machine.insert(5000)
    desk.machine.lose_power(where)
    desk.restart()
    desk.tick()
    assert desk.state is State.CLOSING
    desk.machine.power_up()
    desk.tick()
    assert desk.state is State.SUBMITTED
    assert desk.stated() == (counted, uncertain)
    assert audit.problems(desk.journal) == []


def test_a_note_behind_the_sensor_that_is_told_again_counts_once(desk):
    desk.open()
    desk.machine.insert(5000)
    desk.machine.lose_power("sensor")
    desk.restart()
    desk.machine.tell(Event(Kind.POWER_UP, position=Position.STACKER))
    desk.machine.arrive()
    desk.machine.settle()
    assert desk.stated() == (5000, 0)


def test_a_counted_note_that_still_lies_in_the_stacker_counts_once(desk):
    desk.open()
    desk.insert(5000)
    desk.restart()
    desk.machine.tell(Event(Kind.POWER_UP, position=Position.STACKER))
    desk.machine.tell(Event(Kind.STACKED, 5000))
    desk.machine.settle()
    desk.tick()
    assert desk.stated() == (5000, 0)


def test_a_note_that_is_told_again_to_the_next_life_counts_once(desk):
    desk.open()
    desk.insert(5000)
    desk.restart()
    desk.machine.tell(Event(Kind.STACKED, 5000))
    desk.machine.settle()
    desk.tick()
    assert desk.stated() == (5000, 0)


def test_what_is_certain_is_stated_by_itself_after_a_restart(desk):
    desk.open()
    desk.insert(5000, 1000)
    desk.restart()
    desk.tick()
    assert desk.state is State.SUBMITTED
    assert desk.stated() == (6000, 0)


def test_an_acceptor_that_stays_away_leaves_an_uncertain_note(desk):
    desk.open()
    desk.machine.insert(5000)
    desk.restart()
    desk.tick(DOUBT)
    assert desk.stated() == (0, 5000)
    assert desk.statements()[0]["notes"] == []


def test_a_power_cut_of_the_device_alone_ends_the_collection(desk):
    desk.open()
    desk.insert(2000)
    desk.machine.insert(5000)
    desk.machine.lose_power("sensor")
    desk.machine.power_up()
    assert desk.state is State.SUBMITTED
    assert desk.stated() == (7000, 0)


def test_what_was_changed_in_the_journal_shows(desk):
    desk.open()
    desk.insert(5000)
    desk.confirm()
    for change in (
        "UPDATE cash_notes SET denomination = 9999",
        "UPDATE cash_notes SET outcome = 'returned'",
        "DELETE FROM cash_notes",
        "UPDATE cash_tenders SET total = 1",
        "UPDATE cash_tenders SET token = token || 'x'",
        "DELETE FROM cash_tenders",
        "UPDATE cash_orders SET body = '{}'",
        "INSERT INTO cash_notes VALUES (99, 'x', 100, 'stack', 0, 'stacked', 99, NULL)",
    ):
        desk.journal.rows("BEGIN")
        desk.journal.rows(change)
        assert audit.problems(desk.journal), change
        desk.journal.rows("ROLLBACK")
    assert audit.problems(desk.journal) == []


def test_only_what_odoo_acknowledged_is_pruned(desk):
    for _time in range(3):
        desk.open()
        desk.insert(5000)
        desk.confirm()
    later = CLOCK.now_ms() + 1000
    assert desk.journal.prune(later) == 0
    second = desk.book.tenders_of(RECHARGE)[1]
    assert desk.book.acknowledge("box-1", 2, second.jti) is None
    assert desk.journal.prune(later) == 2
    assert [tender.token is None for tender in desk.book.tenders_of(RECHARGE)] == [True, True, False]
    assert [tender.seq for tender in desk.book.waiting(10)] == [3]
    assert audit.problems(desk.journal) == []
    assert int(desk.journal.get("pruned")) > 0
    desk.open()
    desk.insert(1000)
    desk.confirm()
    assert desk.book.recent(1)[0].seq == 4


def test_an_acknowledgement_that_does_not_fit_acknowledges_nothing_and_stops_the_session(desk):
    desk.open()
    desk.insert(5000)
    desk.confirm()
    assert desk.book.acknowledge("box-1", 2, str(uuid.uuid4()))
    assert desk.book.acknowledge("box-1", 1, str(uuid.uuid4()))
    assert desk.book.fault("box-1")
    assert desk.book.unacknowledged() == 1
    assert desk.book.acknowledge("box-1", 1, desk.book.recent(1)[0].jti) is None
    assert (desk.book.unacknowledged(), desk.book.fault("box-1")) == (0, None)
    assert desk.book.acknowledge("box-1", 0, None) is None
    assert desk.book.unacknowledged() == 1, "a restored database gets it again"


def test_a_journal_from_before_there_was_cash_is_taken_over(tmp_path):
    path = tmp_path / "old.sqlite"
    Journal(path, IDENTITY.pairing.terminal).close()
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = '1' WHERE key = 'version'")
        for table in ("cash_orders", "cash_notes", "cash_tenders", "cash_sessions"):
            db.execute(f"DROP TABLE {table}")
    db.close()
    with Journal.open_read_only(path) as old:
        assert audit.problems(old) == []
        assert NoteBook(IDENTITY, old, CLOCK).recent() == []
    desk = Desk(path)
    desk.open()
    desk.insert(5000)
    desk.confirm()
    assert desk.journal.get("version") == "2"
    assert audit.problems(desk.journal) == []
    desk.die()


class _Killed(BaseException):
    """The service died at a crash point."""


class Collecting(RuleBasedStateMachine):
    """People, power and the disk do what they like, and the service dies at every step."""

    folder = None

    def is_held(self):
        return self.desk.machine.held is not None

    @initialize()
    def begin(self):
        self.desk = Desk(self.folder / f"{uuid.uuid4()}.sqlite")
        self.armed = None
        self.told = set()
        self.odoo = {}

    def teardown(self):
        if not hasattr(self, "desk"):
            return
        self.quiet()
        counted, uncertain = self.desk.stated()
        box = sum(self.desk.machine.box)
        assert counted <= box <= counted + uncertain
        assert audit.problems(self.desk.journal) == []
        assert {tender.jti for tender in self.desk.book.recent(10_000)} >= self.told
        for _time in range(len(self.told) + 2):
            self.push()
        assert self.desk.book.unacknowledged() == 0
        assert sorted(tender.token for tender in self.odoo.values()) == sorted(
            tender.token for tender in self.desk.book.recent(10_000)
        )
        self.desk.die()

    def quiet(self):
        """Let everything come to its end."""
        self.armed = None
        self.desk.full(False)
        self.desk.machine.stacks_by_itself = False
        self.desk.machine.move()
        self.desk.tick(10 * DOUBT)
        self.desk.machine.settle()
        self.desk.tick(10 * DOUBT)

    def survive(self, work):
        """Do something; when the service dies of it, begin its next life with a device that kept its power."""
        try:
            work()
        except _Killed:
            self.armed = None
            self.desk.restart()
            self.survive(self.desk.machine.resume)

    def reach(self, point):
        if point == self.armed:
            raise _Killed

    def opened(self, recharge=RECHARGE, most=20_000):
        try:
            self.desk.open(recharge, most=most)
        except Refusal as refusal:
            assert refusal.code in ("A-202", "A-205")

    @rule(recharge=st.sampled_from([RECHARGE, OTHER]), most=st.sampled_from([3000, 20_000]))
    def opens(self, recharge, most):
        self.survive(lambda: self.opened(recharge, most))

    @rule(note=st.sampled_from([1000, 2000, 5000]), moves=st.booleans())
    def pays(self, note, moves):
        def work():
            self.opened()
            self.desk.machine.insert(note)
            if moves:
                self.desk.machine.move()

        self.survive(work)

    @precondition(lambda self: self.desk.collector.is_stored())
    @rule(note=st.sampled_from([500, 1000]))
    def inserts_late(self, note):
        self.survive(lambda: self.desk.machine.insert(note, late=True))

    @precondition(is_held)
    @rule()
    def moves(self):
        self.survive(self.desk.machine.move)

    @rule(recharge=st.sampled_from([RECHARGE, OTHER]), cancel=st.booleans())
    def ends(self, recharge, cancel):
        def work():
            call = self.desk.collector.cancel if cancel else self.desk.collector.confirm
            try:
                call(recharge, self.desk.now)
            except Refusal as refusal:
                assert refusal.code in ("A-203", "A-204")
            self.desk.machine.settle()

        self.survive(work)

    @rule(seconds=st.sampled_from([0, 1, 40, 61]))
    def waits(self, seconds):
        self.survive(lambda: self.desk.tick(seconds))

    @precondition(is_held)
    @rule(where=st.sampled_from(["fell", "sensor", "escrow", "pulled"]))
    def loses_power(self, where):
        self.desk.machine.lose_power(where)
        self.desk.restart()
        self.survive(self.desk.machine.power_up)

    @precondition(is_held)
    @rule()
    def fails(self):
        def work():
            self.desk.machine.tell(Event(Kind.FAULT, code="A-103"))
            self.desk.machine.tell(Event(Kind.CLEARED))
            self.desk.machine.tell(Event(Kind.ESCROW, self.desk.machine.held))

        self.survive(work)

    @precondition(is_held)
    @rule()
    def is_killed(self):
        self.desk.restart()
        self.survive(self.desk.machine.resume)

    @rule(point=st.sampled_from(crashpoints.CASH_POINTS))
    def will_be_killed(self, point):
        self.armed = point

    # A note in the box that nobody ordered and nobody can write down is lost.
    @precondition(lambda self: self.is_held() and not self.desk.machine.stacks_by_itself)
    @rule()
    def fills_the_disk(self):
        self.desk.full()

    @rule()
    def empties_the_disk(self):
        self.desk.full(False)

    @precondition(lambda self: self.desk.machine.held is None and self.desk.collector.collection is not None)
    @rule(yes=st.booleans())
    def stacks_against_orders(self, yes):
        self.desk.full(False)
        self.desk.machine.stacks_by_itself = yes

    @rule(lost=st.sampled_from(["request", "answer", "nothing"]))
    def pushes(self, lost):
        self.push(lost)

    @rule(keep=st.integers(0, 3))
    def odoo_is_restored(self, keep):
        self.odoo = dict(list(self.odoo.items())[:keep])

    def push(self, lost="nothing"):
        """One synchronisation, with requests and answers that get lost on their way."""
        book = self.desk.book
        if lost != "request":
            self.odoo.update({(tender.session, tender.seq): tender for tender in book.waiting(3)})
        if lost != "nothing":
            return
        for session in book.sessions():
            seq = next(seq for seq in itertools.count() if (session, seq + 1) not in self.odoo)
            with contextlib.suppress(JournalError):
                fault = book.acknowledge(session, seq, self.odoo[session, seq].jti if seq else None)
                assert fault is None

    @invariant()
    def a_statement_that_was_shown_stays(self):
        shown = {tender.jti for tender in self.desk.book.recent(10_000)}
        assert shown >= self.told
        self.told = shown

    @invariant()
    def no_more_is_counted_than_is_in_the_box(self):
        assert self.desk.stated()[0] <= sum(self.desk.machine.box) + (self.desk.machine.way or 0)


def test_money_in_the_box_is_stated_once_whatever_happens(tmp_path, monkeypatch):
    machines = []

    class Here(Collecting):
        folder = tmp_path

        @initialize()
        def begin(self):
            super().begin()
            machines.append(self)

    monkeypatch.setattr(crashpoints, "reach", lambda point: machines and machines[-1].reach(point))
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=150,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
