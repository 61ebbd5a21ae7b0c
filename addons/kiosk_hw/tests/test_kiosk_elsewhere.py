"""An order that waits for notes at one terminal is finished at another: nothing twice, not even by a late statement."""

import uuid

from odoo.addons.electricity_prepaid.tests.fakes import FakeTerminal
from odoo.tests import tagged

from .common import KioskCase
from .payment_case import PaymentCase


@tagged("post_install", "-at_install")
class TestKioskElsewhere(KioskCase):
    def setUp(self):
        super().setUp()
        self.terminal.takes_notes = True
        record = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        self.other = FakeTerminal(record, self.database_uuid)
        record.takes_notes = True
        self.there = self._page_of(self._make_kiosk(record, "Kiosk U", "KSKU"))

    def reading_there(self):
        return self.other.snapshot(self.card, self.there.new_nonce()["nonce"])

    def begun(self, amount="100.00", paid=None):
        """Begin an order at the other kiosk, with some notes stated or none."""
        order_uuid = str(uuid.uuid4())
        self.assertTrue(self.there.begin(order_uuid, self.reading_there(), amount)["ok"])
        if paid:
            self.assertTrue(self.there.add_tender(order_uuid, self.other.tender(order_uuid, paid))["ok"])
        return self.order(order_uuid)

    def finish(self, order, new_uuid=None, reading=None):
        who = {"snapshot": reading or self.reading()}
        return self.kiosk.finish_here(order.uuid, new_uuid or str(uuid.uuid4()), who)

    def test_only_the_customers_own_order_is_ended(self):
        order = self.begun(paid={5_000: 1})
        _account, card = self._make_account("700000000002", "700000000102", "700000000202")
        self.assertRefused(self.finish(order, reading=self.reading(card)), "S-115")
        new_uuid, own = str(uuid.uuid4()), self.reading(card)
        self.assertTrue(self.kiosk.begin(new_uuid, own, "100.00")["ok"])
        self.assertRefused(self.finish(order, new_uuid, own), "S-115")
        answer = self.kiosk.finish_here("nonsense", str(uuid.uuid4()), {"snapshot": self.reading()})
        self.assertRefused(answer, "S-115")
        self.assertEqual(order.state, "draft")

    def test_who_has_no_card_ends_no_purchase(self):
        order = self.begun(paid={5_000: 1})
        self.company.kiosk_account_check = "phone"
        self.account.partner_id.phone = "138-0000-4711"
        token = self.kiosk.identify(str(uuid.uuid4()), "700000000001", "4711")["token"]
        self.assertRefused(self.kiosk.finish_here(order.uuid, str(uuid.uuid4()), {"token": token}), "S-115")

    def test_what_may_be_on_a_card_is_not_ended(self):
        order = self.begun(paid={10_000: 1})
        self.assertEqual(order.state, "paid")
        self.assertRefused(self.finish(order), "S-112")

    def test_the_card_shows_that_it_was_begun_elsewhere(self):
        order = self.begun(paid={5_000: 1})
        shown = self.kiosk.quote(self.reading())["open_order"]
        self.assertEqual((shown["uuid"], shown["elsewhere"], shown["paid"]), (order.uuid, True, "50.00"))
        self.assertTrue(self.kiosk.file(self.reading())["open_order"]["elsewhere"])
        self.assertFalse(self.there.quote(self.reading_there())["open_order"]["elsewhere"])

    def test_a_card_that_is_to_be_written_again_shows_where_its_order_was_begun(self):
        order = self.begun(paid={10_000: 1})
        shown = self.kiosk.resolve(self.reading())["order"]
        self.assertEqual((shown["uuid"], shown["elsewhere"]), (order.uuid, True))
        self.assertFalse(self.there.resolve(self.reading_there())["order"]["elsewhere"])

    def test_without_money_it_is_told_when_the_purchase_begins(self):
        order = self.begun()
        answer = self.kiosk.begin(str(uuid.uuid4()), self.reading(), "100.00")
        self.assertRefused(answer, "S-103")
        self.assertEqual((answer["order"]["uuid"], answer["order"]["elsewhere"]), (order.uuid, True))

    def test_its_money_pays_here_and_a_late_statement_is_balance(self):
        order = self.begun(paid={5_000: 1})
        late = self.other.tender(order.uuid, {2_000: 1}, seq=2)
        new_uuid, reading = str(uuid.uuid4()), self.reading()
        for _time in range(2):
            begun = self.finish(order, new_uuid, reading)["order"]
            self.assertEqual((begun["uuid"], begun["state"], begun["due"]), (new_uuid, "draft", "50.00"))
            self.assertFalse(begun["elsewhere"])
        self.assertEqual(order.state, "cancelled")
        self.kiosk.add_tender(new_uuid, self.proxy.tender(new_uuid, {5_000: 1}))
        answer = self.kiosk.authorize(new_uuid, self.reading())
        self.kiosk.confirm([self.proxy.write(self.card, answer["write_order"])])
        self.assertEqual((self.order(new_uuid).state, self.card.image.count), ("written", 2))
        left = self.account.balance
        for _time in range(2):
            self.assertTrue(self.there.add_tender(order.uuid, late)["ok"])
        self.account.invalidate_recordset()
        self.assertEqual((order.state, round(self.account.balance - left, 2)), ("cancelled", 20))
        self.assertLedger()

    def test_while_notes_may_be_going_in_there_it_is_not_ended(self):
        order = self.begun()
        self.assertTrue(self.there.collect(order.uuid)["ok"])
        answer = self.finish(order)
        self.assertRefused(answer, "S-129")
        self.assertMasked(answer)
        self.assertEqual((answer["order"]["uuid"], answer["order"]["elsewhere"]), (order.uuid, True))
        self.assertEqual(order.state, "draft")
        self.there.add_tender(order.uuid, self.other.tender(order.uuid, {5_000: 1}))
        self.assertEqual(self.finish(order)["order"]["state"], "draft")
        self.assertEqual(order.state, "cancelled")

    def test_what_cannot_be_begun_any_more_ends_all_the_same(self):
        order = self.begun(paid={5_000: 1})
        self.account.sudo().tariff_id = False
        answer = self.finish(order)
        self.assertEqual((answer["order"]["uuid"], answer["order"]["state"]), (order.uuid, "cancelled"))
        self.assertEqual(self.account.balance, 50)
        self.assertLedger()

    def test_the_kiosk_that_ended_it_prints_its_receipt_and_no_other_does(self):
        order = self.begun(paid={5_000: 1})
        self.assertRefused(self.kiosk.receipt(order.uuid), "S-115")
        self.account.sudo().tariff_id = False
        self.assertEqual(self.finish(order)["order"]["state"], "cancelled")
        text = self.printed_text(self.kiosk.receipt(order.uuid))
        self.assertIn("50.00", text)
        self.assertNotIn(self.account.name, text)
        self.assertTrue(self.there.receipt(order.uuid)["ok"], "it began there")
        third = self.env["electricity.terminal"].create({"name": "Counter V", "code": "T03"})
        FakeTerminal(third, self.database_uuid)
        self.assertRefused(self._page_of(self._make_kiosk(third, "Kiosk V", "KSKV")).receipt(order.uuid), "S-115")

    def test_what_had_ended_before_is_not_of_the_kiosk_that_comes_second(self):
        order = self.begun(paid={5_000: 1})
        self.assertTrue(self.there.give_up(order.uuid)["ok"])
        self.assertTrue(self.finish(order)["ok"])
        self.assertRefused(self.kiosk.receipt(order.uuid), "S-115")

    def test_the_first_terminal_takes_no_more_notes_for_it(self):
        order = self.begun(paid={5_000: 1})
        self.finish(order)
        self.assertRefused(self.there.collect(order.uuid), "S-112")


