"""The marketing system's books together: customers, payments, days, and bookings that come late."""

from __future__ import annotations

import json
import threading
from collections import Counter, deque
from datetime import timedelta
from pathlib import Path

from .clock import Clock
from .customers import Customers
from .days import Days
from .entries import Payment, Reversal
from .payments import Payments
from .store import Store

_EVENTS = 300
_SHOWN = 200
_ENTRIES = {"SubmitPayment": Payment, "ReversePayment": Reversal}


class Books:
    """All of one utility, kept in a folder.

    :param folder: where the database lies; made when it is missing
    :param zone: time zone of the utility's accounting days
    """

    def __init__(self, folder: Path, zone: str = "UTC") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = Clock(zone)
        self._store = Store(folder / "books.sqlite")
        self.customers = Customers(self._store, self.clock)
        self.payments = Payments(self._store, self.clock, self.customers)
        self.days = Days(self._store, self.clock)
        self.is_open = True
        """Closed, as for its daily settlement, the marketing system answers 1011 to everything and does nothing."""
        self.calls: Counter[str] = Counter()
        self._events: deque[dict] = deque(maxlen=_EVENTS)
        self._stop = threading.Event()
        self._ticker = threading.Thread(target=self._book_when_due, name="late bookings", daemon=True)
        self._ticker.start()

    # -- late bookings ------------------------------------------------------------------------------------------------

    def book_later(self, operation: str, entry: Payment | Reversal, seconds: float) -> None:
        """Keep what came, and book it when the utility's clock has gone on; a restart forgets nothing."""
        due = self.clock.now() + timedelta(seconds=seconds)
        row = {"operation": operation, "entry": json.dumps(entry.to_json()), "due": due.timestamp()}
        self._store.insert("late", row)

    def book_late(self, everything: bool = False) -> int:
        """Book what is due, in the order in which it came.

        :param everything: also what is not due yet
        :return: how many were tried; the rules may refuse one, as they would have in time
        """
        now = self.clock.now().timestamp()
        with self._store.transaction():
            rows = self._store.all("SELECT * FROM late WHERE ? OR due <= ? ORDER BY id", everything, now)
            for row in rows:
                self._store.run("DELETE FROM late WHERE id = ?", row["id"])
                entry = _ENTRIES[row["operation"]].from_json(json.loads(row["entry"]))
                act = self.payments.submit if row["operation"] == "SubmitPayment" else self.payments.reverse
                code, _booked = act(entry)
                self.note(row["operation"], entry.serial, code, "late")
        return len(rows)

    def _book_when_due(self) -> None:
        while not self._stop.wait(0.2):
            if self._store.one("SELECT 1 FROM late WHERE due <= ?", self.clock.now().timestamp()):
                self.book_late()

    # -- what happened ------------------------------------------------------------------------------------------------

    def note(self, operation: str, serial: str, code: str, fault: str = "") -> None:
        """Remember a call for the page and the tests.

        :param code: result code answered, or empty
        :param fault: the fault that it met, or empty
        """
        self.calls[operation] += 1
        at = self.clock.now().isoformat(timespec="seconds")
        self._events.appendleft({"at": at, "operation": operation, "serial": serial, "code": code, "fault": fault})

    # -- shown --------------------------------------------------------------------------------------------------------

    def show(self) -> dict:
        """Return the books for the page: customers with what they owe, the last payments and reversals, days."""
        return {
            "now": self.clock.now().isoformat(timespec="seconds"),
            "zone": str(self.clock.zone),
            "is_open": self.is_open,
            "customers": [self._shown_customer(row) for row in self._rows("customer", "account_no LIMIT ?", _SHOWN)],
            "payments": self._rows("payment", "booked_at DESC, marketing_serial DESC LIMIT ?", _SHOWN),
            "reversals": self._rows("reversal", "booked_at DESC, marketing_serial DESC LIMIT ?", _SHOWN),
            "late": self._rows("late", "id LIMIT ?", _SHOWN),
            "days": self._rows("day", "accounting_date DESC, batch LIMIT ?", _SHOWN),
            "events": list(self._events),
            "calls": dict(self.calls),
            "counts": {
                table: self._store.one(f"SELECT count(*) AS n FROM {table}")["n"] for table in ("payment", "reversal")
            },
        }

    def records(self) -> dict:
        """Return every payment and reversal, for a comparison with another set of books."""
        return {name: self._rows(name, "marketing_serial LIMIT ?", -1) for name in ("payment", "reversal")}

    def _rows(self, table: str, rest: str, limit: int) -> list[dict]:
        return [dict(row) for row in self._store.all(f"SELECT * FROM {table} ORDER BY {rest}", limit)]

    def _shown_customer(self, row: dict) -> dict:
        _code, arrears = self.customers.arrears(row["account_no"])
        return {**self.customers.file(row), "arrears": arrears}

    # -- life ---------------------------------------------------------------------------------------------------------

    def reset(self) -> None:
        """Forget all customers, payments, days and events, and return to the machine's time."""
        self._store.clear()
        self._events.clear()
        self.calls.clear()
        self.is_open = True
        self.clock.reset()

    def close(self) -> None:
        """Stop and close the database."""
        self._stop.set()
        self._ticker.join()
        self._store.close()
