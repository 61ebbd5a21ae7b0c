"""The service's door: who may call, which messages are understood, and what is served to others who build callers."""

from __future__ import annotations

import http.client
import json
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from simulators.cis.client import CisClient
from simulators.cli import main
from simulators.client import BenchRefused, BenchUnreachable

from .conftest import ACCOUNT, NS, PASSWORD, SOAP, USER, WSDL, envelope, message, token

QUERY = message("QueryPayment", ("serial", "SERIAL-0001"))


# -- WS-Security -------------------------------------------------------------------------------------------------------


def stamp(seconds: float) -> str:
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat(timespec="seconds").replace("+00:00", "Z")


# Made when the test runs: a token is good for minutes, and the collection may be longer ago.
@pytest.mark.parametrize(
    "header",
    [
        lambda: "",
        lambda: token(password="another"),
        lambda: token(user="another"),
        lambda: token(kind="#PasswordText"),
        lambda: token(created=stamp(-400)),
        lambda: token(created=stamp(400)),
        lambda: token(created="yesterday"),
        lambda: token(nonce=b""),
        lambda: token().replace("<w:Nonce>", "<w:Nonce>*"),
    ],
    ids=["none", "password", "user", "text", "old", "future", "no date", "no nonce", "no base64"],
)
@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_a_call_without_a_good_token_is_refused_and_not_worked_on(cis, caller, header, version):
    reply = caller.send(envelope(QUERY, version, header()), version)
    assert reply.status == (500 if version == "1.1" else 400)
    assert etree.QName(reply.body).localname == "Fault"
    assert b"wsse:" in reply.content
    assert "QueryPayment" not in cis.client.books()["calls"]


def test_a_token_is_good_once(caller):
    content = envelope(QUERY)
    assert caller.send(content).code == "1003"
    again = caller.send(content)
    assert again.body.findtext("faultcode") == "wsse:FailedAuthentication"


def test_a_token_with_fractions_and_an_offset_is_good(caller):
    created = datetime.now(UTC).astimezone().isoformat()
    assert caller.send(envelope(QUERY, header=token(created=created))).code == "1003"


# -- messages ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", ["1.1", "1.2"])
@pytest.mark.parametrize(
    ("body", "field"),
    [
        (message("QueryArrears", ("accountNo", "12")), "accountNo"),
        (message("QueryArrears", ("account", "100000000101")), "account"),
        (message("Nothing"), "Nothing"),
        ('<QueryArrears xmlns="urn:another"/>', "QueryArrears"),
    ],
)
def test_a_message_that_is_not_the_contract_s_is_answered_by_1006(caller, body, field, version):
    reply = caller.send(envelope(body, version), version)
    assert reply.fault_code == "1006"
    assert reply.root.findtext(f".//{{{NS}}}field") == field


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        envelope(QUERY)[:-20],
        b'<!DOCTYPE s [<!ENTITY x "y">]>' + envelope(QUERY),
        envelope(QUERY + QUERY),
        envelope(""),
    ],
    ids=["empty", "no xml", "cut", "dtd", "two", "none"],
)
def test_what_is_no_message_is_answered_by_1006(caller, content):
    assert caller.send(content).fault_code == "1006"


def test_another_soap_version_and_an_unknown_header_are_said_so(caller):
    mismatch = caller.send(envelope(QUERY, "1.2"), "1.1")
    assert mismatch.body.findtext("faultcode") == "soap:VersionMismatch"
    header = f'{token()}<x xmlns="urn:x" xmlns:s="{SOAP["1.1"]}" s:mustUnderstand="1"/>'
    assert caller.send(envelope(QUERY, header=header)).body.findtext("faultcode") == "soap:MustUnderstand"


def test_an_action_must_be_the_operation_s(caller):
    reply = caller.send(envelope(QUERY), headers={"SOAPAction": f'"{NS}:QueryPayment"'})
    assert reply.code == "1003"
    assert caller.send(envelope(QUERY), headers={"SOAPAction": f'"{NS}:SubmitPayment"'}).fault_code == "1006"


def test_http_errors_before_soap(caller):
    connection = caller.connect()
    for method, path, headers, status in [
        ("POST", "/soap", {"Content-Type": "application/json"}, 415),
        ("POST", "/elsewhere", {"Content-Type": "text/xml"}, 404),
        ("GET", "/soap", {}, 404),
    ]:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == status
    connection.putrequest("POST", "/soap")
    connection.putheader("Content-Length", str(10**9))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_a_connection_serves_many_calls_also_in_chunks(caller):
    connection = caller.connect()
    for _each in range(3):
        assert caller.send(envelope(QUERY), connection=connection).code == "1003"
    content = envelope(QUERY)
    headers = {"Content-Type": "text/xml"}
    connection.request("POST", "/soap", iter([content[:50], content[50:]]), headers, encode_chunked=True)
    assert b"1003" in connection.getresponse().read()
    connection.close()


