"""``hw-proxy vendor forget``: a card whose library needs what is lost (V-107) takes a write as its first again."""

import io
from dataclasses import replace

import pytest

from hw_proxy import audit, cli
from simulators.vendor.cards import ZONGLIANG, make_card, read_card
from tests.hw_proxy.vendor.support import SERIAL, ChipInReader


def outcome(receipt):
    """What a receipt says."""
    return receipt["outcome"], receipt["code"]


@pytest.fixture
def file(zongliang, built, tmp_path):
    """The configuration of the terminal, for commands beside the service."""
    path = tmp_path / "hw-proxy.toml"
    path.write_text(f'data_dir = "{tmp_path}"\n[vendor]\nfolder = "{built}"\n')
    zongliang.identity.pairing.save(zongliang.config.pairing_file)
    return path


@pytest.fixture
def forget(file, monkeypatch):
    """Run ``hw-proxy vendor forget``: ``forget(card, typed)`` gives its exit code."""

    def run(card, typed):
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return cli.main(["vendor", "forget", "--config", str(file), "zongliang", card])

    return run


def lose_the_state(bench):
    """A write whose state did not come back; the maker's program then makes the card take a first one."""
    bench.misbehave("late:crash")
    assert outcome(bench.sell(2, 100)) == ("written", None)
    bench.misbehave(None)
    assert bench.visit_meter() == 100
    record = read_card(ZONGLIANG, bench.chip)
    bench.pull()
    bench.chip = make_card(ZONGLIANG, replace(record, sequence=0))
    bench.insert(ChipInReader(bench.chip))
    assert outcome(bench.sell(3, 100)) == ("not_written", "V-107")


def test_a_state_that_is_lost_is_forgotten_by_an_operator_and_that_is_journalled(zongliang, file, forget, capsys):
    lose_the_state(zongliang)
    name = f"vendor/zongliang/state/{SERIAL}"
    lost = zongliang.terminal.journal.get(name)
    assert forget(SERIAL.lstrip("0"), f"{SERIAL}\n") == 0
    assert outcome(zongliang.sell(3, 100)) == ("written", None)
    assert zongliang.visit_meter() == 100
    ((at, text),) = zongliang.terminal.journal.notes()
    assert text == f"vendor forget zongliang {SERIAL}"
    assert zongliang.terminal.journal.get(f"{name}/forgotten/{at}") == lost
    assert audit.problems(zongliang.terminal.journal) == []
    assert cli.main(["journal", "--config", str(file)]) == 0
    assert text in capsys.readouterr().out


@pytest.mark.parametrize("typed", ["", "000000000778\n", "y\n"])
def test_nothing_is_forgotten_unless_the_card_is_named_twice(zongliang, forget, typed):
    lose_the_state(zongliang)
    assert forget(SERIAL, typed) == 1
    assert zongliang.terminal.journal.notes() == []
    assert outcome(zongliang.sell(3, 100)) == ("not_written", "V-107")


def test_what_is_not_stored_is_not_forgotten(zongliang, forget, capsys):
    assert forget("778", "778\n") == 1
    assert "Nothing is stored here for card 000000000778" in capsys.readouterr().err
    assert zongliang.terminal.journal.notes() == []


def test_a_card_that_is_not_in_order_is_refused_by_its_library_after_its_state_was_forgotten(zongliang, forget):
    assert outcome(zongliang.sell(2, 100)) == ("written", None)
    zongliang.visit_meter()
    assert forget(SERIAL, f"{SERIAL}\n") == 0
    assert outcome(zongliang.sell(3, 100)) == ("not_written", "V-107")


def test_the_release_of_a_library_is_journalled_too(zongliang, file):
    assert cli.main(["vendor", "release", "--config", str(file), "zongliang"]) == 0
    assert [text for _at, text in zongliang.terminal.journal.notes()] == ["vendor release zongliang"]


def test_a_note_that_was_changed_shows(zongliang):
    journal = zongliang.terminal.journal
    journal.note(1, "vendor release zongliang")
    assert audit.problems(journal) == []
    journal.rows("UPDATE entries SET body = ? WHERE kind = 'note'", '{"text": "nothing"}')
    assert audit.problems(journal) == ["entry 1 was changed"]
