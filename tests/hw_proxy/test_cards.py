"""The codec of the demo card, the ACS dialect, and the search for a card's driver."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_proxy.cards import demo_layout
from hw_proxy.cards.chips import SLE4442
from hw_proxy.cards.dialect_acs import AcsDialect
from hw_proxy.cards.registry import CardRegistry
from hw_proxy.cards.sle4442_demo import Sle4442Demo
from hw_proxy.cards.transport import CardGone, CardRefused, CardSilent, CardUnknown
from hw_proxy.orders import WriteValues
from tests.hw_proxy.support import BEFORE, ORDERED, SERIAL, FakeCard, card_memory

U32 = st.integers(0, 0xFFFFFFFF)
VALUES = st.builds(
    WriteValues,
    count=U32,
    energy=U32,
    alarm1=st.integers(0, 0xFFFF),
    alarm2=st.integers(0, 0xFFFF),
    hoard=U32,
    issue=st.integers(0, 255),
    flags=st.integers(0, 255),
)


def test_the_checksums_are_those_of_the_layout_page():
    # The check values of CRC-16/CCITT-FALSE and CRC-8 in the catalogue of parametrised CRC algorithms.
    assert demo_layout.crc16(b"123456789") == 0x29B1
    assert demo_layout.crc8(b"123456789") == 0xF4


def test_a_good_card_is_understood():
    image = demo_layout.decode(card_memory())
    assert (image.serial, image.issuer, image.count, image.issue, image.current) == (SERIAL, 42, 4, 1, "A")
    assert (image.contract.customer, image.contract.meter) == ("000000004567", "000000008901")
    assert (image.write_back, image.write_back_count) == ("valid", 4)


@given(st.binary(max_size=300))
def test_no_content_raises(memory):
    demo_layout.decode(memory)


@given(st.integers(0, 255), st.integers(0, 255))
def test_one_wrong_byte_raises_nothing_and_never_invents_a_count(address, value):
    memory = bytearray(card_memory())
    memory[address] = value
    assert demo_layout.decode(memory).count in (4, None)


@given(VALUES)
def test_a_block_is_read_as_it_was_written(values):
    memory = bytearray(card_memory())
    memory[0x40:0x54] = memory[0x60:0x74] = demo_layout.encode_block(values)
    image = demo_layout.decode(memory)
    assert image.blocks == {"A": values, "B": values}
    assert image.count == values.count


@given(VALUES)
def test_the_writes_make_the_ordered_card_and_touch_nothing_else(values):
    before = card_memory()
    steps = demo_layout.plan(before, values)
    after = demo_layout.apply(before, steps)
    image = demo_layout.decode(after)
    assert image.blocks == {"A": values, "B": values}
    assert image.write_back == "empty"
    changed = {address for address in range(256) if before[address] != after[address]}
    assert changed <= {*range(0x40, 0x54), *range(0x60, 0x74), 0x80}
    assert steps[-1] == (0x80, b"\x00")


@pytest.mark.parametrize("current", ["A", "B"])
@given(data=st.data())
def test_torn_anywhere_one_block_stays_good_and_the_meter_refuses(current, data):
    memory = bytearray(card_memory())
    other = demo_layout.BLOCK_ADDRESS["B" if current == "A" else "A"]
    memory[other : other + 20] = b"\xff" * 20
    steps = demo_layout.plan(bytes(memory), ORDERED)
    flat = [(address + offset, byte) for address, block in steps for offset, byte in enumerate(block)]
    torn = data.draw(st.integers(0, len(flat) - 1))
    for address, byte in flat[:torn]:
        memory[address] = byte
    memory[flat[torn][0]] = 0xFF
    image = demo_layout.decode(memory)
    assert image.count in (BEFORE.count, ORDERED.count)
    assert image.write_back != "empty"


def test_the_better_block_counts():
    memory = bytearray(card_memory())
    memory[0x60:0x74] = demo_layout.encode_block(ORDERED)
    assert demo_layout.decode(memory).current == "B"
    memory[0x60] ^= 1
    assert demo_layout.decode(memory).current == "A"


@pytest.mark.parametrize(("state", "expected"), [(0x00, "empty"), (0xFF, "damaged"), (0xA4, "damaged")])
def test_the_write_back_s_state_byte_decides(state, expected):
    memory = bytearray(card_memory())
    memory[0x80] = state
    assert demo_layout.decode(memory).write_back == expected


@pytest.mark.parametrize(("fill", "state"), [(0xFF, "blank"), (0x00, "blank"), (0x11, "damaged")])
def test_blank_and_damaged_contracts_differ(fill, state):
    memory = bytearray(card_memory())
    memory[0x20:0x30] = bytes([fill]) * 16
    image = demo_layout.decode(memory)
    assert (image.contract.state, image.issue) == (state, None)


def dialect(answer):
    card = FakeCard()
    acs = AcsDialect(card)
    acs.select(SLE4442)
    card.trouble = lambda command: answer
    return acs


@pytest.mark.parametrize("status", ["9000", "9003", "9001", "6300", "6982", "9107"])
def test_only_90_07_is_a_right_code(status):
    # 90 00 looks like success and means that the card is locked.
    assert not dialect(bytes.fromhex(status)).present(b"\x00\x00\x00")
    assert dialect(bytes.fromhex("9007")).present(b"\x00\x00\x00")


def test_an_error_status_is_not_a_reading():
    with pytest.raises(CardRefused) as error:
        dialect(b"\x6b\x00").read(0, 16)
    assert error.value.status == 0x6B00


@pytest.mark.parametrize("answer", [b"", b"\x90", b"\x01\x90\x00", b"\x01" * 17 + b"\x90\x00"])
def test_an_answer_of_the_wrong_length_is_no_answer(answer):
    with pytest.raises(CardSilent):
        dialect(answer).read(0, 16)


def test_a_reader_that_lost_the_card_type_ends_the_insertion():
    with pytest.raises(CardGone):
        dialect(b"\x69\x85").error_counter()


def test_the_commands_are_those_of_the_reader_s_manual():
    card = FakeCard()
    acs = AcsDialect(card)
    acs.select(SLE4442)
    acs.error_counter()
    acs.protection()
    acs.read(0, 256)
    acs.present(bytes.fromhex("c0ffee"))
    acs.write(0x80, b"\x00")
    assert [command.hex() for command in card.commands] == [
        "ffa400000106",
        "ffb1000004",
        "ffb2000004",
        "ffb0000080",
        "ffb0008080",
        "ff20000003c0ffee",
        "ffd000800100",
    ]


def test_a_card_is_probed_without_a_code():
    card = FakeCard()
    assert isinstance(CardRegistry().probe("ACS ACR39U 00 00", card), Sle4442Demo)
    assert card.count(0x20) == 0


def test_an_unknown_chip_has_no_driver():
    card = FakeCard()
    card.atr = b"\x3b\x00"
    seen = []
    with pytest.raises(CardUnknown):
        CardRegistry().probe("ACS", card, seen)
    # SELECT and READ BINARY: what every processor card answers to anybody.
    assert {command[:2].hex() for command in card.commands} <= {"00a4", "00b0"}
    assert seen == [
        "answer to reset 3b00",
        "shows DF01, file 06",
        "gdw1365: no card file",
        "csg2015: no card file",
    ]


def test_the_configuration_sets_a_reader_s_dialect():
    registry = CardRegistry({"Strange 00": "acs"}.get)
    assert registry.dialect_of("Strange 00") is AcsDialect
    assert registry.dialect_of("Virtual PCD 00 00") is AcsDialect


@given(st.binary(min_size=256, max_size=256), st.binary(min_size=256, max_size=256))
def test_an_image_is_made_by_its_writes_or_refused(before, wanted):
    image = bytearray(before)
    for start, end in ((0x20, 0x30), (0x40, 0x54), (0x60, 0x74), (0x80, 0x9A)):
        image[start:end] = wanted[start:end]
    assert demo_layout.may_become(before, bytes(image))
    assert demo_layout.apply(before, demo_layout.plan_image(before, bytes(image))) == bytes(image)
    assert demo_layout.may_become(before, wanted) is (wanted == bytes(image))


@given(st.binary(max_size=300), st.binary(max_size=300))
def test_images_of_another_size_are_refused(before, image):
    assert len(before) == len(image) == 256 or not demo_layout.may_become(before, image)
