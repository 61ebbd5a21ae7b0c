"""The trail: single notes with their ends, and the steps of writes, told to Odoo for whoever is asked afterwards.

It decides nothing: money is what statements say, and what became of a card is what receipts say. So the rows stand
beside the chain of the journal, and telling Odoo comes after all else. The row of a write, and of a note that came out
by itself, is left out where it cannot be stored. That of a note with an outcome is stored with the outcome, both or
neither: a file that takes no row takes no outcome either, and then it is the journal that has failed.
"""

from __future__ import annotations

import json
import logging
import uuid
from dataclasses import dataclass

from hw_proxy import tokens
from hw_proxy.cards.transport import Connection
from hw_proxy.clock import Clock
from hw_proxy.errors import JournalError
from hw_proxy.journal import Journal
from hw_proxy.keys import Identity

logger = logging.getLogger(__name__)

TYPE = "trail+jwt"
NOTE, WRITE = "note", "write"
REJECTED = "rejected"
MOST_ROWS = 50
MOST_TEXT = 16_000
"""Characters of the rows of one report."""
LONGEST_WORDS = 64
MOST_STEPS = 40


@dataclass(frozen=True)
class Report:
    """Rows that are signed together. ``rows``: their names in the trail."""

    jti: str
    token: str
    rows: list[str]


def add(journal: Journal, at: int, row: dict[str, object]) -> None:
    """Store a row, inside a change of the journal or by itself.

    :param at: ms
    :param row: what happened, without ``id``: docs/protocol, "trail"
    :raises JournalError: not stored.
    """
    journal.rows("INSERT INTO trail VALUES (?, ?, ?, NULL)", str(uuid.uuid4()), at, json.dumps(row, sort_keys=True))


def note_row(
    recharge: str | None,
    denomination: int | None,
    end: str,
    at: int,
    done: int,
    wish: str | None = None,
    reason: str = "",
) -> dict[str, object]:
    """The row of one note.

    :param recharge: for what it was put in; none where nothing was being paid
    :param denomination: cents; none: the device did not say
    :param end: ``stacked``, ``returned``, ``rejected`` or ``uncertain``
    :param at: ms, in escrow; of a note that came out before, when it came out
    :param done: ms, when the device said its end
    :param wish: ``stack`` or ``return``: what was to become of it; none where nobody had decided
    :param reason: the device's words for why it did not take it
    """
    words = "".join(letter for letter in reason if letter.isprintable())[:LONGEST_WORDS] or None
    return {
        "kind": NOTE,
        "recharge": recharge,
        "denomination": denomination,
        "end": end,
        "wish": wish,
        "at": at,
        "done": done,
        "reason": words,
    }


class Steps:
    """What a write did one after the other, each with the last status word of the card: nothing of what was sent.

    :param connection: the card's, or none when there is no card
    """

    def __init__(self, connection: Connection | None) -> None:
        self._connection = connection
        self._done: list[dict[str, object]] = []
        self._now: dict[str, object] | None = None

    def begin(self, step: str, what: str | None = None) -> None:
        """The step before is over.

        :param step: ``check``, ``unlock``, ``write`` or ``verify``
        :param what: which of the writes, in words
        """
        self._end()
        self._now = {"step": step, "what": what and what[:LONGEST_WORDS]}
        if self._connection is not None:
            self._connection.last_status = None

    def _end(self) -> None:
        if self._now is not None and len(self._done) < MOST_STEPS:
            self._done.append({**self._now, "status": self._connection.last_status if self._connection else None})
        self._now = None

    def keep(self, journal: Journal, attempt: str, at: int, done: int) -> None:
        """Store the row of the write, unless nothing was done.

        :param attempt: the order's ``jti``
        :param at: ms, when it began
        :param done: ms
        """
        self._end()
        if not self._done:
            return
        try:
            add(journal, done, {"kind": WRITE, "attempt": attempt, "at": at, "done": done, "steps": self._done})
        except JournalError as error:
            logger.error("the steps of attempt %s could not be stored: %s", attempt, error)


class Trail:
    """The rows of one terminal that Odoo lacks, and those of the last weeks.

    Every method raises :class:`~hw_proxy.errors.JournalError` when the journal cannot be used.
    """

    def __init__(self, identity: Identity, journal: Journal, clock: Clock) -> None:
        self._identity = identity
        self._journal = journal
        self._clock = clock

    def report(self, epoch: int) -> Report | None:
        """Sign the oldest rows that Odoo lacks; none when it has all.

        :param epoch: Odoo's. What it was told in an earlier one may have been lost with its database since.
        """
        # By the plus, SQLite does not go through the whole table for the sake of its order, but takes the index.
        found = self._journal.rows(
            "SELECT id, body FROM trail WHERE rowid IN (SELECT rowid FROM trail WHERE told IS NULL OR told < ? "
            "ORDER BY +rowid LIMIT ?) ORDER BY rowid",
            *(epoch, MOST_ROWS),
        )
        rows: list[dict[str, object]] = []
        length = 0
        for name, body in found:
            length += len(body)
            if rows and length > MOST_TEXT:
                break
            rows.append({"id": name, **json.loads(body)})
        if not rows:
            return None
        pairing, jti = self._identity.pairing, str(uuid.uuid4())
        claims = {
            "iss": pairing.terminal,
            "aud": pairing.iss,
            "jti": jti,
            "iat": self._clock.now_ms() // 1000,
            "rows": rows,
        }
        token = tokens.sign(self._identity.keys.signing, TYPE, claims)
        return Report(jti, token, [str(row["id"]) for row in rows])

    def told(self, report: Report, epoch: int) -> None:
        """Odoo has a report.

        :param epoch: Odoo's, in which it has said so
        """
        with self._journal.change():
            for name in report.rows:
                self._journal.rows("UPDATE trail SET told = ? WHERE id = ?", epoch, name)

    def prune(self, before: int) -> None:
        """Remove old rows, also those of which an Odoo from before there was a trail has never asked.

        :param before: ms
        """
        self._journal.rows("DELETE FROM trail WHERE at < ?", before)
