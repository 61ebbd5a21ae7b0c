"""Orders and attempts: every state with every event."""

import itertools

import pytest
from prepaid_core import transitions
from prepaid_core.errors import Refusal
from prepaid_core.transitions import ATTEMPT_EVENTS, ATTEMPT_STATES, ORDER_EVENTS, ORDER_STATES

REPORTS = ("written", "not_written", "unknown", "void")


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ATTEMPT_STATES, ATTEMPT_EVENTS)))
def test_every_event_of_an_attempt_leads_to_a_state(state, event):
    after = transitions.attempt_after(state, event)
    assert after in ATTEMPT_STATES
    assert transitions.attempt_after(after, event) == after, "a repeated report changes something"
    if event == "written":
        assert after == "written"
    if state == "written":
        assert after == "written", "success is not final"
    if state in ("void", "not_written") and event in ("stale", "intent", "void", "not_written"):
        assert after == state
    if state == "unknown" and event in ("stale", "intent"):
        assert after == "unknown"


@pytest.mark.parametrize("event", REPORTS)
def test_a_report_about_a_live_attempt_is_believed(event):
    for state in transitions.LIVE_ATTEMPT_STATES:
        assert transitions.attempt_after(state, event) == event


ATTEMPTS = [combination for size in (0, 1, 2) for combination in itertools.product(ATTEMPT_STATES, repeat=size)]


@pytest.mark.parametrize(("state", "event"), list(itertools.product(ORDER_STATES, ORDER_EVENTS)))
def test_every_event_of_an_order_leads_to_a_state_or_a_code(state, event):
    for attempts in ATTEMPTS:
        try:
            after = transitions.derive(state, attempts, event)
        except Refusal as refusal:
            assert refusal.code in ("S-112", "S-114")
            assert event not in (*REPORTS, "stale"), "a receipt was refused"
            continue
        assert after in ORDER_STATES
        if state == "written":
            assert after in ("written", "reversed")
        if state in ("cancelled", "reversed"):
            assert after in (state, "dispute")
        if after == "cancelled" and state not in ("cancelled", "draft"):
            assert set(attempts) <= {"void", "not_written"}
        if state == "dispute":
            assert after == ("written" if event == "settle" else "dispute")


@pytest.mark.parametrize("event", ["not_written", "unknown", "void", "stale", "read_rewrite", "read_hold"])
def test_success_is_final(event):
    assert transitions.derive("written", ["written"], event) == "written"
    assert transitions.derive("written", ["written", "not_written"], event) == "written"


@pytest.mark.parametrize("state", ["cancelled", "reversed"])
@pytest.mark.parametrize("event", ["written", "read_written", "reading_credited"])
def test_a_late_success_of_an_order_that_was_given_up_is_a_dispute(state, event):
    assert transitions.derive(state, ["written"], event) == "dispute"


@pytest.mark.parametrize(
    ("attempts", "state"),
    [
        ([], "paid"),
        (["void"], "paid"),
        (["void", "void"], "paid"),
        (["issued"], "authorized"),
        (["intent"], "authorized"),
        (["unknown", "issued"], "authorized"),
        (["unknown", "void"], "unknown"),
        (["unknown", "not_written"], "unknown"),
        (["not_written", "void"], "not_written"),
        (["unknown", "written"], "written"),
        (["written", "issued"], "written"),
    ],
)
def test_the_state_of_an_order_comes_from_all_its_attempts(attempts, state):
    assert transitions.from_attempts(attempts) == state
    assert transitions.derive("authorized", attempts, "void") == state


def test_an_uncertain_attempt_forbids_giving_money_back_for_ever():
    for later in REPORTS[1:]:
        with pytest.raises(Refusal) as refusal:
            transitions.derive("unknown", ["unknown", later], "cancel")
        assert refusal.value.code == "S-114"


def test_a_fence_allows_what_no_image_does():
    assert transitions.derive("unknown", ["unknown"], "cancel", fenced=True) == "cancelled"


