"""The codecs of the CPU cards: malformed images give a condition, what is written is read, torn writes are known."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import card_image, codecs, cpu_fields, csg2015, gdw1365
from prepaid_core.card_image import CpuBlock, ImageWrite, WriteBack
from prepaid_core.errors import Refusal

from simulators import cpu_layout
from tests.core import cpu_meter

LAYOUTS = [gdw1365.CODEC, csg2015.CODEC]
SERIAL, CUSTOMER, METER = "1234567890123456", "000000004567", "000000008901"
BLOCK = CpuBlock(3, 10000, alarm1=2000, alarm2=1000)
NEXT = CpuBlock(4, 25050, alarm1=2000, alarm2=1000)
ANSWERED = WriteBack("valid", 3, 5000, customer_no=CUSTOMER, meter_no=METER, time="2601020304")
FILES = {"parameters": (16, 45), "wallet": (61, 8), "write-back": (69, 50)}


@pytest.fixture(params=LAYOUTS, ids=lambda layout: layout.DRIVER)
def layout(request):
    return request.param


def card(layout, block=BLOCK, writeback=ANSWERED):
    return layout.encode_card(SERIAL, CUSTOMER, METER, block, writeback)


def blank(layout):
    return layout.encode_card(SERIAL, "", "", None, None)


def changed(memory, place, data):
    return memory[:place] + data + memory[place + len(data) :]


U8, U32 = st.integers(0, 255), st.integers(0, 2**32 - 1)
CENTS = st.integers(0, cpu_fields.MOST_CENTS)
RATIO = st.integers(0, 999_999)
TIME = st.text("0123456789", min_size=10, max_size=10)
NUMBER = st.text("0123456789", min_size=12, max_size=12)
BLOCKS = st.builds(CpuBlock, U32, CENTS, U8, U8, TIME, CENTS, CENTS, RATIO, RATIO, st.sampled_from([1, 2, 3]))
ANSWERS = st.builds(
    WriteBack,
    state=st.just("valid"),
    count=U32,
    remaining=U32,
    overused=CENTS,
    illegal_inserts=RATIO,
    time=TIME,
    customer_no=NUMBER,
    meter_no=NUMBER,
)
ANY_LAYOUT = st.sampled_from(LAYOUTS)


# -- reading -----------------------------------------------------------------------------------------------------------


@given(ANY_LAYOUT, st.binary(max_size=140), st.integers(0, 3))
def test_no_content_makes_the_reader_fail(layout, memory, tries):
    image = layout.decode(memory, tries)
    assert image.condition in card_image.CONDITIONS
    assert image.writeback.state in card_image.WRITEBACK_STATES
    assert image.issue is None


@given(ANY_LAYOUT, st.binary(min_size=119, max_size=119), st.integers(0, 118), st.integers(0, 60))
def test_no_change_of_a_good_card_makes_the_reader_fail(layout, noise, start, length):
    memory = bytearray(card(layout))
    memory[start : start + length] = noise[start : start + length]
    image = layout.decode(bytes(memory[: layout.SIZE]))
    assert image.condition in card_image.CONDITIONS
    assert (image.block is not None) == (image.condition == "ok")


def test_every_condition(layout):
    good, size = card(layout), layout.SIZE
    zero = bytes(size - 16)
    for memory, tries, condition in [
        (good, 3, "ok"),
        (good, 0, "locked"),
        (b"", 3, "unknown"),
        (good[:-1], 3, "unknown"),
        (good + b"\x00", 3, "unknown"),
        (b"\xff" * size, 3, "foreign"),
        (b"\xff" * size, 0, "locked"),
        (changed(good, 0, b"\x1a"), 3, "foreign"),
        (changed(good, 16, zero), 3, "blank"),
        (changed(good, 16, zero[:-1] + b"\x01"), 3, "damaged"),
        (changed(good, 16, bytes(45)), 3, "damaged"),
        (changed(good, 16, b"\x69"), 3, "damaged"),
        (changed(good, 17, b"\x07"), 3, "damaged"),
        (changed(good, 19, b"\x28"), 3, "damaged"),
        (changed(good, 59, b"\x00\x16"), 3, "damaged"),
        (changed(good, 60, b"\x00"), 3, "damaged"),
        (changed(good, 61, b"\xff"), 3, "damaged"),
        (changed(good, 65, b"\xff"), 3, "ok"),
    ]:
        assert layout.decode(memory, tries).condition == condition, memory.hex()


def test_a_wrong_digit_or_card_type_is_damage_even_with_a_right_checksum(layout):
    parameters = cpu_fields.Parameters.of(BLOCK, CUSTOMER, METER).encode(layout.COMMAND)
    for place, byte in ((10, 0x1A), (16, 0xA0), (24, 0x0F), (30, 0xF0), (36, 0x0A), (42, 0x04), (42, 0x00)):
        body = changed(parameters, place, bytes((byte,)))[4:-2]
        memory = changed(card(layout), 16, cpu_fields.frame(layout.COMMAND, body))
        assert layout.decode(memory).condition == "damaged", place


def test_cards_of_one_kind_are_damaged_for_the_other():
    gdw = card(gdw1365.CODEC)
    assert csg2015.CODEC.decode(gdw).condition == "unknown"
    assert csg2015.CODEC.decode(gdw + b"\x00").condition == "damaged"


def test_a_damaged_write_back_is_not_empty(layout):
    good = card(layout)
    for data, state in ((b"\x00", "damaged"), (b"\xff", "damaged"), (bytes(layout.WRITEBACK_SIZE), "empty")):
        image = layout.decode(changed(good, 69, data))
        assert (image.condition, image.writeback.state) == ("ok", state)
    assert layout.decode(good).writeback == ANSWERED


def test_the_image_says_what_the_card_says(layout):
    image = layout.decode(card(layout))
    assert (image.serial, image.issuer, image.customer_no, image.meter_no) == (SERIAL, 1, CUSTOMER, METER)
    assert (image.block, image.count, image.quantity, image.card_type) == (BLOCK, 3, 10000, 2)
    assert image.seen_by(2).condition == "foreign"


@given(ANY_LAYOUT, BLOCKS, NUMBER, NUMBER, ANSWERS)
def test_what_is_written_is_read(layout, block, customer, meter, answer):
    image = layout.decode(layout.encode_card(SERIAL, customer, meter, block, answer))
    assert (image.condition, image.block, image.writeback) == ("ok", block, answer)
    assert (image.customer_no, image.meter_no) == (customer, meter)
    assert CpuBlock.from_claim(block.as_claim()) == block


@given(ANY_LAYOUT, BLOCKS, NUMBER, NUMBER, ANSWERS)
def test_the_simulator_reads_the_same_although_it_was_written_apart(layout, block, customer, meter, answer):
    memory, kind = layout.encode_card(SERIAL, customer, meter, block, answer), cpu_meter.kind_of(layout.DRIVER)
    assert kind.image_size == layout.SIZE
    state, parameters = cpu_layout.parse_parameters(kind, memory[16:61])
    assert state == "good"
    for name in ("user_type", "update_flag", "switch_time", "alarm1", "alarm2", "ct", "pt", "card_type"):
        assert getattr(parameters, name) == getattr(block, name), name
    assert (parameters.customer_no, parameters.meter_no) == (customer, meter)
    wallet = cpu_layout.parse_wallet(memory[61:69])
    assert (wallet.count, wallet.amount) == (block.count, block.amount)
    state, back = cpu_layout.parse_write_back(kind, memory[69:])
    assert state == "valid"
    assert (back.count, back.remaining, back.over_used) == (answer.count, answer.remaining, answer.overused)
    assert (back.illegal_inserts, back.time) == (answer.illegal_inserts, answer.time)


@pytest.mark.parametrize(
    "block", [replace(BLOCK, alarm1=10**8), replace(BLOCK, ct=10**6), replace(BLOCK, switch_time="26010203041")]
)
def test_a_value_that_does_not_fit_is_a_bug_of_the_caller(layout, block):
    with pytest.raises(ValueError, match="not"):
        card(layout, block)


# -- images ------------------------------------------------------------------------------------------------------------


def test_the_image_of_a_purchase(layout):
    before = card(layout)
    after = layout.image_for("purchase", before, replace(NEXT, card_type=1))
    image = layout.decode(after)
    assert (image.block, image.writeback.state) == (NEXT, "empty")
    assert (image.customer_no, image.meter_no, after[:16]) == (CUSTOMER, METER, before[:16])


@pytest.mark.parametrize(("op", "count", "card_type"), [("open", 1, 1), ("replace", 7, 3), ("replace", 1, 1)])
def test_the_image_of_a_new_card(layout, op, count, card_type):
    after = layout.image_for(op, blank(layout), replace(NEXT, count=count), "4567", "8901", key_version=2)
    image = layout.decode(after)
    assert (image.condition, image.card_type, image.count) == ("ok", card_type, count)
    assert (image.customer_no, image.meter_no, image.writeback.state) == (CUSTOMER, METER, "empty")
    assert layout.key_version(after) == 2
    assert layout.identity(after) == layout.identity(blank(layout))


def test_a_rewrite_keeps_the_card_type_of_its_order(layout):
    before = card(layout, replace(BLOCK, card_type=3))
    assert layout.decode(layout.image_for("rewrite", before, replace(NEXT, card_type=3))).card_type == 3


def test_a_cleared_card_is_blank(layout):
    after = layout.image_for("clear", card(layout))
    assert layout.decode(after).condition == "blank"
    assert after[:16] == card(layout)[:16]


def test_a_new_card_without_numbers_is_a_bug_of_the_caller(layout):
    with pytest.raises(ValueError, match="numbers"):
        layout.image_for("open", blank(layout), NEXT)


def test_an_order_never_changes_who_the_card_is(layout):
    before = card(layout)
    write = ImageWrite(4, 1, layout.image_for("purchase", before, NEXT))
    assert codecs.expected_after(layout.DRIVER, before, write) == write.image
    for bad in (changed(write.image, 0, b"\x99"), changed(write.image, 9, b"\x07"), write.image[:-1]):
        with pytest.raises(Refusal) as refusal:
            codecs.expected_after(layout.DRIVER, before, replace(write, image=bad))
        assert refusal.value.code == "O-101"


# -- the order of a write ----------------------------------------------------------------------------------------------


def files_of(updates):
    return [header[2] - 0x80 for header, _data in updates]


def updates(layout, op, before, block=NEXT, files=None):
    image = before if op == "reverse" else layout.image_for(op, before, block, CUSTOMER, METER)
    return layout.secure_updates(before, ImageWrite(4, 1, image, files or {}))


def test_a_purchase_commits_with_the_write_back(layout):
    tariff = layout.TARIFF_SET().encode()
    own = layout.WRITEBACK_SFI
    changed_parameters = replace(NEXT, alarm1=1)
    assert files_of(updates(layout, "purchase", card(layout))) == [2, own]
    assert files_of(updates(layout, "purchase", card(layout), changed_parameters)) == [1, 2, own]
    given_files = {4: tariff, 3: tariff}
    assert files_of(updates(layout, "purchase", card(layout), NEXT, given_files)) == [2, 3, 3, 4, 4, own]
    headers = [header.hex() for header, _ in updates(layout, "purchase", card(layout), NEXT, given_files)]
    rest = len(tariff) - 129
    assert headers[0] == "04d682000c"
    assert headers[1:3] == ["04d6830085", f"04d68381{rest + 4:02x}"]
    assert headers[-1] == f"04d6{0x80 + own:02x}00{layout.WRITEBACK_SIZE + 4:02x}"


def test_the_reconnect_command_of_the_southern_grid_goes_before_the_write_back():
    got = updates(csg2015.CODEC, "purchase", card(csg2015.CODEC), NEXT, {5: bytes(16)})
    assert files_of(got) == [2, 5, 6]


def test_a_new_card_gets_its_parameters_last(layout):
    tariff = layout.TARIFF_SET().encode()
    assert files_of(updates(layout, "open", blank(layout), NEXT, {3: tariff})) == [3, 3, 2, 1]


def test_a_card_is_cleared_from_its_parameters_on(layout):
    assert files_of(updates(layout, "clear", card(layout))) == [1, 2, layout.WRITEBACK_SFI]


def test_a_reversal_puts_the_write_back_back_first(layout):
    before = card(layout)
    written = layout.image_for("purchase", before, replace(NEXT, alarm1=1))
    assert files_of(layout.secure_updates(written, ImageWrite(3, 0, before))) == [layout.WRITEBACK_SFI, 2, 1]


def tears(before, steps):
    """Every image that an interrupted write can leave, the complete one last."""
    state, found = bytearray(before), [bytes(before)]
    for start, data in steps:
        for place, byte in enumerate(data, start):
            state[place] = 0xFF
            found.append(bytes(state))
            state[place] = byte
            found.append(bytes(state))
    return found


def writes(layout):
    """Every kind of write by name: image before, image afterwards, the meter's count (0: not opened)."""
    before = card(layout, replace(BLOCK, count=253), replace(ANSWERED, count=253))
    bought = layout.image_for("purchase", before, replace(NEXT, count=254, alarm1=1))
    new = layout.image_for("replace", blank(layout), replace(NEXT, count=254), CUSTOMER, METER, 2)
    opened = layout.image_for("open", blank(layout), replace(NEXT, count=1), CUSTOMER, METER, 2)
    refused = changed(bought, 69, before[69:])
    return {
        "purchase": (before, bought, 253),
        "re-write": (refused, bought, 253),
        "reverse": (bought, before, 253),
        "replace, not in the meter": (blank(layout), new, 253),
        "replace, in the meter": (blank(layout), new, 254),
        "reverse of a replacement": (new, layout.reversed_image(new, blank(layout)), 253),
        "clear": (before, layout.image_for("clear", before), 253),
        "clear of a card that waits": (bought, layout.image_for("clear", bought), 254),
        "open": (blank(layout), opened, 0),
        "reverse of an opening": (opened, layout.reversed_image(opened, blank(layout)), 0),
    }


