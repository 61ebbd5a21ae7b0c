"""Tender statements: a terminal's signed word about notes it has taken (``docs/protocol`` §1)."""

from dataclasses import dataclass

from . import tokens
from .claims import Claims
from .codes import A_TENDER_FORK, A_TENDER_GAP, S_TENDER_INVALID
from .errors import Refusal

NAMES = ("iss", "aud", "jti", "iat", "recharge", "session", "seq", "notes", "total")
OPTIONAL = ("uncertain",)
_NOTE = ("denomination", "count")
_UNCERTAIN = ("denomination", "at")
_LARGEST_NOTE = 1_000_000
_LARGEST_COUNT = 10_000


@dataclass(frozen=True)
class TenderStatement:
    """A verified statement.

    :param jti: its uuid, names the tender
    :param iat: seconds by the terminal's clock
    :param recharge: uuid of the recharge the money was taken for
    :param session: the terminal's cash session
    :param seq: position in that session
    :param notes: tuple of ``(denomination in cents, count)``
    :param total: cents, checked against the notes
    :param uncertain: tuple of ``(denomination in cents, milliseconds by the terminal's clock)``: notes of which the
        device told no end; they are no money of the recharge until the box is counted
    """

    jti: str
    iat: int
    recharge: str
    session: str
    seq: int
    notes: tuple
    total: int
    uncertain: tuple = ()

    @property
    def doubtful(self):
        """Cents of the uncertain notes."""
        return sum(denomination for denomination, _ in self.uncertain)


def verify(token, terminal, db_uuid, recharge_uuid=None):
    """Verify a tender statement.

    :param token: compact form
    :param terminal: the :class:`~.identity.TerminalKey` that must have signed it
    :param db_uuid: this database
    :param recharge_uuid: the recharge it must name; None: whichever it names
    :return: :class:`TenderStatement`
    :raise Refusal: S-122
    """
    refuse = S_TENDER_INVALID
    values = tokens.verify(token, tokens.TENDER, terminal.x, terminal.uuid, db_uuid, refuse)
    more = tuple(name for name in OPTIONAL if name in values)
    claims = Claims(values, NAMES + more, refuse)
    notes = tuple(
        (note.integer("denomination", 1, _LARGEST_NOTE), note.integer("count", 1, _LARGEST_COUNT))
        for note in claims.parts("notes", _NOTE)
    )
    statement = TenderStatement(
        jti=claims.uuid("jti"),
        iat=claims.integer("iat"),
        recharge=claims.uuid("recharge"),
        session=claims.text("session", 64),
        seq=claims.integer("seq", 1),
        notes=notes,
        total=claims.integer("total"),
        uncertain=tuple(
            (note.integer("denomination", 1, _LARGEST_NOTE), note.integer("at"))
            for note in (claims.parts("uncertain", _UNCERTAIN) if more else ())
        ),
    )
    denominations = {denomination for denomination, _ in notes}
    added = sum(denomination * count for denomination, count in notes)
    wrong = recharge_uuid is not None and statement.recharge != recharge_uuid
    empty = not notes and not statement.uncertain
    if wrong or empty or statement.total != added or len(denominations) != len(notes):
        raise Refusal(refuse)
    return statement


def sequence_problem(statement, last, others, pushed):
    """Tell whether a statement fits the ones of its cash session. It counts all the same: the money is in the box.

    :param statement: a verified :class:`TenderStatement`
    :param last: highest sequence that is stored without a hole
    :param others: whether another statement is stored under its sequence
    :param pushed: whether the terminal sent it, oldest first; a page may carry any one
    :return: None, A-206 (one before it is missing) or A-207 (two have one number)
    """
    if others:
        return A_TENDER_FORK
    return A_TENDER_GAP if pushed and statement.seq > last + 1 else None
