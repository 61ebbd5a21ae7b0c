"""Every memory card on the bench: made, kept, shown, carried to its meter."""

from __future__ import annotations

import pytest

from simulators.bench import BenchError, Workbench
from simulators.families import MEMORY_DRIVER
from simulators.issue import write_purchase
from simulators.keys import CardKeys
from simulators.layout import Purchase

DRIVERS = {"sle4442_demo": 3, "sle4428_demo": 8, "at24_demo": 3}
KEYS = CardKeys({"sle4442_demo": bytes(range(32)), "sle4428_demo": bytes(range(1, 33))})


@pytest.fixture(params=DRIVERS)
def driver(request):
    return request.param


@pytest.fixture
def bench(tmp_path):
    return Workbench(tmp_path, KEYS)


def test_a_meter_of_another_chip_does_not_know_the_card(bench, driver):
    bench.issue("123", "4567", "8901", 100, driver=driver)
    other = next(name for name in DRIVERS if name != driver)
    bench.add_meter("8902", other)
    result = bench.carry("000000000123", "8902")
    assert (result.error, result.credited) == (4, 0)


@pytest.mark.parametrize("name", ["sle4442_demo", "sle4428_demo"])
def test_a_card_with_a_used_try_is_refused_and_loses_no_further_one(bench, name):
    bench.issue("123", "4567", "8901", 100, driver=name)
    chip = bench.card("000000000123")
    chip.present(bytes(chip.CODE_BYTES))
    result = bench.carry("000000000123", "8901")
    assert (result.accepted, result.credited) == (False, 0)
    assert chip.tries == DRIVERS[name] - 1


def test_a_card_cannot_be_made_without_its_master_unless_it_needs_none(tmp_path):
    bench = Workbench(tmp_path, CardKeys())
    with pytest.raises(BenchError, match="no master for sle4428_demo"):
        bench.blank_card("1", "sle4428_demo")
    assert bench.blank_card("2", "at24_demo").tries == 3


def test_a_sale_is_credited_once_and_survives_a_restart(tmp_path, bench, driver):
    bench.issue("123", "4567", "8901", 100, driver=driver)
    shown = bench.show_card("000000000123")
    assert (shown["driver"], shown["tries"], shown["write_back"]["state"]) == (driver, DRIVERS[driver], "valid")
    key = bench.family(driver)._master()
    write_purchase(bench.card("000000000123"), Purchase(2, 5_000), key)
    again = Workbench(tmp_path, KEYS)
    assert again.carry("000000000123", "8901").credited == 5_000
    assert again.carry("000000000123", "8901").credited == 0
    assert again.meter("8901").credits == [(1, 10_000), (2, 5_000)]


def test_a_blank_card_has_its_identity_and_its_own_code(bench, driver):
    chip = bench.blank_card("123", driver)
    shown = bench.show_card("000000000123")
    assert (shown["identity"]["serial"], shown["contract"]["state"]) == ("000000000123", "blank")
    chip.insert()
    assert chip.unlock(bench.family(driver)._master().psc("000000000123"))
    assert chip.write(0x09, b"\x55") is (driver == "at24_demo")


def test_the_usual_memory_card_is_the_sle4442():
    assert MEMORY_DRIVER == "sle4442_demo"
