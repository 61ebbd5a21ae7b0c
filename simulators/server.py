"""The bench's control server: a JSON interface and the demo page, on 127.0.0.1 only."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import asdict
from decimal import Decimal
from functools import wraps
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .bench import BenchError, Workbench
from .families import MEMORY_DRIVER
from .faults import KINDS, UnknownFault
from .meter_codes import WORDS
from .vpcd import SlotBusy

DEFAULT_PORT = 8270
_MAX_BODY = 16_384
_PAGE = Path(__file__).with_name("page")
_FILES = {
    "/": ("index.html", "text/html; charset=utf-8"),
    "/bench.js": ("bench.js", "text/javascript; charset=utf-8"),
    "/words.js": ("words.js", "text/javascript; charset=utf-8"),
    "/bench.css": ("bench.css", "text/css; charset=utf-8"),
}


# Members of a body and their types; the parameters of faults check themselves.
_TYPES: dict[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("card", "meter", "serial", "name", "customer_no", "meter_no", "kind", "driver"), str),
    **dict.fromkeys(("slot", "pull_after_byte", "alarm1", "alarm2", "hoard_limit", "overdraft_limit", "issuer"), int),
    **dict.fromkeys(("voltage", "inside"), bool),
    **dict.fromkeys(("kwh", "quantity"), (str, int)),
}


class BadRequest(ValueError):
    """The request is not one of ours."""


class BenchServer(ThreadingHTTPServer):
    """Serves one bench.

    :param bench: what is controlled.
    :param port: 0 takes a free one; the one in use is :attr:`port`.
    """

    daemon_threads = True

    def __init__(self, bench: Workbench, port: int = DEFAULT_PORT) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.bench = bench
        self.port: int = self.server_address[1]
        self.actions = _actions(bench)


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
    }


def _check_arguments(action: Callable[..., object], arguments: dict[str, object]) -> None:
    for name, value in arguments.items():
        wanted = _TYPES.get(name)
        # JSON's true and false are integers in Python.
        if wanted is not None and (not isinstance(value, wanted) or isinstance(value, bool) and wanted is not bool):
            raise BadRequest(f"{name} has the wrong type")
    try:
        inspect.signature(action).bind(**arguments)
    except TypeError as error:
        raise BadRequest(str(error)) from error


def _nothing(_made: object) -> None:
    return None


class _Handler(BaseHTTPRequestHandler):
    server: BenchServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer the page, the state of the bench, one card or one meter."""
        self._answer_by(self._get)

    def do_POST(self) -> None:
        """Carry out one action."""
        self._answer_by(self._post)

    def _get(self) -> None:
        path = self.path.partition("?")[0]
        if path in _FILES:
            name, kind = _FILES[path]
            self._send(HTTPStatus.OK, (_PAGE / name).read_bytes(), kind)
            return
        bench = self.server.bench
        parts = path.strip("/").split("/")
        if parts == ["api", "state"]:
            self._json(HTTPStatus.OK, bench.show())
        elif parts == ["api", "words"]:
            kinds = {kind: [name for name, *_rest in parameters] for kind, parameters in KINDS.items()}
            self._json(HTTPStatus.OK, {"meter_codes": WORDS, "faults": kinds})
        elif len(parts) == 3 and parts[:2] == ["api", "cards"]:
            self._json(HTTPStatus.OK, bench.show_card(parts[2]))
        elif len(parts) == 3 and parts[:2] == ["api", "meters"]:
            self._json(HTTPStatus.OK, bench.show_meter(bench.meter(parts[2]).state.meter_no))
        else:
            self._json(HTTPStatus.NOT_FOUND, {"error": f"there is nothing at {path}"})

    def _post(self) -> None:
        arguments = self._body()
        name = self.path.removeprefix("/api/")
        action = self.server.actions.get(name)
        if action is None:
            self._json(HTTPStatus.NOT_FOUND, {"error": f"there is no action {name}"})
            return
        _check_arguments(action, arguments)
        result = action(**arguments)
        self._json(HTTPStatus.OK, {"ok": True, **(result or {})})

    def _answer_by(self, method: Callable[[], None]) -> None:
        try:
            self._check_host()
            method()
        except (BadRequest, UnknownFault) as error:
            self._json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        except (BenchError, SlotBusy) as error:
            self._json(HTTPStatus.CONFLICT, {"error": str(error)})

    def _check_host(self) -> None:
        # A page elsewhere must not drive the bench through a name that it points at this machine.
        host = self.headers.get("Host", "").rpartition(":")[0]
        if host not in ("127.0.0.1", "localhost"):
            raise BadRequest("ask for 127.0.0.1")

    def _body(self) -> dict[str, object]:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > _MAX_BODY:
            self.close_connection = True
            raise BadRequest(f"a body of at most {_MAX_BODY} bytes is wanted")
        content = self.rfile.read(int(length))
        # Only JSON: a form posted by a foreign page must not move cards.
        if self.headers.get("Content-Type", "").partition(";")[0].strip() != "application/json":
            raise BadRequest("Content-Type must be application/json")
        try:
            body = json.loads(content or b"{}")
        except ValueError as error:
            raise BadRequest("the body is not JSON") from error
        if not isinstance(body, dict):
            raise BadRequest("the body must be a JSON object")
        return body

    def _json(self, status: HTTPStatus, content: object) -> None:
        text = json.dumps(content, ensure_ascii=False, default=_plain)
        self._send(status, text.encode(), "application/json; charset=utf-8")

    def _send(self, status: HTTPStatus, content: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: the page asks twice a second."""


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
