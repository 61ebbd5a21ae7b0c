"""Executing an order on a card: what is written, and what the receipt may claim."""

import pytest

from hw_proxy.cards import demo_layout
from hw_proxy.cards.transport import CardGone
from hw_proxy.crashpoints import POINTS
from hw_proxy.errors import JournalError, Refusal
from tests.hw_proxy.support import ORDERED, PSC, Bench, FakeCard, card_memory, silent

WRITE, READ, COUNTER, PRESENT = 0xD0, 0xB0, 0xB1, 0x20


def on(instruction, fault, times=1, skip=0):
    """Trouble that strikes some commands of one kind."""
    state = {"skip": skip, "times": times}

    def trouble(command):
        if command[1] != instruction:
            return None
        if state["skip"]:
            state["skip"] -= 1
            return None
        if not state["times"]:
            return None
        state["times"] -= 1
        return fault(command)

    return trouble


def test_a_good_order_is_written_and_read_back(bench):
    before = bytes(bench.card.memory)
    receipt = bench.write()
    expected = demo_layout.apply(before, demo_layout.plan(before, ORDERED))
    assert (receipt["outcome"], receipt["code"]) == ("written", None)
    assert bytes(bench.card.memory) == expected
    assert receipt["before"]["memory"] == before.hex()
    assert receipt["after"]["memory"] == expected.hex()
    assert receipt["intent_at"] <= receipt["done_at"]
    assert (receipt["seq"], receipt["driver"], receipt["clk"]) == (1, "sle4442_demo", "signed")
    assert PSC.hex() not in str(receipt)


def test_the_counter_is_read_before_the_code_and_the_layout_s_order_is_kept(bench):
    bench.card.commands.clear()
    bench.write()
    kinds = [command[1] for command in bench.card.commands]
    assert kinds.index(COUNTER) < kinds.index(PRESENT) < kinds.index(WRITE)
    writes = [(command[3], len(command) - 5) for command in bench.card.commands if command[1] == WRITE]
    assert writes == [(0x60, 20), (0x40, 20), (0x80, 1)]


def test_a_purchase_takes_nine_commands(bench):
    bench.card.commands.clear()
    receipt = bench.write()
    assert len(bench.card.commands) == 9
    assert receipt["after"]["tries"] == 3


@pytest.mark.parametrize(("counter", "code"), [(3, "C-114"), (1, "C-114"), (0, "C-104")])
def test_no_code_is_presented_when_a_try_is_missing(bench, counter, code):
    bench.card.counter = counter
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"], receipt["intent_at"]) == ("void", code, None)
    assert bench.card.count(PRESENT) == 0


def test_a_wrong_code_ends_the_attempt_and_is_never_presented_again(bench):
    receipt = bench.write(psc=b"\x00\x00\x00")
    assert (receipt["outcome"], receipt["code"]) == ("not_written", "C-207")
    assert bench.card.count(PRESENT) == 1
    assert bench.card.count(WRITE) == 0
    assert receipt["after"]["tries"] == 2


def test_a_code_without_an_answer_is_never_presented_again(bench):
    bench.card.trouble = on(PRESENT, silent)
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"]) == ("not_written", "C-207")
    assert bench.card.count(PRESENT) == 1


def test_other_content_than_quoted_voids_the_order(bench):
    order, sealed = bench.order()
    bench.card.memory[0x90] ^= 1
    receipt = bench.write(order, sealed)
    assert (receipt["outcome"], receipt["code"]) == ("void", "C-203")
    assert receipt["before"]["memory"] == bytes(bench.card.memory).hex()
    assert bench.card.count(PRESENT) == 0


@pytest.mark.parametrize(
    "card",
    [
        {"serial": "000000000124", "issue": 1, "driver": "sle4442_demo"},
        {"serial": "000000000123", "issue": 2, "driver": "sle4442_demo"},
    ],
)
def test_another_card_than_the_order_s_voids_it(bench, card):
    assert bench.write(card=card)["code"] == "C-203"
    assert bench.card.count(PRESENT) == 0


def test_an_unknown_driver_voids_the_order(bench):
    receipt = bench.write(card={"serial": "000000000123", "issue": 1, "driver": "other_demo"})
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-108")


@pytest.mark.parametrize("failures", [1, 2])
def test_the_same_bytes_are_written_again_after_a_transient_failure(bench, failures):
    bench.card.trouble = on(WRITE, silent, times=failures)
    receipt = bench.write()
    assert receipt["outcome"] == "written"
    assert bench.card.count(WRITE) == 3 + failures


def test_a_write_that_fails_three_times_on_the_first_block_is_not_written(bench):
    before = bytes(bench.card.memory)
    bench.card.trouble = on(WRITE, lambda _command: b"\x63\x00", times=3)
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"]) == ("not_written", "C-204")
    assert bytes(bench.card.memory) == before
    assert bench.card.count(WRITE) == 3


def test_a_write_that_fails_on_the_second_block_is_unknown(bench):
    bench.card.trouble = on(WRITE, silent, times=3, skip=1)
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"]) == ("unknown", "C-205")
    assert receipt["after"]["memory"] == bytes(bench.card.memory).hex()


