"""A change of Odoo's signing key: learned from the old key, kept over a restart, and from nobody else."""

import json
import os
import time

import pytest
from jwcrypto import jwk

from hw_proxy import tokens
from hw_proxy.config import Config, OdooServer
from hw_proxy.errors import ConfigError
from hw_proxy.handover import OLD_KEY_MS
from hw_proxy.keys import FurtherKey, Identity, Pairing, TerminalKeys
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
    identity = Identity(keys, server.pairing(server.terminal))
    identity.pairing.save(config.pairing_file)
    made = Bench(tmp_path, config=config, odoo=server, identity=identity)
    yield made
    made.close()


@pytest.fixture
def pusher(bench):
    return Pusher(bench.terminal, OdooClient(bench.config.odoo))


def new_key():
    return jwk.JWK.generate(kty="OKP", crv="Ed25519")


def handover(server, signer, new, **changes):
    names = {"iss": server.iss, "aud": server.iss, "iat": int(time.time()), "kid": new.thumbprint()}
    typ = changes.pop("typ", "handover+jwt")
    return tokens.sign(signer, typ, {**names, "key": new.export_public(as_dict=True)["x"], **changes})


def kids(bench):
    stored = Pairing.load(bench.config.pairing_file)
    assert stored == bench.terminal.identity.pairing, "what is stored and what is used differ"
    return stored.kids


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "another"},
        {"aud": "another"},
        {"kid": "x" * 43},
        {"key": "x"},
        {"key": None},
        {"typ": "ack+jwt"},
    ],
)
def test_a_handover_that_is_not_genuine_teaches_nothing(bench, pusher, server, change):
    server.handovers = [handover(server, server.key, new_key(), **change)]
    assert pusher.sync()
    assert kids(bench) == [server.key.thumbprint()]


@pytest.mark.parametrize("handovers", [None, "x", 5, [None], [5], ["x.y.z"], [{}]])
def test_a_handover_that_is_none_does_no_harm(bench, pusher, server, handovers):
    server.handovers = handovers
    assert pusher.sync()
    assert kids(bench) == [server.key.thumbprint()]


def test_nobody_else_hands_over(bench, pusher, server):
    stranger = new_key()
    server.handovers = [handover(server, stranger, stranger)]
    server.ack_key = stranger
    assert not pusher.sync()
    assert kids(bench) == [server.key.thumbprint()]


def test_a_handover_beside_a_forged_acknowledgement_is_not_kept(bench, pusher, server):
    server.handovers = [handover(server, server.key, new_key())]
    server.ack_key = new_key()
    assert not pusher.sync()
    assert kids(bench) == [server.key.thumbprint()]


def test_both_keys_are_taken_while_they_overlap(bench, pusher, server):
    old, new = server.key, new_key()
    server.handovers = [handover(server, old, new)]
    assert pusher.sync()
    assert kids(bench) == [old.thumbprint(), new.thumbprint()]
    assert bench.write(op="rewrite")["outcome"] == "written"
    server.key = new
    assert bench.write(op="rewrite")["outcome"] == "written"
    assert pusher.sync()
    assert server.kids == [old.thumbprint(), new.thumbprint()], "Odoo hears which keys are taken"
    assert kids(bench) == [new.thumbprint(), old.thumbprint()]
    server.key = old
    assert bench.write(op="rewrite")["outcome"] == "written", "orders on their way are still carried out"


def test_a_terminal_that_was_off_follows_the_handovers(bench, pusher, server):
    keys = [server.key, new_key(), new_key(), new_key()]
    server.handovers = [handover(server, old, new) for old, new in zip(keys, keys[1:], strict=False)]
    server.key = keys[-1]
    assert pusher.sync()
    assert kids(bench)[0] == keys[-1].thumbprint()
    assert pusher.sync()


def test_the_old_key_runs_out(bench, pusher, server):
    old, new = server.key, new_key()
    server.handovers = [handover(server, old, new)]
    server.key = new
    assert pusher.sync()
    assert old.thumbprint() in kids(bench)
    server.offset = OLD_KEY_MS + 60_000
    assert pusher.sync()
    assert kids(bench) == [new.thumbprint()]
    server.key = old
    assert not pusher.sync(), "a retired key came back"


def test_a_restart_knows_the_new_key(bench, pusher, server):
    old, new = server.key, new_key()
    server.handovers = [handover(server, old, new)]
    assert pusher.sync()
    stored = Pairing.load(bench.config.pairing_file)
    assert stored.issuer.key_of(new.thumbprint()).thumbprint() == new.thumbprint()
    assert stored.issuer.key_of(new_key().thumbprint()) is None
    assert stored.issuer.key_of(None) is None


def test_a_new_key_that_cannot_be_stored_is_used_and_learned_again(bench, pusher, server, monkeypatch):
    old, new = server.key, new_key()
    server.handovers = [handover(server, old, new)]
    server.key = new

    def no_room(*_args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", no_room)
    assert pusher.sync()
    assert bench.terminal.identity.pairing.kid == new.thumbprint()
    assert Pairing.load(bench.config.pairing_file).kid == old.thumbprint()


def test_a_pairing_file_of_before_is_read_and_a_bad_key_in_it_is_not(bench, server):
    path = bench.config.pairing_file
    pairing = Pairing.load(path)
    Pairing(**{**vars(pairing), "further": (FurtherKey("x" * 43, server.public),)}).save(path)
    with pytest.raises(ConfigError):
        Pairing.load(path)
    pairing.save(path)
    old = json.loads(path.read_text())
    del old["further"]
    path.write_text(json.dumps(old))
    assert Pairing.load(path) == pairing
