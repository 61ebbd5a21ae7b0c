"""A marketing system in this process, behind the seam of ``core.cis_types``: what tests let it know, say and refuse."""

import uuid
from dataclasses import replace
from unittest.mock import patch

from ..core import cis_types as cis
from .common import CounterCase

OK = cis.Result("1001", "ok")


class FakeMarketing(cis.MarketingSystem):
    """Answers from dictionaries that a test fills; ``silence`` makes every call end without an answer."""

    def __init__(self):
        self.customers = {}
        self.bills = {}
        self.advance = {}
        self.silence = None
        self.silent_calls = set()
        self.refuse = {}
        self.calls = []
        self.changes = []
        self.unreadable = []
        self.days = []
        self.day_answer = None

    def _hear(self, name, *args):
        self.calls.append((name, *args))
        if self.silence or name in self.silent_calls:
            raise cis.Unreachable(self.silence or "timeout")
        return self.refuse.get(name)

    def query_customer(self, by, number):
        refused = self._hear("query_customer", by, number)
        if refused:
            return cis.CustomerAnswer(cis.Result(refused))
        names = {"account": "account_no", "meter": "meter_no", "card": "card_no"}
        found = next((one for one in self.customers.values() if getattr(one, names[by]) == number), None)
        return cis.CustomerAnswer(OK, found) if found else cis.CustomerAnswer(cis.Result("1004"))

    def query_arrears(self, account_no):
        refused = self._hear("query_arrears", account_no)
        if refused:
            return cis.ArrearsAnswer(cis.Result(refused))
        bills = tuple(self.bills.get(account_no, ()))
        total, late = sum(bill.due for bill in bills), sum(bill.late_fee for bill in bills)
        return cis.ArrearsAnswer(OK, cis.Arrears(account_no, total, late, self.advance.get(account_no, 0), bills))

    def list_customer_changes(self, since, page):
        refused = self._hear("list_customer_changes", since, page)
        if refused:
            return cis.ChangesAnswer(cis.Result(refused), 1, since)
        pages, until = self.changes or [()], self.until
        bad = tuple(self.unreadable[page - 1]) if page <= len(self.unreadable) else ()
        return cis.ChangesAnswer(OK, len(pages), until, tuple(pages[page - 1]), bad)

    def reconcile(self, page):
        self._hear("reconcile", page)
        self.days.append(page)
        return self.day_answer(page)

    def submit_payment(self, payment):
        raise AssertionError("the outbox is not part of these tests")

    query_payment = reverse_payment = submit_payment


class MarketingCase(CounterCase):
    """A counter whose company has a marketing system that knows the customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection = cls.env["electricity.cis.connection"].create(
            {
                "name": "Marketing T",
                "company_id": cls.company.id,
                "url": "https://marketing.invalid/soap",
                "username": "tester",
                "secret_name": "TEST",
            }
        )

    def setUp(self):
        super().setUp()
        # A cron commits after each step; a test has one transaction.
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *_args, **_kwargs: float("inf"))
        self.there = FakeMarketing()
        self.there.customers["700000000001"] = cis.CustomerFile(
            account_no="700000000001",
            name="Customer 700000000001",
            address="1 Test Road",
            status="active",
            category="residential",
            regime="card",
            meter_no="700000000101",
            card_no="700000000201",
            last_count=1,
        )
        patcher = patch.object(type(self.connection), "_system", lambda connection: self.there)
        patcher.start()
        self.addCleanup(patcher.stop)

    def customer_there(self, **changes):
        self.there.customers["700000000001"] = replace(self.there.customers["700000000001"], **changes)

    def owes(self, *bills):
        """Let the account owe bills: (receivable_id, month, cents, cents of late fee, status)."""
        self.there.bills["700000000001"] = [cis.Bill(*bill) for bill in bills]

    def lookup(self, number="700000000001", by="account"):
        answer = self.counter.lookup(self.terminal.id, number, by)
        self.assertTrue(answer["ok"], answer)
        return answer

    def begin_arrears(self, bills=None, order_uuid=None, counter=None):
        """Begin to pay bills as the last lookup showed them; by default all open ones."""
        if bills is None:
            shown = self.account.sudo().bills_answer()
            bills = [(bill["receivable_id"], bill["due"]) for bill in shown if bill["status"] == "open"]
        asked = [{"receivable_id": each[0], "amount": each[1]} for each in bills]
        return (self.counter if counter is None else counter).begin_arrears(
            order_uuid or str(uuid.uuid4()), self.terminal.id, "700000000001", asked
        )
