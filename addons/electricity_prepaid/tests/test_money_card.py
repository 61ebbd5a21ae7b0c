"""Cards that carry money: nothing is converted, to the cent; tariffs travel on the card."""

import uuid
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..core.cpu_tariff_set import CsgTariffSet, GdwTariffSet
from .common import CounterCase
from .fakes import FakeCard, FakeTerminal


class MoneyCase(CounterCase):
    driver = "csg2015"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terminal.issues_cpu_cards = True
        cls.meter_model = cls.env["electricity.meter.model"].create(
            {
                "name": "Money",
                "maker_id": cls.meter_model.maker_id.id,
                "driver": cls.driver,
                "min_amount": 1,
                "max_amount": 5000,
                "hoard_limit_money": 900,
                "alarm1_money": 20.5,
                "alarm2_money": 5,
            }
        )
        number = "710000000001"
        partner = cls.env["res.partner"].create({"name": "Customer M"})
        cls.account = cls.env["electricity.account"].create(
            {"name": number, "partner_id": partner.id, "regime": "card", "tariff_id": cls.tariff.id}
        )
        meter = cls.env["electricity.meter"].create({"name": "710000000101", "model_id": cls.meter_model.id})
        cls.env["electricity.meter.installation"].create(
            {
                "electricity_account_id": cls.account.id,
                "meter_id": meter.id,
                "ct_ratio": 40,
                "pt_ratio": 2,
                "user_type": 7,
            }
        )

    def setUp(self):
        super().setUp()
        self.card = FakeCard("7100000000000201", None, None, count=None, driver=self.driver)

    def opened(self, amount="0.00"):
        """Open the account with the card, the meter takes it."""
        token = self.snapshot(self.card)
        answer = self.counter.begin_operation(
            str(uuid.uuid4()), self.terminal.id, token, "open", self.account.name, amount
        )
        self.assertTrue(answer["ok"], answer)
        order = self.order(answer["order"]["uuid"])
        if order.state == "draft":
            self.open_shift()
            self.pay(order, amount)
        issued = self.authorize(order)
        self.confirm(self.proxy.write(self.card, issued["write_order"]))
        self.assertEqual(order.state, "written")
        return order

    def used(self, remaining=1000):
        """Carry the card to the meter and back."""
        self.card.files = {}
        self.card.insert_in_meter(remaining)


