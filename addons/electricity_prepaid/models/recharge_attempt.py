"""One physical try to write a card for an order."""

from odoo import api, fields, models

from .answers import sentence
from .own_defaults import OWN_DEFAULTS

ATTEMPT_STATES = [
    ("issued", "Issued"),
    ("intent", "Started"),
    ("written", "Written"),
    ("not_written", "Not Written"),
    ("unknown", "Unknown"),
    ("void", "Void"),
]

ATTEMPT_OPERATIONS = [
    ("purchase", "Purchase"),
    ("rewrite", "Write Again"),
    ("open", "Open Account"),
    ("replace", "Replace Card"),
    ("clear", "Clear Card"),
    ("reverse", "Reverse"),
]


class ElectricityRechargeAttempt(models.Model):
    """A write order that left for a terminal, and what came back.

    The order and the receipt are kept whole: they are the evidence, and lost rows can be rebuilt from them.
    """

    _name = "electricity.recharge.attempt"
    _inherit = [OWN_DEFAULTS]
    _description = "Electricity Recharge Attempt"
    _order = "id"
    _rec_name = "jti"

    recharge_id = fields.Many2one("electricity.recharge", required=True, readonly=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    jti = fields.Char("Attempt", required=True, readonly=True)
    op = fields.Selection(ATTEMPT_OPERATIONS, "Operation", required=True, readonly=True, default="purchase")
    driver_versions = fields.Char(
        "Versions at the Terminal", readonly=True, help="Driver and service that wrote, as the receipt names them."
    )
    state = fields.Selection(ATTEMPT_STATES, required=True, readonly=True, default="issued", index=True)
    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, index=True, ondelete="restrict")
    card_no = fields.Char("Card Serial", readonly=True)
    snapshot_id = fields.Many2one("electricity.snapshot", readonly=True, ondelete="restrict")
    issued_at = fields.Datetime(required=True, readonly=True)
    expires_at = fields.Datetime(required=True, readonly=True)
    done_at = fields.Datetime(readonly=True)
    code = fields.Char(readonly=True)
    code_message = fields.Char("Problem", compute="_compute_code_message")
    fence = fields.Integer(readonly=True, aggregator=None, help="Readings asked for before this number are older.")
    order_token = fields.Text(required=True, readonly=True, groups="electricity_prepaid.group_administrator")
    sealed_token = fields.Text(readonly=True, groups="base.group_system")
    receipt_token = fields.Text(readonly=True, groups="electricity_prepaid.group_administrator")
    expected_image = fields.Text("Card as It Should Be", readonly=True)
    image_before = fields.Text("Card Before", readonly=True)
    image_after = fields.Text("Card After", readonly=True, prefetch=False)

    _jti_unique = models.UniqueIndex("(jti)", "An attempt with this identifier exists already.")
    _issued_index = models.Index("(expires_at) WHERE state IN ('issued', 'intent')")
    _time_index = models.Index("USING brin (issued_at)")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_code_message(self):
        for attempt in self:
            attempt.code_message = sentence(self.env, attempt.code) if attempt.code else False
