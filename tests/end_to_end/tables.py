"""What an attack must leave as it is: the rows of every table of the sale."""

from __future__ import annotations

import hashlib

from stack import postgres
from stack.world import World

TABLES = (
    "electricity_account",
    "electricity_card",
    "electricity_recharge",
    "electricity_recharge_attempt",
    "electricity_tender",
    "electricity_ledger_entry",
    "electricity_receipt",
    "electricity_cash_session",
)
UNCHANGED_BY_TALK = {"electricity_account": ("version",)}
"""Columns that count decisions, refused ones too."""


def rows_of(world: World) -> dict[str, tuple[int, str]]:
    """The number of rows of each table and a digest of their content, and the states of the terminals."""
    found = {}
    for table in TABLES:
        left_out = "".join(f" - '{column}'" for column in UNCHANGED_BY_TALK.get(table, ()))
        rows = postgres.query(f"SELECT to_jsonb(t){left_out} FROM {table} t ORDER BY id", world.database)
        found[table] = len(rows), hashlib.sha256(repr(rows).encode()).hexdigest()
    states = postgres.query("SELECT id, state, receipt_seq FROM electricity_terminal ORDER BY id", world.database)
    found["electricity_terminal"] = len(states), repr(states)
    return found
