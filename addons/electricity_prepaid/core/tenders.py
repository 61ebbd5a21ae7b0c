"""Tender statements: a terminal's signed word about notes it has taken (``docs/protocol`` §1)."""

from dataclasses import dataclass

from . import tokens
from .claims import Claims
from .codes import S_TENDER_INVALID
from .errors import Refusal

NAMES = ("iss", "aud", "jti", "iat", "recharge", "session", "seq", "notes", "total")
_NOTE = ("denomination", "count")
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
    """

    jti: str
    iat: int
    recharge: str
    session: str
    seq: int
    notes: tuple
    total: int


def verify(token, terminal, db_uuid, recharge_uuid):
    """Verify a tender statement.

    :param token: compact form
    :param terminal: the :class:`~.identity.TerminalKey` that must have signed it
    :param db_uuid: this database
    :param recharge_uuid: the recharge it must name
    :return: :class:`TenderStatement`
    :raise Refusal: S-122
    """
    refuse = S_TENDER_INVALID
    claims = Claims(tokens.verify(token, tokens.TENDER, terminal.x, terminal.uuid, db_uuid, refuse), NAMES, refuse)
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
    )
    denominations = {denomination for denomination, _ in notes}
    added = sum(denomination * count for denomination, count in notes)
    if statement.recharge != recharge_uuid or statement.total != added or len(denominations) != len(notes):
        raise Refusal(refuse)
    return statement
