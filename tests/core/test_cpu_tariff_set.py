"""Tariff sets of the CPU cards: sizes and offsets of the layout page, and nothing malformed is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core.cpu_tariff_set import CsgTariffSet, GdwTariffSet, Ladder

from simulators import tariff_set
from tests.core import cpu_meter

PRICE = st.integers(0, 99_999_999)
TIME = st.text("0123456789", min_size=10, max_size=10)


def ladders(days):
    day = st.text("0123456789", min_size=6, max_size=6)
    return st.builds(Ladder, st.tuples(*[PRICE] * 6), st.tuples(*[PRICE] * 7), st.tuples(*[day] * days))


GDW = st.builds(GdwTariffSet, st.tuples(*[PRICE] * 32), ladders(4), TIME)
CSG = st.builds(CsgTariffSet, st.tuples(*[PRICE] * 12), ladders(6), ladders(6), TIME)
DRIVERS = {GdwTariffSet: "gdw1365", CsgTariffSet: "csg2015"}


@given(st.one_of(GDW, CSG))
def test_what_is_written_is_read(tariff):
    assert type(tariff).decode(tariff.encode()) == tariff


@given(st.one_of(GDW, CSG))
def test_the_meter_reads_the_same_although_it_was_written_apart(tariff):
    other = tariff_set.parse_tariff_set(cpu_meter.kind_of(DRIVERS[type(tariff)]), tariff.encode())
    assert (other.rates, other.thresholds, other.prices) == (
        tariff.rates,
        tariff.ladder.thresholds,
        tariff.ladder.prices,
    )
    assert other.settlement == tuple(day for day in tariff.ladder.days if int(day))
    assert other.switch_time == tariff.switch_time


def test_the_offsets_of_the_state_grid():
    data = GdwTariffSet((12345,), Ladder((1,) * 6, (2,) * 7, ("010100",) * 4), "2601020304").encode()
    assert len(data) == 258
    assert data[:8].hex() == "680100fc00012345"
    assert data[132:136].hex() == "00000001"
    assert data[156:160].hex() == "00000002"
    assert data[184:187].hex() == "010100"
    assert data[196:201].hex() == "2601020304"
    assert data[201:256] == bytes(55)
    assert data[256:] == bytes((sum(data[1:256]) & 0xFF, 0x16))


def test_the_offsets_of_the_southern_grid():
    data = CsgTariffSet((12345,), Ladder((1,) * 6), Ladder((3,) * 6), "2601020304").encode()
    assert len(data) == 199
    assert data[:8].hex() == "680100c100012345"
    assert data[52:56].hex() == "00000001"
    assert data[122:126].hex() == "00000003"
    assert data[192:197].hex() == "2601020304"
    assert data[197:] == bytes((sum(data[1:197]) & 0xFF, 0x16))


@given(st.binary(max_size=300), st.sampled_from([GdwTariffSet, CsgTariffSet]))
def test_no_content_makes_the_reader_fail(data, kind):
    assert kind.decode(data) is None or kind.decode(data).encode()


@pytest.mark.parametrize("kind", [GdwTariffSet, CsgTariffSet])
def test_a_changed_byte_is_noticed(kind):
    good = kind((1,) * 12).encode()
    for place in range(len(good)):
        assert kind.decode(good[:place] + bytes((good[place] ^ 0x40,)) + good[place + 1 :]) is None, place
    assert kind.decode(good[:-1]) is None
    assert kind.decode(bytes(len(good))) is None


@pytest.mark.parametrize(
    "tariff",
    [
        GdwTariffSet((0,) * 33),
        CsgTariffSet((0,) * 13),
        GdwTariffSet((10**8,)),
        GdwTariffSet((-1,)),
        GdwTariffSet((), Ladder((0,) * 5)),
        GdwTariffSet((), Ladder(days=("010100",) * 5)),
        GdwTariffSet(switch_time="26" * 6),
        CsgTariffSet(switch_time="x" * 10),
    ],
)
def test_what_does_not_fit_is_a_bug_of_the_caller(tariff):
    with pytest.raises(ValueError, match="not"):
        tariff.encode()
