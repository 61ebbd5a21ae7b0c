"""Card, sale and upload in one: what the meter takes, what is sold here, and what stands in the other books agree."""

import pytest
from stack import postgres
from stack.books import BILLS, cents
from stack.cis import CisProcess
from stack.page import CallError, Counter
from stack.processes import wait_until

PATIENCE = 150.0
"""Seconds; an Odoo that has just started looks for its jobs after a minute at the latest."""


def uploaded(order):
    """Return what stands in the other books of an order: (serial, cents, kind); of bills the amount, else the cost."""
    is_of_bills = order["op"] == BILLS
    amount = order["amount"] if is_of_bills else order["cost"]
    return order["name"], cents(amount), "arrears" if is_of_bills else "energy"


class Marketing:
    """The utility's marketing system beside a point of sale that is connected to it.

    :param cis: a running CisProcess
    """

    def __init__(self, world, cis):
        self.world, self.cis, self.client = world, cis, cis.client
        values = {"name": "Marketing system", "url": cis.url, "username": cis.username, "secret_name": "demo"}
        self.connection = world.admin.call("electricity.cis.connection", "create", [values])[0]

    def knows(self, customer, **members):
        """Let a customer of the point of sale be one there."""
        file = {"account_no": customer.customer_no, "meter_no": customer.meter_no, "card_no": customer.serial}
        self.client.put_customers({**file, "regime": "card", "last_count": 1, **members})

    def counter(self, customer):
        """Return a page on which this customer was looked up this moment, with the answer."""
        counter = self.world.terminal.counter()
        return counter, counter.sale("lookup", counter.terminal_id, customer.customer_no)

    def there(self, customer):
        """Return what stands there of a customer, no serial twice: [(serial, amount, kind)], [serial taken back]."""
        records = self.client.records()
        payments = [each for each in records["payment"] if each["account_no"] == customer.customer_no]
        serials = [each["serial"] for each in payments]
        assert len(set(serials)) == len(serials)
        back = [each["original_serial"] for each in records["reversal"] if each["original_serial"] in serials]
        assert len(set(back)) == len(back)
        return [(each["serial"], each["amount"], each["kind"]) for each in payments], back

    def messages(self, customer):
        """Return the messages of a customer, oldest first."""
        domain = [("electricity_account_id", "=", customer.account_id)]
        names = ["name", "kind", "state", "tried", "recharge_id"]
        return self.world.admin.call("electricity.cis.message", "search_read", domain, names, order="id")

    def calls(self, message):
        """Return the calls of a message that came back, oldest first."""
        domain = [("message_id", "=", message["id"])]
        found = self.world.admin.call("electricity.cis.attempt", "search_read", domain, ["operation"], order="id")
        return [each["operation"] for each in found]

    def wait_for_uploads(self, customer):
        """Wait until nothing of a customer is on its way."""
        wait_until(
            lambda: all(each["state"] in ("done", "withdrawn") for each in self.messages(customer)),
            PATIENCE,
            "the uploads",
        )

    def check_books(self, customer):
        """Assert that the books here, the books there and the meter say the same of a customer, each serial once."""
        self.world.check_books(customer)
        names = ["name", "state", "amount", "cost", "op"]
        domain = [("electricity_account_id", "=", customer.account_id), ("state", "in", ("written", "reversed"))]
        orders = self.world.admin.call("electricity.recharge", "search_read", domain, names, order="id")
        payments, back = self.there(customer)
        assert payments == [uploaded(each) for each in orders]
        assert back == [each["name"] for each in orders if each["state"] == "reversed"]

    def let_leases_end(self):
        """Let the time be over for which a dead sender has its messages, and send what is due."""
        postgres.query(
            "UPDATE electricity_cis_message SET leased_until = now() AT TIME ZONE 'UTC' - interval '1s',"
            " next_try_at = now() AT TIME ZONE 'UTC' - interval '1s' WHERE leased_until IS NOT NULL",
            self.world.database,
        )
        for shard in range(4):
            name = f"ir_cron_cis_send_{shard}"
            cron = self.world.admin.call("ir.model.data", "check_object_reference", "electricity_prepaid", name)[1]
            self.world.admin.call("ir.cron", "method_direct_trigger", [cron])

    def disconnect(self):
        """Leave the point of sale as it was without a marketing system."""
        for table in ("attempt", "message", "connection"):
            postgres.query(f"DELETE FROM electricity_cis_{table}", self.world.database)
        self.world.restart_odoo()
        self.cis.stop()


