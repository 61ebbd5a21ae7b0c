"""What a maker's library says of a card: no content raises, and both sides write it alike."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import codecs, gate, resolution, vendor_image
from prepaid_core.card_image import CardImage, ImageWrite, PurchaseBlock
from prepaid_core.errors import Refusal
from prepaid_core.vendor_image import VendorBlock, VendorImage

from hw_proxy.vendor import image as terminal_image

DRIVER = "vendor:huali"
CARD = VendorImage("000000000777", "cents", "000000004567", "000000008901", "purchase", 4, 5000, None, "valid", 4, 900)
"""A card that has been in its meter."""
TOTALS = VendorImage("000000000777", "kwh", "000000004567", "000000008901", "purchase", None, None, 20_000, "valid")
"""A card that carries a total instead of a count."""
ACCOUNT = gate.AccountState("000000004567", "000000008901", "000000000777", 1, last_count=4)
ORDER = PurchaseBlock(count=5, energy=700, alarm1=20, alarm2=5, issue=1, flags=1)


def spoiled(**changes):
    """An image with other members, in canonical form."""
    values = {**json.loads(CARD.encode()), **changes}
    return json.dumps(values, sort_keys=True, separators=(",", ":")).encode()


@pytest.mark.parametrize(
    "memory",
    [
        b"",
        b"\x00" * 40,
        b"null",
        b"[" * 2000,
        b"1" * 2000,
        CARD.encode() + b" ",
        CARD.encode().replace(b'"v":1', b'"v":true'),
        json.dumps(json.loads(CARD.encode())).encode(),
        spoiled(v=2),
        spoiled(extra=1),
        spoiled(serial="77"),
        spoiled(serial=["000000000777"]),
        spoiled(customer="٠" * 12),
        spoiled(kind="new"),
        spoiled(kind={}),
        spoiled(unit="fen"),
        spoiled(count=-1),
        spoiled(count=True),
        spoiled(count=4.0),
        spoiled(count=1 << 32),
        spoiled(back="full"),
        b'{"layout":"gdw1365","memory":"00","v":1}',
        b'{"layout":"sle4442_demo","memory":"0","v":1}',
        b'{"layout":"sle4442_demo","memory":"FF","v":1}',
        b'{"layout":"sle4442_demo","memory":7,"v":1}',
    ],
)
def test_what_is_no_image_is_an_unknown_card(memory):
    card = codecs.decode(DRIVER, memory)
    assert (card.condition, card.driver, card.serial) == ("unknown", DRIVER, "")
    assert gate.check("purchase", card, ACCOUNT).code == "C-101"


@given(st.binary(max_size=300))
def test_no_bytes_raise(memory):
    assert codecs.decode(DRIVER, memory).condition == "unknown"
    assert codecs.lies_between(DRIVER, memory, memory, memory) is False


_text = st.text("0a\u0660", max_size=16)
_json = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | _text, st.lists, max_leaves=5)


@given(st.dictionaries(st.sampled_from(sorted(json.loads(CARD.encode()))), _json))
def test_no_members_raise(changes):
    assert codecs.decode(DRIVER, spoiled(**changes)).condition in ("ok", "blank", "foreign", "damaged", "unknown")


_number = st.none() | st.integers(0, 0xFFFF_FFFF)
_digits = st.text("0123456789", min_size=12, max_size=12)
_images = st.builds(
    VendorImage,
    serial=_digits,
    unit=st.sampled_from(["kwh", "cents"]),
    customer=_digits,
    meter=_digits,
    kind=st.sampled_from(["blank", "open", "purchase", "replacement", "foreign", "damaged"]),
    count=_number,
    quantity=_number,
    total=_number,
    back=st.sampled_from(["empty", "valid", "damaged"]),
    meter_count=_number,
    remaining=_number,
)


@given(_images, st.integers(1, 0xFFFF_FFFF), st.integers(0, 0xFFFF_FFFF))
def test_terminal_and_odoo_spell_and_foretell_the_same(image, count, quantity):
    assert vendor_image.parse(image.encode()) == image
    theirs = terminal_image.parse(image.encode())
    assert theirs.encode() == image.encode()
    write = PurchaseBlock(count=count, energy=quantity)
    assert codecs.expected_after(DRIVER, image.encode(), write) == theirs.purchased(count, quantity).encode()


def test_a_purchase_that_is_written_again_adds_to_the_total_once():
    before = spoiled(total=10_000)
    once = codecs.expected_after(DRIVER, before, ORDER)
    assert vendor_image.parse(once).total == 10_000 + ORDER.energy
    assert codecs.expected_after(DRIVER, once, ORDER) == once


@given(st.binary(min_size=256, max_size=256))
def test_a_card_that_we_read_ourselves_is_read_by_its_own_codec(memory):
    wrapped = vendor_image.wrap("sle4442_demo", memory)
    assert wrapped == terminal_image.wrap("sle4442_demo", memory)
    inner, outer = codecs.decode("sle4442_demo", memory), codecs.decode("vendor:kaida", wrapped)
    assert (outer.condition, outer.serial, outer.block) == (inner.condition, inner.serial, inner.block)
    assert (outer.unit, codecs.decode(DRIVER, CARD.encode()).unit) == ("kwh", "cents")
    after = codecs.expected_after("vendor:kaida", wrapped, ORDER)
    assert vendor_image.unwrap(after)[1] == codecs.expected_after("sle4442_demo", memory, ORDER)


def test_a_damaged_card_is_held():
    assert gate.check("purchase", codecs.decode(DRIVER, spoiled(kind="damaged")), ACCOUNT).code == "C-105"


def test_a_card_that_has_not_been_in_the_meter_is_not_written():
    waiting = codecs.decode(DRIVER, spoiled(back="empty", meter_count=None, remaining=None))
    assert gate.check("purchase", waiting, ACCOUNT).code == "C-108"


def test_a_purchase_is_allowed_and_resolved_by_count_and_quantity():
    card = codecs.decode(DRIVER, CARD.encode())
    assert gate.check("purchase", card, ACCOUNT) == gate.GateResult(allowed=True, count=5)
    after = codecs.decode(DRIVER, codecs.expected_after(DRIVER, CARD.encode(), ORDER))
    assert resolution.resolve(after, resolution.Ordered(ORDER, card.block)) == "written"
    assert resolution.resolve(card, resolution.Ordered(ORDER, card.block)) == "rewrite"
    other = codecs.decode(DRIVER, spoiled(count=5, quantity=701))
    assert resolution.resolve(other, resolution.Ordered(ORDER, card.block)) == "hold"


def test_a_count_that_cannot_be_read_needs_staff():
    card = codecs.decode("vendor:zongliang", TOTALS.encode())
    assert not card.count_readable
    assert gate.check("purchase", card, ACCOUNT).code == "C-117"
    attended = gate.AccountState("000000004567", "000000008901", "000000000777", 1, last_count=4, staff=True)
    assert gate.check("purchase", card, attended) == gate.GateResult(allowed=True, count=5)
    waiting = codecs.decode("vendor:zongliang", TOTALS.purchased(5, 10).encode())
    assert gate.check("purchase", waiting, attended).code == "C-108"


def test_a_card_without_a_count_settles_nothing_by_itself():
    before = TOTALS.encode()
    after = codecs.expected_after("vendor:zongliang", before, ORDER)
    for memory in (before, after):
        torn = resolution.is_torn("vendor:zongliang", memory, [(before, after)])
        card = codecs.decode("vendor:zongliang", memory)
        assert resolution.resolve(card, resolution.Ordered(ORDER, torn=torn)) == "hold"


def test_a_blank_card_is_issued_as_a_whole_image():
    blank = VendorImage("000000000777", "cents", count=0, quantity=0)
    codec = codecs.codec_of(DRIVER)
    image = codec.image_for("open", blank.encode(), ORDER, "000000004567", "000000008901")
    assert codecs.expected_after(DRIVER, blank.encode(), ImageWrite(5, 700, image)) == image
    card = codecs.decode(DRIVER, image)
    assert (card.condition, card.card_type, card.customer_no, card.block) == ("ok", 1, "000000004567", ORDER)
    assert codec.image_for("clear", image) == blank.encode()
    first = PurchaseBlock(count=1, energy=0)
    assert codecs.decode(DRIVER, codec.image_for("replace", blank.encode(), first)).card_type == 1
    assert codecs.decode(DRIVER, codec.image_for("replace", blank.encode(), ORDER)).card_type == 3


def test_an_image_of_another_card_is_refused():
    other = VendorImage("000000000778", "cents", count=0, quantity=0)
    with pytest.raises(Refusal) as refusal:
        codecs.expected_after(DRIVER, CARD.encode(), ImageWrite(0, 0, other.encode()))
    assert refusal.value.code == "O-101"


def test_a_block_survives_the_database():
    block = codecs.block_from_claim(DRIVER, VendorBlock(count=5, energy=700).as_claim())
    assert block == ORDER
    assert block == ORDER
    assert hash(block) == hash(VendorBlock(count=5, energy=700, alarm1=9))
    assert block != PurchaseBlock(count=6, energy=700)
    assert block != 5


def test_a_library_s_card_belongs_to_every_utility_that_uses_the_library():
    card = codecs.decode(DRIVER, CARD.encode())
    assert card.seen_by(42) is card
    assert isinstance(card, CardImage)
