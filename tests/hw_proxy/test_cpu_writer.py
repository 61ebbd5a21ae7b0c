"""Writing processor cards: what is sent, and what the receipt may claim when card, keys or hands fail."""

import pytest

from hw_proxy import tokens
from hw_proxy.cards import cpu_layout
from hw_proxy.cards.csg2015 import Csg2015
from hw_proxy.cards.gdw1365 import Gdw1365
from hw_proxy.cards.transport import CardGone
from hw_proxy.config import Config, Limits
from hw_proxy.errors import Refusal
from hw_proxy.key_client import KeyRefused
from tests.hw_proxy.cpu_support import DRIVERS, KINDS, CpuBench, image
from tests.hw_proxy.demo_suite import CURRENT
from tests.hw_proxy.support import PSC, silent

LAYOUTS = {"gdw1365": Gdw1365.layout, "csg2015": Csg2015.layout}
TARIFFS = {
    "gdw1365": {3: bytes(range(1, 256)) + b"\x01\x02\x03", 4: b"\x55" * 258},
    "csg2015": {3: b"\x33" * 199, 4: bytes(range(1, 200)), 5: b"\x77" * 16},
}
# Sent for a purchase: image once more, mutual authentication, wallet and write-back each under a challenge, image.
PURCHASE = 3 + 3 + 2 * 2 + 3


@pytest.fixture(params=DRIVERS)
def bench(request, tmp_path):
    """A terminal with a card whose last purchase, the fourth, is in the meter."""
    config = Config(data_dir=tmp_path, limits=Limits(max_unresolved=1000))
    made = CpuBench(tmp_path, request.param, config=config)
    yield made
    made.close()


@pytest.fixture(params=DRIVERS)
def blank(request, tmp_path):
    """A terminal with a card that was never issued."""
    made = CpuBench(tmp_path, request.param, image(request.param, count=None, version=0))
    yield made
    made.close()


def result(receipt):
    return receipt["outcome"], receipt["code"]


def on(head, fault, skip=0, times=1):
    """Trouble that strikes some commands of one kind, by their first bytes in hex."""
    state = {"skip": skip, "times": times}

    def trouble(command):
        if not command.hex().startswith(head) or not state["times"]:
            return None
        if state["skip"]:
            state["skip"] -= 1
            return None
        state["times"] -= 1
        return fault(command)

    return trouble


# -- when it goes wrong --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["63c5", "63c1"])
def test_a_refused_cryptogram_ends_the_attempt_and_none_is_sent_again(bench, status):
    bench.card.trouble = on("0082", lambda _command: bytes.fromhex(status))
    assert result(bench.write()) == ("not_written", "C-207")
    assert bench.card.kinds().count("0082") == 1
    assert bench.card.written() == []


@pytest.mark.parametrize("status", ["63c0", "6983"])
def test_a_card_that_blocks_its_keys_is_said_and_never_asked_again(bench, status):
    bench.card.trouble = on("0082", lambda _command: bytes.fromhex(status))
    receipt = bench.write()
    assert result(receipt) == ("not_written", "K-108")
    assert receipt["after"]["tries"] == 0
    bench.card.commands.clear()
    assert result(bench.write()) == ("void", "K-108")
    assert "0088" not in bench.card.kinds()


def test_a_refused_mac_ends_the_attempt_and_none_is_sent_again(bench):
    bench.desk.trouble = lambda claims: (200, {"mac": "00000000"}) if claims["op"] == "mac" else None
    assert result(bench.write()) == ("not_written", "C-207")
    assert bench.card.tries["mac"] == 5
    assert bench.desk.ops() == ["authenticate", "mac"]


def test_a_mac_refused_in_the_middle_leaves_a_torn_card_whose_image_is_told(bench):
    bench.card.trouble = on("04d6", lambda _command: b"\x69\x88", skip=1)
    receipt = bench.write()
    assert result(receipt) == ("unknown", "C-207")
    assert receipt["after"]["memory"] == bench.card.memory.hex() != receipt["before"]["memory"]


def test_a_card_that_answers_wrongly_is_not_authenticated_to(bench):
    bench.card.keys["int"] = bytes(16)
    assert result(bench.write()) == ("not_written", "K-105")
    assert "0082" not in bench.card.kinds()


