"""What a receipt says of the money, stage by stage: every cent on it is found again on it."""

from odoo.tests import tagged

from . import test_migrations
from .common import CounterCase
from .receipt_case import ReceiptChecks

NOTE = [{"denomination": 2000, "at": 1_700_000_000_000}]


@tagged("post_install", "-at_install", "electricity")
class TestReceiptMoney(ReceiptChecks, CounterCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terminal.takes_notes = True
        cls.account.sudo().book("correction", 2000)

    def carry(self, order, notes, **changes):
        statement = self.proxy.tender(order.uuid, notes, seq=len(order.tender_ids) + 1, **changes)
        answer = self.counter.add_tender(order.uuid, {"kind": "terminal_cash", "statement": statement})
        self.assertTrue(answer["ok"], answer)
        return answer["order"]

    def paid_by_notes(self):
        """Return an order of 50.00 for which one note of 50.00 was put in: 20.00 were there before."""
        order = self.begin("50.00")
        self.carry(order, {5000: 1})
        self.assertEqual(order.state, "paid")
        return order

    def torn(self, order):
        """Let the card be pulled while it is written."""
        answer = self.authorize(order)
        self.confirm(self.proxy.receipt(answer["write_order"], "unknown", self.card.memory, None, code="C-202"))
        self.assertEqual(order.state, "unknown")
        return order

    # -- paid, and not on the card

    def test_what_is_paid_and_not_written_is_named_and_is_no_balance(self):
        order = self.paid_by_notes()
        rows = self.assertAddsUp(order)
        self.assertEqual(
            rows,
            {
                "Amount": 5000,
                "Balance before": 2000,
                "1 × 50.00": 5000,
                "Received": 5000,
                "Held for this purchase": 5000,
                "Free balance": 2000,
            },
        )
        text = self.receipt_text(order)
        for wanted in ("Paid, not on the card yet", "To be written about 91.14 kWh", "put the same card in"):
            self.assertIn(wanted, text)

    def test_what_was_issued_has_its_final_price(self):
        order = self.paid_by_notes()
        self.authorize(order)
        self.assertAddsUp(order)
        text = self.receipt_text(order)
        self.assertIn("To be written 91.14 kWh", text)
        self.assertIn("91.14 kWh × 0.5486", text)

    def test_an_unknown_end_is_told_as_such(self):
        order = self.torn(self.paid_by_notes())
        rows = self.assertAddsUp(order)
        self.assertEqual(rows["Free balance"], 2000 + round(order.remainder * 100))
        text = self.receipt_text(order)
        self.assertIn("Paid, not certain yet whether it is on the card", text)
        self.assertNotIn("Not on the card yet", text)

    def test_what_the_balance_paid_has_a_receipt_once_its_write_failed(self):
        order = self.begin("20.00")
        self.assertEqual((order.state, order.receipt_stage()), ("paid", None))
        self.torn(order)
        rows = self.assertAddsUp(order)
        self.assertEqual((rows["Balance before"], rows["Received"]), (2000, 0))
        self.assertEqual(rows["Held for this purchase"] + rows["Free balance"], 2000)

    def test_money_that_other_orders_moved_was_there_before(self):
        order = self.paid_by_notes()
        self.account.sudo().book("correction", 300)
        self.assertEqual(self.assertAddsUp(order)["Balance before"], 2300)

    # -- what is approved to be paid out

    def reserve(self, amount):
        """Let two persons agree that money of the account is paid out."""
        payouts = self.env["electricity.payout"].with_user(self.clerk)
        payout = payouts.propose(self.account.with_user(self.clerk), amount, "cash", "Moves away")
        payout.with_user(self.supervisor).action_approve()

    def test_what_is_reserved_for_a_payout_is_no_free_balance_of_a_paid_purchase(self):
        self.reserve(15.0)
        order = self.begin("50.00")
        self.carry(order, {5000: 1})
        rows = self.assertAddsUp(order)
        self.assertEqual((order.state, rows["Reserved otherwise"], rows["Free balance"]), ("paid", 1500, 500))
        self.torn(order)
        rows = self.assertAddsUp(order)
        free = 500 + round(order.remainder * 100)
        self.assertEqual((rows["Reserved otherwise"], rows["Free balance"]), (1500, free))

    def test_what_was_reserved_when_it_was_written_stays_on_its_receipt(self):
        self.reserve(15.0)
        order = self.paid_by_notes()
        self.confirm(self.proxy.write(self.card, self.authorize(order)["write_order"]))
        rows = self.assertAddsUp(order)
        self.assertEqual((rows["Reserved otherwise"], rows["Balance"]), (1500, 500 + round(order.remainder * 100)))
        self.env["electricity.payout"].search([]).with_user(self.supervisor).action_withdraw()
        self.assertEqual(self.rows(order), rows, "what is let go later changes no old receipt")

    def test_what_is_reserved_later_changes_no_old_receipt(self):
        order = self.paid_by_notes()
        self.confirm(self.proxy.write(self.card, self.authorize(order)["write_order"]))
        rows = self.assertAddsUp(order)
        self.reserve(15.0)
        self.assertEqual(self.rows(order), rows)

    def test_what_an_order_held_itself_while_money_came_late_is_not_reserved_for_a_payout(self):
        order = self.begin("20.00")
        self.authorize(order)
        self.carry(order, {1000: 1})
        self.assertEqual(order.ledger_entry_ids.sorted("id")[-1:].reserved_after, 0)

    # -- not paid in full, kept, handed back

    def test_what_is_paid_in_part_says_what_is_still_to_pay(self):
        order = self.begin("100.00")
        self.carry(order, {2000: 1})
        rows = self.assertAddsUp(order)
        self.assertEqual((rows["Still to pay"], rows["Balance"]), (6000, 4000))
        text = self.receipt_text(order)
        self.assertIn("Not paid in full yet", text)
        self.assertNotIn("not on the card yet", text)

    def test_what_is_kept_is_balance(self):
        order = self.begin("100.00")
        self.carry(order, {2000: 1})
        self.counter.cancel(order.uuid, False)
        self.assertEqual(
            self.assertAddsUp(order), {"Balance before": 2000, "1 × 20.00": 2000, "Received": 2000, "Balance": 4000}
        )

    def test_what_is_handed_back_is_not(self):
        order = self.begin("100.00")
        self.open_shift()
        self.pay(order, "80.00")
        self.assertTrue(self.counter.cancel(order.uuid, True)["ok"])
        rows = self.assertAddsUp(order)
        self.assertEqual((rows["Received"], rows["Handed back"], rows["Balance"]), (8000, 8000, 2000))

    # -- ended

    def test_what_is_written_says_what_the_balance_paid(self):
        self.open_shift()
        order = self.begin("100.00")
        self.pay(order, "80.00")
        self.confirm(self.proxy.write(self.card, self.authorize(order)["write_order"]))
        rows = self.assertAddsUp(order)
        self.assertEqual((rows["Balance before"], rows["Paid now"]), (2000, 8000))
        self.account.sudo().book("correction", 777)
        self.assertEqual(self.rows(order), rows, "later money changes no old receipt")

    def test_what_was_set_back_is_balance_and_asks_for_no_meter(self):
        chief = self.counter.with_user(self.supervisor)
        order = self.sold("100.00")
        answer = chief.reverse(order.uuid, self.snapshot(counter=chief))
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        rows = self.assertAddsUp(order)
        self.assertEqual((rows["Taken back"], rows["Balance"]), (round(order.cost * 100), 10000))
        text = self.receipt_text(order)
        self.assertIn("Reversed", text)
        self.assertNotIn("into your meter", text)
        self.open_shift(counter=chief)
        self.assertTrue(chief.cancel(order.uuid, True)["ok"])
        self.assertEqual(self.assertAddsUp(order)["Handed back"], round(order.paid_amount * 100))
        self.assertIn("the money was handed back", self.receipt_text(order))

    def test_what_is_on_the_card_though_it_was_given_up_took_no_money(self):
        order = self.paid_by_notes()
        answer = self.authorize(order)
        self.confirm(self.proxy.receipt(answer["write_order"], "void", code="O-109"))
        self.assertTrue(self.counter.cancel(order.uuid, False)["ok"])
        self.confirm(self.proxy.write(self.card, answer["write_order"]))
        self.assertEqual(order.state, "dispute")
        self.assertEqual(self.assertAddsUp(order)["Not taken from your money"], round(order.cost * 100))
        self.assertIn("Being looked into", self.receipt_text(order))

    def test_the_counters_paper_has_the_same_lines(self):
        order = self.sold("100.00")
        html = self.env["ir.actions.report"]._render_qweb_html("electricity_prepaid.receipt", order.ids)[0].decode()
        for line in order.receipt_lines():
            for part in (line.get("text"), line.get("value")):
                self.assertIn((part or "").split("\n")[0], html)
        self.assertIn(order.user_id.name, html)

    # -- notes of which no end is known

    def test_a_note_that_is_looked_for_is_evidence_though_nothing_is_paid(self):
        self.company.phone = "95598"
        order = self.begin("100.00")
        self.assertEqual(order._status()["uncertain"], "0.00")
        status = self.carry(order, {}, uncertain=NOTE)
        self.assertEqual((status["uncertain"], status["paid"]), ("20.00", "0.00"))
        self.counter.cancel(order.uuid, False)
        self.assertEqual((order.state, order.receipt_stage()), ("cancelled", "looked_for"))
        rows = self.assertAddsUp(order)
        self.assertEqual((rows["Received"], rows["Balance"]), (0, 2000))
        text = self.receipt_text(order)
        for wanted in ("A note is being looked for", "A-109", "2023-11-1", "call 95598", order.name, "T01"):
            self.assertIn(wanted, text)
        self.assertRegex(text, r"One note of up to \D*20\.00")
        self.assertTrue(order.receipt_of_link(order.receipt_link().split("/receipt/")[1].split("?")[0]))

    def test_without_a_number_to_call_the_staff_is_asked(self):
        self.company.phone = False
        order = self.begin("100.00")
        self.carry(order, {}, uncertain=NOTE)
        self.assertIn("ask the staff", self.receipt_text(order))

    def test_a_note_that_is_looked_for_stays_on_every_later_receipt(self):
        order = self.begin("50.00")
        self.carry(order, {1000: 1}, uncertain=NOTE * 2)
        first = order.print_first(self.terminal)["job"]
        self.assertEqual(order.print_first(self.terminal)["job"], first, "a repeat is the same print")
        self.carry(order, {2000: 1})
        self.assertNotEqual(order.print_first(self.terminal)["job"], first, "more money is another receipt")
        self.confirm(self.proxy.write(self.card, self.authorize(order)["write_order"]))
        self.assertAddsUp(order)
        self.assertEqual(self.receipt_text(order).count("is being looked for (A-109)"), 2)
        self.assertEqual(order._status()["uncertain"], "40.00")

    def test_a_terminals_clock_cannot_name_a_time_to_come(self):
        order = self.begin("100.00")
        for at in (-(2**53) + 1, 2**53 - 1):
            self.assertTrue(order._looked_for_sentence(2000, at))

    def test_orders_from_before_the_update_are_told_of_their_notes(self):
        order, other = self.begin("100.00"), self.begin("100.00")
        self.carry(other, {}, uncertain=NOTE)
        other.sudo().has_uncertain = False
        test_migrations.TestMigrations.migrate(self, "19.0.1.3.0/post-mark-uncertain.py")
        self.assertEqual((order.has_uncertain, other._status()["uncertain"]), (False, "20.00"))

    def test_in_chinese_nothing_is_left_in_english(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        order = self.begin("50.00")
        self.carry(order, {5000: 1}, uncertain=NOTE)
        text = self.receipt_text(order.with_context(lang="zh_CN"))
        for english in ("looked for", "Held", "Free", "Received", "written", "money"):
            self.assertNotIn(english, text)
