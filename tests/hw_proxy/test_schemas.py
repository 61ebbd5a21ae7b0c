"""Every message of the terminal, and of the tests' Odoo, has the form of docs/protocol/*.schema.json."""

import json
from pathlib import Path

import jsonschema
import pytest

from hw_proxy import tokens
from hw_proxy.config import Config, OdooServer
from hw_proxy.keys import Identity, TerminalKeys
from hw_proxy.kiosk.login import login
from hw_proxy.odoo import OdooClient
from hw_proxy.pusher import Pusher
from hw_proxy.receipts import claims_of
from tests.hw_proxy.fake_odoo import OdooServer as FakeServer
from tests.hw_proxy.support import Bench

FOLDER = Path(__file__).parents[2] / "docs" / "protocol"


def check(name, claims):
    """Validate claims against one schema."""
    schema = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    validator(schema).validate(claims)


def test_a_snapshot_has_the_form(bench):
    check("snapshot", claims_of(bench.terminal.snapshot("n" * 22)))


@pytest.mark.parametrize(
    "make",
    [
        lambda bench: bench.write(),
        lambda bench: bench.write(psc=b"\0\0\0"),
        lambda bench: bench.write(ins="f" * 32),
        lambda bench: bench.write(card={"serial": "000000000123", "issue": 1, "driver": "other_demo"}),
        lambda bench: bench.claims(bench.terminal.jobs.void(bench.order()[0])),
    ],
    ids=["written", "not written", "void", "unknown driver", "voided"],
)
def test_every_receipt_has_the_form(bench, make):
    check("receipt", make(bench))


def test_an_unknown_outcome_has_the_form(bench):
    bench.card.trouble = lambda command: bench.card.pull() if command[1] == 0xD0 else None
    receipt = bench.write()
    check("receipt", receipt)


def test_a_login_statement_has_the_form(bench):
    bench.terminal.odoo.reachable = True
    check("login", claims_of(login(bench.terminal)["token"]))


def test_the_messages_of_a_synchronisation_have_the_form(tmp_path):
    server = FakeServer()
    keys = TerminalKeys.generate()
    server.keys = (keys.ed25519, keys.x25519)
    config = Config(data_dir=tmp_path, odoo=OdooServer(url=server.url))
    bench = Bench(tmp_path, config=config, odoo=server, identity=Identity(keys, server.pairing(server.terminal)))
    bench.write()
    assert Pusher(bench.terminal, OdooClient(config.odoo)).sync()
    check("heartbeat", server.heartbeats[0])
    check("ack", claims_of(server.ack(server.terminal, server.heartbeats[0]["nonce"], 1)))
    check("order", claims_of(bench.order()[0]))
    check("page", claims_of(server.page(server.terminal)))
    assert tokens.is_hash(server.heartbeats[0]["head"])
    bench.close()
    server.close()
