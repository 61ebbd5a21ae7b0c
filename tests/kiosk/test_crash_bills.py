"""Bills paid with notes, whatever dies meanwhile: what came in is in bills and balance, and no bill is paid twice.

No card is written for it, so nothing is compared with one; the rest is as in test_crash.py.
"""

import pytest
from stack.world import new_uuid

from tests.kiosk.test_crash import NoteSale
from tests.kiosk.test_identity import debtor, without_card

__all__ = ["debtor", "without_card"]

CASES = [("browser", "stated"), ("odoo", "stated"), ("machine", "stacking"), ("proxy", "stacked")]
BILL, OWED = 12_150, 21_150
"""Cents of the oldest bill, which three notes pay, and of both."""


class BillSale(NoteSale):
    """The oldest of two bills, by the card and with notes."""

    CALLS = ("attract", "card", "begun", "open", "stacked", "stated")

    def begun(self):
        owed = self.page.ask("arrears", {"snapshot": self.page.snapshot()})
        bills = [{"receivable_id": bill["receivable_id"], "amount": bill["due"]} for bill in owed["bills"]["bills"][:1]]
        who = {"snapshot": self.page.snapshot()}
        self.order = self.page.ask("begin_arrears", new_uuid(), who, bills)["order"]

    def check(self):
        self.world.clear_slots()
        tenders = self.settled()
        self.check_source(tenders)
        self._check_point_of_sale(tenders)
        paid = sum(round(each["amount"] * 100) for each in tenders)
        written = [order for order in self.world.orders(self.customer) if order["state"] == "written"]
        # A note whose end nobody knows is no money yet: then no bill is paid, and nothing else either.
        expected = [("arrears", BILL)] if paid >= BILL else []
        assert [(order["op"], round(order["amount"] * 100)) for order in written] == expected
        names = ["balance", "arrears_total"]
        (account,) = self.world.admin.call("electricity.account", "read", [self.customer.account_id], names)
        spent = BILL if written else 0
        assert (round(account["balance"] * 100), round(account["arrears_total"] * 100)) == (paid - spent, OWED - spent)
        self.world.check_books(self.customer)


@pytest.fixture
def sale(world, debtor, notes):
    made = BillSale(world)
    made.customer = debtor
    yield made
    notes.polls = 2
    notes.waiting.clear()
    made.start_again()


@pytest.mark.parametrize(("part", "step"), CASES)
def test_whatever_dies_a_bill_is_paid_once(sale, part, step):
    sale.passes(part, step, "here")
