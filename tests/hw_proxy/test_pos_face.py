"""The face for the stock point of sale: who gets in, what is printed, what is not, and codes of the scanner."""

import asyncio
import base64
import io
import json
import os
import threading
import time

import httpx
import pytest
from PIL import Image

from hw_proxy.api.app import build
from hw_proxy.config import Config, Listen, Pos, Printer, Scanner, parse
from hw_proxy.errors import ConfigError, Refusal
from hw_proxy.pos import routes
from hw_proxy.pos.face import PosFace
from hw_proxy.pos.printer import ReceiptPrinter
from hw_proxy.pos.scanner import Scans
from tests.hw_proxy.pos_devices import CUT, PULSE, RASTER, FakePrinter, pty_pair

HOST = "127.0.0.1:8269"
ORIGIN = "https://pos.example.com"


def picture(width=400, height=60, kind="JPEG", mode="RGB", colour="black"):
    """An image as the point of sale sends it: base64 of a file."""
    file = io.BytesIO()
    Image.new(mode, (width, height), colour).save(file, kind)
    return base64.b64encode(file.getvalue()).decode()


@pytest.fixture
def device():
    made = FakePrinter()
    yield made
    made.close()


class Till:
    """The stock client, without a browser."""

    def __init__(self, face, config):
        self.face = face
        self.app = build(config, lambda: None, routes.build(face))

    def send(self, path, method="POST", content=None, **headers):
        values = {"Host": HOST, "Origin": ORIGIN, "Content-Type": "application/json"}
        values.update({name.replace("_", "-"): value for name, value in headers.items()})
        values = {name: value for name, value in values.items() if value is not None}

        async def request():
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", timeout=60) as client:
                return await client.request(method, f"/hw_proxy/{path}", content=content, headers=values)

        return asyncio.run(request())

    def call(self, name, **params):
        """The result of one JSON-RPC call, as the stock client makes it."""
        body = {"id": 7, "jsonrpc": "2.0", "method": "call", **({"params": params} if params else {})}
        answer = self.send(name, content=json.dumps(body))
        assert answer.status_code == 200, answer.text
        value = answer.json()
        assert (value["id"], value["jsonrpc"]) == (7, "2.0")
        return value["result"]

    def print(self, receipt, action="print_receipt"):
        return self.call("default_printer_action", data={"action": action, "receipt": receipt})


@pytest.fixture
def opened():
    """Make tills: ``opened(printer=None, scanner=None, enabled=True)``."""
    made = []

    def make(printer=None, scanner=None, enabled=True):
        config = Config(
            listen=Listen(origins=(ORIGIN,)),
            pos=Pos(enabled=enabled, max_body_bytes=200_000),
            printer=printer or Printer(),
            scanner=scanner or Scanner(),
        )
        till = Till(PosFace(config), config)
        made.append(till)
        return till

    yield make
    for till in made:
        till.face.close()


@pytest.fixture
def till(opened, device):
    return opened(Printer(kind="network", host="127.0.0.1", port=device.port))


# -- who gets in -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["hello", "status_json", "default_printer_action", "scanner"])
@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"Origin": "https://evil.example"}, "P-101"),
        ({"Origin": None}, "P-101"),
        ({"Origin": "null"}, "P-101"),
        ({"Host": "rebind.example:8269"}, "P-102"),
    ],
)
def test_another_site_gets_nothing(till, device, path, headers, code):
    method = "GET" if path == "hello" else "POST"
    answer = till.send(path, method, content=None if method == "GET" else b"{}", **headers)
    assert (answer.status_code, answer.json()["code"]) == (403, code)
    assert "access-control-allow-origin" not in answer.headers
    assert device.received == b""


def test_a_form_of_another_site_that_needs_no_preflight_is_refused(till):
    answer = till.send("default_printer_action", content=b"{}", Content_Type="text/plain")
    assert (answer.status_code, answer.json()["code"]) == (400, "P-104")


def test_it_is_off_unless_the_configuration_says_so(opened):
    till = opened(enabled=False)
    assert till.send("hello", "GET").status_code == 400
    assert till.send("status_json", content=b"{}").status_code == 503


