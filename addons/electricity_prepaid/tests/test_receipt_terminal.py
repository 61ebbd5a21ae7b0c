"""The receipt line by line: printed at a terminal once, and on the phone of whoever has the link."""

import uuid
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import config, hash_sign

from ..controllers import receipt as receipt_page
from ..core import tokens
from ..core.errors import Refusal
from ..core.rate import RateLimit
from ..models.recharge_receipt_link import SCOPE
from .common import CounterCase


@tagged("post_install", "-at_install", "electricity")
class TestReceiptTerminal(CounterCase, HttpCase):
    def text(self, order, **options):
        lines = order.receipt_lines(**options)
        return "\n".join(" ".join((line.get("text", ""), line.get("value", ""))) for line in lines)

    def printed(self, answer):
        claims = tokens.verify(
            answer["print"], tokens.PRINT, self.ring.active.x, self.database_uuid, self.terminal.uuid, "A-405"
        )
        self.assertEqual(claims["jti"], answer["job"])
        return claims["lines"]

    # -- what it says

    def test_it_has_the_numbers_of_the_sale(self):
        order = self.sold("100.00")
        text = self.text(order)
        for wanted in (order.name, "T01", "100.00", "182.28 kWh", "0.5486", self.account.name, self.card_number(order)):
            self.assertIn(wanted, text)
        self.assertNotIn(order.partner_id.name, text)
        self.assertIn("remaining energy in kWh", text)
        self.assertEqual([line["text"] for line in order.receipt_lines() if line["kind"] == "qr"], [order.name])

    def card_number(self, order):
        return order.card_id.name

    def test_hidden_it_shows_the_last_digits_only(self):
        order = self.sold()
        text = self.text(order, hidden=True)
        for number in (self.account.name, order.meter_id.name, order.card_id.name):
            self.assertNotIn(number, text)
            self.assertIn(number[-4:], text)

    def test_it_speaks_the_customers_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        order = self.sold()
        text = self.text(order.with_context(lang="zh_CN"))
        self.assertIn("流水号", text)
        self.assertNotIn("Serial", text)

    def test_money_that_bought_nothing_yet_has_a_receipt_of_its_own(self):
        order = self.begin()
        self.open_shift()
        self.pay(order, "100.00")
        text = self.text(order)
        self.assertIn("Paid, not on the card yet", text)
        self.assertIn("100.00", text)
        self.counter.cancel(order.uuid, False)
        self.assertIn("Nothing was bought", self.text(order))

    def test_money_that_was_handed_back_is_not_called_balance(self):
        order = self.begin()
        self.open_shift()
        self.pay(order, "100.00")
        self.assertTrue(self.counter.cancel(order.uuid, True)["ok"])
        text = self.text(order)
        self.assertIn("The money was handed back", text)
        self.assertRegex(text, r"Handed back \D*100\.00")
        order.tender_ids.filtered(lambda tender: tender.direction == "out").sudo().amount = 30
        self.assertIn("What was not handed back is your balance", self.text(order))

    def test_an_order_without_money_has_none(self):
        order = self.begin()
        self.assertIsNone(order.receipt_stage())
        self.assertIsNone(order.print_first(self.terminal))

    def test_a_name_cannot_command_the_printer(self):
        order = self.sold()
        self.company.name = "Power\x1bp0\n Ltd"
        self.assertEqual(order.receipt_lines()[0]["text"], "Powerp0 Ltd")

    # -- printing

    def test_the_first_print_is_one_however_often_it_is_asked_for(self):
        order = self.sold()
        first, again = order.print_first(self.terminal), order.print_first(self.terminal)
        self.assertEqual(first["job"], again["job"])
        self.assertEqual(order.print_count, 1)
        self.assertFalse([line for line in self.printed(first) if line["kind"] == "box"])

    def test_what_was_printed_elsewhere_is_not_printed_by_itself(self):
        order = self.sold()
        self.counter.register_print(order.uuid)
        self.assertIsNone(order.print_first(self.terminal))
        self.card.insert_in_meter()
        other = self.sold()
        other.print_first(self.terminal)
        second = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        self.assertIsNone(other.print_first(second))

    def test_the_receipt_for_money_and_the_one_of_the_write_are_two(self):
        order = self.begin()
        self.open_shift()
        self.pay(order, "100.00")
        pending = order.print_first(self.terminal)
        self.assertEqual(order.print_count, 0)
        self.authorize(order)
        self.assertEqual(order.print_first(self.terminal)["job"], pending["job"])

    def test_copies_are_counted_say_so_and_end(self):
        order = self.sold()
        order.print_first(self.terminal)
        job = str(uuid.uuid4())
        order.print_copy(self.terminal, job)
        boxes = [line["text"] for line in self.printed(order.print_copy(self.terminal, job)) if line["kind"] == "box"]
        self.assertEqual((boxes, order.print_count), (["Copy 1"], 2))
        order.print_copy(self.terminal, str(uuid.uuid4()))
        order.print_copy(self.terminal, str(uuid.uuid4()))
        with self.assertRaises(Refusal) as refused:
            order.print_copy(self.terminal, str(uuid.uuid4()))
        self.assertEqual((refused.exception.code, order.print_count), ("A-407", 4))

    # -- on the phone

    def open(self, path, **options):
        self.opener.cookies.clear()
        return self.url_open(path, allow_redirects=False, **options)

    def path(self, order):
        link = order.receipt_link()
        return link[link.index("/electricity/") :]

    def test_whoever_has_the_link_reads_it_masked(self):
        order = self.sold()
        response = self.open(self.path(order))
        self.assertEqual(response.status_code, 200)
        self.assertIn(order.name, response.text)
        self.assertNotIn(self.account.name, response.text)
        self.assertIn("noindex", response.headers["X-Robots-Tag"])
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertFalse(response.cookies)

    def test_both_languages(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        path = self.path(self.sold()).partition("?")[0]
        self.assertIn("流水号", self.open(f"{path}?lang=zh_CN").text)
        self.assertIn("Serial", self.open(f"{path}?lang=en_US").text)
        self.assertEqual(self.open(f"{path}?lang=xx").status_code, 200)

    def test_a_link_that_was_made_up_or_is_too_old_shows_nothing(self):
        order = self.sold()
        path = self.path(order).partition("?")[0]
        old = hash_sign(self.env, SCOPE, order.uuid, expiration=timedelta(seconds=-1))
        other = hash_sign(self.env, "portal", order.uuid, expiration_hours=1)
        unknown = hash_sign(self.env, SCOPE, str(uuid.uuid4()), expiration_hours=1)
        number = hash_sign(self.env, SCOPE, order.id, expiration_hours=1)
        wrong = [
            path[:-2] + "AA",
            path + "A",
            *(f"/electricity/receipt/{each}" for each in (old, other, unknown, number)),
        ]
        for each in [
            *wrong,
            "/electricity/receipt/x",
            "/electricity/receipt/" + "x" * 400,
            "/electricity/receipt/%C3%A4",
        ]:
            with self.subTest(path=each[:60]):
                response = self.open(each)
                self.assertEqual(response.status_code, 404)
                self.assertNotIn(order.name, response.text)

    def test_who_asks_too_often_waits(self):
        path = self.path(self.sold())
        with patch.object(receipt_page, "LIMIT", RateLimit(per_minute=1, burst=2)):
            self.assertEqual([self.open(path).status_code for _each in range(3)], [200, 200, 429])
            self.assertIn("Too many receipts", self.open(path).text)

    def test_who_guesses_does_not_keep_others_from_their_receipt(self):
        path = self.path(self.sold())
        with patch.object(receipt_page, "MISSES", RateLimit(per_minute=1, burst=1)):
            missed = [self.open("/electricity/receipt/x").status_code for _each in range(2)]
        self.assertEqual((missed, self.open(path).status_code), ([404, 429], 200))

    def test_an_address_by_which_no_single_database_is_meant_is_told(self):
        mine = self.env.cr.dbname
        self.company.electricity_receipt_url = "https://city.example.com:8443"
        settings = self.env["res.config.settings"].new({"company_id": self.company.id})

        def problem(databases, dbfilter=""):
            with (
                patch("odoo.service.db.list_dbs", return_value=databases),
                patch.dict(config.options, {"dbfilter": dbfilter, "db_name": []}),
            ):
                settings.invalidate_recordset()
                return settings.electricity_receipt_problem

        self.assertFalse(problem([mine]))
        self.assertIn("city.example.com:8443", problem([mine, "other"]))
        self.assertFalse(problem([mine, "other"], f"^{mine}$"))
        self.assertTrue(problem([mine, "city"], "^%d$"), "the address means the other one")

    def test_the_address_is_the_companys_own_where_it_has_one(self):
        order = self.sold()
        self.company.electricity_receipt_url = "https://receipts.example.com/"
        self.assertTrue(order.receipt_link().startswith("https://receipts.example.com/electricity/receipt/"))
        with self.assertRaises(ValidationError):
            self.company.electricity_receipt_url = "receipts.example.com"
