"""What energy costs at a money meter, and what its relay does when the money runs down."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.cpu_kinds import KINDS
from simulators.money_state import MoneyState
from simulators.tariff_set import TariffSet, pack_tariff_set, parse_tariff_set


def opened(remaining: int = 10_000, **fields) -> MoneyState:
    fields = {"current": TariffSet(rates=(5_000, 8_000)), "alarm1": 2_000, "alarm2": 500, **fields}
    state = MoneyState("1", opened=True, remaining=remaining, **fields)
    state.reconnect()
    return state


def test_money_runs_through_all_states_and_stops_at_each_trip():
    state = opened()  # 100 yuan at 0.50: alarms 20 and 5 yuan, overdraft 10 yuan
    assert state.consume(15_998) == 15_998
    assert state.balance_state() == "normal"
    assert state.consume(2) == 2
    assert (state.balance_state(), state.relay_closed) == ("alarm1", True)

    assert state.consume(10_000) == 3_000
    assert (state.balance_state(), state.relay_closed, state.remaining) == ("alarm2", False, 500)
    assert state.consume(1) == 0

    state.reconnect()
    assert state.consume(10_000) == 1_000
    assert (state.balance_state(), state.relay_closed, state.remaining) == ("over_zero", False, 0)

    state.reconnect()
    assert state.consume(10_000) == 2_000
    assert (state.balance_state(), state.relay_closed, state.over_used) == ("overdrawn", False, 1_000)
    state.reconnect()
    assert not state.relay_closed
    state.credit(2, 600)
    state.reconnect()
    assert (state.relay_closed, state.over_used, state.remaining) == (True, 400, 0)


def test_remote_trip_holds_the_relay_open():
    state = opened(remote_trip=True)
    assert (state.relay_closed, state.consume(1)) == (False, 0)


def test_parts_of_a_cent_are_remembered():
    state = opened(current=TariffSet(rates=(5_483,)))
    for _ in range(100):
        state.consume(1)
    assert (state.remaining, state.fraction) == (10_000 - 54, 8_300)


def test_the_rate_in_force_sets_the_price_and_a_missing_one_costs_nothing():
    state = opened(rate=2)
    state.consume(100)
    assert state.remaining == 10_000 - 80
    state.rate = 3
    assert state.consume(1_000_000) == 1_000_000
    assert state.remaining == 10_000 - 80


def test_ladder_adds_its_price_from_the_threshold_on():
    ladder = TariffSet(rates=(5_000,), thresholds=(1_000, 2_000), prices=(0, 1_000, 3_000))
    state = opened(current=ladder)
    state.consume(3_000)  # 10 kWh at 0.50, 10 at 0.60, 10 at 0.80
    assert (state.remaining, state.ladder_used) == (10_000 - 500 - 600 - 800, 3_000)


@pytest.mark.parametrize(
    ("last", "now", "used"),
    [
        ("2612312300", datetime(2027, 1, 1, 0, 0), 0),
        ("2612312300", datetime(2026, 12, 31, 23, 59), 3_000),
        ("2701010000", datetime(2027, 6, 1), 3_000),
        ("2506010000", datetime(2026, 6, 1), 0),
    ],
)
def test_ladder_begins_anew_at_a_settlement_day(last, now, used):
    ladder = TariffSet(rates=(5_000,), thresholds=(1_000,), prices=(0, 1_000), settlement=("010100",))
    state = opened(current=ladder, ladder_used=3_000, settled=last)
    state.look_at_clock(now)
    assert state.ladder_used == used


@given(
    st.integers(1, 99_999_999),
    st.lists(st.integers(0, 50_000), max_size=30),
    st.integers(0, 99_999),
    st.lists(st.integers(1, 30_000), max_size=6, unique=True).map(sorted),
)
def test_energy_and_money_always_agree(remaining, uses, price, thresholds):
    prices = tuple(range(0, 100 * len(thresholds) + 1, 100))
    tariff = TariffSet(rates=(price,), thresholds=tuple(thresholds), prices=prices)
    state = opened(remaining, current=tariff, alarm2=0)
    flowed = sum(state.consume(use) for use in uses)
    cost = sum(tariff.price(1, used) for used in range(flowed)) if flowed < 2_000 else None
    assert state.total_used == state.ladder_used == flowed
    if cost is not None:
        assert (remaining - state.remaining + state.over_used) * 10_000 + state.fraction == cost
    assert state.over_used <= 10 + price // 100


# -- the sets' bytes ---------------------------------------------------------------------------------------------


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    return KINDS[request.param]


TARIFF = TariffSet((5_483, 12_345_678), (240_000, 0, 480_000), (0, 500), ("010100",), "2604010000")


def test_a_set_lies_where_the_page_says(kind):
    data = pack_tariff_set(kind, TARIFF)
    ladder, size, days = {"gdw1365": (132, 0xFC, 184), "csg2015": (52, 0xC1, 104)}[kind.driver]
    assert len(data) == kind.tariff_size
    assert data[:12] == bytes([0x68, 0x01, 0x00, size]) + bytes.fromhex("0000548312345678")
    assert data[ladder : ladder + 4] == bytes.fromhex("00240000")
    assert data[ladder + 24 : ladder + 32] == bytes.fromhex("0000000000000500")
    assert data[days : days + 3] == bytes.fromhex("010100")
    assert data[kind.ladder_switch : kind.ladder_switch + 5] == bytes.fromhex("2604010000")
    assert data[-2:] == bytes([sum(data[1:-2]) % 256, 0x16])


def test_a_set_comes_back_as_it_went(kind):
    read = parse_tariff_set(kind, pack_tariff_set(kind, TARIFF))
    assert (read.rates[:2], read.thresholds[:3], read.prices[:2]) == (TARIFF.rates, TARIFF.thresholds, TARIFF.prices)
    assert (read.settlement, read.switch_time) == (TARIFF.settlement, TARIFF.switch_time)
    assert len(read.rates) == kind.rates


@pytest.mark.parametrize("offset", [0, 2, 3, 4, -2, -1])
def test_a_damaged_set_is_refused(kind, offset):
    data = bytearray(pack_tariff_set(kind, TARIFF))
    data[offset] ^= 0xFF
    with pytest.raises(ValueError):
        parse_tariff_set(kind, bytes(data))


def test_no_set_is_all_zero(kind):
    assert parse_tariff_set(kind, bytes(kind.tariff_size)) is None


def test_too_many_values_have_no_room(kind):
    for tariff in (TariffSet(rates=(1,) * 33), TariffSet(prices=(1,) * 8), TariffSet(settlement=("010100",) * 7)):
        with pytest.raises(ValueError):
            pack_tariff_set(kind, tariff)


def test_state_comes_back_from_its_dictionary():
    state = opened(backup=TARIFF)
    state.credit(2, 5)
    assert MoneyState.from_dict(state.to_dict()) == state
    assert state.price() == Decimal(5_000)
