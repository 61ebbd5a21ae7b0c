"""The reader answers as HID's developer guide says (PLT-03099, section 8); no real one was at hand."""

from __future__ import annotations

import pytest

from simulators.at24 import At24c02
from simulators.card import CardPulled
from simulators.omnikey_reader import OmnikeyReader
from simulators.sle4428 import Sle4428
from simulators.sle4442 import Sle4442

SECURITY = "FF70076B07A605A00331000000"
COUNTER = "FF70076B07A605A103CEFD0000"
NAME_I2C = "FF30000408010E080100000100"


def reader_of(chip):
    reader = OmnikeyReader(chip)
    reader.power_on()

    def transmit(*commands: str) -> str:
        return [reader.transmit(bytes.fromhex(command)).hex().upper() for command in commands][-1]

    transmit.reader = reader
    return transmit


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("00A4040000", "6E00"),
        ("FFA400000106", "6D00"),  # the ACS command
        ("FFB000", "6700"),
        ("FFB0010004", "6A82"),
        ("FFB000FE04", "FFFF6282"),
        ("FF200000020102", "6700"),
        ("FFD6004001AA", "6982"),
        ("FFD6004002AA", "6700"),
        ("FF300003060100000008FF", "6982"),
        ("FF3000070101", "6A86"),
        ("FF3A000021", "6A82"),
        ("FF700000010000", "6A86"),
        ("FF70076B02A0000000", "6700"),
        ("FF70076B02A00000", "9E0200039000"),
        ("FF2100000301020304", "6700"),
    ],
)
def test_malformed_unknown_or_unauthenticated_commands_are_refused(command, answer):
    chip = Sle4442()
    assert reader_of(chip)(command) == answer
    assert chip.image() == Sle4442().image()


@pytest.mark.parametrize(
    ("chip", "wrong", "answers"),
    [
        (Sle4442(), "FF20000003000000", ["63C2", "63C1", "6983"]),
        (Sle4428(), "FF200000020000", ["63C7", "63C6", "63C5", "63C4", "63C3", "63C2", "63C1", "6983"]),
    ],
)
def test_wrong_codes_count_down_until_the_card_is_blocked(chip, wrong, answers):
    send = reader_of(chip)
    assert [send(wrong) for _ in answers] == answers
    right = f"FF200000{len(chip.FACTORY_PSC):02X}{chip.FACTORY_PSC.hex()}"
    assert send(right) == "6983"


def test_the_error_counter_is_read_over_the_bus():
    send = reader_of(Sle4442())
    assert send(SECURITY) == "9D04070000009000"
    assert send("FF20000003000000", SECURITY) == "9D04030000009000"
    assert send("FF20000003FFFFFF", SECURITY) == "9D0407FFFFFF9000"
    send = reader_of(Sle4428())
    assert send(COUNTER) == "9D01FF9000"
    assert send("FF200000020000", COUNTER) == "9D017F9000"


@pytest.mark.parametrize(("chip", "command"), [(Sle4442(), COUNTER), (Sle4428(), SECURITY), (At24c02(), SECURITY)])
def test_the_bus_of_another_chip_is_an_error_under_a_good_status(chip, command):
    assert reader_of(chip)(command) == "9E02002A9000"


@pytest.mark.parametrize(("chip", "code"), [(Sle4442(), "03FFFFFF"), (Sle4428(), "02FFFF")])
def test_write_and_read_after_the_right_code(chip, code):
    send = reader_of(chip)
    assert send("FF200000" + code) == "9000"
    assert send("FFD600400411223344") == "9000"
    assert send("FFB0004004") == "112233449000"
    assert send("FFD600000100") == "6581"  # protected by the maker
    assert send("FFB0000000") == chip.image()[:256].hex().upper() + "9000"


def test_protecting_shows_one_byte_for_each_address():
    send = reader_of(Sle4428())
    assert send("FF3A000602") == "01019000"
    assert send("FF20000002FFFF", "FF300003060100000008FF") == "9000"
    assert send("FF3A000802") == "01009000"
    assert send("FF300003060100000009AA") == "6581"


def test_changing_the_code():
    send = reader_of(Sle4428())
    assert send("FF21000004FFFF0102") == "9000"
    assert send("FF20000002FFFF") == "63C7"
    assert send("FF200000020102") == "9000"


@pytest.mark.parametrize(
    "command", ["FFB0000004", "FFD6000001AA", "FF20000003FFFFFF", "FF3A000001", "FF300005090100000000000000FF"]
)
def test_an_i2c_chip_must_be_named_and_takes_no_other_commands(command):
    assert reader_of(At24c02())(command) == "6985"


def test_an_i2c_chip_of_another_size_or_another_chip_is_not_taken():
    assert reader_of(At24c02())("FF3000040801142002" + "00002000") == "6A86"
    assert reader_of(Sle4442())(NAME_I2C) == "6985"


def test_an_i2c_chip_is_written_and_read():
    chip = At24c02()
    send = reader_of(chip)
    assert send(NAME_I2C) == "9000"
    assert send("FF300006080100000045010203") == "9000"
    assert send("FF30000509010000004400000004") == "FF0102039000"
    assert send("FF3000050901000000FF00000002") == "6A82"
    send.reader.power_on()
    assert send("FF30000509010000004400000004") == "6985"


def test_pull_at_a_command_leaves_it_undone():
    chip = Sle4442()
    send = reader_of(chip)
    send("FF20000003FFFFFF")
    chip.faults.arm("pull_at_apdu", apdu=1)
    with pytest.raises(CardPulled):
        send("FFD6004001AA")
    assert chip.image()[0x40] == 0xFF
