"""The cash desk behind the local interface: what a page calls, what it hears, and what Odoo gets."""

import time
import uuid

import pytest
from jwcrypto import jwk

from hw_proxy import cli, doctor
from hw_proxy.config import Config, Limits, OdooServer
from hw_proxy.keys import Identity, TerminalKeys
from hw_proxy.monitor import Monitor
from hw_proxy.notes.acceptor import Event, Kind
from hw_proxy.odoo import OdooClient
from hw_proxy.pusher import Pusher
from hw_proxy.receipts import claims_of
from tests.hw_proxy.fake_odoo import OdooServer as FakeServer
from tests.hw_proxy.note_machine import NoteMachine
from tests.hw_proxy.support import Bench
from tests.hw_proxy.test_api import Page
from tests.hw_proxy.test_schemas import check

RECHARGE = "00000001-0000-4000-8000-000000000001"
OTHER = "00000001-0000-4000-8000-000000000002"


class Kiosk(Page):
    """A page at a terminal with an acceptor."""

    def __init__(self, folder, server):
        keys = TerminalKeys.generate()
        server.keys = (keys.ed25519, keys.x25519)
        self.server = server
        self.machine = NoteMachine()
        config = Config(data_dir=folder, odoo=OdooServer(url=server.url, interval=0.1, timeout=2))
        identity = Identity(keys, server.pairing(server.terminal))
        super().__init__(Bench(folder, config=config, odoo=server, identity=identity, acceptor=self.machine.drive()))
        self.events = []
        self.bench.terminal.events.publish = lambda event, data: self.events.append((event, data))

    def collect(self, recharge=RECHARGE, **changes):
        return self.server.collect(self.server.terminal, recharge, **changes)

    def open(self, recharge=RECHARGE, **changes):
        return self.good("open", {"collect": self.collect(recharge, **changes)})

    def good(self, call, body):
        answer = self.send(f"/v1/cash/{call}", body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def refused(self, call, body):
        return self.code(f"/v1/cash/{call}", body)

    def pay(self, *notes):
        for note in notes:
            self.machine.insert(note)
            self.machine.move()

    def confirm(self):
        answer = self.good("confirm", {"recharge": RECHARGE})
        self.machine.settle()
        return answer

    def state(self, recharge=RECHARGE):
        return self.good("state", {"recharge": recharge})

    def push(self):
        return Pusher(self.bench.terminal, OdooClient(self.bench.config.odoo)).sync()

    def restart(self):
        self.bench.acceptor = self.machine.drive()
        self.bench = self.bench.reopen()
        self.app = Page(self.bench).app


@pytest.fixture
def server():
    made = FakeServer()
    yield made
    made.close()


@pytest.fixture
def kiosk(server, tmp_path):
    made = Kiosk(tmp_path, server)
    yield made
    made.bench.close()


def test_a_payment_from_the_first_note_to_the_statement(kiosk):
    shown = kiosk.open()
    assert (shown["state"], shown["total"], shown["tenders"]) == ("open", 0, [])
    assert 58 <= shown["seconds_left"] <= 60
    kiosk.pay(5000, 2000)
    assert kiosk.state()["notes"] == [{"denomination": 2000, "count": 1}, {"denomination": 5000, "count": 1}]
    assert kiosk.confirm()["state"] == "closing"
    ended = kiosk.state()
    assert (ended["state"], ended["total"], ended["code"], ended["seconds_left"]) == ("submitted", 7000, None, None)
    (token,) = ended["tenders"]
    claims = kiosk.bench.claims(token, "tender+jwt")
    check("tender", claims)
    assert (claims["recharge"], claims["total"], claims["session"]) == (RECHARGE, 7000, "box-1")
    told = [data for event, data in kiosk.events if event == "cash"]
    assert [data["state"] for data in told][0] == "open"
    assert told[-1] == {name: value for name, value in ended.items() if name != "tenders"}
    assert [data["total"] for data in told if data["state"] == "open"][-1] == 7000
    assert kiosk.bench.terminal.push_wanted.is_set()


def test_a_collect_order_has_the_form(kiosk):
    check("collect", claims_of(kiosk.collect()))


@pytest.mark.parametrize(
    "changes",
    [
        {"key": jwk.JWK.generate(kty="OKP", crv="Ed25519")},
        {"typ": "page+jwt"},
        {"aud": str(uuid.uuid4())},
        {"iss": "another Odoo"},
        {"epoch": 2},
        {"exp": int(time.time()) - 1},
        {"most": 0},
        {"denominations": []},
    ],
)
def test_a_page_cannot_open_the_acceptor_by_itself(kiosk, changes):
    assert kiosk.refused("open", {"collect": kiosk.collect(**changes)}) == (403, "A-201")
    assert kiosk.refused("open", {"collect": "x.y.z"}) == (403, "A-201")
    assert kiosk.machine.commands == []


def test_a_body_of_another_form_is_refused(kiosk):
    assert kiosk.refused("open", {"recharge": RECHARGE}) == (400, "P-104")
    for call in ("confirm", "cancel", "state"):
        assert kiosk.refused(call, {}) == (400, "P-104")
        assert kiosk.refused(call, {"recharge": "x" * 37}) == (400, "P-104")
        assert kiosk.refused(call, {"recharge": RECHARGE, "amount": 1}) == (400, "P-104")


def test_refusals_say_what_is_in_the_way(kiosk):
    assert kiosk.refused("confirm", {"recharge": RECHARGE}) == (404, "A-203")
    assert kiosk.refused("cancel", {"recharge": RECHARGE}) == (404, "A-203")
    kiosk.open()
    assert kiosk.refused("open", {"collect": kiosk.collect(OTHER)}) == (409, "A-202")
    kiosk.pay(5000)
    assert kiosk.refused("cancel", {"recharge": RECHARGE}) == (409, "A-204")
    kiosk.confirm()
    assert kiosk.refused("cancel", {"recharge": RECHARGE}) == (409, "A-204")
    assert kiosk.confirm()["state"] == "submitted", "a repeat answers the same"


def test_a_repeated_collect_order_opens_nothing_anew(kiosk):
    token = kiosk.collect()
    kiosk.good("open", {"collect": token})
    kiosk.pay(5000)
    assert kiosk.good("open", {"collect": token})["total"] == 5000
    kiosk.confirm()
    assert kiosk.good("open", {"collect": token})["state"] == "submitted"
    assert kiosk.machine.commands.count("open") == 1


def test_an_empty_payment_is_cancelled(kiosk):
    kiosk.open()
    kiosk.good("cancel", {"recharge": RECHARGE})
    kiosk.machine.settle()
    assert (kiosk.state()["state"], kiosk.state()["tenders"]) == ("closed", [])


def test_what_was_paid_before_is_still_shown_while_another_pays(kiosk):
    kiosk.open()
    kiosk.pay(5000)
    kiosk.confirm()
    kiosk.open(OTHER)
    assert (kiosk.state()["state"], kiosk.state()["total"], len(kiosk.state()["tenders"])) == ("submitted", 5000, 1)
    assert kiosk.good("confirm", {"recharge": RECHARGE})["state"] == "submitted"
    assert kiosk.state(OTHER)["state"] == "open"
    assert kiosk.state(str(uuid.uuid4()))["state"] == "closed"


def test_the_state_never_acts(kiosk):
    kiosk.open(wait=15)
    kiosk.machine.commands.clear()
    entries = kiosk.bench.terminal.journal.rows("SELECT count(*) FROM entries")
    kiosk.state()
    kiosk.send("/v1/status")
    assert kiosk.machine.commands == []
    assert kiosk.bench.terminal.journal.rows("SELECT count(*) FROM entries") == entries


def test_the_monitor_submits_when_time_is_over(kiosk):
    kiosk.open()
    kiosk.pay(5000)
    collector = kiosk.bench.terminal.cash.collector
    collector._deadline = time.monotonic()
    Monitor(kiosk.bench.terminal).look()
    kiosk.machine.settle()
    assert kiosk.state()["state"] == "submitted"


def test_the_status_shows_the_acceptor(kiosk):
    assert kiosk.send("/v1/status").json()["cash"] == {"acceptor": "machine", "state": "closed", "code": None}
    kiosk.machine.tell(Event(Kind.FAULT, code="A-103"))
    assert kiosk.send("/v1/status").json()["cash"]["code"] == "A-103"
    assert kiosk.refused("open", {"collect": kiosk.collect()}) == (409, "A-103")


def test_a_terminal_without_an_acceptor_says_so(bench):
    page = Page(bench)
    token = bench.odoo.collect(bench.identity.pairing.terminal)
    assert page.code("/v1/cash/open", {"collect": token}) == (409, "A-208")
    assert page.send("/v1/status").json()["cash"] is None


@pytest.mark.parametrize(("state", "code"), [("quarantined", "T-102"), ("disabled", "T-103")])
def test_a_terminal_that_may_not_sell_takes_no_notes(kiosk, server, state, code):
    server.state = state
    assert kiosk.push()
    assert kiosk.refused("open", {"collect": kiosk.collect()}) == (403, code)


def test_without_trusted_time_no_notes_are_taken(kiosk):
    kiosk.bench.clock._anchor = None
    assert kiosk.refused("open", {"collect": kiosk.collect()}) == (503, "P-109")


def test_a_disk_that_is_nearly_full_takes_no_notes(kiosk):
    config = kiosk.bench.config
    kiosk.bench.terminal.config = Config(data_dir=config.data_dir, limits=Limits(min_free_bytes=1 << 60))
    assert kiosk.refused("open", {"collect": kiosk.collect()}) == (503, "A-205")
    assert kiosk.machine.commands == []


def test_statements_are_pushed_until_an_acknowledgement_names_them(kiosk, server):
    kiosk.open()
    kiosk.pay(5000)
    kiosk.confirm()
    book = kiosk.bench.terminal.cash.book
    server.tenders_busy = True
    assert kiosk.push()
    assert book.unacknowledged() == 1
    server.tenders_busy = False
    server.lose_answers = 1
    assert not kiosk.push()
    assert book.unacknowledged() == 1
    assert kiosk.push()
    assert book.unacknowledged() == 0
    assert list(server.tenders.values()) == kiosk.state()["tenders"]


def test_many_statements_are_pushed_in_parts_and_again_to_a_restored_odoo(kiosk, server, monkeypatch):
    monkeypatch.setattr("hw_proxy.pusher.BATCH", 2)
    for _time in range(5):
        kiosk.open()
        kiosk.pay(1000)
        kiosk.confirm()
    assert kiosk.push()
    before = dict(server.tenders)
    assert [seq for _session, seq in before] == [1, 2, 3, 4, 5]
    for seq in (3, 4, 5):
        del server.tenders["box-1", seq]
    assert kiosk.push()
    assert kiosk.push()
    assert server.tenders == before


def test_an_odoo_that_holds_another_statement_stops_the_session_only(kiosk, server):
    kiosk.open()
    kiosk.pay(1000)
    kiosk.confirm()
    server.change_ack = {"tenders": [{"session": "box-1", "seq": 1, "jti": str(uuid.uuid4())}]}
    assert kiosk.push()
    assert kiosk.refused("open", {"collect": kiosk.collect()}) == (503, "A-205")
    assert kiosk.open(session="box-2")["state"] == "open"


@pytest.mark.parametrize("tenders", ["x", [7], [{"session": "box-1"}], [{"session": "box-1", "seq": -1, "jti": None}]])
def test_an_acknowledgement_that_says_nonsense_of_cash_changes_nothing(kiosk, server, tenders):
    kiosk.open()
    kiosk.pay(1000)
    kiosk.confirm()
    server.change_ack = {"tenders": tenders}
    assert not kiosk.push()
    assert kiosk.bench.terminal.cash.book.unacknowledged() == 1


def test_an_odoo_from_before_there_was_cash_leaves_the_statements_here(kiosk, server):
    kiosk.open()
    kiosk.pay(1000)
    kiosk.confirm()
    server.change_ack = {"tenders": []}
    assert kiosk.push()
    assert kiosk.bench.terminal.cash.book.unacknowledged() == 1


def test_after_a_restart_what_is_in_is_submitted_and_the_page_finds_it(kiosk):
    kiosk.open()
    kiosk.pay(5000)
    kiosk.restart()
    assert kiosk.state()["state"] == "closing"
    kiosk.bench.terminal.cash.look()
    ended = kiosk.state()
    assert (ended["state"], ended["total"], len(ended["tenders"])) == ("submitted", 5000, 1)
    kiosk.restart()
    assert kiosk.state() == ended


def test_the_commands_show_statements_and_notes_in_doubt(kiosk, capsys):
    kiosk.open()
    kiosk.pay(5000, 2000)
    kiosk.confirm()
    kiosk.open(OTHER)
    kiosk.machine.insert(1000)
    bench = kiosk.bench
    bench.identity.pairing.save(bench.config.pairing_file)
    options = cli._parser().parse_args(["journal"])
    assert options.work(bench.config, options) == 0
    said = capsys.readouterr().out
    assert f"box-1 1  70.00  {RECHARGE}" in said
    assert "note in doubt  10.00" in said
    (finding,) = doctor._cash(bench.terminal.cash.book)
    assert (finding.level, "1 statements" in finding.text, "1 notes" in finding.text) == ("WARN", True, True)
    kiosk.machine.move()
    (finding,) = doctor._cash(bench.terminal.cash.book)
    assert (finding.level, "0 notes" in finding.text) == ("WARN", True)
    kiosk.push()
    assert doctor._cash(bench.terminal.cash.book)[0].level == "OK"
    bench.terminal.cash.book.acknowledge("box-1", 1, str(uuid.uuid4()))
    assert doctor._cash(bench.terminal.cash.book)[0].level == "FAIL"


def test_a_terminal_that_never_took_notes_has_no_line_about_cash(bench):
    assert doctor._cash(bench.terminal.cash.book) == []
