"""A marketing system in this process, called by raw HTTP."""

from __future__ import annotations

import base64
import hashlib
import http.client
import os
import ssl
import threading
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from lxml import etree

from simulators.cis.books import Books
from simulators.cis.certificates import Authority
from simulators.cis.client import CisClient
from simulators.cis.contract import Contract
from simulators.cis.control import ControlServer
from simulators.cis.security import Guard
from simulators.cis.service import Service
from simulators.cis.soap_server import SoapServer

WSDL = Path(__file__).parents[3] / "addons" / "electricity_prepaid" / "cis" / "wsdl"
NS = "urn:prepaid-electricity:marketing:1"
SOAP = {"1.1": "http://schemas.xmlsoap.org/soap/envelope/", "1.2": "http://www.w3.org/2003/05/soap-envelope"}
TYPES = {"1.1": "text/xml; charset=utf-8", "1.2": "application/soap+xml; charset=utf-8"}
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
USER, PASSWORD = "kiosk-test", "a password of the tests"
ACCOUNT, METER, CARD = "100000000101", "200000000101", "000000000101"
DAY = date(2026, 3, 4)
BATCH = "C01-20260304"


def token(password=PASSWORD, user=USER, nonce=None, created=None, kind="#PasswordDigest") -> str:
    """A WS-Security header."""
    nonce = os.urandom(16) if nonce is None else nonce
    created = created or datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()
    return (
        f'<w:Security xmlns:w="{OASIS}wssecurity-secext-1.0.xsd" xmlns:u="{OASIS}wssecurity-utility-1.0.xsd">'
        f"<w:UsernameToken><w:Username>{user}</w:Username>"
        f'<w:Password Type="{OASIS}username-token-profile-1.0{kind}">{digest}</w:Password>'
        f"<w:Nonce>{base64.b64encode(nonce).decode()}</w:Nonce><u:Created>{created}</u:Created>"
        "</w:UsernameToken></w:Security>"
    )


def envelope(body: str, version: str = "1.1", header: str | None = None) -> bytes:
    """A whole request."""
    header = token() if header is None else header
    text = f'<s:Envelope xmlns:s="{SOAP[version]}"><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>'
    return text.encode()


def message(operation: str, *parts: tuple) -> str:
    """A message of the contract; a part is a name with a text or with parts of its own."""

    def write(name, content):
        if content is None:
            return ""
        inner = content if isinstance(content, str) else "".join(write(*each) for each in content)
        return f"<{name}>{inner}</{name}>"

    inner = "".join(write(*each) for each in parts)
    return f'<{operation} xmlns="{NS}">{inner}</{operation}>'


class Reply:
    """What came back over the wire."""

    def __init__(self, status: int, content: bytes) -> None:
        self.status, self.content = status, content

    @property
    def root(self) -> etree._Element:
        """The envelope, parsed as a careful caller does."""
        return etree.fromstring(self.content, etree.XMLParser(resolve_entities=False, no_network=True))

    @property
    def body(self) -> etree._Element:
        """The element in the body."""
        return self.root[0][0]

    def text(self, path: str) -> str | None:
        """Text below the body, such as ``result/code``."""
        return self.body.findtext("/".join(f"{{{NS}}}{name}" for name in path.split("/")))

    @property
    def code(self) -> str | None:
        """Result code of an answer."""
        return self.text("result/code")

    @property
    def fault_code(self) -> str | None:
        """Code in the typed detail of a fault."""
        return self.root.findtext(f".//{{{NS}}}ServiceFault/{{{NS}}}code")


