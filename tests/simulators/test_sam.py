"""The terminal's security module: what it computes, and that its uses run out."""

from __future__ import annotations

import pytest

from simulators.demo_aes import CardKeySet
from simulators.sam import ATR, Sam

SERIAL, RANDOM, CHALLENGE = bytes.fromhex("0000000000000123"), b"\x11" * 8, b"\x22" * 8
HEADER, DATA = bytes.fromhex("04D6820006"), b"\x01\x02"


@pytest.fixture
def sam(card_keys) -> Sam:
    made = Sam.of(card_keys, "42", uses=3)
    made.insert()
    made.power_on()
    return made


@pytest.fixture
def keys(card_keys) -> CardKeySet:
    return CardKeySet.derive(card_keys.masters("csg2015").versions[1], SERIAL)


def authenticate(sam: Sam, answer: bytes, place: bytes = b"\x02\x01") -> bytes:
    return sam.transmit(b"\x80\x20" + place + b"\x20" + SERIAL + RANDOM + answer + CHALLENGE + b"\x08")


def mac(sam: Sam, header: bytes = HEADER, place: bytes = b"\x02\x01") -> bytes:
    content = SERIAL + CHALLENGE + header + DATA
    return sam.transmit(b"\x80\x22" + place + bytes([len(content)]) + content + b"\x04")


@pytest.mark.parametrize("place", [b"\x03\x01", b"\x00\x01", b"\x02\x07", b"\x02\x00"])
def test_unknown_driver_or_version_has_no_keys_and_costs_nothing(sam, place):
    assert authenticate(sam, bytes(8), place) == mac(sam, place=place) == b"\x6a\x88"
    assert sam.uses == 3


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("80F000000B", "6700"),
        ("8020020120" + "00" * 31 + "08", "6700"),
        ("8022020115" + "00" * 21 + "04", "6700"),
        ("80F1000000", "6D00"),
        ("00F000000C", "6E00"),
        ("80F0", "6700"),
    ],
)
def test_malformed_commands_are_refused(sam, command, status):
    assert sam.transmit(bytes.fromhex(command)).hex().upper() == status
    assert sam.uses == 3


def test_wrong_card_gets_no_cryptogram_and_the_question_is_counted(sam):
    assert authenticate(sam, bytes(8)) == b"\x69\x82"
    assert sam.uses == 2


@pytest.mark.parametrize("header", ["84D4010106", "04D6820005", "00D6820006"])
def test_no_mac_for_anything_but_a_secure_update(sam, header):
    assert mac(sam, bytes.fromhex(header)) == b"\x6a\x80"
    assert sam.uses == 3


def test_right_card_gets_its_cryptogram_and_macs(sam, keys):
    assert authenticate(sam, keys.internal(RANDOM)) == keys.external(CHALLENGE) + b"\x90\x00"
    assert mac(sam) == keys.mac_of(CHALLENGE, HEADER, DATA) + b"\x90\x00"
    assert sam.uses == 1


def test_nothing_is_computed_when_the_uses_are_spent(sam, keys):
    for _ in range(3):
        mac(sam)
    assert mac(sam) == authenticate(sam, keys.internal(RANDOM)) == b"\x69\x85"
    assert sam.transmit(bytes.fromhex("80F000000C")) == bytes.fromhex("0000000000000042") + bytes(4) + b"\x90\x00"


def test_uses_survive_a_power_cut(sam, card_keys):
    mac(sam)
    assert Sam.from_dict(sam.to_dict(), card_keys).uses == 2
    assert sam.power_on() == ATR == bytes.fromhex("3B680000454C53414D444501")
