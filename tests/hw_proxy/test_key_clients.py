"""Asking for keys: the central service over HTTP, the module in a second slot, and every way in which they fail."""

import time
from dataclasses import replace

import pytest

from hw_proxy import doctor, sam
from hw_proxy.bounded import TooLate, bounded
from hw_proxy.cards.transport import CardBusy, CardError, CardGone, CardSilent
from hw_proxy.config import Config, OdooServer, Sam
from hw_proxy.key_client import KeyRefused
from hw_proxy.key_client_odoo import KeyLine, OdooKeys
from hw_proxy.key_clients import KeyClients
from hw_proxy.keys import Identity, TerminalKeys
from hw_proxy.odoo import OdooClient
from hw_proxy.sam import SamKeys, SecurityModule
from tests.hw_proxy.cpu_support import SERIAL, CpuBench, image
from tests.hw_proxy.demo_suite import CURRENT, answer_to, card_keys, mac_of
from tests.hw_proxy.fake_odoo import OdooServer as FakeServer
from tests.hw_proxy.support import signed_clock

ATTEMPT = "00000000-0000-4000-8000-000000000001"
NUMBER = bytes.fromhex(SERIAL)
CHALLENGE = bytes(range(8))
HEADER, DATA = bytes.fromhex("04d682000c"), bytes(8)


@pytest.fixture
def server():
    made = FakeServer()
    yield made
    made.close()


@pytest.fixture
def line(server):
    """A paired terminal's line to the service."""
    keys = TerminalKeys.generate()
    server.keys = (keys.ed25519, keys.x25519)
    identity = Identity(keys, server.pairing(server.terminal))
    client = OdooClient(OdooServer(url=server.url, timeout=2))
    yield KeyLine(identity, signed_clock(), lambda: client, timeout=0.5, patience=1.5)
    client.close()


@pytest.fixture
def keys(line):
    return OdooKeys(ATTEMPT, "csg2015", SERIAL, line)


def mac(keys, version=1):
    return keys.mac(version, CHALLENGE, HEADER, DATA)


def refused(call, *arguments):
    with pytest.raises(KeyRefused) as refusal:
        call(*arguments)
    return refusal.value.code


# -- the central service -------------------------------------------------------------------------------------------


def test_a_service_that_is_not_reached_is_given_up_in_a_bounded_time(line):
    client = OdooClient(OdooServer(url="http://127.0.0.1:1", timeout=2))
    keys = OdooKeys(ATTEMPT, "csg2015", SERIAL, replace(line, client=lambda: client))
    begun = time.monotonic()
    assert refused(mac, keys) == "K-101"
    assert time.monotonic() - begun < line.patience + 1


def test_a_silent_service_is_asked_by_the_same_token_and_given_up_in_a_bounded_time(keys, server, line):
    server.delay = 3
    begun = time.monotonic()
    assert refused(mac, keys) == "K-101"
    assert time.monotonic() - begun < line.patience + 1
    begun = time.monotonic()
    assert refused(mac, keys) == "K-101"
    assert time.monotonic() - begun < 0.5, "the second question has no patience left"


def test_a_lost_answer_is_asked_for_again_by_the_same_token(keys, server):
    server.lose_answers = 1
    assert mac(keys) == mac_of(card_keys(NUMBER, 1)["mac"], CHALLENGE, HEADER, DATA)
    assert len(server.key_requests) == 2
    assert len(set(server.key_requests)) == 1


def test_a_busy_service_is_asked_by_the_same_token(keys, server):
    left = [1, 2, 3]
    server.desk.trouble = lambda _claims: (503, {"code": "S-101", "message": "busy"}) if left and left.pop() else None
    assert len(mac(keys)) == 4
    assert len(set(server.key_requests)) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(403, "K-102"), (403, "K-103"), (403, "K-104"), (503, "K-109"), (403, "T-102"), (400, "P-104")]
)
def test_a_refusal_is_told_and_not_asked_again(keys, server, status, code):
    server.desk.trouble = lambda _claims: (status, {"code": code, "message": "no"})
    assert refused(mac, keys) == code
    assert len(server.key_requests) == 1


@pytest.mark.parametrize(
    "body", [{}, {"mac": 5}, {"mac": "0011"}, {"mac": "zz" * 4}, {"mac": "00" * 5}, {"mac": "AA" * 4}]
)
def test_an_answer_of_the_wrong_form_is_no_answer(keys, server, body):
    server.desk.trouble = lambda _claims: (200, body)
    assert refused(mac, keys) == "K-101"


@pytest.mark.parametrize(
    "body", [{"command": "84d4"}, {"command": "", "version": 2}, {"command": "84d4", "version": "2"}, {"version": 2}]
)
def test_a_key_update_without_command_or_version_is_no_answer(keys, server, body):
    server.desk.trouble = lambda _claims: (200, body)
    assert refused(keys.update_key, 0, CHALLENGE) == "K-101"