# -- the contract ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("port", ["Soap11", "Soap12"])
def test_zeep_builds_itself_from_the_served_wsdl(cis, caller, port):
    client = zeep.Client(
        f"{cis.soap.url}/soap?wsdl", port_name=port, wsse=UsernameToken(USER, PASSWORD, use_digest=True)
    )
    assert client.service._binding_options["address"] == f"{cis.soap.url}/{port.lower().replace('11', '')}"
    answer = client.service.QueryArrears(accountNo=ACCOUNT)
    assert (answer.result.code, str(answer.arrears.total)) == ("1001", "91.50")
    with pytest.raises(zeep.exceptions.Fault) as fault:
        client.service.QueryArrears(accountNo="1")
    assert fault.value.detail.findtext(f".//{{{NS}}}code") == "1006"


# -- TLS ---------------------------------------------------------------------------------------------------------------


def test_a_client_certificate_may_be_demanded(start):
    made = start(tls=True, require_client=True)
    with pytest.raises((ssl.SSLError, ConnectionError, http.client.HTTPException)):
        made.caller.send(envelope(QUERY))
    made.caller._tls.load_cert_chain(made.authority.folder / "client.pem", made.authority.folder / "client.key")
    assert made.caller.send(envelope(QUERY)).code == "1003"


def test_a_caller_that_trusts_only_the_web_s_authorities_refuses_the_service(start):
    made = start(tls=True)
    made.caller._tls = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        made.caller.send(envelope(QUERY))


def test_a_silent_connection_keeps_nobody_else_waiting(start):
    made = start(tls=True)
    plain = http.client.HTTPConnection("127.0.0.1", made.soap.port, timeout=10)
    plain.connect()
    assert made.caller.send(envelope(QUERY)).code == "1003"
    plain.close()


def test_a_wsdl_over_tls_names_https(start):
    made = start(tls=True)
    transport = Transport()
    # Or the machine's own list of authorities would be taken.
    transport.session.trust_env = False
    transport.session.verify = str(made.authority.ca_file)
    client = zeep.Client(f"{made.soap.url}/soap?wsdl", transport=transport)
    assert client.service._binding_options["address"] == f"{made.soap.url}/soap"


# -- control and command line ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "members"),
    [
        ("customers", {"customers": [{"name": "nobody"}]}),
        ("customers", {"customers": [{"account_no": "1", "shoe": 44}]}),
        ("customers", {"customers": [{"account_no": "1", "refusal": "9999"}]}),
        ("customers", {"customers": [{"account_no": "1", "meter_no": "200000000101"}]}),
        ("now", {"moment": "noon"}),
        ("now", {"advance": "1"}),
        ("bill", {"receivable_id": "B", "account_no": "9", "month": "2026-01", "amount": 1}),
        ("reverse-by-hand", {"serial": "A", "original_serial": "B"}),
        ("book-by-hand", {"payment": {"serial": "A"}}),
        ("explode", {}),
    ],
)
def test_bad_control_calls_are_refused_with_a_reason(cis, action, members):
    with pytest.raises(BenchRefused, match="[a-z]"):
        cis.client.do(action, **members)


def test_reset_forgets_the_books(cis, caller):
    caller.pay()
    cis.client.fault("html")
    cis.client.reset()
    books = cis.client.books()
    assert (books["customers"], books["payments"], books["faults"], books["events"]) == ([], [], [], [])


def test_the_client_says_how_to_start_one():
    with pytest.raises(BenchUnreachable, match="python -m simulators cis"):
        CisClient("http://127.0.0.1:1").books()


def test_serve_wants_a_password_and_keeps_its_books(tmp_path, monkeypatch, capsys):
    root = Path(__file__).parents[3]
    options = ["cis", "--state", str(tmp_path), "--contract", str(WSDL), "--port", "0", "--soap-port", "0"]
    monkeypatch.delenv("ELECTRICITY_CIS_SECRET_DEMO", raising=False)
    assert main(options) == 1
    assert "ELECTRICITY_CIS_SECRET_DEMO" in capsys.readouterr().err
    monkeypatch.setenv("ELECTRICITY_CIS_SECRET_DEMO", PASSWORD)
    command = [sys.executable, "-m", "simulators", *options]
    for names in ([], ["Li Wei"]):
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True) as process:
            client = CisClient(process.stdout.readline().split()[-1])
            assert [each["name"] for each in client.books()["customers"]] == names
            client.put_customers({"account_no": ACCOUNT, "name": "Li Wei"})
            process.kill()
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in content
    assert json.dumps(PASSWORD) not in capsys.readouterr().out
