"""The question to the marketing system at the sale, and what its answer, or its silence, means for the sale."""

import uuid
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..core import cis_types as cis
from ..core.cis_results import RESULTS
from .common import CounterCase
from .marketing import MarketingCase


@tagged("post_install", "-at_install")
class TestWithoutMarketingSystem(CounterCase):
    def test_nothing_changes_without_a_connection(self):
        answer = self.counter.lookup(self.terminal.id, "700000000001")
        self.assertTrue(answer["ok"], answer)
        self.assertEqual((answer["state"], answer["allowed"], answer["arrears"]), (None, True, None))
        quote = self.counter.quote(self.terminal.id, self.snapshot())
        self.assertTrue(quote["allowed"], quote)
        self.assertIsNone(quote["marketing"]["state"])
        self.sold()

    def test_arrears_cannot_be_paid_without_a_connection(self):
        answer = self.counter.begin_arrears(
            str(uuid.uuid4()), self.terminal.id, "700000000001", [{"receivable_id": "A1", "amount": "1.00"}]
        )
        self.assertRefused(answer, "M-306")


@tagged("post_install", "-at_install")
class TestLookup(MarketingCase):
    def refused_sale(self, code):
        """Check that quote and begin both refuse with a code."""
        bought = len(self.account.recharge_ids)
        quote = self.counter.quote(self.terminal.id, self.snapshot())
        self.assertTrue(quote["ok"], quote)
        self.assertFalse(quote["allowed"])
        self.assertEqual(quote["code"], code)
        self.assertRefused(self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), "100.00"), code)
        self.assertEqual(len(self.account.recharge_ids), bought)

    def test_a_sale_needs_a_lookup_first(self):
        self.refused_sale("M-301")
        self.assertFalse(self.there.calls, "quote and begin ask nobody themselves")

    def test_a_lookup_shows_the_arrears_oldest_first_late_fee_apart(self):
        self.owes(("B2", "2026-02", 9000, 0, "open"), ("B1", "2026-01", 12000, 150, "open"))
        self.there.advance["700000000001"] = 500
        answer = self.lookup()
        arrears = answer["arrears"]
        self.assertEqual([bill["receivable_id"] for bill in arrears["bills"]], ["B1", "B2"])
        self.assertEqual((arrears["total"], arrears["late_fee"], arrears["advance"]), ("211.50", "1.50", "5.00"))
        self.assertEqual((arrears["bills"][0]["amount"], arrears["bills"][0]["due"]), ("120.00", "121.50"))
        self.assertTrue(arrears["as_of"])
        self.assertEqual(answer["state"], "up")
        self.assertEqual(answer["customer"]["name"], "Customer 700000000001")
        self.assertEqual(self.account.arrears_total, 211.5)
        self.assertTrue(self.counter.quote(self.terminal.id, self.snapshot())["allowed"])
        self.begin()

    def test_account_meter_and_card_lead_to_the_same_account(self):
        for by, number in (("account", "700000000001"), ("meter", "700000000101"), ("card", "700000000201")):
            self.assertEqual(self.lookup(number, by)["account"], "700000000001", by)
        self.assertEqual(
            [call for call in self.there.calls if call[0] == "query_arrears"], [("query_arrears", "700000000001")] * 3
        )

    def test_a_customer_unknown_here_is_shown_and_nothing_is_stored(self):
        self.there.customers["700000000009"] = cis.CustomerFile(
            "700000000009", "Elsewhere", "2 Test Road", "active", "residential", "card"
        )
        answer = self.lookup("700000000009")
        self.assertIsNone(answer["account"])
        self.assertEqual(answer["customer"]["name"], "Elsewhere")
        self.assertFalse(self.env["electricity.arrear"].search([("receivable_id", "like", "B")]))

    def test_numbers_that_are_none_are_refused(self):
        for number, by in (("12", "account"), (None, "account"), ("700000000001", "name"), ("7000000000%1", "card")):
            self.assertRefused(self.counter.lookup(self.terminal.id, number, by), "P-104")
        self.assertFalse(self.there.calls)

    def test_an_old_lookup_does_not_count(self):
        self.lookup()
        self.account.marketing_asked_at = "2020-01-01 00:00:00"
        self.refused_sale("M-301")

    def test_may_not_buy_stops_the_sale_with_its_reason(self):
        self.customer_there(may_buy=False, reason=cis.Result("1037"))
        answer = self.lookup()
        self.assertFalse(answer["allowed"])
        self.refused_sale("M-104")

    def test_every_reason_why_not_has_a_sentence(self):
        for reason in (*RESULTS, "4711"):
            self.customer_there(may_buy=False, reason=cis.Result(reason))
            answer = self.lookup()
            self.assertFalse(answer["allowed"], reason)
            self.assertTrue(answer["message"], reason)
        self.customer_there(may_buy=False, reason=None)
        self.assertEqual(self.lookup()["code"], "M-102")

    def test_an_account_that_is_unknown_there_buys_nothing(self):
        self.there.customers.clear()
        self.lookup()
        self.refused_sale("M-105")

    def test_a_refused_query_says_nothing_about_the_customer(self):
        self.there.refuse["query_customer"] = "1013"
        self.assertEqual(self.lookup()["code"], "M-308")
        self.refused_sale("M-308")

    def test_another_count_there_stops_the_sale(self):
        self.customer_there(last_count=7)
        self.lookup()
        self.refused_sale("M-103")

    def test_a_count_that_the_outbox_explains_does_not_stop_the_sale(self):
        self.lookup()
        order = self.sold()
        self.assertEqual(order.count, 2)
        self.card.insert_in_meter()
        self.lookup()  # it has booked count 1 only: ours is still on its way
        self.assertTrue(self.counter.quote(self.terminal.id, self.snapshot())["allowed"])
        order.cis_message_ids.write({"state": "done"})
        self.lookup()
        answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), "100.00")
        self.assertRefused(answer, "M-103")

    def test_what_was_booked_since_the_last_lookup_does_not_stop_the_next_sale(self):
        self.lookup()
        message = self.sold().cis_message_ids
        self.card.insert_in_meter()
        told = self.account.marketing_told_at
        message.write({"state": "done", "done_at": told + timedelta(seconds=5)})
        # The same customer comes back while that lookup is valid: it told the count from before the booking.
        self.assertTrue(self.counter.quote(self.terminal.id, self.snapshot())["allowed"])
        message.done_at = told - timedelta(seconds=5)
        answer = self.counter.begin(str(uuid.uuid4()), self.terminal.id, self.snapshot(), "100.00")
        self.assertRefused(answer, "M-103")

    def sold_and_booked(self, seconds):
        """Return a sale after a lookup, booked there so many seconds after it."""
        self.lookup()
        order = self.sold()
        self.card.insert_in_meter()
        done_at = fields.Datetime.add(self.account.marketing_told_at, seconds=seconds)
        order.cis_message_ids.write({"state": "done", "done_at": done_at})
        return order

    def test_what_was_booked_since_the_last_answer_does_not_stop_the_next_sale_during_an_outage(self):
        self.connection.policy = "sell_and_queue"
        self.sold_and_booked(1)
        self.there.silence = "timeout"
        self.lookup()
        self.sold()

    def test_what_was_taken_back_there_after_the_answer_does_not_stop_the_next_sale(self):
        order = self.sold_and_booked(-1)
        order.cis_message_ids.done_at = False
        self.customer_there(last_count=2)
        self.lookup()
        order.sudo().state = "reversed"
        self.account.sudo().purchase_count = 1
        back = self.env["electricity.cis.message"]._queue_reversal(order, "wrong")
        for state, seconds, agree in (("queued", None, True), ("done", 1, True), ("done", -1, False)):
            with self.subTest(state=state, seconds=seconds):
                done_at = seconds and fields.Datetime.add(self.account.marketing_told_at, seconds=seconds)
                back.write({"state": state, "done_at": done_at})
                self.assertEqual(self.env["electricity.recharge"]._counts_agree(self.account), agree)

    def test_another_meter_there_is_a_warning(self):
        self.customer_there(meter_no="700000000999")
        answer = self.lookup()
        self.assertEqual([warning["code"] for warning in answer["warnings"]], ["M-307"])
        self.assertTrue(answer["allowed"])

    # -------------------------------------------------------------------------------------------------- it is silent

    def test_silence_refuses_the_sale_by_default(self):
        self.there.silence = "timeout"
        answer = self.lookup()
        self.assertEqual((answer["state"], answer["code"]), ("down", "M-101"))
        self.refused_sale("M-101")

    def test_silence_about_the_arrears_alone_is_silence(self):
        self.there.silent_calls = {"query_arrears"}
        self.assertEqual(self.lookup()["state"], "down")

    def test_the_policy_may_sell_energy_without_arrears_and_says_so(self):
        self.connection.policy = "sell_and_queue"
        self.owes(("B1", "2026-01", 12000, 150, "open"))
        self.lookup()
        self.there.silence = "timeout"
        answer = self.lookup()
        self.assertEqual([warning["code"] for warning in answer["warnings"]], ["M-305"])
        self.assertTrue(answer["allowed"])
        self.sold()
        self.assertRefused(self.begin_arrears(), "M-306")

    def test_asking_until_it_is_silent_does_not_undo_what_it_said(self):
        self.connection.policy = "sell_and_queue"
        self.customer_there(may_buy=False, reason=cis.Result("1037"))
        self.there.silent_calls = {"query_arrears"}
        answer = self.lookup()
        self.assertEqual((answer["state"], answer["allowed"], answer["code"]), ("down", False, "M-104"))
        self.refused_sale("M-104")
        self.there.silence = "timeout"
        self.lookup()
        self.refused_sale("M-104")
        self.there.silence = None
        self.customer_there(may_buy=True, reason=None, last_count=7)
        self.lookup()
        self.refused_sale("M-103")

    def test_an_old_answer_does_not_bind_a_sale_during_silence(self):
        self.connection.policy = "sell_and_queue"
        self.customer_there(may_buy=False, reason=cis.Result("1037"))
        self.lookup()
        self.there.silence = "timeout"
        self.lookup()
        self.account.marketing_told_at = "2020-01-01 00:00:00"
        self.assertTrue(self.counter.quote(self.terminal.id, self.snapshot())["allowed"])

    def test_a_fault_there_is_not_what_it_said_of_the_customer(self):
        self.connection.policy = "sell_and_queue"
        self.there.refuse["query_customer"] = "1013"
        self.there.silent_calls = {"query_arrears"}
        self.assertTrue(self.lookup()["allowed"])

    def test_a_category_is_shown_in_words_and_an_unknown_one_as_it_is(self):
        self.owes(("B1", "2026-01", 12000, 150, "open"))
        self.lookup()
        bill = self.account.arrear_ids
        for category, words in (("Z-7", "Z-7"), (False, False), ("commercial", "Commercial")):
            self.account.category = category
            self.assertEqual((self.account.category_text, bill.category_text), (words, words))

    def test_known_silence_is_not_waited_for_again(self):
        self.there.silence = "timeout"
        for _time in range(5):
            self.lookup()
        heard = len(self.there.calls)
        self.assertEqual(self.lookup()["state"], "down")
        self.assertEqual(len(self.there.calls), heard)

    def test_after_a_moment_of_silence_the_counter_asks_again(self):
        for policy in ("refuse", "sell_and_queue"):
            self.connection.policy = policy
            self.there.silence = "timeout"
            self.assertEqual(self.lookup()["state"], "down")
            self.account.marketing_asked_at = fields.Datetime.subtract(fields.Datetime.now(), seconds=40)
            quote = self.counter.quote(self.terminal.id, self.snapshot())
            self.assertEqual(quote["marketing"]["state"], "ask")
            self.assertNotIn("M-305", [warning["code"] for warning in quote["marketing"]["warnings"]])
            self.there.silence = None
            answer = self.lookup()
            self.assertEqual((answer["state"], answer["allowed"]), ("up", True))

    def test_while_calls_are_paused_the_policy_decides_and_nobody_is_sent_to_ask(self):
        self.lookup()
        until = fields.Datetime.add(fields.Datetime.now(), minutes=1)
        self.connection.write({"circuit_state": "open", "failures": 3, "circuit_until": until})
        for asked_at in (False, "2020-01-01 00:00:00", fields.Datetime.now()):
            self.account.marketing_asked_at = asked_at
            self.connection.policy = "refuse"
            self.refused_sale("M-101")
            self.connection.policy = "sell_and_queue"
            quote = self.counter.quote(self.terminal.id, self.snapshot())
            self.assertTrue(quote["allowed"], quote)
            self.assertEqual([warning["code"] for warning in quote["marketing"]["warnings"]], ["M-305"])
        self.sold()

    def test_silence_that_began_after_the_money_came_keeps_the_card_unwritten_and_the_money_safe(self):
        self.lookup()
        self.open_shift()
        order = self.begin()
        self.pay(order)
        self.there.silence = "timeout"
        for _time in range(4):
            self.lookup()
        answer = self.counter.authorize(order.uuid, self.snapshot())
        self.assertRefused(answer, "M-101")
        self.assertEqual(answer["order"]["state"], "paid")
        self.assertIn("refund", answer["order"]["actions"])

    def test_a_paid_order_is_written_once_it_is_asked_again_and_answers(self):
        self.lookup()
        self.open_shift()
        order = self.begin()
        self.pay(order)
        self.there.silence = "fault"
        self.lookup()
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "M-101")
        self.account.marketing_asked_at = "2020-01-01 00:00:00"
        self.assertRefused(self.counter.authorize(order.uuid, self.snapshot()), "M-301")
        self.there.silence = None
        self.lookup()
        self.authorize(order)

    # --------------------------------------------------------------------------------------------- bills as a set

    def test_each_answer_replaces_the_bills(self):
        self.owes(("B1", "2026-01", 12000, 150, "open"), ("B2", "2026-02", 9000, 0, "open"))
        self.lookup()
        self.owes(("B2", "2026-02", 9000, 30, "collecting"), ("B3", "2026-03", 100, 0, "open"))
        answer = self.lookup()
        self.assertEqual([bill["receivable_id"] for bill in answer["arrears"]["bills"]], ["B2", "B3"])
        self.assertEqual(answer["arrears"]["bills"][0]["status"], "collecting")
        gone = self.account.arrear_ids.filtered(lambda bill: bill.receivable_id == "B1")
        self.assertEqual(gone.state, "settled")
        self.assertTrue(gone.settled_at)
        self.assertEqual(self.account.arrears_total, 91.3)

    def test_nobody_writes_what_the_marketing_system_said(self):
        self.owes(("B1", "2026-01", 12000, 150, "open"))
        self.lookup()
        bill = self.account.arrear_ids
        for user in (self.clerk, self.supervisor):
            with self.assertRaises(AccessError):
                bill.with_user(user).write({"state": "settled"})
            with self.assertRaises(AccessError):
                self.account.with_user(user).write({"arrears_total": 0})

    def test_it_is_asked_before_the_account_is_taken_and_anything_is_written(self):
        before, seen = self.account.version, []
        ask = self.there.query_arrears

        def look(account_no):
            self.account.invalidate_recordset()
            seen.append((self.account.version, self.account.marketing_asked_at))
            return ask(account_no)

        self.there.query_arrears = look
        self.lookup()
        self.assertEqual(seen, [(before, False)])
        self.assertEqual(self.account.version, before + 1)
