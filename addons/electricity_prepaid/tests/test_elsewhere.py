"""What waits for money at one terminal is finished at a counter: both steps or neither, and no money twice."""

import uuid

from odoo.tests import tagged

from .common import CounterCase
from .fakes import FakeTerminal
from .marketing import MarketingCase
from .test_operation import OperationCase


class ElsewhereCase(CounterCase):
    """The counter, and another terminal of the hall at which the clerk may not sell."""

    def setUp(self):
        super().setUp()
        record = self.env["electricity.terminal"].create({"name": "Hall K11", "code": "T11"})
        self.hall = FakeTerminal(record, self.database_uuid)
        record.takes_notes = True
        self.helper = self.counter.with_user(self.supervisor)
        record.user_ids = self.supervisor

    def begun_there(self, amount="100.00", notes=None, counter=None):
        """Begin a purchase at the other terminal, with notes stated or none."""
        counter = counter if counter is not None else self.helper
        order_uuid = str(uuid.uuid4())
        reading = self.hall.snapshot(self.card, self.nonce(self.hall.record, counter))
        answer = counter.begin(order_uuid, self.hall.record.id, reading, amount)
        self.assertTrue(answer["ok"], answer)
        if notes:
            self.state(order_uuid, notes)
        return self.order(order_uuid)

    def state(self, order_uuid, notes, **changes):
        tender = {"kind": "terminal_cash", "statement": self.hall.tender(order_uuid, notes, **changes)}
        self.assertTrue(self.helper.add_tender(order_uuid, tender)["ok"])

    def finish(self, order, card=None, new_uuid=None, snapshot=None, counter=None):
        reading = snapshot or self.snapshot(card, counter=counter)
        counter = counter if counter is not None else self.counter
        return counter.finish_here(order.uuid, new_uuid or str(uuid.uuid4()), self.terminal.id, reading)

    def finished(self, order, **how):
        answer = self.finish(order, **how)
        self.assertTrue(answer["ok"], answer)
        return self.order(answer["order"]["uuid"])

    def orders(self):
        return self.env["electricity.recharge"].search([("electricity_account_id", "=", self.account.id)])

    def assertAsBefore(self, order):
        self.assertEqual((self.orders(), order.state), (order, "draft"), "nothing was ended, nothing begun")
        self.assertLedger()


