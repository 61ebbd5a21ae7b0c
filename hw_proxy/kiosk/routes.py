"""The first page's addresses. Who may call them is decided before, by Host and Origin."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import Response

from hw_proxy.api.schemas import Body, CashBody, VoucherPrintBody, VouchersBody
from hw_proxy.api.security import KIOSK_PREFIX
from hw_proxy.config import Config
from hw_proxy.errors import Refusal
from hw_proxy.kiosk.login import login
from hw_proxy.paper.voucher import Vouchers
from hw_proxy.terminal import Terminal

_FILES = {
    "": ("start.html", "text/html"),
    "/start.js": ("start.js", "text/javascript"),
    "/keys.js": ("keys.js", "text/javascript"),
    "/voucher.js": ("voucher.js", "text/javascript"),
    "/start.css": ("start.css", "text/css"),
}


def build(config: Config, current: Callable[[], Terminal | None]) -> APIRouter:
    """The routes.

    :param current: the paired terminal, or none.
    """
    router = APIRouter()
    policy = _policy(config)

    def page(name: str, kind: str) -> Callable[[], Response]:
        content = (resources.files("hw_proxy.kiosk") / "static" / name).read_bytes()
        headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
        return lambda: Response(content, media_type=kind, headers=headers)

    for path, (name, kind) in _FILES.items():
        router.add_api_route(KIOSK_PREFIX + path, page(name, kind), methods=["GET"])

    @router.post(f"{KIOSK_PREFIX}/state")
    async def state(_request: Request) -> dict[str, object]:
        terminal = current()
        name = terminal.identity.pairing.name if terminal else ""
        return {"terminal": name, "phone": config.kiosk.phone}

    def terminal() -> Terminal:
        found = current()
        if found is None:
            raise Refusal("P-111")
        return found

    @router.post(f"{KIOSK_PREFIX}/login")
    async def log_in(_request: Request) -> dict[str, str]:
        return login(terminal())

    # These wait for the disk, so they run on threads.

    @router.post(f"{KIOSK_PREFIX}/vouchers")
    def vouchers(body: VouchersBody) -> dict[str, object]:
        return Vouchers(terminal()).open(body.hand_out, body.recharge)

    @router.post(f"{KIOSK_PREFIX}/vouchers/print")
    def print_voucher(body: VoucherPrintBody) -> dict[str, object]:
        return Vouchers(terminal()).print(body.tender, body.again)

    @router.post(f"{KIOSK_PREFIX}/vouchers/again")
    def show_again(_body: Body) -> dict[str, object]:
        return Vouchers(terminal()).again()

    @router.post(f"{KIOSK_PREFIX}/vouchers/done")
    def put_away(_body: Body) -> dict[str, object]:
        Vouchers(terminal()).put_away()
        return {}

    @router.post(f"{KIOSK_PREFIX}/cash/confirm")
    def confirm(body: CashBody) -> dict[str, object]:
        cash = terminal().cash.confirm(body.recharge)
        return {"state": cash["state"], "total": cash["total"]}

    return router


def _policy(config: Config) -> str:
    """What the page may load and where it may go: itself, and the one Odoo."""
    parts = urlsplit(config.kiosk.url or config.odoo.url)
    odoo = f"{parts.scheme}://{parts.netloc}"
    return (
        f"default-src 'none'; script-src 'self'; style-src 'self'; img-src data:;"
        f" connect-src 'self' {odoo}; form-action {odoo};"
        " frame-ancestors 'none'; base-uri 'none'"
    )
