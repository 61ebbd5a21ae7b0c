"""The journal: it survives crashes, shows tampering, and forgets nothing that matters."""

import json
import sqlite3
import uuid

import pytest

from hw_proxy import audit
from hw_proxy.config import Config, Limits
from hw_proxy.errors import JournalError, Refusal
from hw_proxy.journal import AlreadyKnown, Intent, Journal
from hw_proxy.tokens import digest
from tests.hw_proxy.support import PSC, Bench

TERMINAL = "11111111-1111-4111-8111-111111111111"


def intent(attempt="a", at=1):
    return Intent(attempt, f"order-{attempt}", "R1", "i" * 32, "sle4442_demo", "1.0", {"memory": "00"}, at)


def close(journal, attempt="a", outcome="written", with_intent=True, at=2, serial="R1"):
    return journal.close_attempt(
        attempt, serial, outcome, None, at, lambda seq, prev: f"receipt-{seq}-{prev}", with_intent
    )


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal.sqlite"


@pytest.fixture
def journal(path):
    made = Journal(path, TERMINAL)
    yield made
    made.close()


def fill(journal, count=3):
    for number in range(count):
        journal.open_intent(intent(str(number)))
        close(journal, str(number), at=number + 10)


def acknowledge(journal, seq):
    """What an acknowledgement by an Odoo that holds these very receipts does."""
    journal.acknowledge(seq, journal.hash_of(seq))


def test_receipts_are_numbered_and_chained_from_the_terminal_s_uuid(journal):
    fill(journal, 2)
    first, second = journal.waiting()
    assert first.token == f"receipt-1-{digest(TERMINAL)}"
    assert second.token == f"receipt-2-{digest(first.token)}"
    assert journal.head() == (2, digest(second.token))


def test_an_attempt_gets_one_receipt_only(journal):
    journal.open_intent(intent())
    first = close(journal)
    assert close(journal, outcome="unknown") == first
    with pytest.raises(AlreadyKnown):
        journal.open_intent(intent())


def test_an_attempt_with_an_intent_cannot_be_voided(journal):
    journal.open_intent(intent())
    with pytest.raises(AlreadyKnown):
        close(journal, outcome="void", with_intent=False)
    assert journal.head()[0] == 0


def test_a_receipt_that_cannot_be_signed_leaves_the_intent_open(journal):
    journal.open_intent(intent())
    with pytest.raises(ZeroDivisionError):
        journal.close_attempt("a", "R1", "written", None, 2, lambda seq, _prev: str(seq / 0), True)
    assert [item.attempt for item in journal.open_intents()] == ["a"]
    assert audit.problems(journal) == []


def test_a_read_only_disk_is_an_error_of_the_journal(journal, path):
    journal.rows("PRAGMA query_only = ON")
    with pytest.raises(JournalError):
        journal.open_intent(intent())
    with pytest.raises(JournalError):
        journal.probe()


def test_a_full_disk_is_an_error_of_the_journal(journal):
    pages = journal.rows("PRAGMA page_count")[0][0]
    journal.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(JournalError):
        for number in range(200):
            journal.open_intent(intent(str(number)))


def test_the_journal_of_another_terminal_is_refused(journal, path):
    journal.close()
    with pytest.raises(JournalError):
        Journal(path, str(uuid.uuid4()))


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "bad.sqlite"
    path.write_bytes(b"not a database" * 100)
    with pytest.raises(JournalError):
        Journal(path, TERMINAL)


def test_a_whole_journal_has_no_problems(journal):
    fill(journal)
    journal.open_intent(intent("open"))
    assert audit.problems(journal) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET body = replace(body, 'written', 'unknown') WHERE id = 2",
        "UPDATE entries SET at = at + 1 WHERE id = 1",
        "DELETE FROM entries WHERE id = 3",
        "DELETE FROM entries WHERE id = 7",
        "UPDATE receipts SET token = 'receipt' WHERE seq = 1",
        "UPDATE receipts SET outcome = 'void' WHERE seq = 2",
        "DELETE FROM receipts WHERE seq = 3",
        "DELETE FROM intents",
        "UPDATE intents SET body = replace(body, 'sle4442', 'sle5542')",
        "UPDATE receipts SET seq = 9 WHERE seq = 3",
    ],
)
def test_tampering_shows(journal, path, statement):
    fill(journal)
    journal.open_intent(intent("open"))
    with sqlite3.connect(path) as other:
        other.execute(statement)
    other.close()
    assert audit.problems(journal) != []


def test_a_truncated_file_shows(journal, path):
    fill(journal, 40)
    journal.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    journal.close()
    path.write_bytes(path.read_bytes()[:8192])
    with Journal.open_read_only(path) as damaged:
        assert audit.problems(damaged) != []


def test_only_an_acknowledgement_lets_receipts_be_shortened(journal):
    fill(journal)
    assert journal.prune(100) == 0
    acknowledge(journal, 2)
    assert journal.prune(100) == 2
    assert [stored.seq for stored in journal.waiting()] == [3]
    assert journal.receipt("0").token is None
    assert audit.problems(journal) == []
    fill_more = intent("later")
    journal.open_intent(fill_more)
    close(journal, "later")
    assert audit.problems(journal) == []
    assert journal.head()[0] == 4


def test_shortening_keeps_young_receipts(journal):
    fill(journal)
    acknowledge(journal, 3)
    assert journal.prune(11) == 1


def test_shortening_everything_leaves_a_chain_that_goes_on(journal):
    fill(journal)
    acknowledge(journal, 3)
    assert journal.prune(1000) == 3
    assert audit.problems(journal) == []
    journal.open_intent(intent("next"))
    assert close(journal, "next").seq == 4
    assert audit.problems(journal) == []