@tagged("post_install", "-at_install", "electricity")
class TestElsewhere(ElsewhereCase):
    def test_the_counter_is_told_where_it_waits_what_is_paid_and_what_the_balance_pays(self):
        self.account.sudo().book("correction", 2_000)
        order = self.begun_there(notes={2_000: 1})
        shown = self.counter.quote(self.terminal.id, self.snapshot())["open_order"]
        self.assertEqual(
            (shown["uuid"], shown["waits_at"], shown["terminal"]), (order.uuid, "Hall K11", self.hall.record.id)
        )
        self.assertEqual((shown["amount"], shown["paid"], shown["missing"]), ("100.00", "20.00", "60.00"))

    def test_it_ends_there_and_is_paid_and_written_here(self):
        self.open_shift()
        order = self.begun_there(notes={2_000: 1})
        here = self.finished(order)
        self.assertEqual((order.state, order.cancel_reason), ("cancelled", "keep"))
        self.assertEqual((here.state, here.terminal_id, here._due_cents()), ("draft", self.terminal, 8_000))
        self.pay(here, "80.00")
        answer = self.authorize(here)
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual((here.state, self.card.image.count), ("written", 2))
        self.assertAlmostEqual(self.account.balance, here.remainder)
        self.assertLedger()

    def test_a_repeat_answers_the_order_that_was_begun(self):
        order, new_uuid = self.begun_there(notes={2_000: 1}), str(uuid.uuid4())
        reading = self.snapshot()
        for _time in range(2):
            here = self.finished(order, new_uuid=new_uuid, snapshot=reading)
            self.assertEqual(here.uuid, new_uuid)
        self.assertEqual(len(self.orders()), 2)
        self.assertRefused(self.finish(self.begun_other(), new_uuid=new_uuid), "S-102")

    def begun_other(self):
        """Return an order of another customer that waits at the other terminal."""
        _account, card = self._make_account("700000000002", "700000000102", "700000000202")
        order_uuid = str(uuid.uuid4())
        reading = self.hall.snapshot(card, self.nonce(self.hall.record, self.helper))
        self.assertTrue(self.helper.begin(order_uuid, self.hall.record.id, reading, "30.00")["ok"])
        return self.order(order_uuid)

    def test_what_the_balance_covers_is_paid_at_once(self):
        order = self.begun_there("100.00", notes={5_000: 1})
        self.account.sudo().book("correction", 5_000)
        self.assertEqual(self.finished(order).state, "paid")
        self.assertLedger()

    def test_a_statement_that_comes_late_is_balance_once(self):
        order = self.begun_there(notes={2_000: 1})
        here = self.finished(order)
        late = {"kind": "terminal_cash", "statement": self.hall.tender(order.uuid, {1_000: 1}, seq=2)}
        for _time in range(2):
            self.assertTrue(self.helper.add_tender(order.uuid, late)["ok"])
        self.account.invalidate_recordset()
        self.assertEqual((order.state, self.account.balance, here._due_cents()), ("cancelled", 30, 7_000))
        self.assertLedger()

    # -- what must not be ended

    def test_while_notes_may_be_going_in_it_stays_there(self):
        order = self.begun_there()
        self.assertTrue(self.helper.collect(order.uuid)["ok"])
        answer = self.finish(order)
        self.assertRefused(answer, "S-129")
        self.assertIn("Hall K11", answer["message"])
        self.assertEqual(answer["order"]["uuid"], order.uuid)
        self.assertAsBefore(order)
        self.state(order.uuid, {2_000: 1})
        self.assertEqual(self.finished(order)._due_cents(), 8_000, "the acceptor has stated what was in")

    def test_while_notes_may_be_going_in_there_nothing_is_handed_back_here(self):
        self.open_shift("500.00")
        order = self.begun_there(notes={2_000: 1})
        self.assertTrue(self.helper.collect(order.uuid)["ok"])
        answer = self.counter.cancel(order.uuid, True)
        self.assertRefused(answer, "S-129")
        self.assertIn("Hall K11", answer["message"])
        self.assertEqual((order.state, self.account.balance), ("draft", 20))
        self.state(order.uuid, {1_000: 1}, seq=2)
        self.assertEqual(self.counter.cancel(order.uuid, True)["handed_back"], "30.00")
        self.assertEqual((order.state, self.account.balance), ("cancelled", 0))
        self.assertLedger()

    def test_ones_own_terminal_hands_back_at_once(self):
        self.terminal.takes_notes = True
        self.open_shift("500.00")
        order = self.begin("100.00")
        tender = {"kind": "terminal_cash", "statement": self.proxy.tender(order.uuid, {2_000: 1})}
        self.assertTrue(self.counter.add_tender(order.uuid, tender)["ok"])
        self.assertTrue(self.counter.collect(order.uuid)["ok"])
        self.assertEqual(self.counter.cancel(order.uuid, True)["handed_back"], "20.00")

    def test_an_acceptor_that_never_stated_anything_keeps_it_for_two_minutes_only(self):
        order = self.begun_there()
        self.helper.collect(order.uuid)
        order.sudo().notes_until = "2020-01-01 00:00:00"
        self.assertEqual(self.finished(order).state, "draft")

    def test_paid_meanwhile_it_is_written_as_it_is(self):
        order = self.begun_there(notes={5_000: 1})
        self.state(order.uuid, {5_000: 1}, seq=2)
        answer = self.finish(order)
        self.assertRefused(answer, "S-112")
        self.assertEqual((answer["order"]["state"], order.state), ("paid", "paid"))
        self.authorize(order)

    def test_only_with_its_own_customers_card(self):
        order = self.begun_there(notes={2_000: 1})
        _account, card = self._make_account("700000000002", "700000000102", "700000000202")
        self.assertRefused(self.finish(order, card), "C-203")
        self.assertRefused(self.counter.finish_here(order.uuid, str(uuid.uuid4()), self.terminal.id), "N-101")
        self.assertAsBefore(order)

    def test_what_may_not_be_begun_here_is_not_ended_there(self):
        order = self.begun_there(notes={2_000: 1})
        reading = self.snapshot()
        self.terminal.sudo().state = "quarantined"
        self.assertRefused(self.finish(order, snapshot=reading), "T-102")
        self.assertAsBefore(order)
        self.terminal.sudo().state = "active"
        self.meter_model.max_amount = 50
        self.assertRefused(self.finish(order), "S-106")
        self.assertAsBefore(order)

    def test_a_terminal_that_may_not_sell_any_more_keeps_nobody(self):
        order = self.begun_there(notes={2_000: 1})
        self.hall.record.sudo().state = "quarantined"
        self.assertEqual(self.finished(order)._due_cents(), 8_000)

    def test_another_companys_order_is_none(self):
        order = self.begun_there(notes={2_000: 1})
        company = self.env["res.company"].create({"name": "Other Power"})
        foreign = self._make_user("foreign", "group_clerk", company)
        terminal = self.env["electricity.terminal"].create({"name": "Far", "code": "F01", "company_id": company.id})
        far = self.counter.with_user(foreign)
        self.assertRefused(far.finish_here(order.uuid, str(uuid.uuid4()), terminal.id, "x"), "S-115")
        foreign.company_ids += self.company
        self.assertRefused(far.finish_here(order.uuid, str(uuid.uuid4()), terminal.id, "x"), "S-115")
        self.assertAsBefore(order)

    def test_what_waits_here_is_not_begun_again(self):
        order = self.begin()
        self.assertRefused(self.finish(order), "S-112")
        self.assertAsBefore(order)

    def test_two_counters_that_finish_it_begin_one(self):
        order = self.begun_there(notes={2_000: 1})
        second = FakeTerminal(
            self.env["electricity.terminal"].create({"name": "C2", "code": "T02"}), self.database_uuid
        )
        here = self.finished(order)
        reading = second.snapshot(self.card, self.nonce(second.record))
        answer = self.counter.finish_here(order.uuid, str(uuid.uuid4()), second.record.id, reading)
        self.assertRefused(answer, "S-103")
        self.assertEqual((answer["order"]["uuid"], answer["order"]["waits_at"]), (here.uuid, "Counter T"))
        self.assertEqual(self.orders(), here + order)

    def test_without_money_it_is_told_when_the_sale_begins(self):
        order = self.begun_there()
        answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), "50.00")
        self.assertRefused(answer, "S-103")
        self.assertEqual(answer["order"]["waits_at"], "Hall K11")
        self.assertEqual(self.finished(order).amount, 100)


