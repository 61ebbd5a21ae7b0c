"""Heartbeats of a terminal and Odoo's signed acknowledgement (``docs/protocol`` §1 and §2)."""

from dataclasses import dataclass, field

from . import devices, prints, tokens
from .claims import Claims
from .codes import P_MALFORMED, R_FORK, R_GAP

NAMES = ("iss", "aud", "iat", "nonce", "seq", "head", "epoch", "clk", "wall", "version", "readers", "unresolved")
OPTIONAL = ("devices", "prints")
_READER = ("name", "state")
READER_STATES = ("absent", "empty", "card", "busy", "error")
OVERTAKING = 60
"""Seconds after which an older heartbeat cannot still be on its way."""
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
    :param devices: tuple of :class:`~.devices.Device`; None from a terminal that does not tell them
    :param prints: what became of prints that it was asked for, as :func:`~.prints.read_ends` returns it
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
    devices: tuple | None = None
    prints: dict = field(default_factory=dict, hash=False)

    @property
    def printed(self):
        """Receipts that came onto paper since the terminal's journal began; None from one that does not tell it."""
        counts = [device.printed for device in self.devices or () if device.kind == devices.PRINTER]
        return next((count for count in counts if count is not None), None)


def verify(token, terminal, db_uuid):
    """Verify a heartbeat.

    :param token: compact form
    :param terminal: the :class:`~.identity.TerminalKey` that must have signed it
    :param db_uuid: this database
    :raise Refusal: P-104
    """
    refuse = P_MALFORMED
    values = tokens.verify(token, tokens.HEARTBEAT, terminal.x, terminal.uuid, db_uuid, refuse)
    told = [name for name in OPTIONAL if name in values]
    claims = Claims(values, (*NAMES, *told), refuse)
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
        devices=devices.read(claims, "devices", refuse) if "devices" in told else None,
        prints=prints.read_ends(claims, "prints") if "prints" in told else {},
    )


def issue_ack(keyring, terminal_uuid, nonce, now, acknowledged, head, state, origins, tenders=(), **more):
    """Sign an acknowledgement: the signed time, and the only thing that lets a journal prune.

    :param keyring: :class:`~.keyring.Keyring`
    :param nonce: of the heartbeat
    :param now: milliseconds since the epoch, our clock
    :param acknowledged: highest receipt sequence stored without a hole
    :param head: hash of that receipt
    :param state: one of :data:`STATES`
    :param origins: web origins that may use the terminal
    :param tenders: ``(session, sequence, jti)`` of the cash sessions that the terminal asked about: the last statement
        about notes that is stored without a hole; 0 and None when there is none. A terminal that asks about none gets
        no such claim.
    :param more: ``trail``: the ``jti`` of the report of its trail that is stored, or None; only for a terminal that
        asks
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
    if tenders:
        claims["tenders"] = [{"session": session, "seq": seq, "jti": jti} for session, seq, jti in tenders]
    return tokens.sign(tokens.ACK, {**claims, **more}, keyring.active)


def chain_problem(beat, stored_hash, heard_seq, heard_at):
    """Tell whether a terminal's journal is still the one that spoke before.

    A journal that is behind is noticed only when the heartbeat was signed, by Odoo's time, clearly after the one that
    said more: requests may overtake each other, and a page may bring a receipt before the heartbeat that counts it.

    :param beat: a verified :class:`Heartbeat`
    :param stored_hash: hash of the receipt stored under the heartbeat's sequence, None when none is
    :param heard_seq: highest sequence that a heartbeat of this terminal has said
    :param heard_at: when it last said so, seconds by our clock
    :return: None, R-103 (another receipt than ours by that number: there are two copies of the journal) or R-102 (it
        ends before what it said: it was lost, cut, or is an old copy)
    """
    if stored_hash is not None and stored_hash != beat.head:
        return R_FORK
    if beat.seq < heard_seq and beat.clk == "signed" and beat.iat > heard_at + OVERTAKING:
        return R_GAP
    return None
