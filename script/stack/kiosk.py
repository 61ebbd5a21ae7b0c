"""The page of the kiosk without a browser: the courier between a kiosk's user and its terminal.

It logs in as the browser does, by a statement of the terminal, and may call only what the kiosk's page may.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx

from stack.books import cents
from stack.page import CallError, TerminalApi
from stack.processes import ProcessError, wait_until

MODEL = "electricity.kiosk"
BUSY = "S-101"
SIGNED_IN = 60.0
NOTE_TAKES = 30.0


class KioskPage:
    """A kiosk's page, logged in.

    :param proxy_url: where the terminal's first page is
    """

    def __init__(self, proxy_url: str):
        self.proxy_url = proxy_url
        self._http = httpx.Client(timeout=30.0)
        action = self._log_in()
        parts = urlsplit(action)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.visit = str(uuid.uuid4())
        facts = wait_until(self._started, SIGNED_IN, "the kiosk to be ready")
        self.api = TerminalApi(proxy_url, facts["token"], self.origin)

    def _log_in(self) -> str:
        def statement() -> dict | None:
            answer = self._http.post(f"{self.proxy_url}/kiosk/login", json={}, headers={"Origin": self.proxy_url})
            return answer.json() if answer.status_code == 200 else None

        found = wait_until(statement, SIGNED_IN, "the terminal to sign a login", interval=0.5)
        answer = self._http.post(found["action"], data={"token": found["token"]})
        if answer.status_code != 303:
            raise ProcessError(f"the kiosk could not log in: {answer.status_code} {answer.text[:200]}")
        return found["action"]

    def _started(self) -> dict | None:
        facts = self.call("start")
        return facts if facts["token"] and not facts["problems"] else None

    def call(self, method: str, *args) -> dict:
        """A call of the kiosk; :class:`CallError` with its code when it is refused. One that is busy is made again."""
        path = f"/web/dataset/call_kw/{MODEL}/{method}"
        params = {"model": MODEL, "method": method, "args": args, "kwargs": {"context": {"kiosk_visit": self.visit}}}
        deadline = time.monotonic() + NOTE_TAKES
        while True:
            answer = self._http.post(
                self.origin + path, json={"jsonrpc": "2.0", "method": "call", "params": params}
            ).json()
            if "error" in answer:
                raise CallError(None, str(answer["error"].get("data", {}).get("message")))
            result = answer["result"]
            if result["ok"]:
                return result
            if result["code"] != BUSY or time.monotonic() > deadline:
                raise CallError(result["code"], result["message"])
            time.sleep(0.2)

    def snapshot(self) -> str:
        """A fresh signed reading of the card in the kiosk's reader."""
        return self.api.call("snapshot", nonce=self.call("new_nonce")["nonce"])["snapshot"]

    def buy(self, amount: str, put_in: Callable[[], None]) -> dict:
        """One undisturbed purchase with notes; returns the order as the customer sees it.

        :param amount: decimal string
        :param put_in: puts notes worth as much into the acceptor, which is open by then
        """
        recharge = str(uuid.uuid4())
        if self.call("quote", self.snapshot())["marketing"].get("state") == "ask":
            self.call("ask", self.snapshot())
        order = self.call("begin", recharge, self.snapshot(), amount)["order"]
        if order["state"] == "draft":
            self._pay(recharge, put_in)
        issued = self.call("authorize", recharge, self.snapshot())
        receipt = self.api.write(issued["write_order"], issued["sealed"])
        self.call("confirm", [receipt])
        return wait_until(lambda: self._written(recharge), NOTE_TAKES, "the receipt to be confirmed")

    def _pay(self, recharge: str, put_in: Callable[[], None]) -> None:
        self.api.call("cash/open", collect=self.call("collect", recharge)["collect"])
        wanted = cents(self.call("status", recharge)["order"]["due"])
        put_in()

        def state() -> dict:
            return self.api.call("cash/state", recharge=recharge)

        wait_until(lambda: state()["total"] >= wanted, NOTE_TAKES, "the notes to be counted")
        self.api.call("cash/confirm", recharge=recharge)
        tenders = wait_until(lambda: state()["tenders"], NOTE_TAKES, "the statement about the notes")
        for statement in tenders:
            self.call("add_tender", recharge, statement)

    def _written(self, recharge: str) -> dict | None:
        order = self.call("status", recharge)["order"]
        return order if order["state"] == "written" else None
