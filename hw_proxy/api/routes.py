"""The calls of ``/v1``. Thin: each asks the terminal and answers."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from hw_proxy.api.schemas import (
    Body,
    CashBody,
    CollectBody,
    PrintBody,
    PrintedBody,
    ReceiptsBody,
    SnapshotBody,
    VoidBody,
    WriteBody,
)
from hw_proxy.api.stream import events
from hw_proxy.errors import Refusal
from hw_proxy.terminal import Terminal


def build(current: Callable[[], Terminal | None]) -> APIRouter:
    """The routes.

    :param current: the paired terminal, or none.
    """
    router = APIRouter(prefix="/v1")

    def terminal() -> Terminal:
        found = current()
        if found is None:
            raise Refusal("P-111")
        return found

    @router.post("/status")
    def status(_body: Body) -> dict[str, object]:
        return terminal().status()

    @router.post("/snapshot")
    def snapshot(body: SnapshotBody) -> dict[str, str]:
        return {"snapshot": terminal().snapshot(body.nonce, body.reader)}

    @router.post("/write", status_code=202)
    def write(body: WriteBody) -> dict[str, str]:
        return {"job": terminal().jobs.write(body.order, body.sealed)}

    @router.post("/void")
    def void(body: VoidBody) -> dict[str, str]:
        return {"receipt": terminal().jobs.void(body.order)}

    @router.post("/jobs/{jti}")
    def job(jti: str, _body: Body) -> dict[str, object]:
        return terminal().jobs.state(jti)

    @router.post("/receipts")
    def receipts(body: ReceiptsBody) -> dict[str, list[str]]:
        return {"receipts": terminal().receipts(body.after)}

    @router.post("/cash/open")
    def cash_open(body: CollectBody) -> dict[str, object]:
        return terminal().cash.open(body.collect)

    @router.post("/cash/confirm")
    def cash_confirm(body: CashBody) -> dict[str, object]:
        return terminal().cash.confirm(body.recharge)

    @router.post("/cash/cancel")
    def cash_cancel(body: CashBody) -> dict[str, object]:
        return terminal().cash.cancel(body.recharge)

    @router.post("/cash/state")
    def cash_state(body: CashBody) -> dict[str, object]:
        return terminal().cash.state(body.recharge)

    @router.post("/print", status_code=202)
    def print_receipt(body: PrintBody) -> dict[str, object]:
        return terminal().prints.print(body.job)

    @router.post("/print/state")
    def print_state(body: PrintedBody) -> dict[str, object]:
        return terminal().prints.state(body.job)

    @router.post("/events")
    async def stream(_body: Body, request: Request) -> StreamingResponse:
        found = terminal()
        if found.events.count() >= found.config.limits.max_event_streams:
            raise Refusal("P-106")
        expires = request.state.page["exp"]
        return StreamingResponse(
            events(found, expires, found.stopping.is_set), media_type="text/event-stream; charset=utf-8"
        )

    return router
