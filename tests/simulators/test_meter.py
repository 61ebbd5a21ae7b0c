"""Every row of the meter's acceptance rules, and what a pull in its write-back leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators import layout
from simulators import meter_codes as codes
from simulators.acceptance import TABLE
from simulators.card import CardPulled
from simulators.issue import issue, open_card, prepared_card, write_purchase
from simulators.keys import MasterKey
from simulators.layout import Contract, Purchase
from simulators.meter import Meter
from simulators.sle4442 import Sle4442

SERIAL, CUSTOMER, METER = "000000000123", "000000004567", "000000008901"


def set_write_back(chip: Sle4442, empty: bool, keys) -> None:
    """Leave the write-back empty, or put the meter's last one back, without touching the purchase."""
    chip.insert()
    chip.power_on()
    chip.present(keys.psc(layout.parse(chip.image()).identity.serial))
    chip.write(layout.WRITE_BACK, b"\x00" if empty else b"\xa5")
    chip.power_off()


# -- before the counts are compared ------------------------------------------------------------------------------


def test_under_voltage_reads_nothing(home):
    home.sell(2)
    home.meter.state.voltage = False
    before = home.chip.image()
    result = home.meter.insert(home.chip)
    assert (result.error, result.credited, home.chip.image()) == (codes.UNDER_VOLTAGE, 0, before)


def test_silent_card_does_not_reset(home):
    home.chip.faults.arm("silent")
    assert home.meter.insert(home.chip).error == codes.CARD_RESET


@pytest.mark.parametrize("make", [lambda keys: Sle4442(), lambda keys: prepared_card("1", keys)])
def test_factory_and_blank_cards_are_not_issued(home, make):
    result = home.meter.insert(make(home.keys))
    assert (result.error, result.wrote_back) == (codes.NOT_ISSUED, False)


def test_card_with_a_foreign_code_is_refused_and_loses_one_try_only(home):
    foreign = home.other_card()
    foreign.insert()
    foreign.present(home.keys.psc(SERIAL))
    foreign.change_psc(b"\x01\x02\x03")
    assert home.meter.insert(foreign).error == codes.CARD_CODE
    assert home.meter.insert(foreign).error == codes.CARD_LOCKED
    assert foreign.counter == 0x03


@pytest.mark.parametrize("address", [0x09, 0x20, 0x2D])
def test_damaged_identity_or_contract_is_a_format_error(home, address):
    home.sell(2)
    home.chip.faults.arm("wrong_read", address=address)
    result = home.meter.insert(home.chip)
    assert (result.error, result.credited, home.meter.state.count) == (codes.FILE_FORMAT, 0, 1)


def test_both_purchase_blocks_damaged_is_a_format_error(home):
    home.chip.insert()
    home.chip.present(home.keys.psc(SERIAL))
    home.chip.write(layout.PURCHASE_A, b"\x55")
    home.chip.write(layout.PURCHASE_B, b"\x55")
    assert home.meter.insert(home.chip).error == codes.FILE_FORMAT


def test_contract_and_purchase_of_different_generations_are_a_format_error(home):
    torn = open_card("9", Contract(CUSTOMER, METER, 3, 2), Purchase(2, 100, issue=1), home.keys)
    assert home.meter.insert(torn).error == codes.FILE_FORMAT


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"meter": "000000009999"}, codes.METER_NO),
        ({"type": 4}, codes.CARD_TYPE),
        ({"customer": "000000009999"}, codes.CUSTOMER_NO),
        ({"serial": "000000000999", "type": 2}, codes.CARD_SERIAL),
        ({"serial": "000000000999", "type": 2, "issue": 2}, codes.CARD_SERIAL),
        ({"serial": "000000000999", "type": 3, "issue": 1}, codes.CARD_SERIAL),
    ],
)
def test_foreign_cards_are_refused_counted_and_not_written(home, fields, error):
    card = home.other_card(**fields)
    before = card.image()
    result = home.meter.insert(card)
    assert (result.error, result.credited, result.wrote_back) == (error, 0, False)
    assert card.image() == before
    assert home.meter.state.illegal_inserts == 1


@pytest.mark.parametrize(
    ("card_type", "count", "error"),
    [
        (2, 1, codes.PURCHASE_UNOPENED),
        (3, 1, codes.REPLACEMENT_UNOPENED),
        (1, 0, codes.PURCHASE_COUNT),
        (1, 2, codes.PURCHASE_COUNT),
    ],
)
def test_unopened_meter_takes_only_an_open_card_with_count_one(home, card_type, count, error):
    meter = Meter(METER, home.keys)
    result = meter.insert(home.other_card(type=card_type, count=count))
    assert (result.error, result.wrote_back, meter.state.opened, meter.credits) == (error, False, False, [])


def test_open_card_opens_the_meter(home):
    assert home.meter.state.opened
    assert home.meter.credits == [(1, 10_000)]
    back = home.write_back()
    assert (back.count, back.remaining, back.total_bought, back.time) == (1, 10_000, 10_000, "2603040506")


# -- the table ---------------------------------------------------------------------------------------------------

