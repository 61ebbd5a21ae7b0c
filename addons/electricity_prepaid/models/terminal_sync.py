"""The terminal's own line to Odoo: heartbeat, receipts and tenders in, signed acknowledgement out."""

import time

from odoo import api, fields, models

from ..core import codes, heartbeats, receipts, tokens
from ..core.errors import Refusal
from .recharge_confirm import MOST_RECEIPTS

LARGEST_INT = 2**31 - 1
"""Of an integer column; a clock of the year 2100 must not keep a terminal from hearing the right time."""
NOT_ASKED = object()
"""Of a terminal that does not know of trails."""
MOST_HANDOVERS = 8
"""Of a terminal that was off while the signing key changed; beyond that it is paired again."""


def _readable_kids(kids):
    """Return what a terminal says of the keys that it takes, as text; False when it says nothing that can be read."""
    known = kids if isinstance(kids, list) else []
    return " ".join(kid for kid in known[:4] if isinstance(kid, str) and len(kid) == 43 and kid.isprintable()) or False


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    known_kids = fields.Char("Takes Keys", readonly=True, copy=False, prefetch=False)

    @api.model
    @api.private
    def sync(self, heartbeat, compact, kids=None, notes=None, sessions=None, trail=NOT_ASKED):
        """Take a heartbeat, receipts, and statements about notes: docs/protocol §2.

        :param heartbeat: ``heartbeat+jwt``, compact
        :param compact: receipts, oldest first, at most 50
        :param kids: key ids of ours that the terminal takes; it only informs
        :param notes: ``tender+jwt``, compact, oldest first, at most 50
        :param sessions: cash sessions of which the acknowledgement shall speak, at most 8
        :param trail: ``trail+jwt``, compact, or None for one that has nothing to tell now
        :return: {``ack``, ``results``, ``tenders``, ``handover``}, and ``prints`` when it is to print something
        :raises Refusal: P-104, T-101, T-106, T-107
        """
        notes = [] if notes is None else notes
        if any(not isinstance(each, list) or len(each) > MOST_RECEIPTS for each in (compact, notes)):
            raise Refusal(codes.P_MALFORMED)
        ring = self.env["electricity.keyring"].load_ring()
        _header, claims = tokens.peek(heartbeat, codes.P_MALFORMED)
        issuer = claims.get("iss")
        if not isinstance(issuer, str) or not issuer.isprintable():
            raise Refusal(codes.T_NOT_PAIRED)
        terminal = self.with_context(active_test=False).search([("uuid", "=", issuer)], limit=1)
        if not terminal:
            raise Refusal(codes.T_NOT_PAIRED)
        beat = heartbeats.verify(heartbeat, terminal.identity(), ring.db_uuid)
        results, _orders = self.env["electricity.recharge"]._take_receipts(compact, "push", terminal)
        tenders = self.env["electricity.recharge"]._take_tenders(notes, terminal)
        now = int(time.time() * 1000)
        terminal._note_heartbeat(beat, now, kids)
        handover = list(ring.handovers[-MOST_HANDOVERS:])
        more = {} if trail is NOT_ASKED else {"trail": self._take_trail(terminal, trail, ring)}
        ack = terminal._acknowledge(beat, ring, now, terminal._tender_heads(sessions), **more)
        answer = {"ack": ack, "results": results, "tenders": tenders, "handover": handover}
        wanted = terminal._prints_wanted(ring)
        return {**answer, "prints": wanted} if wanted else answer

    def _note_heartbeat(self, beat, now, kids):
        """Record how the terminal is, and compare its journal. When the row is busy, the next heartbeat will do."""
        try:
            self.take()
        except Refusal:
            return
        self.write(
            {
                "last_heartbeat": fields.Datetime.now(),
                "clock_skew": min(round((beat.wall - now) / 1000), LARGEST_INT),
                "version": beat.version,
                "epoch_seen": min(max(self.epoch_seen, beat.epoch), LARGEST_INT),
                "reader_state": ", ".join(f"{name}: {state}" for name, state in beat.readers) or False,
                "known_kids": _readable_kids(kids),
            }
        )
        self._compare_journal(beat, now // 1000)
        self.note_paper(beat, now // 1000)
        self.note_devices(beat, now // 1000)
        if beat.prints:
            self._take_prints(beat.prints)

    def _prints_wanted(self, ring):
        """Return the print orders that the terminal gets with this answer; addons that ask for prints say which.

        :param ring: :class:`~..core.keyring.Keyring`
        :return: ``print+jwt``, compact, at most ``core.prints.MOST_ASKED``
        """
        return []

    def _take_prints(self, ends):
        """Take what the terminal has signed about prints that it was asked for. The row is locked by the caller.

        :param ends: as of ``core.prints.read_ends``
        """

    def _take_trail(self, terminal, trail, ring):
        taken = self.env["electricity.terminal.trail"]
        return None if trail is None else taken.take(terminal, trail, ring.db_uuid)

    def _acknowledge(self, beat, ring, now, tenders=(), **more):
        state = "disabled" if not self.active or self.state not in heartbeats.STATES else self.state
        return heartbeats.issue_ack(
            ring,
            self.uuid,
            beat.nonce,
            now,
            self.receipt_seq,
            self.receipt_head or receipts.first_prev(self.uuid),
            state,
            self.origins(),
            tenders,
            **more,
        )
