"""Card keys: the same tests for both providers, the formulas of card-security-demo computed here on their own."""

import hashlib
import hmac
import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.cmac import CMAC
from pkcs11 import Attribute, ObjectClass
from pkcs11.exceptions import AttributeSensitive
from prepaid_core import key_suite_demo as suite
from prepaid_core.card_keys import SoftwareCardKeys
from prepaid_core.errors import Refusal
from prepaid_core.pkcs11_keys import Pkcs11CardKeys

from tests.core.softhsm import PIN, put, soft_hsm
from tests.core.token_keys import keys_in, refused_in

SERIAL, MEMORY_SERIAL = "6500000000001234", "000000000123"
CHALLENGE, INTERNAL = bytes.fromhex("0123456789abcdef"), bytes.fromhex("1122334455667788")
HEADER, DATA = bytes.fromhex("04d682000c"), bytes.fromhex("0000000a00000002")
PURPOSES = ("int", "ext", "mac")
MASTERS = {"sle4442_demo": bytes(range(32)), "sle4428_demo": bytes(range(32, 64))}
CPU = {
    (driver, version, purpose): hashlib.sha256(f"{driver}{version}{purpose}".encode()).digest()[:16]
    for driver in ("csg2015", "gdw1365")
    for version in (1, 2)
    for purpose in PURPOSES
}
TRANSPORT = {"int": b"\xa0" * 16, "ext": b"\xa1" * 16, "mac": b"\xa2" * 16}


@pytest.fixture(scope="module")
def hsm(tmp_path_factory):
    with soft_hsm(tmp_path_factory.mktemp("hsm")) as tokens:
        yield tokens


@pytest.fixture(scope="module")
def stored(hsm, tmp_path_factory):
    """Both providers with the same known masters."""
    path = tmp_path_factory.mktemp("software") / "card-keys.json"
    write(path, file_content())
    label = hsm.new_token()
    put(label, MASTERS, CPU)
    return {"software": SoftwareCardKeys.load(path), "pkcs11": keys_in(hsm, label)}


@pytest.fixture(params=["software", "pkcs11"])
def keys(request, stored):
    return stored[request.param]


class Store:
    """An empty place for keys, and the operator's commands on it."""

    def __init__(self, kind, folder, hsm):
        self.kind, self.path = kind, folder / "card-keys.json"
        if kind == "pkcs11":
            self.provider = keys_in(hsm, hsm.new_token())
        else:
            write(self.path, {})

    def __getattr__(self, name):
        if self.kind == "pkcs11":
            return getattr(self.provider, name)
        if name in ("complete", "add_version", "destroy"):
            return lambda *args: getattr(SoftwareCardKeys, name)(self.path, *args)
        return getattr(SoftwareCardKeys.load(self.path), name)


@pytest.fixture(params=["software", "pkcs11"])
def store(request, tmp_path, hsm):
    return Store(request.param, tmp_path, hsm)


def write(path, content):
    path.write_text(json.dumps(content))
    path.chmod(0o600)


def file_content():
    content = {driver: {"master": value.hex()} for driver, value in MASTERS.items()}
    for (driver, version, purpose), value in CPU.items():
        entry = content.setdefault(driver, {"versions": {}, "current": 2})
        entry["versions"].setdefault(str(version), {})[purpose] = value.hex()
    return content


def aes(key, block):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(block)


def cmac(key, message):
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def card_key(driver, version, purpose, serial=SERIAL):
    number = bytes.fromhex(serial)
    master = CPU[driver, version, purpose] if version else TRANSPORT[purpose]
    return aes(master, number + bytes(255 - byte for byte in number))


def answer_of(driver, version):
    return aes(card_key(driver, version, "int"), INTERNAL + bytes(8))[:8]


VERSIONS = [(driver, version) for driver in ("csg2015", "gdw1365") for version in (0, 1, 2)]


@pytest.mark.parametrize("change", [b"\0" * 8, b"\xff" * 8, None])
def test_a_card_that_answers_wrong_gets_no_cryptogram(keys, change):
    right = answer_of("gdw1365", 1)
    wrong = change or bytes([right[0] ^ 1]) + right[1:]
    with pytest.raises(Refusal) as refusal:
        keys.authenticate("gdw1365", 1, SERIAL, INTERNAL, wrong, CHALLENGE)
    assert refusal.value.code == "K-105"


def test_the_answer_of_another_card_version_or_driver_is_wrong(keys):
    for driver, version, serial in (
        ("gdw1365", 1, "6500000000001235"),
        ("gdw1365", 2, SERIAL),
        ("csg2015", 1, SERIAL),
        ("gdw1365", 0, SERIAL),
    ):
        with pytest.raises(Refusal) as refusal:
            keys.authenticate(driver, version, serial, INTERNAL, answer_of("gdw1365", 1), CHALLENGE)
        assert refusal.value.code == "K-105"


