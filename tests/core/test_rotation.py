"""Rotation of Odoo's signing key: announced, handed over, activated."""

import json

import pytest
from prepaid_core import keyring, tokens
from prepaid_core.errors import Refusal

DB = "0f6c2a4e-0000-4000-8000-00000000000d"


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "keys.json"
    keyring.provision(made, DB)
    return made


def handed_over(ring, x):
    """Follow the handovers from one public key, as a terminal does."""
    trusted = {tokens.thumbprint(x): x}
    for token in ring.handovers:
        header, _claims = tokens.peek(token, "X")
        if header["kid"] in trusted:
            claims = tokens.verify(token, tokens.HANDOVER, trusted[header["kid"]], DB, DB, "O-101")
            trusted[claims["kid"]] = claims["key"]
    return trusted


def test_an_announced_key_is_signed_by_the_present_one_and_does_not_sign_yet(path):
    first = keyring.load(path)
    ring = keyring.announce(path)
    assert ring.active == first.active
    assert handed_over(ring, first.active.x)[ring.announced.kid] == ring.announced.x
    assert keyring.load(path, DB) == ring


def test_an_activated_key_signs_and_the_old_private_half_is_gone(path):
    first = keyring.load(path)
    announced = keyring.announce(path).announced
    ring = keyring.activate(path)
    assert (ring.active, ring.announced) == (announced, None)
    assert ring.public(first.active.kid) == first.active.x
    assert first.active.d not in path.read_text()
    assert handed_over(ring, first.active.x)[ring.active.kid] == ring.active.x


def test_a_terminal_that_missed_two_rotations_finds_the_way(path):
    first = keyring.load(path).active
    for _ in range(2):
        keyring.announce(path)
        ring = keyring.activate(path)
    assert ring.active.kid in handed_over(ring, first.x)
    assert ring.active.kid not in handed_over(ring, keyring.SigningKey.generate().x)


def test_a_key_that_somebody_else_may_have_hands_nothing_over(path):
    first = keyring.load(path).active
    keyring.announce(path)
    ring = keyring.rotate(path)
    assert (ring.handovers, ring.announced) == ((), None)
    assert ring.public(first.kid) == first.x
    assert first.d not in path.read_text()


def test_the_steps_come_in_order(path):
    with pytest.raises(ValueError, match="No key is announced"):
        keyring.activate(path)
    keyring.announce(path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match="announced already"):
        keyring.announce(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("change", [{"state": "announced"}, {"d": None}, {"handover": 5}, {"state": "active"}])
def test_a_ring_that_contradicts_itself_is_refused(path, change):
    keyring.announce(path)
    content = json.loads(path.read_text())
    content["keys"][0 if change != {"state": "active"} else 1].update(change)
    path.write_text(json.dumps(content))
    with pytest.raises(Refusal) as refusal:
        keyring.load(path)
    assert refusal.value.code == "T-107"


def test_the_epoch_rises_under_an_announced_key(path):
    announced = keyring.announce(path)
    ring = keyring.raise_epoch(path)
    assert (ring.epoch, ring.announced, ring.handovers) == (2, announced.announced, announced.handovers)
