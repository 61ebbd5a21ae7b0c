"""A kiosk with QR code and bank card, and a gateway of which each fault is said by the test."""

import os
import uuid
from unittest.mock import patch

from odoo.addons.electricity_prepaid.core import gateway

from .common import KioskCase

KEY = "a-key-of-the-gateway-for-tests-only-0123456789"
MERCHANT = "merchant-t"
SECRETS = {"ELECTRICITY_PAYMENT_SECRET_TESTS": KEY}


class FakeRefunds:
    """What the other side pays back."""

    def __init__(self):
        self.made = {}
        self.slow = False
        self.refuses = self.amount = self.currency = None

    def refund(self, claims):
        """Pay back once a reference."""
        state = gateway.REFUND_PENDING if self.slow else gateway.REFUSED if self.refuses else gateway.REFUNDED
        self.made.setdefault(claims["reference"], {"state": state, "reason": self.refuses or "", **claims})

    def says(self, reference):
        """Return what it says of a refund."""
        made = self.made.get(reference)
        if not made:
            return {"reference": reference, "state": gateway.UNKNOWN}
        said = {"reference": reference, "state": made["state"], "number": f"R-{reference[:8]}"}
        if made["state"] == gateway.REFUNDED:
            said["refunded_amount"] = self.amount or made["amount"]
            said["refunded_currency"] = self.currency or made["currency"]
        return said | ({"reason": made["reason"]} if made["state"] == gateway.REFUSED else {})


class FakeGateway:
    """The other side's books. Signs what it says, so that notices go the way of real ones."""

    def __init__(self):
        self.orders = {}
        self.calls = []
        self.silent = set()
        """Operations that are carried out, and not answered."""
        self.away = set()
        """Operations that never arrive."""
        self.fault = gateway.ServiceAway("no connection")
        """What is known of those that never arrive."""
        self.refuses = None
        self.refunds = FakeRefunds()

    def ask(self, operation, claims):
        """Do what is asked; the answer may be lost."""
        reference = claims["reference"]
        self.calls.append((operation, reference))
        if operation in self.away:
            raise self.fault
        if operation in (gateway.CREATE, gateway.REFUND) and self.refuses:
            raise gateway.ServiceRefused(self.refuses)
        if operation in (gateway.REFUND, gateway.REFUND_QUERY):
            return self._ask_about_refund(operation, claims)
        order = self.orders.get(reference)
        if operation == gateway.CREATE:
            order = self.orders.setdefault(reference, {"state": gateway.WAITING, **claims})
        elif operation == gateway.CLOSE and (not order or order["state"] == gateway.WAITING):
            order = self.orders.setdefault(reference, {})
            order["state"] = gateway.CLOSED
        if operation in self.silent:
            raise gateway.ServiceAway("no answer in time")
        answer = {"order": self.says(reference)}
        return gateway.told_by(answer), gateway.sign(gateway.ANSWER, answer, MERCHANT, KEY)

    def _ask_about_refund(self, operation, claims):
        if operation == gateway.REFUND:
            self.refunds.refund(claims)
        if operation in self.silent:
            raise gateway.ServiceAway("no answer in time", slow=True)
        answer = {"refund": self.refunds.says(claims["reference"])}
        return gateway.refund_told_by(answer), gateway.sign(gateway.ANSWER, answer, MERCHANT, KEY)

    def says(self, reference):
        """Return what it says of a payment."""
        order = self.orders.get(reference)
        if not order:
            return {"reference": reference, "state": gateway.UNKNOWN}
        said = {"reference": reference, "state": order["state"], "number": f"G-{reference[:8]}"}
        if order["state"] == gateway.WAITING:
            said["code_url"] = f"https://pay.example/{reference}"
        if order["state"] == gateway.PAID:
            said |= {"paid_amount": order["paid_amount"], "paid_currency": order["paid_currency"]}
        return said

    def pay(self, reference, amount=None, currency=None):
        """Let the customer pay, whatever state it is in."""
        order = self.orders[reference]
        order["state"] = gateway.PAID
        order["paid_amount"] = order["amount"] if amount is None else amount
        order["paid_currency"] = currency or order["currency"]

    def notice(self, reference, key=KEY):
        """Return a notice as it comes over the wire."""
        claims = {"jti": str(uuid.uuid4()), "iat": 1, "order": self.says(reference)}
        return gateway.sign(gateway.NOTICE, claims, MERCHANT, key)


