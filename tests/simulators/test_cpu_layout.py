"""The CPU cards' files against bytes that were put together by hand from the page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators import cpu_layout
from simulators.cpu_kinds import CSG2015, GDW1365, KINDS
from simulators.cpu_layout import Parameters, Wallet, WriteBack

NUMBERS = "000000008901" + "000000004567"


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    return KINDS[request.param]


def framed(body: str) -> bytes:
    data = bytes.fromhex(body.replace(" ", ""))
    return b"\x68" + data + bytes([sum(data) % 256, 0x16])


@pytest.mark.parametrize(("kind", "command"), [("gdw1365", "01"), ("csg2015", "03")], indirect=["kind"])
def test_parameters_lie_where_the_page_says(kind, command):
    parameters = Parameters(
        "8901", "4567", 2, 0x8F, alarm1=2_050, alarm2=500, ct=40, pt=10, switch_time="2603040506", user_type=3
    )
    data = framed(f"{command} 0027 03 8F 00000000 2603040506 00 00002050 00000500 000040 000010 {NUMBERS} 02")
    assert cpu_layout.pack_parameters(kind, parameters) == data
    state, read = cpu_layout.parse_parameters(kind, data)
    assert (state, read.meter_no, read.alarm1, read.update_flag) == ("good", "000000008901", 2_050, 0x8F)
    assert len(data) == 45


@pytest.mark.parametrize(("kind", "length", "last"), [(GDW1365, "2B", ""), (CSG2015, "2C", "00")])
def test_write_back_lies_where_the_page_says(kind, length, last):
    back = WriteBack("8901", "4567", 15_000, 2, 1_050, 3, "2603040506", ct=40, pt=10, key_version=7)
    data = framed(
        f"11 00{length} 00 000040 000010 {NUMBERS} 00003A98 00000002 00001050 00000007 000003 2603040506 {last}"
    )
    assert cpu_layout.pack_write_back(kind, back) == data
    assert len(data) == kind.write_back_size
    state, read = cpu_layout.parse_write_back(kind, data)
    assert (state, read.remaining, read.count, read.over_used, read.key_version) == ("valid", 15_000, 2, 1_050, 7)


def test_wallet_is_amount_then_count():
    assert cpu_layout.pack_wallet(Wallet(10_000, 2)) == bytes.fromhex("0000271000000002")
    assert cpu_layout.parse_wallet(bytes.fromhex("05F5E0FF000000FF")) == Wallet(99_999_999, 255)


def test_zero_is_blank_or_empty_and_nothing_else_is(kind):
    size = kind.write_back_size
    assert cpu_layout.parse_parameters(kind, bytes(45)) == ("blank", None)
    assert cpu_layout.parse_write_back(kind, bytes(size)) == ("empty", None)
    for place in range(size):
        data = bytes(place) + b"\x01" + bytes(size - place - 1)
        assert cpu_layout.parse_write_back(kind, data) == ("damaged", None)


@given(st.data())
def test_one_changed_byte_is_never_taken_for_good(data):
    kind = data.draw(st.sampled_from(sorted(KINDS.values(), key=lambda each: each.driver)))
    whole = cpu_layout.pack_parameters(kind, Parameters("8901", "4567", 2))
    place, change = data.draw(st.integers(0, 44)), data.draw(st.integers(1, 255))
    changed = bytearray(whole)
    changed[place] ^= change
    assert cpu_layout.parse_parameters(kind, bytes(changed)) == ("damaged", None)


@given(st.binary(min_size=45, max_size=45), st.binary(min_size=50, max_size=50))
def test_nothing_malformed_leaves_the_codec_as_an_exception(parameters, back):
    for kind in KINDS.values():
        assert cpu_layout.parse_parameters(kind, parameters)[0] in ("blank", "good", "damaged")
        assert cpu_layout.parse_write_back(kind, back[: kind.write_back_size])[0] in ("empty", "valid", "damaged")


def test_digits_that_are_none_are_damage(kind):
    whole = bytearray(cpu_layout.pack_parameters(kind, Parameters("8901", "4567", 2)))
    whole[30] = 0xA0
    whole[43] = sum(whole[1:43]) % 256
    assert cpu_layout.parse_parameters(kind, bytes(whole)) == ("damaged", None)


@pytest.mark.parametrize("field", [{"alarm1": 100_000_000}, {"ct": 1_000_000}, {"meter_no": "12x"}])
def test_what_does_not_fit_is_refused(kind, field):
    with pytest.raises(ValueError):
        cpu_layout.pack_parameters(kind, Parameters(**{"meter_no": "1", "customer_no": "2", "card_type": 1, **field}))
