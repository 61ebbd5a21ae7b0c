"""What the marketing system is told of an order."""

from odoo import api, fields, models

from ..core import cis_delivery, cis_results, codes, money
from ..core.cis_types import ARREARS, ENERGY, Allocation, Payment
from .answers import find_by
from .card_drivers import CENTS

_METHODS = {"terminal_cash": "cash", "box_count": "cash"}
"""Kind of tender -> method of the marketing system, where they differ."""
UPLOAD_STATES = [
    ("none", "Not Needed"),
    ("queued", "On Its Way"),
    ("done", "Uploaded"),
    ("refused", "Needs Work"),
    ("settled", "Settled by Hand"),
]
_SETTLED = [
    ("state", "=", cis_delivery.S_WITHDRAWN),
    ("proposed_action", "=", cis_results.SETTLE_VOID),
    ("approved_by_id", "!=", False),
]
"""Messages of which two persons said that they never will stand there."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    cis_message_ids = fields.One2many("electricity.cis.message", "recharge_id", "Uploads", readonly=True)
    # Not stored: the sender would update the order's row beside the sale, and one of them would have to begin again.
    upload_state = fields.Selection(
        UPLOAD_STATES, "Upload", compute="_compute_upload_state", search="_search_upload_state"
    )

    @api.depends("cis_message_ids.state", "cis_message_ids.proposed_action", "cis_message_ids.approved_by_id")
    def _compute_upload_state(self):
        for order in self:
            messages = order.sudo().cis_message_ids
            states = set(messages.mapped("state")) - {cis_delivery.S_WITHDRAWN}
            if states & set(cis_delivery.WORK):
                order.upload_state = "refused"
            elif states & set(cis_delivery.LIVE):
                order.upload_state = "queued"
            elif states:
                order.upload_state = "done"
            else:
                order.upload_state = "settled" if messages.filtered_domain(_SETTLED) else "none"

    @api.model
    def _search_upload_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        work = [("cis_message_ids.state", "in", cis_delivery.WORK)]
        live = [("cis_message_ids.state", "in", cis_delivery.LIVE)]
        done = [("cis_message_ids.state", "=", cis_delivery.S_DONE)]
        settled = [("cis_message_ids", "any", _SETTLED)]
        domain = fields.Domain
        meaning = {
            "refused": domain(work),
            "queued": domain(live) & ~domain(work),
            "done": domain(done) & ~domain(work) & ~domain(live),
            "settled": domain(settled) & ~(domain(work) | domain(live) | domain(done)),
            "none": ~(domain(work) | domain(live) | domain(done) | domain(settled)),
        }
        return domain.OR([meaning[each] for each in value if each in meaning])

    def _upload_cents(self):
        """Return what this order took from the customer's money for good, in cents: energy and arrears."""
        return money.to_cents(self.cost) + sum(part.amount for part in self._allocations())

    def _allocations(self):
        """Return the receivables that this order pays.

        :return: tuple of :class:`..core.cis_types.Allocation`
        """
        return tuple(Allocation(part["receivable_id"], part["amount"]) for part in self.allocations or ())

    def _payment_to_upload(self, connection):
        """Return this order's payment as the marketing system takes it, or None when no money is in it.

        :param connection: of its company
        :return: :class:`..core.cis_types.Payment`
        """
        self.ensure_one()
        amount = self._upload_cents()
        if amount <= 0:
            return None
        energy = self.op != ARREARS
        day = self._company_today()
        return Payment(
            serial=self.name,
            account_no=self.account_no,
            accounting_date=day,
            kind=ENERGY if energy else ARREARS,
            method=self._upload_method(amount),
            channel=self._upload_channel(),
            operator=self.terminal_id.code or f"user-{self.user_id.id}",
            amount=amount,
            batch=connection.batch_of(self.company_id, day),
            allocations=self._allocations(),
            energy=money.to_centi_kwh(self.energy) if energy and self.unit != CENTS else None,
            count=self.count or None if energy else None,
        )

    def _upload_channel(self):
        """Return where it was sold, in a word of the marketing system."""
        return "counter"

    def _upload_method(self, amount):
        """Return how an amount was paid: by one kind of tender, out of the balance, or both.

        :param amount: cents
        """
        taken = self.tender_ids.filtered(lambda tender: tender.direction == "in")
        methods = {_METHODS.get(tender.kind, tender.kind) for tender in taken}
        if sum(money.to_cents(tender.amount) for tender in taken) < amount:
            methods.add("balance")
        return methods.pop() if len(methods) == 1 else "mixed"

    def _check_upload_reversible(self):
        """Check that the marketing system would let this order's payment be taken back now.

        :raises Refusal: M-116 it stands, or may stand, there on an earlier day, M-101 it cannot be reached
        """
        payment = find_by(self.env["electricity.cis.message"].sudo(), recharge_id=self.id, kind="payment")
        if not payment or not cis_delivery.may_stand_there(payment._standing()):
            return
        if payment.accounting_date != self._company_today():
            self._refuse(codes.M_LATER_DAY)
        connection = self.env["electricity.cis.connection"]._for_company(self.company_id)
        if connection and connection.is_paused():
            self._refuse(codes.M_UNREACHABLE)

    def action_open_cis_messages(self):
        """Open what the marketing system was told of this order."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Marketing System"),
            "res_model": "electricity.cis.message",
            "view_mode": "list,form",
            "domain": [("recharge_id", "=", self.id)],
        }
