"""Key files and pairing."""

import hashlib
import hmac
import json
import os
import stat

import pytest
from prepaid_core import card_keys, keyring, pairing, tokens
from prepaid_core.errors import Refusal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys.json"


def test_provisioning_makes_a_private_file_with_one_key(path):
    made = keyring.provision(path, "db")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keyring.load(path, "db") == made
    assert made.epoch == 1
    assert made.public(made.active.kid) == made.active.x
    assert made.public("other") is None
    assert os.listdir(path.parent) == ["keys.json"], "a temporary file was left"


def test_keys_are_never_overwritten(path):
    keyring.provision(path, "db")
    before = path.read_bytes()
    with pytest.raises(FileExistsError):
        keyring.provision(path, "db")
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["keys.json"]


def test_nothing_is_made_silently(path):
    for change in (keyring.load, keyring.raise_epoch, keyring.rotate):
        with pytest.raises(Refusal) as refusal:
            change(path)
        assert refusal.value.code == "T-107"
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o602, 0o666, 0o777])
def test_a_file_open_to_others_is_refused(path, mode):
    keyring.provision(path, "db")
    path.chmod(mode)
    with pytest.raises(Refusal) as refusal:
        keyring.load(path)
    assert refusal.value.code == "T-107"
    assert "0600" in refusal.value.params["reason"]


def test_a_file_of_another_user_is_refused(path, monkeypatch):
    keyring.provision(path, "db")
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    with pytest.raises(Refusal) as refusal:
        keyring.load(path)
    assert "another user" in refusal.value.params["reason"]


def test_a_link_and_a_folder_are_refused(path, tmp_path):
    keyring.provision(path, "db")
    link = tmp_path / "link.json"
    link.symlink_to(path)
    for other in (link, tmp_path):
        with pytest.raises(Refusal) as refusal:
            keyring.load(other)
        assert refusal.value.code == "T-107"


def write(path, content):
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    path.chmod(0o600)


def test_a_malformed_file_is_refused(path):
    keyring.provision(path, "db")
    good = json.loads(path.read_text())
    key = good["keys"][0]
    bad = ["", "x", "[]", "null", {}, {**good, "epoch": 0}, {**good, "epoch": "1"}, {**good, "keys": []}]
    bad += [{**good, "keys": "x"}, {**good, "keys": [key, key]}, {**good, "db_uuid": None}]
    bad += [
        {**good, "keys": [{**key, **change}]} for change in ({"d": "x"}, {"x": key["d"]}, {"kid": "x"}, {"state": "?"})
    ]
    bad += [{**good, "keys": [{**key, "state": "retired"}]}, {**good, "keys": [1]}]
    for content in bad:
        write(path, content)
        with pytest.raises(Refusal) as refusal:
            keyring.load(path)
        assert refusal.value.code == "T-107", content


def test_the_keys_of_another_database_do_not_sign(path):
    keyring.provision(path, "db")
    with pytest.raises(Refusal) as refusal:
        keyring.load(path, "a copy")
    assert refusal.value.code == "T-106"


def test_the_epoch_rises_and_stays(path):
    made = keyring.provision(path, "db")
    assert keyring.raise_epoch(path).epoch == 2
    assert keyring.raise_epoch(path).epoch == 3
    loaded = keyring.load(path, "db")
    assert (loaded.epoch, loaded.active) == (3, made.active)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rotation_keeps_the_retired_key_for_reading(path):
    first = keyring.provision(path, "db")
    second = keyring.rotate(path)
    assert second.active.kid != first.active.kid
    assert second.public(first.active.kid) == first.active.x
    assert keyring.load(path) == second


def test_a_failed_write_leaves_the_old_file(path, monkeypatch):
    keyring.provision(path, "db")
    before = path.read_bytes()

    def no_room(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_room)
    with pytest.raises(OSError, match="No space"):
        keyring.raise_epoch(path)
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["keys.json"]


def test_private_keys_show_nowhere(path):
    made = keyring.provision(path, "db")
    assert made.active.d not in repr(made)
    provider = card_keys.SoftwareCardKeys.provision(path.parent / "cards.json")
    assert next(iter(provider.masters.values())).hex() not in repr(provider)
    assert pairing.PairingCode("AAAA", "SECRETSECRET").secret not in repr(pairing.PairingCode("AAAA", "SECRETSECRET"))


