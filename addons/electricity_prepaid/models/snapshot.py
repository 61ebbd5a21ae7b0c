"""Readings of a card, each good for one decision."""

import secrets
from datetime import timedelta

from odoo import api, fields, models

from .own_defaults import OWN_DEFAULTS

NONCE_SECONDS = 120


class ElectricitySnapshot(models.Model):
    """A nonce that Odoo gave out, and the reading that a terminal signed for it.

    The nonce makes a reading fresh and single-use; ``used_at`` is set by the call that decides on it.
    """

    _name = "electricity.snapshot"
    _inherit = [OWN_DEFAULTS]
    _description = "Card Reading"
    _order = "id desc"
    _rec_name = "nonce"

    nonce = fields.Char(required=True, readonly=True)
    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, index=True, ondelete="cascade")
    issued_at = fields.Datetime(required=True, readonly=True)
    expires_at = fields.Datetime(required=True, readonly=True, index=True)
    used_at = fields.Datetime(readonly=True)
    recharge_id = fields.Many2one("electricity.recharge", readonly=True, index="btree_not_null", ondelete="restrict")
    token = fields.Text(readonly=True, prefetch=False)
    insertion = fields.Char(readonly=True)
    digest = fields.Char(readonly=True)
    card_serial = fields.Char(readonly=True)

    _nonce_unique = models.UniqueIndex("(nonce)", "This nonce was given out already.")
    _time_index = models.Index("USING brin (issued_at)")

    @api.model
    @api.private
    def new_nonce(self, terminal):
        """Give a nonce to a terminal.

        :param terminal: one ``electricity.terminal``
        :return: the nonce, 43 characters base64url; a reading that names it is taken for two minutes
        """
        now = fields.Datetime.now()
        nonce = secrets.token_urlsafe(32)
        self.sudo().create(
            {
                "nonce": nonce,
                "terminal_id": terminal.id,
                "issued_at": now,
                "expires_at": now + timedelta(seconds=NONCE_SECONDS),
            }
        )
        return nonce

    @api.autovacuum
    def _gc_unused(self):
        """Remove nonces that were never used: they decide nothing any more."""
        self.search(
            [("used_at", "=", False), ("expires_at", "<", fields.Datetime.now() - timedelta(days=1))], limit=10000
        ).unlink()
