"""Answers that are not answers: each is refused with the kind that says what to do, and none is taken for a booking."""

import gzip
import time
import tracemalloc
import zlib

import pytest
from prepaid_addon.cis import Settings, connect
from prepaid_addon.core.cis_types import PaymentAnswer, Unreachable

from tests.cis import samples
from tests.cis.peers import CONTENT_TYPES, ENVELOPES, Standard, enveloped, fault
from tests.cis.server import XML, Reply, hang_up, reset

GOOD = Standard().answer("SubmitPayment", PaymentAnswer(samples.OK, samples.BOOKING))
LIMIT = 200_000


@pytest.fixture
def submit(server):
    """Submit a payment that is answered by a reply (or a function of the request); return the answer or the error."""

    def run(reply, **options):
        server.answer = reply if callable(reply) else lambda _request: reply
        options = {"max_bytes": LIMIT, "log": lambda record: None, **options}
        try:
            return connect(Settings("standard", server.url, **options)).submit_payment(samples.PAYMENT)
        except Unreachable as error:
            return error

    return run


def kind(found):
    assert isinstance(found, Unreachable), found
    # Something answered, so the message had left: whatever came back, it may be booked.
    assert found.sent
    return found.kind


def with_doctype(doctype, content=""):
    return Reply(GOOD.replace(b"?>", b"?>" + doctype.encode(), 1).replace(b">YX-1<", f">{content}<".encode()))


def test_an_ordinary_answer_is_taken(submit):
    assert submit(Reply(GOOD)) == PaymentAnswer(samples.OK, samples.BOOKING)


BOMB = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))


@pytest.mark.parametrize(
    ("doctype", "content"),
    [
        ('<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]>', "&x;"),
        ('<!DOCTYPE e SYSTEM "http://127.0.0.1:9/x.dtd">', ""),
        ('<!DOCTYPE e [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>', ""),
        (f'<!DOCTYPE e [<!ENTITY l0 "lol">{BOMB}]>', "&l9;"),
        ("<!DOCTYPE e>", ""),
    ],
    ids=["file", "external DTD", "parameter entity", "billion laughs", "empty DTD"],
)
def test_document_types_and_entities_are_refused_unread(submit, doctype, content):
    assert kind(submit(with_doctype(doctype, content))) == "unsafe"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-7", "utf-32"])
def test_a_document_type_does_not_hide_in_another_encoding(submit, encoding):
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><e>&x;</e>'
    )
    assert kind(submit(Reply(text.encode(encoding)))) in ("unreadable", "unsafe")


def test_processing_instructions_are_refused(submit):
    assert kind(submit(Reply(GOOD.replace(b"?>", b"?><?xml-stylesheet href='http://127.0.0.1:9/'?>", 1)))) == "unsafe"


def test_deep_nesting_is_refused(submit):
    assert kind(submit(Reply(b"<a>" * 5000 + b"</a>" * 5000))) in ("unsafe", "unreadable")
    assert kind(submit(Reply(b"<a>" * 30 + b"</a>" * 30))) == "unsafe"


def test_a_great_many_elements_are_refused(submit):
    assert kind(submit(Reply(b"<a>" + b"<b/>" * 300_000 + b"</a>"), max_bytes=10_000_000)) == "unsafe"


def test_a_huge_answer_is_refused_when_it_is_announced(submit):
    announced = Reply(GOOD, length=10**12)
    assert kind(submit(announced)) == "too_large"


def test_an_endless_answer_is_cut_off(submit):
    def endless(request):
        handler = request.handler
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            handler.wfile.write(b"4000\r\n" + b" " * 0x4000 + b"\r\n")

    assert kind(submit(endless)) == "too_large"


def test_a_packed_answer_is_read(submit):
    assert submit(Reply(gzip.compress(GOOD), headers=(("Content-Encoding", "gzip"),))).booking == samples.BOOKING


