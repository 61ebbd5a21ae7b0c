"""A counter whose company uploads to a marketing system in memory."""

from datetime import timedelta

from odoo import fields

from ..models.cis_message_queue import SHARDS
from .cis_stub import StubMarketing
from .common import CounterCase


class OutboxCase(CounterCase):
    """Sales, and the crons that bring them to the other books; :class:`.cis_stub.StubMarketing` answers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._make_user("second", "group_supervisor")
        cls.connection = cls.env["electricity.cis.connection"].create(
            {
                "name": "City",
                "company_id": cls.company.id,
                "url": "https://marketing.example.com/soap",
                "username": "kiosk",
                "secret_name": "unit_test",
            }
        )

    def setUp(self):
        super().setUp()
        self.marketing = StubMarketing()
        # {connection: marketing system}; by default there is one.
        self.systems = {}
        self.patch(type(self.connection), "ask", lambda one, *args: self.systems.get(one, self.marketing).ask(*args))
        self.patch(type(self.connection), "_system", lambda _connection: self.marketing)

    def sold_message(self, amount="100.00"):
        self.assertTrue(self.counter.lookup(self.terminal.id, self.account.name)["ok"])
        order = self.sold(amount)
        return order, order.sudo().cis_message_ids

    def send(self):
        """Let the crons run until nothing is due."""
        for shard in range(SHARDS):
            self.env["electricity.cis.message"]._cron_send(shard)

    def pass_delay(self, messages):
        messages.write({"next_try_at": fields.Datetime.now() - timedelta(seconds=1)})

    def take_back(self, order):
        order.sudo().state = "reversed"
        return self.env["electricity.cis.message"]._queue_reversal(order, "wrong amount")

    def count_again(self, order):
        order.sudo().state = "written"
        self.env["electricity.cis.message"]._queue_payment(order)

    def refused(self, code):
        """Return a sale whose payment was refused."""
        order, message = self.sold_message()
        self.marketing.script = [code]
        self.send()
        return order, message

    def decide(self, message, action, user, note="compared with record M1"):
        """Do what the work list offers in the window; where money is settled, another person has to approve."""
        decision = self.env["electricity.cis.decision"].with_user(user)
        decision = decision.create({"message_id": message.id, "action": action, "note": note})
        decision.action_confirm()
