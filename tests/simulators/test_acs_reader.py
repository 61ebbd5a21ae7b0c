"""The reader answers as an ACR38/ACR39 does."""

from __future__ import annotations

import pytest

from simulators.acs_reader import AcsReader
from simulators.card import CardPulled
from simulators.sle4442 import Sle4442

SELECT, PRESENT = "FFA400000106", "FF20000003FFFFFF"


@pytest.fixture
def send():
    chip = Sle4442()
    reader = AcsReader(chip)
    reader.power_on()

    def transmit(*commands: str) -> str:
        return [reader.transmit(bytes.fromhex(command)).hex().upper() for command in commands][-1]

    transmit.chip = chip
    transmit.reader = reader
    return transmit


def test_answer_to_reset(send):
    assert send.reader.power_on() == bytes.fromhex("3B04A2131091")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("FFB0000004", "6985"),  # card type not selected
        ("FFA400000105", "6300"),  # another card type
        ("00A4040000", "6E00"),
        ("FFCA000000", "6D00"),
        ("FFB000", "6700"),
    ],
)
def test_commands_before_the_card_type_or_unknown_are_refused(send, command, answer):
    assert send(command) == answer


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("FFB000FF02", "6B00"),
        ("FFB100000003", "6700"),
        ("FFD000400201", "6700"),
        ("FF200000020102", "6700"),
        ("FFD0004001AA", "6982"),  # no code presented
        ("FFD2000103010203", "6982"),
        ("FFD100080155", "6982"),
    ],
)
def test_malformed_or_unauthenticated_commands_are_refused(send, command, answer):
    assert send(SELECT, command) == answer
    assert send.chip.image() == Sle4442().image()


def test_wrong_codes_count_down_to_a_90_00_that_means_locked(send):
    wrong = "FF20000003000000"
    assert [send(SELECT, wrong)] + [send(wrong) for _ in range(2)] == ["9003", "9001", "9000"]
    assert send(PRESENT) == "9000"
    assert send("FFB1000004") == "000000009000"


def test_write_and_read_after_the_right_code(send):
    assert send(SELECT, PRESENT) == "9007"
    assert send("FFD000400411223344") == "9000"
    assert send("FFB0004004") == "112233449000"
    assert send("FFB0000000") == send.chip.image().hex().upper() + "9000"


def test_write_to_protected_bytes_fails(send):
    assert send(SELECT, PRESENT, "FFD000000100") == "6300"


def test_protecting_shows_in_the_protection_bits(send):
    assert send(SELECT, "FFB2000004") == "30FFFFFF9000"
    assert send(PRESENT, "FFD1000801FF") == "9000"
    assert send("FFB2000004") == "30FEFFFF9000"
    assert send("FFD1000901AA") == "6300"


def test_selecting_again_forgets_the_code(send):
    assert send(SELECT, PRESENT, SELECT, "FFD0004001AA") == "6982"


def test_changing_the_code(send):
    assert send(SELECT, PRESENT, "FFD2000103010203") == "9000"
    assert send(SELECT, PRESENT) == "9003"
    assert send("FF20000003010203") == "9007"


def test_pull_at_a_command_leaves_it_undone(send):
    send(SELECT, PRESENT)
    send.chip.faults.arm("pull_at_apdu", apdu=1)
    with pytest.raises(CardPulled):
        send("FFD0004001AA")
    assert send.chip.image()[0x40] == 0xFF


def test_a_card_pulled_while_it_is_silent_never_answers(send):
    send(SELECT)
    send.chip.faults.arm("silent", seconds=60)
    send.chip.remove()
    with pytest.raises(CardPulled):
        send("FFB0000004")
