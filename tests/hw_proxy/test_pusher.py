"""Synchronising with Odoo: receipts arrive, time comes back, and no failure ends it."""

import threading
import time

import pytest
from jwcrypto import jwk

from hw_proxy import tokens
from hw_proxy.config import Config, OdooServer
from hw_proxy.errors import Refusal
from hw_proxy.keys import Identity, TerminalKeys
from hw_proxy.odoo import OdooClient
from hw_proxy.pusher import Pusher
from tests.hw_proxy.fake_odoo import OdooServer as FakeServer
from tests.hw_proxy.support import Bench


@pytest.fixture
def server():
    made = FakeServer()
    yield made
    made.close()


@pytest.fixture
def bench(server, tmp_path):
    keys = TerminalKeys.generate()
    server.keys = (keys.ed25519, keys.x25519)
    config = Config(data_dir=tmp_path, odoo=OdooServer(url=server.url, interval=0.1, timeout=2))
    made = Bench(tmp_path, config=config, odoo=server, identity=Identity(keys, server.pairing(server.terminal)))
    yield made
    made.close()


@pytest.fixture
def pusher(bench):
    return Pusher(bench.terminal, OdooClient(bench.config.odoo))


def write(bench):
    """One write whose order continues from the card as it is."""
    return bench.write(op="rewrite")


def test_receipts_arrive_and_are_acknowledged(bench, pusher, server):
    write(bench)
    assert pusher.sync()
    assert list(server.receipts) == [1]
    assert bench.terminal.journal.counts().unacknowledged == 0
    assert bench.terminal.odoo.reachable
    assert bench.terminal.status()["odoo"]["last_sync"] > 0


def test_many_receipts_are_sent_in_order_and_in_parts(bench, pusher, server, monkeypatch):
    monkeypatch.setattr("hw_proxy.pusher.BATCH", 2)
    for _number in range(5):
        write(bench)
    assert pusher.sync()
    assert list(server.receipts) == [1, 2, 3, 4, 5]
    assert bench.terminal.journal.counts().unacknowledged == 0


def test_the_heartbeat_tells_how_the_terminal_is(bench, pusher, server):
    write(bench)
    pusher.sync()
    heartbeat = server.heartbeats[0]
    assert (heartbeat["seq"], heartbeat["epoch"], heartbeat["clk"]) == (1, server.epoch, "signed")
    assert heartbeat["head"] == bench.terminal.journal.head()[1]
    assert heartbeat["readers"] == [{"name": "ACS Fake 00", "state": "card"}]
    assert heartbeat["unresolved"] == 0


def test_the_signed_time_is_taken_from_the_acknowledgement(bench, pusher, server):
    bench.clock._anchor = None
    server.offset = 3_600_000
    pusher.sync()
    assert bench.clock.kind() == "signed"
    assert abs(bench.clock.now_ms() - bench.clock.wall_ms() - 3_600_000) < 1000


@pytest.mark.parametrize(
    "change",
    [
        {"nonce": "of another heartbeat"},
        {"aud": "another terminal"},
        {"iss": "another Odoo"},
        {"epoch": 2},
        {"state": "happy"},
        {"now": "soon"},
        {"ack": -1},
    ],
)
def test_an_acknowledgement_that_is_not_genuine_changes_nothing(bench, pusher, server, change):
    write(bench)
    bench.clock._anchor = None
    server.change_ack = change
    assert not pusher.sync()
    assert bench.terminal.journal.acknowledged() == 0
    assert bench.clock.kind() == "wall"
    assert not bench.terminal.odoo.reachable


def test_an_acknowledgement_by_another_key_changes_nothing(bench, pusher, server):
    write(bench)
    server.ack_key = jwk.JWK.generate(kty="OKP", crv="Ed25519")
    assert not pusher.sync()
    assert bench.terminal.journal.acknowledged() == 0


@pytest.mark.parametrize(
    "broken", [(500, {}), (403, {"code": "T-101", "message": "not paired"}), (200, {}), (200, {"ack": 5}), (200, [])]
)
def test_a_failing_odoo_is_survived_and_nothing_is_lost(bench, pusher, server, broken):
    write(bench)
    server.broken = broken
    assert not pusher.sync()
    server.broken = None
    assert pusher.sync()
    assert list(server.receipts) == [1]


def test_a_lost_answer_sends_the_same_receipt_again(bench, pusher, server):
    write(bench)
    server.lose_answers = 1
    assert not pusher.sync()
    sent = dict(server.receipts)
    assert pusher.sync()
    assert server.receipts == sent


def test_a_restored_odoo_gets_its_receipts_back(bench, pusher, server):
    for _number in range(3):
        write(bench)
    pusher.sync()
    before = dict(server.receipts)
    server.forget(1)
    pusher.sync()
    pusher.sync()
    assert server.receipts == before


