"""Odoo's demo provider says "paid" to whoever opens its page: at a kiosk in operation it is neither set nor pays."""

import json
import os
import uuid
from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .payment_case import PaymentCase

VARIABLE = "ELECTRICITY_DEMO_PAYMENTS"
REFUSED = "A-320"


@contextmanager
def demonstration(said="1"):
    """A server that was started for demonstrations."""
    with patch.dict(os.environ, {VARIABLE: said}):
        yield


@tagged("post_install", "-at_install")
class TestDemoProvider(PaymentCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(patch.dict(os.environ))
        os.environ.pop(VARIABLE, None)
        cls.demo = cls.env["payment.provider"].create({"name": "Demo T", "company_id": cls.company.id, "state": "test"})
        # As the module payment_demo has it, which is not installed here.
        cls.env.flush_all()
        cls.env.cr.execute("UPDATE payment_provider SET code = 'demo' WHERE id = %s", [cls.demo.id])
        cls.env.invalidate_all()
        cls.manager = cls._make_user("pos_manager_t", "group_technician")
        cls.manager.group_ids = [(6, 0, cls.env.ref("point_of_sale.group_pos_manager").ids)]
        cls.manager.password = cls.manager.login

    def call(self, model, method, *args):
        """Call a model as the browser of whoever is logged in does; return the whole answer."""
        answer = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps({"params": {"model": model, "method": method, "args": args, "kwargs": {}}}),
            headers={"Content-Type": "application/json"},
        )
        return answer.json()

    def assertNotSet(self, answer):
        self.assertIn("error", answer)
        self.assertIn(REFUSED, answer["error"]["data"]["message"])

    def demo_method(self):
        """Return a method of the demo provider, set while the server was one for demonstrations."""
        with demonstration():
            method = self.qr_method.copy({"name": "QR, demo", "kiosk_provider_id": self.demo.id})
            self.config.payment_method_ids = [(3, self.qr_method.id), (4, method.id)]
        return method

    def paying_by_demo(self):
        self.demo_method()
        with demonstration():
            return self.paying("50.00")

    def test_a_manager_cannot_set_it_by_rpc(self):
        self.authenticate(self.manager.login, self.manager.login)
        values = {"name": "QR", "kiosk_kind": "qr", "journal_id": self.qr_method.journal_id.id}
        values |= {"company_id": self.company.id, "kiosk_provider_id": self.demo.id}
        self.assertNotSet(self.call("pos.payment.method", "create", [values]))
        write = {"kiosk_provider_id": self.demo.id}
        self.config.payment_method_ids = [(3, self.qr_method.id)]
        self.assertNotSet(self.call("pos.payment.method", "write", self.qr_method.ids, write))
        with demonstration("false"):
            self.assertNotSet(self.call("pos.payment.method", "write", self.qr_method.ids, write))
        with demonstration():
            self.assertTrue(self.call("pos.payment.method", "write", self.qr_method.ids, write).get("result"))
        self.assertNotSet(
            self.call("pos.config", "write", self.config.ids, {"payment_method_ids": [[4, self.qr_method.id]]})
        )

    def test_a_provider_of_kiosks_does_not_become_it(self):
        self.env.cr.execute("UPDATE payment_provider SET code = 'demo' WHERE id = %s", [self.provider.id])
        self.env.invalidate_all()
        with self.assertRaisesRegex(Exception, REFUSED):
            self.provider._check_demo_of_kiosks()
        with demonstration():
            self.provider._check_demo_of_kiosks()

    def test_it_begins_no_payment_in_operation(self):
        self.demo_method()
        order_uuid = self.begun("50.00")
        codes = {way["kind"]: way["code"] for way in self.kiosk.start()["ways"]}
        self.assertEqual(codes, {"qr": REFUSED, "bank_card": None})
        reference = uuid.uuid4().hex
        self.assertRefused(self.kiosk.pay(order_uuid, reference, "qr"), REFUSED)
        self.assertFalse(self.payment(reference))
        with demonstration():
            self.assertEqual(self.kiosk.pay(order_uuid, reference, "qr")["payment"]["state"], "waiting")

    def test_what_it_calls_paid_is_no_money_in_operation(self):
        _order, reference = self.paying_by_demo()
        self.assertEqual(self.url_open(f"/electricity/pay/{reference}").status_code, 404)
        self.payment(reference)._set_done()
        with self.assertLogs("odoo.addons.kiosk_hw.models.payment_transaction", "ERROR"):
            self.kiosk.pay_status(reference)
        with self.assertLogs("odoo.addons.kiosk_hw.models.payment_transaction", "ERROR"):
            self.payment(reference)._look()
        self.assertFalse(self.tenders())
        self.assertEqual(self.payment(reference).gateway_trouble, REFUSED)
        self.assertLedger()

    def test_one_that_still_waits_is_over_in_operation(self):
        order_uuid, reference = self.paying_by_demo()
        with self.assertLogs("odoo.addons.kiosk_hw.models.payment_transaction", "ERROR"):
            answer = self.kiosk.pay_status(reference)
        self.assertEqual(answer["payment"]["state"], "closed")
        self.assertFalse(self.tenders())
        with demonstration():
            again = self.kiosk.pay(order_uuid, uuid.uuid4().hex, "qr")
        self.assertTrue(again["ok"], again)

    def test_it_pays_where_the_server_is_for_demonstrations(self):
        order_uuid, reference = self.paying_by_demo()
        self.payment(reference)._set_done()
        with demonstration():
            self.assertEqual(self.kiosk.pay_status(reference)["payment"]["state"], "paid")
        self.assertPaidOnce(order_uuid, "50.00")