EXPECTED = {
    (-1, True): (None, False),
    (-1, False): (None, False),
    (0, True): (None, False),
    (0, False): (None, False),
    (1, True): (None, True),
    (1, False): (codes.WRITE_BACK_NOT_EMPTY, False),
    (2, True): (codes.PURCHASE_COUNT, False),
    (2, False): (codes.PURCHASE_COUNT, False),
}


def test_the_table_has_exactly_these_rows():
    assert {key: (row.error, row.credit) for key, row in TABLE.items()} == EXPECTED


@pytest.mark.parametrize(("delta", "empty"), EXPECTED)
def test_each_row(home, delta, empty):
    home.sell(2)
    home.meter.insert(home.chip)
    home.meter.consume(10)
    home.sell(2 + delta, energy=700)
    set_write_back(home.chip, empty, home.keys)
    before = home.meter.credits
    error, credited = EXPECTED[delta, empty]
    result = home.meter.insert(home.chip)
    assert (result.error, result.credited, result.delta) == (error, 700 if credited else 0, delta)
    assert home.meter.credits == before + ([(3, 700)] if credited else [])
    assert home.write_back().count == home.meter.state.count == (3 if credited else 2)
    assert home.write_back().remaining == home.meter.state.remaining == 14_000 + (700 if credited else 0)


def test_far_ahead_is_refused_as_well(home):
    home.sell(9)
    assert home.meter.insert(home.chip).error == codes.PURCHASE_COUNT


def test_damaged_write_back_is_not_empty(home):
    home.sell(2)
    home.chip.insert()
    home.chip.present(home.keys.psc(SERIAL))
    home.chip.write(layout.WRITE_BACK, b"\xff")
    assert home.meter.insert(home.chip).error == codes.WRITE_BACK_NOT_EMPTY


def test_flagged_parameters_are_taken_with_the_credit_and_at_an_equal_count(home):
    home.sell(2, alarm1=30, alarm2=7, hoard_limit=90_000)
    home.meter.insert(home.chip)
    state = home.meter.state
    assert (state.alarm1, state.alarm2, state.hoard_limit) == (30, 7, 90_000)
    home.sell(2, alarm1=31, alarm2=8, hoard_limit=80_000)
    assert home.meter.insert(home.chip).credited == 0
    assert (state.alarm1, state.alarm2, state.hoard_limit) == (31, 8, 80_000)


def test_parameters_without_the_flag_are_ignored(home):
    home.sell(2, alarm1=30, alarm2=7, hoard_limit=90_000, flags=0)
    assert home.meter.insert(home.chip).credited == 5_000
    assert (home.meter.state.alarm1, home.meter.state.hoard_limit) == (20, 0)


# -- hoard -------------------------------------------------------------------------------------------------------


def test_hoard_refusal_writes_the_own_count_back_and_then_meets_write_back_not_empty(home):
    home.meter.state.hoard_limit = 14_999
    home.sell(2, energy=5_000)
    result = home.meter.insert(home.chip)
    assert (result.error, result.credited, result.wrote_back) == (codes.OVER_HOARD, 0, True)
    assert (home.meter.state.count, home.write_back().count) == (1, 1)

    home.meter.consume(50)
    assert home.meter.insert(home.chip).error == codes.WRITE_BACK_NOT_EMPTY

    home.sell(2, energy=5_000)  # the point of sale writes the same count again, without money
    assert home.meter.insert(home.chip).credited == 5_000
    assert home.meter.credits == [(1, 10_000), (2, 5_000)]


def test_exactly_the_hoard_limit_is_taken(home):
    home.meter.state.hoard_limit = 15_000
    home.sell(2, energy=5_000)
    assert home.meter.insert(home.chip).credited == 5_000


def test_no_limit_still_stops_at_the_end_of_the_display(home):
    home.sell(2, energy=99_999_999 - 10_000 + 1)
    assert home.meter.insert(home.chip).error == codes.OVER_HOARD
    home.sell(2, energy=99_999_999 - 10_000)
    assert home.meter.insert(home.chip).remaining == 99_999_999


# -- replacement -------------------------------------------------------------------------------------------------


def test_after_a_replacement_the_old_card_is_refused_whatever_it_says(home):
    new = home.other_card(serial="000000000124", type=3, issue=2, count=2)
    assert home.meter.insert(new).credited == 5_000
    for count in (1, 2, 3):
        home.sell(count)
        assert home.meter.insert(home.chip).error == codes.CARD_SERIAL
    write_purchase(new, Purchase(3, 100, issue=2), home.keys)
    assert home.meter.insert(new).credited == 100


def test_replacement_with_the_meters_count_is_remembered_without_credit(home):
    new = home.other_card(serial="000000000124", type=3, issue=2, count=1)
    result = home.meter.insert(new)
    assert (result.error, result.credited, home.meter.state.serial) == (None, 0, "000000000124")


def test_replacement_with_a_lower_count_is_remembered_without_credit(home):
    home.sell(2)
    home.meter.insert(home.chip)
    new = home.other_card(serial="000000000124", type=3, issue=2, count=1)
    result = home.meter.insert(new)
    assert (result.error, result.credited, result.delta) == (None, 0, -1)
    assert (home.meter.state.serial, home.meter.state.issue) == ("000000000124", 2)


