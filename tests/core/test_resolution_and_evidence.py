"""What a later reading says, and what counts as proof: every pair of content and write-back."""

import itertools
from dataclasses import replace

import pytest
from prepaid_core import evidence, resolution
from prepaid_core.card_image import CONDITIONS, CardImage, PurchaseBlock, WriteBack
from prepaid_core.transitions import ATTEMPT_STATES

BEFORE, ORDERED = PurchaseBlock(3, 100), PurchaseBlock(4, 200)
CARD = CardImage("sle4442_demo", "ok", block=BEFORE, writeback=WriteBack("valid", 3))
ORDER = resolution.Ordered(ORDERED, BEFORE)

CONTENTS = {
    "ordered": ORDERED,
    "before": BEFORE,
    "count n, other amount": replace(ORDERED, energy=1),
    "count n, other alarm": replace(ORDERED, alarm1=1),
    "count n - 1, other amount": replace(BEFORE, energy=1),
    "older": replace(BEFORE, count=2),
    "newer": replace(ORDERED, count=5),
    "none": None,
}
WRITE_BACKS = {
    "empty": WriteBack("empty"),
    "damaged": WriteBack("damaged"),
    **{f"n{count - 4:+d}": WriteBack("valid", count) for count in (2, 3, 4, 5)},
}
EXPECTED = {
    ("ordered", "empty"): "written",
    ("ordered", "n+0"): "written",
    ("ordered", "n-1"): "rewrite",
    ("ordered", "damaged"): "rewrite",
    ("before", "n-1"): "rewrite",
}


@pytest.mark.parametrize(("content", "writeback"), list(itertools.product(CONTENTS, WRITE_BACKS)))
def test_every_pair(content, writeback):
    card = replace(CARD, block=CONTENTS[content], writeback=WRITE_BACKS[writeback])
    assert resolution.resolve(card, ORDER) == EXPECTED.get((content, writeback), "hold")


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_card_that_is_not_in_order_is_held(condition):
    written = replace(CARD, condition=condition, block=ORDERED, writeback=WriteBack("empty"))
    before = replace(CARD, condition=condition)
    assert resolution.resolve(before, ORDER) == ("rewrite" if condition == "ok" else "hold")
    # A locked card can no longer be written, but what it says can be read.
    assert resolution.resolve(written, ORDER) == ("written" if condition in ("ok", "locked") else "hold")


def test_an_unknown_content_before_is_known_by_its_count():
    assert resolution.resolve(CARD, resolution.Ordered(ORDERED)) == "rewrite"
    assert resolution.resolve(replace(CARD, block=replace(BEFORE, count=2)), resolution.Ordered(ORDERED)) == "hold"


@pytest.mark.parametrize("attempts", list(itertools.product(ATTEMPT_STATES, repeat=2)))
def test_money_goes_back_only_when_every_attempt_is_proved_harmless(attempts):
    assert evidence.never_executed(attempts) == (set(attempts) <= {"void", "not_written"})


def test_money_goes_back_when_nothing_was_issued():
    assert evidence.never_executed([])


@pytest.mark.parametrize(
    ("meter_count", "meter_issue", "removed", "verdict"),
    [
        (4, 1, False, "credited"),
        (5, 2, True, "credited"),
        (3, 1, False, "not_credited"),
        (3, 2, False, "fenced"),
        (3, 1, True, "fenced"),
    ],
)
def test_a_meter_reading_alone_does_not_give_money_back(meter_count, meter_issue, removed, verdict):
    assert evidence.judge_reading(4, 1, meter_count, meter_issue, removed) == verdict
