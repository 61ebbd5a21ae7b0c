"""Snapshots: a terminal's signed word about the card in its reader (``docs/protocol`` §1)."""

from dataclasses import dataclass
from functools import cached_property

from . import codecs, tokens
from .card_image import MOST_TRIES, digest
from .claims import Claims
from .codes import N_INVALID_SNAPSHOT, N_SNAPSHOT_OLDER
from .errors import Refusal

NAMES = ("iss", "aud", "jti", "iat", "nonce", "ins", "seq", "clk", "reader", "atr", "driver", "card")
_CARD = ("memory", "protection", "tries", "digest")
CLOCKS = ("signed", "wall")

#: Bytes of protection bits: none, 4 (SLE4442), or as many as a chip has.
_PROTECTION_SIZES = (0, 128)


@dataclass(frozen=True)
class Snapshot:
    """A verified snapshot.

    :param jti: its uuid
    :param iat: seconds since the epoch by the terminal's clock
    :param nonce: of Odoo; the caller checks that it is unused
    :param ins: unpredictable id of this insertion
    :param seq: last receipt sequence of the terminal at that moment
    :param clk: ``signed`` (Odoo's time) or ``wall``
    :param reader: name of the reader
    :param atr: answer to reset, hex
    :param driver: codec that belongs to the card
    :param memory: the driver's image, raw bytes
    :param protection: protection bits, 4 bytes on an SLE4442; empty on chips without
    :param tries: presentations of the code that are left
    :param digest: hash of the memory, checked
    """

    jti: str
    iat: int
    nonce: str
    ins: str
    seq: int
    clk: str
    reader: str
    atr: str
    driver: str
    memory: bytes
    protection: bytes
    tries: int
    digest: str

    @cached_property
    def image(self):
        """The card as :class:`~.card_image.CardImage`."""
        return codecs.decode(self.driver, self.memory, self.tries)


def verify(token, terminal, db_uuid):
    """Verify a snapshot.

    :param token: compact form
    :param terminal: the :class:`~.identity.TerminalKey` that must have signed it
    :param db_uuid: this database
    :return: :class:`Snapshot`
    :raise Refusal: N-101
    """
    refuse = N_INVALID_SNAPSHOT
    claims = Claims(tokens.verify(token, tokens.SNAPSHOT, terminal.x, terminal.uuid, db_uuid, refuse), NAMES, refuse)
    card = claims.part("card", _CARD)
    driver = claims.text("driver", 32)
    memory = card.hex("memory", *codecs.memory_sizes(driver))
    if card.hash("digest") != digest(memory):
        raise Refusal(refuse)
    return Snapshot(
        jti=claims.uuid("jti"),
        iat=claims.integer("iat"),
        nonce=claims.text("nonce", 64),
        ins=claims.text("ins", 64),
        seq=claims.integer("seq"),
        clk=claims.choice("clk", CLOCKS),
        reader=claims.text("reader"),
        atr=claims.text("atr", 128),
        driver=driver,
        memory=memory,
        protection=card.hex("protection", *_PROTECTION_SIZES),
        tries=card.integer("tries", 0, MOST_TRIES),
        digest=card.hash("digest"),
    )


def check_newer(nonce_issued_at, attempts_issued_at):
    """Refuse a snapshot that may be older than an attempt: it settles nothing.

    The nonce is Odoo's own and unpredictable, so a reading that carries it was taken after it was handed out; the
    terminal's clock proves nothing.

    :param nonce_issued_at: when Odoo handed out the snapshot's nonce
    :param attempts_issued_at: when Odoo issued each attempt, comparable with the former
    :raise Refusal: N-104
    """
    if any(nonce_issued_at <= issued for issued in attempts_issued_at):
        raise Refusal(N_SNAPSHOT_OLDER)
