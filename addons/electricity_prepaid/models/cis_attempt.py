"""Every try to reach the marketing system for a message."""

from odoo import api, fields, models

from .cis_message import MESSAGE_STATES
from .own_defaults import OWN_DEFAULTS

OPERATIONS = [
    ("submit_payment", "Submit Payment"),
    ("query_payment", "Ask for Payment"),
    ("reverse_payment", "Reverse Payment"),
]
SILENCES = [
    ("timeout", "No Answer in Time"),
    ("connection", "No Connection"),
    ("tls", "Not Trusted"),
    ("http", "Web Server Refused"),
    ("unreadable", "Answer Not Readable"),
    ("invalid", "Answer Cannot Be Right"),
    ("unsafe", "Answer Not Safe"),
    ("too_large", "Answer Too Large"),
    ("fault", "Fault There"),
    ("mismatch", "Answered Another Serial"),
    ("circuit", "Not Tried: Paused"),
    ("configuration", "Not Tried: Set Up Wrongly"),
    ("unsendable", "Not Tried: Content Not Sendable"),
    ("internal", "Failure Here"),
]
"""Kinds of ``core.cis_types.Unreachable``, and a failure of our own."""


class ElectricityCisAttempt(models.Model):
    """One call for a message, and what came back. Rows are only added; old ones of finished messages are removed."""

    _name = "electricity.cis.attempt"
    _inherit = [OWN_DEFAULTS]
    _description = "Marketing System Attempt"
    _order = "id desc"
    _rec_name = "operation"

    message_id = fields.Many2one(
        "electricity.cis.message", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    operation = fields.Selection(OPERATIONS, required=True, readonly=True)
    tried_at = fields.Datetime("Time", required=True, readonly=True)
    latency_ms = fields.Float("Took (ms)", digits=(16, 1), readonly=True, aggregator="avg")
    outcome = fields.Selection(
        MESSAGE_STATES + SILENCES, readonly=True, help="State of the message after it, or why there was no answer."
    )
    result = fields.Char("Result Code", readonly=True)
    text = fields.Char("Its Own Words", readonly=True, help="Long numbers are masked.")

    _time_index = models.Index("USING brin (tried_at)")

    @api.autovacuum
    def _gc_attempts(self):
        """Remove the tries of finished messages when their company keeps them no longer."""
        for connection in self.env["electricity.cis.connection"].search([("keep_days", ">", 0)]):
            before = fields.Datetime.subtract(fields.Datetime.now(), days=connection.keep_days)
            self.search(
                [
                    ("company_id", "=", connection.company_id.id),
                    ("tried_at", "<", before),
                    ("message_id.state", "in", ("done", "withdrawn")),
                ],
                limit=10000,
            ).unlink()