def test_a_packed_bomb_is_not_unpacked(submit):
    pack = zlib.compressobj(9, wbits=31)
    bomb = b"".join(pack.compress(b" " * 2**20) for _megabyte in range(300)) + pack.flush()
    tracemalloc.start()
    found = submit(Reply(bomb, headers=(("Content-Encoding", "gzip"),)), max_bytes=2_000_000)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kind(found) == "too_large"
    assert peak < 20_000_000


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"not gzip", headers=(("Content-Encoding", "gzip"),)),
        Reply(gzip.compress(GOOD)[:-20], headers=(("Content-Encoding", "gzip"),)),
        Reply(gzip.compress(GOOD) + gzip.compress(GOOD), headers=(("Content-Encoding", "gzip"),)),
        Reply(GOOD, headers=(("Content-Encoding", "br"),)),
        Reply(b"<html><body>Please log in</body></html>", content_type="text/html"),
        Reply(GOOD, content_type="text/html"),
        Reply(GOOD, content_type=None),
        Reply(b"<html><body>Please log in</body></html>"),
        Reply(b""),
        Reply(GOOD[: len(GOOD) // 2]),
        Reply(GOOD + b"<more/>"),
        Reply(GOOD.replace(b">YX-1<", ">电力<".encode("gbk"))),
        Reply(GOOD.replace(b"utf-8", b"gbk", 1).replace(b"UTF-8", b"gbk", 1)),
        Reply(GOOD, content_type="text/xml; charset=gbk"),
        Reply(GOOD.replace(b"Envelope", b"Letter")),
        Reply(GOOD.replace(ENVELOPES["1.1"].encode(), ENVELOPES["1.2"].encode())),
        Reply(GOOD.replace(b"SubmitPaymentResponse", b"QueryPaymentResponse")),
    ],
    ids=[
        "no gzip",
        "cut gzip",
        "two gzips",
        "brotli",
        "HTML",
        "HTML header",
        "no type",
        "HTML as XML",
        "empty",
        "half",
        "trailing element",
        "GBK bytes",
        "GBK declared",
        "GBK header",
        "no envelope",
        "other SOAP version",
        "other operation",
    ],
)
def test_what_cannot_be_read_is_unreadable(submit, reply):
    assert kind(submit(reply)) == "unreadable"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(GOOD.replace(b"<code>1001</code>", b"")),
        Reply(GOOD.replace(b">1001<", b">done<")),
        Reply(GOOD.replace(b">100.00<", b">100.001<")),
        Reply(GOOD.replace(b">100.00<", b">1E2<")),
        Reply(GOOD.replace(b">100.00<", b">NaN<")),
        Reply(GOOD.replace(b"+00:00", b"")),
        Reply(GOOD.replace(b"2026-11-25T01:02:03+00:00", b"0001-01-01T00:00:00+08:00")),
        Reply(GOOD.replace(b"2026-11-25T01:02:03+00:00", b"9999-12-31T23:59:59-05:00")),
        Reply(GOOD.replace(b"<marketingSerial>", b"<unknown/><marketingSerial>")),
        Reply(enveloped(Standard().tell_SubmitPayment(PaymentAnswer(samples.OK)))),
    ],
    ids=[
        "no code",
        "word as code",
        "a tenth of a cent",
        "exponent",
        "not a number",
        "moment without offset",
        "moment before all time",
        "moment after all time",
        "unknown element in the middle",
        "booked without booking",
    ],
)
def test_content_that_cannot_be_right_is_invalid(submit, reply):
    assert kind(submit(reply)) == "invalid"


@pytest.mark.parametrize(
    ("told", "meant"),
    [(b">PAY-000000000001<", b">PAY-000000000002<"), (b">330100123456<", b">330100654321<"), (b">100.00<", b">99.00<")],
    ids=["serial", "account", "amount"],
)
def test_somebody_elses_booking_is_a_mismatch(submit, told, meant):
    assert kind(submit(Reply(GOOD.replace(told, meant)))) == "mismatch"


def test_what_a_later_version_adds_at_the_end_is_tolerated(submit):
    later = GOOD.replace(b"</booking>", b"<points>12</points></booking><campaign><name>New year</name></campaign>")
    assert submit(Reply(later)).booking == samples.BOOKING


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(submit, server, status):
    elsewhere = Reply(b"", status=status, headers=(("Location", server.url),))
    assert kind(submit(elsewhere)) == "http"
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [201, 202, 400, 401, 403, 404, 500, 502, 503, 504])
@pytest.mark.parametrize("body", [b"", b"<html/>", GOOD], ids=["nothing", "HTML", "a booking"])
def test_another_status_without_a_fault_is_no_answer(submit, status, body):
    assert kind(submit(Reply(body, status=status))) == "http"


@pytest.mark.parametrize("soap", ["1.1", "1.2"])
class TestFaults:
    def told(self, submit, soap, content, status=500):
        return submit(Reply(content, status=status, content_type=CONTENT_TYPES[soap]), soap=soap)

    @pytest.mark.parametrize("status", [200, 400, 500])
    def test_not_understood_is_an_answer(self, submit, soap, status):
        content = fault("Client", soap, {"code": "1006", "message": "no such field", "field": "amount"})
        answer = self.told(submit, soap, content, status)
        assert (answer.result.code, answer.result.message) == ("1006", "no such field: amount")
        assert answer.booking is None

    @pytest.mark.parametrize("detail", [None, {"code": "1013"}, {"code": "1001"}])
    @pytest.mark.parametrize("status", [200, 500])
    def test_every_other_fault_says_nothing_about_the_booking(self, submit, soap, detail, status):
        assert kind(self.told(submit, soap, fault("Server", soap, detail), status)) == "fault"

    def test_a_fault_of_another_interface_is_not_ours(self, submit, soap):
        foreign = fault("Client", soap, {"code": "1006"}).replace(b"prepaid-electricity", b"somebody-else")
        assert kind(self.told(submit, soap, foreign)) == "fault"


def test_an_answer_that_never_comes_is_a_timeout(submit):
    def late(request):
        time.sleep(1)
        return Reply(GOOD)

    assert kind(submit(late, timeouts={"submit_payment": 0.2})) == "timeout"


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5000\r\n\r\n"])
def test_a_trickle_does_not_stretch_the_time(submit, head):
    def trickle(request):
        request.handler.wfile.write(head)
        for letter in b"HTTP/1.1 200 OK" * 50:
            request.handler.wfile.write(bytes([letter]))
            time.sleep(0.05)
        hang_up(request)

    assert kind(submit(trickle, timeouts={"submit_payment": 0.5})) == "timeout"


@pytest.mark.parametrize("end", [hang_up, reset])
def test_a_broken_connection_is_unknown(submit, server, end):
    assert kind(submit(end)) == "connection"
    assert len(server.requests) == 1


def test_a_connection_that_breaks_within_the_answer_is_unknown(submit):
    assert kind(submit(Reply(GOOD[:-30], length=len(GOOD)))) == "connection"


def test_a_content_type_with_parameters_is_xml(submit):
    assert submit(Reply(GOOD, content_type='Text/XML; charset="UTF-8"; action="x"')).booking == samples.BOOKING
    assert XML.startswith("text/xml")