def test_replacement_at_an_equal_count_with_a_filled_write_back_is_a_serial_error(home):
    new = home.other_card(serial="000000000124", type=3, issue=2, count=1)
    set_write_back(new, False, home.keys)
    before = new.image()
    assert home.meter.insert(new).error == codes.CARD_SERIAL
    assert (new.image(), home.meter.state.serial) == (before, SERIAL)


def test_an_older_replacement_cannot_lock_out_the_current_one(home):
    first = home.other_card(serial="000000000124", type=3, issue=2, count=1)
    second = home.other_card(serial="000000000125", type=3, issue=3, count=1)
    home.meter.insert(second)
    assert home.meter.insert(first).error == codes.CARD_SERIAL
    write_purchase(second, Purchase(2, 100, issue=3), home.keys)
    assert home.meter.insert(second).credited == 100


# -- pulled ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("taken", range(26))
def test_pull_in_the_write_back_keeps_the_credit_and_never_gives_it_again(home, taken, inside):
    home.sell(2)
    result = home.meter.insert(home.chip, pull_after_byte=taken, inside=inside)
    assert (result.error, result.credited, result.wrote_back) == (codes.PULLED_EARLY, 5_000, False)
    # The sale cleared the state byte only, so the first bytes revive the previous write-back: it looks refused.
    revived = 1 <= taken <= 4 and not inside
    expected = "valid" if revived else "empty" if taken == 0 and not inside else "damaged"
    assert layout.parse(home.chip.image()).write_back_state == expected
    assert not revived or home.write_back().count == 1

    again = home.meter.insert(home.chip)
    assert (again.error, again.credited) == (None, 0)
    assert home.meter.credits == [(1, 10_000), (2, 5_000)]
    assert home.write_back().count == 2


@pytest.mark.parametrize("taken", range(42))
@pytest.mark.parametrize("inside", [False, True])
def test_a_sale_torn_anywhere_credits_nothing_until_it_is_written_again(home, taken, inside):
    home.chip.faults.arm("pull", bytes=taken, inside=inside)
    committed = taken > 40
    if committed:
        home.sell(2)
    else:
        with pytest.raises(CardPulled):
            home.sell(2)
    home.chip.faults.clear()
    result = home.meter.insert(home.chip)
    assert result.credited == (5_000 if committed else 0)
    home.sell(2)
    home.meter.insert(home.chip)
    assert home.meter.credits == [(1, 10_000), (2, 5_000)]


def test_a_lost_write_back_is_a_communication_error_with_the_credit_kept(home):
    home.sell(2)
    home.chip.faults.arm("lost_write")
    result = home.meter.insert(home.chip)
    assert (result.error, result.credited) == (codes.COMMUNICATION, 5_000)
    assert home.meter.insert(home.chip).credited == 0


def test_a_pull_that_did_not_happen_is_not_left_armed(home):
    home.meter.insert(Sle4442(), pull_after_byte=3)
    home.meter.state.voltage = False
    home.meter.insert(home.chip, pull_after_byte=3)
    assert home.chip.faults.armed() == {}


def test_card_pulled_while_its_code_is_compared(home):
    home.sell(2)
    home.chip.faults.arm("pull_in_present")
    assert home.meter.insert(home.chip).error == codes.PULLED_EARLY
    assert home.meter.insert(home.chip).error == codes.CARD_LOCKED
    assert home.meter.state.count == 1


# -- durable -----------------------------------------------------------------------------------------------------


def test_the_credit_is_in_the_file_before_the_first_byte_is_written_back(home, tmp_path):
    path = tmp_path / "meter.json"
    meter = Meter(METER, home.keys, path)
    card = home.other_card(count=1, energy=900)
    assert meter.insert(card, pull_after_byte=0).credited == 900
    assert Meter(METER, home.keys, path).credits == [(1, 900)]


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["sell", "carry"]), st.one_of(st.none(), st.integers(0, 41)), st.booleans()),
        max_size=25,
    )
)
def test_no_count_is_ever_credited_twice(steps):
    keys = MasterKey(bytes(32))
    meter = Meter(METER, keys)
    chip, _opened = issue(SERIAL, CUSTOMER, meter, keys)
    for action, pull, inside in steps:
        chip.faults.clear()
        if action == "carry":
            meter.insert(chip, pull, inside)
            continue
        if pull is not None:
            chip.faults.arm("pull", bytes=pull, inside=inside)
        try:
            write_purchase(chip, Purchase(meter.state.count + 1, 100), keys)
        except CardPulled:
            continue
    counts = [count for count, _energy in meter.credits]
    assert counts == list(range(1, len(counts) + 1))
    assert meter.state.remaining == 10_000 + 100 * (len(counts) - 1)


def test_every_code_is_worded_in_both_languages():
    numbers = {value for name, value in vars(codes).items() if name.isupper() and isinstance(value, int)}
    assert numbers <= set(codes.WORDS) == set(range(1, 22))
    assert all(words["en"] and words["zh"] for words in codes.WORDS.values())
