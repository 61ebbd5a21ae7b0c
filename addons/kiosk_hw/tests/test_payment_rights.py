"""Who sees the payments at kiosks: those to whom a customer comes with "my phone says paid", and no key with them."""

from lxml import etree
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .payment_case import PaymentCase


@tagged("post_install", "-at_install")
class TestPaymentRights(PaymentCase):
    def setUp(self):
        super().setUp()
        self.finance = self._make_user("finance", "group_finance")
        _order, reference = self.paying()
        self.begun_payment = self.payment(reference)

    def test_supervisors_and_finance_open_the_menu_its_list_and_its_form(self):
        action = self.env.ref("kiosk_hw.payment_transaction_action")
        menu = self.env.ref("kiosk_hw.menu_kiosk_payments")
        for user in (self.supervisor, self.finance):
            self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(user).load_menus(False))
            payments = self.env["payment.transaction"].with_user(user)
            self.assertIn(self.begun_payment, payments.search([("electricity_recharge_id", "!=", False)]))
            for view in action.view_ids:
                arch = etree.fromstring(payments.get_view(view.view_id.id, view.view_mode)["arch"])
                self.assertFalse(arch.xpath("//button"))
                names = list(map(str, arch.xpath("//field/@name")))
                self.begun_payment.with_user(user).web_read({name: {} for name in names})
            # A tender opens a payment in Odoo's own form.
            arch = etree.fromstring(payments.get_view(view_type="form")["arch"])
            names = set(map(str, arch.xpath("//field[not(ancestor::field)]/@name")))
            self.begun_payment.with_user(user).web_read({name: {} for name in names})

    def test_clerks_and_technicians_see_no_payments(self):
        for user in (self.clerk, self._make_user("technician", "group_technician")):
            self.assertNotIn(
                self.env.ref("kiosk_hw.menu_kiosk_payments").id,
                self.env["ir.ui.menu"].with_user(user).load_menus(False),
            )
            with self.assertRaises(AccessError):
                self.begun_payment.with_user(user).read(["reference"])

    def test_nobody_who_reads_them_changes_captures_or_returns_one(self):
        for user in (self.supervisor, self.finance):
            payment = self.begun_payment.with_user(user)
            calls = (
                lambda payment=payment: payment.write({"state": "done"}),
                lambda payment=payment: payment.unlink(),
                lambda payment=payment: payment.copy({"reference": "another"}),
                payment.action_capture,
                payment.action_void,
                payment.action_refund,
            )
            for call in calls:
                with self.assertRaises(AccessError):
                    call()

    def test_neither_the_provider_nor_what_the_qr_code_says_shows_with_them(self):
        for user in (self.supervisor, self.finance):
            with self.assertRaises(AccessError):
                self.provider.with_user(user).read(["electricity_gateway_merchant"])
            with self.assertRaises(AccessError):
                self.begun_payment.with_user(user).read(["gateway_code_url"])

    def test_payments_of_shops_are_not_theirs_and_stay_with_those_who_had_them(self):
        shop = self.begun_payment.copy({"reference": "shop", "electricity_recharge_id": False})
        for user in (self.supervisor, self.finance):
            with self.assertRaises(AccessError):
                shop.with_user(user).read(["amount"])
        system = self._make_user("system", "group_administrator")
        system.group_ids += self.env.ref("base.group_system")
        self.assertTrue(shop.with_user(system).read(["amount"]))

    def test_payments_of_another_company_are_not_seen(self):
        company = self.env["res.company"].create({"name": "Other Power"})
        for group in ("group_supervisor", "group_finance"):
            stranger = self._make_user(f"stranger_{group}", group, company)
            self.assertFalse(self.env["payment.transaction"].with_user(stranger).search([]))
            with self.assertRaises(AccessError):
                self.begun_payment.with_user(stranger).read(["amount"])