def test_a_server_error_is_no_answer(keys, server):
    server.broken = (500, ["no object"])
    assert refused(mac, keys) == "K-101"


def test_a_terminal_without_an_address_has_no_service(line, tmp_path):
    clients = KeyClients(Config(data_dir=tmp_path), line.identity, line.clock)
    order = type("Order", (), {"jti": ATTEMPT, "driver": "csg2015", "card_serial": SERIAL})
    assert refused(mac, clients.session(order)) == "K-101"
    clients.close()


def test_the_questions_are_those_of_the_protocol(keys, server, line):
    answer = answer_to(card_keys(NUMBER, 1)["int"], keys.random)
    assert keys.authenticate(1, answer, CHALLENGE) == answer_to(card_keys(NUMBER, 1)["ext"], CHALLENGE)
    mac(keys)
    command, version = keys.update_key(0, CHALLENGE)
    assert (command[:5].hex(), version) == ("84d4010234", CURRENT)
    common = {"iss", "aud", "jti", "iat", "attempt", "serial", "version", "op", "challenge"}
    more = [{"r", "answer"}, {"header", "data"}, set()]
    assert [set(claims) for claims in server.desk.asked] == [common | each for each in more]
    assert {claims["attempt"] for claims in server.desk.asked} == {ATTEMPT}
    assert len({claims["jti"] for claims in server.desk.asked}) == 3


def test_a_sale_is_written_over_http_and_its_failure_is_told(server, tmp_path):
    keys = TerminalKeys.generate()
    server.keys = (keys.ed25519, keys.x25519)
    config = Config(data_dir=tmp_path, odoo=OdooServer(url=server.url, key_timeout=0.3, key_patience=0.6))
    identity = Identity(keys, server.pairing(server.terminal))
    bench = CpuBench(tmp_path, "csg2015", config=config, odoo=server, identity=identity)
    bench.terminal.keys = KeyClients(config, identity, bench.clock)
    server.delay = 1
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"]) == ("not_written", "K-101")
    server.delay = 0
    assert bench.write(op="rewrite")["outcome"] == "written"
    assert bench.card.memory == image("csg2015", 12345, 5, None)
    bench.close()


# -- the module ----------------------------------------------------------------------------------------------------


class FakeModule:
    """A security module at the APDU seam (card-security-demo.md). ``trouble(command)`` as at a card."""

    def __init__(self, uses=100):
        self.atr = sam.ATR
        self.uses = uses
        self.closed = False
        self.commands = []
        self.trouble = lambda _command: None

    def transmit(self, command):
        self.commands.append(command)
        answer = self.trouble(command)
        if answer is not None:
            return answer
        if command[1] == 0xF0:
            return bytes(8) + self.uses.to_bytes(4, "big") + b"\x90\x00"
        if not self.uses:
            return b"\x69\x85"
        driver, version, data = command[2], command[3], command[5:-1]
        if driver not in (1, 2) or version not in (1, 2):
            return b"\x6a\x88"
        self.uses -= 1
        keys = card_keys(data[:8], version)
        if command[1] == 0x22:
            return mac_of(keys["mac"], data[8:16], data[16:21], data[21:]) + b"\x90\x00"
        if answer_to(keys["int"], data[8:16]) != data[16:24]:
            return b"\x69\x82"
        return answer_to(keys["ext"], data[24:32]) + b"\x90\x00"

    def close(self):
        self.closed = True


class Central(OdooKeys):
    """The central service behind a module; remembers what it was asked."""

    def __init__(self):
        super().__init__(ATTEMPT, "csg2015", SERIAL, KeyLine(None, None, None))
        self.asked = []

    def _ask(self, op, version, challenge, claims):
        self.asked.append((op, version))
        return {"cryptogram": "00" * 8, "mac": "00" * 4, "command": "84", "version": 2}


def module_keys(*modules, driver="csg2015"):
    """A session over modules that are found one after another."""
    left = list(modules)

    def connect():
        if not left:
            raise CardError("no module")
        return left.pop(0)

    return SamKeys(ATTEMPT, driver, SERIAL, SecurityModule(connect), Central())


def test_the_module_answers_like_the_central_service():
    module = FakeModule()
    keys = module_keys(module)
    answer = answer_to(card_keys(NUMBER, 1)["int"], keys.random)
    assert keys.authenticate(1, answer, CHALLENGE) == answer_to(card_keys(NUMBER, 1)["ext"], CHALLENGE)
    assert mac(keys) == mac_of(card_keys(NUMBER, 1)["mac"], CHALLENGE, HEADER, DATA)
    assert [command[:5].hex() for command in module.commands] == ["8020020120", "802202011d"]
    assert keys._module.uses_left() == 98


