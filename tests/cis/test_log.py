"""What is logged of a call: enough to follow it, and never what must stay secret, whatever comes back."""

import base64
import dataclasses
import re

import pytest
from prepaid_addon.cis import Settings, connect
from prepaid_addon.core import cis_types as types
from prepaid_addon.core.cis_types import Unreachable
from stack import logs

from tests.cis import samples
from tests.cis.peers import Cents, Standard, fault
from tests.cis.server import Reply, hang_up

PASSWORD = logs.plant("planted-password-5f2c", "the password of a marketing system")
METER, CARD = (logs.plant(each, "a customer's number") for each in ("440000111222", "9988776655443322"))
FILE = types.CustomerFile(
    account_no=samples.ACCOUNT,
    name="Planted Zhang",
    address="Planted Road 8",
    phone="13800138000",
    status="active",
    category="residential",
    regime="card",
    meter_no=METER,
    card_no=CARD,
    reason=types.Result("1037", "Planted Zhang owes"),
    last_count=41,
)
PRIVATE = (samples.ACCOUNT, METER, CARD, "Planted", "13800138000", PASSWORD)
BOOKED = types.PaymentAnswer(samples.OK, samples.BOOKING)
STANDARD, CENTS = Standard(), Cents()


def settings(server, **options):
    return Settings(options.pop("adapter", "standard"), server.url, username="pos-7", password=PASSWORD, **options)


def secrets_of(request):
    """Return what was in the token of a message, besides the user's name."""
    text = request.body.decode()
    return [re.search(rf"<[^>]*{name}[^>]*>([^<]+)<", text)[1] for name in ("Password", "Nonce")]


@pytest.fixture
def records():
    return []


def test_every_call_leaves_one_record(server, records):
    server.answer = lambda request: Reply(STANDARD.answer("SubmitPayment", BOOKED))
    connect(settings(server, log=records.append)).submit_payment(samples.PAYMENT)
    (record,) = records
    assert record.pop("ms") > 0
    assert record.pop("bytes_out") > record.pop("bytes_in") > 0
    assert record == {
        "operation": "submit_payment",
        "serial": samples.PAYMENT.serial,
        "number": "***3456",
        "outcome": "answered",
        "code": "1001",
        "sent": True,
    }


def test_a_call_without_an_answer_leaves_its_reason(server, records):
    server.answer = hang_up
    with pytest.raises(Unreachable):
        connect(settings(server, log=records.append)).query_payment("PAY-000000000001")
    (record,) = records
    assert (record["operation"], record["outcome"], record["sent"]) == ("query_payment", "connection", True)


def test_somebody_elses_answer_is_not_logged_as_one(server, records):
    other = dataclasses.replace(samples.BOOKING, serial="PAY-000000000002")
    server.answer = lambda request: Reply(STANDARD.answer("SubmitPayment", types.PaymentAnswer(samples.OK, other)))
    with pytest.raises(Unreachable):
        connect(settings(server, log=records.append)).submit_payment(samples.PAYMENT)
    assert [record["outcome"] for record in records] == ["mismatch"]


@pytest.mark.parametrize("adapter", ["standard", "cents"])
def test_messages_are_kept_with_people_and_numbers_masked(server, records, adapter):
    peer = STANDARD if adapter == "standard" else CENTS
    operation = "QueryCustomer" if adapter == "standard" else "getConsumer"
    server.answer = lambda request: Reply(peer.answer(operation, types.CustomerAnswer(samples.OK, FILE)))
    connect(settings(server, adapter=adapter, messages=True, log=records.append)).query_customer("card", CARD)
    (record,) = records
    assert "***3322" in record["request"]
    assert "***3322" in record["answer"]
    assert "***1222" in record["answer"]
    assert re.search(r"(lastCount>|buyTimes=\")41\b", record["answer"])
    assert not [each for each in PRIVATE if each in str(record)]
    assert "Password" not in record["request"]


