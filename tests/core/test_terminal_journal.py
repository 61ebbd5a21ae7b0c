"""Which heartbeats show that a terminal's journal was lost, cut or copied, and which do not."""

from types import SimpleNamespace

import pytest
from prepaid_core import heartbeats

HEARD, AT = 5, 1_000_000
LATER = AT + heartbeats.OVERTAKING + 1


def beat(seq=HEARD, head="ours", iat=LATER, clk="signed"):
    return SimpleNamespace(seq=seq, head=head, iat=iat, clk=clk)


@pytest.mark.parametrize("seq", [0, 4, 5, 9])
def test_another_receipt_by_the_same_number_is_a_fork_whatever_the_clock_says(seq):
    for clk in heartbeats.CLOCKS:
        assert heartbeats.chain_problem(beat(seq, "theirs", 0, clk), "ours", HEARD, AT) == "R-103"


@pytest.mark.parametrize("seq", [0, 1, 4])
def test_a_journal_that_ends_before_what_it_said_is_a_gap(seq):
    assert heartbeats.chain_problem(beat(seq), "ours", HEARD, AT) == "R-102"
    assert heartbeats.chain_problem(beat(seq), None, HEARD, AT) == "R-102"


@pytest.mark.parametrize(
    "late",
    [
        beat(4, iat=AT),
        beat(4, iat=AT + heartbeats.OVERTAKING),
        beat(4, iat=0),
        beat(4, clk="wall"),
        beat(0, clk="wall"),
    ],
)
def test_a_heartbeat_that_was_overtaken_or_has_no_signed_time_proves_nothing(late):
    assert heartbeats.chain_problem(late, "ours", HEARD, AT) is None


@pytest.mark.parametrize("seq", [5, 6, 2**40])
def test_a_journal_that_goes_on_is_fine(seq):
    assert heartbeats.chain_problem(beat(seq), "ours" if seq == HEARD else None, HEARD, AT) is None
