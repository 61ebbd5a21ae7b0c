"""Each dialect against its simulated reader, and against answers that no reader should give."""

from __future__ import annotations

import pytest

from hw_proxy.cards.chips import AT24C02, SLE4428, SLE4442
from hw_proxy.cards.dialect_acs import AcsDialect
from hw_proxy.cards.dialect_omnikey import OmnikeyDialect
from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.transport import CardGone, CardRefused, CardSilent
from simulators.at24 import At24c02
from simulators.sle4428 import Sle4428
from simulators.sle4442 import Sle4442
from tests.hw_proxy.simulated import KINDS, NAMES, READERS, SimulatedCard
from tests.hw_proxy.support import FakeCard

CHIPS = {SLE4442: Sle4442, SLE4428: Sle4428, AT24C02: At24c02}
CODED = [SLE4442, SLE4428]
OMNIKEY_3121 = "HID Global OMNIKEY 3x21 Smart Card Reader 00 00"


@pytest.fixture(params=READERS, ids=lambda dialect: dialect.id)
def kind(request):
    return request.param


def selected(kind, chip, simulated=None):
    card = SimulatedCard(simulated or CHIPS[chip](), kind)
    dialect = kind(card)
    dialect.select(chip)
    return dialect, card


def answering(kind, chip, answer):
    """A dialect whose reader gives one answer to everything."""
    card = FakeCard()
    card.trouble = lambda command: b"\x9d\x01\x07\x90\x00" if command[1] == 0x70 else b"\x90\x00"
    dialect = kind(card)
    dialect.select(chip)
    card.trouble = lambda command: answer
    return dialect


# -- unhappy ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chip", CODED, ids=lambda chip: chip.name)
def test_wrong_codes_count_down_and_never_look_right(kind, chip):
    dialect, card = selected(kind, chip)
    for left in range(chip.tries - 1, -1, -1):
        assert dialect.present(bytes(chip.code_length)) is False
        assert chip.tries_of(dialect.error_counter()) == left
    assert dialect.present(b"\xff" * chip.code_length) is False
    assert card.chip.locked


@pytest.mark.parametrize("chip", CODED, ids=lambda chip: chip.name)
def test_a_write_without_the_code_is_refused(kind, chip):
    dialect, card = selected(kind, chip)
    with pytest.raises(CardRefused) as error:
        dialect.write(0x40, b"\x01")
    assert error.value.status == 0x6982
    assert card.memory[0x40] == 0xFF


@pytest.mark.parametrize("chip", [SLE4442, SLE4428], ids=lambda chip: chip.name)
def test_the_type_of_another_chip_is_refused(chip):
    other = SLE4428 if chip == SLE4442 else SLE4442
    with pytest.raises(CardRefused):
        selected(AcsDialect, chip, CHIPS[other]())
    with pytest.raises(CardRefused):
        selected(AcsDialect, AT24C02, CHIPS[chip]())
    with pytest.raises(CardRefused):
        selected(OmnikeyDialect, chip, CHIPS[other]())


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)
def test_a_reader_of_the_other_family_is_found_out_at_once(kind, chip):
    card = SimulatedCard(CHIPS[chip](), kind)
    other = next(dialect for dialect in READERS if dialect is not kind)
    with pytest.raises(CardRefused):
        other(card).select(chip)


def test_an_i2c_type_for_another_chip_ends_the_insertion_at_an_omnikey_reader():
    with pytest.raises(CardGone):
        selected(OmnikeyDialect, AT24C02, Sle4442())


def test_a_protected_byte_is_a_refused_write(kind):
    for chip in CODED:
        dialect, _card = selected(kind, chip)
        assert dialect.present(b"\xff" * chip.code_length)
        with pytest.raises(CardRefused):
            dialect.write(0x00, b"\x00")


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)
def test_a_reader_that_forgot_the_card_ends_the_insertion(kind, chip):
    dialect = answering(kind, chip, b"\x69\x85")
    with pytest.raises(CardGone):
        dialect.read(0, 16)


@pytest.mark.parametrize(
    "answer", [b"", b"\x90", b"\x01\x90\x00", b"\x01" * 17 + b"\x90\x00", b"\x01" * 21 + b"\x90\x00"]
)
@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)
def test_an_answer_of_the_wrong_length_is_no_reading(kind, chip, answer):
    with pytest.raises(CardSilent):
        answering(kind, chip, answer).read(0, 16)


@pytest.mark.parametrize("status", ["9000", "907f", "9007", "90fe", "6300", "6982"])
def test_acs_takes_only_the_full_counter_of_an_sle4428_as_a_right_code(status):
    assert not answering(AcsDialect, SLE4428, bytes.fromhex(status)).present(b"\x00\x00")
    assert answering(AcsDialect, SLE4428, bytes.fromhex("90ff")).present(b"\x00\x00")


@pytest.mark.parametrize("status", ["6f00", "6d00", "9007", "6282", "6400"])
def test_omnikey_does_not_know_whether_the_code_was_compared_under_an_unknown_status(status):
    with pytest.raises(CardRefused):
        answering(OmnikeyDialect, SLE4442, bytes.fromhex(status)).present(b"\x00\x00\x00")