class PaymentCase(KioskCase):
    """The kiosk of the tests, with both ways to pay besides notes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(os.environ, SECRETS))
        cls.provider = cls.env["payment.provider"].search(
            [("code", "=", "electricity_gateway"), ("company_id", "=", cls.company.id)], limit=1
        ) or cls.env["payment.provider"].create(
            {"name": "Gateway T", "code": "electricity_gateway", "company_id": cls.company.id}
        )
        cls.provider.write(
            {
                "electricity_gateway_url": "http://127.0.0.1:9/gateway",
                "electricity_gateway_merchant": MERCHANT,
                "electricity_gateway_secret": "tests",
                "state": "test",
            }
        )
        journal = cls.env["account.journal"].create(
            {"name": "Gateway T", "code": "GATET", "type": "bank", "company_id": cls.company.id}
        )
        common = {"journal_id": journal.id, "company_id": cls.company.id, "kiosk_provider_id": cls.provider.id}
        cls.qr_method = cls.env["pos.payment.method"].create({"name": "QR", "kiosk_kind": "qr", **common})
        cls.card_method = cls.env["pos.payment.method"].create(
            {
                "name": "Card",
                "use_payment_terminal": "electricity_gateway",
                "kiosk_kind": "bank_card",
                "kiosk_card_terminal": "POS-1",
                **common,
            }
        )
        cls.config.payment_method_ids = [(4, cls.qr_method.id), (4, cls.card_method.id)]

    def setUp(self):
        super().setUp()
        self.gateway = FakeGateway()
        fake = self.gateway
        self.startPatcher(
            patch.object(
                type(self.env["payment.provider"]),
                "gateway_ask",
                lambda _self, operation, claims, **_how: fake.ask(operation, claims),
            )
        )

    def begun(self, amount="100.00"):
        """Begin an order at the kiosk; return its uuid."""
        order_uuid = str(uuid.uuid4())
        answer = self.kiosk.begin(order_uuid, self.reading(), amount)
        self.assertTrue(answer["ok"], answer)
        return order_uuid

    def paying(self, amount="100.00", kind="qr"):
        """Begin order and payment; return the order's uuid and the reference."""
        order_uuid, reference = self.begun(amount), uuid.uuid4().hex
        answer = self.kiosk.pay(order_uuid, reference, kind)
        self.assertTrue(answer["ok"], answer)
        return order_uuid, reference

    def payment(self, reference):
        return self.env["payment.transaction"].search([("reference", "=", reference)])

    def later(self, reference):
        """Let the time pass in which nobody is asked again."""
        self.payment(reference).gateway_asked_at = False

    def asked(self, reference):
        self.later(reference)
        answer = self.kiosk.pay_status(reference)
        self.assertTrue(answer["ok"], answer)
        return answer["payment"]["state"]

    def run_cron(self, minutes=0):
        """Let the cron look, as if the payments' time had been over for so long."""
        for payment in self.env["payment.transaction"].search([("electricity_recharge_id", "!=", False)]):
            payment.gateway_asked_at = False
            if payment.gateway_next_at:
                payment.gateway_next_at = "2020-01-01 00:00:00"
            if minutes:
                payment.gateway_expires_at = "2020-01-01 00:00:00"
        with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=True):
            self.env["payment.transaction"]._cron_kiosk_payments()

    def tenders(self):
        return self.env["electricity.tender"].search([("kind", "in", ("qr", "bank_card"))])

    def notify(self, message, status=200):
        """Bring a notice over HTTP, as the gateway does."""
        response = self.url_open("/electricity/payment/notice", data=message)
        self.assertEqual(response.status_code, status, response.text)

    def assertPaidOnce(self, order_uuid, amount="100.00", kind="qr"):
        order = self.order(order_uuid)
        tender = self.tenders()
        self.assertEqual((len(tender), tender.kind, f"{tender.amount:.2f}"), (1, kind, amount))
        self.assertEqual((tender.recharge_id, tender.electricity_account_id), (order, self.account))
        self.assertFalse(self.env["account.payment"].search([("payment_transaction_id", "!=", False)]))
        self.assertLedger()

    def project(self):
        with patch.object(type(self.env["ir.cron"]), "_commit_progress"):
            self.env["electricity.tender"]._cron_project()