def test_a_write_that_took_although_it_reported_failure_is_written(bench):
    def took(command):
        bench.card.answer(command)
        return b"\x63\x00"

    bench.card.trouble = on(WRITE, took, times=3, skip=2)
    assert bench.write()["outcome"] == "written"


@pytest.mark.parametrize("skip", [0, 1, 2])
def test_a_card_pulled_during_the_write_is_unknown(bench, skip):
    def pulled(_command):
        bench.card.pull()
        raise CardGone("removed")

    bench.card.trouble = on(WRITE, pulled, skip=skip)
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"], receipt["after"]) == ("unknown", "C-202", None)
    assert bench.reader.status.state == "empty"
    assert bench.card.closed


@pytest.mark.parametrize("inside", [False, True])
@pytest.mark.parametrize("byte", range(41))
def test_a_pull_at_every_byte_is_unknown_and_the_torn_card_can_be_written_again(bench, byte, inside):
    left = byte

    def pulled(command):
        nonlocal left
        if command[1] != WRITE:
            return
        address, data = command[3], command[5:]
        if left >= len(data):
            left -= len(data)
            return
        bench.card.memory[address : address + left] = data[:left]
        if inside:
            bench.card.memory[address + left] = 0xFF
        bench.card.pull()
        raise CardGone("removed")

    bench.card.trouble = pulled
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"], receipt["after"]) == ("unknown", "C-202", None)
    torn = bytes(bench.card.memory)
    assert demo_layout.decode(torn).write_back != "empty"
    bench.reader.seen(False)
    bench.insert(FakeCard(torn))
    again = bench.write(op="rewrite")
    assert again["outcome"] == "written"
    assert demo_layout.decode(bytes(bench.card.memory)).blocks == {"A": ORDERED, "B": ORDERED}


def test_a_card_service_that_dies_during_the_write_is_unknown(bench):
    def died(_command):
        raise CardGone("service", "P-108")

    bench.card.trouble = on(WRITE, died, skip=1)
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"]) == ("unknown", "C-205")


def test_a_card_that_cannot_be_read_back_is_unknown(bench):
    bench.card.trouble = on(READ, silent, times=9, skip=2)
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"], receipt["after"]) == ("unknown", "C-205", None)


def test_a_bad_reading_back_is_repeated(bench):
    def flipped(command):
        answer = bytearray(bench.card.answer(command))
        answer[0] ^= 0x01
        return bytes(answer)

    bench.card.trouble = on(READ, flipped, times=1, skip=2)
    assert bench.write()["outcome"] == "written"


def test_a_pull_while_reading_before_the_intent_voids_the_order(bench):
    def pulled(_command):
        bench.card.pull()
        raise CardGone("removed")

    bench.card.trouble = on(READ, pulled)
    receipt = bench.write()
    assert (receipt["outcome"], receipt["code"]) == ("void", "O-106")


def test_a_silent_card_before_the_intent_voids_the_order(bench):
    bench.card.trouble = on(READ, silent)
    assert (lambda receipt: (receipt["outcome"], receipt["code"]))(bench.write()) == ("void", "C-206")


def test_a_torn_card_is_written_again_with_the_same_count(tmp_path):
    torn = bytearray(card_memory())
    torn[0x60:0x74] = demo_layout.encode_block(ORDERED)
    bench = Bench(tmp_path, FakeCard(torn))
    bench.card.commands.clear()
    receipt = bench.write(op="rewrite")
    assert receipt["outcome"] == "written"
    # The torn card's current block is B, so A is overwritten first: one good block at every moment.
    assert [command[3] for command in bench.card.commands if command[1] == WRITE] == [0x40, 0x60, 0x80]
    bench.close()


def test_no_write_begins_when_the_intent_cannot_be_journalled(bench, monkeypatch):
    order, sealed = bench.order()

    def full(_intent):
        raise JournalError("disk full")

    monkeypatch.setattr(bench.terminal.journal, "open_intent", full)
    with pytest.raises(Refusal) as refusal:
        bench.write(order, sealed)
    assert refusal.value.code == "P-110"
    assert bench.card.count(PRESENT) == 0
    monkeypatch.undo()
    assert bench.write(order, sealed)["outcome"] == "written"


def test_an_outcome_that_the_disk_refuses_is_journalled_as_soon_as_it_can(bench, monkeypatch):
    monkeypatch.setattr("hw_proxy.writer.time.sleep", lambda _seconds: None)
    real, failures = bench.terminal.journal.close_attempt, [1, 2]

    def full(*args, **kwargs):
        if failures:
            failures.pop()
            raise JournalError("disk full")
        return real(*args, **kwargs)

    monkeypatch.setattr(bench.terminal.journal, "close_attempt", full)
    assert bench.write()["outcome"] == "written"
    assert not failures


def test_every_crash_point_is_reached_in_the_documented_order(bench, monkeypatch):
    reached = []
    monkeypatch.setattr("hw_proxy.crashpoints.reach", reached.append)
    bench.write()
    assert tuple(reached) == POINTS[:-1]