def test_a_written_order_is_never_cancelled():
    with pytest.raises(Refusal) as refusal:
        transitions.derive("written", ["written"], "cancel", fenced=True)
    assert refusal.value.code == "S-112"


def test_only_an_empty_reservation_expires():
    assert transitions.derive("draft", [], "expire") == "cancelled"
    for state in ORDER_STATES[1:]:
        with pytest.raises(Refusal):
            transitions.derive(state, [], "expire")


def test_an_event_that_does_not_exist_is_a_bug():
    with pytest.raises(ValueError, match="no such event"):
        transitions.derive("paid", [], "explode")
    with pytest.raises(ValueError, match="no such event"):
        transitions.attempt_after("issued", "explode")


@pytest.mark.parametrize("state", ORDER_STATES)
@pytest.mark.parametrize("resolution", [None, "written", "rewrite", "hold"])
def test_every_offered_action_is_one_that_the_table_allows(state, resolution):
    events = {"authorize": "authorize", "rewrite": "rewrite", "cancel": "cancel", "refund": "cancel", "tender": "pay"}
    for attempts in ATTEMPTS:
        if state in transitions.OPEN_STATES and state != "draft" and transitions.from_attempts(attempts) != state:
            continue
        for action in transitions.actions(state, attempts, True, resolution):
            if action in events:
                transitions.derive(state, attempts, events[action])


@pytest.mark.parametrize(
    ("state", "attempts", "paid", "resolution", "expected"),
    [
        ("draft", [], False, None, ("tender", "cancel")),
        ("draft", [], True, None, ("tender", "cancel", "refund")),
        ("paid", [], True, None, ("authorize", "cancel", "refund")),
        ("paid", ["void"], True, None, ("authorize", "cancel", "refund")),
        ("authorized", ["issued"], True, None, ("read_card",)),
        ("unknown", ["unknown"], True, None, ("rewrite", "read_card")),
        ("unknown", ["unknown"], True, "hold", ("read_card",)),
        ("not_written", ["not_written"], True, None, ("rewrite", "cancel", "refund", "read_card")),
        ("written", ["written"], True, None, ("print",)),
        ("written", ["written"], True, "rewrite", ("rewrite", "print")),
        ("cancelled", [], True, None, ()),
        ("dispute", ["written"], True, None, ()),
    ],
)
def test_the_buttons(state, attempts, paid, resolution, expected):
    assert transitions.actions(state, attempts, paid, resolution) == expected


@pytest.mark.parametrize("state", ORDER_STATES)
@pytest.mark.parametrize("attempts", ATTEMPTS)
def test_only_a_paid_order_that_nothing_was_issued_for_is_delivered_without_a_card(state, attempts):
    if state == "written" or (state == "paid" and not attempts):
        assert transitions.derive(state, attempts, "deliver") == "written"
        return
    with pytest.raises(Refusal) as refusal:
        transitions.derive(state, attempts, "deliver")
    assert refusal.value.code == "S-112"


@pytest.mark.parametrize(
    ("state", "paid", "expected"),
    [
        ("draft", False, ("tender", "cancel")),
        ("draft", True, ("tender", "cancel", "refund")),
        ("paid", True, ("cancel", "refund")),
        ("written", True, ("print",)),
        ("cancelled", True, ()),
        ("reversed", True, ()),
    ],
)
def test_the_buttons_of_an_order_without_a_card(state, paid, expected):
    assert transitions.actions(state, [], paid, card=False) == expected


@pytest.mark.parametrize("state", ORDER_STATES)
@pytest.mark.parametrize("outcome", ATTEMPT_STATES)
@pytest.mark.parametrize("is_last", [True, False])
def test_only_the_last_and_written_attempt_reverses_a_written_order(state, outcome, is_last):
    event = transitions.reversal_event(state, outcome, is_last)
    assert event == ("reverse" if (state, outcome, is_last) == ("written", "written", True) else None)
    if event:
        assert transitions.derive(state, ["written"], event) == "reversed"
