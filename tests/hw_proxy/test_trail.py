"""The trail: each note with its end, and each step of a write, told to Odoo once it asks, and to nobody else."""

import json

import pytest

from hw_proxy.notes.acceptor import Event, Kind
from hw_proxy.odoo import OdooClient
from hw_proxy.pusher import Pusher
from hw_proxy.receipts import claims_of
from hw_proxy.trail import MOST_ROWS
from tests.hw_proxy.print_support import Printing
from tests.hw_proxy.support import PSC, silent
from tests.hw_proxy.test_cash import RECHARGE, kiosk, server
from tests.hw_proxy.test_schemas import check

__all__ = ["kiosk", "server"]


def told(server, kind="note"):
    """What Odoo was told of notes or writes, oldest first."""
    return [row for row in server.trail.values() if row["kind"] == kind]


def ends(server):
    return [(row["denomination"], row["end"], row["wish"]) for row in told(server)]


def test_every_note_is_told_with_its_end_whatever_it_was(kiosk, server):
    kiosk.open(most=10_000)
    kiosk.pay(5_000)
    kiosk.pay(10_000)
    kiosk.machine.insert(300)
    kiosk.machine.insert(2_000)
    kiosk.machine.tell(Event(Kind.FAULT, code="A-109"))
    assert kiosk.push()
    notes = told(server)
    assert ends(server) == [
        (5_000, "stacked", "stack"),
        (10_000, "returned", "return"),
        (300, "rejected", None),
        (2_000, "uncertain", "stack"),
    ]
    assert {row["recharge"] for row in notes} == {RECHARGE}
    now = kiosk.bench.terminal.clock.now_ms()
    assert all(now - 60_000 < row["at"] <= row["done"] <= now for row in notes)
    for report in server.reports:
        check("trail", report)


def test_a_note_that_came_out_is_told_although_nothing_was_taken(kiosk, server):
    kiosk.open()
    kiosk.machine.tell(Event(Kind.REJECTED, detail="not recognised\n"))
    kiosk.good("cancel", {"recharge": RECHARGE})
    kiosk.machine.settle()
    assert kiosk.state()["tenders"] == []
    kiosk.machine.tell(Event(Kind.REJECTED, detail="x" * 500))
    assert kiosk.push()
    assert [(row["recharge"], row["denomination"], row["end"]) for row in told(server)] == [
        (RECHARGE, None, "rejected"),
        (None, None, "rejected"),
    ]
    assert [row["reason"] for row in told(server)] == ["not recognised", "x" * 64]


def test_a_note_that_is_over_is_not_told_once_more_after_a_restart(kiosk, server):
    kiosk.open(most=5_000)
    kiosk.pay(10_000)
    kiosk.restart()
    kiosk.machine.tell(Event(Kind.RETURNED))
    kiosk.push()
    assert ends(server) == [(10_000, "returned", "return")]


def test_an_odoo_from_before_is_told_nothing_and_everything_once_it_asks(kiosk, server):
    server.takes_trail = False
    kiosk.open()
    kiosk.pay(5_000)
    assert kiosk.push()
    assert kiosk.push()
    assert server.reports == []
    server.takes_trail = True
    assert kiosk.push()
    assert ends(server) == [(5_000, "stacked", "stack")]


def test_what_odoo_has_is_sent_once_and_what_it_has_not_taken_again_under_the_same_names(kiosk, server, monkeypatch):
    kiosk.open()
    kiosk.pay(5_000)
    kiosk.push()
    kiosk.push()
    assert len(server.reports) == 1
    kiosk.pay(2_000)
    taken = server.take_trail
    monkeypatch.setattr(server, "take_trail", lambda token, issuer: taken(token, issuer) and None)
    assert kiosk.push()
    monkeypatch.setattr(server, "take_trail", taken)
    assert kiosk.push()
    assert len(server.reports) == 3
    assert len(server.trail) == 2


def test_after_a_restore_it_is_told_again(kiosk, server):
    kiosk.open()
    kiosk.pay(5_000)
    kiosk.push()
    server.trail.clear()
    server.epoch += 1
    kiosk.push()
    kiosk.push()
    assert ends(server) == [(5_000, "stacked", "stack")]


def test_many_rows_go_in_parts(kiosk, server, monkeypatch):
    monkeypatch.setattr("hw_proxy.trail.MOST_TEXT", 4_000)
    kiosk.push()
    kiosk.open()
    for _note in range(2 * MOST_ROWS):
        kiosk.machine.tell(Event(Kind.REJECTED, detail="x" * 64))
    assert kiosk.push()
    assert len(told(server)) == 2 * MOST_ROWS
    assert len(server.reports) > 2
    assert max(len(json.dumps(report)) for report in server.reports) < 6_000


def test_old_rows_go_whether_told_or_not(kiosk, server):
    kiosk.open()
    kiosk.pay(5_000)
    trail = kiosk.bench.terminal.trail
    trail.prune(kiosk.bench.terminal.clock.now_ms() - 60_000)
    assert trail.report(server.epoch)
    trail.prune(kiosk.bench.terminal.clock.now_ms() + 1)
    assert trail.report(server.epoch) is None


