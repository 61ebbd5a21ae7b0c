"""docs/key-ceremony.md, word for word: every command of it, in one shell, from the first to the last."""

import json
import os
import re
import shlex
import stat
import subprocess
import sys

import pytest
from stack.odoo import data_folder
from stack.paths import ROOT

from tests.core.softhsm import MODULE

PAGE = ROOT / "docs" / "key-ceremony.md"
MARK = "@@ section "


def blocks():
    """Return (section, commands) for each block of commands on the page."""
    section, found = "", []
    for part in re.split(r"^(## .*)$", PAGE.read_text(encoding="utf-8"), flags=re.M):
        if part.startswith("## "):
            section = part[3:]
        else:
            found += [(section, block) for block in re.findall(r"^```sh\n(.*?)^```$", part, flags=re.M | re.S)]
    return found


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ceremony")
    (folder / "safe").mkdir()
    (folder / "bin").mkdir()
    wrapper = folder / "bin" / "odoo"
    wrapper.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m odoo "$@" --data-dir="{data_folder()}"\n')
    wrapper.chmod(0o755)
    lines = (ROOT / "odoo.conf").read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("electricity_")]
    (folder / "odoo.conf").write_text("\n".join(kept) + "\n")
    return folder


@pytest.fixture(scope="module")
def spoken(place, database, hsm, shell):
    """What each section of the ceremony printed."""
    shell("env['electricity.terminal'].create({'name': 'Counter 1', 'code': 'C01'})")
    script = "set -eu\n" + "".join(f"echo {shlex.quote(MARK + section)}\n{block}" for section, block in blocks())
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ELECTRICITY_")}
    environment |= {
        "PATH": f"{place / 'bin'}:{environment['PATH']}",
        "KEYS": str(place / "keys"),
        "CONF": str(place / "odoo.conf"),
        "DATABASE": database,
        "ADDONS": str(ROOT / "addons"),
        "BACKUP": str(place / "safe"),
        "TOKEN": "ceremony",
        "MODULE": MODULE,
        "PIN": "rehearsal-pin",
        "SO_PIN": "rehearsal-officer",
    }
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    parts = re.split(f"^{MARK}(.*)$", done.stdout, flags=re.M)
    said = {}
    for section, text in zip(parts[1::2], parts[2::2], strict=True):
        said[section] = said.get(section, "") + text
    return {section[0]: text for section, text in said.items()}, done.stdout + done.stderr


def test_the_page_has_commands_in_every_numbered_section():
    assert [section[0] for section, _block in blocks()] == sorted(section[0] for section, _block in blocks())
    assert {section[0] for section, _block in blocks()} == set("12345678")


def test_the_keys_are_made_in_the_token(spoken):
    said, _everything = spoken
    assert "token ceremony: made for csg2015, gdw1365, sle4428_demo, sle4442_demo." in said["3"]
    assert "DEMO" not in said["3"], "the token is called a demonstration"
    assert "sales      allowed" in said["3"]
    assert "csg2015 (versions 1; new cards get 1)" in said["3"]


def test_a_terminal_is_paired_and_revoked(spoken):
    said, _everything = spoken
    assert re.search(r"^\w{4}(-\w{4}){3}$", said["5"], flags=re.M)
    assert "C01: revoked" in said["5"]


def test_the_signing_key_is_announced_before_it_signs(spoken):
    said, _everything = spoken
    announced = re.search(r"Announced (\S{43});", said["6"])[1]
    assert f"announced  {announced}, known to every terminal that sells" in said["6"]
    assert f"{announced} signs from now on" in said["6"]
    assert re.search(r"The new key is (\S{43})", said["6"])[1] != announced


def test_the_keys_of_cards_get_a_version_and_lose_one(spoken):
    said, _everything = spoken
    assert "csg2015 (versions 1, 2; new cards get 2)" in said["7"]
    assert "csg2015 version 1: destroyed." in said["8"]
    assert "csg2015 version 2: destroyed." in said["8"]
    assert "sle4442_demo: destroyed." in said["8"]


def test_nobody_hears_the_pin(spoken):
    assert "rehearsal-" not in spoken[1]


def test_what_was_written_is_private(spoken, place):
    for path in (*(place / "keys").iterdir(), *(place / "safe").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert not (place / "keys" / "pin").exists()
    ring = json.loads((place / "keys" / "keyring.json").read_text())
    assert [entry["state"] for entry in ring["keys"]] == ["retired", "retired", "active"]
    assert [bool(entry["d"]) for entry in ring["keys"]] == [False, False, True]


def test_every_step_is_on_record(spoken, shell):
    rows = shell("result = env['electricity.key.use'].search([], order='id').mapped(lambda row: [row.op, row.driver])")
    expected = [["made", driver] for driver in ("csg2015", "gdw1365", "sle4428_demo", "sle4442_demo")]
    assert rows[:4] == expected
    assert [op for op, _driver in rows[4:8]] == ["revocation", "rotation", "activation", "activation"]
    assert rows[8:10] == [["version", "csg2015"], ["destroyed", "csg2015"]]
    assert sorted(driver for op, driver in rows[10:] if op == "destroyed") == [driver for _op, driver in expected]
