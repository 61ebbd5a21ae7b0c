"""Secrets in logs are found, wherever the log is and however short the life of its folder was."""

import json
import logging
import os
import shutil
import subprocess
import sys

import pytest
from stack import logs
from stack.processes import Process
from stack.pytest_plugin import COUNTS
from stack.run_tests import search_logs

SECRET = "a-secret-of-this-test"


@pytest.fixture
def kept(tmp_path, monkeypatch):
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setenv(logs.FOLDER, str(folder))
    return folder


def talk(folder, text):
    """Let a process say something, and return the process when it has ended."""
    process = Process("talker", [sys.executable, "-c", f"print({text!r})"], folder)
    process.start()
    process.child.wait()
    return process


def test_a_planted_secret_is_found_and_not_repeated(kept, tmp_path):
    logs.plant(SECRET, "the test's secret")
    talk(tmp_path / "own", f"harmless\nlogin with {SECRET} failed")
    (finding,) = logs.found(kept)
    assert finding.endswith("talker.log, line 2: the test's secret")
    assert SECRET not in finding


def test_a_log_is_kept_when_its_folder_is_gone(kept, tmp_path):
    logs.plant(SECRET, "the test's secret")
    talk(tmp_path / "own", SECRET)
    shutil.rmtree(tmp_path / "own")
    assert len(logs.found(kept)) == 1


def test_a_process_started_again_is_searched_once(kept, tmp_path):
    logs.plant(SECRET, "the test's secret")
    for _start in range(2):
        talk(tmp_path / "own", SECRET)
    assert [finding.partition(", ")[2] for finding in logs.found(kept)] == [
        "line 1: the test's secret",
        "line 2: the test's secret",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN EC PRIVATE KEY-----",
        '<wsse:Password Type="http://docs.oasis-open.org/wss/2004/01/x#PasswordDigest">',
        '<wsse:Nonce EncodingType="x">',
        json.dumps({"d": "x" * 43}),
    ],
)
def test_the_shapes_of_secrets_are_found_unplanted(kept, tmp_path, text):
    talk(tmp_path / "own", text)
    assert len(logs.found(kept)) == 1


def test_ordinary_lines_are_in_order(kept, tmp_path):
    logs.plant(SECRET, "the test's secret")
    talk(tmp_path / "own", "the announced nonce was used; a-secret-of-another-test")
    assert logs.found(kept) == []


def test_the_last_group_fails_for_a_finding(kept, tmp_path, monkeypatch, capsys):
    counts = tmp_path / "counts"
    monkeypatch.setenv(COUNTS, str(counts))
    assert search_logs(str(kept)) == 0
    logs.plant(SECRET, "the test's secret")
    talk(tmp_path / "own", SECRET)
    assert search_logs(str(kept)) == 1
    assert [json.loads(line) for line in counts.read_text("ascii").splitlines()] == [{"passed": 1}, {"failed": 1}]
    assert "line 1: the test's secret" in capsys.readouterr().out


def test_what_tests_log_themselves_is_searched(kept, tmp_path):
    (tmp_path / "test_sample.py").write_text(
        f"import logging\n\ndef test_it():\n    logging.getLogger('x').error({SECRET!r})\n", encoding="utf-8"
    )
    logs.plant(SECRET, "the test's secret")
    others = {name: value for name, value in os.environ.items() if name != COUNTS}
    subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:odoo", "-p", "stack.pytest_plugin", "-c", "/dev/null", tmp_path],
        env={**others, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    assert len(logs.found(kept)) == 1


def test_keys_are_planted_by_their_place_in_the_file(kept, tmp_path):
    private, public = "p" * 43, "x" * 43
    ring = tmp_path / "keyring.json"
    ring.write_text(json.dumps({"keys": [{"kid": "k" * 43, "d": private, "x": public}]}), encoding="utf-8")
    card = "0123456789abcdef" * 2
    cards = tmp_path / "card-keys.json"
    cards.write_text(json.dumps({"csg2015": {"versions": {"1": {"mac": card}}, "current": 1}}), encoding="utf-8")
    logs.plant_keys(ring)
    logs.plant_keys(cards)
    talk(tmp_path / "own", f"{public}\n{private}\n{card}")
    assert [finding.rpartition(": ")[2] for finding in logs.found(kept)] == [
        "a key of keyring.json",
        "a key of card-keys.json",
    ]


def test_nothing_is_kept_outside_of_the_tests(monkeypatch, tmp_path):
    monkeypatch.delenv(logs.FOLDER)
    handlers = list(logging.getLogger().handlers)
    logs.plant(SECRET, "the test's secret")
    logs.keep(tmp_path / "no.log")
    logs.keep_own()
    assert logging.getLogger().handlers == handlers


def test_a_secret_that_is_found_by_chance_is_none():
    with pytest.raises(ValueError, match="too short"):
        logs.plant("secret", "a word")