def test_v1_still_needs_its_token(till):
    answer = till.send("../v1/status", content=b"{}")
    assert answer.json()["code"] == "P-111"
    assert till.send("%2e%2e/v1/status", content=b"{}").status_code in (404, 503)


def test_preflights_answer_get_and_post_on_its_addresses_only(till):
    for method, status in (("GET", 204), ("POST", 204), ("PUT", 400)):
        assert till.send("hello", "OPTIONS", Access_Control_Request_Method=method).status_code == status
    assert till.send("../v1/status", "OPTIONS", Access_Control_Request_Method="GET").status_code == 400


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
def test_a_malformed_body_is_refused(till, content):
    assert till.send("handshake", content=content).json()["code"] == "P-104"


def test_a_receipt_that_is_too_large_is_refused(till):
    answer = till.send("default_printer_action", content=b'{"x":"' + b"x" * 200_000 + b'"}')
    assert (answer.status_code, answer.json()["code"]) == (413, "P-105")


# -- printing --------------------------------------------------------------------------------------------------------


def test_the_drawer_is_never_opened(till, device):
    assert till.print(None, action="cashbox")["result"] is False
    assert till.print(None, action="open_cashbox")["result"] is False
    time.sleep(0.1)
    assert PULSE not in device.received


@pytest.mark.parametrize("receipt", [None, 5, "", "####", "aGVsbG8=", base64.b64encode(b"<svg/>").decode()])
def test_what_is_no_image_is_not_printed(till, device, receipt):
    assert till.print(receipt) == {"result": False, "code": "P-104"}
    assert device.received == b""


@pytest.mark.parametrize(("width", "height"), [(20_000, 2_000), (1, 10_001), (1_000, 6_001)])
def test_a_small_file_that_unfolds_to_a_giant_image_is_not_printed(till, device, width, height):
    assert till.print(picture(width, height, "PNG", "1", 0)) == {"result": False, "code": "P-104"}
    assert device.received == b""


def test_a_truncated_image_is_not_printed(till):
    whole = base64.b64decode(picture(400, 400))
    assert till.print(base64.b64encode(whole[:-300]).decode())["result"] is False


def test_a_printer_that_is_switched_off_is_said_to_be_so(till, device):
    device.close()
    assert till.print(picture()) == {"result": False, "code": "P-116"}


@pytest.mark.parametrize(("online", "paper"), [(0x1A, 0x72), (0x12, 0x72), (0x1A, 0x12)])
def test_no_paper_and_an_open_cover_print_nothing(till, device, online, paper):
    device.answers = {1: online, 4: paper}
    assert till.print(picture()) == {"result": False, "code": "P-116"}
    assert RASTER not in device.received
    assert till.call("status_json")["printer"]["status"] == "disconnected"


@pytest.mark.parametrize(
    ("sensors", "paper"), [(0x12, "enough"), (0x1E, "low"), (0x72, "out"), (0x7E, "out"), (None, None)]
)
def test_the_paper_is_shown_in_the_terminal_s_status(till, device, sensors, paper):
    device.answers = {1: 0x12, 4: sensors}
    till.face.printer.ask()
    (shown,) = [item.status() for item in till.face.devices()]
    assert (shown["kind"], shown["paper"]) == ("printer", paper)
    assert (shown["state"], shown["code"]) == (("fault", "P-116") if paper == "out" else ("ready", None))


def test_paper_near_its_end_still_prints(till, device):
    device.answers = {1: 0x12, 4: 0x1E}
    assert till.print(picture()) == {"result": True}


def test_a_scanner_is_shown_in_the_terminal_s_status(opened):
    master, name = pty_pair()
    till = opened(scanner=Scanner(device=name))
    wait(lambda: till.face.scanner.connected)
    assert [item.status()["state"] for item in till.face.devices()] == ["ready"]
    os.close(master)


def test_paper_that_ends_while_printing_is_reported(till, device):
    talk = iter([0x12, 0x72])
    device.answers = type("Answers", (), {"get": lambda _self, what: 0x12 if what == 1 else next(talk)})()
    assert till.print(picture()) == {"result": False, "code": "P-116"}
    assert RASTER in device.received


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_receipt_is_printed_once_and_cut(till, device, kind):
    assert till.print(picture(kind=kind)) == {"result": True}
    wait(lambda: CUT in device.received)
    assert device.received.count(RASTER) == 1
    assert device.received.count(b"\xff" * 50) >= 1
    assert till.call("status_json") == {"printer": {"status": "connected", "messages": []}}


