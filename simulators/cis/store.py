"""The books on disk: one SQLite file that survives a kill of the process."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS customer (
    account_no TEXT PRIMARY KEY, name TEXT NOT NULL, address TEXT NOT NULL, district TEXT, phone TEXT,
    status TEXT NOT NULL, category TEXT NOT NULL, regime TEXT NOT NULL, tariff_code TEXT,
    meter_no TEXT, maker TEXT, model TEXT, batch TEXT, ct_ratio INTEGER, pt_ratio INTEGER, card_no TEXT,
    purchase_min INTEGER, purchase_max INTEGER, last_count INTEGER, advance_balance INTEGER NOT NULL,
    refusal TEXT, part_payment INTEGER NOT NULL, advance_with_arrears INTEGER NOT NULL, collection INTEGER NOT NULL,
    changed_at TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS customer_meter ON customer (meter_no);
CREATE UNIQUE INDEX IF NOT EXISTS customer_card ON customer (card_no);
CREATE INDEX IF NOT EXISTS customer_changed ON customer (changed_at);
CREATE TABLE IF NOT EXISTS old_card (card_no TEXT PRIMARY KEY, account_no TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS bill (
    receivable_id TEXT PRIMARY KEY, account_no TEXT NOT NULL, month TEXT NOT NULL,
    amount INTEGER NOT NULL, late_fee INTEGER NOT NULL, status TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS bill_account ON bill (account_no, month);
CREATE TABLE IF NOT EXISTS payment (
    serial TEXT PRIMARY KEY, account_no TEXT NOT NULL, accounting_date TEXT NOT NULL, kind TEXT NOT NULL,
    method TEXT NOT NULL, channel TEXT NOT NULL, operator TEXT NOT NULL, amount INTEGER NOT NULL,
    energy INTEGER, count INTEGER, batch TEXT NOT NULL, marketing_serial TEXT NOT NULL, booked_at TEXT NOT NULL,
    previous_count INTEGER, remitted INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS payment_day ON payment (accounting_date, batch);
CREATE INDEX IF NOT EXISTS payment_account ON payment (account_no);
CREATE TABLE IF NOT EXISTS allocation (
    serial TEXT NOT NULL, receivable_id TEXT NOT NULL, month TEXT NOT NULL,
    late_fee INTEGER NOT NULL, principal INTEGER NOT NULL, PRIMARY KEY (serial, receivable_id)
);
CREATE TABLE IF NOT EXISTS reversal (
    serial TEXT PRIMARY KEY, original_serial TEXT NOT NULL UNIQUE, account_no TEXT NOT NULL,
    accounting_date TEXT NOT NULL, operator TEXT NOT NULL, reason TEXT NOT NULL, amount INTEGER NOT NULL,
    batch TEXT NOT NULL, marketing_serial TEXT NOT NULL, booked_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS reversal_day ON reversal (accounting_date, batch);
CREATE TABLE IF NOT EXISTS late (
    id INTEGER PRIMARY KEY, operation TEXT NOT NULL, entry TEXT NOT NULL, due REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS day (
    accounting_date TEXT NOT NULL, batch TEXT NOT NULL, state TEXT NOT NULL, code TEXT,
    count INTEGER, total INTEGER, pages INTEGER, PRIMARY KEY (accounting_date, batch)
);
CREATE TABLE IF NOT EXISTS day_record (
    accounting_date TEXT NOT NULL, batch TEXT NOT NULL, page INTEGER NOT NULL,
    serial TEXT, original_serial TEXT, account_no TEXT, amount INTEGER
);
CREATE INDEX IF NOT EXISTS day_record_day ON day_record (accounting_date, batch, serial);
CREATE TABLE IF NOT EXISTS change_list (since TEXT PRIMARY KEY, until TEXT NOT NULL, accounts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS number (id INTEGER PRIMARY KEY CHECK (id = 1), last INTEGER NOT NULL);
INSERT OR IGNORE INTO number VALUES (1, 0);
"""


class Store:
    """The database of the books, one transaction at a time.

    :param path: its file
    """

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        # A kill of the process must lose nothing; a power cut of a simulator may.
        self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        self._connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do the block whole or not at all; a block within a block belongs to the outer one."""
        with self._lock:
            self._depth += 1
            outermost = self._depth == 1
            if outermost:
                self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if outermost:
                    self._connection.execute("ROLLBACK")
                raise
            else:
                if outermost:
                    self._connection.execute("COMMIT")
            finally:
                self._depth -= 1

    def all(self, query: str, *values: object) -> list[sqlite3.Row]:
        """Return all rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> sqlite3.Row | None:
        """Return the first row of a query, or None."""
        with self._lock:
            return self._connection.execute(query, values).fetchone()

    def query_named(self, query: str, values: dict[str, object]) -> list[sqlite3.Row]:
        """Return all rows of a query with named parameters."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def run(self, query: str, *values: object) -> int:
        """Change rows and return how many."""
        with self._lock:
            return self._connection.execute(query, values).rowcount

    def run_many(self, query: str, rows: list[tuple]) -> None:
        """Change one row for each tuple."""
        with self._lock:
            self._connection.executemany(query, rows)

    def insert(self, table: str, values: dict[str, object], verb: str = "INSERT") -> None:
        """Add a row; names of table and columns are this package's own.

        :param verb: ``INSERT OR REPLACE`` to take an older row's place
        """
        marks = ", ".join("?" * len(values))
        self.run(f"{verb} INTO {table} ({', '.join(values)}) VALUES ({marks})", *values.values())

    def next_number(self, prefix: str) -> str:
        """Return a new marketing serial."""
        self.run("UPDATE number SET last = last + 1")
        return f"{prefix}{self.one('SELECT last FROM number')['last']:010d}"

    def clear(self) -> None:
        """Forget everything but the numbers already given."""
        with self.transaction():
            tables = self.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'number'")
            for table in tables:
                self.run(f"DELETE FROM {table['name']}")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
