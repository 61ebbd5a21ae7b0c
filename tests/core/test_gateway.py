"""Payments at a gateway: whatever comes, in any order and number, money is booked once, and only money."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prepaid_core import cis_secrets, gateway, gateway_payments, tokens
from prepaid_core.gateway_payments import CANCELLED, DONE, DRAFT, OPEN, PENDING

KEY = "a-key-that-both-sides-have-0123456789abc"
NOW = datetime(2026, 5, 3, 12, 0)


def signed(typ=gateway.NOTICE, claims=None, merchant="m", key=KEY):
    return gateway.sign(typ, claims or {"order": {"reference": "r", "state": "closed"}}, merchant, key)


UNSIGNED = ".".join(map(tokens.b64u, (b'{"alg":"none","kid":"m","typ":"pay-notice+jwt"}', b"{}", b"")))


@pytest.mark.parametrize(
    ("message", "typ", "merchant"),
    [
        (signed(key=KEY[::-1]), gateway.NOTICE, "m"),
        (signed(merchant="other"), gateway.NOTICE, "m"),
        (signed(gateway.ANSWER), gateway.NOTICE, "m"),
        (signed()[:-2], gateway.NOTICE, "m"),
        ("", gateway.NOTICE, "m"),
        (None, gateway.NOTICE, "m"),
        (
            tokens.b64u(b'{"alg":"none","kid":"m","typ":"pay-notice+jwt"}') + "." + tokens.b64u(b"{}") + ".",
            gateway.NOTICE,
            "m",
        ),
    ],
)
def test_what_is_not_genuine_is_not_read(message, typ, merchant):
    with pytest.raises(gateway.Unreadable):
        gateway.verify(message, typ, merchant, KEY)


def test_a_genuine_message_is_read():
    claims = gateway.verify(signed(), gateway.NOTICE, "m", KEY)
    assert gateway.told_by(claims) == gateway.Told("r", "closed")
    assert gateway.merchant_of(signed()) == "m"


def test_a_short_key_signs_nothing():
    with pytest.raises(gateway.Unreadable):
        signed(key="short")


PAID = {"reference": "r", "state": "paid", "paid_amount": 1, "paid_currency": "CNY"}


@pytest.mark.parametrize(
    "order",
    [
        None,
        {},
        {"reference": "r"},
        {"reference": "", "state": "closed"},
        {"reference": "r", "state": "refunded"},
        {"reference": "r" * 65, "state": "closed"},
        {"reference": "r\n", "state": "closed"},
        {**PAID, "paid_amount": 0},
        {**PAID, "paid_amount": True},
        {**PAID, "paid_amount": "100"},
        {**PAID, "paid_amount": 10**13},
        {**PAID, "paid_currency": ""},
        {**PAID, "paid_currency": "cny"},
        {**PAID, "number": 7},
    ],
)
def test_what_is_not_in_the_contract_says_nothing(order):
    with pytest.raises(gateway.Unreadable):
        gateway.told_by({"order": order})


def test_a_gateways_key_is_its_own():
    environ = {"ELECTRICITY_PAYMENT_SECRET_CITY": KEY, "ELECTRICITY_PAYMENT_HOSTS_CITY": "pay.example"}
    secrets = cis_secrets.load("city", environ, None, cis_secrets.PAYMENT)
    assert secrets.password == KEY
    cis_secrets.check_released(secrets, "city", "https://pay.example/gateway", 1)
    for url in ("https://elsewhere.example/gateway", "https://pay.example:99999/gateway", "https://[pay.example/"):
        with pytest.raises(cis_secrets.NotReleased):
            cis_secrets.check_released(secrets, "city", url, 1)


class Peer:
    """A gateway that keeps the contract, but for a payment that it may take after it was closed."""

    def __init__(self):
        self.state = gateway.UNKNOWN

    def create(self):
        if self.state == gateway.UNKNOWN:
            self.state = gateway.WAITING

    def close(self):
        if self.state in (gateway.UNKNOWN, gateway.WAITING):
            self.state = gateway.CLOSED

    def pay(self, late=False):
        if self.state == gateway.WAITING or (late and self.state == gateway.CLOSED):
            self.state = gateway.PAID


EVENTS = st.lists(
    st.sampled_from(["create", "close", "pay", "pay_late", "hear", "hear_old", "refused"]), min_size=1, max_size=30
)


class Ours:
    """Our side: the state of the transaction, and how often money was booked."""

    def __init__(self):
        self.state, self.booked, self.reported = DRAFT, 0, []

    def hear(self, told):
        step = gateway_payments.after(self.state, told)
        assert step.book == (step.state == DONE and self.state != DONE)
        self.reported += [step.code] * bool(step.code)
        self.state = step.state
        self.booked += step.book


@given(EVENTS, st.data())
def test_in_any_order_and_number_what_was_paid_is_booked_once(events, data):
    peer, ours, said = Peer(), Ours(), []
    for event in events:
        if event == "hear_old" and said:
            # A notice, or an answer, that was on its way for long.
            ours.hear(data.draw(st.sampled_from(said)))
        elif event == "hear":
            ours.hear(peer.state)
        elif event == "refused" and ours.state == DRAFT and peer.state == gateway.UNKNOWN:
            ours.state = "error"
        elif event in ("create", "close", "pay", "pay_late"):
            {"create": peer.create, "close": peer.close, "pay": peer.pay, "pay_late": lambda: peer.pay(late=True)}[
                event
            ]()
            said.append(peer.state)
        assert ours.booked <= (peer.state == gateway.PAID)
    # Nobody ends it: its time goes by, and the cron asks until it knows.
    late = NOW + timedelta(minutes=10)
    for _each in range(3):
        if gateway_payments.next_call(ours.state, late, NOW) == gateway.CLOSE:
            peer.close()
        ours.hear(peer.state)
    assert ours.booked == (peer.state == gateway.PAID)
    assert ours.state in (DONE, CANCELLED, "error")
    assert ours.state not in OPEN


@pytest.mark.parametrize("state", [DRAFT, PENDING])
def test_it_is_asked_about_for_ever_ever_more_seldom(state):
    now, pauses = NOW, []
    for _each in range(60):
        following = gateway_payments.next_at(state, now, NOW, None)
        pauses.append(following - now)
        now = following
    assert pauses == sorted(pauses)
    assert pauses[-1] == gateway_payments.LATEST


def test_a_closed_one_is_looked_at_once_more_and_a_paid_one_never():
    assert gateway_payments.next_at(CANCELLED, NOW, NOW, NOW) == NOW + gateway_payments.AFTERCARE
    assert gateway_payments.next_at(CANCELLED, NOW + gateway_payments.AFTERCARE, NOW, NOW) is None
    assert gateway_payments.next_at(DONE, NOW, NOW, NOW) is None
    assert gateway_payments.next_at(CANCELLED, NOW + gateway_payments.AFTERCARE, NOW, NOW, is_answered=False) > NOW


def test_it_is_closed_only_after_its_time():
    assert gateway_payments.next_call(PENDING, NOW, NOW) == gateway.QUERY
    assert gateway_payments.next_call(PENDING, NOW + gateway_payments.GRACE, NOW) == gateway.CLOSE
    assert gateway_payments.next_call(CANCELLED, NOW + gateway_payments.GRACE, NOW) == gateway.QUERY
