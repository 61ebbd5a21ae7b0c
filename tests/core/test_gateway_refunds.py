"""Refunds at a gateway: whatever comes, in any order and number, what was paid back is booked once, and only that."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import codes, gateway, gateway_refunds
from prepaid_core.gateway_refunds import APPROVED, OPEN, PAID, REFUSED, SENT, WITHDRAWN

NOW = datetime(2026, 5, 3, 12, 0)
DONE = {"reference": "r", "state": "refunded", "refunded_amount": 1, "refunded_currency": "CNY"}


@pytest.mark.parametrize(
    "refund",
    [
        None,
        {},
        {"reference": "r"},
        {"reference": "", "state": "refused"},
        {"reference": "r", "state": "paid"},
        {"reference": "r", "state": "closed"},
        {"reference": "r\n", "state": "refused"},
        {"reference": "r", "state": "refused", "reason": "w" * 65},
        {**DONE, "refunded_amount": 0},
        {**DONE, "refunded_amount": -1},
        {**DONE, "refunded_amount": True},
        {**DONE, "refunded_amount": "100"},
        {**DONE, "refunded_amount": 10**13},
        {**DONE, "refunded_currency": "cny"},
        {**DONE, "number": 7},
    ],
)
def test_what_is_not_in_the_contract_says_nothing(refund):
    with pytest.raises(gateway.Unreadable):
        gateway.refund_told_by({"refund": refund})


def test_a_refund_is_told():
    assert gateway.refund_told_by({"refund": DONE}) == gateway.RefundTold("r", "refunded", amount=1, currency="CNY")


class Peer:
    """A gateway that keeps the contract, but for a refund that it may pay after it refused it."""

    def __init__(self):
        self.state, self.on_its_way = gateway.UNKNOWN, []

    def take(self, valid_until, now):
        """A question to pay back arrives; one that is too old does nothing. Return whether it was taken."""
        if self.state == gateway.UNKNOWN and now <= valid_until + gateway_refunds.GRACE / 2:
            self.state = gateway.REFUND_PENDING
        return self.state != gateway.UNKNOWN

    def end(self, state):
        if self.state == gateway.REFUND_PENDING or (self.state == gateway.REFUSED and state == gateway.REFUNDED):
            self.state = state


class Ours:
    """Our side: the state of the refund, what is held, and how often it was booked."""

    def __init__(self):
        self.state, self.told, self.error, self.unheard_at, self.is_on = APPROVED, None, None, None, True
        self.questions, self.valid_until, self.held, self.booked = 0, None, True, 0

    def next_call(self):
        return gateway_refunds.next_call(self.state, self.told, self.error, self.is_on)

    def take_back(self):
        """People end it, where that is allowed."""
        if gateway_refunds.may_be_taken_back(self.state, self.unheard_at, self.valid_until):
            self.state, self.held = WITHDRAWN, False

    def send(self, now):
        """Note the question before it leaves."""
        self.state, self.questions, self.told = SENT, self.questions + 1, None
        self.valid_until = now + gateway_refunds.VALID

    def step(self, step):
        assert step.release == (self.held and step.state not in OPEN)
        self.held &= not step.release
        self.booked += step.book
        self.state = step.state

    def hear(self, told, now):
        self.told = told
        self.unheard_at = now if told == gateway.UNKNOWN else None
        hopeless = gateway_refunds.is_hopeless(self.error, now, self.valid_until)
        self.step(gateway_refunds.after(self.state, told, hopeless))

    def hear_error(self, word):
        self.error = word
        self.step(gateway_refunds.after_error(self.state, self.questions))


JOBS = ["job", "job_lost", "job_no_answer", "job_error"]
EVENTS = st.lists(
    st.sampled_from([*JOBS, "arrives_late", "pay", "refuse", "hours", "switch", "take_back"]),
    min_size=1,
    max_size=40,
)


def job(peer, ours, event, now):
    """Ask as the job does; the question or its answer may be lost, or refused by a gateway that is out of order."""
    call = ours.next_call()
    if ours.state in (PAID, WITHDRAWN) or not call:
        return
    if call == gateway.REFUND_QUERY:
        if event == "job":
            ours.hear(peer.state, now)
        return
    ours.send(now)
    if event == "job_error":
        ours.hear_error("not_now")
        return
    if event == "job_lost":
        peer.on_its_way.append(ours.valid_until)
        return
    peer.take(ours.valid_until, now)
    if event == "job":
        ours.hear(peer.state, now)


@given(EVENTS)
def test_in_any_order_and_number_what_was_paid_back_is_booked_once(events):
    peer, ours, now = Peer(), Ours(), NOW
    for event in events:
        now += timedelta(seconds=30)
        if event.startswith("job"):
            job(peer, ours, event, now)
        elif event == "arrives_late" and peer.on_its_way:
            peer.take(peer.on_its_way.pop(), now)
        elif event == "hours":
            now += timedelta(hours=2)
        elif event in ("pay", "refuse"):
            peer.end(gateway.REFUNDED if event == "pay" else gateway.REFUSED)
        elif event == "switch":
            ours.is_on = not ours.is_on
        elif event == "take_back":
            ours.take_back()
        assert ours.booked <= (peer.state == gateway.REFUNDED)
        assert ours.held == (ours.state in OPEN)
        if not ours.held and not ours.booked:
            # It was let go: nothing that is still on its way may pay it any more, but for the gateway's own fault.
            may_come = [valid for valid in peer.on_its_way if now <= valid + gateway_refunds.GRACE / 2]
            assert peer.state != gateway.REFUND_PENDING
            assert peer.state != gateway.UNKNOWN or not may_come
    # Nobody interferes any more: the bank decides, and the job asks until it knows.
    peer.on_its_way.clear()
    ours.is_on = True
    for _each in range(4):
        now += timedelta(hours=1)
        peer.end(gateway.REFUNDED)
        job(peer, ours, "job", now)
    assert ours.booked == (peer.state == gateway.REFUNDED)
    assert ours.state in (PAID, REFUSED, WITHDRAWN)
    assert not ours.held


@pytest.mark.parametrize("is_heard_last", [True, False])
def test_what_a_gateway_never_hears_of_while_the_provider_is_off_can_be_taken_back_and_nothing_sooner(is_heard_last):
    ours, now = Ours(), NOW
    ours.send(now)
    ours.is_on = False
    until = now + gateway_refunds.VALID + gateway_refunds.GRACE
    while now < until:
        ours.take_back()
        assert ours.state == SENT
        assert ours.next_call() == gateway.REFUND_QUERY
        ours.hear(gateway.UNKNOWN, now)
        now += timedelta(minutes=1)
    ours.hear(gateway.UNKNOWN if is_heard_last else gateway.REFUND_PENDING, now)
    ours.take_back()
    assert (ours.state, ours.held) == ((WITHDRAWN, False) if is_heard_last else (SENT, True))


def test_a_question_after_the_word_that_it_is_not_known_makes_it_uncertain_again():
    unheard_at = NOW + gateway_refunds.VALID + gateway_refunds.GRACE
    assert gateway_refunds.may_be_taken_back(SENT, unheard_at, NOW + gateway_refunds.VALID)
    assert not gateway_refunds.may_be_taken_back(SENT, unheard_at, unheard_at + gateway_refunds.VALID)


@pytest.mark.parametrize("state", [PAID, REFUSED, WITHDRAWN])
def test_what_has_ended_is_not_taken_back(state):
    assert not gateway_refunds.may_be_taken_back(state, NOW + timedelta(days=1), NOW)


@pytest.mark.parametrize(
    ("state", "told", "error", "call", "call_while_off"),
    [
        (APPROVED, None, None, gateway.REFUND, None),
        (SENT, None, None, gateway.REFUND_QUERY, gateway.REFUND_QUERY),
        (SENT, gateway.REFUND_PENDING, None, gateway.REFUND_QUERY, gateway.REFUND_QUERY),
        (SENT, gateway.UNKNOWN, None, gateway.REFUND, gateway.REFUND_QUERY),
        (SENT, gateway.UNKNOWN, "not_now", gateway.REFUND_QUERY, gateway.REFUND_QUERY),
        (REFUSED, gateway.REFUSED, None, gateway.REFUND_QUERY, gateway.REFUND_QUERY),
        (REFUSED, gateway.UNKNOWN, None, gateway.REFUND_QUERY, gateway.REFUND_QUERY),
        (WITHDRAWN, gateway.UNKNOWN, None, gateway.REFUND_QUERY, gateway.REFUND_QUERY),
    ],
)
def test_it_is_asked_for_again_only_while_the_gateway_knows_nothing_of_it(state, told, error, call, call_while_off):
    assert gateway_refunds.next_call(state, told, error) == call
    assert gateway_refunds.next_call(state, told, error, is_on=False) == call_while_off


def test_a_refusal_lets_the_money_go_and_says_so_once():
    step = gateway_refunds.after(SENT, gateway.REFUSED)
    assert step == gateway_refunds.Step(REFUSED, release=True, code=codes.A_REFUND_REFUSED)
    assert gateway_refunds.after(REFUSED, gateway.REFUSED) == gateway_refunds.Step(REFUSED)


@pytest.mark.parametrize("ended", [REFUSED, WITHDRAWN])
def test_paid_back_after_it_had_ended_is_booked_and_reported(ended):
    step = gateway_refunds.after(ended, gateway.REFUNDED)
    assert step == gateway_refunds.Step(PAID, book=True, code=codes.A_REFUND_LATE)


@pytest.mark.parametrize("ended", [REFUSED, WITHDRAWN])
@pytest.mark.parametrize(
    ("told_before", "told", "code"),
    [
        (gateway.REFUSED, gateway.REFUND_PENDING, codes.A_REFUND_COMING),
        (gateway.UNKNOWN, gateway.REFUND_PENDING, codes.A_REFUND_COMING),
        (None, gateway.REFUND_PENDING, codes.A_REFUND_COMING),
        (gateway.REFUND_PENDING, gateway.REFUND_PENDING, None),
        (gateway.REFUND_PENDING, gateway.REFUSED, codes.A_REFUND_REFUSED),
        (gateway.REFUND_PENDING, gateway.UNKNOWN, None),
        (gateway.UNKNOWN, gateway.UNKNOWN, None),
        (gateway.UNKNOWN, gateway.REFUSED, None),
    ],
)
def test_on_its_way_after_it_had_ended_is_reported_once_and_so_is_its_end(ended, told_before, told, code):
    assert gateway_refunds.after(ended, told, told_before=told_before) == gateway_refunds.Step(ended, code=code)


@pytest.mark.parametrize("state", OPEN)
def test_on_its_way_is_nothing_to_report_while_the_balance_holds_it(state):
    step = gateway_refunds.after(state, gateway.REFUND_PENDING, told_before=gateway.UNKNOWN)
    assert step == gateway_refunds.Step(state)


@pytest.mark.parametrize("told", gateway.REFUND_STATES)
def test_what_was_paid_back_stays_so(told):
    assert gateway_refunds.after(PAID, told, hopeless=True) == gateway_refunds.Step(PAID)


def test_an_error_ends_only_what_no_earlier_question_can_have_made():
    assert gateway_refunds.after_error(SENT, 1).release
    assert gateway_refunds.after_error(SENT, 2) == gateway_refunds.Step(SENT)
    late = NOW + gateway_refunds.VALID + gateway_refunds.GRACE
    assert not gateway_refunds.is_hopeless("not_now", late - timedelta(seconds=1), NOW + gateway_refunds.VALID)
    assert gateway_refunds.is_hopeless("not_now", late, NOW + gateway_refunds.VALID)
    assert not gateway_refunds.is_hopeless(None, late, NOW + gateway_refunds.VALID)


def test_it_is_asked_about_for_ever_ever_more_seldom_and_a_paid_one_never():
    now, pauses = NOW, []
    for _each in range(60):
        following = gateway_refunds.next_at(SENT, now, NOW, None)
        pauses.append(following - now)
        now = following
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(hours=1)
    assert gateway_refunds.next_at(PAID, NOW, NOW, NOW) is None


@pytest.mark.parametrize("ended", [REFUSED, WITHDRAWN])
def test_one_that_has_ended_is_looked_at_once_more(ended):
    after = NOW + gateway_refunds.AFTERCARE
    assert gateway_refunds.next_at(ended, NOW, NOW, NOW) == after
    assert gateway_refunds.next_at(ended, after, NOW, NOW) is None
    assert gateway_refunds.next_at(ended, after, NOW, NOW, is_answered=False) > after
