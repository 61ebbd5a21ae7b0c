"""What a kiosk's page is told speaks to the customer; what the same call leaves for staff speaks to staff."""

from unittest.mock import patch

from odoo.addons.electricity_prepaid.core import codes
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.tests import tagged

from .common import KioskCase

REMOTE_COUNT = 4711
ORDER = "10000000-0000-4000-8000-000000000001"


@tagged("post_install", "-at_install")
class TestKioskWords(KioskCase):
    def setUp(self):
        super().setUp()
        self.env["res.lang"]._activate_lang("zh_CN")

    def refused_for_its_count(self, language):
        """Ask for a quote for an account whose count there is another one."""
        refusal = Refusal(codes.M_COUNT_DIFFERS, ours=self.account.purchase_count, theirs=REMOTE_COUNT)
        kiosk = self.kiosk.with_context(lang=language)
        with patch.object(type(self.env["electricity.recharge"]), "_check_marketing", side_effect=refusal):
            answer = kiosk.quote(self.reading(), "100.00")
        self.assertEqual((answer["ok"], answer["allowed"], answer["code"]), (True, False, "M-103"), answer)
        return answer

    def test_a_quote_tells_the_customer_what_a_customer_can_do_and_no_inner_count(self):
        for language in ("en_US", "zh_CN"):
            answer = self.refused_for_its_count(language)
            self.assertEqual(answer["message"], codes.text("M-103", language, for_customer=True))
            self.assertEqual(answer["params"], {})
            self.assertNotIn(str(REMOTE_COUNT), str(answer))

    def test_a_clerk_is_told_both_counts(self):
        refusal = Refusal(codes.M_COUNT_DIFFERS, ours=1, theirs=REMOTE_COUNT)
        answer = self.counter._verdict(refusal)
        self.assertEqual(answer["params"]["theirs"], REMOTE_COUNT)
        self.assertIn(f"({REMOTE_COUNT})", answer["message"])

    def test_a_value_that_is_the_customers_own_is_told(self):
        answer = self.kiosk.quote(self.reading(), "0.50")
        self.assertEqual(answer["code"], "S-105")
        self.assertIn(answer["params"]["min"], answer["message"])

    def test_a_refusal_and_an_order_speak_to_the_customer(self):
        self.assertEqual(self.kiosk.status("nonsense")["message"], codes.text("S-115", for_customer=True))
        self.account.sudo().book("correction", 100_00)
        self.assertTrue(self.kiosk.begin(ORDER, self.reading(), "40.00")["ok"])
        self.order(ORDER).sudo().hold_code = "C-111"
        told = self.kiosk.status(ORDER)["order"]
        self.assertEqual((told["code"], told["message"]), ("C-111", codes.text("C-111", for_customer=True)))
        self.assertEqual(self.order(ORDER).hold_text, codes.text("C-111"), "the form of the same order")

    def test_the_page_gets_the_customers_catalogue(self):
        texts = self.kiosk.start()["texts"]
        self.assertEqual(texts["zh_CN"]["codes"], codes.catalogue("zh_CN", for_customer=True))

    def test_what_a_kiosks_call_leaves_for_staff_speaks_to_staff(self):
        self.terminal.takes_notes = True
        self.assertTrue(self.kiosk.begin(ORDER, self.reading(), "40.00")["ok"])
        for denomination in (1_000, 2_000):
            # Two statements with one number.
            self.kiosk.add_tender(ORDER, self.proxy.tender(ORDER, {denomination: 1}))
        self.assertNotEqual(codes.text("A-207"), codes.text("A-207", for_customer=True))
        self.assertIn(codes.text("A-207"), "".join(self.terminal.message_ids.mapped("body")))