@pytest.mark.parametrize(
    ("question", "outcome"),
    [(0, "not_written"), (1, "not_written"), (2, "unknown")],
    ids=["authenticate", "mac 1", "mac 2"],
)
@pytest.mark.parametrize("code", ["K-101", "K-102", "K-103", "K-104", "K-106", "K-107", "K-109", "T-102"])
def test_a_key_service_that_refuses_ends_the_attempt_with_its_code(bench, question, outcome, code):
    def refuse(_claims):
        if len(bench.desk.asked) > question:
            raise KeyRefused(code)

    bench.desk.trouble = refuse
    receipt = bench.write()
    assert result(receipt) == (outcome, code)
    assert receipt["after"]["memory"] == bench.card.memory.hex()


@pytest.mark.parametrize("command", range(PURCHASE))
def test_a_card_pulled_before_any_command_leaves_no_lie_and_can_be_written_again(bench, command):
    before, order = bench.card.memory, bench.order()
    sent = len(bench.card.commands)

    def pulled(_command):
        if len(bench.card.commands) - sent > command:
            bench.card.pull()
            raise CardGone("removed")

    bench.card.trouble = pulled
    receipt = bench.write(*order)
    expected = ("void", "O-106") if command < 3 else ("unknown", "C-202")
    assert result(receipt) == expected
    after = bench.card.memory
    if command < 9:
        # The wallet is sent by the eighth command, the write-back by the tenth.
        assert (after == before) == (command <= 7)
        assert cpu_layout.decode(LAYOUTS[bench.driver], after).write_back == "valid"
    bench.again()
    if command < 10:
        assert result(bench.write(op="rewrite")) == ("written", None)
    assert bench.card.memory == image(bench.driver, 12345, 5, None)


@pytest.mark.parametrize("erase", [False, True])
def test_a_pull_at_every_byte_is_unknown_and_the_meter_would_never_credit(bench, erase):
    size = KINDS[bench.driver][2]
    for byte in range(8 + size):
        bench.card.put(image(bench.driver))
        bench.again()
        bench.card.tear(byte, erase)
        assert result(bench.write()) == ("unknown", "C-202")
        found = cpu_layout.decode(LAYOUTS[bench.driver], bench.card.memory)
        assert found.write_back != "empty" or byte == 8 + size - 1
    bench.again()
    assert result(bench.write(op="rewrite")) == ("written", None)


@pytest.mark.parametrize("head", ["0088", "0084", "0082"])
def test_silence_in_the_authentication_ends_the_attempt(bench, head):
    bench.card.trouble = on(head, silent)
    assert result(bench.write()) == ("not_written", "C-206")
    assert bench.card.kinds().count(head) == 1


@pytest.mark.parametrize("failures", [1, 2])
@pytest.mark.parametrize("fault", [silent, lambda _command: b"\x65\x81", lambda _command: b"\x69\x84"])
def test_a_write_is_repeated_under_a_new_challenge_after_a_transient_failure(bench, failures, fault):
    bench.card.trouble = on("04d6", fault, times=failures)
    assert result(bench.write()) == ("written", None)
    challenges = [claims["challenge"] for claims in bench.desk.asked]
    assert len(set(challenges)) == len(challenges) == 3 + failures


def test_a_write_that_fails_three_times_is_not_written(bench):
    bench.card.trouble = on("04d6", silent, times=3)
    assert result(bench.write()) == ("not_written", "C-204")
    assert len(bench.card.written()) == 3


@pytest.mark.parametrize("status", ["6982", "6a82"])
def test_what_another_try_cannot_change_is_not_tried_again(bench, status):
    bench.card.trouble = on("04d6", lambda _command: bytes.fromhex(status))
    assert result(bench.write()) == ("not_written", "C-204")
    assert len(bench.card.written()) == 1


def test_confirmed_writes_that_were_lost_are_noticed_by_the_reading_back(bench):
    bench.card.trouble = on("04d6", lambda _command: b"\x90\x00", times=2)
    assert result(bench.write()) == ("not_written", "C-204")


def test_a_card_that_cannot_be_read_back_is_unknown(bench):
    order = bench.order()
    bench.card.trouble = on("00b0", silent, skip=3, times=9)
    receipt = bench.write(*order)
    assert (*result(receipt), receipt["after"]) == ("unknown", "C-205", None)


def test_other_content_than_quoted_voids_the_order(bench):
    order = bench.order()
    bench.card.files[2][0] ^= 1
    assert result(bench.write(*order)) == ("void", "C-203")
    assert bench.desk.asked == []


