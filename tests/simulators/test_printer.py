"""The receipt printer: what it answers, what stops it, and what is on its paper."""

import base64
import io
import socket

import pytest
from PIL import Image

from simulators.faults import UnknownFault
from simulators.printer.bench import PrinterBench
from simulators.printer.device import PrinterError, ReceiptPrinter
from simulators.printer.line import PrinterLine

PAPER, IN_TURN, CUT = b"\x10\x04\x04", b"\x1dr\x01", b"\x1dV\x00"
RASTER = b"\x1dv0\x00" + bytes((2, 0, 3, 0)) + b"\xff\x00" * 3


@pytest.fixture
def printer():
    return ReceiptPrinter()


def test_commands_come_in_any_pieces(printer):
    content = b"\x1b@" + "电量\n".encode("gb18030") + RASTER + b"\x1d(k\x07\x001P0ABCD\x1d(k\x03\x001Q0" + CUT
    answers = [printer.take(bytes([byte])) for byte in content]
    assert answers == [b""] * len(content)
    (slip,) = printer.slips
    assert "电量" in slip.text() and slip.codes() == ["ABCD"]
    assert [part for part in slip.parts if isinstance(part, list)] == [[b"\xff\x00"] * 3]


def test_what_waits_its_turn_is_not_answered_without_paper_and_real_time_is(printer):
    printer.set_paper("out")
    assert printer.take(PAPER) == b"\x7e"
    assert printer.take(RASTER + CUT + IN_TURN) == b""
    assert not printer.slips
    printer.set_paper("enough")
    assert len(printer.slips) == 1


@pytest.mark.parametrize(
    ("hand", "question", "answer"),
    [
        (lambda printer: None, 1, 0x12),
        (lambda printer: printer.set_cover(True), 1, 0x1A),
        (lambda printer: printer.set_cover(True), 2, 0x16),
        (lambda printer: printer.set_paper("low"), 4, 0x1E),
    ],
)
def test_its_state_is_answered_at_once(printer, hand, question, answer):
    hand(printer)
    assert printer.take(b"\x10\x04" + bytes([question])) == bytes([answer])


def test_a_stuck_knife_is_told_as_an_error(printer):
    printer.faults.arm("cutter_jam")
    assert printer.take(RASTER + CUT + IN_TURN) == b""
    assert printer.take(b"\x10\x04\x03") == b"\x1a"
    assert printer.hanging.rows == 3


def test_without_power_everything_that_waits_is_lost(printer):
    printer.faults.arm("power_loss", rows=2)
    with pytest.raises(PrinterError):
        printer.take(RASTER + CUT)
    printer.mend()
    assert not printer.slips and printer.hanging.rows == 2


def test_a_fault_that_does_not_exist_is_refused(printer):
    for wrong in ({"kind": "fire"}, {"kind": "silent", "rows": 1}, {"kind": "paper_out", "rows": -1}):
        with pytest.raises(UnknownFault):
            printer.faults.arm(**wrong)


def test_the_bench_shows_its_paper_as_a_picture():
    noted = []
    bench = PrinterBench(0, lambda english, chinese: noted.append((english, chinese)))
    bench.set_paper("low")
    bench.printer.take(RASTER + CUT)
    (slip,) = bench.paper()["slips"]
    (part,) = slip["parts"]
    picture = Image.open(io.BytesIO(base64.b64decode(part["image"].partition(",")[2])))
    assert picture.size == (16, 3) and picture.getpixel((0, 0)) == 0 and picture.getpixel((8, 0)) != 0
    assert bench.show()["out"] == 1 and noted[0][0] == "Printer paper: low"
    bench.close()


def test_a_line_to_a_printer_without_power_breaks(printer):
    line = PrinterLine(printer)
    with socket.create_connection(("127.0.0.1", line.port)) as there:
        there.sendall(PAPER)
        assert there.recv(1) == b"\x12"
        printer.power_off()
        line.unplug()
        assert there.recv(1) == b""
    line.close()
