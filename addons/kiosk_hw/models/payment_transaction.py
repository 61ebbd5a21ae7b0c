"""A payment at a kiosk: a transaction of Odoo that is committed before anybody hears of it, then asked about."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import codes, gateway, gateway_payments, money
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import lock_at_once
from odoo.tools import SQL

from .payment_provider import GATEWAY, end_transaction
from .pos_payment_method import BANK_CARD, KIOSK_KINDS, QR

_logger = logging.getLogger(__name__)

METHODS = {QR: gateway.QR, BANK_CARD: gateway.CARD_PRESENT}


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    electricity_recharge_id = fields.Many2one(
        "electricity.recharge", "Purchase", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    electricity_terminal_id = fields.Many2one("electricity.terminal", "Terminal", readonly=True, ondelete="restrict")
    electricity_method_id = fields.Many2one(
        "pos.payment.method", "Way to Pay", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    electricity_kind = fields.Selection(KIOSK_KINDS, "Paid By", readonly=True)
    electricity_tender_ids = fields.One2many("electricity.tender", "payment_transaction_id", "Money", readonly=True)
    gateway_code_url = fields.Char("QR Code Says", readonly=True, groups="base.group_system")
    gateway_expires_at = fields.Datetime("To Be Paid Until", readonly=True)
    gateway_asked_at = fields.Datetime("Asked Last", readonly=True)
    gateway_next_at = fields.Datetime("Ask Again", readonly=True, index="btree_not_null")
    gateway_closed_at = fields.Datetime("Closed There", readonly=True)
    gateway_trouble = fields.Char("Latest Trouble", readonly=True)
    gateway_slow_at = fields.Datetime("Waited for Nothing", readonly=True, index="btree_not_null")

    _one_open_payment = models.UniqueIndex(
        "(electricity_recharge_id) WHERE electricity_recharge_id IS NOT NULL AND state IN ('draft', 'pending')",
        "Another payment for this purchase may still be paid.",
    )

    @api.model
    @api.private
    def kiosk_begin(self, order, method, reference):
        """Make the payment of what an order still needs, to the cent. Nobody is asked yet: the caller's transaction
        comes first.

        :param order: ``electricity.recharge``, checked, in state draft
        :param method: ``pos.payment.method`` of the kiosk
        :param reference: 32 hexadecimal digits, made by the page
        :return: one transaction
        """
        provider = method.kiosk_provider_id
        expires_at = fields.Datetime.now() + gateway_payments.VALID
        name = "payment.payment_method_card" if method.kiosk_kind == BANK_CARD else "payment.payment_method_unknown"
        return self.create(
            {
                "provider_id": provider.id,
                "payment_method_id": (provider.payment_method_ids[:1] or self.env.ref(name)).id,
                "reference": reference,
                "amount": money.cents_to_float(order._missing_cents()),
                "currency_id": order.currency_id.id,
                "partner_id": order.electricity_account_id.partner_id.id,
                "operation": "online_direct",
                "electricity_recharge_id": order.id,
                "electricity_terminal_id": order.terminal_id.id,
                "electricity_method_id": method.id,
                "electricity_kind": method.kiosk_kind,
                "gateway_expires_at": expires_at,
                # Whatever becomes of the page: somebody asks.
                "gateway_next_at": expires_at + gateway_payments.GRACE,
            }
        )

    @api.private
    def is_open(self):
        """Tell whether it may still be paid, as far as we know."""
        return self.state in gateway_payments.OPEN

    @api.private
    def exchange(self, operation, patient=False):
        """Ask whoever takes the money, and act upon the answer. Commits before and after the call.

        Too soon after the last question nobody is asked.

        :param operation: of :mod:`~odoo.addons.electricity_prepaid.core.gateway`
        :param patient: no customer waits for it: also a gateway that has just kept somebody waiting is asked
        :return: whether it was asked and gave no answer
        :raises Refusal: S-101 when somebody else works on the payment or its account
        """
        self.ensure_one()
        if self.provider_code != GATEWAY:
            self._exchange_here(operation)
            return False
        if not patient and self.provider_id.gateway_is_slow():
            self.gateway_trouble = self.gateway_trouble or "not asked: it has just kept another payment waiting"
            return False
        is_first = not self.gateway_asked_at
        if not self._lease(operation):
            return False
        claims = self._gateway_claims(operation)
        end_transaction(self.env)
        is_away = False
        try:
            told, evidence = self.provider_id.gateway_ask(operation, claims, patient=patient)
        except gateway.ServiceAway as error:
            is_away = True
            self._hear_nothing(error, is_unsent=is_first and operation == gateway.CREATE and not error.sent)
        except gateway.ServiceRefused as refusal:
            self._hear_refused(operation, refusal.word)
        else:
            self.hear(told, evidence)
        end_transaction(self.env)
        return is_away

    def _lease(self, operation):
        """Take the right to ask now, for a moment.

        :return: False when somebody has just asked
        """
        lock_at_once(
            self.env, SQL("SELECT id FROM payment_transaction WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", self.id)
        )
        now = fields.Datetime.now()
        asked_at = self.gateway_asked_at
        if operation == gateway.QUERY and asked_at and now - asked_at < gateway_payments.SOONEST:
            return False
        self.write({"gateway_asked_at": now})
        return True

    def _next_at(self, is_answered=True):
        now = fields.Datetime.now()
        closed_at = self.gateway_closed_at or now
        return gateway_payments.next_at(self.state, now, self.gateway_expires_at, closed_at, is_answered)

    def _gateway_claims(self, operation):
        """Return what a question says besides its own name and time."""
        if operation != gateway.CREATE:
            return {"reference": self.reference}
        order = self.electricity_recharge_id
        # Odoo writes its own base address anew whenever an administrator logs in, from wherever that is.
        base = (self.company_id.electricity_receipt_url or self.provider_id.get_base_url()).rstrip("/")
        claims = {
            "reference": self.reference,
            "method": METHODS[self.electricity_kind],
            "amount": money.to_cents(self.amount),
            "currency": self.currency_id.name,
            "subject": f"Electricity {order.name}",
            "terminal": self.electricity_terminal_id.uuid,
            "expires_at": int((self.gateway_expires_at - fields.Datetime.to_datetime("1970-01-01")).total_seconds()),
            "notify_url": f"{base}/electricity/payment/notice",
        }
        if self.electricity_kind == BANK_CARD:
            claims["card_terminal"] = self.electricity_method_id.kiosk_card_terminal
        return claims

    def _hear_nothing(self, error, is_unsent):
        """Note that there was no answer. One of which the gateway provably never heard is over.

        :param error: ``core.gateway.ServiceAway``
        :param is_unsent: whether the only question that could have made it never left
        """
        now = fields.Datetime.now()
        values = {"gateway_trouble": error.detail, "gateway_slow_at": now if error.slow else False}
        if is_unsent:
            self.electricity_recharge_id.electricity_account_id.take()
        if is_unsent and self.state == gateway_payments.DRAFT:
            self._set_canceled()
            # Asked about once more all the same: the page may have repeated its call at that moment.
            values["gateway_closed_at"] = now
        self.write(values)
        self.gateway_next_at = self._next_at(is_answered=False)

    def _hear_refused(self, operation, word):
        """Note that the gateway does not do what was asked: one that it never made is over."""
        self.electricity_recharge_id.electricity_account_id.take()
        if operation == gateway.CREATE and self.state == gateway_payments.DRAFT:
            now = fields.Datetime.now()
            self._set_error(word)
            self.write({"gateway_closed_at": now, "gateway_next_at": now + gateway_payments.AFTERCARE})
        else:
            self.gateway_next_at = self._next_at()
        self.write({"gateway_trouble": word, "gateway_slow_at": False})

    @api.private
    def hear(self, told, evidence=None):
        """Act upon what the gateway says of this payment, whoever brings it and however often.

        :param told: :class:`~odoo.addons.electricity_prepaid.core.gateway.Told`
        :param evidence: the signed message that says so
        :raises Refusal: S-101 when somebody works on the account
        """
        self.ensure_one()
        self.electricity_recharge_id.electricity_account_id.take()
        step = gateway_payments.after(self.state, told.state)
        values = {"gateway_trouble": False, "gateway_slow_at": False}
        if told.number and told.number != self.provider_reference:
            values["provider_reference"] = told.number
        if told.code_url and told.code_url != self.gateway_code_url:
            values["gateway_code_url"] = told.code_url
        if told.state == gateway.CLOSED and not self.gateway_closed_at:
            values["gateway_closed_at"] = fields.Datetime.now()
        self.write(values)
        if step.state != self.state:
            self._enter(step.state)
        if step.book:
            self.kiosk_book(told.amount, told.currency, step.code, evidence)
        self.gateway_next_at = self._next_at()

    def _enter(self, state):
        if state == gateway_payments.PENDING:
            self._set_pending()
        elif state == gateway_payments.DONE:
            self._set_done(extra_allowed_states=("cancel",))
        else:
            self._set_canceled()

    def _exchange_here(self, operation):
        """Let Odoo's own provider for trying things out take the gateway's part: its transaction is all there is."""
        self.electricity_recharge_id.electricity_account_id.take()
        if self.provider_id.is_demo_in_operation():
            self._end_demo()
            return
        if operation == gateway.CREATE and self.state == "draft":
            self.gateway_code_url = f"{self.provider_id.get_base_url().rstrip('/')}/electricity/pay/{self.reference}"
            self._set_pending()
        elif self.state == "done":
            if not self.electricity_tender_ids:
                self.kiosk_book(money.to_cents(self.amount), self.currency_id.name)
        elif self.state == "error":
            # It could still be confirmed there; here it is over.
            self._update_state(("error",), "cancel", self.state_message)
        elif operation == gateway.CLOSE:
            self._set_canceled()
        ended = self.state in ("done", "cancel")
        self.gateway_next_at = False if ended else fields.Datetime.now() + timedelta(minutes=1)

    def _end_demo(self):
        """End a payment of the demo provider that is met in operation. Whatever it says, no money was taken for it."""
        _logger.error("payment %s: %s", self.reference, codes.text(codes.A_DEMO_PROVIDER, "en_US"))
        if self.is_open():
            self._set_canceled()
        self.write({"gateway_next_at": False, "gateway_trouble": codes.A_DEMO_PROVIDER})

    def _create_payment(self, **extra_create_values):
        if self.electricity_recharge_id:
            # The kiosk's point of sale books it, with the order of its tender: once (decision 0019).
            return self.env["account.payment"]
        return super()._create_payment(**extra_create_values)

    @api.private
    def check_may_begin(self, order):
        """Check that no earlier payment of an order may still be paid; ask about it first.

        :raises Refusal: A-304
        """
        earlier = self.search([("electricity_recharge_id", "=", order.id), ("state", "in", gateway_payments.OPEN)])
        for payment in earlier:
            payment.exchange(gateway.QUERY)
        if earlier.filtered(lambda payment: payment.is_open()):
            raise Refusal(codes.A_PAYMENT_OPEN)
