"""The card codec: what a writer wrote a reader reads, and no content is beyond it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import card_image, codecs
from prepaid_core import sle4442_demo as codec
from prepaid_core.card_image import PurchaseBlock, WriteBack
from prepaid_core.errors import Refusal

from simulators import layout

U8, U16, U32 = (st.integers(0, 2**bits - 1) for bits in (8, 16, 32))
BLOCKS = st.builds(PurchaseBlock, count=U32, energy=U32, alarm1=U16, alarm2=U16, hoard=U32, issue=U8, flags=U8)
DIGITS = st.text("0123456789", min_size=12, max_size=12)
WRITE_BACKS = st.one_of(
    st.just(WriteBack("empty")),
    st.builds(WriteBack, st.just("valid"), U32, U32, U32, U32, U16, st.text("0123456789", min_size=10, max_size=10)),
)


def card(count=3, written_back=3, **changes):
    block = PurchaseBlock(count, 100, **changes)
    return codec.encode_card("000000000123", "4567", "8901", block, WriteBack("valid", written_back, 50))


@given(DIGITS, DIGITS, DIGITS, BLOCKS, WRITE_BACKS, st.sampled_from([1, 2, 3]), U8)
def test_what_is_written_is_read(serial, customer, meter, block, writeback, card_type, issue):
    image = codec.decode(codec.encode_card(serial, customer, meter, block, writeback, card_type, issue))
    assert image.condition == "ok"
    assert (image.serial, image.customer_no, image.meter_no) == (serial, customer, meter)
    assert (image.card_type, image.issue, image.block, image.writeback) == (card_type, issue, block, writeback)
    assert image.both_blocks


@given(DIGITS, DIGITS, DIGITS, BLOCKS, WRITE_BACKS)
def test_the_simulator_reads_the_same_although_it_was_written_apart(serial, customer, meter, block, writeback):
    memory = codec.encode_card(serial, customer, meter, block, writeback)
    other = layout.parse(memory)
    assert other.identity.serial == serial
    assert (other.contract.customer_no, other.contract.meter_no) == (customer, meter)
    assert (other.purchase.count, other.purchase.energy, other.purchase.hoard_limit) == (
        block.count,
        block.energy,
        block.hoard,
    )
    assert other.write_back_state == writeback.state


@given(st.binary(max_size=300), st.integers(0, 3))
def test_no_content_makes_the_reader_fail(memory, tries):
    image = codec.decode(memory, tries)
    assert image.condition in card_image.CONDITIONS
    assert image.writeback.state in card_image.WRITEBACK_STATES


@given(st.binary(min_size=256, max_size=256), st.integers(0, 255), st.integers(0, 255))
def test_no_change_of_a_good_card_makes_the_reader_fail(noise, start, length):
    memory = bytearray(card())
    memory[start : start + length] = noise[start : start + length]
    assert codec.decode(bytes(memory[:256])).condition in card_image.CONDITIONS


def changed(memory, place, data):
    return memory[:place] + data + memory[place + len(data) :]


@pytest.mark.parametrize(
    ("memory", "tries", "condition"),
    [
        (card(), 3, "ok"),
        (card(), 1, "ok"),
        (card(), 0, "locked"),
        (b"", 3, "unknown"),
        (card()[:255], 3, "unknown"),
        (b"\xff" * 256, 3, "foreign"),
        (bytes(256), 3, "foreign"),
        (changed(card(), 8, b"\x02"), 3, "foreign"),
        (changed(card(), 0x11, b"\x00"), 3, "foreign"),
        (changed(card(), 0x20, b"\xff" * 16), 3, "damaged"),
        (changed(card(), 0x20, bytes(16)), 3, "damaged"),
        (changed(card(), 0x20, b"\xff" * 64 + bytes(4) + b"\xff" * 16), 3, "damaged"),
        (changed(card(), 0x20, b"\xff" * 96), 3, "blank"),
        (changed(card(), 0x20, bytes(96)), 3, "blank"),
        (changed(card(), 0x21, b"\xff"), 3, "damaged"),
        (changed(card(), 0x20, codec.encode_contract("1", "2", 9, 1)), 3, "damaged"),
        (changed(changed(card(), 0x40, b"\xff" * 20), 0x60, b"\xff" * 20), 3, "blank"),
        (changed(changed(card(), 0x40, b"\x01"), 0x60, b"\x01"), 3, "damaged"),
        (changed(card(), 0x40, b"\x01"), 3, "ok"),
        (changed(card(), 0x60, b"\x01"), 3, "ok"),
    ],
)
def test_every_condition(memory, tries, condition):
    assert codec.decode(memory, tries).condition == condition


def test_a_card_of_another_issuer_is_foreign_to_this_one_only():
    image = codec.decode(changed(card(), 0, codec.encode_identity("000000000123", 2)), 3)
    assert image.seen_by(2) == image
    assert image.condition == "ok"
    foreign = image.seen_by(1)
    assert (foreign.condition, foreign.serial, foreign.issuer) == ("foreign", "000000000123", 2)
    assert (foreign.block, foreign.customer_no, foreign.count) == (None, "", 0)


def test_a_locked_card_of_another_issuer_stays_locked():
    image = codec.decode(changed(card(), 0, codec.encode_identity("000000000123", 2)), 0)
    assert image.seen_by(1).condition == "locked"


@pytest.mark.parametrize("memory", [b"", bytes(256)])
def test_a_card_that_says_no_issuer_is_what_it_was(memory):
    image = codec.decode(memory, 3)
    assert image.seen_by(1) == image


@pytest.mark.parametrize(
    ("data", "state"),
    [(b"\x00" + b"\x77" * 25, "empty"), (b"\xff", "damaged"), (b"\xa4", "damaged"), (b"\xa5", "valid")],
)
def test_a_damaged_write_back_is_not_empty(data, state):
    assert codec.decode(changed(card(), 0x80, data)).writeback.state == state


def test_the_good_block_with_the_higher_count_is_current():
    newer = codec.encode_block(PurchaseBlock(4, 200))
    assert codec.decode(changed(card(), 0x60, newer)).count == 4
    assert codec.decode(changed(card(), 0x40, newer)).count == 4
    assert codec.decode(changed(card(), 0x40, newer[:-1] + b"\x00")).count == 3


@given(st.integers(0, 40), st.booleans())
def test_torn_anywhere_one_block_stays_good_and_only_the_last_byte_commits(place, inside):
    write = PurchaseBlock(4, 200)
    memory, before = bytearray(card()), codec.decode(card()).block
    left = place
    for address, data in codec.write_steps(bytes(memory), write):
        for offset, byte in enumerate(data):
            if left == 0 and inside:
                memory[address + offset] = 0xFF
            if left <= 0:
                left = -1
                break
            memory[address + offset] = byte
            left -= 1
        if left < 0:
            break
    image = codec.decode(bytes(memory))
    assert image.condition == "ok"
    assert image.block in (before, write)
    assert image.writeback.state != "empty"


def test_the_complete_write_is_what_odoo_expects():
    write = PurchaseBlock(4, 200, 10, 5, 1000, 1, 1)
    after = codec.expected_after(card(), write)
    image = codec.decode(after)
    assert (image.block, image.both_blocks, image.writeback.state) == (write, True, "empty")
    assert after[:0x40] == card()[:0x40]
    assert after[0x81:] == card()[0x81:]
    assert codecs.expected_after(codec.DRIVER, card().hex(), write) == after


def test_the_non_current_block_is_written_first():
    first_is_newer = changed(card(), 0x40, codec.encode_block(PurchaseBlock(4, 200)))
    second_is_newer = changed(card(), 0x60, codec.encode_block(PurchaseBlock(4, 200)))
    write = PurchaseBlock(5, 1)
    assert [address for address, _ in codec.write_steps(first_is_newer, write)] == [0x60, 0x40, 0x80]
    assert [address for address, _ in codec.write_steps(second_is_newer, write)] == [0x40, 0x60, 0x80]


def test_an_unknown_driver_reads_nothing_and_writes_nothing():
    assert codecs.decode("other", card()).condition == "unknown"
    with pytest.raises(Refusal) as refusal:
        codecs.expected_after("other", card(), PurchaseBlock(4, 1))
    assert refusal.value.code == "O-108"


def test_checksums_are_the_published_ones():
    assert codec.crc16(b"123456789") == 0x29B1
    assert codec.crc8(b"123456789") == 0xF4


def test_the_write_claim_reads_back():
    block = PurchaseBlock(4, 200, 10, 5, 1000, 1, 1)
    assert PurchaseBlock.from_claim(block.as_claim()) == block
