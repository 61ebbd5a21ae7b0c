"""A payment by a provider, and how much of it can still go back to where it came from."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import gateway_refunds, money

from .payment_provider import GATEWAY


class ElectricityTender(models.Model):
    _inherit = "electricity.tender"

    going_back_ids = fields.One2many("electricity.payout", "source_tender_id", "Refunds", readonly=True)

    @api.private
    def can_go_back(self):
        """Tell whether this is money that a gateway brought, and that can be sent back to where it came from now."""
        provider = self.sudo().payment_transaction_id.provider_id
        return bool(
            self.direction == "in"
            and self.currency_id == self.company_id.currency_id
            and provider.code == GATEWAY
            and not provider.kiosk_problem()
        )

    @api.private
    def left_to_go_back(self, without=None):
        """Return how much of this payment has not gone back and is not on its way back, in cents.

        :param without: a payout that does not count
        """
        left = money.to_cents(self.amount)
        for payout in self.sudo().going_back_ids - (without or self.env["electricity.payout"]):
            if payout.state in gateway_refunds.OPEN:
                left -= money.to_cents(payout.amount)
            left -= sum(money.to_cents(tender.amount) for tender in payout.tender_ids)
        return left

    @api.depends_context("as_payment")
    def _compute_display_name(self):
        super()._compute_display_name()
        if not self.env.context.get("as_payment"):
            return
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for tender in self:
            at = fields.Datetime.context_timestamp(tender, tender.occurred_at) if tender.occurred_at else None
            parts = (at and f"{at:%Y-%m-%d %H:%M}", kinds.get(tender.kind), tender.currency_id.format(tender.amount))
            tender.display_name = " · ".join(filter(None, parts))
