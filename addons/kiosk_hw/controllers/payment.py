"""What a payment gateway tells us, and the page on which a customer's phone pays with Odoo's demo provider."""

import logging

from odoo import http
from odoo.addons.electricity_prepaid.core import codes, gateway, masking
from odoo.addons.electricity_prepaid.core.cis_types import Unreachable
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.core.rate import RateLimit
from odoo.addons.electricity_prepaid.models.answers import QUIET, sentence
from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing
from odoo.http import request

from ..models.payment_provider import DEMO

_logger = logging.getLogger(__name__)

WARNINGS = RateLimit(per_minute=5, burst=20)
"""Anybody may bring anything: the log is not to be filled by that."""


class GatewayNotice(http.Controller):
    """A signed message that a payment ended. Whoever brings it: the signature counts."""

    @http.route(
        "/electricity/payment/notice",
        type="http",
        auth="public",
        methods=["POST"],
        csrf=False,
        save_session=False,
        max_content_length=gateway.MOST_BYTES,
    )
    def notice(self):
        """Take a notice. 200: done with it; 403: not genuine; 503: bring it again."""
        try:
            self._take(request.httprequest.get_data().decode("ascii").strip())
        except (gateway.Unreadable, UnicodeDecodeError) as error:
            if WARNINGS.allow(request.httprequest.remote_addr):
                _logger.warning("%s: %s", codes.A_NOTICE_INVALID, error)
            return self._answer(codes.A_NOTICE_INVALID, 403)
        except Unreachable as error:
            _logger.warning("payment gateway: %s", error)
            return self._answer(codes.A_SERVICE_AWAY, 503)
        except Refusal as refusal:
            return self._answer(refusal.code, 503, **refusal.params)
        return request.make_json_response({"ok": True})

    def _take(self, message):
        merchant = gateway.merchant_of(message)
        provider = request.env["payment.provider"].gateway_of_merchant(merchant)
        if not provider:
            raise gateway.Unreadable("of a merchant that is not ours")
        claims = gateway.verify(message, gateway.NOTICE, merchant, provider.gateway_secrets().password)
        told = gateway.told_by(claims)
        payments = request.env["payment.transaction"].sudo().with_context(**QUIET)
        domain = [("reference", "=", told.reference), ("provider_id", "=", provider.id)]
        payment = payments.search(domain)
        if payment.electricity_recharge_id:
            payment.hear(told, message)
        elif told.state == gateway.PAID:
            kept = payments.kiosk_keep_unknown(provider, told, message)
            if not kept:
                raise Refusal(codes.A_PAYMENT_UNKNOWN, paid=f"{told.amount} {told.currency}")

    def _answer(self, code, status, **params):
        text = sentence(request.env, code, **params)
        return request.make_json_response({"code": code, "message": text}, status=status)


class KioskPhone(http.Controller):
    """The page behind the QR code of Odoo's demo provider. Its address is the secret of who stands at the kiosk."""

    @http.route(
        "/electricity/pay/<string:reference>", type="http", auth="public", methods=["GET"], website=True, sitemap=False
    )
    def page(self, reference, **_others):
        """Show what is to be paid, and the provider's form while it may be."""
        payment = self._payment(reference)
        if not payment:
            return request.not_found()
        values = self._form_values(payment) if payment.state == "pending" else {}
        order = payment.electricity_recharge_id
        response = request.render(
            "kiosk_hw.payment_page",
            {
                **values,
                "payment": payment,
                "account_number": masking.number(order.account_no),
                "customer_name": masking.name(order.customer_name),
                "serial": order.name,
            },
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    @http.route("/electricity/pay/<string:reference>/transaction", type="jsonrpc", auth="public")
    def transaction(self, reference, **_others):
        """Give the provider's form the payment that is there: nothing of what the phone says makes another one."""
        payment = self._payment(reference)
        if not payment or payment.state != "pending":
            return {"state": "error", "state_message": sentence(request.env, codes.A_NOT_PAID)}
        PaymentPostProcessing.monitor_transaction(payment)
        return payment._get_processing_values()

    def _payment(self, reference):
        domain = [("reference", "=", reference), ("electricity_recharge_id", "!=", False), ("provider_code", "=", DEMO)]
        payment = request.env["payment.transaction"].sudo().search(domain)
        return payment.filtered(lambda each: not each.provider_id.is_demo_in_operation())

    def _form_values(self, payment):
        route = f"/electricity/pay/{payment.reference}"
        payment.landing_route = route
        return {
            "mode": "payment",
            "reference_prefix": payment.reference,
            "amount": payment.amount,
            "currency": payment.currency_id,
            "partner_id": payment.partner_id.id,
            "providers_sudo": payment.provider_id,
            "payment_methods_sudo": payment.payment_method_id,
            "tokens_sudo": request.env["payment.token"].sudo(),
            "availability_report": {},
            "show_tokenize_input_mapping": {payment.provider_id.id: False},
            "transaction_route": f"{route}/transaction",
            "landing_route": route,
            "access_token": payment.reference,
        }