@pytest.mark.parametrize(("driver", "version"), [("gdw1365", 3), ("gdw1365", 255), ("sle4442_demo", 0), ("other", 1)])
def test_an_unknown_version_is_refused(keys, driver, version):
    for call in (
        lambda: keys.authenticate(driver, version, SERIAL, INTERNAL, INTERNAL, CHALLENGE),
        lambda: keys.mac(driver, version, SERIAL, CHALLENGE, HEADER, DATA),
        lambda: keys.key_update(driver, version, SERIAL, CHALLENGE, 1),
        lambda: keys.reconnect(driver, version, SERIAL, bytes(6)),
    ):
        with pytest.raises(Refusal) as refusal:
            call()
        assert refusal.value.code == "K-106"


@pytest.mark.parametrize(("driver", "version"), VERSIONS)
def test_the_cryptograms_are_those_of_the_suite(keys, driver, version):
    cryptogram = keys.authenticate(driver, version, SERIAL, INTERNAL, answer_of(driver, version), CHALLENGE)
    assert cryptogram == aes(card_key(driver, version, "ext"), CHALLENGE + bytes(8))[:8]
    mac = card_key(driver, version, "mac")
    assert keys.mac(driver, version, SERIAL, CHALLENGE, HEADER, DATA) == cmac(mac, CHALLENGE + HEADER + DATA)[:4]
    deadline = bytes.fromhex("261231235959")
    assert keys.reconnect(driver, version, SERIAL, deadline) == aes(mac, b"\x1c\0" + deadline + b"\x80" + bytes(7))


@pytest.mark.parametrize(("driver", "version"), VERSIONS[:2] + VERSIONS[3:5])
def test_a_key_update_carries_the_new_keys_under_the_old_one(keys, driver, version):
    command = keys.key_update(driver, version, SERIAL, CHALLENGE, 2)
    old = card_key(driver, version, "mac")
    data = b"".join(aes(old, card_key(driver, 2, purpose)) for purpose in PURPOSES)
    header = bytes.fromhex("84d4010234")
    assert command == header + data + cmac(old, CHALLENGE + header + data)[:4]


@pytest.mark.parametrize(("driver", "size"), [("sle4442_demo", 3), ("sle4428_demo", 2)])
def test_the_code_of_a_memory_card_is_that_of_its_layout(keys, driver, size):
    expected = hmac.new(MASTERS[driver], b"PSC" + bytes.fromhex(MEMORY_SERIAL), hashlib.sha256).digest()[:size]
    assert keys.psc(driver, MEMORY_SERIAL) == expected


def test_a_card_without_a_code_has_none(keys):
    for driver in ("at24_demo", "gdw1365", "other"):
        with pytest.raises(Refusal) as refusal:
            keys.psc(driver, MEMORY_SERIAL)
        assert refusal.value.code == "T-107"


def test_what_there_is_can_be_listed(keys):
    assert keys.drivers() == ["csg2015", "gdw1365", "sle4428_demo", "sle4442_demo"]
    assert (keys.versions("gdw1365"), keys.versions("sle4442_demo"), keys.versions("other")) == ([1, 2], [], [])
    assert keys.current("gdw1365") == 2
    with pytest.raises(Refusal):
        keys.current("sle4442_demo")


def test_no_key_shows_in_a_representation(keys):
    shown = repr(keys) + repr(keys._key("gdw1365", 1, "mac", SERIAL)) + repr(suite.SoftKey(b"\xa5" * 16))
    for value in (*MASTERS.values(), *CPU.values(), card_key("gdw1365", 1, "mac"), b"\xa5" * 16):
        assert value.hex() not in shown
        assert repr(value) not in shown


def test_the_challenge_of_an_attempt_cannot_be_chosen():
    attempt = "0f6c2a4e-0000-4000-8000-00000000000d"
    assert suite.internal_challenge(attempt) == hashlib.sha256(b"internal" + attempt.encode()).digest()[:8]


# -- the operator's commands, on both ---------------------------------------------------------------------------------


