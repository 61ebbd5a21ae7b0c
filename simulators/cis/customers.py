"""Customer files and what customers owe."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta

from . import codes
from .clock import Clock
from .store import Store

PAGE_SIZE = 200
_KEYS = {"account": "account_no", "meter": "meter_no", "card": "card_no"}
_DEFAULTS = {
    "name": "",
    "address": "",
    "district": None,
    "phone": None,
    "status": "active",
    "category": "residential",
    "regime": "card",
    "tariff_code": None,
    "meter_no": None,
    "maker": None,
    "model": None,
    "batch": None,
    "ct_ratio": 1,
    "pt_ratio": 1,
    "card_no": None,
    "purchase_min": None,
    "purchase_max": None,
    "last_count": None,
    "advance_balance": 0,
    "refusal": None,
    "part_payment": True,
    "advance_with_arrears": True,
    "collection": True,
}
_BILL = {"late_fee": 0, "status": "open"}


class UnknownRecord(ValueError):
    """The books have no such customer or bill, or a member that they do not know was given."""


class Customers:
    """Part of the books: customer files, old cards and bills.

    :param store: the database
    :param clock: the utility's
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    # -- kept by the utility ------------------------------------------------------------------------------------------

    def put_all(self, customers: list[dict]) -> None:
        """Put several customers, all of them or none.

        :param customers: arguments of :meth:`put`
        :raises UnknownRecord: as :meth:`put`
        """
        with self._store.transaction():
            for each in customers:
                self.put(**each)

    def put(self, account_no: str, **values: object) -> None:
        """Add a customer, or change members of one that is there; its file counts as changed.

        :param values: members of the file, of which those absent keep what they had; money in cents. ``refusal`` is
            the code for which energy may not be sold; ``part_payment``, ``advance_with_arrears`` and ``collection``
            are what the customer's contract allows; ``old_cards`` and ``bills`` are lists
        :raises UnknownRecord: a member is unknown, or the refusal no code
        """
        old_cards, bills = values.pop("old_cards", ()), values.pop("bills", ())
        unknown = sorted(set(values) - set(_DEFAULTS))
        if unknown:
            raise UnknownRecord(f"a customer has no {', '.join(unknown)}")
        if values.get("refusal") and values["refusal"] not in codes.WORDS:
            raise UnknownRecord(f"there is no result code {values['refusal']}")
        with self._store.transaction():
            row = self._store.one("SELECT * FROM customer WHERE account_no = ?", account_no)
            kept = {name: row[name] for name in _DEFAULTS} if row else _DEFAULTS
            file = {"account_no": account_no, **kept, **values, "changed_at": self._next_change()}
            self._store.run("DELETE FROM customer WHERE account_no = ?", account_no)
            self._store.insert("customer", file)
            for card in old_cards:
                self._store.insert("old_card", {"card_no": card, "account_no": account_no}, "INSERT OR REPLACE")
            for bill in bills:
                self.put_bill(account_no=account_no, **bill)

    def put_bill(self, receivable_id: str, account_no: str, month: str, amount: int, **values: object) -> None:
        """Add a bill, or replace it.

        :param month: ``YYYY-MM``
        :param amount: cents still due, without the late fee
        :param values: ``late_fee`` in cents, ``status``
        :raises UnknownRecord: no such customer
        """
        self.get(account_no)
        bill = {**_BILL, **values, "account_no": account_no, "month": month, "amount": amount}
        self._store.insert("bill", {"receivable_id": receivable_id, **bill}, "INSERT OR REPLACE")

    def get(self, account_no: str) -> sqlite3.Row:
        """Return a customer's row.

        :raises UnknownRecord: there is none
        """
        row = self.find(account_no)
        if row is None:
            raise UnknownRecord(f"there is no customer {account_no}")
        return row

    def find(self, account_no: str) -> sqlite3.Row | None:
        """Return a customer's row, or None."""
        return self._store.one("SELECT * FROM customer WHERE account_no = ?", account_no)

    def bills(self, account_no: str) -> list[sqlite3.Row]:
        """Return what is still due, oldest first."""
        return self._store.all(
            "SELECT * FROM bill WHERE account_no = ? AND amount + late_fee > 0 ORDER BY month, receivable_id",
            account_no,
        )

    # -- asked by callers ---------------------------------------------------------------------------------------------

    def look_up(self, by: str, number: str) -> tuple[str, dict | None]:
        """Return result code and customer file by account, meter or card number."""
        row = self._store.one(f"SELECT * FROM customer WHERE {_KEYS[by]} = ?", number)
        if row is None and by == "card" and self._store.one("SELECT 1 FROM old_card WHERE card_no = ?", number):
            return codes.OLD_CARD, None
        return (codes.OK, self.file(row)) if row else (codes.NO_CUSTOMER, None)

    def file(self, row: sqlite3.Row) -> dict:
        """Return a customer file as callers get it, with ``may_not_buy``: a code or None."""
        reason = row["refusal"]
        if row["status"] == "closed":
            reason = codes.NO_CUSTOMER
        elif not reason and not row["advance_with_arrears"] and self.bills(row["account_no"]):
            reason = codes.ARREARS_EXIST
        return {**dict(row), "may_not_buy": reason}

    def arrears(self, account_no: str) -> tuple[str, dict | None]:
        """Return result code and what an account owes."""
        row = self.find(account_no)
        if row is None:
            return codes.NO_CUSTOMER, None
        bills = [dict(bill) for bill in self.bills(account_no)]
        late_fee = sum(bill["late_fee"] for bill in bills)
        total = late_fee + sum(bill["amount"] for bill in bills)
        return codes.OK, {
            "account_no": account_no,
            "total": total,
            "late_fee": late_fee,
            "advance_balance": row["advance_balance"],
            "bills": bills,
        }

    def changes(self, since: datetime, page: int) -> tuple[str, int, datetime, list[dict]]:
        """Return one page of the customers changed since a moment.

        The list is made with its first page and kept for the next ones, so that a change meanwhile moves nobody across
        a page's edge; who changed meanwhile is in the next list too.

        :return: result code, number of pages, the next list's ``since``, customer files
        """
        key = _stamp(since)
        with self._store.transaction():
            row = self._store.one("SELECT * FROM change_list WHERE since = ?", key)
            if page == 1 or row is None:
                row = self._make_list(key)
            accounts = json.loads(row["accounts"])
            pages = -(-len(accounts) // PAGE_SIZE)
            until = datetime.fromisoformat(row["until"])
            if page > max(pages, 1):
                return codes.NO_RECORD, pages, until, []
            part = accounts[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
            found = [self.find(account) for account in part]
            return codes.OK, pages, until, [self.file(row) for row in found if row is not None]

    def _make_list(self, since: str) -> dict:
        rows = self._store.all(
            "SELECT account_no, changed_at FROM customer WHERE changed_at > ? ORDER BY changed_at", since
        )
        accounts = json.dumps([row["account_no"] for row in rows])
        made = {"since": since, "until": rows[-1]["changed_at"] if rows else since, "accounts": accounts}
        self._store.insert("change_list", made, "INSERT OR REPLACE")
        return made

    def _next_change(self) -> str:
        # Never twice the same, or a list that ends between two equal ones would lose the second.
        last = self._store.one("SELECT max(changed_at) AS last FROM customer")["last"]
        now = _stamp(self._clock.now())
        if last and now <= last:
            return _stamp(datetime.fromisoformat(last) + timedelta(microseconds=1))
        return now


def _stamp(moment: datetime) -> str:
    """A moment as text that sorts by time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