@tagged("post_install", "-at_install")
class TestCounterGoesOn(PaymentCase):
    """What was begun at the kiosk is finished at a counter, whose clerk may not sell at the kiosk."""

    def setUp(self):
        super().setUp()
        self.terminal.takes_notes = True
        record = self.env["electricity.terminal"].create({"name": "Counter U", "code": "T02"})
        self.desk = FakeTerminal(record, self.database_uuid)

    def finish(self, order_uuid):
        reading = self.desk.snapshot(self.card, self.nonce(self.desk.record))
        return self.counter.finish_here(order_uuid, str(uuid.uuid4()), self.desk.record.id, reading)

    def test_notes_of_the_kiosk_pay_at_the_counter(self):
        order_uuid = self.begun()
        self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {2_000: 1}))
        answer = self.finish(order_uuid)
        self.assertTrue(answer["ok"], answer)
        self.assertEqual((answer["order"]["due"], answer["order"]["terminal"]), ("80.00", self.desk.record.id))
        self.assertEqual(self.order(order_uuid).state, "cancelled")
        told = self.kiosk.quote(self.reading())
        self.assertFalse(told["unpaid"], "nothing waits at the kiosk any more")
        self.assertLedger()

    def test_a_payment_that_may_still_be_paid_keeps_it_at_the_kiosk(self):
        order_uuid, reference = self.paying()
        answer = self.finish(order_uuid)
        self.assertRefused(answer, "A-304")
        self.assertEqual(self.order(order_uuid).state, "draft")
        self.later(reference)
        self.kiosk.pay_cancel(reference)
        self.assertTrue(self.finish(order_uuid)["ok"])

    def test_a_payment_that_may_still_be_paid_keeps_its_money_from_being_handed_back(self):
        self.counter.open_shift(self.desk.record.id, "500.00")
        order_uuid = self.begun()
        self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {2_000: 1}))
        reference = uuid.uuid4().hex
        self.assertTrue(self.kiosk.pay(order_uuid, reference, "qr")["ok"])
        answer = self.counter.cancel(order_uuid, True)
        self.assertRefused(answer, "A-304")
        self.assertEqual((answer["order"]["uuid"], self.order(order_uuid).state), (order_uuid, "draft"))
        self.later(reference)
        self.kiosk.pay_cancel(reference)
        self.assertEqual(self.counter.cancel(order_uuid, True)["handed_back"], "20.00")
        self.assertLedger()

    def test_one_that_was_paid_meanwhile_is_written_as_it_is(self):
        order_uuid, reference = self.paying()
        self.gateway.pay(reference)
        self.later(reference)
        answer = self.finish(order_uuid)
        self.assertRefused(answer, "S-112")
        self.assertEqual((answer["order"]["state"], answer["order"]["actions"][0]), ("paid", "authorize"))
        self.assertPaidOnce(order_uuid)

    def test_a_kiosk_that_comes_second_is_told_where_it_goes_on(self):
        order_uuid = self.begun()
        self.kiosk.add_tender(order_uuid, self.proxy.tender(order_uuid, {2_000: 1}))
        self.assertTrue(self.finish(order_uuid)["ok"])
        self.assertRefused(self.kiosk.collect(order_uuid), "S-112")
        answer = self.kiosk.begin(str(uuid.uuid4()), self.reading(), "100.00")
        self.assertRefused(answer, "S-103")
        self.assertTrue(answer["order"]["elsewhere"])
        self.assertNotIn("waits_at", answer["order"])


