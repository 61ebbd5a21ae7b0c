"""The bench's control server: a JSON interface and the demo page, on 127.0.0.1 only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from pathlib import Path

from .bench import BenchError, Workbench
from .families import MEMORY_DRIVER
from .faults import KINDS, UnknownFault
from .json_server import JsonServer
from .meter_codes import WORDS
from .notes.acceptor import AcceptorError
from .notes.bench import NotesBench
from .notes.faults import KINDS as NOTE_KINDS
from .printer.bench import PrinterBench
from .printer.device import PrinterError
from .printer.faults import KINDS as PRINTER_KINDS
from .vpcd import SlotBusy

DEFAULT_PORT = 8270
_PAGE = Path(__file__).with_name("page")


# Members of a body and their types; the parameters of faults check themselves.
_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("card", "meter", "serial", "name", "customer_no", "meter_no", "kind", "driver", "paper"), str),
    **dict.fromkeys(("slot", "pull_after_byte", "alarm1", "alarm2", "hoard_limit", "overdraft_limit", "issuer"), int),
    **dict.fromkeys(("cents", "pieces"), int),
    **dict.fromkeys(("voltage", "inside", "on", "into_box"), bool),
    **dict.fromkeys(("kwh", "quantity"), (str, int)),
}


class BenchServer(JsonServer):
    """Serves one bench.

    :param bench: what is controlled.
    :param port: 0 takes a free one; the one in use is :attr:`port`.
    """

    files = {name: _PAGE / name for name in ("index.html", "page.js", "bench.js", "words.js", "bench.css")}
    types = _TYPES
    bad_requests = (UnknownFault,)
    refusals = (BenchError, SlotBusy, AcceptorError, PrinterError)

    def __init__(self, bench: Workbench, port: int = DEFAULT_PORT) -> None:
        super().__init__(port)
        self.bench = bench
        self.actions = _actions(bench)

    def read(self, parts: list[str]) -> object | None:
        """Return the state of the bench, one card or one meter."""
        if parts == ["state"]:
            return self.bench.show()
        if parts == ["words"]:
            kinds = {kind: [name for name, *_rest in parameters] for kind, parameters in KINDS.items()}
            return {
                "meter_codes": WORDS,
                "faults": kinds,
                "note_faults": {kind: list(NOTE_KINDS[kind]) for kind in NOTE_KINDS},
                "printer_faults": {kind: list(PRINTER_KINDS[kind]) for kind in PRINTER_KINDS},
            }
        if parts == ["paper"] and self.bench.printer is not None:
            return self.bench.printer.paper()
        if len(parts) == 2 and parts[0] == "cards":
            return self.bench.show_card(parts[1])
        if len(parts) == 2 and parts[0] == "meters":
            return self.bench.show_meter(self.bench.meter(parts[1]).state.meter_no)
        return None


def _actions(bench: Workbench) -> dict[str, Callable[..., object]]:
    """Name of a POST under /api/ -> what it calls with the body's members as arguments."""

    @wraps(bench.carry)
    def carry(**arguments: object) -> dict[str, object]:
        result = bench.carry(**arguments)
        return {**asdict(result), "accepted": result.accepted}

    @wraps(bench.issue)
    def issue(**arguments: object) -> dict[str, object]:
        return asdict(bench.issue(**arguments))

    return {
        "insert": bench.insert,
        "pull": lambda slot=0: {"card": bench.pull(slot)},
        "carry": carry,
        "fault": lambda **arguments: {"armed": bench.fault(**arguments)},
        "clear-faults": bench.clear_faults,
        "consume": lambda meter, kwh: {"used": str(bench.consume(meter, kwh))},
        "set-meter": bench.set_meter,
        "issue": issue,
        "blank-card": lambda serial, driver=MEMORY_DRIVER: _nothing(bench.blank_card(serial, driver)),
        "factory-card": lambda name, driver=MEMORY_DRIVER: _nothing(bench.factory_card(name, driver)),
        "meter": lambda meter, driver=MEMORY_DRIVER: _nothing(bench.add_meter(meter, driver)),
        "baseline": bench.save_baseline,
        "reset": bench.reset,
        **(_note_actions(bench.notes) if bench.notes is not None else {}),
        **(_printer_actions(bench.printer) if bench.printer is not None else {}),
    }


def _note_actions(notes: NotesBench) -> dict[str, Callable[..., object]]:
    return {
        "note": notes.insert,
        "note-fault": lambda **arguments: {"armed": notes.fault(**arguments)},
        "note-mend": notes.mend,
        "note-power": notes.set_power,
        "note-plug": notes.set_plug,
        "note-box-out": notes.take_box,
        "note-box-in": notes.put_box,
    }


def _printer_actions(printer: PrinterBench) -> dict[str, Callable[..., object]]:
    return {
        "printer-fault": lambda **arguments: {"armed": printer.fault(**arguments)},
        "printer-mend": printer.mend,
        "printer-paper": printer.set_paper,
        "printer-cover": printer.set_cover,
        "printer-power": printer.set_power,
    }


def _nothing(_made: object) -> None:
    return None
