"""The demo suite's formulas, against values that openssl made."""

from __future__ import annotations

import dataclasses

import pytest

from simulators.demo_aes import CardKeySet, keys_of, same
from simulators.keys import CpuMasters

MASTER = bytes.fromhex("000102030405060708090a0b0c0d0e0f")
SERIAL = bytes.fromhex("0000000000000123")
CHALLENGE = bytes.fromhex("1122334455667788")
DERIVED = bytes.fromhex("c6f3467c216f2dcad25a02f8535fc886")


@pytest.fixture
def keys() -> CardKeySet:
    return CardKeySet.derive(dict.fromkeys(("int", "ext", "mac"), MASTER), SERIAL)


def test_keys_are_the_master_over_serial_and_its_complement(keys):
    assert dataclasses.astuple(keys) == (DERIVED,) * 3


def test_cryptograms_are_the_first_half_of_a_padded_block(keys):
    assert keys.internal(CHALLENGE) == keys.external(CHALLENGE) == bytes.fromhex("89dd71b4c222b9ed")


def test_mac_covers_challenge_header_and_data(keys):
    header, data = bytes.fromhex("04d6820006"), bytes.fromhex("aabb")
    assert keys.mac_of(CHALLENGE, header, data) == bytes.fromhex("6f5df6a3")
    for other in (
        (bytes(8), header, data),
        (CHALLENGE, b"\x04\xd6\x83\x00\x06", data),
        (CHALLENGE, header, b"\xaa\xbc"),
    ):
        assert keys.mac_of(*other) != bytes.fromhex("6f5df6a3")


def test_reconnect_command_is_one_block_and_only_its_own_card_reads_it(keys):
    deadline = bytes.fromhex("260304050607")
    command = keys.reconnect_command(deadline)
    assert command == bytes.fromhex("e5f34fbeb1b1c77749e07069fe30047a")
    assert keys.reconnect_deadline(command) == deadline
    assert CardKeySet.transport(SERIAL).reconnect_deadline(command) is None


def test_wrapped_keys_come_back_under_the_same_key_only(keys):
    new = CardKeySet.transport(bytes(8))
    assert keys.unwrap(keys.wrap(new)) == new
    assert CardKeySet.transport(SERIAL).unwrap(keys.wrap(new)) != new


def test_version_0_is_public_and_an_unknown_version_has_no_keys():
    masters = CpuMasters({3: dict.fromkeys(("int", "ext", "mac"), MASTER)}, 3)
    assert keys_of(masters, 0, SERIAL) == CardKeySet.transport(SERIAL)
    assert keys_of(masters, 3, SERIAL).int == DERIVED
    assert keys_of(masters, 1, SERIAL) is None


def test_cryptograms_of_another_length_are_never_the_same():
    assert not same(b"\x01", b"\x01\x02")
