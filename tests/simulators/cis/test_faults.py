"""What goes wrong on demand: what the caller sees on the wire, and what the books hold afterwards."""

from __future__ import annotations

import http.client
import socket
import ssl

import pytest
from lxml import etree
from stack.processes import wait_until

from simulators.cis import codes
from simulators.cis.faults import KINDS, OPERATIONS
from simulators.client import BenchRefused

from .conftest import ACCOUNT, NS, envelope, message

# Operation -> a call of it.
PLAIN = {
    "QueryCustomer": (("by", "account"), ("number", ACCOUNT)),
    "QueryArrears": (("accountNo", ACCOUNT),),
    "QueryPayment": (("serial", "SERIAL-0001"),),
    "ListCustomerChanges": (("since", "2000-01-01T00:00:00Z"), ("page", "1")),
}
_XML = {"Content-Type": "text/xml"}


def booked(cis) -> list[str]:
    return [each["serial"] for each in cis.client.records()["payment"]]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_code_can_be_answered_to_every_operation(cis, caller, operation):
    special = {"SubmitPayment": caller.pay, "ReversePayment": caller.reverse, "Reconcile": caller.reconcile}
    call = special.get(operation) or (lambda: caller.call(operation, *PLAIN[operation]))
    for code in codes.WORDS:
        cis.client.fault("answer", operation=operation, code=code)
        assert call().code == code
    assert (booked(cis), cis.client.armed()) == ([], [])


def test_a_code_may_come_after_the_work_was_done(cis, caller):
    cis.client.fault("answer", code="1002", booked=True)
    reply = caller.pay()
    assert (reply.code, reply.text("booking/serial")) == ("1002", None)
    assert booked(cis) == ["SERIAL-0001"]


@pytest.mark.parametrize(("kind", "after"), [("timeout_before", []), ("timeout_after", ["SERIAL-0001"])])
def test_a_timeout_says_nothing_about_the_books(cis, caller, kind, after):
    cis.client.fault(kind, operation="SubmitPayment")
    with pytest.raises(TimeoutError):
        caller.pay(timeout=0.3)
    assert booked(cis) == after
    assert caller.pay().code == ("11004" if after else "1001")


def test_clearing_lets_a_held_call_go(cis, caller):
    cis.client.fault("timeout_before")
    connection = caller.connect()
    connection.request("POST", "/soap", envelope(message("QueryPayment", ("serial", "SERIAL-0001"))), _XML)
    wait_until(lambda: not cis.client.armed(), 10, "the fault to be met")
    cis.client.clear_faults()
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()


def test_a_slow_answer_is_a_good_one(cis, caller):
    cis.client.fault("slow", seconds=0.05)
    assert caller.pay().code == "1001"


def test_a_late_booking_comes_when_the_clock_has_gone_on(cis, caller):
    cis.client.fault("late", serial="SERIAL-0001", minutes=3, seconds=0)
    with pytest.raises(http.client.RemoteDisconnected):
        caller.pay()
    assert (booked(cis), caller.query().code) == ([], "1003")
    cis.client.advance(180)
    assert booked(cis) == ["SERIAL-0001"]
    assert caller.pay().code == "11004"


def test_a_late_booking_after_the_same_serial_came_again_books_nothing_more(cis, caller):
    cis.client.fault("late", seconds=0)
    with pytest.raises(http.client.RemoteDisconnected):
        caller.pay()
    assert caller.pay().code == "1001"
    assert cis.client.book_late() == 1
    assert booked(cis) == ["SERIAL-0001"]


def test_a_late_reversal(cis, caller):
    caller.pay()
    cis.client.fault("late", operation="ReversePayment", seconds=0)
    with pytest.raises(http.client.RemoteDisconnected):
        caller.reverse()
    assert caller.query().text("reversal/serial") is None
    cis.client.book_late()
    assert caller.query().text("reversal/serial") == "REVERSAL-01"


def test_a_late_booking_finds_its_day_reconciled(cis, caller):
    cis.client.fault("late", minutes=60 * 48, seconds=0)
    with pytest.raises(http.client.RemoteDisconnected):
        caller.pay()
    cis.client.advance(24 * 3600)
    assert caller.reconcile().code == "1001"
    assert cis.client.book_late() == 1
    assert booked(cis) == []


@pytest.mark.parametrize("is_booked", [False, True])
def test_a_reset_connection(cis, caller, is_booked):
    cis.client.fault("reset", booked=is_booked)
    with pytest.raises(ConnectionResetError) as error:
        caller.pay()
    # Not the quiet end of a connection, which is a subclass.
    assert error.type is ConnectionResetError
    assert bool(booked(cis)) is is_booked


@pytest.mark.parametrize(("kind", "status"), [("http_500", 500), ("html", 200)])
def test_a_page_in_the_answer_s_place(cis, caller, kind, status):
    cis.client.fault(kind)
    reply = caller.send(envelope(message("QueryPayment", ("serial", "SERIAL-0001"))))
    assert (reply.status, b"<html>" in reply.content) == (status, True)


def test_a_truncated_answer(cis, caller):
    cis.client.fault("truncated")
    with pytest.raises(http.client.IncompleteRead):
        caller.pay()
    assert booked(cis) == ["SERIAL-0001"]


@pytest.mark.parametrize("kind", ["wrong_encoding", "two_envelopes"])
def test_an_answer_that_is_no_xml(cis, caller, kind):
    cis.client.fault(kind)
    reply = caller.send(envelope(message("QueryPayment", ("serial", "SERIAL-0001"))))
    with pytest.raises(etree.XMLSyntaxError):
        _ = reply.root
    assert reply.status == 200


