"""Amounts, limits and the price: to the cent, for every input."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import limits, money, tariff
from prepaid_core.errors import Refusal

CENTS = st.integers(1, 99_999_999)
PRICES = st.decimals("0.000001", "99", places=6)


@pytest.mark.parametrize(
    "bad",
    ["", " 100", "100 ", "-1", "+1", "1e3", "1E3", "0x10", "NaN", "Infinity", "1,000", "1_000", "100.000", "100.", ".5"]
    + ["00", "01", "1.2.3", "１００", "10٠", "1000000000", "100\n", 100, 100.0, True, None, b"100", Decimal("1"), []],
)
def test_everything_else_than_a_plain_amount_is_refused(bad):
    with pytest.raises(Refusal) as refusal:
        money.parse_amount(bad)
    assert refusal.value.code == "S-104"
    assert refusal.value.message("en")


@pytest.mark.parametrize(
    ("text", "cents"), [("100", 10000), ("100.0", 10000), ("100.00", 10000), ("0.5", 50), ("0.05", 5), ("0", 0)]
)
def test_an_amount_is_read_to_the_cent(text, cents):
    assert money.parse_amount(text) == cents


@given(CENTS)
def test_a_written_amount_reads_back(cents):
    assert money.parse_amount(money.format_cents(cents)) == cents


@given(CENTS)
def test_the_edge_to_floats_loses_nothing(cents):
    assert money.to_cents(money.cents_to_float(cents)) == cents
    assert money.to_centi_kwh(money.energy_to_float(cents)) == cents


def test_negative_numbers_keep_their_cents():
    assert money.format_cents(-5) == "-0.05"
    assert money.to_cents(-0.05) == -5


@given(CENTS, st.integers(-1000, 99_999_999), st.sampled_from([1, 5, 10, 50, 100]), st.integers(0, 10_000))
def test_cash_that_is_due_can_be_paid_and_the_balance_is_never_lost(amount, free, coin, more):
    due = money.cash_due(amount, free, coin)
    assert due % coin == 0
    assert (due == 0) == (free >= amount)
    left = free + due - amount
    assert left >= 0
    # Nothing is asked beyond the coin that is needed.
    assert due == 0 or left < coin
    received = due + more * coin
    assert (received - due) % coin == 0


@given(st.integers(-1000, 99_999_999), st.sampled_from([1, 5, 10, 50, 100]))
def test_what_is_handed_back_is_whole_coins_and_never_more_than_there_is(cents, coin):
    back = money.in_coins(cents, coin)
    assert back % coin == 0
    assert 0 <= back <= max(0, cents)
    assert max(0, cents) - back < coin


@given(CENTS, PRICES)
def test_paid_is_cost_plus_remainder_and_energy_is_rounded_down(cents, price):
    spec = tariff.TariffSpec("single", price)
    try:
        result = tariff.price(spec, cents)
    except Refusal as refusal:
        assert refusal.code == "S-105"
        assert cents < price
        return
    assert result.cost + result.remainder == cents
    assert result.cost >= 0
    assert result.remainder >= 0
    assert result.energy * price <= cents < (result.energy + 1) * price
    assert abs(result.cost - result.energy * price) <= Decimal("0.5")
    assert sum(line.cost for line in result.lines) == result.cost
    assert sum(line.energy for line in result.lines) == result.energy


@given(CENTS, CENTS, PRICES)
def test_more_money_never_buys_less(one, other, price):
    spec = tariff.TariffSpec("single", price)
    low, high = sorted((one, other))
    if low >= price:
        assert tariff.price(spec, low).energy <= tariff.price(spec, high).energy


def test_an_amount_too_small_says_the_smallest():
    with pytest.raises(Refusal) as refusal:
        tariff.price(tariff.TariffSpec("single", Decimal("2.5")), 2)
    assert refusal.value.params == {"min": "0.03"}
    assert tariff.price(tariff.TariffSpec("single", Decimal("2.5")), 3).energy == 1


@pytest.mark.parametrize(
    "spec",
    [None]
    + [tariff.TariffSpec("ladder", Decimal("1"))]
    + [tariff.TariffSpec("single", Decimal(price)) for price in ("0", "-1", "NaN", "Infinity")],
)
def test_no_usable_tariff_is_refused(spec):
    with pytest.raises(Refusal) as refusal:
        tariff.price(spec, 10000)
    assert refusal.value.code == "S-119"


def test_the_breakdown_for_people_has_decimal_strings():
    result = tariff.price(tariff.TariffSpec("single", Decimal("0.548300")), 10000).as_dict()
    assert result == {
        "amount": "100.00",
        "energy": "182.38",
        "cost": "100.00",
        "remainder": "0.00",
        "lines": [{"label": "single", "price": "0.5483", "energy": "182.38", "cost": "100.00"}],
    }


@pytest.mark.parametrize(
    ("amount", "code"), [(0, "S-105"), (999, "S-105"), (100_100, "S-106"), (1_050, "S-107"), (1_100, None)]
)
def test_limits_of_the_amount(amount, code):
    bounds = limits.Limits(minimum=1_000, maximum=100_000, step=100)
    if code is None:
        assert limits.check_amount(amount, bounds) is None
        return
    with pytest.raises(Refusal) as refusal:
        limits.check_amount(amount, bounds)
    assert refusal.value.code == code


def test_without_limits_only_nothing_is_too_little():
    limits.check_amount(1, limits.Limits())
    with pytest.raises(Refusal):
        limits.check_amount(0, limits.Limits())


@pytest.mark.parametrize(
    ("energy", "remaining", "hoard", "refused"),
    [(100, 900, 1_000, False), (101, 900, 1_000, True), (1_001, None, 1_000, True), (99_999_999, 0, 0, False)]
    + [(99_999_999, 1, 0, True), (1, 99_999_999, 200_000_000, True)],
)
def test_the_hoard_limit_counts_what_the_meter_holds(energy, remaining, hoard, refused):
    bounds = limits.Limits(hoard=hoard)
    if not refused:
        assert limits.check_hoard(energy, remaining, bounds) is None
        return
    with pytest.raises(Refusal) as refusal:
        limits.check_hoard(energy, remaining, bounds)
    assert refusal.value.code == "S-108"


def test_purchases_a_day():
    limits.check_per_day(1, limits.Limits(per_day=2))
    limits.check_per_day(1_000, limits.Limits())
    with pytest.raises(Refusal) as refusal:
        limits.check_per_day(2, limits.Limits(per_day=2))
    assert refusal.value.code == "S-109"
