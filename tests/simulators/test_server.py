"""The bench's HTTP interface and command line, over real sockets."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from simulators.bench import Workbench
from simulators.cli import main
from simulators.client import BenchClient, BenchRefused, BenchUnreachable
from simulators.server import BenchServer
from simulators.vpcd import VpcdSlot

SERIAL, CUSTOMER, METER = "000000000123", "000000004567", "000000008901"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def server(tmp_path, card_keys):
    bench = Workbench(tmp_path, card_keys, [VpcdSlot(1)], notes=tmp_path / "note-acceptor")
    running = BenchServer(bench, 0)
    thread = threading.Thread(target=running.serve_forever, args=(0.02,))
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()
    bench.close()


@pytest.fixture
def client(server) -> BenchClient:
    made = BenchClient(f"http://127.0.0.1:{server.port}")
    made.do("issue", serial=SERIAL, customer_no=CUSTOMER, meter_no=METER, quantity="50")
    return made


def raw(server, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, body, {"Content-Type": "application/json", **names})
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, content


def test_a_visit_to_the_meter(client):
    client.do("insert", card=SERIAL, slot=0)
    assert client.state()["slots"][0]["card"] == SERIAL
    assert client.do("pull")["card"] == SERIAL
    result = client.do("carry", card=SERIAL, meter=METER)
    assert (result["credited"], result["error"], result["accepted"]) == (0, None, True)
    assert client.do("consume", meter=METER, kwh="10.5")["used"] == "10.5"
    assert client.meter(METER)["remaining"] == 3_950
    assert client.card(SERIAL)["write_back"]["count"] == 1


def test_faults_are_armed_and_cleared(client):
    assert client.do("fault", card=SERIAL, kind="pull", bytes=3, inside=True)["armed"] == {
        "pull_after_bytes": 3,
        "pull_inside_byte": True,
    }
    client.do("clear-faults", card=SERIAL)
    assert client.card(SERIAL)["faults"] == {}


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("insert", {"card": "999"}),
        ("insert", {"card": 5}),
        ("insert", {"card": SERIAL, "slot": "0"}),
        ("insert", {"card": SERIAL, "slot": True}),
        ("insert", {"card": SERIAL, "where": 1}),
        ("insert", {}),
        ("carry", {"card": SERIAL, "meter": METER, "inside": 1}),
        ("fault", {"card": SERIAL, "kind": "burn"}),
        ("fault", {"card": SERIAL, "kind": "pull", "bytes": "3"}),
        ("consume", {"meter": METER, "kwh": 1.5}),
        ("note", {"cents": 7}),
        ("note", {"cents": "100"}),
        ("note", {"cents": True}),
        ("note-fault", {"kind": "pause", "at": "noon"}),
        ("explode", {}),
    ],
)
def test_bad_requests_are_refused_with_a_reason(client, action, arguments):
    with pytest.raises(BenchRefused, match="[a-z]"):
        client.do(action, **arguments)


def test_the_note_acceptor_is_driven(client):
    client.do("note", cents=500, pieces=2)
    assert client.state()["notes"]["waiting"] == [500, 500]
    assert client.do("note-fault", kind="lost", times=2)["armed"] == {"lost": {"times": 2}}
    client.do("note-mend")
    client.do("note-power", on=False)
    assert client.state()["notes"]["state"] == "off"
    client.do("note-plug", on=False)
    assert client.state()["notes"]["plugged"] is False
    client.do("reset")
    shown = client.state()["notes"]
    assert (shown["state"], shown["plugged"], shown["faults"]) == ("power_up", True, {})
    assert client.do("note-box-out")["taken"] == {}
    client.do("note-box-in")


def test_the_command_line_drives_the_note_acceptor(server, client, capsys):
    url = ["--url", f"http://127.0.0.1:{server.port}"]
    assert main(["note", "500", "--pieces", "2", *url]) == 0
    assert main(["note", "7", *url]) == 1
    assert main(["note-fault", "power_loss", "--at", "sensor", "--forgets", *url]) == 0
    assert main(["note-mend", *url]) == 0
    assert main(["note-box-out", *url]) == 0
    assert main(["note-box-in", *url]) == 0
    capsys.readouterr()
    assert main(["show", *url]) == 0
    assert "¥0.00 in the box" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({"Host": "evil.example"}, b"{}"),
        ({"Content_Type": "application/x-www-form-urlencoded"}, b"card=1"),
        ({}, b"[]"),
        ({}, b"{"),
        ({}, b" " * 20_000),
    ],
)
def test_foreign_or_malformed_posts_do_nothing(server, client, headers, body):
    status, _content = raw(server, "POST", "/api/reset", body, **headers)
    assert status == 400
    assert client.card(SERIAL)


def test_page_and_its_parts_are_served_without_anything_from_elsewhere(server):
    for path in ("/", "/page.js", "/bench.js", "/words.js", "/bench.css"):
        status, content = raw(server, "GET", path)
        assert status == 200
        assert b"https://" not in content
        assert b"//cdn" not in content
    assert raw(server, "GET", "/../bench.py")[0] == 404
    assert raw(server, "GET", "/api/cards/999")[0] == 409
    words = json.loads(raw(server, "GET", "/api/words")[1])
    assert words["meter_codes"]["21"]["zh"]


def test_command_line_drives_a_running_bench(server, client, capsys):
    url = ["--url", f"http://127.0.0.1:{server.port}"]
    assert main(["insert", SERIAL, *url]) == 0
    assert main(["insert", SERIAL, *url]) == 1
    assert "in a reader already" in capsys.readouterr().err
    assert main(["pull", *url]) == 0
    assert main(["fault", SERIAL, "pull", "--bytes", "4", "--inside", *url]) == 0
    assert main(["clear-faults", SERIAL, *url]) == 0
    capsys.readouterr()
    assert main(["carry", SERIAL, METER, "--pull-after", "4", *url]) == 0
    assert "Err-20" in capsys.readouterr().out
    assert main(["show", *url]) == 0
    assert f"meter {METER}: count 1, remaining 50.00 kWh, normal" in capsys.readouterr().out


def test_command_line_without_a_bench_says_what_to_do(capsys):
    with pytest.raises(BenchUnreachable):
        BenchClient("http://127.0.0.1:1").state()
    assert main(["show", "--url", "http://127.0.0.1:1"]) == 1
    assert "python -m simulators serve" in capsys.readouterr().err


def test_serve_runs_until_it_is_terminated_and_keeps_its_state(tmp_path):
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"sle4442_demo": {"master": bytes(32).hex()}}))
    command = [sys.executable, "-m", "simulators", "serve", "--port", "0", "--slots", "1,2"]
    options = ["--state", str(tmp_path / "state"), "--keys", str(keys), "--notes", str(tmp_path / "acceptor")]
    with subprocess.Popen([*command, *options], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        url = process.stdout.readline().split()[-1]
        BenchClient(url).do("issue", serial=SERIAL, customer_no=CUSTOMER, meter_no=METER)
        assert (tmp_path / "acceptor").is_char_device()
        process.terminate()
        assert process.wait(10) == 0
    assert not (tmp_path / "acceptor").is_symlink()
    assert (tmp_path / "state" / "cards" / f"{SERIAL}.json").exists()


def test_serve_without_a_key_file_says_so(tmp_path, capsys):
    assert main(["serve", "--state", str(tmp_path), "--keys", str(tmp_path / "none.json")]) == 1
    assert "cannot read the key file" in capsys.readouterr().err
