"""The stock client's addresses. Who may call them is decided before, by Host and Origin."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from starlette.concurrency import run_in_threadpool

from hw_proxy.api.security import POS_PREFIX
from hw_proxy.pos.face import PosFace

# Seconds. The client asks again at once, so that an early answer would only make it ask more often.
SCANNER_WAIT = 25.0
_SLICE = 1.0


def build(face: PosFace) -> APIRouter:
    """The routes."""
    router = APIRouter(prefix=POS_PREFIX.rstrip("/"))

    @router.get("/hello")
    def hello() -> PlainTextResponse:
        return PlainTextResponse("ping")

    @router.post("/handshake")
    async def handshake(request: Request) -> dict[str, object]:
        return await _answer(request, True)

    @router.post("/status_json")
    async def status_json(request: Request) -> dict[str, object]:
        return await _answer(request, face.status())

    @router.post("/default_printer_action")
    async def default_printer_action(request: Request) -> dict[str, object]:
        params = (await request.json()).get("params")
        data = params.get("data") if isinstance(params, dict) else None
        return await _answer(request, await run_in_threadpool(face.printer_action, data))

    @router.post("/scanner")
    async def scanner(request: Request) -> dict[str, object]:
        number = await _number(request)
        until = time.monotonic() + SCANNER_WAIT
        code = None
        while code is None and time.monotonic() < until and not face.stopping.is_set():
            code = await face.scans.wait(_SLICE)
            if code is None and await request.is_disconnected():
                break
        return _result(number, code)

    return router


async def _answer(request: Request, result: object) -> dict[str, object]:
    return _result(await _number(request), result)


async def _number(request: Request) -> object:
    """The number of a JSON-RPC request; read before waiting, as asking whether the client is gone uses the body up."""
    number = (await request.json()).get("id")
    return number if isinstance(number, int | str) else None


def _result(number: object, result: object) -> dict[str, object]:
    """A JSON-RPC 2.0 answer."""
    return {"jsonrpc": "2.0", "id": number, "result": result}
