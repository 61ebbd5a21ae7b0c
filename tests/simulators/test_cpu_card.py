"""The CPU card: what it refuses, what blocks it, what a pull leaves."""

from __future__ import annotations

import json
import time

import pytest

from simulators import cpu_issue
from simulators.card import CardPulled
from simulators.cpu_card import TRIES, CpuCard
from simulators.cpu_kinds import CSG2015, GDW1365, KINDS
from simulators.cpu_session import CommandRefused, CpuSession, NotGenuine
from simulators.demo_aes import CardKeySet
from simulators.keys import CpuMasters

SERIAL = "0000000000000123"
KEYS = CardKeySet.transport(bytes.fromhex(SERIAL))
SELECT_APPLICATION, CHALLENGE = "00A4000002DF01", "0084000008"


@pytest.fixture(params=sorted(KINDS))
def kind(request):
    return KINDS[request.param]


@pytest.fixture
def card(kind) -> CpuCard:
    made = CpuCard(kind, SERIAL)
    made.insert()
    made.power_on()
    return made


@pytest.fixture
def masters(card_keys) -> CpuMasters:
    return card_keys.masters("csg2015")


def send(card: CpuCard, *commands: str) -> str:
    return [card.transmit(bytes.fromhex(command)).hex().upper() for command in commands][-1]


def challenge(card: CpuCard) -> bytes:
    return bytes.fromhex(send(card, CHALLENGE))[:8]


def external(card: CpuCard, keys: CardKeySet = KEYS) -> str:
    return send(card, "0082000208" + keys.external(challenge(card)).hex())


def opened(card: CpuCard) -> CpuCard:
    send(card, SELECT_APPLICATION)
    assert external(card) == "9000"
    return card


def update(card: CpuCard, sfi: int, offset: int, data: bytes, keys: CardKeySet = KEYS) -> str:
    header = bytes([0x04, 0xD6, 0x80 | sfi, offset, len(data) + 4])
    return card.transmit(header + data + keys.mac_of(challenge(card), header, data)).hex().upper()


# -- what is refused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("commands", "answer"),
    [
        (["00A4000002DF02"], "6A82"),
        (["00A4000002"], "6700"),
        (["00A40400023F00"], "6A86"),
        (["00B0810001"], "6A82"),  # parameters are not in the MF
        (["00B0950010"], "00000000000001230001" + "00" * 6 + "9000"),
        (["00B0950011"], "6B00"),
        (["00B0950110"], "6B00"),
        (["00B0950000"], "6B00"),  # 256 bytes
        ([SELECT_APPLICATION, "00B0950010"], "6A82"),
        ([SELECT_APPLICATION, "00B0010001"], "6A82"),  # not by SFI
        ([SELECT_APPLICATION, "00B0810101"], "009000"),
        (["0084000004"], "6700"),
        (["008800010811223344556677"], "6700"),
        (["00880002081122334455667788" + "08"], "6A86"),
        (["00820002081122334455667788"], "6984"),
        (["84D4010134" + "00" * 52], "6982"),
        ([SELECT_APPLICATION, "04D6810005" + "00" * 5], "6982"),
        ([SELECT_APPLICATION, "04D6810004" + "00" * 4], "6700"),
        ([SELECT_APPLICATION, "04D6810006" + "00" * 5], "6700"),
        (["04D6950005" + "00" * 5], "6A82"),
        (["00D6810001" + "00"], "6E00"),  # a plain update
        (["00CA000000"], "6D00"),
        (["00B0"], "6700"),
    ],
)
def test_commands_out_of_place_are_refused(card, commands, answer):
    before = card.to_dict()
    assert send(card, *commands) == answer
    assert card.to_dict() == before


def test_wrong_cryptogram_costs_a_try_and_a_right_one_gives_all_back(card):
    for left in (5, 4, 3):
        assert send(card, CHALLENGE, "0082000208" + "00" * 8) == f"63C{left}"
    assert external(card) == "9000"
    assert card.external_tries == TRIES


def test_six_wrong_cryptograms_block_for_ever(card):
    for _ in range(TRIES):
        send(card, CHALLENGE, "0082000208" + "00" * 8)
    assert external(card) == "6983"
    again = CpuCard.from_dict(card.to_dict())
    again.insert()
    assert (again.blocked, external(again)) == (True, "6983")
    assert send(again, "00B0950001")[-4:] == "9000"  # reading stays free


