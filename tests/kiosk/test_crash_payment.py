"""The kiosk's property for a sale by QR code: whatever dies at whatever step, nothing is lost and nothing twice.

The payment gateway may die, too; it keeps its books, but forgets the notices that it has not sent. Its books take the
place of the acceptor's box in the comparison.

A few cases run always; ``KIOSK_CRASHES=all script/test tests/kiosk/test_crash_payment.py`` runs every part at every
step.
"""

from __future__ import annotations

import os
import threading
import uuid

import pytest
from stack.processes import wait_until

from tests.kiosk.crash_sale import AMOUNT, Sale

PARTS = ("browser", "proxy", "odoo", "gateway")
STEPS = ("begun", "asking", "made", "shown", "paid", "booked", "authorized", "written", "confirmed", "receipt")
OFTEN = (("gateway", "made", "here"), ("browser", "paid", "here"), ("odoo", "paid", "elsewhere"))
"""What runs always: the order is made and its maker dies, the customer paid and nobody has told it."""
ALL = [
    (part, step, "elsewhere" if number % 3 == 2 and step not in STEPS[:4] else "here")
    for number, (part, step) in enumerate((part, step) for step in STEPS for part in PARTS)
] + [("gateway", "paid", "elsewhere")]
CASES = ALL if os.environ.get("KIOSK_CRASHES") == "all" else OFTEN
TO_BE_PAID = ("draft", "pending")


class CodeSale(Sale):
    """A sale that is paid on the phone.

    :param gateway: the payment gateway's process
    """

    CALLS = ("attract", "card", "begun", "shown", "paid", "booked", "authorized", "written", "confirmed", "receipt")
    POINTS = {("proxy", "written"): ("after_outcome", "written"), ("proxy", "receipt"): ("print_middle", "receipt")}
    WITHIN = {"asking": "shown", "made": "shown"}
    FAULTS = {"asking": "timeout_before", "made": "timeout_after"}
    KINDS = ("qr",)

    def __init__(self, world, gateway):
        super().__init__(world)
        self.gateway, self.phone = gateway, gateway.client
        self.reference = uuid.uuid4().hex

    # -- the steps ---------------------------------------------------------------------------------------------------

    def shown(self):
        wait_until(
            lambda: self.page.pay(self.order, self.reference)["payment"]["state"] == "waiting", 30, "the code", 0.5
        )

    def paid(self):
        """The customer has paid; nobody has told Odoo."""
        self.phone.fault("notice_late")
        self.scan({"reference": self.reference})

    def booked(self):
        self.phone.do("release")
        answer = wait_until(self._paid_answer, 30, "the notice", interval=0.5)
        self.order = answer["order"]

    def receipt(self):
        self.page.print_receipt(self.order)

    def _paid_answer(self):
        answer = self.page.ask("pay_status", self.reference)
        return answer if answer["payment"]["state"] == "paid" else None

    def scan(self, payment: dict) -> None:
        """Pay what the kiosk shows, unless that is done."""
        found = self._ordered(payment["reference"])
        if found["state"] == "waiting":
            self.phone.do("scan", code=found["code"])
            self.phone.pay(found["reference"])

    def _ordered(self, reference):
        return next(each for each in self.phone.books()["payments"] if each["reference"] == reference)

    # -- what dies ---------------------------------------------------------------------------------------------------

    def process(self, part):
        return self.gateway if part == "gateway" else super().process(part)

    def dies_within(self, name, part, step):
        """The gateway holds the answer to ``create``, before or after it has made the payment."""
        self.phone.fault(self.FAULTS[step], operation="create")
        running = threading.Thread(target=self.quietly, args=(name,), daemon=True)
        running.start()
        wait_until(lambda: not self.phone.books()["faults"], 30, "the order to be at the gateway")
        self.kill(part)
        if part == "browser":
            self.page = None
        self.start_again()
        running.join(60)

    def start_again(self):
        self.gateway.start()
        # What was held ends without an answer.
        self.phone.clear_faults()
        super().start_again()

    # -- afterwards --------------------------------------------------------------------------------------------------

    def resume(self, page):
        for order in page.facts["orders"]:
            if order["paying"]:
                page.pay_by_code(order, self.scan)

    def pay_on(self, page, order):
        page.pay_by_code(order, self.scan)

    def finish_elsewhere(self):
        """Nobody looks at the page any more: the notice tells of the payment, else the job asks."""
        is_told = self.phone.do("release")["released"]

        def known():
            open_payments = self._open_payments()
            if open_payments and not is_told:
                self._let_the_job_ask(open_payments)
            return not open_payments

        wait_until(known, 30, "Odoo to know of the payment", interval=0.5)
        super().finish_elsewhere()

    def _open_payments(self):
        domain = [("reference", "=", self.reference), ("state", "in", TO_BE_PAID)]
        return self.world.admin.call("payment.transaction", "search", domain)

    def _let_the_job_ask(self, payments):
        """Let the time come in which Odoo asks by itself."""
        self.world.admin.call("payment.transaction", "write", payments, {"gateway_next_at": "2020-01-01 00:00:00"})
        self.run_job("ir_cron_payments")

    def check_source(self, tenders):
        """Each payment at the gateway is one tender; a notice that comes late changes nothing; nothing waits there."""
        told = len(self._notices())
        released = self.phone.do("release")["released"]
        wait_until(lambda: len(self._notices()) >= told + released, 30, "the late notice")
        assert {each["detail"] for each in self._notices()} <= {"200"}
        payments = self.phone.books()["payments"]
        assert [each["state"] for each in payments] in ([], ["paid"]), payments
        paid = [(each["reference"], each["paid_amount"]) for each in payments]
        booked = [(each["payment_transaction_id"][1], round(each["amount"] * 100)) for each in self.taken()]
        assert paid == booked
        assert len(self.taken()) == len(tenders)
        assert len(self.world.credits(self.customer)) == len(paid), f"{AMOUNT} paid, but no energy"
        assert len(self.world.printer.take_slips()) <= 1

    def _notices(self):
        return [each for each in self.phone.books()["events"] if each["what"] == "notice" and each["detail"] != "0"]


@pytest.fixture
def sale(world, gateway, phone):
    world.printer.mend()
    world.printer.take_slips()
    made = CodeSale(world, gateway)
    yield made
    made.start_again()


@pytest.mark.parametrize(("part", "step", "where"), CASES)
def test_whatever_dies_a_payment_by_code_counts_once(sale, part, step, where):
    sale.passes(part, step, where)
