"""A simulator's control server: a JSON interface and a page, on 127.0.0.1 only."""

from __future__ import annotations

import inspect
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from decimal import Decimal
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}


class BadRequest(ValueError):
    """The request is not one of ours."""


class JsonServer(ABC, ThreadingHTTPServer):
    """Serves a page and its interface: ``GET /api/…`` asks :meth:`read`, ``POST /api/NAME`` calls an action.

    Subclasses say what there is.

    :param port: 0 takes a free one; the one in use is :attr:`port`.
    """

    daemon_threads = True
    files: Mapping[str, Path] = {}
    """Name in the address -> file; ``index.html`` is also the root."""
    types: Mapping[str, type | tuple[type, ...]] = {}
    """Member of a body -> its types; others check themselves."""
    bad_requests: tuple[type[Exception], ...] = ()
    """Exceptions of actions that mean a wrong call."""
    refusals: tuple[type[Exception], ...] = ()
    """Exceptions of actions that mean that it cannot be done now."""
    most_bytes = 16_384
    """Longest body."""

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.port: int = self.server_address[1]
        self.actions: dict[str, Callable[..., object]] = {}

    @abstractmethod
    def read(self, parts: list[str]) -> object | None:
        """Return what is at an address below /api/, or None when there is nothing.

        :param parts: the address's words
        """


class _Handler(BaseHTTPRequestHandler):
    server: JsonServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Answer the page or what the interface shows."""
        self._answer_by(self._get)

    def do_POST(self) -> None:
        """Carry out one action."""
        self._answer_by(self._post)

    def _get(self) -> None:
        path = self.path.partition("?")[0]
        file = self.server.files.get(path.removeprefix("/") or "index.html")
        if file is not None:
            self._send(HTTPStatus.OK, file.read_bytes(), _KINDS[file.suffix])
            return
        first, *parts = path.strip("/").split("/")
        found = self.server.read(parts) if first == "api" else None
        if found is None:
            self._json(HTTPStatus.NOT_FOUND, {"error": f"there is nothing at {path}"})
        else:
            self._json(HTTPStatus.OK, found)

    def _post(self) -> None:
        arguments = self._body()
        name = self.path.removeprefix("/api/")
        action = self.server.actions.get(name)
        if action is None:
            self._json(HTTPStatus.NOT_FOUND, {"error": f"there is no action {name}"})
            return
        _check_arguments(action, arguments, self.server.types)
        result = action(**arguments)
        self._json(HTTPStatus.OK, {"ok": True, **(result or {})})

    def _answer_by(self, method: Callable[[], None]) -> None:
        try:
            self._check_host()
            method()
        except (BadRequest, *self.server.bad_requests) as error:
            self._json(HTTPStatus.BAD_REQUEST, {"error": str(error)})
        except self.server.refusals as error:
            self._json(HTTPStatus.CONFLICT, {"error": str(error)})

    def _check_host(self) -> None:
        # A page elsewhere must not drive a simulator through a name that it points at this machine.
        host = self.headers.get("Host", "").rpartition(":")[0]
        if host not in ("127.0.0.1", "localhost"):
            raise BadRequest("ask for 127.0.0.1")

    def _body(self) -> dict[str, object]:
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > self.server.most_bytes:
            self.close_connection = True
            raise BadRequest(f"a body of at most {self.server.most_bytes} bytes is wanted")
        content = self.rfile.read(int(length))
        # Only JSON: a form posted by a foreign page must do nothing.
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


def _check_arguments(
    action: Callable[..., object], arguments: dict[str, object], types: Mapping[str, type | tuple[type, ...]]
) -> None:
    for name, value in arguments.items():
        wanted = types.get(name)
        # JSON's true and false are integers in Python.
        if wanted is not None and (not isinstance(value, wanted) or isinstance(value, bool) and wanted is not bool):
            raise BadRequest(f"{name} has the wrong type")
    try:
        inspect.signature(action).bind(**arguments)
    except TypeError as error:
        raise BadRequest(str(error)) from error


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
