"""Receipts at a kiosk: what Odoo has signed is printed once, and what became of it is known or said to be unknown."""

import time
import uuid

import jsonschema
import pytest
from jwcrypto import jwk
from stack.processes import wait_until

from hw_proxy.errors import ConfigError, Refusal
from hw_proxy.paper import columns, picture
from hw_proxy.paper.order import Line
from hw_proxy.pos import slip
from hw_proxy.receipts import claims_of
from tests.hw_proxy.print_support import Printing
from tests.hw_proxy.test_schemas import check


@pytest.fixture
def printing(bench, monkeypatch):
    # How long a printer that never answers is waited for is no matter of these tests.
    monkeypatch.setattr("hw_proxy.pos.printer._PATIENCE", 1.0)
    monkeypatch.setattr(slip, "_SHORT_WAIT", 0.2)
    monkeypatch.setattr("hw_proxy.pos.printer._STATUS_WAIT", 0.2)
    made = Printing(bench)
    yield made
    made.close()


def test_what_odoo_signed_is_on_the_paper_and_cut_off(printing):
    assert printing.print() == ("printed", None)
    (paper,) = printing.device.take_slips()
    assert "南宁供电局" in paper.text() and "182.35 kWh" in paper.text()
    assert paper.codes() == ["R20261126010203"] and paper.is_cut


def test_a_repeat_prints_nothing_and_says_how_it_ended(printing):
    token = printing.order()
    assert printing.print(token) == printing.print(token) == ("printed", None)
    assert len(printing.device.take_slips()) == 1


def test_a_repeat_after_its_time_and_after_a_restart_is_only_answered(printing):
    over = int(time.time()) + 1
    token = printing.order(iat=over - 200, exp=over)
    printing.print(token)
    wait_until(lambda: time.time() > over, 10, "the end of its time")
    assert printing.print(token) == ("printed", None)
    again = printing.bench.reopen()
    assert again.terminal.prints.print(token)["state"] == "printed"
    again.close()


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": str(uuid.uuid4())},
        {"iss": str(uuid.uuid4())},
        {"epoch": 2},
        {"typ": "order+jwt"},
        {"key": jwk.JWK.generate(kty="OKP", crv="Ed25519")},
        {"exp": int(time.time()) - 1},
        {"iat": int(time.time()) + 4000, "exp": int(time.time()) + 4100},
        {"exp": int(time.time()) + 4000},
        {"jti": "x"},
        {"lines": []},
        {"lines": [{"kind": "title"}]},
        {"lines": [{"kind": "photo", "text": "x"}]},
        {"lines": [{"kind": "text", "text": "x", "value": "y"}]},
        {"lines": [{"kind": "text", "text": "a\x1bp0"}]},
        {"lines": [{"kind": "text", "text": "x" * 601}]},
        {"lines": ["x"]},
    ],
)
def test_what_is_not_genuine_is_not_printed(printing, changes):
    with pytest.raises(Refusal) as refused:
        printing.desk.print(printing.order(**changes))
    assert refused.value.code == "A-405"
    assert not printing.device.take_slips()


def test_without_a_printer_it_says_so(bench):
    printing = Printing(bench)
    printing.desk.printer.close()
    printing.desk.printer = None
    with pytest.raises(Refusal) as refused:
        printing.desk.print(printing.order())
    assert refused.value.code == "A-406"
    printing.line.close()


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (lambda device: device.set_paper("out"), "A-401"),
        (lambda device: device.set_cover(True), "A-402"),
        (lambda device: device.power_off(), "A-402"),
    ],
)
def test_a_printer_that_is_not_ready_is_sent_nothing(printing, trouble, code):
    trouble(printing.device)
    assert printing.print() == ("not_printed", code)
    printing.device.mend()
    assert not printing.device.take_slips() and not printing.device.hanging.parts


def test_paper_near_its_end_prints_and_is_told(printing):
    printing.device.set_paper("low")
    assert printing.print() == ("printed", None)
    assert printing.desk.printer.status()["paper"] == "low"


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        ("paper_out", ("unknown", "A-401")),
        ("power_loss", ("unknown", "A-403")),
        ("cutter_jam", ("printed", "A-404")),
        # Believed: it has taken every byte, and says nothing ever.
        ("silent", ("printed", None)),
        ("no_turn", ("printed", None)),
    ],
)
def test_trouble_in_the_middle_is_named(printing, fault, end):
    printing.device.faults.arm(fault)
    assert printing.print() == end