@tagged("post_install", "-at_install", "electricity")
class TestOpeningElsewhere(ElsewhereCase, OperationCase):
    def test_an_account_that_was_being_opened_elsewhere_is_opened_here(self):
        account = self.new_account()
        order_uuid = str(uuid.uuid4())
        reading = self.hall.snapshot(self.blank, self.nonce(self.hall.record, self.helper))
        begun = self.helper.begin_operation(order_uuid, self.hall.record.id, reading, "open", account.name, "50.00")
        self.assertTrue(begun["ok"], begun)
        here = self.finished(self.order(order_uuid), card=self.blank)
        self.assertEqual((here.op, here.amount, self.order(order_uuid).state), ("open", 50, "cancelled"))


@tagged("post_install", "-at_install")
class TestArrearsElsewhere(ElsewhereCase, MarketingCase):
    def setUp(self):
        super().setUp()
        self.owes(("B1", "2026-01", 12000, 150, "open"))
        self.lookup()

    def begun_bills(self):
        order_uuid = str(uuid.uuid4())
        bills = [{"receivable_id": "B1", "amount": "121.50"}]
        begun = self.helper.begin_arrears(order_uuid, self.hall.record.id, self.account.name, bills)
        self.assertTrue(begun["ok"], begun)
        self.state(order_uuid, {10_000: 1})
        return self.order(order_uuid)

    def test_bills_are_paid_here_without_a_card(self):
        order = self.begun_bills()
        self.open_shift()
        answer = self.counter.finish_here(order.uuid, str(uuid.uuid4()), self.terminal.id)
        self.assertTrue(answer["ok"], answer)
        here = self.order(answer["order"]["uuid"])
        self.assertEqual((here.op, here._due_cents(), order.state), ("arrears", 2_150, "cancelled"))
        self.pay(here, "21.50")
        self.assertEqual((here.state, self.account.balance), ("written", 0))
        self.assertLedger()

    def test_bills_that_are_owed_no_more_end_nothing(self):
        order = self.begun_bills()
        self.owes()
        self.lookup()
        answer = self.counter.finish_here(order.uuid, str(uuid.uuid4()), self.terminal.id)
        self.assertRefused(answer, "M-302")
        self.assertEqual(order.state, "draft")