def test_an_answer_that_comes_twice_on_one_connection(cis, caller):
    cis.client.fault("duplicate_answer")
    content = envelope(message("QueryPayment", ("serial", "SERIAL-0001")))
    head = f"POST /soap HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: {len(content)}\r\n\r\n"
    received = b""
    with socket.create_connection(("127.0.0.1", caller.port), timeout=10) as connection:
        connection.sendall(head.encode() + content)
        while received.count(b"</soap:Envelope>") < 2:
            received += connection.recv(65_536)
    first, second = received[: len(received) // 2], received[len(received) // 2 :]
    assert first == second
    assert first.startswith(b"HTTP/1.1 200 OK")


def test_another_serial_is_echoed_while_ours_is_booked(cis, caller):
    cis.client.fault("other_serial")
    assert caller.pay().text("booking/serial") not in (None, "SERIAL-0001")
    assert booked(cis) == ["SERIAL-0001"]


def test_bombs_and_external_entities_do_nothing_to_a_careful_caller(cis, caller):
    query = message("QueryPayment", ("serial", "SERIAL-0001"))
    cis.client.fault("entity_bomb")
    bomb = caller.send(envelope(query))
    assert b"<!ENTITY lol9" in bomb.content
    with pytest.raises(etree.XMLSyntaxError, match="amplification"):
        _ = bomb.root
    cis.client.fault("external_entity")
    outside = caller.send(envelope(query))
    assert cis.soap.service.canary.encode() in outside.content
    assert outside.root is not None
    assert cis.client.fetches() == 0


def test_a_fetch_of_the_external_entity_is_counted(cis):
    cis.client._call("/api/canary")
    assert cis.client.fetches() == 1


def test_a_huge_answer(cis, caller):
    cis.client.fault("huge", bytes=3_000_000)
    reply = caller.send(envelope(message("QueryPayment", ("serial", "SERIAL-0001"))))
    assert len(reply.content) == 3_000_000
    assert reply.code == "1003"


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_typed_fault(cis, caller, version):
    cis.client.fault("fault", code="1013")
    reply = caller.pay(version=version)
    assert (reply.status, reply.fault_code) == (500, "1013")
    assert caller.contract.complaint(reply.body.find(f".//{{{NS}}}ServiceFault")) is None
    assert booked(cis) == []


def test_one_file_of_a_page_breaks_the_contract_and_the_next_page_is_whole(cis, caller):
    cis.client.put_customers({"account_no": "330100999998"}, {"account_no": "330100999999"})
    ask = PLAIN["ListCustomerChanges"]
    cis.client.fault("unreadable_file", file=2, numbered=False)
    caller.query()
    spoilt = caller.send(envelope(message("ListCustomerChanges", *ask)))
    assert caller.contract.complaint(spoilt.body)
    told = [each.text for each in spoilt.body.iter(f"{{{NS}}}accountNo")]
    assert (len(told), told.count("?"), told[1]) == (3, 1, "?")
    assert caller.call("ListCustomerChanges", *ask).code == "1001"


def test_a_fault_of_one_operation_is_armed_for_no_other(cis):
    for kind in ("unreadable_file", "late"):
        with pytest.raises(BenchRefused):
            cis.client.fault(kind, operation="QueryArrears")


def test_faults_meet_only_the_calls_they_were_armed_for(cis, caller):
    cis.client.fault("answer", operation="SubmitPayment", serial="SERIAL-0002", code="1002")
    assert caller.query("SERIAL-0002").code == "1003"
    assert caller.pay().code == "1001"
    assert caller.pay("SERIAL-0002", purchaseCount="3").code == "1002"
    cis.client.fault("answer", account=ACCOUNT, times=2, code="1013")
    answers = [caller.call("QueryArrears", ("accountNo", ACCOUNT)).code for _each in range(3)]
    assert answers == ["1013", "1013", "1001"]
    armed = cis.client.fault("answer", times=None)
    for _each in range(3):
        assert caller.query().code == "1002"
    cis.client.do("clear-faults", fault=armed["id"])
    assert caller.query().code == "1001"


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("certificate_expired", "expired"),
        ("certificate_other_host", "mismatch"),
        ("certificate_stranger", "issuer"),
    ],
)
def test_a_wrong_certificate_is_shown_to_the_next_connection(start, kind, reason):
    made = start(tls=True)
    kept = made.caller.connect()
    body = (("serial", "SERIAL-0001"),)
    assert made.caller.call("QueryPayment", *body, connection=kept).code == "1003"
    made.client.fault(kind)
    # The connection that was there is closed: a pool must not hide the certificate.
    with pytest.raises((ConnectionError, ssl.SSLEOFError)):
        made.caller.call("QueryPayment", *body, connection=kept)
    with pytest.raises(ssl.SSLCertVerificationError) as error:
        made.caller.call("QueryPayment", *body)
    assert reason in str(error.value)
    assert made.caller.call("QueryPayment", *body).code == "1003"


@pytest.mark.parametrize(
    "members",
    [
        {"kind": "burn"},
        {"kind": "slow", "seconds": "5"},
        {"kind": "slow", "bytes": 5},
        {"kind": "answer", "code": "9999"},
        {"kind": "answer", "operation": "Pay"},
        {"kind": "reset", "booked": 1},
        {"kind": "reset", "times": 0},
        {"kind": "late", "operation": "QueryPayment"},
        {"kind": "certificate_expired", "serial": "SERIAL-0001"},
    ],
)
def test_unknown_faults_are_refused_with_a_reason(cis, members):
    with pytest.raises(BenchRefused, match="[a-z]"):
        cis.client.fault(**members)
    assert cis.client.armed() == []


def test_every_kind_can_be_armed(cis):
    for kind in KINDS:
        assert cis.client.fault(kind)["kind"] == kind
