"""What the relay does when energy runs down: alarm 1, alarm 2, over zero, overdraft limit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from simulators.meter import Meter


def test_consumption_runs_through_all_states_and_stops_at_each_trip(home):
    meter, state = home.meter, home.meter.state  # 100.00 kWh, alarms 20 and 5 kWh, overdraft 10.00 kWh
    assert meter.consume("79.99") == Decimal("79.99")
    assert state.balance_state() == "normal"
    assert meter.consume("0.01") == Decimal("0.01")
    assert (state.balance_state(), state.relay_closed) == ("alarm1", True)

    assert meter.consume(50) == 15
    assert (state.balance_state(), state.relay_closed) == ("alarm2", False)
    assert meter.consume(1) == 0

    assert meter.insert(home.chip).accepted
    assert state.relay_closed
    assert meter.consume(50) == 5
    assert (state.balance_state(), state.relay_closed, state.remaining) == ("over_zero", False, 0)

    meter.insert(home.chip)
    assert meter.consume(50) == 10
    assert (state.balance_state(), state.relay_closed, state.over_used) == ("overdrawn", False, 1_000)

    meter.insert(home.chip)
    assert not state.relay_closed  # only a purchase reconnects now
    assert (home.write_back().remaining, home.write_back().over_used) == (0, 1_000)


def test_purchase_pays_the_overdraft_first_and_reconnects(home):
    state = home.meter.state
    state.remaining, state.over_used, state.relay_closed = 0, 1_000, False
    home.sell(2, energy=5_000)
    result = home.meter.insert(home.chip)
    assert (result.credited, state.remaining, state.over_used, state.relay_closed) == (5_000, 4_000, 0, True)
    assert state.total_bought == 15_000


def test_purchase_smaller_than_the_overdraft_leaves_the_rest_of_it(home):
    state = home.meter.state
    state.remaining, state.over_used = 0, 1_000
    home.sell(2, energy=400)
    home.meter.insert(home.chip)
    assert (state.remaining, state.over_used) == (0, 600)


def test_alarm_trips_again_after_a_recharge(home):
    home.meter.consume(95)
    home.meter.insert(home.chip)
    home.sell(2, energy=5_000, alarm1=20, alarm2=5)
    home.meter.insert(home.chip)
    assert home.meter.consume(100) == 50
    assert home.meter.state.balance_state() == "alarm2"


def test_refused_card_does_not_reconnect(home):
    home.meter.consume(95)
    home.meter.insert(home.other_card(customer="000000009999"))
    assert not home.meter.state.relay_closed


def test_nothing_flows_without_voltage_or_before_the_opening(home):
    assert Meter("1", home.keys).consume(1) == 0
    home.meter.state.voltage = False
    assert home.meter.consume(1) == 0


def test_negative_consumption_is_refused(home):
    with pytest.raises(ValueError):
        home.meter.consume("-1")


def test_overused_energy_counts_in_the_hoard_check(home):
    state = home.meter.state
    state.remaining, state.over_used, state.hoard_limit = 0, 1_000, 4_000
    home.sell(2, energy=5_000)
    assert home.meter.insert(home.chip).credited == 5_000
