"""The key service in real Odoo workers, with the keys in a token: many at once, and a token that goes away."""

import json
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from stack.odoo import OdooProcess, run

from hw_proxy import tokens
from hw_proxy.keys import TerminalKeys
from tests.core.softhsm import MODULE, PIN

SERIAL = "6500000000001234"
BUSY = "S-101"
CLIENTS = 6
SETUP = """
import time, uuid
from datetime import datetime, timedelta
from odoo.addons.electricity_prepaid.core import codecs, orders
from odoo.addons.electricity_prepaid.core.card_image import CpuBlock, ImageWrite, WriteBack
ring = env['electricity.keyring'].load_ring()
terminal = env['electricity.terminal'].create({{'name': 'Keys', 'code': {code!r}}})
terminal.write({{'state': 'active', 'ed25519': {ed25519!r}, 'x25519': {x25519!r}, 'kid': {kid!r}}})
partner = env['res.partner'].create({{'name': 'Customer'}})
account = env['electricity.account'].create(
    {{'name': '7%011d' % terminal.id, 'partner_id': partner.id, 'regime': 'card', 'supply_address': '1 Test Road'}})
company = env.company
recharge = env['electricity.recharge'].create({{'uuid': str(uuid.uuid4()), 'company_id': company.id,
    'currency_id': company.currency_id.id, 'electricity_account_id': account.id, 'terminal_id': terminal.id,
    'user_id': env.uid, 'driver': 'gdw1365', 'amount': 50, 'state': 'paid'}})
codec = codecs.codec_of('gdw1365')
before = codec.encode_card({serial!r}, '700000000001', '700000000101', CpuBlock(3, 100),
    WriteBack('valid', 3, 50, time='2601010000'))
image = codec.image_for('purchase', before, block=CpuBlock(4, 5000))
now = int(time.time())
order = orders.WriteOrder(ring.db_uuid, terminal.uuid, str(uuid.uuid4()), recharge.name, ring.epoch, now + 540,
    now + 600, 'ins', 'purchase', {serial!r}, 0, 'gdw1365', 3, expect_digest='x' * 43,
    write=ImageWrite(4, 5000, image))
token = orders.issue(order, ring.active).token
env['electricity.recharge.attempt'].create({{'recharge_id': recharge.id, 'company_id': company.id, 'jti': order.jti,
    'terminal_id': terminal.id, 'issued_at': datetime.now(), 'expires_at': datetime.now() + timedelta(days=1),
    'order_token': token, 'image_before': before.hex(), 'expected_image': image.hex()}})
header, data = codec.secure_updates(before, order.write)[0]
result = {{'id': terminal.id, 'uuid': terminal.uuid, 'db': ring.db_uuid, 'attempt': order.jti,
    'header': header.hex(), 'data': data.hex()}}
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory, database, hsm):
    """Where this Odoo's keys are."""
    folder = tmp_path_factory.mktemp("keys")
    return {
        "ELECTRICITY_KEYRING": str(folder / "keyring.json"),
        "ELECTRICITY_PKCS11_MODULE": MODULE,
        "ELECTRICITY_PKCS11_TOKEN": hsm.new_token(),
        "ELECTRICITY_PKCS11_PIN": PIN,
    }


@pytest.fixture(scope="module")
def odoo(stack, database, environment, log_folder):
    """Odoo with worker processes: each opens a session of its own with the token."""
    run("electricity_keys", "init", f"--database={database}", environment=environment)
    return stack.start(OdooProcess(database, log_folder, environment=environment, options=["--workers=3"], name="keys"))


class Terminal:
    """A terminal in the middle of a write, and its line to Odoo."""

    def __init__(self, odoo, shell, environment, code):
        self.keys = TerminalKeys.generate()
        names = {"ed25519": self.keys.ed25519, "x25519": self.keys.x25519, "kid": self.keys.signing.thumbprint()}
        self.facts = shell(SETUP.format(code=code, serial=SERIAL, **names), environment)
        self.url = f"{odoo.url}/electricity/terminal/keys"

    def request(self):
        """A new request for the MAC of bytes that the order names."""
        claims = {"iss": self.facts["uuid"], "aud": self.facts["db"], "jti": str(uuid.uuid4()), "iat": int(time.time())}
        claims |= {"attempt": self.facts["attempt"], "serial": SERIAL, "version": 1, "op": "mac"}
        claims |= {"challenge": "01" * 8, "header": self.facts["header"], "data": self.facts["data"]}
        return tokens.sign(self.keys.signing, "key+jwt", claims)

    def ask(self, token=None):
        """The answer of Odoo, asked again while it is busy."""
        token = token or self.request()
        for _ in range(200):
            answer = httpx.post(self.url, json={"request": token}, timeout=30).json()
            if answer.get("code") != BUSY:
                return answer
            time.sleep(0.05)
        raise AssertionError("busy for ten seconds")

    def at_once(self, *requests):
        """The answers to requests that are sent at the same moment."""
        barrier = threading.Barrier(len(requests))

        def send(token):
            barrier.wait()
            return self.ask(token)

        with ThreadPoolExecutor(len(requests)) as clients:
            return list(clients.map(send, requests))


@pytest.fixture
def terminal(odoo, shell, environment):
    return Terminal(odoo, shell, environment, f"K{uuid.uuid4().hex[:6]}")


def rows(shell, terminal):
    """What is on record of a terminal: the codes of its requests, and its count."""
    return shell(
        f"terminal = env['electricity.terminal'].browse({terminal.facts['id']})\n"
        "uses = env['electricity.key.use'].search([('terminal_id', '=', terminal.id)])\n"
        "result = [sorted(use.code or '' for use in uses), terminal.key_uses]"
    )


def test_one_request_from_many_clients_is_one_row_and_counts_each_time(terminal, shell):
    token = terminal.request()
    answers = terminal.at_once(*[token] * CLIENTS)
    assert len({json.dumps(answer) for answer in answers}) == 1
    assert set(answers[0]) == {"mac"}
    assert rows(shell, terminal) == [[""], CLIENTS]


def test_many_requests_at_once_do_not_exceed_the_quota(terminal, shell):
    shell(f"env['electricity.terminal'].browse({terminal.facts['id']}).key_quota = 2")
    answers = terminal.at_once(*[terminal.request() for _ in range(CLIENTS)])
    assert sorted(answer.get("code", "") for answer in answers) == ["", ""] + ["K-104"] * (CLIENTS - 2)
    assert rows(shell, terminal)[0] == ["", ""]


def test_a_token_that_goes_away_comes_back_without_a_restart(terminal, hsm):
    token = terminal.request()
    first = terminal.ask(token)
    assert set(first) == {"mac"}
    away = hsm.tokens.with_name("away")
    hsm.tokens.rename(away)
    try:
        # Each worker in its turn.
        for _ in range(CLIENTS):
            assert terminal.ask()["code"] == "K-109"
    finally:
        away.rename(hsm.tokens)
    assert all(set(terminal.ask()) == {"mac"} for _ in range(CLIENTS))
    assert terminal.ask(token) == first


def test_a_revoked_terminal_is_refused_by_every_worker_at_once(terminal, shell, database, environment):
    assert all(set(terminal.ask()) == {"mac"} for _ in range(CLIENTS))
    code = shell(f"result = env['electricity.terminal'].browse({terminal.facts['id']}).code")
    options = [f"--database={database}", f"--terminal={code}", "--reason=stolen"]
    run("electricity_keys", "revoke", *options, environment=environment)
    assert {answer["code"] for answer in terminal.at_once(*[terminal.request() for _ in range(CLIENTS)])} == {"T-101"}