@tagged("post_install", "-at_install", "electricity")
class TestMoneySale(MoneyCase):
    def test_an_opening_carries_everything(self):
        order = self.opened()
        image = self.card.image
        self.assertEqual((image.condition, image.customer_no), ("ok", self.account.name))
        block = image.block
        self.assertEqual((block.count, block.amount, block.update_flag, block.card_type), (1, 0, 0x8F, 1))
        self.assertEqual((block.alarm1, block.alarm2, block.ct, block.pt, block.user_type), (2050, 500, 40, 2, 7))
        self.assertEqual(set(self.card.files), {"3", "4"})
        current = CsgTariffSet.decode(bytes.fromhex(self.card.files["3"]))
        self.assertEqual(set(current.rates), {5486})
        self.assertEqual(self.account.installation_id.sent_version_id, self.tariff.version_ids)
        self.assertEqual(order.attempt_ids.op, "open")

    def test_money_goes_on_the_card_to_the_cent(self):
        self.company.electricity_smallest_coin = 0.01
        self.opened()
        self.used()
        for amount in ("1.00", "99.99", "0.01", "123.45"):
            with self.subTest(amount=amount):
                if amount == "0.01":
                    self.meter_model.min_amount = 0.01
                self.meter_model.step_amount = 0.01
                before = self.account.balance
                order = self.sold(amount)
                cents = round(float(amount) * 100)
                self.assertEqual(self.card.image.quantity, cents)
                self.assertEqual((order.unit, round(order.cost * 100), order.remainder), ("cents", cents, 0))
                self.assertEqual((order.energy, self.account.balance), (0.0, before))
                self.assertLedger()
                self.used()

    def test_paid_is_cost_and_remainder_and_balance_on_both_kinds(self):
        self.company.electricity_smallest_coin = 0.01
        self.opened("77.77")
        order = self.account.recharge_ids
        paid = sum(order.tender_ids.mapped("amount"))
        self.assertAlmostEqual(paid, order.cost + order.remainder + self.account.balance - order.remainder)
        self.assertEqual(self.card.image.quantity, 7777)

    def test_what_the_page_is_shown(self):
        self.opened()
        self.used()
        quote = self.counter.quote(self.terminal.id, self.snapshot(), "100.00")
        self.assertTrue(quote["allowed"], quote)
        self.assertEqual(quote["unit"], "cents")
        shown = quote["breakdown"]
        self.assertEqual((shown["cost"], shown["remainder"], shown["lines"]), ("100.00", "0.00", []))
        self.assertEqual(shown["energy"], "182.28")
        status = self.sold()._status()
        self.assertEqual((status["unit"], status["quantity"], status["energy"]), ("cents", "100.00", "0.00"))

    def test_the_hoard_limit_counts_money(self):
        self.opened()
        self.used(remaining=85000)
        answer = self.counter.quote(self.terminal.id, self.snapshot(), "50.01")
        self.assertEqual((answer["code"], answer["params"]["limit"]), ("S-108", "900.00"))
        self.assertIn(self.account.currency_id.symbol, answer["message"])
        self.assertTrue(self.counter.quote(self.terminal.id, self.snapshot(), "50.00")["allowed"])

    def test_a_card_of_the_other_grid_is_refused(self):
        self.opened()
        self.used()
        self.meter_model.driver = "gdw1365"
        quote = self.counter.quote(self.terminal.id, self.snapshot())
        self.assertEqual((quote["allowed"], quote["code"]), (False, "C-116"))

    def test_the_receipt_names_driver_and_versions(self):
        order = self.opened()
        self.assertEqual(order.driver, self.driver)
        self.assertIn(self.driver, order.attempt_ids.driver_versions)

    def test_the_receipt_says_what_the_meter_shows_once_it_has_the_money(self):
        self.opened()
        self.used()
        lines = self.sold("50.00").receipt_lines()
        self.assertIn("new balance in yuan", str([line["text"] for line in lines if line["kind"] == "text"]))

    def test_no_code_is_sealed_for_a_card_that_has_none(self):
        order = self.opened()
        self.assertFalse(order.attempt_ids.sealed_token)

    def test_a_torn_write_is_written_again_with_the_same_files(self):
        self.opened()
        self.used()
        self._next_tariff()
        order, answer = self.authorized()
        before = self.card.memory
        claim = self.proxy.claims(answer["write_order"])["write"]
        after = bytes.fromhex(claim["image"])
        self.card.memory = after[:61] + before[61:]
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", before, None, code="C-205"))
        self.card.take_out()
        self.assertEqual(self.counter.resolve(self.terminal.id, self.snapshot())["resolution"], "rewrite")
        again = self.proxy.claims(self.authorize(order)["write_order"])
        self.assertEqual((again["op"], again["write"]), ("rewrite", claim))

    def test_a_replacement_card_gives_the_last_amount_again(self):
        self.opened()
        self.used()
        self.sold("60.00")
        new = FakeCard("7100000000000202", None, None, count=None, driver=self.driver)
        token = self.snapshot(new)
        answer = self.counter.begin_operation(
            str(uuid.uuid4()), self.terminal.id, token, "replace", self.account.name, "0.00"
        )
        order = self.order(answer["order"]["uuid"])
        issued = self.authorize(order, new)
        self.confirm(self.proxy.write(new, issued["write_order"]))
        self.assertEqual((new.image.count, new.image.quantity, new.image.card_type), (2, 6000, 3))
        self.assertEqual((self.account.card_id.name, order.cost), (new.serial, 0.0))
        self.assertLedger()

    def test_a_money_sale_is_set_back(self):
        self.opened()
        self.used()
        before = self.card.memory
        order = self.sold("60.00")
        chief = self.counter.with_user(self.supervisor)
        answer = chief.reverse(order.uuid, self.snapshot(counter=chief))
        self.assertTrue(answer["ok"], answer)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual((self.card.memory, order.state, self.account.balance), (before, "reversed", 60.0))
        self.assertLedger()

    # ----------------------------------------------------------------------------------------------------- the tariff

    def _next_tariff(self, days=40, price=0.6):
        day = fields.Date.today() + timedelta(days=days)
        return self.env["electricity.tariff.version"].create(
            {"tariff_id": self.tariff.id, "valid_from": day, "price": price}
        )

    def test_a_purchase_without_news_carries_no_tariff(self):
        self.opened()
        self.used()
        self.sold()
        self.assertEqual((self.card.image.block.update_flag, self.card.files), (0, {}))

    def test_the_next_tariff_travels_once_with_its_day(self):
        self.opened()
        self.used()
        version = self._next_tariff()
        self.sold()
        block = self.card.image.block
        self.assertEqual(block.update_flag, 0x0A)
        self.assertEqual(block.switch_time, f"{version.valid_from:%y%m%d}0000")
        self.assertEqual(set(self.card.files), {"4"})
        sent = CsgTariffSet.decode(bytes.fromhex(self.card.files["4"]))
        self.assertEqual((set(sent.rates), sent.switch_time), ({6000}, block.switch_time))
        self.assertEqual(self.account.installation_id.sent_version_id, version)
        self.used()
        self.sold()
        self.assertEqual((self.card.image.block.update_flag, self.card.files), (0, {}))

    def test_a_tariff_that_was_not_written_is_sent_again(self):
        self.opened()
        self.used()
        self._next_tariff()
        order, answer = self.authorized()
        self.confirm(self.proxy.receipt(answer["write_order"], "void", code="O-105"))
        self.assertEqual(self.account.installation_id.sent_version_id.price, 0.5486)
        answer = self.authorize(order)
        self.assertEqual(set(self.proxy.claims(answer["write_order"])["write"]["files"]), {"4"})

    def test_a_tariff_that_began_before_it_was_sent_comes_as_the_current_one(self):
        self.opened()
        self.used()
        self._next_tariff(days=-1)
        self.sold()
        self.assertEqual(self.card.image.block.update_flag, 0x05)
        self.assertEqual(set(self.card.files), {"3"})

    def test_a_meter_that_may_have_tripped_gets_the_command_to_reconnect(self):
        self.opened()
        self.used(remaining=500)
        self.sold()
        self.assertEqual(len(bytes.fromhex(self.card.files["5"])), 16)