def test_after_trouble_the_next_receipt_is_printed(printing):
    printing.device.faults.arm("power_loss")
    printing.print()
    printing.device.mend()
    assert printing.print() == ("printed", None)


def test_two_at_once_come_out_one_after_the_other(printing):
    jobs = [printing.desk.print(printing.order())["job"] for _each in range(3)]
    assert [printing.ended(job) for job in jobs] == [("printed", None)] * 3
    assert all(paper.text().count("南宁") == 1 for paper in printing.device.take_slips())


def test_a_job_that_nobody_asked_for_is_unknown_to_it(printing):
    with pytest.raises(Refusal) as refused:
        printing.desk.state(str(uuid.uuid4()))
    assert refused.value.code == "P-112"


def test_what_came_onto_paper_is_counted_and_told_with_the_heartbeat(printing):
    desk, terminal = printing.desk, printing.bench.terminal
    token = printing.order()
    printing.print(token)
    printing.print(token)
    printing.device.set_paper("out")
    assert printing.print() == ("not_printed", "A-401")
    printing.device.mend()
    printing.device.faults.arm("power_loss")
    assert printing.print() == ("unknown", "A-403")
    desk.count()
    terminal.devices.append(desk.printer)
    (told,) = (device for device in terminal.device_report() if device["kind"] == "printer")
    assert told["detail"]["printed"] == 3, (
        "one twice asked for, one in part, one of the point of sale; none without paper"
    )


def test_the_count_of_paper_outlives_a_service_that_died_while_it_printed(printing):
    printing.print()
    printing.desk.book.begin(str(uuid.uuid4()), 1)
    again = printing.bench.reopen()
    assert again.terminal.prints.book.printed == 2
    once_more = again.reopen()
    assert once_more.terminal.prints.book.printed == 2
    once_more.close()


@pytest.mark.parametrize("width", [384, 512, 576])
def test_a_picture_holds_every_line_within_the_paper(bench, width):
    printing = Printing(bench, text="image", width=width)
    assert printing.print() == ("printed", None)
    (paper,) = printing.device.take_slips()
    (rows,) = [part for part in paper.parts if isinstance(part, list)]
    assert len(rows[0]) * 8 == width and len(rows) > 300
    printing.close()


def test_a_long_code_can_still_be_read_from_narrow_paper():
    code = picture.render([Line("qr", "x" * 900)], 384, picture.font_file(""))
    dark = [column for column in range(384) if not all(code.getpixel((column, row)) for row in range(code.height))]
    assert dark[0] >= 12 and dark[-1] <= 384 - 12


def test_no_row_is_wider_than_the_paper():
    text = columns.encode([Line("pair", "A long label " * 4, "值" * 40), Line("text", "字" * 100 + " word " * 30)], 384)
    rows = text.decode("gb18030").replace("\x1b@\x1c&", "").split("\n")
    assert max(columns._columns(row) for row in rows) <= 32
    assert "".join(rows).count("字") == 100 and "".join(rows).count("word") == 30


def test_a_font_that_is_not_there_keeps_the_paper_and_is_named(bench):
    printing = Printing(bench, text="image", font="/nowhere/font.ttf")
    assert printing.print() == ("not_printed", "A-402")
    printing.close()
    with pytest.raises(ConfigError, match="fonts-noto-cjk"):
        picture.font_file("/nowhere/font.ttf")


def test_a_font_that_is_no_font_is_named(tmp_path):
    (tmp_path / "font.ttf").write_text("no font")
    with pytest.raises(ConfigError):
        picture.render([Line("text", "x")], 384, str(tmp_path / "font.ttf"))


def test_a_print_order_has_the_form(printing):
    check("print", claims_of(printing.order()))
    with pytest.raises(jsonschema.ValidationError):
        check("print", {**claims_of(printing.order()), "lines": [{"kind": "rule", "text": "x"}]})
