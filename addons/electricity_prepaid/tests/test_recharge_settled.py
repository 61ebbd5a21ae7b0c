"""A sale that was set back on its card, and then turns out to be on one: two persons settle it as written."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CounterCase
from .receipt_case import ReceiptChecks


@tagged("post_install", "-at_install", "electricity")
class TestRechargeSettled(ReceiptChecks, CounterCase):
    def setUp(self):
        super().setUp()
        self.chief = self.counter.with_user(self.supervisor)

    def disputed(self):
        """Return a reversed order of whose first attempt a terminal says later that it was written."""
        order, first = self.authorized()
        before = self.card.memory
        self.confirm(self.proxy.receipt(first["write_order"], "void", code="O-109"))
        self.confirm(self.proxy.write(self.card, self.authorize(order)["write_order"]))
        written = self.card.memory
        back = self.chief.reverse(order.uuid, self.snapshot(counter=self.chief))
        self.confirm(self.proxy.write(self.card, back["write_order"]))
        self.assertEqual((order.state, self.account.total_energy, self.account.balance), ("reversed", 0, 100))
        self.confirm(self.proxy.receipt(first["write_order"], "written", before, written))
        self.assertEqual(order.state, "dispute")
        self.assertEqual((self.account.total_energy, self.account.balance), (0, 100))
        return order

    def settle(self, order, count=2):
        """Let two persons read the meter: it has the purchase."""
        self.env["electricity.reading.wizard"].with_user(self.supervisor).create(
            {
                "recharge_id": order.id,
                "meter_reading_count": count,
                "meter_reading_issue": 1,
                "note": "Read by A. B., photograph 17",
            }
        ).action_propose()
        order.with_user(self.supervisor2).action_approve_reading()

    def test_what_is_settled_as_written_after_a_reversal_is_in_the_ledger_again_and_once(self):
        order = self.disputed()
        self.settle(order)
        self.assertEqual((order.state, self.account.purchase_count), ("written", 2))
        self.assertEqual(self.account.total_energy, order.energy)
        self.assertAlmostEqual(self.account.balance, 100 - order.cost)
        self.assertLedger()
        entries = order.ledger_entry_ids.sorted("id").filtered("energy")
        self.assertEqual(entries.mapped("kind"), ["energy", "reversal", "unreversed"])
        with self.assertRaisesRegex(UserError, "S-112"):
            self.settle(order)
        self.assertLedger()

    def test_its_receipt_adds_up(self):
        order = self.disputed()
        rows = self.assertAddsUp(order)
        self.assertEqual(rows["Taken back"], round(order.cost * 100))
        self.assertNotIn("Not taken from your money", rows)
        self.settle(order)
        rows = self.assertAddsUp(order)
        self.assertNotIn("Taken back", rows)
        self.assertEqual(rows["Balance"], round(order.remainder * 100))

    def test_it_is_not_set_back_a_second_time(self):
        order = self.disputed()
        self.settle(order)
        self.assertNotIn("reverse", self.chief.status(order.uuid)["order"]["actions"])
        self.assertRefused(self.chief.reverse(order.uuid, self.snapshot(counter=self.chief)), "S-114")

    def test_a_reading_without_the_purchase_books_nothing(self):
        order = self.disputed()
        self.settle(order, count=1)
        self.assertEqual((order.state, self.account.total_energy, self.account.balance), ("dispute", 0, 100))
        self.assertLedger()