@pytest.mark.parametrize(
    "change",
    [
        {"card": {"serial": "0000000000004712", "issue": 0}},
        {"wanted": {"serial": "0000000000004712"}},
        {"wanted": {"version": 0}},
        {"expect": 3},
    ],
)
def test_an_order_that_does_not_fit_the_card_voids_it(bench, change):
    changes = {}
    if "card" in change:
        changes["card"] = {**change["card"], "driver": bench.driver}
    if "wanted" in change:
        changes["wanted"] = image(bench.driver, 12345, 5, None, **change["wanted"])
    order = bench.order(**changes)
    if "expect" in change:
        order = bench.order(expect={"count": 3, "digest": tokens.digest(bench.card.memory)})
    assert result(bench.write(*order)) == ("void", "C-203")
    assert bench.desk.asked == []


@pytest.mark.parametrize(
    "write",
    [
        {"count": 5, "energy": 1, "alarm1": 0, "alarm2": 0, "hoard": 0, "issue": 0, "flags": 0},
        {"count": 5, "quantity": 1, "image": "00" * 118, "files": {"5": "00"}},
        {"count": 5, "quantity": 1, "image": "00" * 100, "files": {}},
    ],
    ids=["purchase block", "file of a wrong size", "image of a wrong size"],
)
def test_an_order_of_another_form_than_the_card_s_is_void(bench, write):
    assert result(bench.write(write=write)) == ("void", "O-108")


def test_a_sealed_code_does_not_belong_to_a_processor_card(bench):
    with pytest.raises(Refusal) as refusal:
        bench.terminal.jobs.write(*bench.order(psc=PSC))
    assert refusal.value.code == "O-107"


def test_a_companion_that_was_lost_is_no_success(bench):
    files = {3: TARIFFS[bench.driver][3]}
    bench.card.trouble = on("04d683", lambda _command: b"\x90\x00", times=2)
    receipt = bench.write(files=files)
    assert result(receipt) == ("unknown", "C-205")
    assert receipt["after"]["memory"] == bench.card.memory.hex()


@pytest.mark.parametrize("question", range(3))
def test_a_key_update_that_is_refused_leaves_the_card_as_it_was(blank, question):
    def refuse(_claims):
        if len(blank.desk.asked) > question:
            raise KeyRefused("K-109")

    blank.desk.trouble = refuse
    wanted = image(blank.driver, 1000, 1, None, CURRENT, card_type=1)
    receipt = blank.write(wanted=wanted, op="open")
    # After the key update the card says another version: its image has changed, although nothing can be bought with it.
    assert result(receipt) == (("not_written" if question < 2 else "unknown"), "K-109")
    assert receipt["after"]["memory"] == blank.card.memory.hex()


def test_a_command_that_installs_another_version_than_ordered_is_not_sent(blank):
    wanted = image(blank.driver, 1000, 1, None, CURRENT + 1, card_type=1)
    assert result(blank.write(wanted=wanted, op="open")) == ("not_written", "K-106")
    assert "84d4" not in blank.card.kinds()


@pytest.mark.parametrize("command", range(30))
def test_a_card_pulled_while_it_is_opened_can_be_opened_again(blank, command):
    wanted = image(blank.driver, 1000, 1, None, CURRENT, card_type=1, flag=0x8F)
    files = TARIFFS[blank.driver]
    order = blank.order(wanted, files, op="open")
    sent = len(blank.card.commands)

    def pulled(_command):
        if len(blank.card.commands) - sent > command:
            blank.card.pull()
            raise CardGone("removed")

    blank.card.trouble = pulled
    blank.write(*order)
    # Until the last write the meter finds no frame. The pulled command is recorded too, but did nothing.
    last = (1, 0) in blank.card.written() and blank.card.commands[-1][:3] != b"\x04\xd6\x81"
    found = cpu_layout.decode(LAYOUTS[blank.driver], blank.card.memory)
    assert found.parameters == ("good" if last else "blank")
    blank.again()
    assert result(blank.write(wanted=wanted, files=files, op="rewrite")) == ("written", None)
    assert blank.card.memory == wanted


# -- when it goes well ---------------------------------------------------------------------------------------------


def test_a_purchase_sends_the_least_there_is(bench):
    order = bench.order()
    bench.card.commands.clear()
    receipt = bench.write(*order)
    assert result(receipt) == ("written", None)
    back = KINDS[bench.driver][1]
    reading = ["00b0 01", "00b0 02", f"00b0 {back:02x}"]
    assert bench.card.kinds() == [
        *reading,
        *("0088", "0084", "0082"),
        *("0084", "04d6 02"),
        *("0084", f"04d6 {back:02x}"),
        *reading,
    ]
    assert len(bench.card.commands) == PURCHASE
    assert bench.card.memory == image(bench.driver, 12345, 5, None)
    assert (receipt["driver"], receipt["after"]["tries"]) == (bench.driver, 3)
    assert receipt["after"]["memory"] == bench.card.memory.hex()


