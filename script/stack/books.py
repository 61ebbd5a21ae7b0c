"""The property of the project, checked on what the database and the meter hold.

Never more than one credit per paid order, always; exactly one once faults have stopped and the meter accepts the card;
money in = energy + balance, to the cent.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from stack.page import OdooSession

BILLS = "arrears"
"""Operation whose orders buy nothing for the meter."""
UNCERTAIN = ("authorized", "unknown", "not_written")
PAYOUTS_HELD = ("approved", "sent")
"""States of payouts for which the balance holds money."""
NEVER_CREDITED = ("draft", "paid", "cancelled", "reversed")


def cents(value: float) -> int:
    """An amount as Odoo's interface shows it, in cents; energy in kWh becomes 0.01 kWh in the same way."""
    return round(Decimal(str(value)) * 100)


@dataclass(frozen=True)
class Books:
    """All that is recorded about one account, and what its meter has credited beside the opening.

    :param credits: (count, quantity in 0.01 kWh or cents) as the meter keeps them
    """

    account: dict
    orders: list[dict]
    tenders: list[dict]
    entries: list[dict]
    attempts: list[dict]
    credits: list[tuple[int, int]]
    payouts: list[dict]

    @classmethod
    def read(cls, odoo: OdooSession, account_id: int, credits: list[tuple[int, int]]) -> Books:
        """Read them as a user who sees everything, all at one moment: a receipt may arrive while they are read."""
        while True:
            books = cls._read(odoo, account_id, credits)
            # Every decision about an account raises its version.
            now = odoo.call("electricity.account", "read", [account_id], ["version"])[0]
            if now["version"] == books.account["version"]:
                return books

    @classmethod
    def _read(cls, odoo: OdooSession, account_id: int, credits: list[tuple[int, int]]) -> Books:
        domain = [("electricity_account_id", "=", account_id)]
        fields = ["balance", "held", "purchase_count", "total_energy", "version"]

        def rows(model, which, names):
            return odoo.call(model, "search_read", which, names, order="id")

        order_fields = ["uuid", "state", "op", "unit", "amount", "cost", "remainder", "energy", "count", "price"]
        order_fields += ["paid_amount"]
        return cls(
            account=odoo.call("electricity.account", "read", [account_id], fields)[0],
            orders=rows("electricity.recharge", domain, order_fields),
            tenders=rows("electricity.tender", domain, ["amount", "direction", "recharge_id", "uuid"]),
            entries=rows("electricity.ledger.entry", domain, ["money", "energy", "kind", "recharge_id", "tender_id"]),
            attempts=rows(
                "electricity.recharge.attempt",
                [("recharge_id.electricity_account_id", "=", account_id)],
                ["recharge_id", "state", "op", "jti"],
            ),
            credits=credits,
            payouts=rows("electricity.payout", domain, ["amount", "state", "tender_ids"]),
        )

    def check(self, final: bool) -> None:
        """Assert the property.

        :param final: faults have stopped, orders have been finished and the card has been in the meter
        """
        self._check_credits(final)
        self._check_money()
        self._check_each_order()
        for payout in self.payouts:
            assert len(payout["tender_ids"]) == (payout["state"] == "paid"), f"a payout was not paid once: {payout}"

    def _issued(self, *states: str) -> list[tuple[int, int]]:
        """(count, quantity) of the orders in these states that buy something."""
        return [
            (order["count"], cents(order["cost"] if order["unit"] == "cents" else order["energy"]))
            for order in self.orders
            if order["state"] in states and order["amount"] and order["op"] != BILLS
        ]

    def _check_credits(self, final: bool) -> None:
        counts = [count for count, _energy in self.credits]
        assert len(counts) == len(set(counts)), f"a count was credited twice: {self.credits}"
        written, uncertain = self._issued("written"), self._issued(*UNCERTAIN)
        reserved = [count for count, _energy in (*written, *uncertain)]
        assert len(reserved) == len(set(reserved)), f"two orders hold one count: {self.orders}"
        assert len(uncertain) <= 1, f"two orders are open on one meter: {self.orders}"
        assert set(self.credits) <= {*written, *uncertain}, f"credited without an order: {self.credits} {self.orders}"
        assert not self._issued("dispute"), f"a given-up order was written: {self.orders}"
        if final:
            assert not uncertain, f"an order did not end: {self.orders}"
            assert not self._issued("paid"), f"a paid order was left: {self.orders}"
            assert sorted(self.credits) == sorted(written), f"written {written}, credited {self.credits}"
        highest = max([1, *reserved])
        assert self.account["purchase_count"] == highest, f"count {self.account['purchase_count']} is not {highest}"

    def _check_money(self) -> None:
        balance = cents(self.account["balance"])
        paid = sum(cents(each["amount"]) * (1 if each["direction"] == "in" else -1) for each in self.tenders)
        cost = sum(cents(order["cost"]) for order in self.orders if order["state"] == "written")
        bills = sum(cents(each["amount"]) for each in self.orders if each["state"] == "written" and each["op"] == BILLS)
        held = sum(cents(order["cost"]) for order in self.orders if order["state"] in UNCERTAIN)
        held += sum(cents(each["amount"]) for each in self.payouts if each["state"] in PAYOUTS_HELD)
        assert paid == cost + bills + balance, f"money in {paid} is not energy {cost}, bills {bills}, balance {balance}"
        assert balance >= held >= 0, f"balance {balance}, held {held}"
        assert cents(self.account["held"]) == held
        assert sum(cents(entry["money"]) for entry in self.entries) == balance
        energy = sum(cents(order["energy"]) for order in self.orders if order["state"] == "written")
        assert sum(cents(entry["energy"]) for entry in self.entries) == energy == cents(self.account["total_energy"])

    def _check_each_order(self) -> None:
        booked = Counter(entry["recharge_id"][0] for entry in self.entries if entry["kind"] in ("energy", BILLS))
        in_ledger = Counter(entry["tender_id"][0] for entry in self.entries if entry["tender_id"])
        assert in_ledger == Counter(tender["id"] for tender in self.tenders), "tenders and ledger differ"
        attempts, set_back = {order["id"]: [] for order in self.orders}, Counter()
        for attempt in self.attempts:
            attempts[attempt["recharge_id"][0]].append(attempt["state"])
            set_back[attempt["recharge_id"][0]] += (attempt["op"], attempt["state"]) == ("reverse", "written")
        for order in self.orders:
            name = f"order {order['uuid']} {order['state']}"
            states = attempts[order["id"]]
            sold = order["state"] in ("written", "reversed") and order["amount"] > 0
            assert booked[order["id"]] == sold, f"{name}: booked {booked[order['id']]} times"
            assert sum(state in ("issued", "intent") for state in states) <= 1, f"{name}: two live attempts {states}"
            if order["state"] == "reversed" and order["op"] != BILLS:
                assert set_back[order["id"]] == 1, f"{name}: set back on the card, attempts {states}"
            elif order["state"] in NEVER_CREDITED:
                proved = all(state in ("void", "not_written") for state in states)
                assert proved, f"{name}: given up without proof, attempts {states}"
            taken = sum(
                cents(tender["amount"])
                for tender in self.tenders
                if tender["recharge_id"] and tender["recharge_id"][0] == order["id"] and tender["direction"] == "in"
            )
            assert cents(order["paid_amount"]) == taken, f"{name}: paid {order['paid_amount']}, tenders {taken}"
            if order["op"] == BILLS:
                assert order["energy"] == order["cost"] == 0, f"{name}: bills buy no energy"
                continue
            assert cents(order["cost"]) + cents(order["remainder"]) == cents(order["amount"]), f"{name}: split"
            if order["unit"] == "cents":
                # A money card carries the amount: its meter converts.
                assert order["energy"] == 0 and order["remainder"] == 0, f"{name}: energy {order['energy']}"
                continue
            bought = Decimal(cents(order["amount"])) / Decimal(str(order["price"]))
            assert cents(order["energy"]) == bought.to_integral_value(ROUND_FLOOR), f"{name}: energy {order['energy']}"
