"""The chip keeps the data sheet's rules."""

from __future__ import annotations

import time

import pytest

from simulators.card import CardPulled, NotAuthenticated
from simulators.sle4428 import Sle4428

RIGHT, WRONG = b"\xff\xff", b"\x00\x00"


@pytest.fixture
def chip() -> Sle4428:
    card = Sle4428()
    card.insert()
    card.power_on()
    return card


def test_eight_wrong_codes_lock_the_chip_for_ever(chip):
    assert [chip.present(WRONG) for _ in range(8)] == [0x7F, 0x3F, 0x1F, 0x0F, 0x07, 0x03, 0x01, 0x00]
    assert chip.locked
    assert chip.present(RIGHT) == 0x00
    with pytest.raises(NotAuthenticated):
        chip.write(0x40, b"\x01")
    assert chip.read(0, 4) == bytes.fromhex("92231091")
    assert Sle4428.from_dict(chip.to_dict()).present(RIGHT) == 0x00


def test_a_right_code_restores_the_tries(chip):
    chip.present(WRONG)
    assert (chip.tries, chip.intact) == (7, False)
    assert chip.unlock(RIGHT)
    assert (chip.tries, chip.intact) == (8, True)


def test_pull_while_the_code_is_compared_spends_a_try(chip):
    chip.faults.arm("pull_in_present")
    with pytest.raises(CardPulled):
        chip.present(RIGHT)
    chip.insert()
    assert (chip.counter, chip.authenticated) == (0x7F, False)


def test_the_counter_is_always_readable_and_the_code_only_after_it_was_presented(chip):
    assert chip.read(1020, 4) == b"\xff\xff\x00\x00"
    chip.present(WRONG)
    assert chip.read(1021, 1) == b"\x7f"
    chip.present(RIGHT)
    assert chip.read(1021, 3) == b"\xff" + RIGHT
    chip.power_off()
    assert chip.read(1022, 2) == b"\x00\x00"


def test_the_code_is_changed_by_writing_it(chip):
    with pytest.raises(NotAuthenticated):
        chip.write(1022, b"ab")
    chip.present(RIGHT)
    assert chip.write(1022, b"ab")
    chip.power_off()
    assert chip.present(RIGHT) == 0x7F
    assert chip.present(b"ab") == 0xFF


@pytest.mark.parametrize(("address", "data"), [(1021, b"\xff"), (1020, b"\x00\x00"), (1023, b"ab"), (-1, b"a")])
def test_writes_to_the_counter_or_beyond_the_end_are_refused(chip, address, data):
    chip.present(RIGHT)
    with pytest.raises(IndexError):
        chip.write(address, data)
    assert chip.counter == 0xFF


def test_every_byte_can_be_protected_for_ever(chip):
    chip.present(RIGHT)
    chip.write(1000, b"\x55")
    assert not chip.protect(1000, b"\x54")
    assert chip.protect(1000, b"\x55")
    assert not chip.write(1000, b"\x00")
    assert chip.read(1000, 1) == b"\x55"
    assert chip.read_protection()[125] == 0xFE


def test_the_maker_s_bytes_are_protected(chip):
    chip.present(RIGHT)
    assert not chip.write(0x00, b"\x00")
    assert chip.atr() == bytes.fromhex("3B0492231091")


@pytest.mark.parametrize("inside", [False, True])
def test_a_pull_leaves_earlier_bytes_new_and_the_one_at_work_erased(chip, inside):
    chip.present(RIGHT)
    chip.write(0x40, bytes(4))
    chip.faults.arm("pull", bytes=2, inside=inside)
    with pytest.raises(CardPulled):
        chip.write(0x40, b"\x01\x02\x03\x04")
    assert chip.image()[0x40:0x44] == (b"\x01\x02\xff\x00" if inside else b"\x01\x02\x00\x00")


def test_write_takes_the_times_of_the_data_sheet():
    chip = Sle4428(write_times=True)
    chip.present(RIGHT)
    start = time.monotonic()
    chip.write(0x40, bytes(10))
    assert 0.050 <= time.monotonic() - start < 0.100


@pytest.mark.parametrize("counter", [0x06, 0x100, 0xFE, -1])
def test_a_counter_that_the_chip_cannot_show_is_refused(counter):
    with pytest.raises(ValueError):
        Sle4428(counter=counter)