def test_six_wrong_macs_in_a_row_block_writing_for_ever(card):
    opened(card)
    wrong = CardKeySet.transport(bytes(8))
    for _ in range(TRIES - 1):
        assert update(card, 2, 0, b"\x01", wrong) == "6988"
    assert update(card, 2, 0, b"\x01") == "9000"  # a right one sets the counter back
    for _ in range(TRIES):
        assert update(card, 2, 0, b"\x02", wrong) == "6988"
    assert update(card, 2, 0, b"\x02") == "6983"
    assert (card.content(2)[0], card.blocked) == (1, True)


def test_challenge_serves_the_next_command_only(card):
    send(card, SELECT_APPLICATION)
    given = challenge(card)
    send(card, "00B0810001")
    assert send(card, "0082000208" + KEYS.external(given).hex()) == "6984"
    given = challenge(card)
    answer = "0082000208" + KEYS.external(given).hex()
    assert send(card, answer) == "9000"
    assert send(card, answer) == "6984"


def test_update_needs_a_challenge_of_its_own(card):
    opened(card)
    header, data = bytes.fromhex("04D6820005"), b"\x01"
    given = challenge(card)
    command = (header + data + KEYS.mac_of(given, header, data)).hex()
    assert send(card, command) == "9000"
    assert send(card, command) == "6984"


@pytest.mark.parametrize("loss", ["power", "select", "pull"])
def test_authentication_is_lost(card, loss):
    opened(card)
    if loss == "power":
        card.power_off()
        card.power_on()
    elif loss == "pull":
        card.remove()
        card.insert()
        card.power_on()
    send(card, SELECT_APPLICATION)
    assert update(card, 2, 0, b"\x01") == "6982"


def test_update_beyond_the_end_costs_no_try(card):
    opened(card)
    assert update(card, 2, 7, b"\x01\x02") == "6B00"
    assert card.mac_tries == TRIES


def test_mac_of_another_file_or_offset_is_wrong(card):
    opened(card)
    data = b"\x01\x02"
    for meant in ("04D6830006", "04D6820106"):
        mac = KEYS.mac_of(challenge(card), bytes.fromhex(meant), data)
        assert send(card, "04D6820006" + (data + mac).hex()) == "6988"
    assert card.content(2) == bytes(8)


def test_pulled_while_the_cryptogram_is_compared_a_try_is_spent(card):
    card.faults.arm("pull_in_present")
    with pytest.raises(CardPulled):
        external(card)
    assert card.external_tries == TRIES - 1


# -- what it does ------------------------------------------------------------------------------------------------


def test_answers_to_reset_are_those_of_the_kinds():
    assert CpuCard(GDW1365, "1").power_on() == bytes.fromhex("3B6800004744573133363501")
    assert CpuCard(CSG2015, "1").power_on() == bytes.fromhex("3B6800004353473230313501")


def test_foreign_card_of_the_family_differs_in_its_answer_to_reset_only(kind):
    foreign, own = cpu_issue.foreign_card(kind, SERIAL), CpuCard(kind, SERIAL)
    assert foreign.atr() != own.atr()
    assert foreign.image() == own.image()


def test_image_is_card_file_parameters_wallet_and_write_back(kind):
    card = CpuCard(kind, SERIAL, issuer=7)
    card.preset(1, b"\x11" * 45)
    card.preset(2, b"\x22" * 8)
    card.preset(kind.write_back, b"\x33" * kind.write_back_size)
    expected = bytes.fromhex(SERIAL) + b"\x00\x07" + bytes(6) + b"\x11" * 45 + b"\x22" * 8
    assert card.image() == expected + b"\x33" * kind.write_back_size
    assert len(card.image()) == {"gdw1365": 118, "csg2015": 119}[kind.driver]


def test_internal_authentication_proves_the_key(card):
    random = "1122334455667788"
    answer = send(card, f"0088000108{random}08")
    assert answer == KEYS.internal(bytes.fromhex(random)).hex().upper() + "9000"


def test_updates_write_where_they_say(card, kind):
    opened(card)
    assert update(card, 3, 0x81, b"\x55" * (kind.tariff_size - 0x81)) == "9000"
    assert card.content(3) == bytes(0x81) + b"\x55" * (kind.tariff_size - 0x81)


