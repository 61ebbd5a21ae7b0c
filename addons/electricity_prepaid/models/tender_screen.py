"""A tender's amount with its sign, so that lists and pivots add up to what is in the drawer; its notes in words."""

from odoo import api, fields, models
from odoo.tools import format_amount, format_datetime

from ..core import boxes, money


class ElectricityTender(models.Model):
    _inherit = "electricity.tender"

    signed_amount = fields.Monetary(
        compute="_compute_signed_amount", store=True, aggregator="sum", help="Negative for money that was handed back."
    )

    notes_text = fields.Char("Notes", compute="_compute_notes_text")
    uncertain_text = fields.Char("Uncertain Notes", compute="_compute_uncertain_text")
    is_looked_for = fields.Boolean("Uncertain Notes Not Decided", compute="_compute_uncertain_text")
    standing = fields.Selection(
        [("in", "Received"), ("out", "Handed Back"), ("uncertain", "Looked For"), ("decided", "Decided")],
        compute="_compute_uncertain_text",
        help="Decided is a statement about uncertain notes alone: those that were found are a tender of their own.",
    )

    @api.depends("amount", "uncertain_amount", "currency_id", "occurred_at", "terminal_id")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for tender in self:
            amount = format_amount(self.env, tender.amount or tender.uncertain_amount, tender.currency_id)
            at = format_datetime(self.env, tender.occurred_at) if tender.occurred_at else ""
            # Whoever reads the money may be no reader of terminals.
            tender.display_name = " · ".join(filter(None, (amount, at, tender.terminal_id.sudo().code)))

    @api.depends("note_counts")
    def _compute_notes_text(self):
        for tender in self:
            counts = sorted((int(value), count) for value, count in (tender.note_counts or {}).items())
            tender.notes_text = ", ".join(f"{count} × {money.format_cents(value)}" for value, count in counts)

    @api.depends("uncertain_notes", "uncertain_amount", "amount", "direction")
    @api.depends_context("lang")
    def _compute_uncertain_text(self):
        words = {
            boxes.FOUND: self.env._("found in the box"),
            boxes.ABSENT: self.env._("not in the box"),
            None: self.env._("being looked for"),
        }
        doubtful = self.filtered("uncertain_amount")
        verdicts = doubtful._note_verdicts() if doubtful else {}
        for tender in self:
            found = [
                (note["denomination"], verdicts.get((tender.id, position)))
                for position, note in enumerate(tender in doubtful and tender.uncertain_notes or [])
            ]
            tender.uncertain_text = ", ".join(f"{money.format_cents(cents)} ({words[way]})" for cents, way in found)
            tender.is_looked_for = any(way is None for _cents, way in found)
            unpaid = "uncertain" if tender.is_looked_for else "decided"
            tender.standing = tender.direction if tender.amount else unpaid

    @api.depends("amount", "direction")
    def _compute_signed_amount(self):
        for tender in self:
            tender.signed_amount = tender.amount if tender.direction == "in" else -tender.amount