@pytest.mark.parametrize("name", writes(LAYOUTS[0]))
def test_a_torn_write_is_recognised_and_never_credited(layout, name):
    before, after, count = writes(layout)[name]
    meter = cpu_meter.state_of(METER, CUSTOMER, count, SERIAL, opened=count > 0)
    for memory in tears(before, layout.write_steps(before, after)):
        assert layout.lies_between(before, after, memory)
        if memory not in (before, after):
            assert cpu_meter.decide(layout.DRIVER, meter, memory).credit == 0, memory.hex()
    assert tears(before, layout.write_steps(before, after))[-1] == after


def test_a_wallet_that_comes_last_could_be_credited_with_another_count(layout):
    """Why the parameters of a new card come last: the count 254, torn in its last byte, reads 255."""
    before, after, count = writes(layout)["replace, in the meter"]
    meter = cpu_meter.state_of(METER, CUSTOMER, count, SERIAL)
    wrong = [step for step in reversed(layout.write_steps(before, after)) if step[0] in (16, 61)]
    assert any(cpu_meter.decide(layout.DRIVER, meter, memory).credit for memory in tears(before, wrong))


@given(ANY_LAYOUT, st.binary(min_size=50, max_size=50))
def test_other_images_are_not_taken_for_torn_ones(layout, noise):
    before, after, _count = writes(layout)["purchase"]
    memory = changed(after, 61, noise)[: layout.SIZE]
    known = {torn[:69] for torn in tears(before, layout.write_steps(before, after))}
    assert layout.lies_between(before, after, memory) == (memory[:69] in known)


def test_the_meters_answer_to_a_torn_card_does_not_hide_that_it_is_torn(layout):
    before, after, count = writes(layout)["purchase"]
    half = after[:66] + b"\xff" + before[67:]
    meter = cpu_meter.state_of(METER, CUSTOMER, count, SERIAL)
    assert cpu_meter.decide(layout.DRIVER, meter, half).write_back
    answered = half[:69] + cpu_meter.answer(layout.DRIVER, METER, CUSTOMER, count)
    for memory in (answered, changed(half, 69, answered[69:96]), changed(half, 69, b"\xff")):
        assert memory != half
        assert layout.lies_between(before, after, memory)


@given(ANY_LAYOUT, st.binary(max_size=130), st.binary(max_size=130), st.binary(max_size=130))
def test_no_images_make_the_recognition_fail(layout, before, after, memory):
    assert layout.lies_between(before, after, memory) in (True, False)


def test_an_image_of_another_order_is_not_torn(layout):
    before, after, _count = writes(layout)["purchase"]
    other = layout.image_for("purchase", before, replace(NEXT, count=254, amount=1))
    assert not layout.lies_between(before, after, other)
    assert not layout.lies_between(before, after, blank(layout))
    assert not layout.lies_between(before, after, b"")
