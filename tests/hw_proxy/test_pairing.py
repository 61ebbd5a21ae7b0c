"""Pairing: keys stay here, the code's holder is proved on both sides, and nothing is lost."""

import dataclasses

import pytest

from hw_proxy import cli
from hw_proxy.config import Config, OdooServer
from hw_proxy.errors import ConfigError, PairingError
from hw_proxy.journal import Intent, Journal
from hw_proxy.keys import Identity
from hw_proxy.odoo import OdooClient
from hw_proxy.pairing import PairingCode, pair
from tests.hw_proxy.fake_odoo import CODE
from tests.hw_proxy.fake_odoo import OdooServer as FakeServer


@pytest.fixture
def server():
    made = FakeServer()
    yield made
    made.close()


@pytest.fixture
def config(tmp_path, server):
    return Config(data_dir=tmp_path / "data", testing=True, odoo=OdooServer(url=server.url))


def do_pair(config, code=CODE, **options):
    client = OdooClient(config.odoo)
    try:
        return pair(config, code, client, **options)
    finally:
        client.close()


def test_a_paired_terminal_has_its_keys_and_odoo_s(config, server):
    do_pair(config)
    identity = Identity.load(config)
    assert (identity.keys.ed25519, identity.keys.x25519) == server.keys
    assert identity.pairing.terminal == server.terminal
    assert identity.pairing.kid == server.key.thumbprint()
    assert identity.pairing.issuer.kid == server.key.thumbprint()


def test_private_keys_are_private_and_never_sent(config, server):
    do_pair(config)
    assert config.data_dir.stat().st_mode & 0o777 == 0o700
    for file in config.data_dir.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    assert not (config.data_dir / "pairing-pending.json").exists()


@pytest.mark.parametrize("text", ["ab12-cd34-ef56-gh78", "AB12CD34EF56GH78", " abi2 cd34 ef56 gh78 "])
def test_a_code_may_be_typed_in_many_ways(text):
    assert PairingCode.parse(text) == PairingCode("AB12", "CD34EF56GH78")


@pytest.mark.parametrize(
    "text", ["", "AB12", "AB12-CD34-EF56-GH7", "AB12-CD34-EF56-GH789", "UUUU-CD34-EF56-GH78", "é" * 16]
)
def test_what_is_not_a_code_is_refused_before_anything_is_sent(config, server, text):
    with pytest.raises(PairingError, match="T-108"):
        do_pair(config, text)
    assert server.headers == []


def test_a_wrong_code_is_refused_with_odoo_s_reason(config):
    with pytest.raises(PairingError, match="T-108"):
        do_pair(config, "AB12-CD34-EF56-GH79")
    assert Identity.load(config) is None


def test_an_answer_by_someone_else_is_not_taken(config, server):
    server.wrong_mac = True
    with pytest.raises(PairingError, match="Nothing was stored"):
        do_pair(config)
    assert Identity.load(config) is None


def test_a_lost_answer_is_asked_for_again_with_the_same_keys(config, server):
    server.lose_answers = 1
    with pytest.raises(PairingError):
        do_pair(config)
    sent = server.keys
    do_pair(config)
    assert server.keys == sent
    assert Identity.load(config).keys.ed25519 == sent[0]


@pytest.mark.parametrize("answer", [{}, {"terminal": 1}, {"origins": "x"}])
def test_a_malformed_answer_is_refused(config, server, answer):
    server.broken = (200, answer)
    with pytest.raises(PairingError):
        do_pair(config)
    assert Identity.load(config) is None


def test_an_unreachable_odoo_is_said_in_words(config, server):
    server.close()
    with pytest.raises(PairingError, match="cannot be reached"):
        do_pair(config)


def test_receipts_that_odoo_lacks_keep_the_old_pairing(config, server):
    first = do_pair(config)
    journal = Journal(config.journal_file(first.terminal), first.terminal)
    journal.open_intent(Intent("a", "x", "R1", "i", "sle4442_demo", "1.0", {}, 1))
    journal.close_attempt("a", "R1", "unknown", None, 2, lambda seq, _prev: f"token {seq}", True)
    journal.close()
    server.keys = None
    with pytest.raises(PairingError, match="1 receipts"):
        do_pair(config)
    assert do_pair(config, replace=True).terminal == first.terminal


def test_a_damaged_key_file_is_said_in_words(config):
    do_pair(config)
    config.keys_file.write_text("{")
    with pytest.raises(ConfigError, match="pair the terminal again"):
        Identity.load(config)
    config.keys_file.unlink()
    with pytest.raises(ConfigError, match="missing"):
        Identity.load(config)


def test_a_pairing_whose_kid_was_exchanged_is_refused(config):
    pairing = do_pair(config)
    dataclasses.replace(pairing, kid="x" * 43).save(config.pairing_file)
    with pytest.raises(ConfigError):
        Identity.load(config)


def test_the_command_pairs_and_says_so(tmp_path, server, capsys):
    file = tmp_path / "hw-proxy.toml"
    file.write_text(f'data_dir = "data"\n[odoo]\nurl = "{server.url}"\ndatabase = "main"\n')
    assert cli.main(["pair", "--config", str(file), CODE]) == 0
    assert "Paired as Counter 1" in capsys.readouterr().out
    assert server.headers[0]["X-Odoo-Database"] == "main"
    assert "Cookie" not in server.headers[0]
    assert cli.main(["journal", "--config", str(file)]) == 1
    assert cli.main(["pair", "--config", str(file), "nonsense"]) == 1
    assert "pairing code" in capsys.readouterr().err