def test_a_reading_sends_the_least_there_is(bench):
    bench.card.commands.clear()
    claims = bench.claims(bench.terminal.snapshot("n"), "snapshot+jwt")
    assert len(bench.card.commands) == 3
    assert claims["driver"] == bench.driver
    assert claims["card"] == {
        "memory": bench.card.memory.hex(),
        "protection": "",
        "tries": 3,
        "digest": claims["card"]["digest"],
    }


def test_the_keys_are_asked_for_this_attempt_and_these_bytes_only(bench):
    receipt = bench.write()
    assert bench.desk.ops() == ["authenticate", "mac", "mac"]
    assert {claims["attempt"] for claims in bench.desk.asked} == {receipt["attempt"]}
    back, size = KINDS[bench.driver][1], KINDS[bench.driver][2]
    assert [(claims["header"], claims["data"]) for claims in bench.desk.asked[1:]] == [
        ("04d682000c", (12345).to_bytes(4, "big").hex() + "00000005"),
        (f"04d6{0x80 + back:02x}00{size + 4:02x}", "00" * size),
    ]


def test_changed_parameters_are_written_before_the_wallet(bench):
    wanted = image(bench.driver, 12345, 5, None, flag=0x80, alarm=3000)
    assert result(bench.write(wanted=wanted)) == ("written", None)
    assert bench.card.written() == [(1, 0), (2, 0), (KINDS[bench.driver][1], 0)]


def test_companions_are_written_before_the_commit_and_read_back(bench):
    files = TARIFFS[bench.driver]
    assert result(bench.write(files=files)) == ("written", None)
    parts = [(sfi, offset) for sfi in files for offset in range(0, len(files[sfi]), 129)]
    assert bench.card.written() == [(2, 0), *parts, (KINDS[bench.driver][1], 0)]
    assert {sfi: bytes(bench.card.files[sfi]) for sfi in files} == files


def test_opening_gives_the_card_its_keys_and_ends_with_the_parameters(blank):
    wanted = image(blank.driver, 1000, 1, None, CURRENT, card_type=1, flag=0x8F)
    assert result(blank.write(wanted=wanted, op="open")) == ("written", None)
    assert blank.card.memory == wanted
    assert blank.card.written() == [(2, 0), (1, 0)]
    assert blank.desk.ops() == ["authenticate", "update_key", "authenticate", "mac", "mac"]
    assert [claims["version"] for claims in blank.desk.asked] == [0, 0, CURRENT, CURRENT, CURRENT]


def test_a_torn_opening_is_written_again_without_new_keys(blank):
    wanted = image(blank.driver, 1000, 1, None, CURRENT, card_type=1)
    blank.card.tear(48 + 8 + 3)
    assert result(blank.write(wanted=wanted, op="open")) == ("unknown", "C-202")
    blank.again()
    assert result(blank.write(wanted=wanted, op="rewrite")) == ("written", None)
    assert blank.card.kinds().count("84d4") == 0
    assert blank.card.written() == [(1, 0)]


def test_a_reversal_fills_the_write_back_first(tmp_path):
    for driver in DRIVERS:
        (tmp_path / driver).mkdir()
        bench = CpuBench(tmp_path / driver, driver, image(driver, 12345, 5, None))
        bench.card.tear(KINDS[driver][2] + 4)
        assert result(bench.write(wanted=image(driver), op="reverse")) == ("unknown", "C-202")
        # The old amount beside the new count: with an empty write-back a meter would credit it.
        assert cpu_layout.decode(LAYOUTS[driver], bench.card.memory).write_back == "valid"
        bench.again()
        assert result(bench.write(wanted=image(driver), op="reverse")) == ("written", None)
        assert bench.card.memory == image(driver)
        bench.close()


def test_clearing_begins_with_the_parameters_and_keeps_the_identity(bench):
    wanted = image(bench.driver, count=None)
    assert result(bench.write(wanted=wanted, op="clear")) == ("written", None)
    assert bench.card.written() == [(1, 0), (2, 0), (KINDS[bench.driver][1], 0)]
    assert bench.card.memory == wanted


def test_every_crash_point_is_reached_in_the_documented_order(bench, monkeypatch):
    reached = []
    monkeypatch.setattr("hw_proxy.crashpoints.reach", reached.append)
    wanted = image(bench.driver, 12345, 5, None, flag=0x80)
    bench.write(wanted=wanted)
    assert reached == [
        "before_intent",
        "after_intent",
        "after_code",
        "after_block_1",
        "after_block_2",
        "after_commit",
        "before_outcome",
        "after_outcome",
    ]
