"""Which tests script/test runs for which arguments."""

import pytest
from stack.run_tests import PLAIN, Selection

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