def test_asking_for_what_odoo_lacks_does_not_read_what_it_has(kiosk):
    terminal, done = kiosk.bench.terminal, []
    terminal.journal._db.set_trace_callback(done.append)
    terminal.trail.report(1)
    terminal.trail.prune(0)
    terminal.journal._db.set_trace_callback(None)
    assert len(done) == 2
    for statement in done:
        plan = [row[-1] for row in terminal.journal.rows(f"EXPLAIN QUERY PLAN {statement}")]
        assert not [step for step in plan if step.startswith("SCAN")], plan
        assert [step for step in plan if "INDEX trail_" in step], plan


def test_a_journal_of_before_gets_the_indexes(kiosk):
    journal = kiosk.bench.terminal.journal
    journal.rows("DROP INDEX trail_told")
    journal.rows("DROP INDEX trail_at")
    kiosk.restart()
    test_asking_for_what_odoo_lacks_does_not_read_what_it_has(kiosk)


def test_a_trail_that_cannot_be_stored_keeps_no_note_out(kiosk):
    kiosk.open()
    kiosk.bench.terminal.journal.rows("DROP TABLE trail")
    kiosk.machine.tell(Event(Kind.REJECTED, detail="not recognised"))
    assert kiosk.state()["state"] == "open"


@pytest.fixture
def printing(kiosk):
    made = Printing(kiosk.bench)
    yield made
    made.close()


@pytest.mark.parametrize(
    "breaks",
    [
        "CREATE TRIGGER breaks BEFORE UPDATE ON trail BEGIN SELECT RAISE(ABORT, 'broken'); END",
        "ALTER TABLE trail RENAME TO elsewhere",
    ],
    ids=["cannot be marked", "cannot be read"],
)
def test_a_trail_that_is_broken_keeps_neither_money_nor_prints_nor_receipts_back(kiosk, server, printing, breaks):
    kiosk.push()
    receipt = kiosk.bench.write()
    kiosk.open()
    kiosk.pay(5_000)
    kiosk.confirm()
    journal = kiosk.bench.terminal.journal
    journal.rows(breaks)
    order = printing.order()
    server.prints = [order]
    assert kiosk.push()
    assert printing.ended(claims_of(order)["jti"]) == ("printed", None)
    assert [claims_of(token)["attempt"] for token in server.receipts.values()] == [receipt["attempt"]]
    assert journal.acknowledged() == 1
    assert kiosk.bench.terminal.cash.book.unacknowledged() == 0
    journal.rows("DROP TRIGGER breaks" if "TRIGGER" in breaks else "ALTER TABLE elsewhere RENAME TO trail")
    assert kiosk.push()
    assert ends(server) == [(5_000, "stacked", "stack")], "once, however often it was told"
    assert kiosk.bench.terminal.trail.report(server.epoch) is None


# -- writes ------------------------------------------------------------------------------------------------------


def steps(kiosk, server):
    """The steps of the only write, after a synchronisation."""
    assert Pusher(kiosk.bench.terminal, OdooClient(kiosk.bench.config.odoo)).sync()
    for report in server.reports:
        check("trail", report)
    (row,) = told(server, "write")
    return row["attempt"], [(step["step"], step["status"]) for step in row["steps"]]


def test_the_steps_of_a_write_are_told_with_the_cards_last_word(kiosk, server):
    receipt = kiosk.bench.write()
    attempt, done = steps(kiosk, server)
    assert attempt == receipt["attempt"]
    assert done[0] == ("check", "9000") and done[-1] == ("verify", "9000")
    assert ("unlock", "9007") in done and ("write", "9000") in done


def test_what_the_card_refused_is_told_and_the_code_is_not(kiosk, server):
    kiosk.bench.card.trouble = lambda command: b"\x65\x81" if command[1] == 0xD0 else None
    assert kiosk.bench.write()["outcome"] == "not_written"
    _attempt, done = steps(kiosk, server)
    assert done[-2:] == [("write", "6581"), ("verify", "9000")]
    assert PSC.hex() not in json.dumps(server.reports)


def test_a_step_without_an_answer_has_no_word(kiosk, server):
    kiosk.bench.card.trouble = lambda command: silent(command) if command[1] == 0x20 else None
    kiosk.bench.write()
    _attempt, done = steps(kiosk, server)
    assert ("unlock", None) in done


def test_a_card_that_goes_leaves_the_step_at_which_it_went(kiosk, server):
    kiosk.bench.card.trouble = lambda command: kiosk.bench.card.pull() if command[1] == 0xD0 else None
    assert kiosk.bench.write()["outcome"] == "unknown"
    _attempt, done = steps(kiosk, server)
    assert done[-1][0] == "write"


def test_an_order_that_met_no_card_has_no_steps(kiosk, server):
    kiosk.bench.write(ins="f" * 32)
    kiosk.push()
    assert told(server, "write") == []