@pytest.fixture(scope="module")
def marketing(world, tmp_path_factory):
    cis = world.stack.start(CisProcess(tmp_path_factory.mktemp("marketing") / "cis"))
    world.odoo.environment |= cis.environment_of_odoo
    world.restart_odoo()
    found = Marketing(world, cis)
    yield found
    found.disconnect()


@pytest.fixture(autouse=True)
def without_faults(marketing):
    yield
    marketing.client.clear_faults()


def pay_arrears(marketing, customer):
    """Pay all bills in cash; return the order."""
    counter, answer = marketing.counter(customer)
    shown = answer["arrears"]["bills"]
    bills = [{"receivable_id": bill["receivable_id"], "amount": bill["due"]} for bill in shown]
    order = counter.sale("begin_arrears", counter.uuid, counter.terminal_id, customer.customer_no, bills)["order"]
    counter.pay_cash(order["due"])
    return counter.status()


def test_arrears_are_paid_before_energy_is_sold_and_both_reach_the_other_books(world, marketing, customer):
    bill = {"receivable_id": f"B-{customer.customer_no}", "month": "2026-01", "amount": 12000, "late_fee": 150}
    marketing.knows(customer, bills=[bill], advance_with_arrears=False)
    counter, answer = marketing.counter(customer)
    assert answer["arrears"]["total"] == "121.50"
    with pytest.raises(CallError) as refused:
        counter.begin("10.00")
    assert refused.value.code == "M-104"
    assert pay_arrears(marketing, customer)["state"] == "written"
    marketing.wait_for_uploads(customer)
    counter, answer = marketing.counter(customer)
    assert answer["arrears"]["total"] == "0.00"
    assert counter.sell("10.00")["state"] == "written"
    marketing.wait_for_uploads(customer)
    assert world.carry(customer).accepted
    payments, _back = marketing.there(customer)
    assert [(amount, kind) for _serial, amount, kind in payments] == [(12150, "arrears"), (1000, "energy")]
    marketing.check_books(customer)


def test_odoo_killed_between_card_and_upload_and_again_while_it_uploads_books_once(world, marketing, customer):
    marketing.knows(customer)
    counter, _answer = marketing.counter(customer)
    counter.patience = PATIENCE
    counter.pay_cash(counter.begin("10.00")["due"])
    receipt = counter.write(counter.authorize())
    marketing.client.fault("timeout_after", operation="SubmitPayment", account=customer.customer_no)
    world.restart_odoo()
    counter.deliver(receipt)
    assert counter.status()["state"] == "written"
    # Now it stands there, and the answer is held back: nobody here knows it when Odoo dies.
    wait_until(lambda: marketing.there(customer)[0], PATIENCE, "the booking there")
    world.odoo.kill()
    marketing.client.clear_faults()
    world.odoo.start()
    (message,) = marketing.messages(customer)
    assert (message["state"], message["tried"]) == ("queued", True)
    counter.deliver(receipt)
    marketing.let_leases_end()
    marketing.wait_for_uploads(customer)
    assert marketing.calls(message) == ["query_payment"], "it is asked about, not sent again"
    assert world.carry(customer).accepted
    assert world.carry(customer).credited == 0, "the meter takes it once"
    assert len(world.credits(customer)) == len(marketing.there(customer)[0]) == 1
    marketing.check_books(customer)


def test_a_sale_that_is_set_back_on_the_card_is_taken_back_in_the_other_books(world, marketing, customer):
    marketing.knows(customer)
    counter, _answer = marketing.counter(customer)
    assert counter.sell("10.00")["state"] == "written"
    marketing.wait_for_uploads(customer)
    supervisor = Counter(world.supervisor, world.terminal.id, PATIENCE, uuid=counter.uuid)
    supervisor.deliver(supervisor.write(supervisor.sale("reverse", supervisor.uuid, supervisor.snapshot())))
    assert supervisor.status()["state"] == "reversed"
    marketing.wait_for_uploads(customer)
    payments, back = marketing.there(customer)
    assert back == [payments[0][0]]
    counter.cancel(refund=True)
    world.carry(customer)
    assert world.credits(customer) == []
    marketing.check_books(customer)
