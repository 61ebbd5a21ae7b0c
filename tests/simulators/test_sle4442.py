"""The chip keeps the data sheet's rules."""

from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.card import CardPulled, NotAuthenticated
from simulators.sle4442 import Sle4442

RIGHT, WRONG = b"\xff\xff\xff", b"\x00\x00\x00"


@pytest.fixture
def chip() -> Sle4442:
    card = Sle4442()
    card.insert()
    card.power_on()
    return card


def test_three_wrong_codes_lock_the_chip_for_ever(chip):
    assert [chip.present(WRONG) for _ in range(3)] == [0x03, 0x01, 0x00]
    assert chip.locked
    assert chip.present(RIGHT) == 0x00
    with pytest.raises(NotAuthenticated):
        chip.write(0x40, b"\x01")
    assert chip.read(0, 4) == bytes.fromhex("A2131091")
    assert Sle4442.from_dict(chip.to_dict()).present(RIGHT) == 0x00


def test_a_right_code_restores_the_tries(chip):
    chip.present(WRONG)
    chip.present(WRONG)
    assert chip.present(RIGHT) == 0x07


def test_a_wrong_code_takes_an_earlier_right_one_back(chip):
    chip.present(RIGHT)
    chip.present(WRONG)
    with pytest.raises(NotAuthenticated):
        chip.write(0x40, b"\x01")


def test_power_off_forgets_the_code_and_reset_does_not(chip):
    chip.present(RIGHT)
    chip.power_on()
    assert chip.write(0x40, b"\x01")
    chip.power_off()
    chip.power_on()
    with pytest.raises(NotAuthenticated):
        chip.write(0x40, b"\x02")
    assert chip.read(0x40, 1) == b"\x01"


def test_code_is_readable_only_after_it_was_presented(chip):
    assert chip.read_security() == b"\x07\x00\x00\x00"
    chip.present(RIGHT)
    assert chip.read_security() == b"\x07" + RIGHT


def test_changed_code_replaces_the_old_one(chip):
    with pytest.raises(NotAuthenticated):
        chip.change_psc(b"abc")
    chip.present(RIGHT)
    chip.change_psc(b"abc")
    chip.power_off()
    assert chip.present(RIGHT) == 0x03
    assert chip.present(b"abc") == 0x07


def test_pull_while_the_code_is_compared_spends_a_try(chip):
    chip.faults.arm("pull_in_present")
    with pytest.raises(CardPulled):
        chip.present(RIGHT)
    chip.insert()
    assert chip.counter == 0x03
    assert not chip.authenticated


def test_protected_bytes_ignore_a_write(chip):
    chip.present(RIGHT)
    assert not chip.write(0x00, b"\x00")
    assert chip.read(0, 1) == b"\xa2"


def test_protection_needs_the_byte_repeated_and_cannot_be_taken_back(chip):
    chip.present(RIGHT)
    chip.write(0x08, b"\x55\x66")
    assert not chip.protect(0x08, b"\x55\x00")
    assert chip.is_protected(0x08)
    assert not chip.is_protected(0x09)
    assert chip.read_protection() == b"\x30\xfe\xff\xff"
    assert not chip.write(0x08, b"\x77")
    assert chip.read(0x08, 1) == b"\x55"


def test_only_the_first_32_bytes_can_be_protected(chip):
    chip.present(RIGHT)
    with pytest.raises(IndexError):
        chip.protect(0x20, b"\xff")


@pytest.mark.parametrize(("address", "length"), [(0xFF, 2), (0, 257), (-1, 1)])
def test_reading_over_the_end_is_refused(chip, address, length):
    with pytest.raises(IndexError):
        chip.read(address, length)


@given(taken=st.integers(0, 19), inside=st.booleans(), data=st.binary(min_size=20, max_size=20))
def test_a_torn_write_leaves_new_bytes_one_erased_and_old_bytes(taken, inside, data):
    chip = Sle4442()
    chip.present(RIGHT)
    chip.write(0x40, bytes(range(20)))
    chip.faults.arm("pull", bytes=taken, inside=inside)
    with pytest.raises(CardPulled):
        chip.write(0x40, data)
    expected = bytearray(data[:taken] + bytes(range(20))[taken:])
    if inside:
        expected[taken] = 0xFF
    assert chip.image()[0x40:0x54] == expected
    with pytest.raises(CardPulled):
        chip.read(0, 1)


def test_pull_counts_the_bytes_of_several_writes(chip):
    chip.present(RIGHT)
    chip.faults.arm("pull", bytes=3)
    chip.write(0x40, b"\x01\x02")
    with pytest.raises(CardPulled):
        chip.write(0x60, b"\x03\x04")
    assert chip.image()[0x40:0x42] + chip.image()[0x60:0x62] == b"\x01\x02\x03\xff"


def test_a_lost_write_is_confirmed_and_changes_nothing(chip):
    chip.present(RIGHT)
    chip.faults.arm("lost_write")
    assert chip.write(0x40, b"\x01")
    assert chip.read(0x40, 1) == b"\xff"
    assert chip.write(0x40, b"\x01")
    assert chip.read(0x40, 1) == b"\x01"


def test_a_wrong_read_lies_once_and_only_at_its_address(chip):
    chip.faults.arm("wrong_read", address=0x02, mask=0xF0)
    assert chip.read(0x40, 4) == b"\xff" * 4
    assert chip.read(0, 4) == bytes.fromhex("A213E091")
    assert chip.read(0, 4) == bytes.fromhex("A2131091")


def test_write_takes_the_times_of_the_data_sheet():
    chip = Sle4442(write_times=True)
    chip.present(RIGHT)
    start = time.monotonic()
    chip.write(0x40, bytes(10))
    assert 0.050 <= time.monotonic() - start < 0.100


def test_a_card_pulled_by_hand_stops_a_write_where_it_is():
    chip = Sle4442(write_times=True)
    chip.present(RIGHT)
    timer = threading.Timer(0.03, chip.remove)
    timer.start()
    with pytest.raises(CardPulled):
        chip.write(0x40, bytes(100))
    timer.join()
    written = chip.image()[0x40:0xA4].count(0)
    assert 0 < written < 100
    assert not chip.authenticated
