"""HTTP to the marketing system: pooled connections, one deadline for a call, bounded answers, no surprises.

A connection pool belongs to a process and to what decides about a connection: address, certificates, their dates.
Nothing comes from the environment: no proxy, no ``.netrc``, no key log. Redirects are not followed, because a payment
goes where it was meant to go or nowhere.
"""

from __future__ import annotations

import http.client
import io
import os
import ssl
import threading
import time
import zlib
from collections import OrderedDict
from urllib.parse import urlsplit

import urllib3
from urllib3 import connection, exceptions

from ..core.cis_types import Unreachable
from .settings import misconfigured

_KEPT_POOLS = 16
_KEPT_CONNECTIONS = 8
_PIECE = 64 * 1024
_GZIP = 16 + zlib.MAX_WBITS
#: The peer went away; nothing is wrong with the keys.
_BROKEN = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)


class Attempt:
    """What became of one message on the wire.

    :param deadline: by ``time.monotonic``
    :ivar sent: some of the message may have left
    :ivar reused: the connection had carried another call before
    :ivar received: bytes of the answer
    """

    def __init__(self, deadline):
        self.deadline = deadline
        self.sent = False
        self.reused = False
        self.received = 0

    def remaining(self):
        """Return the seconds that are left.

        :raises TimeoutError: when none are
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the call's time is over")
        return left


_current = threading.local()


class _Reader(io.RawIOBase):
    """Reads a socket until the attempt's deadline: a server that sends a byte now and then cannot hold us up."""

    def __init__(self, sock, attempt):
        self._sock = sock
        self._attempt = attempt
        self._raw = sock.makefile("rb", buffering=0)

    def readable(self):
        return True

    def readinto(self, buffer):
        self._sock.settimeout(self._attempt.remaining())
        size = self._raw.readinto(buffer)
        self._attempt.received += size or 0
        return size

    def close(self):
        if not self.closed:
            self._raw.close()
        return super().close()


class _ReaderFactory:
    def __init__(self, sock, attempt):
        self._sock = sock
        self._attempt = attempt

    def makefile(self, _mode):
        return io.BufferedReader(_Reader(self._sock, self._attempt))


class _Tracked:
    """Part of a connection: notes in the running attempt when the message begins to leave."""

    _calls = 0

    def connect(self):
        self._calls = 0
        return super().connect()

    def request(self, *arguments, **options):
        attempt = _current.attempt
        if self.sock is None:
            self.connect()
        self.timeout = attempt.remaining()
        attempt.reused, attempt.sent = self._calls > 0, True
        self._calls += 1
        return super().request(*arguments, **options)

    def response_class(self, sock, *arguments, **options):
        return http.client.HTTPResponse(_ReaderFactory(sock, _current.attempt), *arguments, **options)


class _Http(_Tracked, connection.HTTPConnection):
    pass


class _Https(_Tracked, connection.HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


class _Pools:
    """The pools of this process. A child of it starts with none: two processes on one connection mix their answers."""

    def __init__(self):
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self):
        self._lock = threading.Lock()
        self._pools = OrderedDict()

    def of(self, settings):
        key = (settings.url, settings.ca_file, settings.client_cert, settings.client_key, *_dates(settings))
        with self._lock:
            pool = self._pools.get(key)
            if pool is None:
                pool = self._pools[key] = _new_pool(settings)
            self._pools.move_to_end(key)
            old = self._pools.popitem(last=False)[1] if len(self._pools) > _KEPT_POOLS else None
        if old is not None:
            old.close()
        return pool


def _dates(settings):
    """Return when the certificates' files changed: a renewed certificate is taken without a restart."""
    paths = (settings.ca_file, settings.client_cert, settings.client_key)
    try:
        return [os.stat(path).st_mtime_ns for path in paths if path]
    except OSError as error:
        raise misconfigured(f"a certificate's file cannot be read: {error.strerror}") from None


def _new_pool(settings):
    parts = urlsplit(settings.url)
    options = {"maxsize": _KEPT_CONNECTIONS, "block": False, "retries": False}
    if parts.scheme == "http":
        return _HttpPool(parts.hostname, parts.port or 80, **options)
    return _HttpsPool(parts.hostname, parts.port or 443, ssl_context=_tls(settings), **options)


