"""Who is believed at a kiosk without a card: wrong digits, guessing, tokens of another kiosk or an earlier visit."""

import uuid
from datetime import timedelta

from odoo.addons.electricity_prepaid.core import customer_codes
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import KioskCase

NUMBER = "700000000001"
NOBODY = "799999999999"


@tagged("post_install", "-at_install")
class TestIdentification(KioskCase):
    def setUp(self):
        super().setUp()
        self.company.kiosk_account_check = "phone"
        self.account.partner_id.phone = "+86 138-0000-4711"
        self.visit = str(uuid.uuid4())

    def identify(self, text=NUMBER, digits="4711", visit=None, kiosk=None):
        return (self.kiosk if kiosk is None else kiosk).identify(visit or self.visit, text, digits)

    def wrong(self, times, text=NUMBER, kiosk=None):
        """Try wrong digits so many times, each in a visit of its own."""
        for _time in range(times):
            self.assertRefused(self.identify(text, "0000", str(uuid.uuid4()), kiosk), "K-151")

    def token(self, **values):
        answer = self.identify(**values)
        self.assertTrue(answer["ok"], answer)
        return answer["token"]

    def tries(self, **values):
        domain = [(name, "=", value) for name, value in values.items()]
        return self.env["electricity.kiosk.identification"].search(domain)

    def pass_by(self, **time):
        """Let time pass since each try."""
        for one in self.tries():
            one.tried_at -= timedelta(**time)

    def another_kiosk(self):
        terminal = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        return self._page_of(self._make_kiosk(terminal, "Kiosk U", "KSKU"))

    # ------------------------------------------------------------------------------------------------------ refused

    def test_unknown_accounts_and_wrong_digits_get_the_same_answer(self):
        self.account.partner_id.copy({"phone": False})
        wrong = self.identify(digits="4712", visit=str(uuid.uuid4()))
        for text, digits in (
            (NOBODY, "4711"),
            (NUMBER, ""),
            (NUMBER, None),
            (NUMBER, "----"),
            (NUMBER, "４７１１"),
            ("12", "4711"),
            ("R" + "0" * 20, "4711"),
        ):
            self.assertEqual(self.identify(text, digits, str(uuid.uuid4())), wrong)
        self.assertNotIn("token", wrong)

    def test_a_customer_without_a_phone_is_nobody(self):
        self.account.partner_id.phone = "12"
        self.assertRefused(self.identify(digits="12"), "K-151")
        self.account.partner_id.phone = False
        self.assertRefused(self.identify(digits="----"), "K-151")

    def test_without_the_companys_choice_no_number_is_taken(self):
        self.company.kiosk_account_check = False
        self.assertRefused(self.identify(), "K-155")
        self.assertFalse(self.tries())

    def test_nonsense_is_refused(self):
        for text in (None, 7, {}, "x" * 201, "7000\n00000001"):
            self.assertRefused(self.identify(text), "P-104")
        self.assertRefused(self.identify(visit="nonsense"), "P-104")
        self.assertFalse(self.tries())

    def test_three_wrong_tries_end_it_for_a_visit_even_when_the_fourth_is_right(self):
        for _time in range(2):
            self.assertRefused(self.identify(digits="0000"), "K-151")
        self.assertRefused(self.identify(digits="0000"), "K-154")
        self.assertRefused(self.identify(), "K-154")
        self.assertRefused(self.identify("EQ1.wrong", None), "K-151")
        self.assertEqual(len(self.tries(outcome="wrong", visit=self.visit)), 4)
        self.assertTrue(self.identify(visit=str(uuid.uuid4()))["ok"])

    def test_a_number_is_locked_at_every_kiosk_and_says_until_when(self):
        other = self.another_kiosk()
        self.wrong(3)
        self.wrong(2, kiosk=other)
        for kiosk in (self.kiosk, other):
            answer = self.identify(visit=str(uuid.uuid4()), kiosk=kiosk)
            self.assertRefused(answer, "K-152")
            self.assertRegex(answer["params"]["until"], r"^\d\d:\d\d$")
        self.pass_by(hours=1, minutes=1)
        self.assertTrue(self.identify(visit=str(uuid.uuid4()))["ok"])

    def test_a_number_that_is_no_account_is_locked_like_one(self):
        self.wrong(5, NOBODY)
        self.assertRefused(self.identify(NOBODY, visit=str(uuid.uuid4())), "K-152")

    def test_ten_wrong_tries_of_a_day_lock_a_number_for_the_day(self):
        for _half in range(2):
            self.wrong(5)
            self.pass_by(hours=2)
        self.assertRefused(self.identify(visit=str(uuid.uuid4())), "K-152")

    def test_a_kiosk_takes_no_more_after_ten_wrong_ones_whatever_they_were_about(self):
        for number in range(10):
            self.wrong(1, f"7999999999{number:02}")
        self.assertRefused(self.identify(visit=str(uuid.uuid4())), "K-152")
        self.assertTrue(self.identify(visit=str(uuid.uuid4()), kiosk=self.another_kiosk())["ok"])

    def test_each_try_is_kept_without_what_was_typed_beside_it(self):
        self.identify(digits="0815")
        self.token()
        self.assertEqual(self.tries().sorted("id").mapped("outcome"), ["wrong", "right"])
        values = self.tries().read()
        self.assertFalse([row for row in values if "0815" in str(row) or "4711" in str(row)])

    def test_two_tries_at_the_same_moment_are_both_counted(self):
        self.identify(digits="0000")
        taken = type(self.tries())
        self.patch(taken, "_next_turn", lambda *_args, **_kwargs: 1)
        self.assertRefused(self.identify(digits="0000"), "S-101")

    # ------------------------------------------------------------------------------------------------------ the token

    def test_an_identification_opens_the_file_and_holds_nothing(self):
        version = self.account.version
        answer = self.kiosk.file_of(self.token())
        self.assertTrue(answer["ok"], answer)
        self.assertEqual(answer["customer"]["name"], "C**** 7****")
        self.assertNotIn(NUMBER, str(answer))
        self.account.invalidate_recordset()
        self.assertEqual(self.account.version, version)
        self.assertFalse(self.env["electricity.recharge"].search([]))

    def test_the_token_of_another_kiosk_is_none(self):
        token = self.token(kiosk=self.another_kiosk())
        for answer in (
            self.kiosk.file_of(token),
            self.kiosk.arrears({"token": token}),
            self.kiosk.begin_arrears(str(uuid.uuid4()), {"token": token}, []),
        ):
            self.assertRefused(answer, "K-153")

    def test_the_token_ends_with_the_visit_and_with_the_next_person(self):
        for end in (
            self.kiosk.end_visit,
            self.kiosk.start,
            lambda: self.identify(digits="0000", visit=str(uuid.uuid4())),
        ):
            token = self.token()
            self.assertTrue(self.kiosk.file_of(token)["ok"])
            end()
            self.assertRefused(self.kiosk.file_of(token), "K-153")

    def test_the_token_ends_by_itself(self):
        token = self.token()
        self.tries().valid_until -= timedelta(minutes=15)
        self.assertRefused(self.kiosk.file_of(token), "K-153")

    def test_a_page_cannot_claim_to_be_identified(self):
        self.token()
        row = self.tries()
        for claim in (None, "", 1, [], row.token_hash, NUMBER, "é"):
            self.assertRefused(self.kiosk.file_of(claim), "K-153")
        for who in (None, "token", {}, {"account": NUMBER}):
            self.assertFalse(self.kiosk.arrears(who)["ok"])

    def test_a_token_writes_no_card(self):
        token = self.token()
        self.assertRefused(self.kiosk.begin(str(uuid.uuid4()), {"token": token}, "40.00"), "N-101")
        self.assertRefused(self.kiosk.quote(token), "N-101")

    # ------------------------------------------------------------------------------------------------- customer codes

    def issued(self):
        self.account.with_user(self.clerk).action_issue_customer_code()
        return self.account._customer_code()

    def test_a_code_that_we_signed_needs_no_digits(self):
        code = self.issued()
        self.assertRegex(code, r"^[A-Z0-9]{131}$", "what a QR code holds most densely")
        self.company.kiosk_account_check = False
        self.assertTrue(self.kiosk.file_of(self.token(text=code, digits=None))["ok"])

    def test_a_code_that_was_revoked_or_replaced_is_nobodys(self):
        first = self.issued()
        second = self.issued()
        self.assertNotEqual(first, second)
        self.assertRefused(self.identify(first, None), "K-151")
        self.assertTrue(self.identify(second, None)["ok"])
        self.account.with_user(self.clerk).action_revoke_customer_code()
        self.assertRefused(self.identify(second, None), "K-151")
        self.assertIsNone(self.account._customer_code())

    def test_a_code_with_one_letter_changed_or_of_another_database_is_nobodys(self):
        code = self.issued()
        for place in (3, 40, 130):
            letter = "A" if code[place] != "A" else "B"
            self.assertRefused(self.identify(code[:place] + letter + code[place + 1 :], "4711"), "K-151")
        name = self.account.customer_code_ids.uuid
        stranger = type(self.ring)(str(uuid.uuid4()), 1, self.ring.active, self.ring.publics)
        self.assertRefused(self.identify(customer_codes.issue(stranger, name), None), "K-151")

    def test_wrong_codes_lock_no_numbers(self):
        for _time in range(12):
            self.assertRefused(self.identify("EQ1" + "A" * 128, None, str(uuid.uuid4())), "K-151")
        self.assertEqual(len(self.tries(way="code")), 10, "more of them would only fill the table")
        self.assertTrue(self.identify(visit=str(uuid.uuid4()))["ok"])

    def test_a_code_of_another_company_is_nobodys_here(self):
        code = self.issued()
        other = self.env["res.company"].create({"name": "Other"})
        self.account.customer_code_ids.company_id = other
        self.env.cr.execute("UPDATE electricity_account SET company_id = %s WHERE id = %s", (other.id, self.account.id))
        self.env.invalidate_all()
        self.assertRefused(self.identify(code, None), "K-151")

    def test_the_serial_of_a_receipt_names_the_account_and_still_needs_the_digits(self):
        self.account.sudo().book("correction", 10000)
        self.kiosk.begin(str(uuid.uuid4()), self.reading(), "40.00")
        serial = self.env["electricity.recharge"].search([]).name
        self.assertRefused(self.identify(serial, None), "K-151")
        self.assertTrue(self.identify(serial)["ok"])
        self.assertEqual(set(self.tries().mapped("number")), {NUMBER}, "its tries count for the account")

    def test_codes_are_for_clerks_and_printed_with_masked_names(self):
        stranger = self._make_user("technician", "group_technician")
        with self.assertRaises(AccessError):
            self.account.with_user(stranger).action_issue_customer_code()
        report = self.env["ir.actions.report"].with_user(self.clerk)
        with self.assertRaises(UserError):
            report._render_qweb_html("kiosk_hw.customer_code", self.account.ids)
        self.issued()
        page = report._render_qweb_html("kiosk_hw.customer_code", self.account.ids)[0].decode()
        self.assertIn("data:image/svg+xml", page)
        self.assertNotIn("Customer 700000000001", page)
