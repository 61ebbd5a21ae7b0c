"""The money meter's acceptance rules, in their order, for both kinds of CPU card."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from simulators import cpu_issue, cpu_layout
from simulators import meter_codes as codes
from simulators.acceptance import TABLE
from simulators.card import CardPulled
from simulators.cpu_card import CpuCard
from simulators.cpu_kinds import BACKUP_TARIFF, CURRENT_TARIFF, KINDS, PARAMETERS
from simulators.cpu_layout import CARD_OPEN, CARD_PURCHASE, CARD_REPLACEMENT, Parameters, Wallet
from simulators.demo_aes import CardKeySet
from simulators.keys import CpuMasters
from simulators.money_meter import MoneyMeter
from simulators.tariff_set import TariffSet, pack_tariff_set

SERIAL, CUSTOMER, METER = "0000000000000123", "000000004567", "000000008901"
OTHER = "0000000000000999"


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    return KINDS[request.param]


@pytest.fixture
def home(kind, card_keys):
    """One household: an opened card, its meter (count 1, 100.00 yuan), and helpers to sell and to make other cards."""
    masters = card_keys.masters(kind.driver)
    clock = SimpleNamespace(now=datetime(2026, 3, 4, 5, 6))
    meter = MoneyMeter(METER, kind, masters, clock=lambda: clock.now)
    card, _opened = cpu_issue.issue(SERIAL, CUSTOMER, meter, masters)

    def sell(count: int, amount: int = 5_000, **fields) -> None:
        cpu_issue.write_purchase(card, masters, count, amount, **fields)

    def other_card(
        serial=OTHER, customer=CUSTOMER, meter_no=METER, card_type=CARD_OPEN, count=2, amount=5_000, **fields
    ):
        parameters = Parameters(meter_no, customer, card_type, **fields)
        return cpu_issue.open_card(kind, serial, masters, parameters, Wallet(amount, count))

    def write_back():
        return cpu_layout.parse_write_back(kind, card.content(kind.write_back))

    def put(sfi, data):
        cpu_issue.write_file(card, masters, sfi, data)

    return SimpleNamespace(
        kind=kind,
        masters=masters,
        clock=clock,
        meter=meter,
        card=card,
        sell=sell,
        other_card=other_card,
        write_back=write_back,
        put=put,
    )


# -- before the counts are compared ------------------------------------------------------------------------------


def test_under_voltage_reads_nothing(home):
    home.sell(2)
    home.meter.state.voltage = False
    before = home.card.image()
    result = home.meter.insert(home.card)
    assert (result.error, result.credited, home.card.image()) == (codes.UNDER_VOLTAGE, 0, before)


def test_silent_card_and_card_of_another_kind_do_not_reset(home):
    for foreign in (
        cpu_issue.foreign_card(home.kind, OTHER),
        *(CpuCard(other, OTHER) for other in KINDS.values() if other is not home.kind),
    ):
        assert home.meter.insert(foreign).error == codes.CARD_RESET
    home.card.faults.arm("silent")
    assert home.meter.insert(home.card).error == codes.CARD_RESET


def test_card_that_was_never_issued_is_not_issued(home):
    result = home.meter.insert(cpu_issue.blank_card(home.kind, OTHER))
    assert (result.error, result.wrote_back) == (codes.NOT_ISSUED, False)


def test_card_with_foreign_keys_is_refused_before_anything_is_taken_from_it(home, kind):
    keys = CpuMasters({1: dict.fromkeys(("int", "ext", "mac"), b"\x55" * 16)}, 1)
    foreign = cpu_issue.open_card(kind, SERIAL, keys, Parameters(METER, CUSTOMER, CARD_PURCHASE), Wallet(5_000, 2))
    assert home.meter.insert(foreign).error == codes.CARD_CODE
    assert (home.meter.state.count, foreign.external_tries) == (1, 6)


def test_card_with_keys_of_a_version_that_the_meter_does_not_have_is_refused(home, kind):
    keys = CpuMasters({7: dict.fromkeys(("int", "ext", "mac"), b"\x55" * 16)}, 7)
    newer = cpu_issue.open_card(kind, SERIAL, keys, Parameters(METER, CUSTOMER, CARD_PURCHASE), Wallet(5_000, 2))
    assert home.meter.insert(newer).error == codes.CARD_CODE


def test_blocked_card_is_refused(home):
    home.sell(2)
    home.card.external_tries = 0
    assert home.meter.insert(home.card).error == codes.CARD_LOCKED
    home.card.external_tries, home.card.mac_tries = 6, 0
    result = home.meter.insert(home.card)
    assert (result.error, result.credited, result.wrote_back) == (codes.MAC, 5_000, False)


@pytest.mark.parametrize("offset", [0, 1, 10, 16, 30, 42, 43, 44])
def test_damaged_parameters_are_a_format_error(home, offset):
    home.sell(2)
    data = bytearray(home.card.content(PARAMETERS))
    data[offset] ^= 0xFF
    home.put(PARAMETERS, bytes(data))
    result = home.meter.insert(home.card)
    assert (result.error, result.credited, home.meter.state.count) == (codes.FILE_FORMAT, 0, 1)


@pytest.mark.parametrize("flag", [0x01, 0x02, 0x04, 0x08])
def test_flagged_tariff_set_that_is_damaged_is_a_format_error(home, flag):
    sfi = CURRENT_TARIFF if flag & 0x05 else BACKUP_TARIFF
    home.sell(2, update_flag=flag)
    home.put(sfi, b"\x68" + bytes(home.kind.tariff_size - 1))
    assert home.meter.insert(home.card).error == codes.FILE_FORMAT
    assert home.meter.state.count == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"meter_no": "000000000001"}, codes.METER_NO),
        ({"meter_no": "000000000001", "card_type": 9}, codes.METER_NO),
        ({"card_type": 9, "customer": "000000000001"}, codes.CARD_TYPE),
        ({"customer": "000000000001"}, codes.CUSTOMER_NO),
        ({"customer": "000000000001", "card_type": CARD_PURCHASE}, codes.CUSTOMER_NO),
        ({"card_type": CARD_PURCHASE}, codes.CARD_SERIAL),
    ],
)
def test_card_that_is_not_this_meters_is_refused(home, fields, error):
    card = home.other_card(**fields)
    result = home.meter.insert(card)
    assert (result.error, result.credited, result.wrote_back) == (error, 0, False)
    assert home.meter.state.illegal_inserts == 1


@pytest.mark.parametrize(
    ("card_type", "count", "error"),
    [
        (CARD_PURCHASE, 1, codes.PURCHASE_UNOPENED),
        (CARD_REPLACEMENT, 1, codes.REPLACEMENT_UNOPENED),
        (CARD_OPEN, 2, codes.PURCHASE_COUNT),
        (CARD_OPEN, 0, codes.PURCHASE_COUNT),
        (CARD_OPEN, 1, None),
    ],
)
def test_unopened_meter_takes_the_first_open_card_only(home, card_type, count, error):
    meter = MoneyMeter("5", home.kind, home.masters)
    result = meter.insert(home.other_card(meter_no="000000000005", card_type=card_type, count=count))
    assert (result.error, meter.state.opened) == (error, error is None)


# -- the table ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("empty", [True, False])
@pytest.mark.parametrize("delta", [-1, 0, 1, 2])
@pytest.mark.parametrize("card_type", [CARD_OPEN, CARD_PURCHASE, CARD_REPLACEMENT])
def test_every_row(home, delta, empty, card_type):
    home.sell(2)
    assert home.meter.insert(home.card).credited == 5_000
    home.sell(2 + delta, clear=empty, card_type=card_type)
    result = home.meter.insert(home.card)
    row = TABLE[delta, empty]
    assert (result.error, result.delta) == (row.error, delta)
    assert result.credited == (5_000 if (delta, empty) == (1, True) else 0)
    state, back = home.write_back()
    assert (state, back.count) == ("valid", 3 if result.credited else 2)
    assert back.remaining == home.meter.state.remaining == 15_000 + result.credited


@pytest.mark.parametrize("card_type", [CARD_OPEN, CARD_REPLACEMENT])
@pytest.mark.parametrize(("count", "delta"), [(0, -1), (1, 0), (2, 1)])
def test_open_and_replacement_cards_register_their_serial(home, card_type, count, delta):
    new = home.other_card(card_type=card_type, count=count)
    result = home.meter.insert(new)
    assert (result.error, result.delta, home.meter.state.serial) == (None, delta, OTHER)
    home.sell(home.meter.state.count + 1)
    assert home.meter.insert(home.card).error == codes.CARD_SERIAL


def test_old_replacement_card_locks_out_the_current_one(home):
    old = home.other_card(card_type=CARD_REPLACEMENT, count=1)
    current = home.other_card(serial="0000000000000777", card_type=CARD_REPLACEMENT, count=1)
    home.meter.insert(old)
    home.meter.insert(current)
    cpu_issue.write_purchase(current, home.masters, 2, 5_000)
    assert home.meter.insert(current).credited == 5_000
    assert home.meter.insert(old).error is None  # difference below zero: registers again
    cpu_issue.write_purchase(current, home.masters, 3, 5_000)
    assert home.meter.insert(current).error == codes.CARD_SERIAL


def test_replacement_card_of_the_same_count_that_was_written_back_is_a_serial_error(home):
    new = home.other_card(card_type=CARD_REPLACEMENT, count=1)
    cpu_issue.write_file(new, home.masters, home.kind.write_back, home.card.content(home.kind.write_back))
    assert home.meter.insert(new).error == codes.CARD_SERIAL
    assert home.meter.state.serial == SERIAL


def test_damaged_write_back_is_not_empty(home):
    home.sell(2)
    home.put(home.kind.write_back, bytes(10) + b"\x01" + bytes(home.kind.write_back_size - 11))
    result = home.meter.insert(home.card)
    assert (result.error, result.credited) == (codes.WRITE_BACK_NOT_EMPTY, 0)


# -- hoarding ----------------------------------------------------------------------------------------------------


def test_hoarding_credits_nothing_and_the_card_must_be_written_again(home):
    home.meter.state.hoard_limit = 14_999
    home.sell(2)
    result = home.meter.insert(home.card)
    assert (result.error, result.credited, home.write_back()[1].count) == (codes.OVER_HOARD, 0, 1)
    home.meter.state.hoard_limit = 15_000
    assert home.meter.insert(home.card).error == codes.WRITE_BACK_NOT_EMPTY
    home.sell(2)
    assert home.meter.insert(home.card).credited == 5_000


def test_nothing_beyond_the_largest_number_is_credited(home):
    home.sell(2, amount=99_990_000)
    assert home.meter.insert(home.card).error == codes.OVER_HOARD
    home.sell(2, amount=99_989_999)
    assert home.meter.insert(home.card).remaining == 99_999_999


# -- pulled ------------------------------------------------------------------------------------------------------


def test_pulled_at_any_byte_of_the_write_back_the_credit_stays_and_is_never_given_twice(home):
    for count in range(home.kind.write_back_size):
        for inside in (False, True):
            bought = home.meter.state.count + 1
            home.sell(bought, amount=100)
            result = home.meter.insert(home.card, pull_after_byte=count, inside=inside)
            assert (result.error, result.credited, result.wrote_back) == (codes.PULLED_EARLY, 100, False)
            assert home.meter.insert(home.card).credited == 0
            assert home.write_back()[1].count == bought
    counts = [count for count, _amount in home.meter.credits]
    assert counts == sorted(set(counts))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 45 + 8 + 50), inside=st.booleans(), again=st.booleans())
def test_torn_sale_is_credited_at_most_once_and_exactly_once_after_a_new_write(home, at, inside, again):
    bought = home.meter.state.count + 1
    home.card.faults.arm("pull", bytes=at, inside=inside)
    try:
        home.sell(bought, amount=300)
    except CardPulled:
        if again:
            home.meter.insert(home.card)
    home.card.faults.clear()
    if (bought, 300) not in home.meter.credits:
        old = Parameters(METER, CUSTOMER, CARD_PURCHASE)
        home.put(PARAMETERS, cpu_layout.pack_parameters(home.kind, old))
        home.sell(bought, amount=300)
    home.meter.insert(home.card)
    home.meter.insert(home.card)
    assert home.meter.credits.count((bought, 300)) == 1
    counts = [count for count, _amount in home.meter.credits]
    assert counts == sorted(set(counts))


def test_pulled_before_it_decides_nothing_has_happened(home):
    home.sell(2)
    before = home.meter.state.to_dict()
    for command in range(1, 10):  # selections, authentication, three files
        home.card.faults.arm("pull_at_apdu", apdu=command)
        result = home.meter.insert(home.card)
        home.card.faults.clear()
        assert (result.error, home.meter.state.count) == (codes.PULLED_EARLY, 1), command
    assert home.meter.state.to_dict() == before


def test_write_that_the_card_loses_is_a_communication_error(home):
    home.sell(2)
    home.card.faults.arm("lost_write")
    result = home.meter.insert(home.card)
    assert (result.error, result.credited, result.wrote_back) == (codes.COMMUNICATION, 5_000, False)


# -- what it takes from the card and puts on it ------------------------------------------------------------------


def test_write_back_says_what_the_meter_has(home):
    home.meter.insert(home.other_card(customer="000000000001"))
    home.sell(2)
    home.meter.insert(home.card)
    state, back = home.write_back()
    assert state == "valid"
    assert (back.meter_no, back.customer_no, back.count, back.remaining) == (METER, CUSTOMER, 2, 15_000)
    assert (back.illegal_inserts, back.time, back.key_version, back.over_used) == (1, "2603040506", 1, 0)


def test_parameters_are_taken_when_flagged_only(home):
    home.sell(2, alarm1=3_000, alarm2=1_000, ct=40, pt=10, user_type=2)
    home.meter.insert(home.card)
    assert (home.meter.state.alarm1, home.meter.state.ct) == (2_000, 1)
    home.sell(3, alarm1=3_000, alarm2=1_000, ct=40, pt=10, user_type=2, update_flag=0x80)
    home.meter.insert(home.card)
    state = home.meter.state
    assert (state.alarm1, state.alarm2, state.ct, state.pt, state.user_type) == (3_000, 1_000, 40, 10, 2)


def test_refused_purchase_brings_no_parameters(home):
    home.sell(3, alarm1=3_000, update_flag=0x80)
    assert home.meter.insert(home.card).error == codes.PURCHASE_COUNT
    assert home.meter.state.alarm1 == 2_000


@pytest.mark.parametrize("flag", [0x01, 0x04, 0x05, 0x00])
def test_current_set_is_taken_by_its_flags(home, flag):
    tariff = TariffSet(rates=(7_000,), thresholds=(10_000,), prices=(0, 500))
    home.sell(2, update_flag=flag)
    home.put(CURRENT_TARIFF, pack_tariff_set(home.kind, tariff))
    home.meter.insert(home.card)
    current = home.meter.state.current
    assert current.rates[0] == (7_000 if flag & 0x01 else cpu_issue.DEMO_PRICE)
    assert current.thresholds[0] == (10_000 if flag & 0x04 else 0)


def test_backup_set_comes_into_force_at_its_switch_time(home):
    tariff = TariffSet(rates=(9_000,), thresholds=(10_000,), prices=(0, 500))
    home.sell(2, update_flag=0x0A, switch_time="2603050000")
    home.put(BACKUP_TARIFF, pack_tariff_set(home.kind, tariff))
    home.meter.insert(home.card)
    assert home.meter.state.price() == cpu_issue.DEMO_PRICE
    home.clock.now = datetime(2026, 3, 4, 23, 59)
    home.meter.consume(1)
    assert home.meter.state.price() == cpu_issue.DEMO_PRICE
    home.clock.now = datetime(2026, 3, 5, 0, 0)
    home.meter.consume(1)
    assert (home.meter.state.price(), home.meter.state.current.thresholds[0]) == (9_000, 10_000)


def test_ladder_of_the_backup_set_has_a_time_of_its_own(home):
    tariff = TariffSet(rates=(9_000,), thresholds=(10_000,), prices=(0, 500), switch_time="2604010000")
    home.sell(2, update_flag=0x0A, switch_time="2603050000")
    home.put(BACKUP_TARIFF, pack_tariff_set(home.kind, tariff))
    home.meter.insert(home.card)
    home.clock.now = datetime(2026, 3, 6)
    home.meter.consume(1)
    assert (home.meter.state.price(), home.meter.state.current.thresholds[0]) == (9_000, 0)
    home.clock.now = datetime(2026, 4, 1)
    home.meter.consume(1)
    assert home.meter.state.current.thresholds[0] == 10_000


def test_empty_tariff_file_leaves_the_meters_set(home):
    home.put(CURRENT_TARIFF, bytes(home.kind.tariff_size))
    home.sell(2, update_flag=0x05)
    assert home.meter.insert(home.card).credited == 5_000
    assert home.meter.state.price() == cpu_issue.DEMO_PRICE


def test_memory_survives_and_stays_the_same(home, tmp_path):
    path = tmp_path / "meter.json"
    meter = MoneyMeter("77", home.kind, home.masters, path)
    card, _result = cpu_issue.issue("5", CUSTOMER, meter, home.masters)
    meter.consume("12.34")
    again = MoneyMeter("77", home.kind, home.masters, path)
    assert again.state == meter.state
    cpu_issue.write_purchase(card, home.masters, 2, 100)
    assert again.insert(card).credited == 100


# -- tripped from afar -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["csg2015"], indirect=True)
@pytest.mark.parametrize(
    ("deadline", "own", "closed"),
    [("260304050601", True, True), ("260304050559", True, False), ("990101000000", False, False)],
)
def test_reconnect_command_closes_what_was_tripped_from_afar(home, deadline, own, closed):
    home.meter.state.remote_trip = True
    home.meter.insert(home.card)
    assert not home.meter.state.relay_closed
    serial = bytes.fromhex(SERIAL if own else OTHER)
    keys = CardKeySet.derive(home.masters.versions[1], serial)
    home.put(home.kind.reconnect, keys.reconnect_command(bytes.fromhex(deadline)))
    home.meter.insert(home.card)
    assert (home.meter.state.relay_closed, home.meter.state.remote_trip) == (closed, not closed)
