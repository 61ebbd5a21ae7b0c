"""Receipts: what was there and what was received is what was bought, handed back, held and left, to the cent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import slips

CENTS = st.integers(1, 1_000_000)
IN = st.tuples(st.sampled_from(["tender", "reversal"]), CENTS)
OUT = st.tuples(st.sampled_from(["energy", "arrears", "refund", "unreversed"]), CENTS.map(lambda cents: -cents))
CORRECTION = st.tuples(st.just("correction"), st.integers(-1_000_000, 1_000_000))
MOVES = st.lists(st.tuples(st.booleans(), st.one_of(IN, OUT, CORRECTION)), max_size=12)
"""(of this order or of another one, entry), oldest first."""


def closing(opening, moves):
    """The balance after the last entry of this order; without one, after all."""
    balance, after = opening, None
    for is_own, (_kind, cents) in moves:
        balance += cents
        after = balance if is_own else after
    return balance if after is None else after


@given(st.integers(0, 1_000_000), MOVES, st.integers(0, 1_000_000), st.integers(0, 1_000_000))
def test_every_cent_is_found_again(opening, moves, held, reserved):
    own = [move for is_own, move in moves if is_own]
    made = slips.sums(own, closing(opening, moves), held, reserved)
    assert made.rest() == 0
    assert made.received == sum(cents for kind, cents in own if kind == "tender")
    assert made.handed_back == -sum(cents for kind, cents in own if kind == "refund")
    assert made.spent == -sum(cents for kind, cents in own if kind in ("energy", "arrears"))
    assert (made.held, made.reserved) == (held, reserved)
    assert made.balance + held + reserved == closing(opening, moves)


@given(st.integers(0, 1_000_000), MOVES)
def test_without_other_orders_the_balance_before_is_the_one_that_was_there(opening, moves):
    alone = [(True, move) for _is_own, move in moves if move[0] != "correction"]
    assert slips.sums([move for _own, move in alone], closing(opening, alone), 0).before == opening


@pytest.mark.parametrize(
    ("movements", "closing_", "held", "wanted"),
    [
        ([("tender", 5000)], 7000, 5000, {"before": 2000, "received": 5000, "held": 5000, "balance": 2000}),
        (
            [("tender", 5000), ("energy", -4999)],
            2001,
            0,
            {"before": 2000, "received": 5000, "spent": 4999, "balance": 2001},
        ),
        ([("tender", 2000), ("refund", -2000)], 0, 0, {"received": 2000, "handed_back": 2000}),
        (
            [("tender", 5000), ("energy", -5000), ("reversal", 5000), ("refund", -5000)],
            0,
            0,
            {"received": 5000, "spent": 5000, "taken_back": 5000, "handed_back": 5000},
        ),
        (
            [("tender", 5000), ("energy", -5000), ("reversal", 5000), ("unreversed", -5000)],
            0,
            0,
            {"received": 5000, "spent": 5000},
        ),
        ([], 3000, 0, {"before": 3000, "balance": 3000}),
    ],
    ids=["paid and not written", "written", "handed back", "reversed", "settled as written", "nothing came in"],
)
def test_what_a_receipt_says(movements, closing_, held, wanted):
    assert slips.sums(movements, closing_, held) == slips.Sums(**wanted)