def test_a_printer_that_never_answers_prints_all_the_same(till, device):
    device.answers = {}
    assert till.print(picture()) == {"result": True}
    wait(lambda: CUT in device.received)


def test_a_wide_receipt_is_made_to_fit(till, device):
    assert till.print(picture(2048, 400)) == {"result": True}
    wait(lambda: CUT in device.received)
    start = device.received.index(RASTER)
    assert int.from_bytes(device.received[start + 4 : start + 6], "little") == 512 // 8
    assert int.from_bytes(device.received[start + 6 : start + 8], "little") == 100


def test_what_is_transparent_stays_paper(till, device):
    assert till.print(picture(64, 64, "PNG", "RGBA", (0, 0, 0, 0))) == {"result": True}
    wait(lambda: CUT in device.received)
    assert b"\xff" * 8 not in device.received


def test_a_printer_that_blocks_is_left_alone_until_it_comes_back(tmp_path, monkeypatch):
    monkeypatch.setattr("hw_proxy.pos.printer._PATIENCE", 0.3)
    path = tmp_path / "lp0"
    os.mkfifo(path)
    printer = ReceiptPrinter(Printer(kind="file", device=str(path)))
    data = base64.b64decode(picture(512, 2000))
    started = time.monotonic()
    for _number in range(2):
        with pytest.raises(Refusal) as refusal:
            printer.print_image(data)
        assert refusal.value.code == "P-116"
    # Waiting for the device a second time would take 20 s.
    assert time.monotonic() - started < 18
    with open(path, "rb") as reader:
        while reader.read(65_536):
            pass
    got = b""

    def read():
        nonlocal got
        with open(path, "rb") as reader:
            got = reader.read()

    wait(lambda: not printer._left_behind.is_alive)
    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    printer.print_image(data)
    thread.join(5)
    assert RASTER in got
    printer.close()


def test_a_file_printer_gets_the_receipt(opened, tmp_path):
    path = tmp_path / "lp0"
    path.touch()
    till = opened(Printer(kind="file", device=str(path)))
    assert till.print(picture()) == {"result": True}
    assert CUT in path.read_bytes()


def test_a_serial_printer_is_asked_for_its_paper_and_prints(opened):
    master, name = pty_pair()
    got = bytearray()

    def talk():
        while True:
            try:
                data = os.read(master, 4096)
            except OSError:
                return
            if data.startswith(b"\x10\x04"):
                os.write(master, b"\x12")
            else:
                got.extend(data)

    threading.Thread(target=talk, daemon=True).start()
    till = opened(Printer(kind="serial", device=name, baud=115_200))
    assert till.print(picture()) == {"result": True}
    wait(lambda: CUT in got)
    assert RASTER in got


def test_without_a_printer_nothing_is_printed(opened):
    till = opened()
    assert till.print(picture()) == {"result": False, "code": "P-116"}
    assert till.call("status_json") == {}
    assert till.call("handshake") is True
    answer = till.send("hello", "GET")
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, ORIGIN)


def test_the_state_never_waits_for_the_device(till, device):
    device.deaf.set()
    started = time.monotonic()
    till.call("status_json")
    assert time.monotonic() - started < 0.5
    device.deaf.clear()


# -- the scanner -----------------------------------------------------------------------------------------------------