def test_new_keys_replace_the_old_ones_and_end_the_authentication(card, masters):
    session = CpuSession(card, masters)
    session.begin()
    session.authenticate()
    session.give_keys()
    assert update(card, 2, 0, b"\x01") == "6982"
    assert external(card) == "63C5"
    assert card.key_version == masters.current
    session.begin()
    session.authenticate()
    session.update(2, b"\x01" * 8)
    assert card.content(2) == b"\x01" * 8


@pytest.mark.parametrize(("count", "inside"), [(0, False), (20, True), (47, True)])
def test_pulled_in_a_key_update_it_keeps_its_old_keys(card, masters, count, inside):
    session = CpuSession(card, masters)
    session.begin()
    session.authenticate()
    card.faults.arm("pull", bytes=count, inside=inside)
    with pytest.raises(CardPulled):
        session.give_keys()
    card.insert()
    assert (card.key_version, external(card)) == (0, "9000")


def test_session_refuses_cards_without_known_keys(card, masters):
    card.preset(0x15, bytes.fromhex(SERIAL) + b"\x00\x01\x09" + bytes(5))
    session = CpuSession(card, masters)
    session.begin()
    with pytest.raises(NotGenuine):
        session.authenticate()
    card.preset(0x15, bytes.fromhex(SERIAL) + b"\x00\x01\x01" + bytes(5))  # says version 1, has transport keys
    session.begin()
    with pytest.raises(NotGenuine):
        session.authenticate()


def test_session_says_which_command_was_refused(card, masters):
    session = CpuSession(card, masters)
    with pytest.raises(CommandRefused, match="read: the card answered 6A82"):
        session.read(1, 45)


# -- torn, slow, kept --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("count", range(8))
def test_torn_update_is_new_up_to_a_byte_and_old_after_it(card, count, inside):
    card.preset(2, b"\xaa" * 8)
    opened(card)
    card.faults.arm("pull", bytes=count, inside=inside)
    with pytest.raises(CardPulled):
        update(card, 2, 0, bytes(range(8)))
    middle = b"\xff" if inside else b"\xaa"
    assert card.content(2) == bytes(range(count)) + middle + b"\xaa" * (7 - count)
    assert CpuCard.from_dict(card.to_dict()).image() == card.image()


def test_pulled_card_answers_nothing_until_it_is_back(card):
    card.faults.arm("pull_at_apdu", apdu=2)
    send(card, SELECT_APPLICATION)
    with pytest.raises(CardPulled):
        send(card, CHALLENGE)
    with pytest.raises(CardPulled):
        send(card, SELECT_APPLICATION)
    card.insert()
    assert send(card, SELECT_APPLICATION) == "9000"


def test_lost_write_is_confirmed_and_not_made(card):
    opened(card)
    card.faults.arm("lost_write")
    assert update(card, 2, 0, b"\x01") == "9000"
    assert card.content(2) == bytes(8)


def test_wrong_read_strikes_the_address_in_the_image(card):
    card.faults.arm("wrong_read", address=61, mask=0x80)
    send(card, SELECT_APPLICATION)
    assert send(card, "00B0810001") == "009000"
    assert send(card, "00B0820002") == "80009000"
    assert send(card, "00B0820002") == "00009000"


def test_slow_and_silent_cards_take_their_time(card):
    card.faults.arm("silent", seconds=0.2)
    start = time.monotonic()
    send(card, CHALLENGE)
    assert time.monotonic() - start >= 0.2


def test_cells_take_their_time_when_asked(card):
    opened(card)
    card.write_times = True
    start = time.monotonic()
    assert update(card, 3, 0, bytes(128)) == "9000"
    assert 0.012 <= time.monotonic() - start < 0.2  # four pages of 32 bytes, 3 ms each


def test_everything_but_power_survives(card, masters):
    opened(card)
    send(card, CHALLENGE, "0082000208" + "00" * 8)
    saved = json.loads(json.dumps(card.to_dict()))
    again = CpuCard.from_dict(saved)
    assert again.to_dict() == saved
    assert (again.serial, again.external_tries, again.kind) == (SERIAL, TRIES - 1, card.kind)


def test_whoever_keeps_the_card_is_told_of_every_change(card):
    told = []
    card.on_change = lambda: told.append(card.content(2)[0])
    opened(card)
    told.clear()
    update(card, 2, 0, b"\x07")
    assert told[-1] == 7
