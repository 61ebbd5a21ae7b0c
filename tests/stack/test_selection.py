"""Which tests script/test runs for which arguments."""

import pytest
from stack.paths import ROOT
from stack.run_tests import PLAIN, Selection, parts_of

ADDON = "addons/electricity_prepaid"


def test_no_argument_means_everything():
    selection = Selection([])
    assert selection.is_all
    assert selection.of(["addons"]) == ["addons"]
    assert "tests/stack" in selection.of(PLAIN)


def test_a_path_leaves_out_the_other_groups():
    selection = Selection(["tests/stack/test_selection.py::test_a_path_leaves_out_the_other_groups", "-x"])
    assert selection.of(PLAIN) == ["tests/stack/test_selection.py::test_a_path_leaves_out_the_other_groups"]
    assert selection.of(["addons"]) == []
    assert selection.options == ["-x"]


def test_a_folder_above_stands_for_the_groups_folders():
    assert "tests/stack" in Selection(["tests"]).of(PLAIN)


def test_an_addon_belongs_to_the_addons():
    selection = Selection([ADDON])
    assert selection.of(["addons"]) == [ADDON]
    assert selection.of(PLAIN) == []


@pytest.mark.parametrize("option", ["-k", "-m", "-p"])
def test_the_value_of_an_option_is_no_path(option):
    selection = Selection([option, "tests"])
    assert selection.paths == []
    assert selection.options == [option, "tests"]


def test_a_filter_may_leave_a_group_empty():
    assert Selection(["-k", "gate"]).filters
    assert not Selection(["tests/stack", "-x"]).filters


def test_a_long_folder_runs_in_parts_and_nothing_of_it_twice_or_never():
    parts = parts_of("tests/kiosk", ["tests/kiosk"])
    assert [name for name, _files in parts] == ["tests/kiosk 1/2", "tests/kiosk 2/2"]
    files = sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "tests/kiosk").glob("test_*.py"))
    assert sorted(file for _name, part in parts for file in part) == files
    chosen = ["tests/kiosk/test_visit.py"]
    assert parts_of("tests/kiosk", chosen) == [("tests/kiosk", chosen)]
    assert parts_of("tests/keys", ["tests/keys"]) == [("tests/keys", ["tests/keys"])]
