"""The bench keeps cards and meters, and moves cards between hand, reader and meter."""

from __future__ import annotations

import json

import pytest

from simulators import layout
from simulators import meter_codes as codes
from simulators.bench import BenchError, Workbench
from simulators.card import CardPulled
from simulators.issue import write_purchase
from simulators.layout import Purchase
from simulators.vpcd import VpcdSlot

SERIAL, CUSTOMER, METER = "000000000123", "000000004567", "000000008901"


@pytest.fixture
def open_bench(tmp_path, card_keys):
    benches = []

    def make() -> Workbench:
        benches.append(Workbench(tmp_path, card_keys, [VpcdSlot(1), VpcdSlot(2)]))
        return benches[-1]

    yield make
    for bench in benches:
        bench.close()


@pytest.fixture
def bench(open_bench) -> Workbench:
    made = open_bench()
    made.issue(SERIAL, CUSTOMER, METER, "100.00")
    return made


def test_issued_card_is_opened_and_its_write_back_is_valid(bench):
    shown = bench.show_card(SERIAL)
    assert shown["contract"]["customer_no"] == CUSTOMER
    assert (shown["write_back"]["state"], shown["write_back"]["remaining"], shown["tries"]) == ("valid", 10_000, 3)
    assert bench.meter(METER).credits == [(1, 10_000)]


def test_cards_and_meters_survive_a_restart(bench, open_bench, keys):
    write_purchase(bench.card(SERIAL), Purchase(2, 700), keys)
    bench.carry(SERIAL, METER)
    again = open_bench()
    assert again.card(SERIAL).image() == bench.card(SERIAL).image()
    assert again.meter(METER).credits == [(1, 10_000), (2, 700)]
    assert again.carry(SERIAL, METER).accepted


def test_a_torn_card_survives_a_restart_torn(bench, open_bench, keys):
    bench.fault(SERIAL, "pull", bytes=10)
    with pytest.raises(CardPulled):
        write_purchase(bench.card(SERIAL), Purchase(2, 700), keys)
    image = open_bench().card(SERIAL).image()
    assert image == bench.card(SERIAL).image()
    assert layout.parse(image).purchase.count == 1


def test_carry_takes_the_card_out_of_the_reader(bench):
    bench.insert(SERIAL, 1)
    assert bench.slot_of(SERIAL) == 1
    bench.carry(SERIAL, METER)
    assert bench.slot_of(SERIAL) is None


def test_carry_can_be_pulled_in_the_write_back(bench, keys):
    write_purchase(bench.card(SERIAL), Purchase(2, 700), keys)
    result = bench.carry(SERIAL, METER, pull_after_byte=10)
    assert (result.error, result.credited) == (codes.PULLED_EARLY, 700)
    assert bench.show_card(SERIAL)["write_back"] == {"state": "damaged"}


@pytest.mark.parametrize(
    "act",
    [
        lambda bench: bench.insert("999"),
        lambda bench: bench.insert(SERIAL, 2),
        lambda bench: bench.insert(SERIAL, -1),
        lambda bench: bench.carry(SERIAL, "999"),
        lambda bench: bench.carry(SERIAL, METER, pull_after_byte=-1),
        lambda bench: bench.issue(SERIAL, CUSTOMER, "5"),
        lambda bench: bench.issue("5", CUSTOMER, METER),
        lambda bench: bench.issue("5", "abc", "6"),
        lambda bench: bench.issue("5", CUSTOMER, "6", "1.005"),
        lambda bench: bench.blank_card("../../etc"),
        lambda bench: bench.factory_card("../x"),
        lambda bench: bench.add_meter("12x"),
        lambda bench: bench.consume(METER, "many"),
        lambda bench: bench.consume(METER, "-1"),
        lambda bench: bench.consume(METER, "NaN"),
    ],
)
def test_what_cannot_be_done_is_refused_with_a_reason(bench, act):
    before = {key: value for key, value in bench.show().items() if key != "events"}
    with pytest.raises(BenchError, match="[a-z]"):
        act(bench)
    assert before["cards"] == bench.show()["cards"]


def test_two_cards_do_not_fit_one_slot_and_one_card_not_two(bench):
    bench.blank_card("7")
    bench.insert(SERIAL, 0)
    for card, slot in (("000000000007", 0), (SERIAL, 1)):
        with pytest.raises(BenchError):
            bench.insert(card, slot)


def test_reset_returns_to_the_baseline(bench):
    bench.save_baseline()
    bench.consume(METER, 30)
    bench.blank_card("7")
    bench.insert(SERIAL)
    bench.reset()
    assert set(bench.cards) == {SERIAL}
    assert bench.meter(METER).state.remaining == 10_000
    assert bench.slot_of(SERIAL) is None


def test_reset_without_a_baseline_empties_the_bench(bench):
    bench.reset()
    assert (bench.cards, bench.meters) == ({}, {})


@pytest.mark.parametrize("driver", ["gdw1365", "csg2015", "sle4428_demo", "at24_demo"])
def test_cards_and_meters_of_every_kind_survive_a_restart(open_bench, driver):
    made = open_bench()
    made.issue("77", "000000004567", "78", "12.34", driver=driver)
    serial = next(iter(made.cards))
    made.consume("78", 1)
    again = open_bench()
    assert (again.driver_of(serial), again.meter("78").driver) == (driver, driver)
    assert again.card(serial).to_dict() == made.card(serial).to_dict()
    assert again.meter("78").state == made.meter("78").state
    assert again.carry(serial, "78").accepted
    assert again.show_card(serial)["purchase"]["quantity"] == 1_234


def test_security_module_is_kept_with_its_uses_and_belongs_to_no_meter(open_bench):
    made = open_bench()
    made.blank_card("1", "sam").transmit(bytes.fromhex("8022020116") + bytes(16) + bytes.fromhex("04D6820005AA04"))
    assert open_bench().show_card("0000000000000001")["uses"] == 9_999
    for refused in (lambda: made.issue("2", "3", "4", driver="sam"), lambda: made.add_meter("4", "sam")):
        with pytest.raises(BenchError, match="a security module belongs to no"):
            refused()


def test_a_card_does_not_open_a_meter_of_another_kind(bench):
    bench.add_meter("5", "csg2015")
    for refused in (lambda: bench.issue("9", "9", "5"), lambda: bench.issue("9", "9", "6", driver="none")):
        with pytest.raises(BenchError):
            refused()
    assert bench.carry(SERIAL, "5").error == codes.CARD_RESET


def test_everything_shown_has_a_json_form(bench):
    bench.factory_card("new-1")
    bench.carry(SERIAL, METER)
    bench.set_meter(METER, voltage=False, hoard_limit=50_000)
    shown = json.loads(json.dumps(bench.show()))
    assert shown["meters"][0]["hoard_limit"] == 50_000
    assert shown["cards"][1]["contract"] == {"state": "blank"}
    assert shown["meters"][0]["last"]["display"]["zh"]
