"""Never more than one credit per paid order, in every reachable state; exactly one once faults stop.

An explicit-state search over one account (:mod:`tests.core.account_model`). Bounds and findings:
``docs/decisions/0003-model-check.md``.
"""

import os
from dataclasses import replace

import pytest
from prepaid_core import evidence, gate, transitions
from prepaid_core import sle4442_demo as codec

from tests.core.account_moves import Search
from tests.core.account_world import Bounds, Order, Rules, start, start_replaced, start_unopened
from tests.core.card_families import CSG, DEMO, GDW, unopened, with_order

FINE = Rules()
COARSE = Rules(fine_tears=False)

#: What is searched: rules, bounds, and whether the recovery must do without a replacement card.
SEARCHES = {
    "tears at every step": (FINE, Bounds(1, 2, copies=False, replacements=0, removal=False), True),
    "the meter taken down": (FINE, Bounds(1, 1, copies=False, replacements=0), True),
    "three orders": (COARSE, Bounds(3, 1, copies=False, replacements=0, removal=False), True),
    "a copy of the card": (COARSE, Bounds(1, 1, replacements=0), False),
    "a replacement card": (COARSE, Bounds(1, 1, copies=False, replacements=1, reversal=False, removal=False), False),
}
#: Minutes instead of seconds: before a rule changes, run with PREPAID_MODEL_CHECK=deep.
DEEP = {
    "two orders and a copy": (COARSE, Bounds(2, 1, replacements=0, removal=False), False),
    "a re-write and a copy": (COARSE, Bounds(1, 2, replacements=0, removal=False), False),
    "a copy and a replacement": (COARSE, Bounds(1, 1, replacements=1, reversal=False, removal=False), False),
}
if os.environ.get("PREPAID_MODEL_CHECK") == "deep":
    SEARCHES.update(DEEP)


ISSUE = Rules(fine_tears=False, fine_issue=True)
HONEST_ONE = Bounds(1, 1, copies=False, replacements=0, removal=False)
REPLACED_ONE = replace(HONEST_ONE, replacements=1, reversal=False)
OPENED = unopened(CSG)

#: The same for the cards whose meter knows serials alone (nobody can copy them), and for the opening of a meter: where
#: it begins, rules, bounds, and whether the recovery must do without a replacement card.
OTHERS = {
    "CPU card, tears at every step": (start(GDW), FINE, HONEST_ONE, True),
    "CPU card, written twice": (start(CSG), COARSE, replace(HONEST_ONE, attempts=2), True),
    "CPU card, a replacement": (start(GDW), ISSUE, replace(REPLACED_ONE, refusals=False), False),
    "CPU card, an old replacement": (
        start_replaced(GDW),
        COARSE,
        replace(REPLACED_ONE, replacements=2, refusals=False),
        False,
    ),
    "CPU card, the meter taken down": (start(CSG), COARSE, replace(HONEST_ONE, removal=True), True),
    "CPU card, an opening": (start_unopened(OPENED), ISSUE, REPLACED_ONE, False),
    "CPU card, an opening reversed": (start_unopened(OPENED), ISSUE, replace(HONEST_ONE, attempts=2), False),
    "demo card, an opening": (start_unopened(DEMO), COARSE, REPLACED_ONE, False),
}

if os.environ.get("PREPAID_MODEL_CHECK") == "deep":
    OTHERS.update(
        {
            "CPU card, three orders": (start(CSG), COARSE, replace(HONEST_ONE, orders=3), True),
            "CPU card, a replacement and refusals": (start(GDW), ISSUE, REPLACED_ONE, False),
        }
    )


@pytest.mark.parametrize("name", OTHERS)
def test_the_same_holds_for_other_cards_and_for_openings(name, capsys):
    begin, rules, bounds, honest_cards = OTHERS[name]
    search = Search(rules, bounds, honest_cards, begin=begin)
    wrong = search.run()
    with capsys.disabled():
        print(f"\n{name}: {search.states} states, {search.transitions} transitions")  # noqa: T201
    assert wrong is None, wrong


@pytest.mark.parametrize("name", SEARCHES)
def test_every_reachable_state_is_safe_and_leads_back_to_one_credit_per_order(name, capsys):
    search = Search(*SEARCHES[name])
    wrong = search.run()
    with capsys.disabled():
        print(f"\n{name}: {search.states} states, {search.transitions} transitions")  # noqa: T201
    assert wrong is None, wrong


# -- broken rules must be caught ---------------------------------------------------------------------------------------


def without(operation, *conditions):
    """The gate without some rows of an operation."""
    rules = {**gate.RULES, operation: tuple(row for row in gate.RULES[operation] if row[0] not in conditions)}

    def check(what, card, account):
        for condition, code in rules[what]:
            if not gate.CONDITIONS[condition](card, account):
                return gate.GateResult(allowed=False, code=code)
        return gate.GateResult(allowed=True, count=gate.COUNTS[what](account))

    return check


def unknown_counts_as_not_written(state, attempts, event, fenced=False):
    attempts = ["not_written" if attempt == "unknown" else attempt for attempt in attempts]
    return transitions.derive(state, attempts, event, fenced)


