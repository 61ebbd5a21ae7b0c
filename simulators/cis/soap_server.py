"""The service on HTTP or HTTPS: werkzeug's requests, and connections that can be broken on purpose."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import sys
from http import HTTPStatus
from io import BytesIO
from urllib.parse import parse_qs

from werkzeug.http import parse_options_header
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request

from .certificates import Authority
from .envelope import CONTENT_TYPES
from .service import Answer, Service

MAX_MESSAGE = 8 * 1024 * 1024
_HANDSHAKE_SECONDS = 10
_IDLE_SECONDS = 120
_PATHS = {"/soap": "1.1", "/soap12": "1.2"}
_BROKEN = (ConnectionError, TimeoutError, ssl.SSLError)


class SoapServer(ThreadedWSGIServer):
    """Serves one service on a loopback port.

    :param service: answers the calls
    :param port: 0 takes a free one
    :param authority: TLS with its certificates; None: plain HTTP
    """

    # A burst of callers that connect at once is queued, not refused.
    request_queue_size = 128

    def __init__(self, service: Service, port: int = 0, authority: Authority | None = None) -> None:
        super().__init__("127.0.0.1", port, app=None, handler=_Handler)
        self.service = service
        self.authority = authority
        self.port = self.server_address[1]
        self._open: set[socket.socket] = set()

    @property
    def url(self) -> str:
        """Address without a path."""
        return f"{'https' if self.authority else 'http'}://127.0.0.1:{self.port}"

    def hang_up(self) -> None:
        """Close all connections, so that the next call meets the certificate that is shown now."""
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def finish_request(self, request: socket.socket, client_address: tuple[str, int]) -> None:
        """Serve one connection; the handshake is made here, in its own thread."""
        if self.authority:
            request.settimeout(_HANDSHAKE_SECONDS)
            context = self.authority.context(self.service.faults.take_certificate())
            request = context.wrap_socket(request, server_side=True)
        # Idle connections of a caller's pool are closed in the end.
        request.settimeout(_IDLE_SECONDS)
        self._open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self._open.discard(request)
            request.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Stay silent about connections that the other side broke or that were broken on purpose."""
        if not isinstance(sys.exc_info()[1], _BROKEN):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Stop listening and close all connections."""
        super().server_close()
        self.service.faults.clear()
        self.hang_up()


class _Handler(WSGIRequestHandler):
    server: SoapServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run_wsgi(self) -> None:
        """Answer one request. Unlike werkzeug's own, the connection stays open: callers keep a pool of them."""
        body = self._body()
        if body is None:
            return
        environ = self.make_environ()
        environ["wsgi.input"], environ["wsgi.input_terminated"] = BytesIO(body), True
        environ["wsgi.url_scheme"] = "https" if self.server.authority else "http"
        request = Request(environ)
        if request.method == "GET":
            self._get(request)
        elif request.method == "POST" and request.path in _PATHS:
            self._post(request, body, _PATHS[request.path])
        else:
            self._plain(HTTPStatus.NOT_FOUND, "there is nothing here")

    def _body(self) -> bytes | None:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self.make_environ()["wsgi.input"].read(MAX_MESSAGE)
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > MAX_MESSAGE:
            self.close_connection = True
            self._plain(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a message has at most {MAX_MESSAGE} bytes")
            return None
        return self.rfile.read(int(length))

    def _get(self, request: Request) -> None:
        contract = self.server.service.contract
        query = parse_qs(request.query_string.decode("latin-1"), keep_blank_values=True)
        if request.path == "/marketing.xsd" or (request.path in _PATHS and "xsd" in query):
            self._send(Answer(200, contract.xsd(), "text/xml; charset=utf-8"))
        elif request.path in _PATHS and "wsdl" in query:
            self._send(Answer(200, contract.wsdl(request.host_url), "text/xml; charset=utf-8"))
        else:
            self._plain(HTTPStatus.NOT_FOUND, "ask for /soap?wsdl")

    def _post(self, request: Request, body: bytes, version: str) -> None:
        kind, options = parse_options_header(request.headers.get("Content-Type"))
        if kind != CONTENT_TYPES[version]:
            self._plain(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"SOAP {version} is {CONTENT_TYPES[version]}")
            return
        action = options.get("action", "") if version == "1.2" else request.headers.get("SOAPAction", "").strip('" ')
        self._send(self.server.service.answer(body, version, action))

    def _plain(self, status: HTTPStatus, text: str) -> None:
        self._send(Answer(status, f"{text}\n".encode(), "text/plain; charset=utf-8"))

    def _send(self, answer: Answer) -> None:
        if answer.seconds:
            self.server.service.faults.hold(answer.seconds)
        if answer.wire == "silence":
            self.close_connection = True
            return
        if answer.wire == "reset":
            self._reset()
            return
        lines = [
            f"HTTP/1.1 {int(answer.status)} {HTTPStatus(answer.status).phrase}",
            f"Content-Type: {answer.content_type}",
            f"Content-Length: {len(answer.content)}",
            *(["Connection: close"] if self.close_connection else []),
        ]
        whole = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + answer.content
        if answer.wire == "cut":
            self.close_connection = True
            whole = whole[: -len(answer.content) // 2]
        elif answer.wire == "twice":
            whole += whole
        self.wfile.write(whole)

    def _reset(self) -> None:
        self.close_connection = True
        # Without lingering the close is a reset, also under TLS.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Stay silent: messages carry account numbers."""

    def log(self, type: str, message: str, *args: object) -> None:
        """Stay silent, as above."""