def wait(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_code_reaches_the_page_that_waits(opened):
    master, name = pty_pair()
    till = opened(scanner=Scanner(device=name))
    wait(lambda: till.face.scanner.connected)
    assert till.call("status_json")["scanner"]["status"] == "connected"
    heard = []
    till.face.scans.heard = heard.append
    threading.Timer(0.2, os.write, (master, b"2100000000012\r\n")).start()
    assert till.call("scanner") == "2100000000012"
    assert heard == ["2100000000012"], "a kiosk's page hears of it as well, once"


def test_noise_is_no_code_and_the_next_code_comes(opened):
    master, name = pty_pair()
    till = opened(scanner=Scanner(device=name))
    wait(lambda: till.face.scanner.connected)
    threading.Timer(0.2, os.write, (master, b"\r\n\x07\x1b\r" + b"9" * 5000 + b"\rgood\r")).start()
    assert till.call("scanner") == "good"


def test_the_largest_code_is_read_whole_and_one_byte_more_is_none(opened):
    master, name = pty_pair()
    till = opened(scanner=Scanner(device=name))
    wait(lambda: till.face.scanner.connected)
    heard = []
    till.face.scans.heard = heard.append
    largest = "电" * 984 + "9"
    assert len(largest.encode()) == 2953
    for text in (largest, largest + "9", "voucher " * 100 + "end"):
        sent = text.encode() + b"\r"
        while sent:
            sent = sent[os.write(master, sent[:512]) :]
    wait(lambda: len(heard) == 2)
    assert heard == [largest, "voucher " * 100 + "end"]


def test_a_line_that_is_out_of_order_floods_no_page(opened, monkeypatch, caplog):
    monkeypatch.setattr("hw_proxy.pos.scanner._CODES_A_SECOND", 0)
    master, name = pty_pair()
    till = opened(scanner=Scanner(device=name))
    wait(lambda: till.face.scanner.connected)
    heard = []
    till.face.scans.heard = heard.append
    os.write(master, b"x\r" * 200)
    wait(lambda: "more codes than anybody" in caplog.text)
    assert heard == ["x"] * 20


def test_without_a_code_the_page_is_held_and_then_asks_again(opened, monkeypatch):
    monkeypatch.setattr("hw_proxy.pos.routes.SCANNER_WAIT", 0.5)
    monkeypatch.setattr("hw_proxy.pos.routes._SLICE", 0.1)
    till = opened()
    started = time.monotonic()
    assert till.call("scanner") is None
    assert 0.4 < time.monotonic() - started < 3
    assert till.face.scans.count() == 0


def test_a_scanner_that_is_unplugged_shows_and_is_taken_up_again(opened, tmp_path, monkeypatch):
    monkeypatch.setattr("hw_proxy.pos.scanner._RETRY", 0.05)
    master, name = pty_pair()
    link = tmp_path / "scanner"
    link.symlink_to(name)
    till = opened(scanner=Scanner(device=str(link)))
    wait(lambda: till.face.scanner.connected)
    link.unlink()
    os.close(master)
    wait(lambda: not till.face.scanner.connected)
    master, name = pty_pair()
    link.symlink_to(name)
    wait(lambda: till.face.scanner.connected)
    threading.Timer(0.2, os.write, (master, b"again\r")).start()
    assert till.call("scanner") == "again"


def test_one_code_goes_to_one_page_the_one_that_asked_last():
    scans = Scans()

    async def two_pages():
        first = asyncio.create_task(scans.wait(0.5))
        await asyncio.sleep(0.05)
        second = asyncio.create_task(scans.wait(0.5))
        await asyncio.sleep(0.05)
        scans.offer("code")
        return await asyncio.gather(first, second)

    assert asyncio.run(two_pages()) == [None, "code"]


def test_a_code_between_two_questions_is_kept_for_a_moment_only():
    now = [0.0]
    scans = Scans(lambda: now[0])
    scans.offer("a")
    assert asyncio.run(scans.wait(0.05)) == "a"
    scans.offer("b")
    now[0] = 60
    assert asyncio.run(scans.wait(0.05)) is None


# -- configuration ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [
        {"pos": {"enabled": True}, "printer": {"kind": "bluetooth"}},
        {"pos": {"enabled": True}, "printer": {"kind": "network"}},
        {"pos": {"enabled": True}, "printer": {"kind": "file"}},
        {"pos": {"enabled": True}, "printer": {"kind": "serial"}},
        {"pos": {"enabled": True}, "printer": {"width": 513}},
        {"pos": {"enabled": True}, "printer": {"port": 0}},
        {"pos": {"enabled": True}, "drawer": {}},
        {"printer": {"kind": "network", "host": "printer"}},
        {"scanner": {"device": "/dev/ttyACM0"}},
    ],
)
def test_a_wrong_configuration_is_refused_in_words(raw, tmp_path):
    with pytest.raises(ConfigError):
        parse(raw, tmp_path)