def test_a_card_code_is_that_of_the_layout(path):
    write(path, {"sle4442_demo": {"master": "00" * 32}})
    code = card_keys.SoftwareCardKeys.load(path).psc("sle4442_demo", "000000000123")
    assert code == hmac.new(bytes(32), b"PSC" + bytes.fromhex("000000000123"), hashlib.sha256).digest()[:3]


def test_card_keys_are_private_and_complete(path):
    card_keys.SoftwareCardKeys.provision(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        card_keys.SoftwareCardKeys.provision(path)
    with pytest.raises(Refusal) as refusal:
        card_keys.SoftwareCardKeys.load(path).psc("other", "000000000123")
    assert refusal.value.code == "T-107"
    for content in (
        {"sle4442_demo": {}},
        {"sle4442_demo": {"master": "zz"}},
        {"sle4442_demo": {"master": "00"}},
        {"x": 1},
    ):
        write(path, content)
        with pytest.raises(Refusal):
            card_keys.SoftwareCardKeys.load(path)


def test_the_software_provider_warns_loudly():
    assert "DEMO" in card_keys.WARNING
    assert "never for cards that are worth money" in card_keys.WARNING


# -- pairing -----------------------------------------------------------------------------------------------------------


def test_codes_are_random_and_of_the_form():
    shown = {pairing.new_code().shown for _ in range(50)}
    assert len(shown) == 50
    for text in shown:
        assert len(text) == 19
        assert set(text) <= set(pairing.ALPHABET + "-")
        assert pairing.parse_code(text).shown == text


@pytest.mark.parametrize(
    "typed", ["0a1bcdefghjkmnpq", "OA1B CDEF GHJK MNPQ", " oaib-cdef-ghjk-mnpq ", "0AlBCDEFGHJKMNPQ"]
)
def test_a_code_is_read_as_people_type_it(typed):
    assert pairing.parse_code(typed).shown == "0A1B-CDEF-GHJK-MNPQ"


@pytest.mark.parametrize("typed", ["", "0A1B-CDEF-GHJK-MNP", "0A1B-CDEF-GHJK-MNPQR", "0A1B-CDEF-GHJK-MNPU", None, 5])
def test_anything_else_is_no_code(typed):
    with pytest.raises(Refusal) as refusal:
        pairing.parse_code(typed)
    assert refusal.value.code == "T-108"


CODE = pairing.PairingCode("0A1B", "CDEFGHJKMNPQ")


def test_the_key_is_that_of_the_protocol():
    # HKDF (RFC 5869) by hand: one block of output is 32 bytes.
    extracted = hmac.new(b"0A1B", b"CDEFGHJKMNPQ", hashlib.sha256).digest()
    assert pairing.derive_key(CODE) == hmac.new(extracted, b"prepaid-pairing-v1\x01", hashlib.sha256).digest()


def test_the_macs_cover_what_the_protocol_names():
    key = pairing.derive_key(CODE)

    def mac(text):
        return tokens.b64u(hmac.new(key, text.encode(), hashlib.sha256).digest())

    assert pairing.request_mac(key, "0A1B", "ed", "x") == mac("terminal\n0A1B\ned\nx")
    origins = ["http://a", "http://b"]
    answer = pairing.answer_mac(key, "terminal", "db", "kid", "key", 3, origins)
    assert answer == mac("odoo\nterminal\ndb\nkid\nkey\n3\nhttp://a http://b")


@pytest.mark.parametrize("place", range(4))
def test_a_request_with_any_part_changed_is_refused(place):
    key, parts = pairing.derive_key(CODE), ["0A1B", "ed", "x"]
    mac = pairing.request_mac(key, *parts)
    assert pairing.check_request(key, mac, *parts) is None
    if place < 3:
        parts[place] += "x"
    else:
        key = pairing.derive_key(pairing.PairingCode("0A1B", "CDEFGHJKMNPR"))
    with pytest.raises(Refusal) as refusal:
        pairing.check_request(key, mac, *parts)
    assert refusal.value.code == "T-108"


@pytest.mark.parametrize("mac", [None, "", "é", "\ud800", 5])
def test_a_mac_that_is_none_is_refused(mac):
    with pytest.raises(Refusal):
        pairing.check_request(pairing.derive_key(CODE), mac, "0A1B", "ed", "x")
