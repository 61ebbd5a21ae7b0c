"""The simulators' own reading of the demo card's layout."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators import layout
from simulators.bcd import encode_bcd
from simulators.keys import CardKeys, KeyFileError, MasterKey
from simulators.layout import Contract, Identity, Purchase, WriteBack

PURCHASES = st.builds(
    Purchase,
    count=st.integers(0, 2**32 - 1),
    energy=st.integers(0, 2**32 - 1),
    alarm1=st.integers(0, 2**16 - 1),
    alarm2=st.integers(0, 2**16 - 1),
    hoard_limit=st.integers(0, 2**32 - 1),
    issue=st.integers(0, 255),
    flags=st.integers(0, 255),
)


def card(**blocks: bytes) -> bytes:
    memory = bytearray(b"\xff" * 256)
    for name, data in blocks.items():
        place = getattr(layout, name)
        memory[place : place + len(data)] = data
    return bytes(memory)


def test_checksums_have_their_published_check_values():
    assert layout.crc8(b"123456789") == 0xF4
    assert layout.crc16(b"123456789") == 0x29B1


def test_known_bytes():
    assert layout.pack_identity(Identity("123456789012", 0x0102))[:9].hex() == "01" + "123456789012" + "0102"
    assert layout.pack_purchase(Purchase(2, 18235, 20, 5, 100000, 1, 1))[:18].hex() == (
        "00000002" + "0000473b" + "0014" + "0005" + "000186a0" + "01" + "01"
    )
    assert layout.pack_write_back(WriteBack(3, 1, 2, 0, 4, "2603040506"))[:24].hex() == (
        "a5" + "00000003" + "00000001" + "00000002" + "00000000" + "0004" + "2603040506"
    )


def test_factory_card_is_blank_and_its_write_back_is_not_empty():
    image = layout.parse(b"\xff" * 256)
    assert (image.identity_state, image.contract_state, image.purchase_state) == ("blank", "blank", "blank")
    assert image.write_back_state == "damaged"


def test_zeros_are_blank_too():
    image = layout.parse(bytes(256))
    assert (image.contract_state, image.purchase_state, image.write_back_state) == ("blank", "blank", "empty")


@given(first=PURCHASES, second=PURCHASES)
def test_the_good_block_with_the_higher_count_is_current_and_a_wins_ties(first, second):
    memory = card(PURCHASE_A=layout.pack_purchase(first), PURCHASE_B=layout.pack_purchase(second))
    expected = (first, layout.PURCHASE_A) if first.count >= second.count else (second, layout.PURCHASE_B)
    assert layout.parse_purchases(memory) == ("good", *expected)


@given(purchase=PURCHASES, place=st.integers(0, 19), mask=st.integers(1, 255))
def test_a_changed_byte_damages_its_block_and_the_other_one_is_taken(purchase, place, mask):
    block = bytearray(layout.pack_purchase(purchase))
    good = bytes(block)
    block[place] ^= mask
    assert layout.parse_purchases(card(PURCHASE_A=bytes(block)))[0] == "damaged"
    assert layout.parse_purchases(card(PURCHASE_A=bytes(block), PURCHASE_B=good))[1:] == (purchase, layout.PURCHASE_B)


@given(taken=st.integers(0, 25), inside=st.booleans())
def test_a_torn_write_back_over_an_empty_one_is_empty_or_damaged_never_valid(taken, inside):
    block = layout.pack_write_back(WriteBack(7, 1234, 5678, 0, 0, "2603040506"))
    memory = bytearray(card(WRITE_BACK=b"\x00"))
    memory[0x80 : 0x80 + taken] = block[:taken]
    if inside:
        memory[0x80 + taken] = 0xFF
    expected = "empty" if taken == 0 and not inside else "damaged"
    assert layout.parse(bytes(memory)).write_back_state == expected


@given(rest=st.binary(min_size=25, max_size=25))
def test_state_byte_zero_is_empty_whatever_follows(rest):
    assert layout.parse(card(WRITE_BACK=b"\x00" + rest)).write_back_state == "empty"


@given(state=st.integers(1, 255).filter(lambda value: value != 0xA5))
def test_any_other_state_byte_is_damaged(state):
    block = layout.pack_write_back(WriteBack(7, 1234, 5678, 0, 0, "2603040506"))
    assert layout.parse(card(WRITE_BACK=bytes([state]) + block[1:])).write_back_state == "damaged"


def test_letters_in_numbers_are_damage_even_under_a_right_checksum():
    body = bytes.fromhex("00000000456A" + "000000008901" + "0101")
    block = body + layout.crc16(body).to_bytes(2, "big")
    assert layout.parse(card(CONTRACT=block)).contract_state == "damaged"


def test_unknown_layout_version_is_damaged():
    assert layout.parse(card(IDENTITY=layout.pack_identity(Identity("1", version=2)))).identity_state == "damaged"


def test_contract_round_trip():
    contract = Contract("000000004567", "000000008901", 3, 2)
    assert layout.parse(card(CONTRACT=layout.pack_contract(contract))).contract == contract


@pytest.mark.parametrize("digits", ["", "12a", "1234567890123", "-1", "１２"])
def test_bcd_takes_digits_only(digits):
    with pytest.raises(ValueError):
        encode_bcd(digits, 6)


def test_code_is_derived_from_the_serial():
    # HMAC-SHA-256(00..1F, "PSC" + 000000000123), made with another implementation (openssl).
    assert MasterKey(bytes(range(32))).psc("000000000123").hex() == "6d4883"


@pytest.mark.parametrize("content", ["", "{}", '{"sle4442_demo": {"master": "00"}}', '{"sle4442_demo": {"master": 5}}'])
def test_unusable_key_files_are_refused(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(KeyFileError):
        CardKeys.load(path)
    with pytest.raises(KeyFileError):
        CardKeys.load(tmp_path / "missing.json")