ECHOES = {
    "booked": lambda text, request: STANDARD.answer("SubmitPayment", BOOKED),
    "fault": lambda text, request: fault("Server").replace(b"told by the test", text),
    "our fault": lambda text, request: fault("Server", detail={"code": "1013", "message": text.decode()}),
    "fault code": lambda text, request: fault("Server").replace(b"s:Server", b"s:" + text[:60]),
    "not XML": lambda text, request: b"<html>" + text,
    "cut": lambda text, request: request.body[:-40],
    "the message itself": lambda text, request: request.body,
    "document type": lambda text, request: b"<!DOCTYPE " + text + b"><a/>",
    "unknown element": lambda text, request: STANDARD.answer("SubmitPayment", BOOKED).replace(
        b"<booking>", b"<unknown>" + text + b"</unknown><booking>"
    ),
    "late element": lambda text, request: STANDARD.answer("SubmitPayment", BOOKED).replace(
        b"</booking>", b"</booking><unknown>" + text + b"</unknown>"
    ),
    "number": lambda text, request: STANDARD.answer("SubmitPayment", BOOKED).replace(b">100.00<", b">" + text + b"<"),
    "day": lambda text, request: STANDARD.answer("SubmitPayment", BOOKED).replace(b">2026-11-25<", b">" + text + b"<"),
    "serial": lambda text, request: STANDARD.answer("SubmitPayment", BOOKED).replace(
        b">PAY-000000000001<", b">330100123456<"
    ),
    "not understood": lambda text, request: fault("Client", detail={"code": "1006", "message": text.decode()}),
}


@pytest.mark.parametrize("messages", [False, True])
@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_no_logger_gets_a_secret_whatever_the_other_side_sends_back(server, everything_logged, echo, messages):
    def answer(request):
        text = " ".join([*secrets_of(request), *PRIVATE]).encode()
        return Reply(echo(text, request))

    server.answer = answer
    try:
        connect(settings(server, messages=messages)).submit_payment(samples.PAYMENT)
    except Unreachable as error:
        told = str(error)
    else:
        told = ""
    logged = everything_logged()
    (digest, nonce) = secrets_of(server.requests[0])
    forbidden = [*PRIVATE, digest, nonce, base64.b64encode(PASSWORD.encode()).decode()]
    assert samples.PAYMENT.serial in logged
    assert not [each for each in forbidden if each in logged + told]


@pytest.mark.parametrize("header", ["Content-Type", "Content-Encoding", "X-Echo", "Location"])
def test_no_logger_gets_a_secret_from_a_header(server, everything_logged, header):
    def answer(request):
        echo = (header, " ".join([*secrets_of(request), *PRIVATE]))
        kind = None if header == "Content-Type" else "text/xml"
        return Reply(b"<a/>", content_type=kind, headers=(echo,))

    server.answer = answer
    with pytest.raises(Unreachable) as caught:
        connect(settings(server)).submit_payment(samples.PAYMENT)
    logged = everything_logged() + str(caught.value)
    assert not [each for each in [*PRIVATE, *secrets_of(server.requests[0])] if each in logged]


def test_every_message_has_a_token_of_its_own(server):
    server.answer = lambda request: Reply(STANDARD.answer("SubmitPayment", BOOKED))
    system = connect(settings(server, log=lambda record: None))
    for _call in range(3):
        system.submit_payment(samples.PAYMENT)
    bodies = [request.body for request in server.requests]
    assert not [body for body in bodies if PASSWORD.encode() in body]
    assert len({tuple(secrets_of(request)) for request in server.requests}) == 3
    assert all(b"#PasswordDigest" in body and b"Created>" in body for body in bodies)


def test_without_a_user_name_there_is_no_token(server):
    server.answer = lambda request: Reply(STANDARD.answer("SubmitPayment", BOOKED))
    bare = dataclasses.replace(settings(server), username="", log=lambda record: None)
    connect(bare).submit_payment(samples.PAYMENT)
    assert b"Security" not in server.requests[0].body
