"""The page of the counter without a browser: the courier between Odoo and the terminal.

The demo's self check, the process tests and the benches drive a sale through the same HTTP interfaces as the browser
(docs/protocol, sections 3 and 4). Nothing here decides anything; every method is one call or a documented sequence.
"""

from __future__ import annotations

import contextlib
import time
import uuid as uuid_module
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

import httpx

BUSY = "S-101"
_PAUSE = 0.15


class CallError(RuntimeError):
    """An HTTP interface answered with an error.

    :param code: a code of docs/protocol section 5, or ``None`` when the answer had none.
    """

    def __init__(self, code: str | None, detail: str):
        super().__init__(f"{code or 'no code'}: {detail}")
        self.code = code


class OdooSession:
    """A logged-in user of Odoo's web client.

    :param base_url: such as ``http://127.0.0.1:8069``
    :param database: database name
    """

    def __init__(self, base_url: str, database: str, login: str, password: str, timeout: float = 30.0):
        self.base_url = base_url
        self.database = database
        self._http = httpx.Client(base_url=base_url, timeout=timeout)
        result = self._json("/web/session/authenticate", db=database, login=login, password=password)
        self.uid = result["uid"]

    def _json(self, path: str, **params):
        answer = self._http.post(path, json={"jsonrpc": "2.0", "method": "call", "params": params})
        answer.raise_for_status()
        body = answer.json()
        if "error" in body:
            data = body["error"].get("data") or {}
            raise CallError(None, data.get("message") or body["error"]["message"])
        return body.get("result")

    def call(self, model: str, method: str, *args, **kwargs):
        """Call a public model method; raises :class:`CallError` when Odoo raised, returns what it returned."""
        return self._json(
            f"/web/dataset/call_kw/{model}/{method}", model=model, method=method, args=args, kwargs=kwargs
        )

    def sale(self, method: str, *args, **kwargs) -> dict:
        """A call of the sale (docs/protocol section 4). Refusals come back as ``{"ok": False, "code": …}``."""
        return self.call("electricity.recharge", method, *args, **kwargs)

    def close(self) -> None:
        self._http.close()


class TerminalApi:
    """``/v1`` of one hw_proxy.

    :param token: a ``page+jwt`` from ``counter_state``
    :param origin: must be one of the terminal's allowed origins
    """

    def __init__(self, base_url: str, token: str, origin: str, timeout: float = 30.0):
        self.base_url = base_url
        self._http = httpx.Client(
            base_url=base_url, timeout=timeout, headers={"Authorization": f"Bearer {token}", "Origin": origin}
        )

    def call(self, path: str, **body) -> dict:
        """POST to ``/v1/<path>``; raises :class:`CallError` with the terminal's code."""
        answer = self._http.post(f"/v1/{path}", json=body)
        if answer.status_code >= 400:
            try:
                code = answer.json().get("code")
            except ValueError:
                code = None
            raise CallError(code, f"{path} answered {answer.status_code}")
        return answer.json()

    @contextlib.contextmanager
    def events(self):
        """The terminal's event stream: yields an iterator of its lines once it is open, as a page holds it."""
        with self._http.stream("POST", "/v1/events", json={}) as answer:
            lines = answer.iter_lines()
            next(lines)
            yield lines

    def write(self, order: str, sealed: str | None, timeout: float = 30.0, poll: float = 0.02) -> str:
        """Send a write order and wait for its receipt (compact JWS), looking every ``poll`` seconds.

        Raises ``TimeoutError``.
        """
        job = self.call("write", order=order, sealed=sealed)["job"]
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            state = self.call(f"jobs/{job}")
            if state["state"] == "done":
                return state["receipt"]
            time.sleep(poll)
        raise TimeoutError(f"job {job} is not done after {timeout} s")

    def close(self) -> None:
        self._http.close()