def test_keys_are_made_where_they_are_missing_and_never_again(store):
    assert store.complete() == ["csg2015", "gdw1365", "sle4428_demo", "sle4442_demo"]
    codes = [store.psc(driver, MEMORY_SERIAL) for driver in ("sle4442_demo", "sle4428_demo")]
    macs = [store.mac(driver, 1, SERIAL, CHALLENGE, HEADER, DATA) for driver in ("csg2015", "gdw1365")]
    assert store.complete() == []
    assert codes == [store.psc(driver, MEMORY_SERIAL) for driver in ("sle4442_demo", "sle4428_demo")]
    assert macs == [store.mac(driver, 1, SERIAL, CHALLENGE, HEADER, DATA) for driver in ("csg2015", "gdw1365")]
    assert macs[0] != macs[1]


def test_a_new_version_is_the_current_one_and_the_old_one_stays(store):
    store.complete()
    before = store.mac("gdw1365", 1, SERIAL, CHALLENGE, HEADER, DATA)
    assert store.add_version("gdw1365") == 2
    assert (store.versions("gdw1365"), store.current("gdw1365"), store.versions("csg2015")) == ([1, 2], 2, [1])
    assert store.mac("gdw1365", 1, SERIAL, CHALLENGE, HEADER, DATA) == before
    assert store.mac("gdw1365", 2, SERIAL, CHALLENGE, HEADER, DATA) != before


@pytest.mark.parametrize("driver", ["sle4442_demo", "other"])
def test_only_a_cpu_driver_has_versions(store, driver):
    store.complete()
    with pytest.raises(Refusal) as refusal:
        store.add_version(driver)
    assert refusal.value.code == "K-106"


def test_a_destroyed_version_is_gone_and_its_number_is_not_used_again(store):
    store.complete()
    store.add_version("gdw1365")
    with pytest.raises(ValueError, match="current version"):
        store.destroy("gdw1365", 2)
    store.destroy("gdw1365", 1)
    with pytest.raises(Refusal) as refusal:
        store.mac("gdw1365", 1, SERIAL, CHALLENGE, HEADER, DATA)
    assert refusal.value.code == "K-106"
    with pytest.raises(Refusal):
        store.destroy("gdw1365", 1)
    store.destroy("gdw1365", 2)
    assert store.versions("gdw1365") == []
    with pytest.raises(Refusal):
        store.current("gdw1365")
    assert store.complete() == [], "what was destroyed came back by itself"
    assert store.add_version("gdw1365") == 3


def test_a_destroyed_code_master_does_not_come_back(store):
    store.complete()
    store.destroy("sle4442_demo")
    assert store.drivers() == ["csg2015", "gdw1365", "sle4428_demo"]
    with pytest.raises(Refusal):
        store.psc("sle4442_demo", MEMORY_SERIAL)
    with pytest.raises(Refusal):
        store.destroy("sle4442_demo")
    assert store.complete() == []


# -- the software provider's file -------------------------------------------------------------------------------------


def test_an_old_file_keeps_its_keys_and_gets_what_it_lacks(tmp_path):
    path = tmp_path / "card-keys.json"
    write(path, {"sle4442_demo": {"master": "11" * 32}})
    assert SoftwareCardKeys.load(path).drivers() == ["sle4442_demo"]
    assert SoftwareCardKeys.complete(path) == ["csg2015", "gdw1365", "sle4428_demo"]
    content = json.loads(path.read_text())
    assert content["sle4442_demo"] == {"master": "11" * 32}
    assert re.fullmatch("[0-9a-f]{32}", content["gdw1365"]["versions"]["1"]["mac"])
    assert content["gdw1365"]["current"] == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "entry",
    [
        {"versions": [], "current": 1},
        {"versions": {"1": "x"}, "current": 1},
        {"versions": {"1": {"int": "00" * 16, "ext": "00" * 16}}, "current": 1},
        {"versions": {"1": {"int": "00" * 16, "ext": "00" * 16, "mac": "00" * 15}}, "current": 1},
        {"versions": {"1": {"int": "00" * 16, "ext": "00" * 16, "mac": "zz" * 16}}, "current": 1},
        {"versions": {"1": {"int": "00" * 16, "ext": "00" * 16, "mac": "00" * 16}}, "current": 2},
        {"versions": {"0": {"int": "00" * 16, "ext": "00" * 16, "mac": "00" * 16}}, "current": 0},
        {"versions": {"256": {"int": "00" * 16, "ext": "00" * 16, "mac": "00" * 16}}, "current": 256},
        {"versions": {"one": {"int": "00" * 16, "ext": "00" * 16, "mac": "00" * 16}}, "current": 1},
        "x",
    ],
)
def test_a_malformed_entry_is_refused_and_the_file_left_alone(tmp_path, entry):
    path = tmp_path / "card-keys.json"
    write(path, {"gdw1365": entry})
    before = path.read_bytes()
    for call in (SoftwareCardKeys.load, SoftwareCardKeys.complete):
        with pytest.raises(Refusal) as refusal:
            call(path)
        assert refusal.value.code == "T-107"
    assert path.read_bytes() == before