def _tls(settings):
    # This protocol verifies certificate and host name from the start, and heeds no variable that asks for a key log.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if settings.ca_file:
            context.load_verify_locations(settings.ca_file)
        else:
            context.load_default_certs()
        if settings.client_cert:
            # An empty password instead of a question on the terminal, when the key's file has one.
            context.load_cert_chain(settings.client_cert, settings.client_key, password="")
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or "not usable"
        raise misconfigured(f"a certificate or a key cannot be loaded: {reason}") from None
    return context


_pools = _Pools()


class Wire:
    """The way to one endpoint.

    :param settings: checked :class:`~.settings.Settings`
    :raises Unreachable: kind ``configuration``
    """

    def __init__(self, settings):
        self._settings = settings
        parts = urlsplit(settings.url)
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        _pools.of(settings)

    def post(self, body, headers, timeout, anew):
        """Send a message and return the answer.

        :param timeout: seconds for all of it
        :param anew: of a read-only call: returns the message for a second time, when a kept connection turns out to be
            closed before the first byte of an answer; None: it is sent once
        :return: status, content type or None, body
        :raises Unreachable: kinds ``timeout``, ``connection``, ``tls``, ``too_large`` and ``unreadable``
        """
        attempt = Attempt(time.monotonic() + timeout)
        try:
            return self._once(body, headers, attempt)
        except Unreachable as error:
            if not (anew and error.kind == "connection" and attempt.reused and not attempt.received):
                raise
        return self._once(anew(), headers, Attempt(attempt.deadline))

    def _once(self, body, headers, attempt):
        _current.attempt = attempt
        response = None
        try:
            left = attempt.remaining()
            response = _pools.of(self._settings).urlopen(
                "POST",
                self._target,
                body=body,
                headers={**headers, "Accept-Encoding": "gzip", "User-Agent": "electricity-prepaid"},
                timeout=urllib3.Timeout(connect=min(self._settings.connect_timeout, left), read=left),
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            content = self._content(response)
            response.release_conn()
            return response.status, response.headers.get("Content-Type"), content
        except (exceptions.HTTPError, OSError, http.client.HTTPException) as error:
            raise _explained(error, attempt) from None
        finally:
            # What was not read to its end is closed, and never meets the next call's answer.
            if response is not None and response.connection is not None:
                response.close()
            _current.attempt = None

    def _content(self, response):
        limit = self._settings.max_bytes
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding not in ("identity", "gzip"):
            raise Unreachable("unreadable", "the answer is packed in a way that was not asked for")
        if (response.length_remaining or 0) > limit:
            raise Unreachable("too_large", f"the answer announces more than {limit} bytes")
        unpack = zlib.decompressobj(_GZIP) if encoding == "gzip" else None
        content = bytearray()
        for piece in response.stream(_PIECE, decode_content=False):
            content += _unpacked(unpack, piece, limit + 1 - len(content)) if unpack else piece
            if len(content) > limit:
                raise Unreachable("too_large", f"the answer is longer than {limit} bytes")
        if unpack and not unpack.eof:
            raise Unreachable("unreadable", "the packed answer is cut off")
        return bytes(content)


def _unpacked(unpack, piece, room):
    try:
        content = unpack.decompress(piece, room)
    except zlib.error:
        raise Unreachable("unreadable", "the answer cannot be unpacked") from None
    if unpack.unused_data:
        raise Unreachable("unreadable", "the packed answer is followed by something else")
    return content


def _explained(error, attempt):
    """Return what an error of the network means, in words that hold nothing of the messages."""
    causes = list(_causes(error))
    certificate = _first(causes, ssl.SSLCertVerificationError)
    if certificate:
        return Unreachable("tls", f"the server's certificate: {certificate.verify_message}", attempt.sent)
    if _first(causes, TimeoutError):
        return Unreachable("timeout", "no answer in time" if attempt.sent else "no connection in time", attempt.sent)
    tls = _first(causes, ssl.SSLError)
    if tls and not (attempt.sent and isinstance(tls, _BROKEN)):
        return Unreachable("tls", tls.reason or type(tls).__name__, attempt.sent)
    detail = "the connection broke" if attempt.sent else "no connection"
    return Unreachable("connection", f"{detail} ({type(causes[-1]).__name__})", attempt.sent)


def _first(causes, kinds):
    return next((each for each in causes if isinstance(each, kinds)), None)


def _causes(error):
    """Yield an error and what it wraps: the library keeps causes as arguments."""
    yield error
    for each in (*error.args, error.__cause__):
        if isinstance(each, Exception):
            yield from _causes(each)
