"""The window for a payout, where money may go back through the payment service by which it came."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import money

from ..models.payout import BACK
from ..models.tender_provider import PROVIDER_KINDS

CAME_BY_A_PROVIDER = f"('direction', '=', 'in'), ('kind', 'in', {PROVIDER_KINDS})"


class ElectricityPayoutPropose(models.TransientModel):
    _inherit = "electricity.payout.propose"

    way = fields.Selection(selection_add=[(BACK, "Back Through the Payment Service")], ondelete={BACK: "cascade"})
    source_tender_id = fields.Many2one(
        "electricity.tender",
        "Payment",
        ondelete="cascade",
        domain=f"[('electricity_account_id', '=', account_id), {CAME_BY_A_PROVIDER}]",
    )
    left = fields.Monetary("Can Go Back", compute="_compute_left", help="What has not gone back to this payment yet.")
    has_payments = fields.Boolean(compute="_compute_has_payments")

    @api.depends("source_tender_id")
    def _compute_left(self):
        for window in self:
            tender = window.source_tender_id
            cents = tender.left_to_go_back() if tender and tender.can_go_back() else 0
            window.left = money.cents_to_float(max(0, cents))

    @api.depends("account_id")
    def _compute_has_payments(self):
        for window in self:
            domain = [
                ("electricity_account_id", "=", window.account_id.id),
                ("direction", "=", "in"),
                ("kind", "in", PROVIDER_KINDS),
            ]
            window.has_payments = bool(self.env["electricity.tender"].search_count(domain, limit=1))

    @api.depends("source_tender_id")
    def _compute_amount(self):
        return super()._compute_amount()

    def _most(self):
        most = super()._most()
        return min(most, self.left) if self.way == BACK and self.source_tender_id else most

    def _more(self):
        more = super()._more()
        return {**more, "source_tender_id": self.source_tender_id.id} if self.way == BACK else more
