"""Receipts that terminals signed, as they came."""

from odoo import fields, models

from ..core import receipts
from .own_defaults import OWN_DEFAULTS
from .recharge_attempt import ATTEMPT_STATES

OUTCOMES = [state for state in ATTEMPT_STATES if state[0] in receipts.OUTCOMES]


class ElectricityReceipt(models.Model):
    """One link of a terminal's chain of receipts. Rows are only added."""

    _name = "electricity.receipt"
    _inherit = [OWN_DEFAULTS]
    _description = "Terminal Receipt"
    _order = "terminal_id, seq desc"
    _rec_name = "jti"

    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    seq = fields.Integer("Sequence", required=True, readonly=True, aggregator=None)
    jti = fields.Char(required=True, readonly=True, index=True)
    hash = fields.Char(required=True, readonly=True)
    prev = fields.Char(required=True, readonly=True)
    token = fields.Text(required=True, readonly=True)
    attempt_id = fields.Many2one(
        "electricity.recharge.attempt", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    outcome = fields.Selection(OUTCOMES, readonly=True)
    code = fields.Char("Problem", readonly=True, help="What Odoo found wrong with it, if anything.")
    received_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    via = fields.Selection([("push", "Terminal"), ("page", "Page")], required=True, readonly=True)

    _seq_unique = models.UniqueIndex("(terminal_id, seq)", "This terminal has a receipt with this sequence already.")
