"""Payments that nobody waits for any more: asked about until the gateway says how they ended."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import gateway_payments
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import QUIET, step_apart

BATCH = 50


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model
    def _cron_kiosk_payments(self):
        """Ask about what is due; close what was not paid in its time. One that fails keeps no other from it."""
        payments = self.sudo().with_context(**QUIET)
        domain = [("electricity_recharge_id", "!=", False), ("gateway_next_at", "<=", fields.Datetime.now())]
        due = payments.search(domain, order="gateway_next_at, id", limit=BATCH)
        away = set()
        for done, payment in enumerate(due, 1):
            # Who is away keeps those of another gateway from nothing.
            if payment.provider_id.id not in away:
                is_away = step_apart(self.env, payment._look)
                self.env.invalidate_all()
                if is_away:
                    away.add(payment.provider_id.id)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(due) - done):
                break

    def _look(self):
        """Ask about this payment now.

        :return: whether there was no answer
        """
        now = fields.Datetime.now()
        try:
            self.exchange(gateway_payments.next_call(self.state, now, self.gateway_expires_at))
        except Refusal:
            # Somebody is at it this moment; the next run looks again.
            self.env.invalidate_all()
            return False
        return bool(self.gateway_trouble)