# -- the token --------------------------------------------------------------------------------------------------------


def test_the_masters_cannot_leave_the_token(hsm):
    label = hsm.new_token()
    keys = keys_in(hsm, label)
    keys.complete()

    def values(session):
        for name in ("gdw1365/1/mac", "sle4442_demo/psc"):
            key = keys.find(session, name)
            assert (key[Attribute.SENSITIVE], key[Attribute.EXTRACTABLE]) == (True, False)
            assert (key[Attribute.ALWAYS_SENSITIVE], key[Attribute.NEVER_EXTRACTABLE]) == (True, True)
            with pytest.raises(AttributeSensitive):
                key[Attribute.VALUE]
        return True

    assert keys.run(values)


def test_no_card_key_stays_in_the_token(hsm):
    keys = keys_in(hsm, hsm.new_token())
    keys.complete()
    count = keys.run(lambda session: len(list(session.get_objects())))
    for _ in range(3):
        keys.mac("gdw1365", 1, SERIAL, CHALLENGE, HEADER, DATA)
        keys.key_update("gdw1365", 0, SERIAL, CHALLENGE, 1)
    assert keys.run(lambda session: len(list(session.get_objects()))) == count


def test_a_token_that_goes_away_comes_back_without_a_restart(hsm):
    keys = keys_in(hsm, hsm.new_token())
    keys.complete()
    before = keys.mac("gdw1365", 1, SERIAL, CHALLENGE, HEADER, DATA)
    away = hsm.tokens.with_name("away")
    hsm.tokens.rename(away)
    for _ in range(2):
        for call in (
            lambda: keys.mac("gdw1365", 1, SERIAL, CHALLENGE, HEADER, DATA),
            lambda: keys.psc("sle4442_demo", MEMORY_SERIAL),
            keys.drivers,
        ):
            with pytest.raises(Refusal) as refusal:
                call()
            assert refusal.value.code == "K-109"
    away.rename(hsm.tokens)
    assert keys.mac("gdw1365", 1, SERIAL, CHALLENGE, HEADER, DATA) == before
    assert keys.versions("gdw1365") == [1]


@pytest.mark.parametrize("module", ["/nowhere/module.so", "/etc/hostname"])
def test_a_module_that_does_not_load_is_a_refusal(hsm, module):
    with pytest.raises(Refusal) as refusal:
        Pkcs11CardKeys(module, "token", lambda: PIN, refused_in(hsm)).drivers()
    assert refusal.value.code == "K-109"


def test_a_token_that_is_not_there_is_a_refusal(hsm):
    with pytest.raises(Refusal) as refusal:
        keys_in(hsm, "no such token").drivers()
    assert refusal.value.code == "K-109"


def test_a_forked_worker_opens_a_session_of_its_own(hsm):
    keys = keys_in(hsm, hsm.new_token())
    keys.complete()
    before = keys.mac("gdw1365", 1, SERIAL, CHALLENGE, HEADER, DATA)
    child = os.fork()
    if child == 0:
        same = keys.mac("gdw1365", 1, SERIAL, CHALLENGE, HEADER, DATA) == before
        os._exit(0 if same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert keys.mac("gdw1365", 1, SERIAL, CHALLENGE, HEADER, DATA) == before


def test_a_version_half_made_is_none(hsm):
    label = hsm.new_token()
    put(label, {}, {("gdw1365", 1, purpose): b"\1" * 16 for purpose in ("int", "ext")})
    keys = keys_in(hsm, label)
    assert keys.versions("gdw1365") == []
    assert keys.add_version("gdw1365") == 2


def test_what_is_left_of_a_version_can_be_destroyed(hsm):
    label = hsm.new_token()
    put(label, {}, {("gdw1365", version, "mac"): b"\1" * 16 for version in (1, 2)})
    keys = keys_in(hsm, label)
    keys.destroy("gdw1365", 1)
    with pytest.raises(Refusal):
        keys.destroy("gdw1365", 1)
    assert keys.run(lambda session: keys._labels(session, ObjectClass.SECRET_KEY)) == [["gdw1365", "2", "mac"]]
    assert keys.run(lambda session: keys._labels(session, ObjectClass.DATA)) == [["gdw1365", "destroyed", "1"]]


def test_the_software_provider_needs_no_module():
    code = "import sys; sys.path.insert(0, 'tests/core'); import conftest; import prepaid_core.card_keys"
    result = subprocess.run(
        [sys.executable, "-c", f"{code}; assert 'pkcs11' not in sys.modules"],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
