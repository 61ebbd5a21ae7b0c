"""The journal: what the terminal was about to do and did, in SQLite (WAL, synchronous=FULL), hash-chained.

Three kinds of entries for cards: an *intent* before the first byte, a *receipt* after the last, and a *note* of what an
operator did. Those for cash stand in :mod:`hw_proxy.notes.book`. Each entry's hash covers the entry before it; the
receipts' sequence is anchored in Odoo as well. Nothing secret is stored: a card's code never comes here.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from hw_proxy.errors import JournalError
from hw_proxy.journal_schema import SCHEMA, UPGRADABLE, VERSION
from hw_proxy.tokens import digest


class AlreadyKnown(Exception):
    """The journal holds an intent or a receipt of this attempt already."""


@dataclass(frozen=True)
class Stored:
    """A stored receipt. ``token`` is none once it has been pruned."""

    seq: int
    attempt: str
    serial: str
    outcome: str
    code: str | None
    at: int
    hash: str
    token: str | None


@dataclass(frozen=True)
class Intent:
    """An intent without an outcome. ``before`` as in a receipt, ``at`` in ms."""

    attempt: str
    order: str
    serial: str
    ins: str
    driver: str
    driver_version: str
    before: dict[str, object]
    at: int


@dataclass(frozen=True)
class Counts:
    """``seq``: last receipt; ``unacknowledged``: receipts Odoo lacks; ``unresolved``: see :meth:`Journal.counts`."""

    seq: int
    unacknowledged: int
    unresolved: int


class Journal:
    """One terminal's journal; safe for several threads of one process.

    ``fault``: the last failure of the disk, in words, until something could be stored again; none when it is well.

    :param path: SQLite file, made with mode 0600 when missing.
    :param terminal: the terminal's uuid; its hash is the ``prev`` of the first receipt.
    :raises JournalError: it cannot be opened, or belongs to another terminal.
    """

    def __init__(self, path: Path, terminal: str) -> None:
        self._path = path
        self._lock = threading.RLock()
        self.fault: str | None = None
        try:
            path.touch(mode=0o600, exist_ok=True)
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5)
        except (OSError, sqlite3.Error) as error:
            raise JournalError(f"{path}: {error}") from error
        with self._guard():
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            self._db.executescript(SCHEMA)
        with self.change():
            if self.get("version") is None:
                self.put("version", str(VERSION))
                self.put("terminal", terminal)
                self.put("head", digest(terminal))
            if self.get("version") in UPGRADABLE:
                self.put("version", str(VERSION))
            if self.get("terminal") != terminal or self.get("version") != str(VERSION):
                raise JournalError(f"{path} belongs to another terminal or version")

    @classmethod
    @contextmanager
    def open_read_only(cls, path: Path) -> Iterator[Journal]:
        """A journal that is only looked at; the service may run meanwhile.

        :raises JournalError: it cannot be opened.
        """
        journal = cls.__new__(cls)
        journal._path = path
        journal._lock = threading.RLock()
        journal.fault = None
        try:
            journal._db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        except (sqlite3.Error, ValueError) as error:
            raise JournalError(f"{path}: {error}") from error
        try:
            yield journal
        finally:
            journal._db.close()

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    # -- small values --------------------------------------------------------------------------------------------

    def get(self, key: str) -> str | None:
        """A stored value."""
        rows = self.rows("SELECT value FROM meta WHERE key = ?", key)
        return rows[0][0] if rows else None

    def put(self, key: str, value: str) -> None:
        """Store a value, at once and durably."""
        self.rows("INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value)

    # -- entries -------------------------------------------------------------------------------------------------

    def open_intent(self, intent: Intent) -> None:
        """Journal an intent; when this returns it is on the disk.

        :raises AlreadyKnown: the attempt has an intent or a receipt.
        :raises JournalError: not stored.
        """
        body = json.dumps(intent.__dict__, sort_keys=True)
        with self.change():
            if self.receipt(intent.attempt) is not None or self.intent(intent.attempt) is not None:
                raise AlreadyKnown
            entry = self.append(intent.at, "intent", intent.attempt, {"intent": digest(body.encode())})
            self.rows("INSERT INTO intents VALUES (?, ?, ?)", intent.attempt, entry, body)

    def close_attempt(
        self,
        attempt: str,
        serial: str,
        outcome: str,
        code: str | None,
        at: int,
        build: Callable[[int, str], str],
        with_intent: bool,
    ) -> Stored:
        """Journal an outcome together with its receipt; when this returns both are on the disk.

        :param at: ms.
        :param build: signs the receipt from its sequence and the hash of the one before.
        :param with_intent: whether the attempt must have an intent, or must not.
        :return: the receipt; the stored one when the attempt has one already.
        :raises AlreadyKnown: an intent is there and must not be, or the reverse.
        :raises JournalError: not stored.
        """
        with self.change():
            stored = self.receipt(attempt)
            if stored is not None:
                return stored
            if (self.intent(attempt) is not None) != with_intent:
                raise AlreadyKnown
            last, previous = self.head()
            token = build(last + 1, previous)
            fingerprint = digest(token)
            entry = self.append(at, "receipt", attempt, {"seq": last + 1, "outcome": outcome, "receipt": fingerprint})
            values = (last + 1, attempt, serial, outcome, code, at, entry, fingerprint, token)
            self.rows("INSERT INTO receipts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", *values)
            self.rows("DELETE FROM intents WHERE attempt = ?", attempt)
            return Stored(last + 1, attempt, serial, outcome, code, at, fingerprint, token)

    def note(self, at: int, text: str, values: dict[str, str] | None = None) -> None:
        """Journal what an operator did, together with the small values that it changes.

        :param at: ms.
        :param text: what was done.
        :raises JournalError: nothing was stored or changed.
        """
        with self.change():
            self.append(at, "note", "", {"text": text})
            for key, value in (values or {}).items():
                self.put(key, value)

    def append(self, at: int, kind: str, attempt: str, body: dict[str, object]) -> int:
        """Add an entry to the chain, inside a :meth:`change`.

        :param at: ms.
        :param attempt: what the entry is about: an order's ``jti``, for cash the recharge's uuid.
        :return: the entry's number.
        """
        row = self.rows("SELECT max(id) FROM entries")[0][0]
        number = max(row or 0, int(self.get("pruned") or 0)) + 1
        text = json.dumps(body, sort_keys=True)
        chained = entry_hash(self.get("head"), number, at, kind, attempt, text)
        self.rows("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)", number, at, kind, attempt, text, chained)
        self.put("head", chained)
        return number

    # -- questions -----------------------------------------------------------------------------------------------

    def receipt(self, attempt: str) -> Stored | None:
        """The stored receipt of an attempt."""
        rows = self.rows(
            "SELECT seq, attempt, serial, outcome, code, at, hash, token FROM receipts WHERE attempt = ?", attempt
        )
        return Stored(*rows[0]) if rows else None

    def intent(self, attempt: str) -> Intent | None:
        """The open intent of an attempt."""
        rows = self.rows("SELECT body FROM intents WHERE attempt = ?", attempt)
        return Intent(**json.loads(rows[0][0])) if rows else None

    def open_intents(self) -> list[Intent]:
        """Intents without an outcome, oldest first."""
        return [Intent(**json.loads(row[0])) for row in self.rows("SELECT body FROM intents ORDER BY entry")]

    def head(self) -> tuple[int, str]:
        """Sequence and hash of the last receipt; 0 and the hash of the terminal's uuid before the first."""
        rows = self.rows("SELECT seq, hash FROM receipts ORDER BY seq DESC LIMIT 1")
        return rows[0] if rows else (0, digest(self.get("terminal") or ""))

    def hash_of(self, seq: int) -> str | None:
        """Hash of a receipt by its sequence; for 0 that of the terminal's uuid; none when there is no such receipt."""
        if seq == 0:
            return digest(self.get("terminal") or "")
        rows = self.rows("SELECT hash FROM receipts WHERE seq = ?", seq)
        return rows[0][0] if rows else None

    def acknowledged(self) -> int:
        """Highest sequence that Odoo has acknowledged."""
        return int(self.get("acknowledged") or 0)

    def waiting(self, after: int = 0, limit: int = 50) -> list[Stored]:
        """Receipts that Odoo has not acknowledged, oldest first."""
        rows = self.rows(
            "SELECT seq, attempt, serial, outcome, code, at, hash, token FROM receipts "
            "WHERE seq > ? AND token IS NOT NULL ORDER BY seq LIMIT ?",
            max(after, self.acknowledged()),
            limit,
        )
        return [Stored(*row) for row in rows]

    def recent(self, limit: int = 20) -> list[Stored]:
        """The last receipts, newest first."""
        rows = self.rows(
            "SELECT seq, attempt, serial, outcome, code, at, hash, token FROM receipts ORDER BY seq DESC LIMIT ?", limit
        )
        return [Stored(*row) for row in rows]

    def notes(self, limit: int = 20) -> list[tuple[int, str]]:
        """The last notes, newest first: ms and what was done."""
        rows = self.rows("SELECT at, body FROM entries WHERE kind = 'note' ORDER BY id DESC LIMIT ?", limit)
        return [(at, json.loads(body)["text"]) for at, body in rows]

    def counts(self) -> Counts:
        """Figures for status and limits.

        Unresolved is an order whose outcome the terminal does not know and Odoo has not been told: an open intent, or
        an ``unknown`` receipt that is not acknowledged and whose order has no later ``written``. Once acknowledged, the
        order is Odoo's to resolve and counts against Odoo's own limit.
        """
        acknowledged = self.acknowledged()
        unknown = self.rows(
            "SELECT count(*) FROM receipts r WHERE r.seq > ? AND r.outcome = 'unknown' AND NOT EXISTS "
            "(SELECT 1 FROM receipts w WHERE w.serial = r.serial AND w.seq > r.seq AND w.outcome = 'written')",
            acknowledged,
        )[0][0]
        intents = self.rows("SELECT count(*) FROM intents")[0][0]
        last = self.head()[0]
        return Counts(last, max(0, last - acknowledged), unknown + intents)

    # -- acknowledgement -----------------------------------------------------------------------------------------

    def acknowledge(self, seq: int, head: str) -> None:
        """Odoo has every receipt up to a sequence. A lower one than before (a restored database) is taken too, so
        that those receipts are sent again.

        :param head: hash of the receipt with that sequence, as Odoo has it; of the terminal's uuid for sequence 0.
        :raises JournalError: Odoo knows receipts that this journal lacks, or another one by that sequence: the journal
            is an old copy, or a copy of it is in use elsewhere. Nothing is acknowledged.
        """
        with self.change():
            last = self.head()[0]
            if seq > last:
                raise JournalError(f"Odoo holds receipt {seq}, this journal ends with {last}: it is an old copy")
            if head != self.hash_of(seq):
                raise JournalError(f"Odoo holds another receipt {seq} than this journal: there are two copies of it")
            if seq != self.acknowledged():
                self.put("acknowledged", str(seq))

    def prune(self, before: int) -> int:
        """Shorten old, acknowledged receipts and tenders to what keeps them known.

        :param before: ms; only what is older than this.
        :return: how many were shortened.
        """
        with self.change():
            receipts = self.rows(
                "SELECT entry FROM receipts WHERE seq <= ? AND at < ? AND token IS NOT NULL",
                self.acknowledged(),
                before,
            )
            tenders = self.rows(
                "SELECT entry FROM cash_tenders t JOIN cash_sessions s ON s.session = t.session "
                "WHERE t.seq <= s.acknowledged AND t.at < ? AND t.token IS NOT NULL",
                before,
            )
            for table, rows in (("receipts", receipts), ("cash_tenders", tenders)):
                for (entry,) in rows:
                    self.rows(f"UPDATE {table} SET token = NULL WHERE entry = ?", entry)
            if receipts or tenders:
                self._cut(max(entry for (entry,) in receipts + tenders))
            return len(receipts) + len(tenders)

    def _cut(self, entry: int) -> None:
        """Take entries up to a number out of the chain, which then starts behind them.

        Nothing under an open intent, a receipt or tender that is kept, or a note whose money is not stated may go.
        """
        bounds = self.rows(
            "SELECT min(entry) FROM intents UNION ALL SELECT min(entry) FROM receipts WHERE token IS NOT NULL "
            "UNION ALL SELECT min(entry) FROM cash_orders WHERE NOT done "
            "UNION ALL SELECT min(entry) FROM cash_tenders WHERE token IS NOT NULL "
            "UNION ALL SELECT min(n.entry) FROM cash_notes n LEFT JOIN cash_tenders t ON t.jti = n.tender "
            "WHERE n.outcome IS NOT 'returned' AND (n.tender IS NULL OR t.token IS NOT NULL)"
        )
        limit = min([entry] + [bound[0] - 1 for bound in bounds if bound[0] is not None])
        anchor = self.rows("SELECT id, hash FROM entries WHERE id <= ? ORDER BY id DESC LIMIT 1", limit)
        if not anchor:
            return
        number, chained = anchor[0]
        self.put("pruned", str(number))
        self.put("anchor", chained)
        self.rows("DELETE FROM entries WHERE id <= ?", number)
        self.rows("DELETE FROM cash_notes WHERE entry <= ? AND outcome IS NOT NULL", number)
        self.rows(
            "DELETE FROM cash_orders WHERE entry <= ? AND done "
            "AND NOT EXISTS (SELECT 1 FROM cash_notes n WHERE n.collect = cash_orders.jti)",
            number,
        )

    # -- database ------------------------------------------------------------------------------------------------

    def probe(self) -> None:
        """Write something and take it back, so that a read-only disk shows before a card is touched.

        :raises JournalError: it cannot be written.
        """
        with self._guard():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self.put("probe", "")
            finally:
                self._db.execute("ROLLBACK")

    def mend(self) -> None:
        """After a :attr:`fault`, see whether the disk stores again.

        Only a write that is kept shows that: what is rolled back never reaches the disk.
        """
        if self.fault is not None:
            with suppress(JournalError), self.change():
                self.put("probe", "")

    def rows(self, statement: str, *values: object) -> list[tuple]:
        """Rows of one statement.

        :raises JournalError: it failed.
        """
        with self._guard():
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def _guard(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.Error as error:
                self.fault = str(error)
                raise JournalError(f"{self._path}: {error}") from error

    @contextmanager
    def change(self) -> Iterator[None]:
        """Do several things to the journal, all or none; when it ends they are on the disk.

        :raises JournalError: nothing was stored.
        """
        with self._guard():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
                self.fault = None
            finally:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")


def entry_hash(previous: str | None, number: int, at: int, kind: str, attempt: str, body: str) -> str:
    """Hash of an entry over the one before it."""
    return digest(json.dumps([previous, number, at, kind, attempt, body]).encode())
