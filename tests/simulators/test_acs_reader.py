"""The reader answers as an ACR38/ACR39 does."""

from __future__ import annotations

import pytest

from simulators.acs_reader import AcsReader
from simulators.at24 import At24c02
from simulators.card import CardPulled
from simulators.sle4428 import Sle4428
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


# -- other card types ------------------------------------------------------------------------------------------------


def reader_of(chip, selected=None):
    reader = AcsReader(chip)
    reader.power_on()

    def transmit(*commands: str) -> str:
        return [reader.transmit(bytes.fromhex(command)).hex().upper() for command in commands][-1]

    if selected:
        assert transmit(selected) == "9000"
    return transmit


TYPES = {Sle4442: "FFA400000106", Sle4428: "FFA400000105", At24c02: "FFA400000101"}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("selected", [*TYPES.values(), "FFA400000102", "FFA4000001FF"])
def test_a_type_that_is_not_the_card_s_is_not_selected(kind, selected):
    send = reader_of(kind(), TYPES[kind])
    right = selected == TYPES[kind]
    assert send(selected) == ("9000" if right else "6300")
    assert send("FFB0000004").endswith("9000" if right else "6985")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("FFB003FF02", "6B00"),
        ("FFB100000004", "6700"),
        ("FFB1000004", "6700"),
        ("FF20000003FFFFFF", "6700"),
        ("FFD0004001AA", "6982"),
        ("FFD2000102FFFF", "6D00"),
        ("FFD003FD0101", "6B00"),
        ("FFB2000081", "6B00"),
    ],
)
def test_sle4428_refuses_malformed_or_unauthenticated_commands(command, answer):
    chip = Sle4428()
    assert reader_of(chip, TYPES[Sle4428])(command) == answer
    assert chip.image() == Sle4428().image()


def test_sle4428_counts_wrong_codes_down_to_a_90_00_that_means_locked():
    send = reader_of(Sle4428(), TYPES[Sle4428])
    answers = [send("FF200000020000") for _ in range(8)]
    assert answers == ["907F", "903F", "901F", "900F", "9007", "9003", "9001", "9000"]
    assert send("FF20000002FFFF") == "9000"
    assert send("FFB1000003")[:2] == "00"


def test_sle4428_is_written_and_read_beyond_256_bytes():
    send = reader_of(Sle4428(), TYPES[Sle4428])
    assert send("FF20000002FFFF") == "90FF"
    assert send("FFD0030004AABBCCDD") == "9000"
    assert send("FFB0030004") == "AABBCCDD9000"
    assert send("FFB1000003") == "FFFFFF9000"


def test_sle4428_shows_its_protection_bits():
    send = reader_of(Sle4428(), TYPES[Sle4428])
    assert send("FF20000002FFFF", "FFD1000801FF") == "9000"
    assert send("FFB2000002") == "00FE9000"
    assert send("FFD0000801AA") == "6300"


@pytest.mark.parametrize("command", ["FFB1000004", "FFB2000004", "FF20000003FFFFFF", "FFD1000001FF"])
def test_an_i2c_card_has_no_code_and_no_protection(command):
    assert reader_of(At24c02(), TYPES[At24c02])(command) == "6D00"


@pytest.mark.parametrize(
    ("command", "answer"), [("FF0100000102", "6300"), ("FF01000000", "6700"), ("FFD000FF020102", "6B00")]
)
def test_malformed_i2c_commands_are_refused(command, answer):
    chip = At24c02()
    assert reader_of(chip, TYPES[At24c02])(command) == answer
    assert chip.image() == b"\xff" * 256


def test_an_i2c_card_is_written_without_a_code():
    send = reader_of(At24c02(), TYPES[At24c02])
    assert send("FF0100000103", "FFD0004503010203", "FFB0004404") == "FF0102039000"


def test_a_page_size_that_is_not_the_chip_s_writes_over_the_page_s_beginning():
    send = reader_of(At24c02(bytes(256)), TYPES[At24c02])
    assert send("FF0100000104", "FFD000460401020304") == "9000"
    assert send("FFB0004008") == "03040000000001029000"


def test_selecting_again_takes_the_page_size_back():
    send = reader_of(At24c02(bytes(256)), TYPES[At24c02])
    assert send("FF0100000104", TYPES[At24c02], "FFD000460401020304") == "9000"
    assert send("FFB0004604") == "010203049000"


@pytest.mark.parametrize("kind", TYPES)
def test_a_lost_write_is_confirmed_and_changes_nothing(kind):
    chip = kind()
    send = reader_of(chip, TYPES[kind])
    send("FF200000" + f"{len(kind.FACTORY_PSC):02X}" + kind.FACTORY_PSC.hex())
    chip.faults.arm("lost_write")
    assert send("FFD000400155") == "9000"
    assert send("FFB0004001") == "FF9000"
