"""Asking the gateway about refunds: after a commit, without locks, and for ever until it is known how they ended."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import codes, gateway, gateway_payments, gateway_refunds, money
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import QUIET, lock_at_once, step_apart, telling
from odoo.addons.electricity_prepaid.models.payout import APPROVERS, PROPOSERS
from odoo.tools import SQL

from .payment_provider import end_transaction
from .payment_transaction_cron import BATCH, LATER
from .payout import BACK, SENT

EPOCH = fields.Datetime.to_datetime("1970-01-01")


class ElectricityPayout(models.Model):
    _inherit = "electricity.payout"

    @api.private
    def exchange(self, operation):
        """Ask the gateway, and act upon the answer. Commits before and after the call.

        :param operation: ``refund`` or ``refund_query``
        :return: whether it was asked and gave no answer
        :raises Refusal: S-101 when somebody else works on the refund or its account
        """
        self.ensure_one()
        asked_at = self._lease(operation)
        if not asked_at:
            return False
        claims = self._gateway_claims(operation)
        provider = self._gateway_provider()
        end_transaction(self.env)
        is_away = False
        try:
            told, evidence = provider.gateway_ask(operation, claims, patient=True)
        except gateway.ServiceAway as error:
            is_away = True
            self._hear_nothing(operation, error)
        except gateway.ServiceRefused as refusal:
            self._hear_error(operation, refusal.word)
        else:
            self.hear(told, evidence, asked_at)
        end_transaction(self.env)
        return is_away

    def _lease(self, operation):
        """Take the right to ask now, and note a question to pay back before it leaves.

        :return: the moment, or None when somebody has just asked, the refund has gone on, or it is not asked for now
        """
        lock_at_once(
            self.env, SQL("SELECT id FROM electricity_payout WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", self.id)
        )
        now = fields.Datetime.now()
        if operation == gateway.REFUND:
            self.electricity_account_id.take()
            self.invalidate_recordset()
            if self._next_call() != gateway.REFUND:
                return None
            self.write(
                {
                    "state": SENT,
                    "gateway_questions": self.gateway_questions + 1,
                    "gateway_sent_at": self.gateway_sent_at or now,
                    "gateway_valid_until": now + gateway_refunds.VALID,
                    "gateway_told": False,
                }
            )
        elif self.gateway_asked_at and now - self.gateway_asked_at < gateway_payments.SOONEST:
            return None
        self.write({"gateway_asked_at": now})
        return now

    def _gateway_provider(self):
        return self.source_tender_id.payment_transaction_id.provider_id

    def _next_call(self):
        """Return what to ask next. A question to a provider that is switched off is none: it must prolong nothing."""
        is_on = self._gateway_provider().state != "disabled"
        return gateway_refunds.next_call(self.state, self.gateway_told, self.gateway_error, is_on)

    def _gateway_claims(self, operation):
        """Return what a question says besides its own name and time."""
        if operation != gateway.REFUND:
            return {"reference": self.reference}
        return {
            "reference": self.reference,
            "payment": self.source_tender_id.payment_transaction_id.reference,
            "amount": money.to_cents(self.amount),
            "currency": self.currency_id.name,
            "subject": self.name,
            "expires_at": int((self.gateway_valid_until - EPOCH).total_seconds()),
        }

    def _hear_nothing(self, operation, error):
        """Note that there was no answer. A question that provably never left is as if it had not been asked.

        :param error: ``core.gateway.ServiceAway``
        """
        self.electricity_account_id.take()
        values = {"gateway_trouble": error.detail}
        if operation == gateway.REFUND and not error.sent and self.gateway_questions == 1 and self.state == SENT:
            values |= {"state": gateway_refunds.APPROVED, "gateway_questions": 0, "gateway_sent_at": False}
        self.write(values)
        self.gateway_next_at = self._next_at(is_answered=False)

    def _hear_error(self, operation, word):
        """Note that the gateway does not do what was asked: one that it can never have made is over."""
        self.electricity_account_id.take()
        self.gateway_trouble = word
        if operation != gateway.REFUND:
            self.gateway_next_at = self._next_at()
            return
        self.gateway_error = word
        self._take_step(gateway_refunds.after_error(self.state, self.gateway_questions))

    def action_ask(self):
        """Ask the payment service now how this refund stands. That begins and ends nothing there."""
        self.check_access("read")
        with telling(self.env):
            if not any(self.env.user.has_group(group) for group in (*PROPOSERS, *APPROVERS)):
                raise Refusal(codes.S_NOT_PERMITTED)
            if self.way != BACK or self.state != SENT:
                raise Refusal(codes.S_PAYOUT_STATE)
            self.sudo().with_context(**QUIET).exchange(gateway.REFUND_QUERY)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    @api.model
    def _cron_refunds(self):
        """Ask about what is due. One that fails keeps no other from it."""
        payouts = self.sudo().with_context(**QUIET)
        domain = [("reference", "!=", False), ("gateway_next_at", "<=", fields.Datetime.now())]
        due = payouts.search(domain, order="gateway_next_at, id", limit=BATCH)
        away = set()
        for done, payout in enumerate(due, 1):
            provider = payout._gateway_provider().id
            is_away = None if provider in away else step_apart(self.env, payout._look)
            self.env.invalidate_all()
            if is_away:
                away.add(provider)
            elif is_away is None:
                step_apart(self.env, payout._put_off)
            if not self.env["ir.cron"]._commit_progress(1, remaining=len(due) - done):
                break

    def _look(self):
        """Ask about this refund now.

        :return: whether it was asked now and gave no answer
        """
        is_over = self.state not in (*gateway_refunds.OPEN, gateway_refunds.REFUSED)
        if is_over and not (self.state == gateway_refunds.WITHDRAWN and self.gateway_sent_at):
            self.gateway_next_at = False
            return False
        call = self._next_call()
        if not call:
            self.gateway_next_at = self._next_at()
            return False
        try:
            is_away = self.exchange(call)
            if not is_away and self.state == SENT and self._next_call() == gateway.REFUND:
                # It has never heard of it: the same question once more, by the same reference.
                is_away = self.exchange(gateway.REFUND)
        except Refusal:
            # Somebody is at it this moment; the next run looks again.
            self.env.invalidate_all()
            return False
        return is_away

    def _put_off(self):
        self.gateway_next_at = fields.Datetime.now() + LATER
