"""Whole images of the demo layout on every chip: new, cleared and reversed cards, and what a torn write of them is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import at24_demo, card_image, codecs, demo_fields, sle4428_demo, sle4442_demo
from prepaid_core.card_image import ImageWrite, PurchaseBlock, WriteBack
from prepaid_core.errors import Refusal

from simulators import acceptance, layout
from simulators.meter_state import MeterState

LAYOUTS = [sle4442_demo.CODEC, sle4428_demo.CODEC, at24_demo.CODEC]
SERIAL, CUSTOMER, METER = "000000000123", "000000004567", "000000008901"
BLOCK = PurchaseBlock(3, 100)
NEXT = PurchaseBlock(4, 200, issue=2)
ANSWERED = WriteBack("valid", 3, 50)


@pytest.fixture(params=LAYOUTS, ids=lambda codec: codec.DRIVER)
def codec(request):
    return request.param


def card(codec):
    return codec.encode_card(SERIAL, CUSTOMER, METER, BLOCK, ANSWERED)


def blank(codec):
    return codec.encode_identity(SERIAL).ljust(0x80, b"\xff") + bytes(26) + b"\xff" * 102


@given(st.sampled_from(LAYOUTS), st.binary(max_size=300), st.one_of(st.none(), st.integers(0, 8)))
def test_no_content_makes_the_reader_fail(codec, memory, tries):
    image = codec.decode(memory, tries)
    assert image.condition in card_image.CONDITIONS
    assert image.writeback.state in card_image.WRITEBACK_STATES
    assert image.driver == codec.DRIVER


def test_each_chip_has_its_own_number_of_tries():
    assert {codec.DRIVER: codec.decode(card(codec)).full_tries for codec in LAYOUTS} == {
        "sle4442_demo": 3,
        "sle4428_demo": 8,
        "at24_demo": 3,
    }


def test_a_blank_card_is_blank(codec):
    image = codec.decode(blank(codec))
    assert (image.condition, image.serial, image.count, image.writeback.state) == ("blank", SERIAL, 0, "empty")


@pytest.mark.parametrize(("op", "count", "card_type"), [("open", 1, 1), ("replace", 4, 3), ("replace", 1, 1)])
def test_the_image_of_a_new_card(codec, op, count, card_type):
    block = replace(NEXT, count=count)
    image = codec.decode(codec.image_for(op, blank(codec), block, "4567", "8901"))
    assert (image.condition, image.card_type, image.issue, image.block) == ("ok", card_type, 2, block)
    assert (image.customer_no, image.meter_no, image.both_blocks) == (CUSTOMER, METER, True)
    assert image.writeback.state == "empty"


def test_a_cleared_card_is_blank_and_says_nothing_of_the_customer(codec):
    after = codec.image_for("clear", card(codec))
    assert codec.decode(after).condition == "blank"
    assert after == blank(codec)


def test_a_purchase_has_one_image_whichever_way_it_is_ordered(codec):
    before = card(codec)
    after = codec.image_for("purchase", before, NEXT)
    assert after == codecs.expected_after(codec.DRIVER, before, NEXT)
    assert after == codecs.expected_after(codec.DRIVER, before, ImageWrite(4, 200, after))


def test_an_order_never_changes_who_the_card_is(codec):
    before = card(codec)
    for bad in (b"\x00" + before[1:], before[:-1]):
        with pytest.raises(Refusal) as refusal:
            codecs.expected_after(codec.DRIVER, before, ImageWrite(4, 200, bad))
        assert refusal.value.code == "O-101"


def test_a_new_card_without_numbers_is_a_bug_of_the_caller(codec):
    with pytest.raises(ValueError, match="number"):
        codec.image_for("open", blank(codec), NEXT)


# -- the order of a write ----------------------------------------------------------------------------------------------


def writes(codec):
    """Every kind of write by name: image before, image afterwards, the meter's count (0: not opened)."""
    before = card(codec)
    bought = codec.image_for("purchase", before, replace(NEXT, issue=1))
    new = codec.image_for("replace", blank(codec), NEXT, CUSTOMER, METER)
    factory = codec.encode_identity(SERIAL).ljust(256, b"\xff")
    return {
        "purchase": (before, bought, 3),
        "reverse": (bought, codec.reversed_image(bought, before), 3),
        "replace": (blank(codec), new, 3),
        "replace, write-back not empty": (factory, codec.image_for("replace", factory, NEXT, CUSTOMER, METER), 3),
        "open": (blank(codec), codec.image_for("open", blank(codec), replace(NEXT, count=1), CUSTOMER, METER), 0),
        "clear": (before, codec.image_for("clear", before), 3),
        "clear of a card that waits": (bought, codec.image_for("clear", bought), 4),
        "reverse of a replacement": (new, blank(codec), 3),
    }


STARTS = {
    "purchase": [0x60, 0x40, 0x80],
    "reverse": [0x80, 0x60, 0x40],
    "replace": [0x20, 0x60, 0x40],
    "replace, write-back not empty": [0x80, 0x20, 0x60, 0x40],
    "open": [0x20, 0x60, 0x40],
    "clear": [0x20, 0x60, 0x40, 0x80],
    "clear of a card that waits": [0x20, 0x60, 0x40, 0x80],
    "reverse of a replacement": [0x20, 0x60, 0x40],
}


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


@pytest.mark.parametrize("name", STARTS)
def test_a_torn_write_is_recognised_and_credits_nothing_but_the_order(codec, name):
    before, after, count = writes(codec)[name]
    steps = codec.image_steps(before, after)
    assert [start for start, _data in steps] == STARTS[name]
    state = MeterState(METER, count > 0, CUSTOMER if count else "", SERIAL, issue=1, count=count)
    complete = codec.decode(after)
    for memory in tears(before, steps):
        assert codec.lies_between(before, after, memory)
        if memory in (before, after):
            continue
        decision = acceptance.decide(state, layout.parse(memory))
        # On a new card one good block is the whole order.
        assert decision.credit == 0 or codec.decode(memory).block == complete.block, memory.hex()
    assert tears(before, steps)[-1] == after


def test_an_image_of_another_order_is_not_torn(codec):
    before, after, _count = writes(codec)["purchase"]
    other = codec.image_for("purchase", before, replace(NEXT, energy=1))
    assert not codec.lies_between(before, after, other)
    assert not codec.lies_between(before, after, blank(codec))
    assert not codec.lies_between(before, after, b"")


@given(st.sampled_from(LAYOUTS), st.binary(max_size=260), st.binary(max_size=260), st.binary(max_size=260))
def test_no_images_make_the_recognition_fail(codec, before, after, memory):
    assert codec.lies_between(before, after, memory) in (True, False)


def test_fields_of_another_card_type_are_damage(codec):
    contract = demo_fields.encode_contract(CUSTOMER, METER, 9, 1)
    memory = card(codec)[:0x20] + contract + card(codec)[0x30:]
    assert codec.decode(memory).condition == "damaged"
