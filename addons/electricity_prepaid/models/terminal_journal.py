"""Whether a terminal's journal is the one that it always had: lost, cut and copied ones show in its heartbeats."""

from odoo import api, fields, models

from ..core import receipts
from ..core.heartbeats import chain_problem
from .terminal_sync import LARGEST_INT


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    heard_seq = fields.Integer("Receipts Said", readonly=True, copy=False, aggregator=None)
    heard_at = fields.Integer("Receipts Said at", readonly=True, copy=False, aggregator=None)

    def _compare_journal(self, beat, now):
        """Quarantine a terminal whose journal is behind what it said before, or holds other receipts than we have.

        The row is locked by the caller.

        :param beat: a verified heartbeat
        :param now: seconds by our clock
        """
        problem = chain_problem(beat, self._hash_at(beat.seq), self.heard_seq, self.heard_at)
        if problem is not None:
            self.quarantine(problem)
        elif self.heard_seq <= beat.seq <= LARGEST_INT:
            self.write({"heard_seq": beat.seq, "heard_at": now})

    def _hash_at(self, seq):
        """Hash of the receipt that we have by a sequence, None when there is none."""
        if seq == 0:
            return receipts.first_prev(self.uuid)
        if seq == self.receipt_seq:
            return self.receipt_head
        if seq > self.receipt_seq:
            return None
        stored = self.env["electricity.receipt"].sudo().search([("terminal_id", "=", self.id), ("seq", "=", seq)])
        return stored.hash or None

    @api.private
    def reactivate(self, reason):
        """Let it sell again: what it said before no longer counts, its receipts do."""
        result = super().reactivate(reason)
        self.sudo().write({"heard_seq": 0, "heard_at": 0})
        return result
