"""What the sale puts into the outbox, in its own transaction."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import cis_delivery, codes, money
from ..core.cis_delivery import FINAL, LIVE, S_WITHDRAWN
from ..core.cis_types import Reversal
from .answers import QUIET, find_by

SHARDS = 4
"""Crons of data/ir_cron.xml; an account belongs to one of them for ever."""
LONGEST_REASON = 250


class ElectricityCisMessage(models.Model):
    _inherit = "electricity.cis.message"

    @api.model
    def _queue_payment(self, order):
        """Put an order's payment into the outbox, once; nothing when its company has no marketing system.

        :param order: one ``electricity.recharge`` whose energy, or arrears, are now owed to the customer
        :return: the message, or an empty record
        """
        messages = self.sudo().with_context(**QUIET)
        known = find_by(messages, recharge_id=order.id, kind="payment")
        if known:
            known._counts_again()
            return known
        connection = self.env["electricity.cis.connection"]._any_for_company(order.company_id)
        payment = connection and order._payment_to_upload(connection)
        if not payment:
            return messages
        message = messages.create(
            {
                "name": payment.serial,
                "kind": "payment",
                "company_id": order.company_id.id,
                "currency_id": order.currency_id.id,
                "electricity_account_id": order.electricity_account_id.id,
                "recharge_id": order.id,
                "amount": money.cents_to_float(payment.amount),
                "accounting_date": payment.accounting_date,
                "batch": payment.batch,
                "payload": payment.to_json(),
            }
        )
        message._wake()
        return message

    @api.model
    def _queue_reversal(self, order, reason):
        """Put the reversal of an order's payment into the outbox, once; nothing when the payment never was there.

        :param order: one ``electricity.recharge`` that was taken back
        :param reason: for the other books
        :return: the message, or an empty record
        """
        messages = self.sudo().with_context(**QUIET)
        payment = find_by(messages, recharge_id=order.id, kind="payment")
        if not payment or payment.state == "withdrawn":
            return messages
        known = payment._standing_reversal()
        if known:
            payment._release_follower()
            return known
        connection = self.env["electricity.cis.connection"].sudo()
        day = order._company_today()
        reversal = Reversal(
            serial=self._new_reversal_serial(),
            original_serial=payment.name,
            accounting_date=day,
            # The marketing system lets only the operator of the payment take it back.
            operator=payment.payload["operator"],
            reason=reason[:LONGEST_REASON],
        )
        message = messages.create(
            {
                "name": reversal.serial,
                "kind": "reversal",
                "company_id": order.company_id.id,
                "currency_id": order.currency_id.id,
                "electricity_account_id": order.electricity_account_id.id,
                "recharge_id": order.id,
                "payment_id": payment.id,
                "amount": payment.amount,
                "accounting_date": day,
                "batch": connection.batch_of(order.company_id, day),
                "payload": reversal.to_json(),
            }
        )
        message._wake()
        return message

    def _counts_again(self):
        """Let a payment go on that was taken back and counts again here, or let people decide of it."""
        reversal = self._standing_reversal()
        payment, back = cis_delivery.counted_again(self._standing(), reversal._standing() if reversal else None)
        now = fields.Datetime.now()
        if back and back.state == S_WITHDRAWN:
            reversal.write({"state": S_WITHDRAWN, "code": False, "done_at": now})
            reversal._help_is_over()
        elif back and back.state != reversal.state:
            reversal._to_people(back.state, codes.M_ORIGINAL_OPEN)
        if payment.state == cis_delivery.S_DISPUTE:
            self.done_at = False
            self._to_people(payment.state, codes.M_WRITTEN_AGAIN)
        elif payment.state != self.state:
            self.write({"state": payment.state, "code": False, "done_at": False, "next_try_at": now})
            self._wake()

    def _standing_reversal(self):
        """Return the reversal of this payment that is not withdrawn, or an empty record."""
        return self.reversal_ids.filtered(lambda reversal: reversal.state != S_WITHDRAWN)

    def _shard(self):
        return self.electricity_account_id.id % SHARDS

    def _wake(self):
        """Let the cron of this message's account run once this transaction is committed."""
        self.ensure_one()
        self._trigger_shard(self._shard())

    def _trigger_shard(self, shard):
        self.env.ref(f"electricity_prepaid.ir_cron_cis_send_{shard}")._trigger()

    def _release_forgotten(self, shard):
        """Let the reversals of a shard go on whose payment was settled while they were put aside.

        Whoever settles a payment at that moment does not see yet that something waits for it.
        """
        self.flush_model()
        found = self.env.execute_query(
            SQL(
                "SELECT m.payment_id FROM electricity_cis_message m"
                " JOIN electricity_cis_message p ON p.id = m.payment_id"
                " WHERE m.state = 'waiting'"
                " AND (p.state IN %(final)s OR (p.state = 'refused' AND p.uncertain IS NOT TRUE))"
                " AND MOD(m.electricity_account_id, %(shards)s) = %(shard)s"
                " FOR NO KEY UPDATE OF m SKIP LOCKED",
                final=FINAL,
                shards=SHARDS,
                shard=shard,
            )
        )
        self.browse(row[0] for row in found)._release_follower()

    def _release_follower(self):
        """Let the reversal that waits for this payment go on once the payment is settled, unless the sale counts."""
        for payment in self.filtered(lambda message: message.kind == "payment"):
            if payment._counts() or not cis_delivery.releases(payment._standing()):
                continue
            waiting = payment.reversal_ids.filtered(lambda reversal: reversal.state == "waiting")
            if waiting:
                waiting.write({"state": LIVE[0], "code": False, "next_try_at": fields.Datetime.now()})
                waiting._help_is_over()
                waiting._wake()
