"""The window in which the notes of a cash box are counted."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import money
from odoo.exceptions import UserError

COINS_AND_NOTES = (10000, 5000, 2000, 1000, 500, 100)
"""Notes in circulation, in cents; what else the company's terminals take is added."""


class ElectricityCashBoxCount(models.TransientModel):
    """A count of a cash box by denomination."""

    _name = "electricity.cash.box.count"
    _description = "Count of a Cash Box"

    cash_box_id = fields.Many2one("electricity.cash.box", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="cash_box_id.currency_id")
    # As the caller sees it: as superuser it would show what is to be counted blind.
    is_hidden = fields.Boolean(related="cash_box_id.is_hidden", related_sudo=False)
    recorded = fields.Monetary(related="cash_box_id.recorded", related_sudo=False)
    line_ids = fields.One2many("electricity.cash.box.count.line", "count_id", string="Notes")
    counted = fields.Monetary("Counted Amount", compute="_compute_counted")
    piece_count = fields.Integer("Pieces", compute="_compute_counted")

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        box = self.env["electricity.cash.box"].browse(values.get("cash_box_id"))
        if box and "line_ids" in fields:
            box.check_access("read")
            taken = box.sudo().company_id.notes_taken()
            known = sorted({*COINS_AND_NOTES, *taken, *map(int, box.sudo()._recorded()[box.id])}, reverse=True)
            values["line_ids"] = [(0, 0, {"denomination": money.cents_to_float(cents)}) for cents in known]
        return values

    @api.depends("line_ids.pieces", "line_ids.denomination")
    def _compute_counted(self):
        for count in self:
            count.counted = sum(line.denomination * line.pieces for line in count.line_ids)
            count.piece_count = sum(count.line_ids.mapped("pieces"))

    def action_confirm(self):
        """Confirm this count.

        :raises UserError: with the sentence and the code of a refusal
        """
        self.ensure_one()
        if any(line.pieces < 0 for line in self.line_ids):
            raise UserError(self.env._("Pieces are not negative."))
        pieces = {}
        for line in self.line_ids:
            key = str(money.to_cents(line.denomination))
            pieces[key] = pieces.get(key, 0) + line.pieces
        self.cash_box_id.confirm_count(pieces)
        return {"type": "ir.actions.act_window_close"}


class ElectricityCashBoxCountLine(models.TransientModel):
    """Pieces of one denomination."""

    _name = "electricity.cash.box.count.line"
    _description = "Line of a Count"
    _order = "denomination desc"

    count_id = fields.Many2one("electricity.cash.box.count", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="count_id.currency_id")
    denomination = fields.Monetary("Note", required=True)
    pieces = fields.Integer()
    total = fields.Monetary("Amount", compute="_compute_total")

    @api.depends("denomination", "pieces")
    def _compute_total(self):
        for line in self:
            line.total = line.denomination * line.pieces
