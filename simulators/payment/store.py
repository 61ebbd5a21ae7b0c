"""The payments on disk: one SQLite file, so that a kill of the gateway loses none."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path


class Store:
    """What is kept of each payment, as JSON under its reference. The caller lets one thread in at a time.

    :param path: its file; None: in memory
    """

    def __init__(self, path: Path | None = None) -> None:
        self._connection = sqlite3.connect(path or ":memory:", isolation_level=None, check_same_thread=False)
        # A kill of the process must lose nothing; a power cut of a simulator may.
        self._connection.executescript("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS payment (reference TEXT PRIMARY KEY, content TEXT NOT NULL)"
        )

    def keep(self, reference: str, content: dict) -> None:
        """Write a payment as it is now."""
        query = "INSERT INTO payment VALUES (?, ?) ON CONFLICT (reference) DO UPDATE SET content = excluded.content"
        self._connection.execute(query, (reference, json.dumps(content)))

    def all(self) -> list[dict]:
        """Return all payments, the oldest first."""
        rows = self._connection.execute("SELECT content FROM payment ORDER BY rowid")
        return [json.loads(content) for (content,) in rows]

    def clear(self) -> None:
        """Forget all payments."""
        self._connection.execute("DELETE FROM payment")
