"""Descriptions that are wrong: each says which file, which key and what to do."""

import re

import pytest

from hw_proxy.errors import ConfigError
from hw_proxy.vendor.description import load, load_folder
from simulators.vendor import LIBRARIES, describe


@pytest.mark.parametrize(
    ("library", "change", "key", "advice"),
    [
        ("huali", ('id = "huali"', 'id = "Hua Li"'), "id", "a-z"),
        ("huali", ('unit = "cents"\n', ""), "unit", "is missing: add it"),
        ("huali", ('unit = "cents"', 'unit = "fen"'), "unit", "cents, kwh"),
        ("huali", ('unit = "cents"', 'unit = "cents"\ncolour = "red"'), "colour", "remove it"),
        ("huali", ('atrs = ["3b04a2131092"]', "atrs = []"), "atrs", "answers to reset"),
        ("huali", ('read_back = "none"', 'read_back = "sle4443"'), "read_back", "sle4442_demo"),
        ("huali", ("timeout = 4.0", "timeout = 0.0"), "limits.timeout", "0.05"),
        ("huali", ("memory_mb = 256", 'memory_mb = "256"'), "limits.memory_mb", "number"),
        ("huali", ("memory_mb = 256", "memory_mb = 8"), "limits.memory_mb", "64"),
        ("huali", ("count = true", "count = 1"), "capabilities.count", "true or false"),
        ("huali", ('"replace"]', '"swap"]'), "capabilities.operations", "replace"),
        ("huali", ("-1 = {", "minus = {"), "errors.minus", "number"),
        ("huali", ('code = "C-206"', 'code = "206"'), "errors.-1.code", "C-103"),
        ("huali", ("[functions.is_mine]", "[functions.mine]"), "functions.mine", "is_mine"),
        ("huali", ('symbol = "HL_Check"', 'symbol = "HL Check"'), "functions.is_mine.symbol", "function"),
        ("huali", ('type = "transmit"', 'type = "callback"'), "functions.init.arguments[0].type", "transmit"),
        ("huali", ("size = 58, ", ""), "functions.read.arguments[0].size", "bytes"),
        ("huali", ('format = "card"', 'format = "cart"'), "functions.read.arguments[0].format", "or left out"),
        ("huali", ('kind = "struct"', 'kind = "record"'), "formats.card.kind", "struct"),
        ("huali", ('type = "u32" }', 'type = "u24" }'), "formats.card.fields[6].type", "u32"),
        ("huali", ('name = "serial", ', 'name = "sreial", '), "formats.card.fields[0].name", "serial"),
        ("huali", (', width = 12 },\n    { name = "customer"', ' },\n    { name = "customer"'), "width", "add it"),
        ("huali", ('transport = "callback"', 'transport = "reader"'), "transport", "transmit"),
        ("huali", ("[functions.open]", "[functions.clear]"), "functions.open", "describe"),
        ("kaida", ('transport = "reader"', 'transport = "callback"'), "transport", "transmit"),
        ("kaida", ("count = true", "count = false\nstate = true"), "capabilities.state", "state"),
        ("zongliang", ("cumulative = true", "cumulative = false"), "capabilities.cumulative", "must be true"),
        ("zongliang", ("count = false", "count = true"), "capabilities.cumulative", "must be false"),
    ],
)
def test_a_wrong_description_names_file_key_and_what_to_do(tmp_path, library, change, key, advice):
    path = describe(library, tmp_path)
    text = path.read_text()
    assert change[0] in text
    path.write_text(text.replace(*change, 1))
    with pytest.raises(ConfigError) as error:
        load(path)
    message = str(error.value)
    assert str(path) in message
    assert re.search(rf"(: |\.){re.escape(key)} ", message), message
    assert advice in message, message


def test_toml_that_is_none_is_named(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("id = = 1")
    with pytest.raises(ConfigError, match="valid TOML"):
        load(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match="nothing.toml"):
        load(tmp_path / "nothing.toml")


def test_two_libraries_with_one_id_are_refused(tmp_path):
    describe("huali", tmp_path)
    (tmp_path / "other.toml").write_text((tmp_path / "huali.toml").read_text())
    with pytest.raises(ConfigError, match="is that of huali.toml"):
        load_folder(tmp_path)


@pytest.mark.parametrize("name", ["LD_PRELOAD", "PYTHONPATH", "lower"])
def test_variables_that_change_the_process_are_refused(tmp_path, name):
    with pytest.raises(ConfigError, match="remove it"):
        load(describe("huali", tmp_path, **{name: "1"}))


def test_the_demo_libraries_are_described_rightly(tmp_path):
    for library in LIBRARIES:
        describe(library, tmp_path)
    found = {each.id: each for each in load_folder(tmp_path)}
    assert {(each.id, each.driver, each.unit, each.read_back) for each in found.values()} == {
        ("kaida", "vendor:kaida", "kwh", "sle4442_demo"),
        ("huali", "vendor:huali", "cents", "none"),
        ("zongliang", "vendor:zongliang", "kwh", "none"),
    }
    assert load_folder(tmp_path / "none") == []


def test_cards_of_a_maker_may_be_told_by_their_serials(tmp_path):
    path = describe("kaida", tmp_path)
    path.write_text('serials = ["77*", "78*"]\n' + path.read_text())
    description = load(path)
    assert description.serves("770000000001")
    assert not description.serves("000000000123")
