"""The kiosk's page without a browser: the calls of ``kiosk_visit.js`` and of both payments in their order.

They go to the real Odoo and the real terminal. Nothing is decided here; what a person does is what the screens say.
"""

from __future__ import annotations

import time
import uuid

import httpx
from stack.page import BUSY, CallError, TerminalApi
from stack.processes import wait_until
from stack.world import new_uuid

GOING_ON = ("open", "closing")
ASKING, MAY_BE_PAID = "asking", ("asking", "waiting")
LATER = {
    BUSY,
    "P-108",
    "P-109",
    "P-113",
    "C-201",
    "C-202",
    "C-206",
    "N-102",
    "N-104",
    "A-101",
    "A-102",
    "A-202",
    "A-301",
    "A-304",
    "S-112",
}
"""Codes after which the person before the kiosk tries again: something is not back yet, or another call is at work."""
PAUSE = 0.15


class KioskCalls:
    """One life of the kiosk's page: it logs in as the terminal's own page does.

    :param world: of tests/kiosk
    :param patience: for how many seconds a call is repeated that met nobody, or somebody else's lock
    """

    def __init__(self, world, patience: float = 30.0):
        self.world, self.patience = world, patience
        self.odoo = httpx.Client(base_url=world.odoo.url, timeout=30.0)
        terminal = world.terminal.url
        told = self._again(lambda: self._json(httpx.post(f"{terminal}/kiosk/login", json={}, headers=_own(terminal))))
        answer = self._again(lambda: self.odoo.post(told["action"], data={"token": told["token"]}))
        assert answer.status_code == 303, answer.text
        self.facts = self.ask("start")
        self.terminal = TerminalApi(terminal, self.facts["token"], world.odoo.url)

    @staticmethod
    def _json(answer: httpx.Response) -> dict:
        if answer.status_code >= 400:
            raise CallError(answer.json().get("code"), answer.text)
        return answer.json()

    def _again(self, call, codes=frozenset({BUSY, "P-117"})):
        deadline = time.monotonic() + self.patience
        while True:
            try:
                return call()
            except httpx.TransportError:
                if time.monotonic() > deadline:
                    raise
            except CallError as error:
                if error.code not in codes or time.monotonic() > deadline:
                    raise
            time.sleep(PAUSE)

    def ask(self, method: str, *args) -> dict:
        """A call of ``electricity.kiosk`` that must succeed, made again with the same arguments while it meets nobody.

        :raises CallError: refused
        """
        params = {
            "model": "electricity.kiosk",
            "method": method,
            "args": args,
            "kwargs": {"context": {"lang": "en_US"}},
        }

        def call():
            answer = self.odoo.post(
                f"/web/dataset/call_kw/electricity.kiosk/{method}",
                json={"jsonrpc": "2.0", "method": "call", "params": params},
            )
            result = answer.raise_for_status().json()["result"]
            if not result["ok"]:
                raise CallError(result["code"], result["message"])
            return result

        return self._again(call)

    def tell(self, path: str, **body) -> dict:
        """A call of the terminal, made again while it meets nobody."""
        return self._again(lambda: self.terminal.call(path, **body), frozenset())

    def snapshot(self) -> str:
        """A fresh reading of the card."""
        nonce = self.ask("new_nonce")["nonce"]
        return self._again(lambda: self.terminal.call("snapshot", nonce=nonce), frozenset({"P-113"}))["snapshot"]

    def begin(self, amount: str) -> dict:
        """Price an amount and make the order."""
        self.ask("quote", self.snapshot(), amount)
        return self.ask("begin", new_uuid(), self.snapshot(), amount)["order"]

    def open(self, order: dict) -> dict:
        """Open the acceptor for an order; what the terminal says of the payment."""
        return self.tell("cash/open", collect=self.ask("collect", order["uuid"])["collect"])

    def take_notes(self, order: dict, insert) -> dict:
        """Follow an open payment until the terminal has stated what came in; returns what it says.

        :param insert: ``insert(cents)``: what the person does while so much is missing
        """
        due = round(float(order["due"]) * 100)

        def is_over():
            cash = self.tell("cash/state", recharge=order["uuid"])
            if cash["state"] == "open":
                missing = due - cash["total"]
                if missing > 0:
                    insert(missing)
                else:
                    self.tell("cash/confirm", recharge=order["uuid"])
            return None if cash["state"] in GOING_ON else cash

        return wait_until(is_over, 90, "the payment to end")

    def on_its_way(self, order: dict) -> dict | None:
        """Bring what the terminal has stated for an order paid with notes, as ``onItsWay`` of ``resume.js`` does.

        :return: the order, when money is on its way for it, else None
        :raises CallError: the terminal or Odoo cannot say now; the page goes on without it then
        """
        cash = self.tell("cash/state", recharge=order["uuid"])
        if cash["state"] in GOING_ON:
            return order
        brought = self.bring_statements(order, cash)
        return brought if any(brought[name] != order[name] for name in ("state", "paid", "uncertain")) else None

    def bring_statements(self, order: dict, cash: dict) -> dict:
        """Carry what the terminal has stated to Odoo; returns the order."""
        for statement in cash["tenders"]:
            order = self.ask("add_tender", order["uuid"], statement)["order"]
        return order

    def pay(self, order: dict, reference: str) -> dict:
        """Begin a payment by QR code, or go on beginning it; ``payment`` and ``order``."""
        return self.ask("pay", order["uuid"], reference, "qr")

    def follow(self, order: dict, reference: str, scan) -> dict:
        """Follow a payment by QR code until it is over; returns the order.

        :param scan: ``scan(payment)``: what the person does while its code is on the screen
        """
        answer = self.pay(order, reference)

        def is_over():
            nonlocal answer
            payment = answer["payment"]
            if payment["state"] not in MAY_BE_PAID:
                return answer["order"]
            if payment["state"] == ASKING:
                answer = self.pay(order, reference)
            else:
                scan(payment)
                answer = self.ask("pay_status", reference)
            return None

        return wait_until(is_over, 90, "the payment to end", interval=0.5)

    def pay_by_code(self, order: dict, scan) -> dict:
        """Pay an order by QR code, or go on with the payment of it that is open; returns the order."""
        running = self.ask("pay_open", order["uuid"])["payment"]
        return self.follow(order, running["reference"] if running else uuid.uuid4().hex, scan)

    def pay_with_notes(self, order: dict, insert) -> dict:
        """Pay an order with notes; returns it."""
        self.open(order)
        return self.bring_statements(order, self.take_notes(order, insert))

    def print_receipt(self, order: dict) -> None:
        """Let the terminal print the receipt of an order, and look until it says how that ended."""
        answer = self.ask("receipt", order["uuid"])
        if answer["print"]:
            self.tell("print", job=answer["print"])
            wait_until(
                lambda: self.tell("print/state", job=answer["job"])["state"] != "printing", 30, "the print to end"
            )

    def authorize(self, order: dict) -> dict:
        """Obtain the write order for the card in the reader."""
        return self.ask("authorize", order["uuid"], self.snapshot())

    def write(self, issued: dict) -> str:
        """Let the terminal write; returns its receipt."""
        order, sealed = issued["write_order"], issued["sealed"]
        return self._again(lambda: self.terminal.write(order, sealed), frozenset({"P-112", "P-109"}))

    def confirm(self) -> None:
        """Carry all receipts that Odoo has not acknowledged."""
        receipts = self.tell("receipts")["receipts"]
        if receipts:
            self.ask("confirm", receipts)

    def finish(self, pay_on) -> str:
        """Do once what the screens say for the card in the reader: pay on, or have it written again.

        :param pay_on: ``pay_on(page, order)``: pays what an order still needs
        :return: ``done`` (nothing is open), ``again`` (something was done: look once more)
        :raises CallError: a code of :data:`LATER` passes by itself
        """
        self.confirm()
        quote = self.ask("quote", self.snapshot())
        order = quote["open_order"] or (quote["unpaid"] and self.on_its_way(quote["unpaid"]))
        if order is None:
            return "done"
        if order["state"] == "draft":
            pay_on(self, order)
            return "again"
        if order["state"] != "paid":
            order = self.ask("resolve", self.snapshot())["order"] or order
        if {"authorize", "rewrite"} & set(order["actions"]):
            self.write(self.authorize(order))
            self.confirm()
        return "again"


def _own(url: str) -> dict[str, str]:
    return {"Origin": url}