@pytest.mark.parametrize(
    "answer",
    [
        "9e02002a9000",
        "9000",
        "9d009000",
        "9d0207ff009000",
        "bd03a0029000",
        "8007079000",
        "9d04079000",
        "6f00",
        "9e02002a9900",
    ],
)
def test_a_bus_answer_that_is_an_error_or_malformed_is_no_counter(answer):
    with pytest.raises((CardRefused, CardSilent)):
        answering(OmnikeyDialect, SLE4442, bytes.fromhex(answer)).error_counter()


# -- happy -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["9d01079000", "9d04070000009000", "bd03a001079000", "bd03a001079900"])
def test_both_known_forms_of_a_bus_answer_are_taken(answer):
    assert answering(OmnikeyDialect, SLE4442, bytes.fromhex(answer)).error_counter() == 7


@pytest.mark.parametrize("chip", CHIPS, ids=lambda chip: chip.name)
def test_what_is_written_is_read_back(kind, chip):
    dialect, card = selected(kind, chip)
    if chip.code_length:
        assert chip.tries_of(dialect.error_counter()) == chip.tries
        assert dialect.present(b"\xff" * chip.code_length) is True
        assert chip.tries_of(dialect.error_counter()) == chip.tries
    data = bytes(range(1, 21))
    dialect.write(0x44, data)
    assert dialect.read(0x44, 20) == data
    assert dialect.read(0, 256) == card.memory


@pytest.mark.parametrize("chip", CODED, ids=lambda chip: chip.name)
def test_protection_bits_are_the_chip_s(kind, chip):
    dialect, card = selected(kind, chip)
    assert dialect.protection() == card.chip.read_protection()[:4]


def test_acs_takes_the_protection_bits_that_some_readers_append_to_an_sle4442_s_bytes():
    assert answering(AcsDialect, SLE4442, b"\x01" * 16 + b"\xff" * 4 + b"\x90\x00").read(0, 16) == b"\x01" * 16


def test_the_commands_are_those_of_the_omnikey_guide():
    dialect, card = selected(OmnikeyDialect, SLE4442)
    dialect.present(b"\xff\xff\xff")
    dialect.write(0x80, b"\x00")
    dialect.read(0x80, 4)
    dialect.protection()
    i2c, i2c_card = selected(OmnikeyDialect, AT24C02)
    i2c.write(0x40, b"\x01\x02")
    i2c.read(0x40, 2)
    assert [command.hex() for command in card.commands + i2c_card.commands] == [
        "ff70076b07a605a00331000000",
        "ff20000003ffffff",
        "ffd600800100",
        "ffb0008004",
        "ff3a000020",
        "ff30000408010e080100000100",
        "ff3000060701000000400102",
        "ff30000509010000004000000002",
    ]


# -- which reader speaks what ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reader", "dialect"),
    [
        (OMNIKEY_3121, OmnikeyDialect),
        ("OMNIKEY AG CardMan 3121 01 00", OmnikeyDialect),
        ("ACS ACR39U ICC Reader 00 00", AcsDialect),
        ("Virtual PCD 00 00", AcsDialect),
        ("Somebody's Reader 00", AcsDialect),
    ],
)
def test_a_reader_s_name_tells_its_dialect(reader, dialect):
    assert CardRegistry().dialect_of(reader) is dialect


def test_the_configuration_goes_before_the_name_and_an_unknown_dialect_is_ignored():
    registry = CardRegistry({OMNIKEY_3121: "acs", "Virtual PCD 00 00": "omnikey", "ACS 00": "klingon"}.get)
    assert registry.dialect_of(OMNIKEY_3121) is AcsDialect
    assert registry.dialect_of("Virtual PCD 00 00") is OmnikeyDialect
    assert registry.dialect_of("ACS 00") is AcsDialect


def test_a_reader_of_an_unknown_name_is_asked_and_one_of_a_known_name_is_not():
    for kind in READERS:
        card = SimulatedCard(Sle4442(), kind)
        assert CardRegistry().dialect_of("Somebody's Reader 00", card) is kind
    card = SimulatedCard(Sle4442(), OmnikeyDialect)
    CardRegistry().dialect_of(OMNIKEY_3121, card)
    assert card.commands == []


@pytest.mark.parametrize("driver", KINDS)
def test_every_chip_is_found_in_every_reader_without_a_code(kind, driver):
    chip, _meter = KINDS[driver].card("000000000123")
    card = SimulatedCard(chip, kind)
    found = CardRegistry().probe(NAMES[kind], card)
    assert found.id == driver
    assert isinstance(found.dialect, kind)
    assert not [command for command in card.commands if command[1] == 0x20]


def test_a_dialect_that_does_not_fit_is_told_with_what_was_seen(kind):
    other = next(dialect for dialect in READERS if dialect is not kind)
    registry, seen = CardRegistry(lambda _reader: other.id), []
    with pytest.raises(CardRefused):
        registry.probe("Reader 00", SimulatedCard(Sle4442(), kind), seen)
    assert seen == ["answer to reset 3b04a2131091", f"reader's dialect {other.id}", "sle4442_demo: status 6d00"]