@tagged("post_install", "-at_install", "electricity")
class TestStateGrid(MoneyCase):
    driver = "gdw1365"

    def test_open_sell_and_send_a_tariff(self):
        self.opened("10.00")
        self.assertEqual(self.card.image.quantity, 1000)
        self.assertEqual(set(GdwTariffSet.decode(bytes.fromhex(self.card.files["3"])).rates), {5486})
        self.used(remaining=0)
        self.sold("20.00")
        self.assertEqual((self.card.image.count, self.card.image.quantity, self.card.files), (2, 2000, {}))
        self.assertLedger()


@tagged("post_install", "-at_install", "electricity")
class TestIssuingTerminals(MoneyCase):
    """Only some terminals give cards their keys: docs/security-model.md."""

    def other_terminal(self):
        """A terminal as it comes, which issues no cards, and its proxy."""
        terminal = self.env["electricity.terminal"].create({"name": "Counter U", "code": "U01"})
        return terminal, FakeTerminal(terminal, self.database_uuid)

    def opening_begun(self):
        """An order to open the account, begun at a terminal that issues cards."""
        order_uuid, token = str(uuid.uuid4()), self.snapshot()
        self.counter.begin_operation(order_uuid, self.terminal.id, token, "open", self.account.name, "0.00")
        return self.order(order_uuid)

    def ask(self, op, terminal, proxy, card=None):
        """Answers of quote and begin at a terminal."""
        quoted, begun = (self.snapshot(card, proxy) for _ in range(2))
        order_uuid, number = str(uuid.uuid4()), self.account.name
        return (
            self.counter.quote_operation(terminal.id, quoted, op, number),
            self.counter.begin_operation(order_uuid, terminal.id, begun, op, number, "0.00"),
        )

    def test_another_terminal_opens_no_account_and_no_money_is_taken(self):
        terminal, proxy = self.other_terminal()
        quoted, begun = self.ask("open", terminal, proxy)
        self.assertEqual((quoted["ok"], quoted["allowed"], quoted["code"]), (True, False, "K-110"))
        self.assertRefused(begun, "K-110")
        self.assertFalse(self.account.recharge_ids)

    def test_another_terminal_replaces_no_card_but_sells_to_it(self):
        self.opened()
        self.used()
        terminal, proxy = self.other_terminal()
        for card in (self.card, FakeCard("7100000000000202", None, None, count=None, driver=self.driver)):
            for answer in self.ask("replace", terminal, proxy, card):
                self.assertEqual(answer["code"], "K-110")
        self.assertTrue(self.counter.quote(terminal.id, self.snapshot(proxy=proxy), "50.00")["allowed"])

    def test_another_terminal_does_not_take_an_order_over_onto_a_new_card(self):
        self.opened()
        self.used()
        order, issued = self.authorized("50.00")
        self.confirm(self.proxy.receipt(issued["write_order"], "unknown", code="C-202"))
        blank = FakeCard("7100000000000202", None, None, count=None, driver=self.driver)
        terminal, proxy = self.other_terminal()
        self.assertRefused(self.ask("replace", terminal, proxy, blank)[1], "K-110")
        self.assertFalse(order.takes_new_card)

    def test_an_opening_begun_elsewhere_is_not_written_at_another_terminal(self):
        order = self.opening_begun()
        proxy = self.other_terminal()[1]
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot(proxy=proxy)), "K-110")
        self.assertEqual((order.state, order.attempt_ids.ids), ("paid", []))

    def test_a_torn_opening_is_finished_by_others_only_once_the_card_has_its_keys(self):
        order = self.opening_begun()
        before = self.card.memory
        issued = self.authorize(order)["write_order"]
        self.confirm(self.proxy.receipt(issued, "not_written", before, before, code="C-206"))
        proxy = self.other_terminal()[1]
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot(proxy=proxy)), "K-110")
        wanted = bytes.fromhex(self.proxy.claims(issued)["write"]["image"])
        self.card.memory = before[:10] + wanted[10:11] + before[11:]
        self.authorize(order, snapshot=self.snapshot(proxy=proxy))

    def test_only_an_administrator_says_which_terminals_issue_cards(self):
        terminal = self.other_terminal()[0]
        Terminals = self.env["electricity.terminal"]
        values = {"name": "New", "code": "N01"}
        for group in ("technician", "supervisor", "administrator"):
            user = self._make_user(f"issuing_{group}", f"group_{group}")
            if group == "administrator":
                terminal.with_user(user).issues_cpu_cards = True
                continue
            with self.assertRaises(AccessError):
                terminal.with_user(user).write({"issues_cpu_cards": True})
            with self.assertRaises(AccessError):
                Terminals.with_user(user).create({**values, "issues_cpu_cards": True})
        technician = Terminals.with_user(self._make_user("issuing", "group_technician"))
        self.assertFalse(technician.with_context(default_issues_cpu_cards=True).create(values).issues_cpu_cards)
        self.assertTrue(terminal.issues_cpu_cards)
        with Form(terminal.with_user(technician.env.user)) as form:
            form.name = "Counter V"
            with self.assertRaises(AssertionError):
                form.issues_cpu_cards = False
        self.assertTrue(terminal.issues_cpu_cards)
        self.assertFalse(terminal.copy({"code": "N02"}).issues_cpu_cards)
