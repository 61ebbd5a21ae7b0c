"""The steps of a visit, one a call of the kiosk's page, and what the page itself has to say."""

from datetime import timedelta

from odoo import fields, models
from odoo.addons.electricity_prepaid.models.own_defaults import OWN_DEFAULTS

CUSTOMER = "electricity_prepaid.group_supervisor,electricity_prepaid.group_finance"
"""Who may see whose visit it was."""


class ElectricityKioskStep(models.Model):
    """One step. Rows are only added, by :mod:`.kiosk_trail`."""

    _name = "electricity.kiosk.step"
    _inherit = [OWN_DEFAULTS]
    _description = "Step of a Kiosk Visit"
    _order = "id"
    _rec_name = "call"
    _log_access = False

    visit_id = fields.Many2one("electricity.kiosk.visit", required=True, readonly=True, index=True, ondelete="cascade")
    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    at = fields.Datetime(required=True, readonly=True, help="When it was written.")
    age = fields.Integer(
        "Earlier (ms)", readonly=True, aggregator=None, help="How long before that it happened, by the page's word."
    )
    source = fields.Selection(
        [("server", "Server"), ("page", "Word of the Page")],
        required=True,
        readonly=True,
        help="What the page reports about itself is no evidence: whoever sits in its browser can report anything.",
    )
    call = fields.Char(required=True, readonly=True)
    outcome = fields.Selection(
        [("ok", "Done"), ("refused", "Refused"), ("crashed", "Crashed"), ("said", "Said")], required=True, readonly=True
    )
    code = fields.Char(readonly=True)
    order_uuid = fields.Char("Order", readonly=True, index="btree_not_null", groups=CUSTOMER)
    account = fields.Char("Account Number", readonly=True, index="btree_not_null", groups=CUSTOMER)
    duration = fields.Integer("Took (ms)", readonly=True, aggregator=None)
    detail = fields.Char(readonly=True)

    _minute_index = models.Index("(terminal_id, source, at)")
    _code_index = models.Index("(code) WHERE code IS NOT NULL")

    def moment(self):
        """Return when the step happened: when it was written or, by the page's word, before; never before its visit."""
        return max(self.at - timedelta(milliseconds=self.age), self.visit_id.started_at)
