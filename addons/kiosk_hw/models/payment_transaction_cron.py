"""Payments that nobody waits for any more: asked about until the gateway says how they ended."""

import logging

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import gateway_payments
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import QUIET, RACES

_logger = logging.getLogger(__name__)

BATCH = 50


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.model
    def _cron_kiosk_payments(self):
        """Ask about what is due; close what was not paid in its time. Never raises for one payment."""
        payments = self.sudo().with_context(**QUIET)
        domain = [("electricity_recharge_id", "!=", False), ("gateway_next_at", "<=", fields.Datetime.now())]
        due = payments.search(domain, order="gateway_next_at, id", limit=BATCH)
        away = set()
        for done, payment in enumerate(due, 1):
            # Who is away keeps those of another gateway from nothing.
            if payment.provider_id.id not in away:
                payment._look()
            if payment.gateway_trouble:
                away.add(payment.provider_id.id)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(due) - done):
                break

    def _look(self):
        """Ask about this payment now."""
        now = fields.Datetime.now()
        try:
            self.exchange(gateway_payments.next_call(self.state, now, self.gateway_expires_at))
        except Refusal:
            # Somebody is at it this moment; the next run looks again.
            self.env.invalidate_all()
        except RACES as error:
            _logger.info("payment %s was changed meanwhile: %s", self.id, error)
            self._rollback_apart()

    def _rollback_apart(self):
        self.env.cr.rollback()  # pylint: disable=invalid-commit
        self.env.invalidate_all()
