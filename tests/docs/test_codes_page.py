"""docs/codes.md shows the catalogue as it is."""

import subprocess
import sys
from dataclasses import replace

import pytest
from stack import codes_page
from stack.paths import ROOT


def test_the_page_is_that_of_the_catalogue():
    assert codes_page.PAGE.read_text(encoding="utf-8") == codes_page.page(), "run python -m stack.codes_page"


def test_a_changed_sentence_makes_the_page_stale(monkeypatch):
    codes = codes_page.load_codes()
    changed = replace(codes.CATALOGUE[codes.C_NOT_INSERTED], en="Another sentence.")
    monkeypatch.setitem(codes.CATALOGUE, changed.id, changed)
    assert codes_page.PAGE.read_text(encoding="utf-8") != codes_page.page()


def test_a_code_of_an_unknown_family_is_noticed(monkeypatch):
    codes = codes_page.load_codes()
    monkeypatch.setitem(codes.CATALOGUE, "X-101", replace(codes.CATALOGUE[codes.S_BUSY], id="X-101"))
    with pytest.raises(KeyError):
        codes_page.page()


def test_a_sentence_does_not_break_the_table(monkeypatch):
    codes = codes_page.load_codes()
    monkeypatch.setitem(codes.CATALOGUE, codes.S_BUSY, replace(codes.CATALOGUE[codes.S_BUSY], en="This | that."))
    assert "| This \\| that. |" in codes_page.page()


def test_the_command_writes_the_page(tmp_path):
    program = (
        "import pathlib, sys; from stack import codes_page;"
        "codes_page.PAGE = pathlib.Path(sys.argv[1]); codes_page.main()"
    )
    written = tmp_path / "codes.md"
    environment = {"PYTHONPATH": str(ROOT / "script")}
    subprocess.run([sys.executable, "-c", program, written], env=environment, check=True)
    assert written.read_text(encoding="utf-8") == codes_page.page()
