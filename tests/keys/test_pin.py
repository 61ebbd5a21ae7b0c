"""A wrong PIN in the configuration of real Odoo processes: tried by one of them, once."""

import os
import stat
import subprocess

import pytest
from stack.odoo import command
from stack.paths import ROOT

from tests.core.softhsm import MODULE, PIN

TRIED, NOT_TRIED = "PinIncorrect", "refused before"


@pytest.fixture
def place(tmp_path, hsm):
    (tmp_path / "pin").touch(mode=0o600)
    (tmp_path / "pin").write_text(f"{PIN}\n")
    return {
        "ELECTRICITY_KEYRING": str(tmp_path / "keyring.json"),
        "ELECTRICITY_PKCS11_MODULE": MODULE,
        "ELECTRICITY_PKCS11_TOKEN": hsm.new_token(),
        "ELECTRICITY_PKCS11_PIN_FILE": str(tmp_path / "pin"),
    }


def test_a_wrong_pin_is_tried_once_by_all_processes_until_an_operator_says_otherwise(place, tmp_path, database):
    def keys(action):
        """What the command says, and whether it went well."""
        done = subprocess.run(
            command("electricity_keys", action, f"--database={database}"),
            cwd=ROOT,
            env={**os.environ, **place},
            capture_output=True,
            text=True,
            check=False,
        )
        assert "wrong-4711" not in done.stdout + done.stderr
        return done.stdout, done.returncode == 0

    assert keys("init")[1]
    marker = tmp_path / "keyring.json.pin-refused"
    assert not marker.exists()
    (tmp_path / "pin").write_text("wrong-4711\n")
    said = [keys("show")[0] for _ in range(3)]
    assert [TRIED in text for text in said] == [True, False, False]
    assert all(NOT_TRIED in text and "retry-pin" in text for text in said[1:])
    assert stat.S_IMODE(marker.stat().st_mode) == 0o600
    text, good = keys("retry-pin")
    assert (TRIED in text, good) == (True, False)
    assert NOT_TRIED in keys("show")[0]
    (tmp_path / "pin").write_text(f"{PIN}\n")
    text, good = keys("show")
    assert good, text
    assert not marker.exists()
    text, good = keys("retry-pin")
    assert (good, "takes the PIN" in text) == (True, True)