@dataclass
class Counter:
    """A clerk at a counter: an Odoo session, a terminal, and the order of calls of a sale.

    Like the real page it may repeat a call whose answer was lost, or that was busy, with the same arguments.

    :param patience: for how many seconds a call is repeated; 0 takes the first answer
    """

    odoo: OdooSession
    terminal_id: int
    patience: float = 0.0
    api: TerminalApi = field(init=False)
    uuid: str = field(default_factory=lambda: str(uuid_module.uuid4()))

    def __post_init__(self):
        state = self.sale("counter_state", self.terminal_id)
        self.api = TerminalApi(state["terminal"]["proxy_url"], state["token"], self.odoo.base_url)

    @staticmethod
    def expect(answer: dict) -> dict:
        """The answer, when it is a success; else :class:`CallError` with its code."""
        if not answer["ok"]:
            raise CallError(answer["code"], answer["message"])
        return answer

    def repeated(self, call: Callable[[], dict], again: tuple[str, ...] = (BUSY,)):
        """What ``call`` answers; repeated while the connection fails or a code of ``again`` is answered."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return call()
            except httpx.TransportError:
                if time.monotonic() >= deadline:
                    raise
            except CallError as error:
                if error.code not in again or time.monotonic() >= deadline:
                    raise
            time.sleep(_PAUSE)

    def sale(self, method: str, *args) -> dict:
        """A call of the sale that must succeed; :class:`CallError` with the code when it is refused."""
        return self.repeated(lambda: self.expect(self.odoo.sale(method, *args)))

    def open_shift(self, opening: str = "0.00") -> dict:
        """Open a shift when none is open; returns its description."""
        state = self.sale("counter_state", self.terminal_id)
        return state["session"] or self.sale("open_shift", self.terminal_id, opening)["session"]

    def snapshot(self) -> str:
        """A fresh signed reading of the card in the terminal's reader."""
        nonce = self.sale("new_nonce", self.terminal_id)["nonce"]
        return self.repeated(lambda: self.api.call("snapshot", nonce=nonce), ("P-113",))["snapshot"]

    def quote(self, amount: str | None = None, snapshot: str | None = None) -> dict:
        """A quote for the card in the reader."""
        return self.sale("quote", self.terminal_id, snapshot or self.snapshot(), amount)

    def begin(self, amount: str, snapshot: str | None = None) -> dict:
        """Commit the order for the card in the reader under ``self.uuid``."""
        return self.sale("begin", self.uuid, self.terminal_id, snapshot or self.snapshot(), amount)["order"]

    def operate(self, op: str, account: str, amount: str = "0.00", snapshot: str | None = None) -> dict:
        """Commit the order of an operation (open, replace, clear) for the card in the reader under ``self.uuid``.

        :param account: account number
        :param amount: money for a purchase in the same step
        """
        answer = self.sale(
            "begin_operation", self.uuid, self.terminal_id, snapshot or self.snapshot(), op, account, amount
        )
        return answer["order"]

    def pay_cash(self, received: str, tender_uuid: str | None = None) -> dict:
        """Take cash for the order; returns the whole answer with ``change``."""
        tender = {"uuid": tender_uuid or str(uuid_module.uuid4()), "kind": "cash", "received": received}
        return self.sale("add_tender", self.uuid, tender)

    def authorize(self, snapshot: str | None = None) -> dict:
        """Obtain a write order: ``write_order``, ``sealed``, ``attempt``."""
        return self.sale("authorize", self.uuid, snapshot)

    def write(self, authorized: dict, timeout: float = 30.0) -> str:
        """Let the terminal execute it; returns the receipt.

        Every message on the way may be lost: the order is sent again at will, its ``jti`` makes it one.
        """
        order, sealed = authorized["write_order"], authorized["sealed"]
        return self.repeated(lambda: self.api.write(order, sealed, timeout), ("P-112", "P-109"))

    def confirm(self, *receipts: str) -> dict:
        """Carry receipts to Odoo, oldest first."""
        return self.sale("confirm", list(receipts))

    def deliver(self, *receipts: str) -> dict:
        """Carry receipts as a page does: what came too early or met another call is carried again, in order."""
        answer = self.confirm(*receipts)
        deadline = time.monotonic() + self.patience
        while any(result["code"] in (BUSY, "R-102") for result in answer["results"]) and time.monotonic() < deadline:
            time.sleep(_PAUSE)
            answer = self.deliver_receipts()
        return answer

    def deliver_receipts(self) -> dict:
        """What a page does when it starts: carry every receipt that Odoo has not acknowledged."""
        return self.confirm(*self.repeated(lambda: self.api.call("receipts"))["receipts"])

    def status(self) -> dict:
        """The order's status."""
        return self.sale("status", self.uuid)["order"]

    def resolve(self, snapshot: str | None = None) -> dict:
        """Read the card and let Odoo resolve what is open on it."""
        return self.sale("resolve", self.terminal_id, snapshot or self.snapshot())

    def cancel(self, refund: bool) -> dict:
        """Give the order up; hand its money back or keep it as balance."""
        return self.sale("cancel", self.uuid, refund)

    def sell(self, amount: str) -> dict:
        """One whole undisturbed sale paid in cash to the cent; returns the final order."""
        order = self.begin(amount)
        if Decimal(order["due"]) > 0:
            self.pay_cash(order["due"])
        self.deliver(self.write(self.authorize()))
        return self.status()
