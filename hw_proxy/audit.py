"""Checks the journal: the file, the chain of its entries, and the receipts against them."""

from __future__ import annotations

import json

from hw_proxy.errors import JournalError
from hw_proxy.journal import Journal, entry_hash
from hw_proxy.notes.audit import KINDS, cash_problems
from hw_proxy.tokens import digest


def problems(journal: Journal) -> list[str]:
    """What is wrong with a journal, in words; empty when nothing is.

    An entry that was changed, removed or put in shows, at the end of the journal too. Only a whole old copy does not:
    Odoo's acknowledgement shows that one.
    """
    try:
        answer = journal.rows("PRAGMA integrity_check")
        if answer != [("ok",)]:
            return [f"the database file is damaged: {answer[0][0]}"]
        return _chain(journal) or _receipts(journal) or cash_problems(journal)
    except JournalError as error:
        return [f"the journal cannot be read: {error}"]
    except (ValueError, KeyError, TypeError) as error:
        return [f"an entry is malformed: {error}"]


def _chain(journal: Journal) -> list[str]:
    terminal = journal.get("terminal") or ""
    previous = journal.get("anchor") or digest(terminal)
    number = int(journal.get("pruned") or 0)
    for found, at, kind, attempt, body, stored in journal.rows(
        "SELECT id, at, kind, attempt, body, hash FROM entries ORDER BY id"
    ):
        number += 1
        if found != number:
            return [f"entry {number} is missing"]
        if entry_hash(previous, number, at, kind, attempt, body) != stored:
            return [f"entry {number} was changed"]
        previous = stored
    if journal.get("head") != previous:
        return [f"entries after {number} are missing"]
    return []


def _receipts(journal: Journal) -> list[str]:
    intents = dict(journal.rows("SELECT entry, body FROM intents"))
    receipts = {row[0]: row[1:] for row in journal.rows("SELECT entry, seq, outcome, hash, token FROM receipts")}
    for number, kind, attempt, body in journal.rows("SELECT id, kind, attempt, body FROM entries ORDER BY id"):
        claims = json.loads(body)
        if kind == "note" or kind in KINDS:
            # The chain is all that it must fit.
            continue
        if kind == "receipt":
            seq, outcome, stored, token = receipts.get(number, (None, None, None, None))
            if (seq, outcome, stored) != (claims["seq"], claims["outcome"], claims["receipt"]):
                return [f"the receipt of entry {number} is missing or was changed"]
            if token is not None and digest(token) != stored:
                return [f"receipt {seq} was changed"]
        elif number in intents:
            if digest(intents[number].encode()) != claims["intent"]:
                return [f"the intent of entry {number} was changed"]
        elif journal.receipt(attempt) is None:
            return [f"the intent of entry {number} is missing"]
    seqs = [row[0] for row in journal.rows("SELECT seq FROM receipts ORDER BY seq")]
    if seqs != list(range(1, len(seqs) + 1)):
        return ["a receipt is missing in the sequence"]
    return []
