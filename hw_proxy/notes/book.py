"""The journal of notes: what was held in escrow, what became of it, and the statements that say so to Odoo.

Kinds of entries, each about one recharge: *collect* (it may open), *escrow* (a note is held; on the disk before
anything is done with it), *stacked*, *returned*, *uncertain* (what became of it), *tender* (the signed statement, on
the disk before anybody is shown it), *collected* (the end of a collect order).
"""

from __future__ import annotations

import json
import uuid
from collections import Counter
from dataclasses import dataclass

from hw_proxy import tokens, trail
from hw_proxy.clock import Clock
from hw_proxy.errors import JournalError
from hw_proxy.journal import Journal
from hw_proxy.keys import Identity
from hw_proxy.notes.collect import CollectOrder
from hw_proxy.tokens import digest

TYPE = "tender+jwt"
STACK, RETURN = "stack", "return"
STACKED, RETURNED, UNCERTAIN = "stacked", "returned", "uncertain"
CASH_VERSION = 2
MOST_SESSIONS = 8
"""Newest cash sessions that a synchronisation asks Odoo about."""


@dataclass(frozen=True)
class Note:
    """A note that is, or was, in escrow.

    :param number: its entry in the journal
    :param denomination: cents
    :param wish: ``stack`` or ``return``: what was to become of it
    :param at: ms
    """

    number: int
    denomination: int
    wish: str
    at: int


@dataclass(frozen=True)
class Collection:
    """One opening of the acceptor. ``jti`` is the collect order's."""

    jti: str
    recharge: str
    session: str
    denominations: frozenset[int]
    most: int
    wait: int


@dataclass(frozen=True)
class Tender:
    """A stored statement. ``token`` is none once it has been pruned; ``total`` in cents, ``at`` in ms."""

    jti: str
    recharge: str
    session: str
    seq: int
    total: int
    at: int
    token: str | None


@dataclass(frozen=True)
class Sum:
    """What was taken in one collection: {denomination in cents: pieces}, cents, and uncertain denominations."""

    notes: dict[int, int]
    total: int
    uncertain: list[int]


class NoteReader:
    """Questions to a journal about notes; also to one that is only looked at, and to one from before there was cash."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def _rows(self, statement: str, *values: object) -> list[tuple]:
        if int(self._journal.get("version") or 0) < CASH_VERSION:
            return []
        return self._journal.rows(statement, *values)

    def unfinished(self) -> list[Collection]:
        """Collect orders that have not ended, or that took a note which no statement says, oldest first."""
        rows = self._rows(
            "SELECT body FROM cash_orders o WHERE NOT done OR EXISTS (SELECT 1 FROM cash_notes n WHERE "
            "n.collect = o.jti AND n.tender IS NULL AND n.outcome IS NOT 'returned') ORDER BY entry"
        )
        return [_collection(row[0]) for row in rows]

    def known(self, jti: str) -> bool:
        """Whether a collect order has opened the acceptor before."""
        return bool(self._rows("SELECT 1 FROM cash_orders WHERE jti = ?", jti))

    def latest(self, recharge: str | None = None) -> Collection | None:
        """The last collection, of one recharge or of all."""
        rows = self._rows(
            "SELECT body FROM cash_orders WHERE ?1 IS NULL OR recharge = ?1 ORDER BY entry DESC LIMIT 1", recharge
        )
        return _collection(rows[0][0]) if rows else None

    def pending(self, jti: str) -> Note | None:
        """The note of a collection that was in escrow and of which nothing more is known."""
        rows = self._rows(
            "SELECT entry, denomination, wish, at FROM cash_notes WHERE collect = ? AND outcome IS NULL "
            "ORDER BY entry DESC LIMIT 1",
            jti,
        )
        return Note(*rows[0]) if rows else None

    def sum(self, jti: str) -> Sum:
        """What a collection took so far."""
        rows = self._rows("SELECT denomination, outcome FROM cash_notes WHERE collect = ? ORDER BY entry", jti)
        notes = Counter(denomination for denomination, outcome in rows if outcome == STACKED)
        doubtful = [denomination for denomination, outcome in rows if outcome == UNCERTAIN]
        return Sum(dict(sorted(notes.items())), sum(value * count for value, count in notes.items()), doubtful)

    def tenders_of(self, recharge: str) -> list[Tender]:
        """The statements for a recharge, oldest first."""
        return self._tenders("WHERE recharge = ? ORDER BY entry", recharge)

    def recent(self, limit: int = 20) -> list[Tender]:
        """The last statements, newest first."""
        return self._tenders("ORDER BY entry DESC LIMIT ?", limit)

    def last_waiting(self, limit: int) -> set[str]:
        """The names of the last statements that Odoo has not acknowledged."""
        rows = self._rows(
            "SELECT t.jti FROM cash_tenders t LEFT JOIN cash_sessions s ON s.session = t.session "
            "WHERE t.seq > coalesce(s.acknowledged, 0) ORDER BY t.entry DESC LIMIT ?",
            limit,
        )
        return {jti for (jti,) in rows}

    def waiting(self, limit: int) -> list[Tender]:
        """Statements that Odoo has not acknowledged, oldest first; those of a session that does not fit come last."""
        return self._tenders(
            "t LEFT JOIN cash_sessions s ON s.session = t.session WHERE t.token IS NOT NULL "
            "AND t.seq > coalesce(s.acknowledged, 0) ORDER BY s.fault IS NOT NULL, t.entry LIMIT ?",
            limit,
        )

    def unacknowledged(self) -> int:
        """How many statements Odoo has not acknowledged."""
        rows = self._rows(
            "SELECT count(*) FROM cash_tenders t LEFT JOIN cash_sessions s ON s.session = t.session "
            "WHERE t.token IS NOT NULL AND t.seq > coalesce(s.acknowledged, 0)"
        )
        return rows[0][0] if rows else 0

    def undecided(self) -> list[Note]:
        """Notes that were in escrow and of which nothing more is known, oldest first."""
        rows = self._rows("SELECT entry, denomination, wish, at FROM cash_notes WHERE outcome IS NULL ORDER BY entry")
        return [Note(*row) for row in rows]

    def sessions(self) -> list[str]:
        """The newest cash sessions, as many as one synchronisation asks about."""
        rows = self._rows(
            "SELECT session FROM cash_tenders GROUP BY session ORDER BY max(entry) DESC LIMIT ?", MOST_SESSIONS
        )
        return [row[0] for row in rows]

    def fault(self, session: str) -> str | None:
        """Why a cash session does not fit Odoo's, in words, or none."""
        rows = self._rows("SELECT fault FROM cash_sessions WHERE session = ?", session)
        return rows[0][0] if rows else None

    def _tenders(self, rest: str, *values: object) -> list[Tender]:
        columns = "t.jti, t.recharge, t.session, t.seq, t.total, t.at, t.token"
        table = "cash_tenders " + (rest if rest.startswith("t ") else f"t {rest}")
        return [Tender(*row) for row in self._rows(f"SELECT {columns} FROM {table}", *values)]


