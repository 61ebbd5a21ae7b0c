"""Who may talk to the service: Host, Origin, content type, rate, token and size, before anything else runs."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from hw_proxy import tokens
from hw_proxy.api.limits import RateLimit
from hw_proxy.config import Config
from hw_proxy.errors import JournalError, Refusal, TokenError
from hw_proxy.keys import Pairing
from hw_proxy.terminal import Terminal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_REMEMBERED_TOKENS = 64
_LONGEST_NUMBER = 20
POS_PREFIX = "/hw_proxy/"
KIOSK_PREFIX = "/kiosk"
_PREFLIGHT = [
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"authorization, content-type"),
    (b"access-control-max-age", b"600"),
]


class Security:
    """ASGI application around the routes. What reaches them is a POST of a JSON body by a page with a good token.

    :param app: the routes.
    :param config: hosts, origins, limits.
    :param current: the paired terminal, or none.
    """

    def __init__(self, app: App, config: Config, current: Callable[[], Terminal | None]) -> None:
        self._app = app
        self._config = config
        self._current = current
        self._hosts = config.allowed_hosts()
        self._pos_prefix = POS_PREFIX if config.pos.enabled else None
        self._own_origins = {f"http://{host}" for host in self._hosts}
        self._verified: OrderedDict[tuple[str, str], dict[str, object]] = OrderedDict()
        self._rate = RateLimit(config.limits.requests_per_second, config.limits.burst)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request and pass it on, or answer with a code."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = _headers(scope)
        origin: str | None = None
        try:
            self._check_host(headers)
            if self._config.kiosk.enabled and _is_below(scope["path"], KIOSK_PREFIX):
                await self._kiosk(scope, headers, receive, send)
                return
            origin = self._check_origin(headers)
            pos = self._pos_prefix is not None and scope["path"].startswith(self._pos_prefix)
            if scope["method"] == "OPTIONS":
                await self._preflight(headers, origin, send, pos)
                return
            if not self._rate.allow(scope["client"][0] if scope.get("client") else ""):
                raise Refusal("P-106")
            if pos and scope["method"] == "GET":
                # The stock client's first question has neither body nor token; its other calls have no token.
                body = b""
            else:
                self._check_form(scope, headers)
                page = {} if pos else self._check_token(headers)
                scope["state"] = {**scope.get("state", {}), "page": page}
                limits = self._config.pos if pos else self._config.limits
                body = await self._body(headers, receive, limits.max_body_bytes)
        except Refusal as refusal:
            await _answer(send, refusal, origin)
            return
        await self._app(scope, _replay(body, receive), _with_origin(send, origin))

    async def _kiosk(self, scope: Scope, headers: dict[str, list[str]], receive: Receive, send: Send) -> None:
        """The first page and its calls: a page of this service, with no token yet, talks to nobody else."""
        if not self._rate.allow(scope["client"][0] if scope.get("client") else ""):
            raise Refusal("P-106")
        body = b""
        if scope["method"] != "GET":
            origins = headers.get("origin", [])
            if len(origins) != 1 or origins[0] not in self._own_origins:
                raise Refusal("P-101")
            self._check_form(scope, headers)
            body = await self._body(headers, receive, self._config.limits.max_body_bytes)
        await self._app(scope, _replay(body, receive), send)

    def _check_host(self, headers: dict[str, list[str]]) -> None:
        hosts = headers.get("host", [])
        if len(hosts) != 1 or hosts[0] not in self._hosts:
            raise Refusal("P-102")

    def _check_origin(self, headers: dict[str, list[str]]) -> str:
        origins = headers.get("origin", [])
        terminal = self._current()
        listed = set(self._config.listen.origins) | (terminal.odoo.origins if terminal else set())
        if len(origins) != 1 or origins[0] not in listed:
            raise Refusal("P-101")
        return origins[0]

    async def _preflight(self, headers: dict[str, list[str]], origin: str, send: Send, pos: bool) -> None:
        wanted = headers.get("access-control-request-method")
        if wanted != ["POST"] and not (pos and wanted == ["GET"]):
            raise Refusal("P-104")
        extra = list(_PREFLIGHT)
        for kind in ("private", "local"):
            # A page on a public address asks before it may reach this machine (Private and Local Network Access).
            if headers.get(f"access-control-request-{kind}-network") == ["true"]:
                extra.append((f"access-control-allow-{kind}-network".encode(), b"true"))
        await send({"type": "http.response.start", "status": 204, "headers": [*_cors(origin), *extra]})
        await send({"type": "http.response.body", "body": b""})

    def _check_form(self, scope: Scope, headers: dict[str, list[str]]) -> None:
        if scope["method"] != "POST":
            raise Refusal("P-104", method="POST")
        kinds = headers.get("content-type", [])
        if len(kinds) != 1 or kinds[0].split(";")[0].strip().lower() != "application/json":
            raise Refusal("P-104", content_type="application/json")

    def _check_token(self, headers: dict[str, list[str]]) -> dict[str, object]:
        terminal = self._current()
        if terminal is None:
            raise Refusal("P-111")
        values = headers.get("authorization", [])
        if len(values) != 1 or not values[0].startswith("Bearer "):
            raise Refusal("P-103")
        claims = self._page_claims(values[0][7:], terminal.identity.pairing)
        if claims["exp"] * 1000 <= terminal.clock.now_ms() or claims["epoch"] < terminal.odoo.epoch:
            raise Refusal("P-103")
        try:
            terminal.odoo.raise_epoch(claims["epoch"])
        except JournalError as error:
            raise Refusal("P-110") from error
        return claims

    def _page_claims(self, token: str, pairing: Pairing) -> dict[str, object]:
        """Claims of a page token. A page sends the same one with every call: its signature is checked once."""
        known = self._verified.get((pairing.kid, token))
        if known is not None:
            return known
        try:
            claims = tokens.verify(token, "page+jwt", pairing.issuer, pairing.terminal)
            tokens.require(
                claims,
                sub=tokens.is_text(),
                epoch=tokens.is_uint(0xFFFFFFFF),
                iat=tokens.is_uint(1 << 40),
                exp=tokens.is_uint(1 << 40),
            )
        except TokenError as error:
            raise Refusal("P-103") from error
        self._verified[pairing.kid, token] = claims
        while len(self._verified) > _REMEMBERED_TOKENS:
            self._verified.popitem(last=False)
        return claims

    async def _body(self, headers: dict[str, list[str]], receive: Receive, limit: int) -> bytes:
        declared = headers.get("content-length", ["0"])[0]
        # Longer than any limit: int() itself refuses thousands of digits with an error.
        if not declared.isdecimal() or len(declared) > _LONGEST_NUMBER or int(declared) > limit:
            raise Refusal("P-105", limit=limit)
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":
                raise Refusal("P-104")
            body += message.get("body", b"")
            if len(body) > limit:
                raise Refusal("P-105", limit=limit)
            if not message.get("more_body"):
                break
        try:
            value = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise Refusal("P-104") from error
        if not isinstance(value, dict):
            raise Refusal("P-104")
        return body


def _is_below(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")


def _headers(scope: Scope) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1"))
    return headers


def _cors(origin: str | None) -> list[tuple[bytes, bytes]]:
    if origin is None:
        return [(b"vary", b"Origin")]
    return [(b"access-control-allow-origin", origin.encode("latin-1")), (b"vary", b"Origin")]


async def _answer(send: Send, refusal: Refusal, origin: str | None) -> None:
    body = json.dumps(refusal.as_dict()).encode()
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *_cors(origin)]
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def replay() -> Message:
        nonlocal sent
        if not sent:
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}
        return await receive()

    return replay


def _with_origin(send: Send, origin: str) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = [*_cors(origin), (b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
            message = {**message, "headers": [*message.get("headers", []), *extra]}
        await send(message)

    return wrapped