def test_a_module_that_is_missing_is_told():
    assert refused(mac, module_keys()) == "K-107"


def test_a_module_that_is_used_up_is_told():
    assert refused(mac, module_keys(FakeModule(uses=0))) == "K-107"


def test_a_card_that_the_module_does_not_believe_is_told():
    assert refused(module_keys(FakeModule()).authenticate, 1, bytes(8), CHALLENGE) == "K-105"


def test_a_version_or_a_kind_of_card_that_the_module_does_not_have_is_told():
    assert refused(mac, module_keys(FakeModule()), 9) == "K-106"
    assert refused(mac, module_keys(FakeModule(), driver="other")) == "K-106"


@pytest.mark.parametrize("error", [CardSilent("silent"), CardGone("gone")])
def test_a_module_that_does_not_answer_is_told(error):
    def fail(_command):
        raise error

    modules = [FakeModule(), FakeModule()]
    for module in modules:
        module.trouble = fail
    keys = module_keys(*modules)
    assert refused(mac, keys) == "K-107"


def test_a_module_that_was_taken_out_and_put_back_is_taken_anew():
    first, second = FakeModule(), FakeModule()
    keys = module_keys(first, second)
    mac(keys)

    def gone(_command):
        raise CardGone("service", "P-108")

    first.trouble = gone
    assert mac(keys) == mac_of(card_keys(NUMBER, 1)["mac"], CHALLENGE, HEADER, DATA)
    assert first.closed
    assert not second.closed


def test_an_answer_of_the_module_of_the_wrong_length_is_no_answer():
    module = FakeModule()
    module.trouble = lambda _command: b"\x00\x90\x00"
    assert refused(mac, module_keys(module)) == "K-107"


def test_a_module_that_hangs_is_given_up(monkeypatch):
    monkeypatch.setattr(sam, "PATIENCE", 0.1)
    module = FakeModule()
    module.trouble = lambda _command: time.sleep(1)
    begun = time.monotonic()
    assert refused(mac, module_keys(module)) == "K-107"
    assert time.monotonic() - begun < 0.5


def test_a_card_that_gets_its_first_keys_needs_the_central_service_only():
    module = FakeModule()
    keys = module_keys(module)
    keys.authenticate(0, bytes(8), CHALLENGE)
    keys.update_key(0, CHALLENGE)
    keys.authenticate(9, bytes(8), CHALLENGE)
    mac(keys, 9)
    assert keys._central.asked == [("authenticate", 0), ("update_key", 0), ("authenticate", 9), ("mac", 9)]
    assert module.commands == []


def test_a_card_with_newer_keys_than_the_module_is_written_by_the_central_service():
    keys = module_keys(FakeModule())
    keys.authenticate(9, bytes(8), CHALLENGE)
    mac(keys, 9)
    assert keys._central.asked == [("authenticate", 9), ("mac", 9)]


def examined(monkeypatch, connect):
    """What the doctor says of a module."""
    monkeypatch.setattr(sam, "connect", connect)
    return [(finding.level, finding.text) for finding in doctor._module(Config(sam=Sam(reader="Reader 01*")))]


def test_the_doctor_finds_a_missing_and_a_silent_module(monkeypatch):
    def missing(_pattern):
        raise CardError("no reader Reader 01*")

    def silent(_command):
        raise CardSilent("silent")

    assert examined(monkeypatch, missing) == [("FAIL", "no reader Reader 01*")]
    module = FakeModule()
    module.trouble = silent
    [(level, _text)] = examined(monkeypatch, lambda _pattern: module)
    assert (level, module.closed) == ("FAIL", True)


@pytest.mark.parametrize(("uses", "level"), [(0, "FAIL"), (999, "WARN"), (1000, "OK")])
def test_the_doctor_tells_how_many_uses_a_module_has_left(monkeypatch, uses, level):
    assert examined(monkeypatch, lambda _pattern: FakeModule(uses)) == [(level, f"{uses} uses left")]


def test_the_doctor_leaves_a_module_alone_that_the_service_uses(monkeypatch):
    def busy(_pattern):
        raise CardBusy("held")

    assert examined(monkeypatch, busy) == [("OK", "in use by the service")]
    assert doctor._module(Config()) == []


def test_the_module_s_reader_takes_no_customers_card():
    config = Config(sam=Sam(reader="Reader 01*"))
    assert not config.is_ours("Reader 01 00")
    assert config.is_ours("Reader 00 00")


def test_a_call_that_fails_in_time_raises_what_it_raised():
    def fail():
        raise ValueError("bug")

    with pytest.raises(ValueError, match="bug"):
        bounded(fail, 1)
    with pytest.raises(TooLate):
        bounded(lambda: time.sleep(1), 0.05)
