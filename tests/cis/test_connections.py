"""Connections: what leaves, what is kept, what is tried again, and whom we talk to at all."""

import os
import re
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from prepaid_addon.cis import Settings, connect
from prepaid_addon.cis.settings import TIMEOUTS
from prepaid_addon.core import cis_circuit
from prepaid_addon.core import cis_types as types
from prepaid_addon.core.cis_types import Unreachable

from tests.cis import samples
from tests.cis.peers import Standard
from tests.cis.server import Reply, Server, hang_up, reset

PEER = Standard()
GOOD = PEER.answer("SubmitPayment", types.PaymentAnswer(samples.OK, samples.BOOKING))
NOTHING_OWED = types.Arrears(samples.ACCOUNT, 0, 0, 0)
OWED = PEER.answer("QueryArrears", types.ArrearsAnswer(samples.OK, NOTHING_OWED))


def system(server_or_url, **options):
    url = getattr(server_or_url, "url", server_or_url)
    return connect(Settings("standard", url, log=lambda record: None, **options))


def failure(call, *arguments):
    with pytest.raises(Unreachable) as caught:
        call(*arguments)
    return caught.value.kind, caught.value.sent


def answer_well(request):
    return Reply(OWED if b"QueryArrears" in request.body else GOOD)


class TestReuse:
    def test_calls_share_a_connection(self, server):
        server.answer = answer_well
        for _call in range(5):
            system(server).submit_payment(samples.PAYMENT)
        assert (server.connections, len(server.requests)) == (1, 5)

    def test_a_connection_with_an_unread_rest_is_not_used_again(self, server):
        server.answer = lambda request: Reply(GOOD + b" " * 100_000)
        assert failure(system(server, max_bytes=50_000).submit_payment, samples.PAYMENT) == ("too_large", True)
        server.answer = answer_well
        assert system(server).submit_payment(samples.PAYMENT).booking == samples.BOOKING
        assert server.connections == 2

    def test_a_late_answer_does_not_reach_the_next_call(self, server):
        def late(request):
            time.sleep(0.4)
            return Reply(PEER.answer("QueryArrears", types.ArrearsAnswer(types.Result("1004"))))

        server.answer = late
        slow = system(server, timeouts={"query_arrears": 0.1})
        assert failure(slow.query_arrears, samples.ACCOUNT)[0] == "timeout"
        server.answer = answer_well
        assert system(server).query_arrears(samples.ACCOUNT).arrears == NOTHING_OWED

    @pytest.mark.parametrize("end", [hang_up, reset])
    def test_a_question_is_asked_again_when_the_kept_connection_was_closed(self, server, end):
        server.answer = answer_well
        system(server).query_arrears(samples.ACCOUNT)
        answers = [end, answer_well]
        server.answer = lambda request: answers.pop(0)(request)
        assert system(server).query_arrears(samples.ACCOUNT).arrears == NOTHING_OWED
        assert answers == []

    def test_a_question_that_is_asked_again_carries_a_token_of_its_own(self, server):
        server.answer = answer_well
        kiosk = system(server, username="kiosk", password="hunter2")
        kiosk.query_arrears(samples.ACCOUNT)
        answers = [hang_up, answer_well]
        server.answer = lambda request: answers.pop(0)(request)
        kiosk.query_arrears(samples.ACCOUNT)
        tokens = [
            re.findall(rb"<wsse:(Nonce|Password|Username)\b[^>]*>([^<]+)<", each.body) for each in server.requests
        ]
        assert [[name for name, _value in token] for token in tokens] == [[b"Username", b"Password", b"Nonce"]] * 3
        assert len({dict(token)[b"Nonce"] for token in tokens}) == 3
        assert len({dict(token)[b"Password"] for token in tokens}) == 3

    def test_a_question_is_asked_again_only_once(self, server):
        server.answer = answer_well
        system(server).query_arrears(samples.ACCOUNT)
        server.answer = hang_up
        assert failure(system(server).query_arrears, samples.ACCOUNT) == ("connection", True)
        assert len(server.requests) == 3

    def test_a_question_on_a_fresh_connection_is_not_asked_again(self, server):
        server.answer = hang_up
        assert failure(system(server).query_arrears, samples.ACCOUNT) == ("connection", True)
        assert len(server.requests) == 1

    @pytest.mark.parametrize("end", [hang_up, reset])
    @pytest.mark.parametrize(
        "call",
        [("submit_payment", samples.PAYMENT), ("reverse_payment", samples.REVERSAL)],
        ids=["submit", "reverse"],
    )
    def test_what_books_is_never_sent_again(self, server, end, call):
        server.answer = answer_well
        system(server).query_arrears(samples.ACCOUNT)
        server.answer = end
        method, subject = call
        assert failure(getattr(system(server), method), subject) == ("connection", True)
        assert len(server.requests) == 2

    def test_threads_get_their_own_answers(self, server):
        def echo(request):
            _name, (account,) = PEER.question(request.body)
            time.sleep(0.002)
            return Reply(PEER.answer("QueryArrears", types.ArrearsAnswer(samples.OK, types.Arrears(account, 0, 0, 0))))

        server.answer = echo
        accounts = [f"{number:012}" for number in range(200)]
        shared = system(server)
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(lambda account: shared.query_arrears(account).arrears.account_no, accounts))
        assert found == accounts
        assert server.connections <= 9

    def test_a_child_process_does_not_use_its_parents_connections(self, server):
        server.answer = answer_well
        shared = system(server)
        shared.query_arrears(samples.ACCOUNT)
        child = os.fork()
        if child == 0:
            told = shared.query_arrears(samples.ACCOUNT).arrears == NOTHING_OWED
            os._exit(0 if told else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert server.connections == 2
        assert shared.query_arrears(samples.ACCOUNT).arrears == NOTHING_OWED
        assert server.connections == 2


class TestNothingLeft:
    """``sent`` is False exactly when nothing can have been booked."""

    def test_nobody_listens(self):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{free.getsockname()[1]}/"
        assert failure(system(url).submit_payment, samples.PAYMENT) == ("connection", False)

    def test_there_is_no_such_host(self):
        found = failure(system("https://marketing.invalid/soap").submit_payment, samples.PAYMENT)
        assert found == ("connection", False)

    def test_nobody_accepts_in_time(self):
        with socket.socket() as deaf, socket.socket() as first:
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(0)
            first.connect(deaf.getsockname())
            busy = system(f"http://127.0.0.1:{deaf.getsockname()[1]}/", connect_timeout=0.3)
            assert failure(busy.submit_payment, samples.PAYMENT) == ("timeout", False)

    def test_the_handshake_does_not_end(self):
        with socket.socket() as mute:
            mute.bind(("127.0.0.1", 0))
            mute.listen(1)
            silent = system(f"https://127.0.0.1:{mute.getsockname()[1]}/", connect_timeout=0.3)
            assert failure(silent.submit_payment, samples.PAYMENT) == ("timeout", False)

    def test_the_server_speaks_no_tls(self, server):
        plain = system(server.url.replace("http:", "https:"))
        assert failure(plain.submit_payment, samples.PAYMENT) == ("tls", False)
        assert server.requests == []

    @pytest.mark.parametrize(
        "options",
        [
            {"days": (-30, -1)},
            {"days": (1, 30)},
            {"host": "marketing.example.com"},
            {"host": "127.0.0.2"},
            {"self_signed": True},
        ],
        ids=["expired", "not yet valid", "for another host", "for another address", "self-signed"],
    )
    def test_the_certificate_is_not_right(self, authority, options):
        with Server(authority.issue("wrong", **options)) as server:
            server.answer = answer_well
            call = system(server, ca_file=str(authority.file)).submit_payment
            assert failure(call, samples.PAYMENT) == ("tls", False)
            assert server.requests == []

    def test_the_authority_is_not_known(self, authority):
        with Server(authority.issue("right")) as server:
            assert failure(system(server).submit_payment, samples.PAYMENT) == ("tls", False)
            assert server.requests == []

    @pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
    def test_the_server_knows_only_old_tls(self, authority):
        with Server(authority.issue("right"), maximum_version=ssl.TLSVersion.TLSv1_1) as server:
            call = system(server, ca_file=str(authority.file)).submit_payment
            assert failure(call, samples.PAYMENT) == ("tls", False)


class TestTls:
    def test_a_right_certificate_is_taken(self, authority):
        with Server(authority.issue("right")) as server:
            server.answer = answer_well
            secure = system(server, ca_file=str(authority.file))
            assert secure.submit_payment(samples.PAYMENT).booking == samples.BOOKING

    def test_the_client_shows_its_certificate(self, authority):
        with Server(authority.issue("right"), client_authority=authority.file) as server:
            server.answer = answer_well
            own = str(authority.issue("point of sale", host="pos.example.com"))
            secure = system(server, ca_file=str(authority.file), client_cert=own, client_key=own)
            assert secure.submit_payment(samples.PAYMENT).booking == samples.BOOKING

    def test_without_its_certificate_nothing_is_booked(self, authority):
        with Server(authority.issue("right"), client_authority=authority.file) as server:
            server.answer = answer_well
            kind, _sent = failure(system(server, ca_file=str(authority.file)).submit_payment, samples.PAYMENT)
            # With TLS 1.3 the server says no after our side is done: some of the message may have left by then.
            assert kind in ("tls", "connection")
            assert server.requests == []

    def test_a_renewed_certificate_is_taken_without_a_restart(self, authority, tmp_path):
        mine = tmp_path / "ca.pem"
        with Server(authority.issue("right")) as server:
            server.answer = answer_well
            other = authority.issue("other", self_signed=True)
            mine.write_bytes(other.read_bytes())
            secure = system(server, ca_file=str(mine))
            assert failure(secure.submit_payment, samples.PAYMENT) == ("tls", False)
            mine.write_bytes(authority.file.read_bytes())
            os.utime(mine, (1, 1))
            assert secure.submit_payment(samples.PAYMENT).booking == samples.BOOKING


class TestSettings:
    @pytest.mark.parametrize(
        "changes",
        [
            {"url": "http://marketing.example.com/soap"},
            {"url": "http://10.0.0.1/soap"},
            {"url": "ftp://127.0.0.1/"},
            {"url": "https:///soap"},
            {"url": "https://user:secret@marketing.example.com/"},
            {"url": "https://marketing.example.com:port/"},
            {"url": "https://marketing.example.com/a\r\nHost: b"},
            {"url": ""},
            {"adapter": "other"},
            {"adapter": "cents", "soap": "1.2"},
            {"soap": "2.0"},
            {"ca_file": "/nowhere/ca.pem"},
            {"client_key": "/nowhere/key.pem"},
            {"client_cert": __file__},
            {"timeouts": {"pay": 1}},
            {"timeouts": {"submit_payment": 0}},
            {"max_bytes": 0},
            {"username": "kiosk\x00"},
            {"password": "\udce4"},
        ],
        ids=str,
    )
    def test_what_cannot_be_right_is_refused_before_anything_is_sent(self, changes):
        values = {"adapter": "standard", "url": "https://marketing.example.com/soap", **changes}
        assert failure(connect, Settings(**values)) == ("configuration", False)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.9.9.9"])
    def test_plain_http_is_for_this_machine(self, host):
        connect(Settings("standard", f"http://{host}:8080/soap"))

    def test_a_password_is_not_shown(self):
        assert "hunter2" not in repr(Settings("standard", "https://h/", username="u", password="hunter2"))

    def test_the_environment_names_no_proxy(self, server, monkeypatch):
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:9")
        server.answer = answer_well
        assert system(server).submit_payment(samples.PAYMENT).booking == samples.BOOKING

    def test_the_environment_gets_no_keys(self, authority, monkeypatch, tmp_path):
        monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
        with Server(authority.issue("right")) as server:
            server.answer = answer_well
            system(server, ca_file=str(authority.file)).submit_payment(samples.PAYMENT)
        assert not (tmp_path / "keys").exists()


def test_a_probe_keeps_others_out_as_long_as_the_longest_call_that_may_be_one():
    probes = [seconds for operation, seconds in TIMEOUTS.items() if operation not in cis_circuit.LONG]
    assert max(probes) < cis_circuit.PROBE.total_seconds()


def test_no_call_is_longer_than_what_one_run_of_a_cron_may_add_to_a_pass():
    # docs/marketing-system.md adds the runs up.
    assert max(TIMEOUTS.values()) <= 60


def test_words_that_xml_cannot_carry_do_not_stop_a_reversal(server):
    heard = []

    def answer(request):
        heard.extend(PEER.question(request.body)[1])
        return Reply(PEER.answer("ReversePayment", types.ReversalAnswer(samples.OK, samples.REVERSED)))

    server.answer = answer
    reason = "pulled\x00\x0b card\ud800 " + "x" * 500
    reversal = types.Reversal(**{**vars(samples.REVERSAL), "reason": reason})
    assert system(server).reverse_payment(reversal).reversal == samples.REVERSED
    assert heard[0].reason == ("pulled  card  " + "x" * 500)[:250]


@pytest.mark.parametrize("changes", [{"operator": "a\x00b"}, {"amount": None}])
def test_a_payment_that_cannot_be_written_is_not_sent(server, changes):
    broken = types.Payment(**{**vars(samples.PAYMENT), **changes})
    assert failure(system(server).submit_payment, broken) == ("unsendable", False)
    assert server.requests == []


def test_many_endpoints_do_not_pile_up(server):
    server.answer = answer_well
    for number in range(40):
        system(f"{server.url}/{number}").query_arrears(samples.ACCOUNT)
    assert (len({request.path for request in server.requests}), server.connections) == (40, 40)
    # The first one's pool was given up, and closed: it begins anew.
    assert system(f"{server.url}/0").query_arrears(samples.ACCOUNT).arrears == NOTHING_OWED
    assert server.connections == 41
