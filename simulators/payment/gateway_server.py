"""The gateway's own interface on HTTP: one address, signed messages, connections that can be left without an answer."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import messages
from .books import Books
from .claims import BadOrder

MAX_MESSAGE = 16_384
_HELD_SECONDS = 600.0


class GatewayServer(ThreadingHTTPServer):
    """Serves one gateway on a loopback port.

    :param port: 0 takes a free one; the one in use is :attr:`port`
    """

    daemon_threads = True

    def __init__(self, books: Books, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.books = books
        self.port: int = self.server_address[1]

    @property
    def url(self) -> str:
        """Address to enter in Odoo."""
        return f"http://127.0.0.1:{self.port}/gateway"

    def answer(self, message: str) -> str | None:
        """Return the signed answer to a message, or None: the caller gets none.

        :raises NotGenuine: it is nobody's
        """
        books = self.books
        claims = messages.read(message, messages.REQUEST, books.merchant, books.key)
        operation = claims.get("op")
        if books.faults.take("timeout_before", operation):
            books.faults.hold(_HELD_SECONDS)
            return None
        said = {"re": claims.get("jti"), **self._done(operation, claims)}
        if books.faults.take("timeout_after", operation):
            books.faults.hold(_HELD_SECONDS)
            return None
        return messages.sign(messages.ANSWER, said, books.merchant, books.key)

    def _done(self, operation: object, claims: dict) -> dict:
        books, refunds = self.books, self.books.refunds
        operations = {"create": books.create, "query": books.query, "close": books.close}
        of_refunds = {"refund": refunds.refund, "refund_query": refunds.query}
        try:
            if operation in operations:
                return {"order": books.says(operations[str(operation)](claims), claims["reference"])}
            if operation in of_refunds:
                return {"refund": refunds.says(of_refunds[str(operation)](claims), claims["reference"])}
        except BadOrder as error:
            return {"error": str(error)}
        return {"error": "unknown_operation"}


class _Handler(BaseHTTPRequestHandler):
    server: GatewayServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer one message."""
        length = self.headers.get("Content-Length", "")
        if self.path != "/gateway" or not length.isdigit() or int(length) > MAX_MESSAGE:
            self.close_connection = True
            self._send(HTTPStatus.NOT_FOUND, "")
            return
        try:
            answer = self.server.answer(self.rfile.read(int(length)).decode("ascii", "replace"))
        except messages.NotGenuine:
            self._send(HTTPStatus.FORBIDDEN, "")
            return
        if answer is None:
            self.close_connection = True
            return
        self._send(HTTPStatus.OK, answer)

    def _send(self, status: HTTPStatus, content: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/jose")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: messages say who pays what."""
