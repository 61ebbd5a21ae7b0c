"""Reports of a terminal's trail: what became of single notes, and the steps of writes (``docs/protocol`` §1).

They decide nothing, so a row that a newer terminal says in other words is left out, and the rest is taken.
"""

from dataclasses import dataclass

from . import tokens
from .claims import Claims
from .codes import P_MALFORMED
from .errors import Refusal

NAMES = ("iss", "aud", "jti", "iat", "rows")
MOST_ROWS = 50
MOST_STEPS = 40
LONGEST_WORDS = 64
LATEST = 253_402_300_799_000
"""Milliseconds: the last second that Odoo has as a time."""

NOTE, WRITE = "note", "write"
STACKED, RETURNED, REJECTED, UNCERTAIN = "stacked", "returned", "rejected", "uncertain"
ENDS = (STACKED, RETURNED, REJECTED, UNCERTAIN)
STACK, RETURN = "stack", "return"
STEPS = ("check", "unlock", "write", "verify")

_NOTE = ("id", "kind", "recharge", "denomination", "end", "wish", "at", "done", "reason")
_WRITE = ("id", "kind", "attempt", "at", "done", "steps")
_STEP = ("step", "what", "status")
_LARGEST_NOTE = 1_000_000


@dataclass(frozen=True)
class NoteRow:
    """What became of one note.

    :param id: uuid of the row
    :param recharge: uuid of the recharge that was being paid, or None
    :param denomination: cents; None: the acceptor did not say
    :param end: one of :data:`ENDS`
    :param wish: :data:`STACK` or :data:`RETURN`, what was to become of it; None: it was not held
    :param at: milliseconds by the terminal's clock, in escrow; of one that was not held, when it came out
    :param done: milliseconds, when the acceptor said its end
    :param reason: the acceptor's words, English, or None
    """

    id: str
    recharge: str | None
    denomination: int | None
    end: str
    wish: str | None
    at: int
    done: int
    reason: str | None


@dataclass(frozen=True)
class WriteRow:
    """The steps of one write.

    :param id: uuid of the row
    :param attempt: the write order's ``jti``
    :param at: milliseconds by the terminal's clock, when it began
    :param done: milliseconds, when it was over
    :param steps: tuple of ``(step, words or None, SW1 SW2 in hex or None)``
    """

    id: str
    attempt: str
    at: int
    done: int
    steps: tuple

    @property
    def text(self):
        """The steps in one line, such as ``check 9000 · unlock 9007 · write block 1 6581``."""
        return " · ".join(" ".join(filter(None, (step, what, status or "–"))) for step, what, status in self.steps)


def verify(token, terminal, db_uuid):
    """Verify a report of the trail.

    :param token: compact form
    :param terminal: the :class:`~.identity.TerminalKey` that must have signed it
    :param db_uuid: this database
    :return: ``(jti, list of NoteRow and WriteRow)``; rows of another form are left out
    :raise Refusal: P-104
    """
    refuse = P_MALFORMED
    values = tokens.verify(token, tokens.TRAIL, terminal.x, terminal.uuid, db_uuid, refuse)
    claims = Claims({name: values[name] for name in NAMES if name in values}, NAMES, refuse)
    rows = values["rows"]
    if not isinstance(rows, list) or len(rows) > MOST_ROWS:
        raise Refusal(refuse)
    read = [_row(row) for row in rows]
    return claims.uuid("jti"), [row for row in read if row is not None]


def _row(values):
    try:
        kind = values.get("kind") if isinstance(values, dict) else None
        if kind == NOTE:
            return _note(_known(values, _NOTE))
        return _write(_known(values, _WRITE)) if kind == WRITE else None
    except Refusal:
        return None


def _known(values, names):
    """Read a row without what a newer terminal says beside it."""
    return Claims({name: values[name] for name in names if name in values}, names, P_MALFORMED)


def _note(row):
    return NoteRow(
        id=row.uuid("id"),
        recharge=row.optional("recharge", row.uuid),
        denomination=row.optional("denomination", lambda name: row.integer(name, 1, _LARGEST_NOTE)),
        end=row.choice("end", ENDS),
        wish=row.optional("wish", lambda name: row.choice(name, (STACK, RETURN))),
        at=row.integer("at", 0, LATEST),
        done=row.integer("done", 0, LATEST),
        reason=row.optional("reason", lambda name: row.text(name, LONGEST_WORDS)),
    )


def _write(row):
    steps = row.parts("steps", _STEP, MOST_STEPS)
    return WriteRow(
        id=row.uuid("id"),
        attempt=row.uuid("attempt"),
        at=row.integer("at", 0, LATEST),
        done=row.integer("done", 0, LATEST),
        steps=tuple(
            (
                step.choice("step", STEPS),
                step.optional("what", lambda name, step=step: step.text(name, LONGEST_WORDS)),
                step.optional("status", lambda name, step=step: step.hex(name, 2).hex()),
            )
            for step in steps
        ),
    )
