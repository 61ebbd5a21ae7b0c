"""Payments that nobody waits for any more: asked about until the gateway says how they ended."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import gateway_payments
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import QUIET, step_apart

BATCH = 50
LATER = timedelta(minutes=1)
"""When those are looked at again whose gateway is away, or that could not be looked at: others come first meanwhile."""


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
            provider = payment.provider_id.id
            is_away = None if provider in away else step_apart(self.env, payment._look)
            self.env.invalidate_all()
            if is_away:
                away.add(provider)
            elif is_away is None:
                step_apart(self.env, payment._put_off)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(due) - done):
                break

    def _look(self):
        """Ask about this payment now.

        :return: whether it was asked now and gave no answer
        """
        now = fields.Datetime.now()
        try:
            call = gateway_payments.next_call(self.state, now, self.gateway_expires_at)
            return self.exchange(call, patient=True)
        except Refusal:
            # Somebody is at it this moment; the next run looks again.
            self.env.invalidate_all()
            return False

    def _put_off(self):
        self.gateway_next_at = fields.Datetime.now() + LATER
