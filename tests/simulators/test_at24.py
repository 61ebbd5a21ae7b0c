"""The chip keeps the data sheet's rules, and a torn page is as bad as it can be."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.at24 import At24c02
from simulators.card import CardPulled


@pytest.fixture
def chip() -> At24c02:
    card = At24c02(bytes(256))
    card.insert()
    card.power_on()
    return card


def test_anybody_can_write(chip):
    assert chip.unlock(b"")
    assert chip.write(0x00, b"\x01\x02")
    assert (chip.tries, chip.intact) == (3, True)


@pytest.mark.parametrize(("address", "length"), [(0xFF, 2), (-1, 1), (256, 1)])
def test_ranges_that_leave_the_chip_are_refused(chip, address, length):
    with pytest.raises(IndexError):
        chip.write(address, bytes(length))
    with pytest.raises(IndexError):
        chip.read(address, length)


def test_a_pull_before_a_page_leaves_it_alone(chip):
    chip.faults.arm("pull", bytes=8)
    with pytest.raises(CardPulled):
        chip.write(0x40, b"\x11" * 20)
    assert chip.image()[0x40:0x54] == b"\x11" * 8 + bytes(12)


@pytest.mark.parametrize(("pulled_after", "inside"), [(0, True), (3, False), (3, True), (7, False)])
def test_a_pull_inside_a_page_leaves_what_was_sent_of_it_erased(chip, pulled_after, inside):
    chip.faults.arm("pull", bytes=pulled_after, inside=inside)
    with pytest.raises(CardPulled):
        chip.write(0x40, b"\x11" * 8)
    assert chip.image()[0x40:0x48] == b"\x11" * pulled_after + b"\xff" * (8 - pulled_after)
    assert chip.image()[0x48:] == bytes(0xB8)


def test_a_torn_byte_takes_no_other_byte_of_its_page_with_it(chip):
    chip.faults.arm("pull", inside=True)
    with pytest.raises(CardPulled):
        chip.write(0x80, b"\x55")
    assert chip.image()[0x80:0x88] == b"\xff" + bytes(7)


def test_a_page_rolls_over_at_its_end(chip):
    chip.write_page(0x46, b"\x01\x02\x03\x04")
    assert chip.image()[0x40:0x48] == b"\x03\x04" + bytes(4) + b"\x01\x02"
    assert chip.image()[0x48] == 0


@given(address=st.integers(0, 255), data=st.binary(min_size=1, max_size=64))
def test_a_write_of_any_length_is_read_back(address, data):
    chip = At24c02()
    data = data[: 256 - address]
    assert chip.write(address, data)
    expected = bytearray(b"\xff" * 256)
    expected[address : address + len(data)] = data
    assert chip.image() == bytes(expected)


def test_a_page_takes_five_milliseconds_however_full_it_is():
    chip = At24c02(write_times=True)
    start = time.monotonic()
    chip.write(0x40, bytes(20))
    assert 0.015 <= time.monotonic() - start < 0.045


def test_a_card_pulled_by_hand_stops_a_write_where_it_is():
    chip = At24c02(write_times=True)
    timer = threading.Timer(0.03, chip.remove)
    timer.start()
    with pytest.raises(CardPulled):
        chip.write(0x00, bytes(256))
    timer.join()
    assert 0 < chip.image().count(0) < 256


def test_it_survives_in_its_durable_form(chip):
    chip.write(0x10, b"\x77")
    assert At24c02.from_dict(chip.to_dict()).image() == chip.image()


def test_a_chip_of_another_size_is_refused():
    with pytest.raises(ValueError):
        At24c02(bytes(128))
