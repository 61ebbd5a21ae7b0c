"""The codec of the processor cards, their commands, and the search for a card's driver."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hw_proxy.cards import cpu_layout
from hw_proxy.cards.cpu_commands import CpuCommands
from hw_proxy.cards.cpu_layout import CSG2015, GDW1365
from hw_proxy.cards.csg2015 import Csg2015
from hw_proxy.cards.gdw1365 import Gdw1365
from hw_proxy.cards.registry import CardRegistry, code_length, driver_version
from hw_proxy.cards.transport import CardForeign, CardRefused, CardSilent, CardUnknown
from tests.hw_proxy.cpu_support import CUSTOMER, DRIVERS, METER, SERIAL, CpuBench, FakeCpuCard, image
from tests.hw_proxy.support import silent

LAYOUTS = {"gdw1365": GDW1365, "csg2015": CSG2015}
CLASSES = {"gdw1365": Gdw1365, "csg2015": Csg2015}
driver = pytest.mark.parametrize("driver", DRIVERS)


# -- codec ---------------------------------------------------------------------------------------------------------


@driver
@given(memory=st.binary(max_size=130))
def test_no_content_raises(driver, memory):
    cpu_layout.decode(LAYOUTS[driver], memory)


@driver
@given(place=st.integers(16, 118), value=st.integers(0, 255))
def test_one_wrong_byte_never_invents_what_a_frame_says(driver, place, value):
    memory = bytearray(image(driver))
    if place >= len(memory) or memory[place] == value:
        return
    memory[place] = value
    found = cpu_layout.decode(LAYOUTS[driver], memory)
    # Parameters and write-back have a checksum; the wallet has none.
    assert found.parameters == ("damaged" if place < 61 else "good")
    assert found.write_back == ("damaged" if place >= 69 else "valid")
    assert found.customer == (None if place < 61 else CUSTOMER)


@driver
def test_a_good_card_is_understood(driver):
    found = cpu_layout.decode(LAYOUTS[driver], image(driver, 5000, 4, 3, 2))
    assert (found.serial, found.issuer, found.key_version) == (SERIAL, 1, 2)
    assert (found.parameters, found.meter, found.customer, found.card_type) == ("good", METER, CUSTOMER, 2)
    assert (found.amount, found.count, found.write_back, found.write_back_count) == (5000, 4, "valid", 3)


@driver
def test_a_blank_card_is_blank_and_empty(driver):
    found = cpu_layout.decode(LAYOUTS[driver], image(driver, count=None, version=0))
    assert (found.parameters, found.write_back, found.count, found.meter) == ("blank", "empty", 0, None)


@driver
def test_the_other_kind_s_frames_are_damaged(driver):
    other = next(each for each in DRIVERS if each != driver)
    found = cpu_layout.decode(LAYOUTS[driver], image(other))
    assert (found.parameters, found.write_back) == ("damaged", "damaged")


@pytest.mark.parametrize(("start", "value"), [(0, "0a"), (11, "01"), (15, "ff")])
def test_a_card_file_with_a_wrong_digit_or_a_filled_reserve_has_no_serial(start, value):
    memory = bytearray(image("csg2015"))
    memory[start] = bytes.fromhex(value)[0]
    assert cpu_layout.decode(CSG2015, memory).serial is None


# -- commands ------------------------------------------------------------------------------------------------------


def commands(*answers):
    """Commands to a card that gives these answers."""
    card = FakeCpuCard("csg2015")
    left = [bytes.fromhex(answer) for answer in answers]
    card.trouble = lambda _command: left.pop(0)
    return CpuCommands(card), card


@pytest.mark.parametrize("answer", ["", "90", "019000", "0102030405060708099000"])
def test_an_answer_of_the_wrong_length_is_no_answer(answer):
    with pytest.raises(CardSilent):
        commands(answer)[0].challenge()


@pytest.mark.parametrize("status", ["6a82", "6b00", "6700", "6283", "9001"])
def test_any_other_status_than_90_00_is_a_refusal(status):
    with pytest.raises(CardRefused) as error:
        commands("0102030405060708" + status)[0].challenge()
    assert error.value.status == int(status, 16)


def test_an_answer_that_waits_is_fetched():
    cards, card = commands("6108", "01020304050607089000")
    assert cards.internal_authenticate(bytes(8)).hex() == "0102030405060708"
    assert card.commands[1].hex() == "00c0000008"


def test_a_command_with_the_wrong_length_is_sent_with_the_right_one():
    cards, card = commands("6c08", "01020304050607089000")
    assert cards.challenge().hex() == "0102030405060708"
    assert card.commands[1].hex() == "0084000008"


def test_the_description_of_a_selected_file_is_not_fetched():
    cards, card = commands("6120")
    cards.select(0xDF01)
    assert len(card.commands) == 1


# -- probing -------------------------------------------------------------------------------------------------------


def probe(card):
    seen = []
    return CardRegistry().probe("Virtual PCD 00 00", card, seen), seen


def harmless(card):
    """Whether nothing was sent but SELECT and READ BINARY."""
    return {command[:2].hex() for command in card.commands} <= {"00a4", "00b0"}


@driver
def test_a_card_that_does_not_answer_is_silent_not_unknown(driver):
    card = FakeCpuCard(driver)
    card.trouble = silent
    with pytest.raises(CardSilent):
        probe(card)


@driver
def test_a_card_whose_files_are_not_those_of_its_answer_to_reset_is_refused_by_name(driver):
    card = FakeCpuCard(driver)
    card.atr = FakeCpuCard(next(each for each in DRIVERS if each != driver)).atr
    seen = []
    with pytest.raises(CardForeign) as error:
        CardRegistry().probe("Virtual PCD 00 00", card, seen)
    assert error.value.code == "C-103"
    assert any("file 06" in note for note in seen)
    assert harmless(card)


@pytest.mark.parametrize("change", ["no application", "no card file", "strange card file"])
def test_a_card_with_other_files_is_unknown_and_what_was_seen_is_told(change):
    card = FakeCpuCard("csg2015")
    card.atr = bytes.fromhex("3b6800004f54484552303031")
    if change == "no application":
        card.trouble = lambda command: b"\x6a\x82" if command[5:7] == b"\xdf\x01" else None
    elif change == "no card file":
        card.trouble = lambda command: b"\x6a\x82" if command[2] == 0x95 else None
    else:
        card.card_file[0] = 0xAB
    seen = []
    with pytest.raises(CardUnknown):
        CardRegistry().probe("Virtual PCD 00 00", card, seen)
    assert seen[0] == f"answer to reset {card.atr.hex()}"
    assert [note.split(":")[0] for note in seen[-2:]] == ["gdw1365", "csg2015"]
    assert harmless(card)


@driver
def test_a_card_of_an_unknown_batch_is_known_by_its_files(driver):
    card = FakeCpuCard(driver)
    card.atr = bytes.fromhex("3b6800004f54484552303031")
    found, seen = probe(card)
    assert isinstance(found, CLASSES[driver])
    assert seen[-1] == f"taken by {driver}"
    assert harmless(card)


@driver
@pytest.mark.parametrize("memory", ["good", "blank", "damaged"])
def test_a_card_is_known_whatever_its_parameters_say(driver, memory):
    content = {"good": image(driver), "blank": image(driver, count=None, version=0)}
    content["damaged"] = content["good"][:20] + b"\xff" + content["good"][21:]
    card = FakeCpuCard(driver, content[memory])
    found, _seen = probe(card)
    assert found.read().memory == content[memory]
    assert len(card.commands) == 4 + 3


@driver
def test_the_status_says_what_was_seen(tmp_path, driver):
    bench = CpuBench(tmp_path, driver)
    status = bench.terminal.status()["readers"][0]
    assert (status["state"], status["seen"][-1]) == ("card", f"taken by {driver}")
    bench.close()


@driver
def test_orders_for_these_cards_carry_no_code(driver):
    assert code_length(driver) == 0
    assert driver_version(driver) == "1.0"
