"""The PIN of a token: read from a private file, and tried once in all when the token refuses it."""

import contextlib
import errno
import os
import stat
from types import SimpleNamespace

import pytest
from prepaid_core import pkcs11_keys
from prepaid_core.errors import Refusal
from prepaid_core.pkcs11_keys import Pkcs11CardKeys
from prepaid_core.refused_pin import RefusedPin

from tests.core.softhsm import MODULE, PIN, soft_hsm
from tests.core.token_keys import keys_in, refused_in


@pytest.fixture(scope="module")
def hsm(tmp_path_factory):
    with soft_hsm(tmp_path_factory.mktemp("hsm")) as tokens:
        yield tokens


@pytest.fixture
def tries(hsm, monkeypatch):
    """The labels of the tokens that were asked to take a PIN, in this process."""
    refused_in(hsm).forget()
    real, made = pkcs11_keys._module, []

    def module(*args):
        """The real module, whose tokens count."""

        def get_token(token_label):
            token = real(*args).get_token(token_label=token_label)
            return SimpleNamespace(open=lambda **how: made.append(token_label) or token.open(**how))

        return SimpleNamespace(get_token=get_token)

    monkeypatch.setattr(pkcs11_keys, "_module", module)
    yield made
    refused_in(hsm).forget()


def is_refused(keys):
    """Check that a provider refuses all work without saying the PIN; its reason."""
    with pytest.raises(Refusal) as refusal:
        keys.drivers()
    assert refusal.value.code == "K-109"
    assert "wrong" not in str(refusal.value.params)
    return refusal.value.params["reason"]


def test_a_wrong_pin_is_tried_once_in_all_and_a_new_one_is_noticed(hsm, tries):
    label, pins = hsm.new_token(), ["wrong"]
    for _ in range(3):
        # Each is what another process would have.
        keys = keys_in(hsm, label, lambda: pins[-1])
        for _ in range(2):
            reason = is_refused(keys)
    assert len(tries) == 1, "the wrong PIN was tried again, which locks a token"
    assert "retry-pin" in reason
    pins.append(PIN)
    assert keys.drivers() == []
    assert not refused_in(hsm).forget(), "a PIN that was taken leaves nothing behind"


def test_processes_at_once_try_a_wrong_pin_once(hsm, tries):
    label = hsm.new_token()
    children = []
    for _ in range(4):
        child = os.fork()
        if child == 0:
            with contextlib.suppress(Refusal):
                keys_in(hsm, label, lambda: "wrong").drivers()
            os._exit(len(tries))
        children.append(child)
    assert sorted(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children) == [0, 0, 0, 1]


def test_the_operator_lets_the_same_pin_be_tried_again(hsm, tries):
    label = hsm.new_token("wrong")
    keys = keys_in(hsm, label)
    is_refused(keys)
    before = len(tries)
    assert refused_in(hsm).forget()
    is_refused(keys)
    assert len(tries) == before + 1


def test_a_pin_that_one_token_refused_is_tried_at_another(hsm, tries):
    is_refused(keys_in(hsm, hsm.new_token("wrong")))
    assert keys_in(hsm, hsm.new_token()).drivers() == []


def test_what_is_remembered_is_private_and_not_the_pin(hsm, tries):
    is_refused(keys_in(hsm, hsm.new_token(), lambda: "wrong-4711"))
    marker = hsm.tokens.with_name("pin-refused")
    assert stat.S_IMODE(marker.stat().st_mode) == 0o600
    assert "4711" not in marker.read_text()


@pytest.mark.parametrize("content", ["", "{}", '{"salt": "zz", "digest": 5}', '{"salt": "00", "digest": 5}'])
def test_a_memory_that_cannot_be_read_lets_nothing_be_tried(hsm, tries, content):
    label = hsm.new_token()
    marker = hsm.tokens.with_name("pin-refused")
    marker.touch(mode=0o600)
    marker.write_text(content)
    with pytest.raises(Refusal) as refusal:
        keys_in(hsm, label).drivers()
    assert (refusal.value.code, len(tries)) == ("T-107", 0)
    refused_in(hsm).forget()
    assert keys_in(hsm, label).drivers() == []


def test_what_was_being_tried_when_a_process_was_killed_is_tried_again(hsm, tries):
    label, marker = hsm.new_token(), hsm.tokens.with_name("pin-refused")
    child = os.fork()
    if child == 0:
        with refused_in(hsm).trying("token", PIN, ()):
            os._exit(0)
    os.waitpid(child, 0)
    ready = marker.with_name("pin-refused.ready")
    assert (ready.exists(), stat.S_IMODE(ready.stat().st_mode)) == (True, 0o600)
    assert keys_in(hsm, label).drivers() == []
    assert not ready.exists()


def test_on_a_full_disk_nothing_is_tried(hsm, tries, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, "")

    keys = keys_in(hsm, hsm.new_token(), lambda: "wrong")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refusal) as refusal:
        keys.drivers()
    assert (refusal.value.code, len(tries)) == ("T-107", 0)
    assert os.strerror(errno.ENOSPC) in refusal.value.params["reason"]
    monkeypatch.undo()


def test_without_a_folder_to_remember_in_nothing_is_tried(hsm, tries, tmp_path):
    keys = Pkcs11CardKeys(MODULE, hsm.new_token(), lambda: PIN, RefusedPin(tmp_path / "gone" / "pin-refused"))
    with pytest.raises(Refusal) as refusal:
        keys.drivers()
    assert (refusal.value.code, len(tries)) == ("T-107", 0)


@pytest.mark.parametrize("content", ["", "\n", " \nsecond"])
def test_an_empty_pin_file_is_refused(tmp_path, content):
    path = tmp_path / "pin"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(Refusal):
        pkcs11_keys.read_pin(path)


def test_a_pin_file_open_to_others_is_refused(tmp_path):
    path = tmp_path / "pin"
    path.write_text("1234\n")
    path.chmod(0o640)
    with pytest.raises(Refusal) as refusal:
        pkcs11_keys.read_pin(path)
    assert refusal.value.code == "T-107"
    path.chmod(0o600)
    assert pkcs11_keys.read_pin(path) == "1234"
