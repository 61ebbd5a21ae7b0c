"""The window in which a drawer is counted from the back office."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import money
from ..core.errors import Refusal
from ..models.answers import as_user_error

DENOMINATIONS = (10000, 5000, 2000, 1000, 500, 100, 50, 10)
"""Notes and coins in circulation, in cents."""


class ElectricityCashCount(models.TransientModel):
    """A count of a drawer by denomination, which closes the shift."""

    _name = "electricity.cash.count"
    _description = "Cash Count"

    session_id = fields.Many2one("electricity.cash.session", "Shift", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="session_id.currency_id")
    expected = fields.Monetary(related="session_id.cash_now")
    line_ids = fields.One2many(
        "electricity.cash.count.line", "count_id", default=lambda self: self._default_lines(), string="Pieces"
    )
    counted = fields.Monetary(compute="_compute_counted")
    difference = fields.Monetary(compute="_compute_counted")

    def _default_lines(self):
        return [(0, 0, {"denomination": money.cents_to_float(cents)}) for cents in DENOMINATIONS]

    @api.depends("line_ids.pieces", "line_ids.denomination", "expected")
    def _compute_counted(self):
        for count in self:
            count.counted = sum(line.denomination * line.pieces for line in count.line_ids)
            count.difference = count.counted - count.expected

    def action_close(self):
        """Close the shift with this count.

        :raises UserError: with the sentence and the code of a refusal
        """
        self.ensure_one()
        session = self.session_id
        user = self.env.user
        session.check_access("read")
        if session.user_id != user and not user.has_group("electricity_prepaid.group_supervisor"):
            raise UserError(self.env._("Only the clerk of this shift or a supervisor can close it."))
        pieces = {}
        for line in self.line_ids:
            key = str(money.to_cents(line.denomination))
            pieces[key] = pieces.get(key, 0) + line.pieces
        try:
            session.sudo().close_counted(pieces, user)
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
        return {"type": "ir.actions.act_window_close"}


class ElectricityCashCountLine(models.TransientModel):
    """Pieces of one denomination."""

    _name = "electricity.cash.count.line"
    _description = "Cash Count Line"
    _order = "denomination desc"

    count_id = fields.Many2one("electricity.cash.count", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="count_id.currency_id")
    denomination = fields.Monetary(required=True)
    pieces = fields.Integer()
    total = fields.Monetary(compute="_compute_total")

    _pieces_not_negative = models.Constraint("CHECK (pieces >= 0)", "Pieces are not negative.")

    @api.depends("denomination", "pieces")
    def _compute_total(self):
        for line in self:
            line.total = line.denomination * line.pieces