@tagged("post_install", "-at_install")
class TestKioskLanguage(KioskCase):
    def test_a_browser_that_begins_anew_goes_on_in_the_customers_language(self):
        self.terminal.takes_notes = True
        self.env["res.lang"]._activate_lang("zh_CN")
        kiosk = self.kiosk.with_context(lang="zh_CN")
        kiosk.begin(str(uuid.uuid4()), self.reading(), "100.00")
        (order,) = self.kiosk.start()["orders"]
        self.assertEqual(order["language"], "zh_CN")

    def test_a_customer_who_comes_back_finds_what_was_begun_here(self):
        self.terminal.takes_notes = True
        order_uuid = str(uuid.uuid4())
        self.kiosk.begin(order_uuid, self.reading(), "100.00")
        self.assertEqual(self.kiosk.quote(self.reading())["unpaid"]["uuid"], order_uuid)
        _account, card = self._make_account("700000000002", "700000000102", "700000000202")
        self.assertIsNone(self.kiosk.quote(self.reading(card))["unpaid"])
        for asked in (self.kiosk.resolve, lambda snapshot: self.kiosk.arrears({"snapshot": snapshot})):
            self.assertEqual(asked(self.reading())["unpaid"]["uuid"], order_uuid)
            self.assertIsNone(asked(self.reading(card))["unpaid"])