class Caller:
    """Calls one marketing system by raw HTTP; nothing of a SOAP library is between."""

    def __init__(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        self.port, self._tls = port, tls
        self.contract = Contract(WSDL)

    def connect(self, timeout: float = 10) -> http.client.HTTPConnection:
        """A new connection."""
        if self._tls:
            return http.client.HTTPSConnection("localhost", self.port, timeout=timeout, context=self._tls)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def send(self, content: bytes, version="1.1", connection=None, timeout=10, headers=None) -> Reply:
        """Send a whole request."""
        path = "/soap" if version == "1.1" else "/soap12"
        made = connection or self.connect(timeout)
        try:
            made.request("POST", path, content, {"Content-Type": TYPES[version], **(headers or {})})
            answer = made.getresponse()
            return Reply(answer.status, answer.read())
        finally:
            if connection is None:
                made.close()

    def call(self, operation: str, *parts: tuple, version="1.1", **options) -> Reply:
        """Call an operation; an answer that is none of the contract's fails the test."""
        reply = self.send(envelope(message(operation, *parts), version), version, **options)
        if etree.QName(reply.body).localname != "Fault":
            assert self.contract.complaint(reply.body) is None
        return reply

    def pay(self, serial="SERIAL-0001", amount="100.00", allocations=(), version="1.1", timeout=10, **members) -> Reply:
        """SubmitPayment for the test's customer; members that are None are left out."""
        values = {
            "serial": serial,
            "accountNo": ACCOUNT,
            "accountingDate": DAY.isoformat(),
            "kind": "energy",
            "method": "cash",
            "channel": "counter",
            "operator": "clerk",
            "amount": amount,
            "allocation": None,
            "energy": "150.00",
            "purchaseCount": "2",
            "reconciliationBatch": BATCH,
            **members,
        }
        parts = []
        for name, value in values.items():
            parts.append((name, value))
            if name == "allocation":
                parts += [("allocation", (("receivableId", bill), ("amount", part))) for bill, part in allocations]
        return self.call("SubmitPayment", ("payment", tuple(parts)), version=version, timeout=timeout)

    def pay_arrears(self, serial="SERIAL-0001", amount="10.00", allocations=(), **members) -> Reply:
        """SubmitPayment for arrears alone."""
        values = {"kind": "arrears", "energy": None, "purchaseCount": None, **members}
        return self.pay(serial, amount, allocations, **values)

    def reverse(self, serial="REVERSAL-01", original="SERIAL-0001", day=DAY, operator="clerk") -> Reply:
        """ReversePayment."""
        return self.call(
            "ReversePayment",
            ("serial", serial),
            ("originalSerial", original),
            ("accountingDate", day.isoformat()),
            ("operator", operator),
            ("reason", "test"),
        )

    def query(self, serial="SERIAL-0001") -> Reply:
        """QueryPayment."""
        return self.call("QueryPayment", ("serial", serial))

    def reconcile(self, records=(), day=DAY, page=1, pages=1, count=None, total=None) -> Reply:
        """Reconcile; a record is (serial, amount) or (serial, amount, original serial)."""
        count = len(records) if count is None else count
        total = sum(round(float(each[1]) * 100) for each in records) / 100 if total is None else total
        parts = [
            (
                "record",
                (
                    ("serial", serial),
                    ("originalSerial", original[0] if original else None),
                    ("accountNo", ACCOUNT),
                    ("amount", amount),
                ),
            )
            for serial, amount, *original in records
        ]
        head = (("accountingDate", day.isoformat()), ("batch", BATCH), ("count", str(count)), ("total", f"{total:.2f}"))
        return self.call("Reconcile", *head, ("page", str(page)), ("pages", str(pages)), *parts)


@pytest.fixture
def start(tmp_path):
    """Start marketing systems: ``start(tls=False, require_client=False)`` → its parts and a caller."""
    running = []

    def make(tls=False, require_client=False):
        authority = Authority(tmp_path / "tls", require_client) if tls else None
        books = Books(tmp_path / "state")
        service = Service(Contract(WSDL), books, Guard(USER, PASSWORD))
        soap = SoapServer(service, 0, authority)
        control = ControlServer(soap, 0)
        servers = [soap, control]
        threads = [threading.Thread(target=server.serve_forever, args=(0.02,)) for server in servers]
        for thread in threads:
            thread.start()
        running.append((servers, threads, books))
        context = ssl.create_default_context(cafile=authority.ca_file) if authority else None
        client = CisClient(f"http://127.0.0.1:{control.port}")
        caller = Caller(soap.port, context)
        return SimpleNamespace(soap=soap, control=control, client=client, caller=caller, authority=authority)

    yield make
    for servers, threads, books in running:
        for server in servers:
            server.shutdown()
        for thread in threads:
            thread.join()
        for server in servers:
            server.server_close()
        books.close()


@pytest.fixture
def cis(start):
    """A marketing system on the test's day with the test's customer, who owes for two months."""
    made = start()
    made.client.set_now(f"{DAY}T12:00:00")
    made.client.put_customers(
        {
            "account_no": ACCOUNT,
            "name": "Li Wei",
            "address": "12 Minzu Avenue",
            "meter_no": METER,
            "card_no": CARD,
            "old_cards": ["000000000099"],
            "last_count": 1,
            "bills": [
                {"receivable_id": "B-2026-01", "month": "2026-01", "amount": 5000, "late_fee": 150},
                {"receivable_id": "B-2026-02", "month": "2026-02", "amount": 4000},
            ],
        }
    )
    return made


@pytest.fixture
def caller(cis) -> Caller:
    return cis.caller
