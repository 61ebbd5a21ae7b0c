"""Checks what the journal holds about notes against its entries."""

from __future__ import annotations

import json
from collections.abc import Callable

from hw_proxy.journal import Journal
from hw_proxy.notes.book import CASH_VERSION, RETURNED, STACKED, UNCERTAIN
from hw_proxy.tokens import digest


def cash_problems(journal: Journal) -> list[str]:
    """What is wrong with the notes and statements of a journal whose chain is whole, in words; empty for none."""
    if int(journal.get("version") or 0) < CASH_VERSION:
        return []
    pruned = int(journal.get("pruned") or 0)
    found: dict[str, set[int]] = {kind: set() for kind in KINDS}
    for number, kind, body in journal.rows("SELECT id, kind, body FROM entries ORDER BY id"):
        if kind not in KINDS:
            continue
        found[kind].add(number)
        problem = KINDS[kind](journal, number, json.loads(body), pruned)
        if problem:
            return [problem]
    for kind, table in (("collect", "cash_orders"), ("escrow", "cash_notes"), ("tender", "cash_tenders")):
        rows = journal.rows(f"SELECT entry FROM {table} WHERE entry > ?", pruned)
        if {row[0] for row in rows} != found[kind]:
            return [f"the table {table} holds more than the entries say"]
    return _sums(journal)


def _collect(journal: Journal, number: int, body: dict[str, object], _pruned: int) -> str | None:
    rows = journal.rows("SELECT body FROM cash_orders WHERE entry = ?", number)
    if not rows or digest(rows[0][0].encode()) != body["collect"]:
        return f"the collect order of entry {number} is missing or was changed"
    return None


def _collected(_journal: Journal, _number: int, _body: dict[str, object], _pruned: int) -> str | None:
    return None


def _escrow(journal: Journal, number: int, body: dict[str, object], _pruned: int) -> str | None:
    rows = journal.rows("SELECT collect, denomination, wish FROM cash_notes WHERE entry = ?", number)
    if rows != [(body["collect"], body["denomination"], body["wish"])]:
        return f"the note of entry {number} is missing or was changed"
    return None


def _outcome(kind: str) -> Callable[[Journal, int, dict[str, object], int], str | None]:
    def check(journal: Journal, number: int, body: dict[str, object], pruned: int) -> str | None:
        if body["note"] <= pruned:
            return None
        rows = journal.rows("SELECT outcome, outcome_entry FROM cash_notes WHERE entry = ?", body["note"])
        if rows != [(kind, number)]:
            return f"what entry {number} says of a note is missing or was changed"
        return None

    return check


def _tender(journal: Journal, number: int, body: dict[str, object], _pruned: int) -> str | None:
    rows = journal.rows("SELECT jti, session, seq, total, hash, token FROM cash_tenders WHERE entry = ?", number)
    told = tuple(body[name] for name in ("tender", "session", "seq", "total", "statement"))
    if not rows or rows[0][:5] != told or (rows[0][5] is not None and digest(rows[0][5]) != body["statement"]):
        return f"the statement of entry {number} is missing or was changed"
    return None


def _sums(journal: Journal) -> list[str]:
    rows = journal.rows(
        "SELECT t.session, t.seq FROM cash_tenders t WHERE t.token IS NOT NULL AND t.total <> (SELECT "
        "coalesce(sum(n.denomination), 0) FROM cash_notes n WHERE n.tender = t.jti AND n.outcome = 'stacked')"
    )
    return [f"statement {seq} of cash session {session} is not the sum of its notes" for session, seq in rows]


KINDS: dict[str, Callable[[Journal, int, dict[str, object], int], str | None]] = {
    "collect": _collect,
    "collected": _collected,
    "escrow": _escrow,
    STACKED: _outcome(STACKED),
    RETURNED: _outcome(RETURNED),
    UNCERTAIN: _outcome(UNCERTAIN),
    "tender": _tender,
}