def test_a_shortened_attempt_is_still_known(journal):
    fill(journal, 1)
    acknowledge(journal, 1)
    journal.prune(1000)
    with pytest.raises(AlreadyKnown):
        journal.open_intent(intent("0"))


def test_a_lower_acknowledgement_brings_the_receipts_back(journal):
    fill(journal)
    acknowledge(journal, 3)
    assert journal.waiting() == []
    acknowledge(journal, 1)
    assert [stored.seq for stored in journal.waiting()] == [2, 3]


def test_an_acknowledgement_beyond_the_end_means_an_old_copy(journal):
    fill(journal)
    with pytest.raises(JournalError, match="old copy"):
        acknowledge(journal, 4)


def test_unresolved_counts_what_nobody_knows_and_odoo_was_not_told(journal):
    journal.open_intent(intent("1"))
    assert journal.counts().unresolved == 1
    close(journal, "1", "unknown")
    assert journal.counts().unresolved == 1
    journal.open_intent(intent("2"))
    close(journal, "2", "written")
    assert journal.counts().unresolved == 0
    journal.open_intent(intent("3"))
    close(journal, "3", "unknown", serial="R2")
    assert journal.counts().unresolved == 1
    acknowledge(journal, 3)
    assert journal.counts().unresolved == 0


def test_an_interrupted_attempt_becomes_unknown_exactly_once(bench):
    bench.terminal.journal.open_intent(
        Intent(str(uuid.uuid4()), bench.order()[0], "R1", bench.ins, "sle4442_demo", "1.0", bench_before(bench), 5)
    )
    again = bench.reopen()
    token = again.terminal.receipts(0)[0]
    receipt = again.claims(token)
    assert (receipt["outcome"], receipt["code"], receipt["after"]) == ("unknown", "C-205", None)
    assert receipt["intent_at"] == 5
    third = again.reopen()
    assert third.terminal.receipts(0) == [token]
    third.close()


def bench_before(bench):
    return {"memory": bytes(bench.card.memory).hex(), "tries": 3, "digest": digest(bytes(bench.card.memory))}


def test_the_code_of_a_card_is_nowhere_in_the_files(bench, tmp_path):
    bench.write()
    bench.terminal.journal.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    for file in tmp_path.iterdir():
        data = file.read_bytes()
        assert PSC not in data
        assert PSC.hex().encode() not in data


def test_the_journal_is_private(bench, tmp_path):
    for file in tmp_path.glob("journal-*"):
        assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("statement", ["PRAGMA query_only = ON", "PRAGMA max_page_count = 1"])
def test_no_write_begins_without_a_writable_journal(bench, statement):
    order, sealed = bench.order()
    sent = len(bench.card.commands)
    bench.terminal.journal.rows(statement)
    if "max" in statement:
        bench.terminal.journal.rows("PRAGMA query_only = ON")
    with pytest.raises(Refusal) as refusal:
        bench.terminal.jobs.write(order, sealed)
    assert refusal.value.code == "P-110"
    assert len(bench.card.commands) == sent


def test_no_write_begins_on_a_disk_without_room(tmp_path):
    bench = Bench(tmp_path, config=Config(data_dir=tmp_path, limits=Limits(min_free_bytes=1 << 60)))
    with pytest.raises(Refusal) as refusal:
        bench.terminal.jobs.write(*bench.order())
    assert refusal.value.code == "P-110"
    assert "P-110" in bench.terminal.problems()
    bench.close()


def test_a_tampered_journal_stops_the_selling_at_the_next_start(bench):
    bench.write()
    bench.terminal.journal.rows("UPDATE entries SET at = at + 1 WHERE id = 1")
    again = bench.reopen()
    with pytest.raises(Refusal) as refusal:
        again.terminal.jobs.write(*again.order(op="rewrite"))
    assert refusal.value.code == "P-110"
    again.close()


def test_too_many_unresolved_orders_stop_the_selling(tmp_path):
    bench = Bench(tmp_path, config=Config(data_dir=tmp_path, limits=Limits(max_unresolved=1)))
    before = {"memory": "00", "tries": 3, "digest": "x"}
    bench.terminal.journal.open_intent(
        Intent(str(uuid.uuid4()), "x", "R9", bench.ins, "sle4442_demo", "1.0", before, 5)
    )
    again = bench.reopen()
    receipt = again.write()
    assert (receipt["outcome"], receipt["code"]) == ("void", "T-105")
    assert "T-105" in again.terminal.problems()
    acknowledge(again.terminal.journal, again.terminal.journal.head()[0])
    assert again.write()["outcome"] == "written"
    again.close()


@pytest.mark.parametrize(("state", "code"), [("quarantined", "T-102"), ("disabled", "T-103")])
def test_a_terminal_that_odoo_stopped_does_not_sell_even_after_a_restart(bench, state, code):
    bench.terminal.odoo.take(state, [])
    again = bench.reopen()
    receipt = again.write()
    assert (receipt["outcome"], receipt["code"]) == ("void", code)
    again.close()


def test_a_fault_inside_the_service_ends_as_unknown(bench, monkeypatch):
    def bug(*_args):
        raise RuntimeError("bug")

    monkeypatch.setattr("hw_proxy.writer.Writer._verify", bug)
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"]) == ("unknown", "C-205")
    assert bench.terminal.journal.open_intents() == []
    monkeypatch.undo()
    assert bench.write()["outcome"] == "written"


def test_entries_are_json_without_tokens(bench):
    bench.write()
    rows = bench.terminal.journal.rows("SELECT kind, body FROM entries ORDER BY id")
    assert [kind for kind, _body in rows] == ["intent", "receipt"]
    assert all(isinstance(json.loads(body), dict) for _kind, body in rows)
