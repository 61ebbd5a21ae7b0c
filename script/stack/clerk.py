"""What a clerk does with an order that did not end, with nothing but what the page offers."""

from __future__ import annotations

from decimal import Decimal

from stack.page import CallError, Counter

WAIT = frozenset({"S-101", "S-112", "N-102", "N-103", "N-104", "P-108", "P-109", "P-113", "C-201", "C-202", "C-206"})
"""Codes after which the clerk reads the card again: another call is at work, an attempt has just ended, the reader or
the terminal is not back yet."""
TO_THE_METER = frozenset({"C-105", "C-108", "C-118"})
"""Codes after which the customer puts the card into the meter, which writes its answer on it again, and comes back."""


class StaffNeeded(AssertionError):
    """The rules leave nothing that a clerk may do."""


class Clerk:
    """A clerk who sees a card, and an order at most, and knows nothing else.

    :param counter: the page; its ``uuid`` is replaced by the order that the card leads to
    """

    def __init__(self, counter: Counter):
        self.counter = counter

    def step(self) -> bool:
        """Do the one thing that the page offers for the card in the reader.

        :return: True when nothing is left to do here: the customer may go to the meter
        :raises StaffNeeded: the order is held for staff
        :raises CallError: refused; codes in :data:`WAIT` pass by themselves
        """
        counter = self.counter
        counter.deliver_receipts()
        snapshot = counter.snapshot()
        quote = counter.quote(snapshot=snapshot)
        order = quote["open_order"]
        if order is None:
            return quote["allowed"] or self._ask_about_refused_card(snapshot, quote)
        counter.uuid = order["uuid"]
        if order["state"] in ("unknown", "not_written"):
            return self._resolve(snapshot)
        if order["state"] == "draft":
            counter.pay_cash(order["due"])
        elif order["state"] == "paid" and Decimal(order["due"]) > 0:
            raise StaffNeeded(f"a paid order wants more money: {order}")
        return self._write()

    def _ask_about_refused_card(self, snapshot: str, quote: dict) -> bool:
        """The card may not be bought with: perhaps the meter did not take what is written on it."""
        if quote["code"] not in ("C-108", "C-105", "C-111", "C-118"):
            raise CallError(quote["code"], quote["message"])
        answer = self.counter.resolve(snapshot)
        if answer["resolution"] == "rewrite":
            self.counter.uuid = answer["order"]["uuid"]
            return self._write()
        return True

    def _resolve(self, snapshot: str) -> bool:
        answer = self.counter.resolve(snapshot)
        if answer["resolution"] == "hold":
            raise StaffNeeded(f"held: {answer['order']}")
        if answer["order"] is None or answer["order"]["state"] == "written":
            return True
        return self._write() if "rewrite" in answer["order"]["actions"] else False

    def _write(self) -> bool:
        self.counter.deliver(self.counter.write(self.counter.authorize(self.counter.snapshot())))
        return self.counter.status()["state"] == "written"
