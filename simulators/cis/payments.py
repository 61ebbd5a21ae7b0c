"""Payments and reversals, by the rules of the domain page "marketing-system".

A serial that is booked is final: whatever comes under it later is answered with what was booked. A refusal books
nothing, so the same serial is judged anew when it comes again.
"""

from __future__ import annotations

import sqlite3
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from . import codes
from .clock import Clock
from .customers import Customers
from .entries import Payment, Reversal
from .store import Store


class Refused(ValueError):
    """The office cannot do this; the text says why."""


class Payments:
    """Part of the books: what was paid and taken back.

    :param store: the database
    :param clock: the utility's
    :param customers: files and bills
    """

    def __init__(self, store: Store, clock: Clock, customers: Customers) -> None:
        self._store = store
        self._clock = clock
        self._customers = customers

    # -- payments -----------------------------------------------------------------------------------------------------

    def submit(self, payment: Payment) -> tuple[str, dict | None]:
        """Book a payment once.

        :return: result code; with 1001 and 11004 the booking, of which account and amount are those of the first call
        """
        with self._store.transaction():
            first = self.booking(payment.serial)
            if first is not None:
                return codes.DUPLICATE, first
            code = self._refusal(payment)
            if code is not None:
                return code, None
            self._book(payment)
            return codes.OK, self.booking(payment.serial)

    def query(self, serial: str) -> tuple[str, dict | None, dict | None]:
        """Return result code, booking and reversal under a serial; a reversal's own serial answers the reversal."""
        booking = self.booking(serial)
        if booking is not None:
            reversal = self._store.one("SELECT * FROM reversal WHERE original_serial = ?", serial)
            return codes.OK, booking, dict(reversal) if reversal else None
        own = self._reversal(serial)
        return (codes.OK if own else codes.NO_RECORD), None, own

    def booking(self, serial: str) -> dict | None:
        """Return a booked payment with its invoice lines, or None."""
        row = self._store.one("SELECT * FROM payment WHERE serial = ?", serial)
        if row is None:
            return None
        return {**dict(row), "invoice_lines": self._invoice(row)}

    def _refusal(self, payment: Payment) -> str | None:
        customer = self._customers.find(payment.account_no)
        if customer is None or customer["status"] == "closed":
            return codes.NO_CUSTOMER
        if self._reversal(payment.serial):
            return codes.BAD_MESSAGE
        if self.is_closed(payment.accounting_date.isoformat(), payment.batch):
            return codes.RECONCILED
        is_energy = payment.kind == "energy"
        receivables = [each.receivable_id for each in payment.allocations]
        allocated = sum(each.amount for each in payment.allocations)
        needs_count = is_energy and customer["regime"] == "card"
        if len(set(receivables)) < len(receivables) or (not is_energy and not receivables):
            return codes.BAD_MESSAGE
        if needs_count and payment.count is None:
            return codes.BAD_MESSAGE
        if allocated > payment.amount or (not is_energy and allocated != payment.amount):
            return codes.AMOUNT
        refused = self._energy_refusal(payment, customer) if is_energy else self._collection_refusal(customer)
        return refused or self._allocation_refusal(payment, customer)

    @staticmethod
    def _energy_refusal(payment: Payment, customer: sqlite3.Row) -> str | None:
        if customer["refusal"]:
            return customer["refusal"]
        last = customer["last_count"]
        # Not "the next one": a replacement card may take a count without any money.
        if payment.count is not None and last is not None and payment.count <= last:
            return codes.COUNT
        return None

    @staticmethod
    def _collection_refusal(customer: sqlite3.Row) -> str | None:
        return codes.COLLECTION_REFUSED if customer["regime"] == "card" and not customer["collection"] else None

    def _allocation_refusal(self, payment: Payment, customer: sqlite3.Row) -> str | None:
        bills = {row["receivable_id"]: row for row in self._customers.bills(payment.account_no)}
        for each in payment.allocations:
            bill = bills.get(each.receivable_id)
            # Nothing is due here for a bill that is unknown, settled, disputed or being collected elsewhere.
            if bill is None or bill["status"] != "open":
                return codes.AMOUNT
            due = bill["amount"] + bill["late_fee"]
            if each.amount > due:
                return codes.AMOUNT
            if each.amount < due and not customer["part_payment"]:
                return codes.NO_PART_PAYMENT
        due = sum(row["amount"] + row["late_fee"] for row in bills.values())
        allocated = sum(each.amount for each in payment.allocations)
        is_advance = payment.amount > allocated
        if is_advance and due > allocated and not customer["advance_with_arrears"]:
            return codes.ARREARS_EXIST
        return None

    def _book(self, payment: Payment) -> None:
        customer = self._customers.get(payment.account_no)
        values = payment.to_json()
        values.pop("allocations")
        values["previous_count"] = customer["last_count"]
        values["marketing_serial"] = self._store.next_number("M")
        values["booked_at"] = self._clock.now().isoformat(timespec="milliseconds")
        self._store.insert("payment", values)
        if payment.count is not None:
            self._set_count(payment.account_no, payment.count)
        for each in payment.allocations:
            bill = self._store.one("SELECT * FROM bill WHERE receivable_id = ?", each.receivable_id)
            late_fee = min(each.amount, bill["late_fee"])
            principal = each.amount - late_fee
            part = {"serial": payment.serial, "receivable_id": each.receivable_id, "month": bill["month"]}
            self._store.insert("allocation", {**part, "late_fee": late_fee, "principal": principal})
            self._settle(each.receivable_id, late_fee, principal)

    def _settle(self, receivable_id: str, late_fee: int, principal: int) -> None:
        self._store.run(
            "UPDATE bill SET late_fee = late_fee - ?, amount = amount - ? WHERE receivable_id = ?",
            late_fee,
            principal,
            receivable_id,
        )

    def _set_count(self, account_no: str, count: int | None) -> None:
        self._store.run("UPDATE customer SET last_count = ? WHERE account_no = ?", count, account_no)

    def _invoice(self, row: sqlite3.Row) -> list[dict]:
        parts = self._store.all("SELECT * FROM allocation WHERE serial = ? ORDER BY month", row["serial"])
        lines = [
            {"description": f"欠费 {part['month']}", "amount": part["late_fee"] + part["principal"]} for part in parts
        ]
        rest = row["amount"] - sum(line["amount"] for line in lines)
        if rest or not lines:
            line = {"description": "购电", "amount": rest}
            if row["energy"]:
                price = Decimal(rest) / Decimal(row["energy"])
                line |= {
                    "energy": row["energy"],
                    "price": str(price.quantize(Decimal("0.0001"), ROUND_HALF_UP)),
                }
            lines.append(line)
        return lines

    def book_by_hand(self, payment: Payment) -> dict:
        """Book a payment as the utility's office does, whatever the rules say.

        :raises Refused: the serial is booked already, or customer or receivable are unknown
        """
        with self._store.transaction():
            if self.booking(payment.serial) or self._reversal(payment.serial):
                raise Refused(f"{payment.serial} is booked already")
            if self._customers.find(payment.account_no) is None:
                raise Refused(f"there is no customer {payment.account_no}")
            for each in payment.allocations:
                if self._store.one("SELECT 1 FROM bill WHERE receivable_id = ?", each.receivable_id) is None:
                    raise Refused(f"there is no bill {each.receivable_id}")
            self._book(payment)
            return self.booking(payment.serial)

    # -- reversals ----------------------------------------------------------------------------------------------------

    def reverse(self, reversal: Reversal) -> tuple[str, dict | None]:
        """Take a payment back once.

        :return: result code; with 1001, 11004 and 11007 the reversal that stands in the books
        """
        with self._store.transaction():
            first = self._reversal(reversal.serial)
            if first is not None:
                return codes.DUPLICATE, first
            standing = self._store.one("SELECT * FROM reversal WHERE original_serial = ?", reversal.original_serial)
            if standing is not None:
                return codes.ALREADY_REVERSED, dict(standing)
            payment = self._store.one("SELECT * FROM payment WHERE serial = ?", reversal.original_serial)
            code = self._reversal_refusal(reversal, payment)
            if code is not None:
                return code, None
            self._take_back(reversal, payment)
            return codes.OK, self._reversal(reversal.serial)

    def reverse_by_hand(self, serial: str, original_serial: str, reason: str = "") -> dict:
        """Take a payment back as the utility's office does, whatever the rules say, on the payment's own day.

        :raises Refused: there is no such payment, or it is reversed already, or the serial is taken
        """
        with self._store.transaction():
            payment = self._store.one("SELECT * FROM payment WHERE serial = ?", original_serial)
            if payment is None:
                raise Refused(f"{original_serial} is not booked")
            if self.query(original_serial)[2]:
                raise Refused(f"{original_serial} is reversed already")
            if self.query(serial)[0] != codes.NO_RECORD:
                raise Refused(f"{serial} is booked already")
            day = date.fromisoformat(payment["accounting_date"])
            self._take_back(Reversal(serial, original_serial, day, "office", reason), payment)
            return self._reversal(serial)

    def remit(self, operator: str | None = None) -> int:
        """Send cash to the bank: cash payments so far, of one operator or of all, can no more be reversed.

        :return: how many payments went
        """
        return self._store.run(
            "UPDATE payment SET remitted = 1 "
            "WHERE method = 'cash' AND NOT remitted AND operator = coalesce(?, operator)",
            operator,
        )

    def is_closed(self, accounting_date: str, batch: str) -> bool:
        """Tell whether a day's batch is reconciled: nothing is booked in it any more."""
        row = self._store.one("SELECT state FROM day WHERE accounting_date = ? AND batch = ?", accounting_date, batch)
        return row is not None and row["state"] == "closed"

    def _reversal(self, serial: str) -> dict | None:
        row = self._store.one("SELECT * FROM reversal WHERE serial = ?", serial)
        return dict(row) if row else None

    def _reversal_refusal(self, reversal: Reversal, payment: sqlite3.Row | None) -> str | None:
        if payment is None:
            return codes.NOT_FITTING if self._reversal(reversal.original_serial) else codes.NO_RECORD
        day = payment["accounting_date"]
        if self._store.one("SELECT 1 FROM payment WHERE serial = ?", reversal.serial):
            return codes.NOT_FITTING
        if reversal.accounting_date.isoformat() < day:
            return codes.NOT_FITTING
        if reversal.accounting_date.isoformat() > day or self._clock.today().isoformat() > day:
            return codes.LATER_DAY
        if payment["remitted"]:
            return codes.REMITTED
        if reversal.operator != payment["operator"]:
            return codes.OTHER_OPERATOR
        customer = self._customers.get(payment["account_no"])
        # Only the last purchase is taken back: an earlier count is in the meter already.
        if payment["count"] is not None and customer["last_count"] != payment["count"]:
            return codes.NOT_FITTING
        return None

    def _take_back(self, reversal: Reversal, payment: sqlite3.Row) -> None:
        values = reversal.to_json()
        values |= {name: payment[name] for name in ("account_no", "amount", "batch")}
        values["marketing_serial"] = self._store.next_number("R")
        values["booked_at"] = self._clock.now().isoformat(timespec="milliseconds")
        self._store.insert("reversal", values)
        if payment["count"] is not None:
            self._set_count(payment["account_no"], payment["previous_count"])
        for part in self._store.all("SELECT * FROM allocation WHERE serial = ?", payment["serial"]):
            self._settle(part["receivable_id"], -part["late_fee"], -part["principal"])