class NoteBook(NoteReader):
    """Writes one terminal's journal of notes. Every method that writes raises :class:`JournalError` when nothing was
    stored; when it returns, what it says is on the disk.
    """

    def __init__(self, identity: Identity, journal: Journal, clock: Clock) -> None:
        super().__init__(journal)
        self._identity = identity
        self._clock = clock

    def begin(self, order: CollectOrder) -> Collection:
        """Journal that the acceptor may open."""
        journal, now = self._journal, self._clock.now_ms()
        values = {name: getattr(order, name) for name in Collection.__dataclass_fields__}
        body = json.dumps({**values, "denominations": sorted(order.denominations)}, sort_keys=True)
        with journal.change():
            entry = journal.append(now, "collect", order.recharge, {"collect": digest(body.encode())})
            journal.rows(
                "INSERT INTO cash_orders VALUES (?, ?, ?, ?, ?, ?, 0)",
                *(order.jti, order.recharge, order.session, now, entry, body),
            )
        return Collection(**values)

    def hold(self, collection: Collection, denomination: int, wish: str) -> Note:
        """Journal a note in escrow, before anything is done with it.

        :param denomination: cents
        :param wish: ``stack`` or ``return``
        """
        with self._journal.change():
            return self._hold(collection, denomination, wish)

    def settle(self, collection: Collection, note: Note, outcome: str) -> None:
        """Journal what became of a note, once.

        :param outcome: ``stacked``, ``returned`` or ``uncertain``
        """
        with self._journal.change():
            self._settle(collection, note, outcome)

    def stray(self, collection: Collection, denomination: int) -> None:
        """Journal a note that was stacked although it should not have been.

        :param denomination: cents
        """
        with self._journal.change():
            self._settle(collection, self._hold(collection, denomination, RETURN), STACKED)

    def _hold(self, collection: Collection, denomination: int, wish: str) -> Note:
        journal, now = self._journal, self._clock.now_ms()
        body = {
            "collect": collection.jti,
            "denomination": denomination,
            "session": collection.session,
            "wish": wish,
        }
        entry = journal.append(now, "escrow", collection.recharge, body)
        journal.rows(
            "INSERT INTO cash_notes VALUES (?, ?, ?, ?, ?, NULL, NULL, NULL)",
            *(entry, collection.jti, denomination, wish, now),
        )
        return Note(entry, denomination, wish, now)

    def _settle(self, collection: Collection, note: Note, outcome: str) -> None:
        journal = self._journal
        if journal.rows("SELECT 1 FROM cash_notes WHERE entry = ? AND outcome IS NOT NULL", note.number):
            return
        now = self._clock.now_ms()
        entry = journal.append(now, outcome, collection.recharge, {"note": note.number})
        journal.rows(
            "UPDATE cash_notes SET outcome = ?, outcome_entry = ? WHERE entry = ?", outcome, entry, note.number
        )
        row = trail.note_row(collection.recharge, note.denomination, outcome, note.at, now, note.wish)
        trail.add(journal, now, row)

    def came_back(self, recharge: str | None, denomination: int | None, end: str, reason: str) -> None:
        """Keep in the trail that a note came out which was never in this journal.

        :param recharge: what was being paid, or none
        :param denomination: cents, or none where the device did not say
        :param end: ``returned`` or ``rejected``
        :param reason: the device's words
        """
        now = self._clock.now_ms()
        trail.add(self._journal, now, trail.note_row(recharge, denomination, end, now, now, reason=reason))

    def submit(self, collection: Collection) -> Tender | None:
        """End a collection: sign and journal what it took and no statement says yet.

        :return: the statement; none when there is nothing to state.
        """
        journal, now = self._journal, self._clock.now_ms()
        with journal.change():
            rows = journal.rows(
                "SELECT denomination, outcome, at FROM cash_notes WHERE collect = ? AND tender IS NULL "
                "AND outcome IN ('stacked', 'uncertain') ORDER BY entry",
                collection.jti,
            )
            tender = self._state(collection, rows, now) if rows else None
            if journal.rows("SELECT 1 FROM cash_orders WHERE jti = ? AND NOT done", collection.jti):
                journal.append(now, "collected", collection.recharge, {"collect": collection.jti})
                journal.rows("UPDATE cash_orders SET done = 1 WHERE jti = ?", collection.jti)
        return tender

    def _state(self, collection: Collection, rows: list[tuple], now: int) -> Tender:
        journal, pairing = self._journal, self._identity.pairing
        notes = Counter(denomination for denomination, outcome, _at in rows if outcome == STACKED)
        uncertain = [
            {"denomination": denomination, "at": at} for denomination, outcome, at in rows if outcome == UNCERTAIN
        ]
        last = journal.rows("SELECT max(seq) FROM cash_tenders WHERE session = ?", collection.session)[0][0]
        claims = {
            "iss": pairing.terminal,
            "aud": pairing.iss,
            "jti": str(uuid.uuid4()),
            "iat": now // 1000,
            "recharge": collection.recharge,
            "session": collection.session,
            "seq": (last or 0) + 1,
            "notes": [{"denomination": value, "count": count} for value, count in sorted(notes.items())],
            "total": sum(value * count for value, count in notes.items()),
            **({"uncertain": uncertain} if uncertain else {}),
        }
        token = tokens.sign(self._identity.keys.signing, TYPE, claims)
        jti, seq, total = claims["jti"], claims["seq"], claims["total"]
        body = {"tender": jti, "session": collection.session, "seq": seq, "total": total, "statement": digest(token)}
        entry = journal.append(now, "tender", collection.recharge, body)
        journal.rows(
            "INSERT INTO cash_tenders VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(jti, collection.jti, collection.recharge, collection.session),
            *(seq, total, now, entry, digest(token), token),
        )
        journal.rows(
            "UPDATE cash_notes SET tender = ? WHERE collect = ? AND tender IS NULL "
            "AND outcome IN ('stacked', 'uncertain')",
            *(jti, collection.jti),
        )
        return Tender(jti, collection.recharge, collection.session, seq, total, now, token)

    def remark(self, text: str) -> None:
        """Journal what a device said that changes no sum."""
        self._journal.note(self._clock.now_ms(), text)

    def acknowledge(self, session: str, seq: int, jti: str | None) -> str | None:
        """Odoo has the statements of a session up to a sequence. A lower one than before (a restored database) is
        taken too, so that those statements are sent again.

        :param jti: the statement that Odoo has by that sequence; none for 0.
        :return: why it does not fit this journal, in words; nothing is acknowledged then.
        """
        journal = self._journal
        ours = journal.rows("SELECT jti FROM cash_tenders WHERE session = ? AND seq = ?", session, seq)
        fault = None
        if seq and ours != [(jti,)]:
            fault = f"Odoo holds another statement {seq} of cash session {session} than this journal"
        rows = journal.rows("SELECT acknowledged, fault FROM cash_sessions WHERE session = ?", session)
        before = rows[0] if rows else (0, None)
        after = (before[0] if fault else seq, fault)
        if after != before:
            journal.rows(
                "INSERT INTO cash_sessions VALUES (?1, ?2, ?3) "
                "ON CONFLICT (session) DO UPDATE SET acknowledged = ?2, fault = ?3",
                *(session, *after),
            )
        return fault


def _collection(body: str) -> Collection:
    values = json.loads(body)
    return Collection(**{**values, "denominations": frozenset(values["denominations"])})


__all__ = ["Collection", "JournalError", "Note", "NoteBook", "NoteReader", "Sum", "Tender"]
