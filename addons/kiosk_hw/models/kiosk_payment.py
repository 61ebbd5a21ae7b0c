"""Paying at a kiosk by QR code and bank card: the page asks, the provider's word counts, never the page's."""

import base64
import io
import re

import qrcode
import qrcode.image.svg
from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import codes, gateway, gateway_payments, money
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.recharge_sale import DRAFT_MINUTES

from .kiosk import kiosk_call
from .kiosk_masking import masked_order
from .pos_payment_method import BANK_CARD, QR

_REFERENCE = re.compile(r"[0-9a-f]{32}")
STATES = {"draft": "asking", "pending": "waiting", "done": "paid", "cancel": "closed", "error": "refused"}
"""State of a transaction -> what the page calls it."""


class ElectricityKiosk(models.AbstractModel):
    _inherit = "electricity.kiosk"

    @api.model
    def _ways(self, config):
        """Return the ways to pay of a kiosk besides notes: ``kind``, and ``code``, why not now, or None."""
        methods = config.payment_method_ids.filtered("kiosk_kind")
        return [{"kind": method.kiosk_kind, "code": method.kiosk_problem()} for method in methods]

    @api.model
    @kiosk_call
    def pay(self, config, uuid, reference, kind):
        """Begin a payment for one of this kiosk's orders, or go on beginning it; the provider hears of it after that.

        :param uuid: of the order
        :param reference: 32 hexadecimal digits made by the page; a repeat is about the same payment
        :param kind: ``qr`` or ``bank_card``
        :return: ``payment`` and ``order``
        """
        order = self._own_order(config, uuid)
        if not isinstance(reference, str) or not _REFERENCE.fullmatch(reference):
            raise Refusal(codes.P_MALFORMED)
        payment = self.env["payment.transaction"].search([("reference", "=", reference)])
        if not payment:
            payment = self._begin_payment(config, order, reference, kind)
        elif payment.electricity_recharge_id != order or payment.electricity_kind != kind:
            raise Refusal(codes.S_UUID_CONFLICT)
        if payment.state == gateway_payments.DRAFT:
            payment.exchange(gateway.CREATE)
        return self._paying(payment)

    def _begin_payment(self, config, order, reference, kind):
        """Make the payment, when everything that was checked before notes are taken allows it."""
        method = config.method_of(kind) if kind in (QR, BANK_CARD) else None
        problem = method.kiosk_problem() if method else codes.A_WAY_OFF
        if problem:
            raise Refusal(problem)
        payments = self.env["payment.transaction"]
        payments.check_may_begin(order)
        if method.kiosk_provider_id.gateway_is_slow():
            raise Refusal(codes.A_SERVICE_AWAY)
        order.electricity_account_id.take()
        config.electricity_terminal_id.check_active()
        order._check_reserved()
        if order.state != "draft" or not order._due_cents():
            order._refuse(codes.S_NOT_IN_STATE)
        order._check_still_owed()
        order.write({"expires_at": fields.Datetime.add(fields.Datetime.now(), minutes=DRAFT_MINUTES)})
        return payments.kiosk_begin(order, method, reference)

    @api.model
    @kiosk_call
    def pay_status(self, config, reference):
        """Say how a payment of this kiosk stands, asking the provider, at most every other second.

        Nothing is begun or ended by it.

        :param reference: of the payment
        """
        payment = self._own_payment(config, reference)
        if payment.is_open() or not payment.electricity_tender_ids:
            payment.exchange(gateway.QUERY)
        return self._paying(payment)

    @api.model
    @kiosk_call
    def pay_cancel(self, config, reference):
        """End a payment of this kiosk: at the provider first. One that was paid meanwhile counts.

        :param reference: of the payment
        """
        payment = self._own_payment(config, reference)
        if payment.is_open():
            payment.exchange(gateway.CLOSE)
        return self._paying(payment)

    @api.model
    @kiosk_call
    def pay_open(self, config, uuid):
        """Return the payment of an order that may still be paid, or None: for a page that has forgotten it.

        :param uuid: of the order
        """
        order = self._own_order(config, uuid)
        domain = [("electricity_recharge_id", "=", order.id), ("state", "in", gateway_payments.OPEN)]
        payment = self.env["payment.transaction"].search(domain, limit=1)
        return {"payment": self._payment_answer(payment) if payment else None}

    def _own_payment(self, config, reference):
        """Return a payment at this kiosk.

        :raises Refusal: S-115
        """
        payments = self.env["payment.transaction"]
        payment = payments.search([("reference", "=", reference)]) if isinstance(reference, str) else payments
        if not payment.electricity_terminal_id or payment.electricity_terminal_id != config.electricity_terminal_id:
            raise Refusal(codes.S_NO_SUCH_ORDER)
        return payment

    def _paying(self, payment):
        order = payment.electricity_recharge_id
        return {"payment": self._payment_answer(payment), "order": masked_order(order._status())}

    def _payment_answer(self, payment):
        """Return a payment as the page shows it."""
        is_open = payment.is_open()
        left = (payment.gateway_expires_at - fields.Datetime.now()).total_seconds()
        url = payment.gateway_code_url if is_open and payment.electricity_kind == QR else None
        return {
            "reference": payment.reference,
            "kind": payment.electricity_kind,
            "state": STATES.get(payment.state, "waiting"),
            "amount": money.format_cents(money.to_cents(payment.amount)),
            "seconds_left": max(0, int(left)) if is_open else 0,
            "qr": _as_image(url) if url else None,
            "code": self._payment_code(payment),
        }

    def _payment_code(self, payment):
        """Return the code of what is wrong with a payment, or None."""
        if payment.state == "error":
            return codes.A_SERVICE_REFUSED
        if payment.is_open() and payment.gateway_trouble:
            return codes.A_SERVICE_AWAY if payment.state == gateway_payments.DRAFT else codes.A_NO_WORD
        if payment.state == gateway_payments.CANCELLED and payment.gateway_trouble:
            # It ended because the gateway could not be told of it.
            return codes.A_SERVICE_AWAY
        return None


def _as_image(text):
    """Return a QR code as an address that a page can show, without any service."""
    image = qrcode.make(text, image_factory=qrcode.image.svg.SvgPathFillImage, border=3)
    content = io.BytesIO()
    image.save(content)
    return f"data:image/svg+xml;base64,{base64.b64encode(content.getvalue()).decode()}"
