"""The rules of the outbox, one by one."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from prepaid_core import cis_delivery as delivery
from prepaid_core import cis_results, codes
from prepaid_core.cis_delivery import Standing
from prepaid_core.cis_types import (
    BookedAnswer,
    Booking,
    Payment,
    PaymentAnswer,
    Result,
    Reversal,
    ReversalAnswer,
    ReversalBooking,
    Unreachable,
)

DAY = date(2026, 5, 3)
AT = datetime(2026, 5, 3, 9, 0, tzinfo=UTC)
PAYMENT = Payment("R0000000001", "100000000001", DAY, "energy", "cash", "counter", "T-1", 10000, "20260503-1")
REVERSAL = Reversal("V0000000001", PAYMENT.serial, DAY, "T-1", "wrong amount")
BOOKING = Booking(PAYMENT.serial, PAYMENT.account_no, PAYMENT.amount, DAY, "M-1", AT)
BOOKED_REVERSAL = ReversalBooking(REVERSAL.serial, PAYMENT.serial, PAYMENT.amount, DAY, "M-2", AT)
FRESH = Standing("payment")
SENT = Standing("payment", tried=True)
UNKNOWN = Standing("payment", "unknown", tried=True, uncertain=True, failures=1)
BACK = Standing("reversal")
BACK_UNKNOWN = Standing("reversal", "unknown", tried=True, uncertain=True, failures=1)
BOOKED = Standing("payment", "done", tried=True)


def submitted(code, booking=None, message=FRESH):
    return delivery.after(message, delivery.SUBMIT, PaymentAnswer(Result(code), booking), PAYMENT)


def asked(code, booking=None, reversal=None, message=UNKNOWN, follows=None):
    if message.kind == "reversal":
        follows = REVERSAL
    return delivery.after(message, delivery.QUERY, BookedAnswer(Result(code), booking, reversal), PAYMENT, follows)


def reversed_(code, reversal=None, message=BACK):
    return delivery.after(message, delivery.REVERSE, ReversalAnswer(Result(code), reversal), PAYMENT, REVERSAL)


# -- what to do next


def test_a_fresh_payment_is_submitted():
    assert delivery.next_step(FRESH) == delivery.SUBMIT


def test_an_unknown_outcome_is_asked_for_before_anything_is_sent_again():
    assert delivery.next_step(UNKNOWN) == delivery.QUERY
    assert delivery.next_step(UNKNOWN, followed=True) == delivery.QUERY


def test_a_payment_that_never_left_is_withdrawn_with_its_reversal():
    assert delivery.next_step(FRESH, followed=True) == delivery.WITHDRAW


def test_a_payment_that_was_tried_is_sent_until_it_is_known_although_it_will_be_taken_back():
    assert delivery.next_step(SENT, followed=True) == delivery.SUBMIT


@pytest.mark.parametrize(
    ("payment", "step"),
    [
        (BOOKED, delivery.REVERSE),
        (Standing("payment", "withdrawn"), delivery.WITHDRAW),
        (Standing("payment", "refused", tried=True), delivery.WITHDRAW),
        (Standing("payment", "refused", tried=True, uncertain=True), delivery.WAIT),
        (Standing("payment", "dispute", tried=True), delivery.WAIT),
        (Standing("payment", "queued", tried=True), delivery.WAIT),
        (UNKNOWN, delivery.WAIT),
    ],
)
def test_a_reversal_follows_its_payment(payment, step):
    assert delivery.next_step(BACK, payment) == step


def test_an_unknown_reversal_is_asked_for():
    assert delivery.next_step(BACK_UNKNOWN, BOOKED) == delivery.QUERY


def test_a_reversal_is_never_sent_before_its_payment_is_booked():
    for state, tried, uncertain in itertools.product(delivery.STATES, (False, True), (False, True)):
        for message in (BACK, BACK_UNKNOWN):
            step = delivery.next_step(message, Standing("payment", state, tried, uncertain))
            assert (step in (delivery.REVERSE, delivery.QUERY)) == (state == "done")


# -- no answer


@pytest.mark.parametrize(
    ("message", "step"), [(FRESH, delivery.SUBMIT), (UNKNOWN, delivery.QUERY), (BACK, delivery.REVERSE)]
)
def test_what_cannot_be_made_into_a_message_goes_to_people_and_no_doubt_is_lost(message, step):
    outcome = delivery.after(message, step, Unreachable("unsendable", sent=False), PAYMENT, REVERSAL)
    assert outcome.standing == replace(message, state="refused", failures=0)
    assert outcome.code == codes.M_UNSENDABLE
    assert cis_results.SETTLE_DONE in delivery.actions(outcome.standing, outcome.result)


@pytest.mark.parametrize("kind", ["timeout", "connection", "http", "unreadable", "fault", "mismatch", "too_large"])
@pytest.mark.parametrize(("message", "step"), [(FRESH, delivery.SUBMIT), (BACK, delivery.REVERSE)])
def test_no_answer_is_unknown_never_failed(kind, message, step):
    outcome = delivery.after(message, step, Unreachable(kind), PAYMENT, REVERSAL)
    assert outcome.standing == replace(message, state="unknown", tried=True, uncertain=True, failures=1)
    assert outcome.code == codes.M_NOT_CONFIRMED
    assert outcome.at_once


@pytest.mark.parametrize("message", [FRESH, SENT, UNKNOWN, BACK])
@pytest.mark.parametrize("step", [delivery.SUBMIT, delivery.QUERY, delivery.REVERSE])
def test_what_did_not_leave_changes_nothing(message, step):
    outcome = delivery.after(message, step, Unreachable("circuit", sent=False), PAYMENT, REVERSAL)
    assert outcome.standing == replace(message, failures=message.failures + 1)
    assert not outcome.at_once


def test_a_question_without_answer_leaves_it_unknown():
    outcome = delivery.after(UNKNOWN, delivery.QUERY, Unreachable("timeout"), PAYMENT)
    assert outcome.standing == replace(UNKNOWN, failures=2)


@pytest.mark.parametrize("step", [delivery.SUBMIT, delivery.REVERSE])
def test_a_worker_that_died_may_have_sent_it(step):
    message = FRESH if step == delivery.SUBMIT else BACK
    found = delivery.abandoned(delivery.leased(message, step))
    assert (found.state, found.tried, found.uncertain) == ("unknown", True, True)


def test_a_worker_that_died_before_it_was_to_send_leaves_it_as_it_was():
    assert delivery.abandoned(delivery.leased(FRESH, delivery.WITHDRAW)) == FRESH


# -- a payment was submitted


def test_a_booking_is_done():
    outcome = submitted("1001", BOOKING)
    assert outcome.standing.state == "done"
    assert outcome.found == BOOKING


def test_a_duplicate_of_our_own_is_done():
    assert submitted("11004", BOOKING).standing.state == "done"


@pytest.mark.parametrize("code", ["1001", "11004"])
@pytest.mark.parametrize(
    "other",
    [{"amount": 9999}, {"account_no": "100000000002"}, {"serial": "R0000000002"}],
)
def test_a_booking_with_another_content_is_a_dispute(code, other):
    outcome = submitted(code, replace(BOOKING, **other))
    assert outcome.standing.state == "dispute"
    assert outcome.code == codes.M_OTHER_CONTENT


@pytest.mark.parametrize("code", ["1001", "11004"])
def test_a_booking_that_is_not_shown_is_asked_for(code):
    assert submitted(code).standing.state == "unknown"


def state_of(operation, code):
    """Return what the table says a message becomes when an answer brings no record."""
    return {
        cis_results.OK: "unknown",
        cis_results.DUPLICATE: "unknown",
        cis_results.ABSENT: "dispute",
        cis_results.TAKEN_BACK: "unknown",
        cis_results.FAULT: "unknown",
        cis_results.REFUSED: "refused",
        cis_results.LATER: "queued",
    }[cis_results.meaning(operation, code)]


@pytest.mark.parametrize("code", [*cis_results.RESULTS, "9999"])
def test_every_code_moves_a_payment(code):
    outcome = submitted(code)
    assert outcome.standing.state == state_of(delivery.SUBMIT, code)
    assert outcome.standing.tried
    assert outcome.result == code
    assert outcome.standing.uncertain == (outcome.standing.state == "unknown")


@pytest.mark.parametrize("code", [*cis_results.RESULTS, "9999"])
def test_every_code_moves_a_reversal(code):
    outcome = reversed_(code)
    assert outcome.standing.state == state_of(delivery.REVERSE, code)
    assert outcome.result == code


@pytest.mark.parametrize("code", [*cis_results.RESULTS, "9999"])
@pytest.mark.parametrize("message", [UNKNOWN, BACK_UNKNOWN])
def test_a_question_is_answered_by_a_record_or_by_none_and_by_nothing_else(code, message):
    outcome = asked(code, message=message)
    expected = "unknown"
    if code == "1003":
        expected = "queued" if message.kind == "payment" else "dispute"
    assert outcome.standing.state == expected
    assert outcome.standing.uncertain


def test_a_doubt_outlives_a_refusal():
    assert submitted("1037", message=replace(UNKNOWN, state="queued")).standing.uncertain


# -- a payment was asked for


def test_no_record_sends_the_same_serial_again_at_once():
    outcome = asked("1003")
    assert outcome.standing == replace(UNKNOWN, state="queued")
    assert outcome.at_once
    assert delivery.next_step(outcome.standing, followed=True) == delivery.SUBMIT


def test_a_booking_that_is_found_is_done():
    assert asked("1001", BOOKING).standing.state == "done"


def test_a_booking_of_somebody_else_is_a_dispute():
    assert asked("1001", replace(BOOKING, amount=1)).code == codes.M_OTHER_CONTENT


def test_a_payment_that_somebody_took_back_there_is_a_dispute():
    outcome = asked("1001", BOOKING, BOOKED_REVERSAL)
    assert (outcome.standing.state, outcome.code) == ("dispute", codes.M_REVERSED_THERE)


def test_a_payment_that_our_own_reversal_took_back_is_done():
    assert asked("1001", BOOKING, BOOKED_REVERSAL, follows=REVERSAL).standing.state == "done"


# -- a reversal


@pytest.mark.parametrize("code", ["1001", "11004", "11007"])
def test_our_reversal_in_the_books_is_done(code):
    assert reversed_(code, BOOKED_REVERSAL).standing.state == "done"


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"serial": "V0000000009"}, codes.M_REVERSED_THERE),
        ({"original_serial": "R0000000009"}, codes.M_OTHER_CONTENT),
        ({"amount": 1}, codes.M_AMOUNT_DIFFERS),
    ],
)
def test_another_reversal_is_a_dispute(other, code):
    outcome = reversed_("11007", replace(BOOKED_REVERSAL, **other))
    assert (outcome.standing.state, outcome.code) == ("dispute", code)


def test_after_midnight_the_reversal_goes_to_the_work_list():
    outcome = reversed_("1015")
    assert (outcome.standing.state, outcome.code) == ("refused", codes.M_LATER_DAY)
    assert cis_results.BY_HAND in delivery.actions(outcome.standing, outcome.result)


def test_a_payment_that_vanished_is_a_dispute():
    assert reversed_("1003").code == codes.M_PAYMENT_VANISHED
    assert asked("1003", message=BACK_UNKNOWN).code == codes.M_PAYMENT_VANISHED


def test_a_reversal_that_is_asked_for_is_found_or_sent_again():
    assert asked("1001", BOOKING, BOOKED_REVERSAL, BACK_UNKNOWN).standing.state == "done"
    again = asked("1001", BOOKING, None, BACK_UNKNOWN)
    assert (again.standing.state, again.at_once) == ("queued", True)
    assert delivery.next_step(again.standing, BOOKED) == delivery.REVERSE


# -- waiting


def test_the_delay_grows_to_a_cap_and_never_ends():
    delays = [delivery.delay("R1", failures) for failures in range(1, 200)]
    assert all(timedelta(seconds=3) < each <= delivery.LONGEST_DELAY for each in delays)
    assert delays[4] > delays[0]
    assert min(delays[20:]) >= delivery.LONGEST_DELAY * 3 / 4


def test_the_delay_is_the_same_each_time_and_another_for_each_message():
    assert delivery.delay("R1", 3) == delivery.delay("R1", 3)
    assert len({delivery.delay(f"R{number}", 8) for number in range(50)}) > 40


# -- the work list


@pytest.mark.parametrize("state", delivery.WORK)
def test_whatever_lands_on_the_work_list_can_leave_it(state):
    for kind, code in itertools.product(delivery.KINDS, ["", "9999", *cis_results.RESULTS]):
        message = Standing(kind, state, tried=True)
        offered = delivery.actions(message, code)
        states = {delivery.after_action(message, action).state for action in offered}
        assert states & {*delivery.FINAL, *delivery.LIVE}, (kind, code)
        assert set(offered) <= set(cis_results.ACTIONS)


def test_what_is_over_offers_nothing():
    for state in delivery.FINAL:
        assert delivery.actions(Standing("payment", state), "1001") == ()


def test_what_was_never_tried_cannot_be_settled_by_hand():
    assert delivery.actions(FRESH, "") == ()


def test_a_refused_payment_of_doubt_can_be_asked_for():
    message = Standing("payment", "refused", tried=True, uncertain=True)
    assert cis_results.ASK_AGAIN in delivery.actions(message, "1037")


def test_every_code_of_the_table_speaks():
    for entry in cis_results.RESULTS.values():
        assert entry.meaning in cis_results.MEANINGS
        assert set(entry.other) <= set(cis_results.OPERATIONS)
        assert (entry.sentence in codes.CATALOGUE) or entry.id == "1001"


def test_a_number_that_nobody_knows_says_nothing_of_what_happened():
    assert cis_results.meaning(cis_results.SUBMIT, "4711") == cis_results.FAULT
    assert cis_results.result_of("4711").sentence == codes.M_CODE_UNKNOWN
