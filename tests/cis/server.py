"""A real HTTP server that answers whatever a test wants, also what no decent server would."""

import socket
import ssl
import struct
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

XML = "text/xml; charset=utf-8"


@dataclass
class Request:
    """What came: path, headers, body, and the socket for tests that act on the wire."""

    path: str
    headers: dict
    body: bytes
    handler: BaseHTTPRequestHandler


@dataclass
class Reply:
    """An ordinary HTTP answer. ``length`` lies about the body's."""

    body: bytes
    status: int = 200
    content_type: str | None = XML
    headers: tuple = ()
    length: int | None = None


class Server:
    """Serves in a thread. ``answer`` is called with each :class:`Request` and returns a :class:`Reply` or None, when it
    has written to the socket itself.

    :param certificate: PEM file with key and certificate, for TLS
    :param client_authority: PEM file; clients must have a certificate of it
    """

    def __init__(self, certificate=None, client_authority=None, maximum_version=None):
        self.requests = []
        self.connections = 0
        self.answer = None
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler_class())
        self._http.daemon_threads = True
        self._scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            if maximum_version:
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = maximum_version
                context.set_ciphers("ALL:@SECLEVEL=0")
            context.load_cert_chain(certificate)
            if client_authority:
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(client_authority)
            self._http.socket = context.wrap_socket(self._http.socket, True, do_handshake_on_connect=False)
            self._scheme = "https"
        self.port = self._http.server_address[1]
        self.url = f"{self._scheme}://127.0.0.1:{self.port}/soap"

    def _handler_class(outer):
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self):
                outer.connections += 1
                super().setup()

            def handle(self):
                try:
                    super().handle()
                except (OSError, ValueError):
                    # A test's answer may leave nothing to go on with.
                    self.close_connection = True

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                request = Request(self.path, dict(self.headers), body, self)
                outer.requests.append(request)
                reply = outer.answer(request)
                if reply is not None:
                    write(self, reply)

            def log_message(self, *_arguments):
                pass

        return Handler

    def __enter__(self):
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *exception):
        self._http.shutdown()
        self._http.server_close()


def write(handler, reply):
    """Write a reply."""
    handler.send_response(reply.status)
    if reply.content_type is not None:
        handler.send_header("Content-Type", reply.content_type)
    for name, value in reply.headers:
        handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
    handler.end_headers()
    handler.wfile.write(reply.body)
    if reply.length not in (None, len(reply.body)):
        handler.close_connection = True


def hang_up(request):
    """End the connection without an answer, in order."""
    request.handler.close_connection = True


def reset(request):
    """Tear the connection down: the other side sees a reset."""
    sock = request.handler.connection
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.handler.close_connection = True
    sock.close()
