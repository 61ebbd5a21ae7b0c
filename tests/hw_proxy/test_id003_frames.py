"""The bytes of ID-003: what is damaged is no message, what is whole comes back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_proxy.notes.id003_frames import Command, Message, checksum, currency_table, decode, enable_mask, encode
from simulators.notes.frames import Unpacker, pack

MESSAGES = st.builds(Message, st.integers(0, 255), st.binary(max_size=60))


def test_the_checksum_is_the_known_one_of_its_kind():
    assert checksum(b"123456789") == 0x2189


def test_a_status_request_has_the_bytes_that_every_description_shows():
    assert encode(Message(Command.STATUS_REQUEST)).hex() == "fc05112756"


def test_a_message_that_is_too_long_is_refused():
    with pytest.raises(ValueError, match="too long"):
        encode(Message(0xC0, bytes(251)))


@given(MESSAGES)
def test_both_sides_have_the_same_bytes(message):
    assert encode(message) == pack(message.code, message.data)
    assert Unpacker().feed(encode(message)) == [(message.code, message.data)]
    assert decode(pack(message.code, message.data)) == (message, b"")


@given(MESSAGES, st.data())
def test_a_damaged_byte_never_makes_another_message_of_the_same_length(message, data):
    whole = bytearray(encode(message))
    # The length decides where the checksum is sought, so a damaged one is left to the time-out.
    place = data.draw(st.sampled_from([at for at in range(len(whole)) if at != 1]))
    whole[place] ^= data.draw(st.integers(1, 255))
    found, _rest = decode(bytes(whole))
    assert found is None or len(found.data) < len(message.data)


@given(MESSAGES, st.integers(0, 70))
def test_a_message_in_pieces_waits_for_its_end(message, cut):
    whole = encode(message)
    first, second = whole[:cut], whole[cut:]
    found, kept = decode(first)
    assert found is None or not second
    if found is None:
        assert decode(kept + second) == (message, b"")


@given(st.binary(max_size=20).filter(lambda noise: 0xFC not in noise), MESSAGES, MESSAGES)
def test_noise_is_dropped_and_what_follows_is_kept(noise, first, second):
    found, rest = decode(noise + encode(first) + encode(second))
    assert found == first
    assert decode(rest) == (second, b"")


def test_noise_that_looks_like_a_beginning_does_not_hide_a_message():
    found, _rest = decode(b"\xfc\x02" + encode(Message(0x13, b"\x61")))
    assert found == Message(0x13, b"\x61")


def test_the_currency_table_leaves_out_what_has_no_value():
    data = bytes.fromhex("6124010062000000632405006724010270240100")
    assert currency_table(data) == {0x61: 100, 0x63: 500, 0x67: 10_000}
    assert currency_table(b"\x61\x24\x01") == {}


def test_what_is_not_wanted_is_forbidden():
    table = {0x61: 100, 0x63: 500, 0x67: 10_000}
    assert enable_mask(table, frozenset({500, 10_000})) == bytes([0b10111011, 0])
    assert enable_mask(table, frozenset()) == b"\xff\x00"
