"""Whole images on memory cards: both sides write them in one order, and Odoo knows a card that was torn in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import at24_demo, sle4428_demo, sle4442_demo
from prepaid_core.card_image import PurchaseBlock, WriteBack

from hw_proxy.cards import demo_layout as proxy
from simulators.at24 import At24c02
from simulators.card import CardPulled
from simulators.sle4428 import Sle4428
from simulators.sle4442 import Sle4442

CODECS = {codec.CODEC.DRIVER: codec.CODEC for codec in (at24_demo, sle4428_demo, sle4442_demo)}
CHIPS = {"at24_demo": At24c02, "sle4428_demo": Sle4428, "sle4442_demo": Sle4442}
SERIAL, CUSTOMER, METER = "000000000123", "000000004567", "000000008901"


def card(codec, count, state="valid", issue=1):
    block = PurchaseBlock(count, 5_000, issue=issue)
    return codec.encode_card(SERIAL, CUSTOMER, METER, block, WriteBack(state, count, 100), issue=issue)


def blank(codec, fill=0x00):
    memory = bytearray(b"\xff" * 256)
    memory[:0x20] = codec.encode_identity(SERIAL)
    memory[0x80:0x9A] = bytes([fill]) * 26
    return bytes(memory)


def operations(codec):
    """Images before and after, of every operation and of some cards that should not be."""
    block = PurchaseBlock(1, 5_000, issue=1)
    damaged = bytearray(card(codec, 3, "empty"))
    damaged[0x2F] ^= 1
    return {
        "open": (blank(codec), codec.image_for("open", blank(codec), block, CUSTOMER, METER)),
        "open a card with a filled write-back": (
            blank(codec, 0xFF),
            codec.image_for("open", blank(codec, 0xFF), block, CUSTOMER, METER),
        ),
        "replace a damaged card": (
            bytes(damaged),
            codec.image_for("replace", bytes(damaged), PurchaseBlock(4, 5_000, issue=2), CUSTOMER, METER),
        ),
        "re-write an open card": (
            card(codec, 1),
            codec.image_for("open", card(codec, 1), PurchaseBlock(1, 9_000, issue=1), CUSTOMER, METER),
        ),
        "reverse": (card(codec, 4, "empty"), card(codec, 3)),
        "clear": (card(codec, 3), codec.image_for("clear", card(codec, 3))),
        "reverse an opening": (card(codec, 1, "empty"), blank(codec)),
    }


NAMES = list(operations(sle4442_demo.CODEC))


@pytest.mark.parametrize("driver", CODECS)
@pytest.mark.parametrize("name", NAMES)
def test_the_terminal_writes_in_the_order_that_odoo_expects(driver, name):
    codec = CODECS[driver]
    before, after = operations(codec)[name]
    assert proxy.may_become(before, after)
    assert proxy.plan_image(before, after) == codec.image_steps(before, after)
    assert proxy.apply(before, codec.image_steps(before, after)) == after


@given(data=st.data())
def test_also_between_any_two_cards_of_one_identity(data):
    codec = sle4442_demo.CODEC
    cards = st.builds(
        lambda count, state, issue: card(codec, count, state, issue),
        st.integers(0, 9),
        st.sampled_from(["valid", "empty"]),
        st.integers(1, 3),
    )
    any_card = st.one_of(cards, st.just(blank(codec)), st.just(blank(codec, 0xFF)))
    before, after = data.draw(any_card), data.draw(any_card)
    assert proxy.plan_image(before, after) == codec.image_steps(before, after)


@pytest.mark.parametrize("driver", CODECS)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("inside", [False, True])
def test_a_card_torn_at_any_byte_is_known_as_torn(driver, name, inside):
    codec = CODECS[driver]
    before, after = operations(codec)[name]
    steps = codec.image_steps(before, after)
    for byte in range(sum(len(data) for _address, data in steps)):
        chip = CHIPS[driver](before.ljust(CHIPS[driver].SIZE, b"\xff"))
        chip.insert()
        chip.unlock(chip.FACTORY_PSC)
        chip.faults.arm("pull", bytes=byte, inside=inside)
        with pytest.raises(CardPulled):
            for address, data in steps:
                chip.write(address, data)
        assert codec.lies_between(before, after, chip.image()[:256]), byte


def test_a_page_that_was_erased_is_a_torn_write_only_of_a_chip_with_pages():
    for driver, codec in CODECS.items():
        before, after = operations(codec)["reverse"]
        torn = bytearray(before)
        torn[0x80:0x9A] = after[0x80:0x9A]
        torn[0x60:0x64] = after[0x60:0x64]
        torn[0x64:0x68] = b"\xff" * 4
        assert codec.lies_between(before, after, bytes(torn)) is (driver == "at24_demo")
        torn[0x68] = 0xFF
        assert not codec.lies_between(before, after, bytes(torn))


@pytest.mark.parametrize("driver", CODECS)
def test_a_card_torn_while_it_is_cleared_is_no_blank_card_until_it_is_cleared_again(driver):
    codec = CODECS[driver]
    before, after = operations(codec)["clear"]
    contract_gone = bytearray(before)
    contract_gone[0x20:0x30] = after[0x20:0x30]
    assert codec.decode(contract_gone).condition == "damaged"
    contract_gone[0x40:0x54] = after[0x40:0x54]
    assert codec.decode(contract_gone).condition == "damaged"
    assert codec.image_for("clear", bytes(contract_gone)) == after
    assert codec.decode(after).condition == "blank"