def test_an_odoo_that_knows_more_stops_the_selling(bench, pusher, server):
    server.change_ack = {"ack": 7}
    assert not pusher.sync()
    assert "P-110" in bench.terminal.problems()
    server.change_ack = {}
    assert pusher.sync()
    assert bench.terminal.problems() == []


@pytest.mark.parametrize("sold", [0, 1])
def test_an_acknowledgement_of_another_chain_acknowledges_nothing_and_stops_the_selling(bench, pusher, server, sold):
    """A copy of this journal is in use elsewhere, and its receipts came first."""
    for _number in range(sold):
        write(bench)
    server.change_ack = {"head": tokens.digest("a receipt of the copy")}
    assert not pusher.sync()
    assert bench.terminal.journal.acknowledged() == 0
    assert "P-110" in bench.terminal.problems()
    with pytest.raises(Refusal) as refusal:
        bench.terminal.jobs.write(*bench.order(op="rewrite"))
    assert refusal.value.code == "P-110"
    server.change_ack = {}
    assert pusher.sync()
    assert bench.terminal.journal.acknowledged() == sold
    assert bench.terminal.problems() == []


def test_a_lost_journal_is_seen_by_odoo_and_by_the_terminal(bench, pusher, server):
    write(bench)
    write(bench)
    assert pusher.sync()
    bench.close()
    for file in bench.config.data_dir.glob("journal-*"):
        file.unlink()
    again = bench.reopen()
    assert not Pusher(again.terminal, OdooClient(again.config.odoo)).sync()
    assert (server.heartbeats[-1]["seq"], server.acknowledged()) == (0, 2)
    assert "P-110" in again.terminal.problems()
    again.close()


def test_a_cloned_journal_stops_its_second_user_when_both_have_sold(bench, pusher, server):
    write(bench)
    pusher.sync()
    path = next(bench.config.data_dir.glob("journal-*.sqlite"))
    bench.terminal.journal.rows("PRAGMA wal_checkpoint(TRUNCATE)")
    copy = path.read_bytes()
    write(bench)
    pusher.sync()
    bench.close()
    path.write_bytes(copy)
    again = bench.reopen()
    # As the twin does that never heard of the other's sale: its receipt 2 is another one.
    again.write(op="rewrite")
    assert not Pusher(again.terminal, OdooClient(again.config.odoo)).sync()
    assert {"P-110", "T-102"} <= set(again.terminal.problems())
    assert again.terminal.journal.counts().unacknowledged == 1
    assert server.state == "quarantined"
    again.close()


def test_a_quarantine_stops_the_selling_and_its_end_lets_it_go_on(bench, pusher, server):
    server.state = "quarantined"
    pusher.sync()
    assert write(bench)["code"] == "T-102"
    server.state = "active"
    pusher.sync()
    assert write(bench)["outcome"] == "written"


def test_a_receipt_that_met_a_busy_account_is_sent_again_and_told_calmly(bench, pusher, server, caplog):
    write(bench)
    attempt = bench.terminal.journal.waiting()[0].attempt
    server.not_taken = {1: "S-101"}
    with caplog.at_level("INFO", logger="hw_proxy.pusher"):
        assert pusher.sync()
    said = [(record.levelname, record.getMessage()) for record in caplog.records if attempt in record.getMessage()]
    assert said == [
        ("INFO", f"Odoo was busy when the receipt of attempt {attempt} came: it will be sent again"),
    ]
    server.not_taken = {}
    pusher.sync()
    assert bench.terminal.journal.counts().unacknowledged == 0


def test_a_refused_receipt_is_named_by_what_the_journal_knows(bench, pusher, server, caplog):
    write(bench)
    stored = bench.terminal.journal.waiting()[0]
    server.not_taken = {1: "R-101"}
    with caplog.at_level("INFO", logger="hw_proxy.pusher"):
        pusher.sync()
    warning = next(record for record in caplog.records if record.levelname == "WARNING")
    assert warning.getMessage() == f"Odoo refused the receipt of attempt {stored.attempt}: R-101"
    assert bench.terminal.journal.receipt(stored.attempt) == stored


def test_a_slow_answer_gives_no_time(bench, server, monkeypatch):
    bench.clock._anchor = None
    bench.clock._max_round_trip = 0.05
    server.delay = 0.2
    assert Pusher(bench.terminal, OdooClient(bench.config.odoo)).sync()
    assert bench.clock.kind() == "wall"


def test_a_receipt_is_pushed_at_once_and_the_loop_ends_with_the_terminal(bench, pusher, server):
    thread = threading.Thread(target=pusher.run)
    thread.start()
    write(bench)
    until = time.monotonic() + 5
    while not server.receipts:
        assert time.monotonic() < until
        time.sleep(0.01)
    bench.close()
    thread.join(5)
    assert not thread.is_alive()


def test_a_disk_that_fails_does_not_end_the_synchronising(bench, pusher):
    write(bench)
    bench.terminal.journal.rows("PRAGMA query_only = ON")
    assert not pusher.sync()
    bench.terminal.journal.rows("PRAGMA query_only = OFF")
    assert pusher.sync()