def only_the_last_attempt_counts(state, attempts, event, fenced=False):
    return transitions.derive(state, attempts[-1:], event, fenced)


def stale_is_void(state, event):
    return "void" if event == "stale" and state == "issued" else transitions.attempt_after(state, event)


def commit_first(memory, write):
    steps = codec.write_steps(memory, write)
    return [steps[-1], *steps[:-1]]


def current_block_first(memory, write):
    first, second, commit = codec.write_steps(memory, write)
    return [second, first, commit]


def any_reading_refunds(*args):
    verdict = evidence.judge_reading(*args)
    return evidence.FENCED if verdict == evidence.NOT_CREDITED else verdict


HONEST = Bounds(1, 2, copies=False, replacements=0, removal=False)
TWO = replace(HONEST, orders=2, attempts=1, reversal=False)
REFUND = replace(HONEST, reversal=False)
REVERSE = replace(HONEST, attempts=3, refusals=False)
COPY = replace(REVERSE, copies=True)
REPLACE = replace(HONEST, attempts=1, replacements=1, reversal=False)

#: Rules whose break makes money or energy wrong: what is broken, how far to look, what the search must find.
UNSAFE = {
    "refund because the image shows nothing": ({"cancel_by_image": True}, REFUND, "money went back"),
    "unknown counts as not written": ({"derive": unknown_counts_as_not_written}, REFUND, "money went back"),
    "only the last attempt counts": ({"derive": only_the_last_attempt_counts}, REFUND, "money went back"),
    "a stale attempt is void": ({"attempt_after": stale_is_void}, REFUND, "money went back"),
    "commit first": ({"write_steps": commit_first}, REFUND, "not committed"),
    "a reading without a fence refunds": ({"judge_reading": any_reading_refunds}, REFUND, "money went back"),
    "reversal after the card has left": (
        {"stayed": lambda attempt: attempt.state == "written"},
        COPY,
        "money went back",
    ),
    "reversal after a re-write": ({"rewritten": lambda others: False}, COPY, "money went back"),
    "a late reversal counts": ({"late_reverse_counts": True}, REVERSE, "money went back"),
    "replacement with a new count, unproved": ({"replace_count": 1}, REPLACE, "twice"),
}
#: Rules whose break leaves somebody without what was paid for.
STUCK = {
    "purchase without insertion": (
        {"check": without("purchase", "inserted")},
        TWO,
        "recovery needs a replacement card",
    ),
    "current block first": ({"write_steps": current_block_first}, REFUND, "recovery needs a replacement card"),
    "re-write with a new count": ({"rewrite_count": 1}, REFUND, "recovery needs a replacement card"),
    "cancelling keeps the count": ({"release_count": False}, REFUND, "no further sale"),
}


def paid():
    """A paid order, the card in the reader, and the customer has a copy of it: a shorter way to what needs a copy."""
    world = start()
    return world._replace(reader=0, copy=(0, world.cards[0]), orders=(Order(100, None, "paid"),))


@pytest.mark.parametrize("name", UNSAFE)
def test_a_broken_rule_is_caught(name):
    changes, bounds, expected = UNSAFE[name]
    search = Search(replace(COARSE, **changes), bounds, recovery=False, begin=paid() if bounds.copies else None)
    wrong = search.run()
    assert wrong is not None, f"{name} was not caught in {search.states} states"
    assert expected in wrong, wrong


@pytest.mark.parametrize("name", STUCK)
def test_a_rule_that_leads_nowhere_is_caught(name):
    changes, bounds, expected = STUCK[name]
    search = Search(replace(FINE, **changes), bounds, honest_cards=True)
    wrong = search.run()
    assert wrong is not None, f"{name} was not caught in {search.states} states"
    assert expected in wrong, wrong


# -- the order of the files on a CPU card ------------------------------------------------------------------------------


def writeback_last(steps):
    return sorted(steps, key=lambda step: step[0] >= 69)


def parameters_before_wallet(steps):
    return sorted(steps)


#: Orders in which a torn write could be credited: which, how far to look, what the search must find.
CPU_UNSAFE = {
    "a reversal's write-back last": (writeback_last, FINE, replace(REVERSE, attempts=2), "nobody ordered"),
    "a new card's wallet last": (parameters_before_wallet, ISSUE, REPLACED_ONE, "twice"),
}


@pytest.mark.parametrize("name", CPU_UNSAFE)
def test_another_order_of_the_files_is_caught(name):
    order, rules, bounds, expected = CPU_UNSAFE[name]
    search = Search(rules, bounds, recovery=False, begin=start(with_order(GDW, order)))
    wrong = search.run()
    assert wrong is not None, f"{name} was not caught in {search.states} states"
    assert expected in wrong, wrong


def test_a_torn_card_that_is_not_recognised_needs_a_replacement():
    rules = replace(FINE, is_torn=lambda driver, memory, images: False)
    wrong = Search(rules, HONEST_ONE, honest_cards=True, begin=start(GDW)).run()
    assert wrong is not None
    assert "recovery needs a replacement card" in wrong, wrong
