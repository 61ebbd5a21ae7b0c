"""Heartbeats of a terminal and Odoo's signed acknowledgement (``docs/protocol`` §1 and §2)."""

from dataclasses import dataclass

from . import tokens
from .claims import Claims
from .codes import P_MALFORMED

NAMES = ("iss", "aud", "iat", "nonce", "seq", "head", "epoch", "clk", "wall", "version", "readers", "unresolved")
_READER = ("name", "state")
READER_STATES = ("absent", "empty", "card", "busy", "error")
CLOCKS = ("signed", "wall")
STATES = ("active", "quarantined", "disabled")


@dataclass(frozen=True)
class Heartbeat:
    """A verified heartbeat.

    :param iat: seconds by the terminal's clock
    :param nonce: to be repeated in the acknowledgement
    :param seq: last receipt sequence
    :param head: hash of the last receipt
    :param epoch: highest epoch the terminal has seen
    :param clk: ``signed`` or ``wall``
    :param wall: the terminal's wall clock, milliseconds
    :param version: of the service
    :param readers: tuple of ``(name, state)``
    :param unresolved: orders without a known outcome
    """

    iat: int
    nonce: str
    seq: int
    head: str
    epoch: int
    clk: str
    wall: int
    version: str
    readers: tuple
    unresolved: int


def verify(token, terminal, db_uuid):
    """Verify a heartbeat.

    :param token: compact form
    :param terminal: the :class:`~.identity.TerminalKey` that must have signed it
    :param db_uuid: this database
    :raise Refusal: P-104
    """
    refuse = P_MALFORMED
    claims = Claims(tokens.verify(token, tokens.HEARTBEAT, terminal.x, terminal.uuid, db_uuid, refuse), NAMES, refuse)
    readers = tuple(
        (reader.text("name"), reader.choice("state", READER_STATES)) for reader in claims.parts("readers", _READER, 16)
    )
    return Heartbeat(
        iat=claims.integer("iat"),
        nonce=claims.text("nonce", 64),
        seq=claims.integer("seq"),
        head=claims.hash("head"),
        epoch=claims.integer("epoch"),
        clk=claims.choice("clk", CLOCKS),
        wall=claims.integer("wall"),
        version=claims.text("version", 64),
        readers=readers,
        unresolved=claims.integer("unresolved"),
    )


def issue_ack(keyring, terminal_uuid, nonce, now, acknowledged, head, state, origins):
    """Sign an acknowledgement: the signed time, and the only thing that lets a journal prune.

    :param keyring: :class:`~.keyring.Keyring`
    :param nonce: of the heartbeat
    :param now: milliseconds since the epoch, our clock
    :param acknowledged: highest receipt sequence stored without a hole
    :param head: hash of that receipt
    :param state: one of :data:`STATES`
    :param origins: web origins that may use the terminal
    """
    claims = {
        "iss": keyring.db_uuid,
        "aud": terminal_uuid,
        "nonce": nonce,
        "now": int(now),
        "ack": acknowledged,
        "head": head,
        "epoch": keyring.epoch,
        "state": state,
        "origins": list(origins),
    }
    return tokens.sign(tokens.ACK, claims, keyring.active)
