"""Payouts that go back through the payment service by which the money came: what is asked for, and what it says.

The refund's own reference is committed before the gateway hears of it, and the balance holds the money until its end is
known. Steps are those of :mod:`~odoo.addons.electricity_prepaid.core.gateway_refunds`.
"""

import uuid

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import codes, gateway, gateway_refunds, money
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import sentence
from odoo.addons.electricity_prepaid.models.parameters import request_digest
from odoo.addons.electricity_prepaid.models.payout import ACTIVITY, APPROVERS, PROPOSED
from odoo.exceptions import UserError

BACK = "gateway"
SENT = gateway_refunds.SENT
CRON = "kiosk_hw.ir_cron_refunds"


class ElectricityPayout(models.Model):
    _inherit = "electricity.payout"
    _open_states = (PROPOSED, *gateway_refunds.OPEN)

    way = fields.Selection(
        selection_add=[(BACK, "Back Through the Payment Service")],
        ondelete={BACK: lambda payouts: payouts._refuse_to_forget()},
    )
    state = fields.Selection(
        selection_add=[("approved",), (SENT, "With the Payment Service"), ("paid",)],
        ondelete={SENT: lambda payouts: payouts._refuse_to_forget()},
    )
    source_tender_id = fields.Many2one(
        "electricity.tender",
        "Payment",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The payment by which this money came, and to which it goes back.",
    )
    reference = fields.Char(
        readonly=True, copy=False, help="By which the payment service knows this refund: the same at each question."
    )
    gateway_number = fields.Char("Number There", readonly=True, copy=False)
    gateway_questions = fields.Integer("Asked To Pay Back", readonly=True, copy=False, aggregator=None)
    gateway_sent_at = fields.Datetime("Asked First", readonly=True, copy=False)
    gateway_valid_until = fields.Datetime("Latest Question Is Good Until", readonly=True, copy=False)
    gateway_asked_at = fields.Datetime("Asked Last", readonly=True, copy=False)
    gateway_next_at = fields.Datetime("Ask Again", readonly=True, copy=False, index="btree_not_null")
    gateway_refused_at = fields.Datetime("Refused There", readonly=True, copy=False)
    gateway_unheard_at = fields.Datetime(
        "Not Known There on",
        readonly=True,
        copy=False,
        help="When that question was asked to which the payment service said last that it never heard of this refund.",
    )
    gateway_told = fields.Selection(
        [
            (gateway.REFUND_PENDING, "On Its Way"),
            (gateway.REFUNDED, "Paid Back"),
            (gateway.REFUSED, "Refused"),
            (gateway.UNKNOWN, "Never Heard of It"),
        ],
        "Said Last",
        readonly=True,
        copy=False,
    )
    gateway_error = fields.Char("Why It Was Not Done", readonly=True, copy=False)
    gateway_trouble = fields.Char("Latest Trouble", readonly=True, copy=False)
    gateway_code = fields.Char(readonly=True, copy=False)
    gateway_text = fields.Char("What Is Known", compute="_compute_gateway_text")

    _reference_once = models.UniqueIndex("(reference) WHERE reference IS NOT NULL", "This refund exists already.")
    _gateway_payment = models.Constraint(
        "CHECK (way <> 'gateway' OR source_tender_id IS NOT NULL)", "Say to which payment the money goes back."
    )

    def _refuse_to_forget(self):
        """Keep the addon from being uninstalled while there are payouts of its way."""
        raise UserError(self.env._("Money went back through a payment service: this addon stays installed."))

    @api.depends("state", "gateway_code", "gateway_error")
    @api.depends_context("lang")
    def _compute_gateway_text(self):
        for payout in self:
            code = payout.gateway_code or (codes.A_REFUND_NO_WORD if payout.state == SENT else None)
            told = code and sentence(self.env, code, **payout._gateway_params())
            payout.gateway_text = told and f"{told} ({code})"

    def _gateway_params(self):
        """Return what the sentences about this refund name."""
        paid = self.tender_ids[:1].amount
        return {
            "word": self.gateway_error or "–",
            "asked": self.currency_id.format(self.amount),
            "paid": self.currency_id.format(paid) if paid else self.gateway_trouble or "–",
        }

    # ------------------------------------------------------------------------------------------- before it is sent

    def _check_way(self):
        """Check that this amount can go back to its payment.

        :raises Refusal: A-312, A-313
        """
        if self.way != BACK:
            return super()._check_way()
        tender = self.source_tender_id
        if tender.electricity_account_id != self.electricity_account_id or not tender.can_go_back():
            raise Refusal(codes.A_REFUND_NOT_OFFERED)
        left = tender.left_to_go_back(without=self)
        if self._cents() > left:
            raise Refusal(codes.A_REFUND_TOO_MUCH, amount=self._amount_text(), left=money.format_cents(max(0, left)))
        return None

    def _after_approval(self):
        if self.way != BACK:
            return super()._after_approval()
        # The cron asks, after this transaction: nothing remote happens in one that may be rolled back or run again.
        self.write({"reference": uuid.uuid4().hex, "gateway_next_at": fields.Datetime.now()})
        self.env.ref(CRON).sudo()._trigger()
        return None

    @api.depends("gateway_unheard_at", "gateway_valid_until")
    def _compute_may_withdraw(self):
        return super()._compute_may_withdraw()

    def _withdrawers(self):
        if self.state != SENT:
            return super()._withdrawers()
        is_over = gateway_refunds.may_be_taken_back(self.state, self.gateway_unheard_at, self.gateway_valid_until)
        return APPROVERS if is_over else ()

    def _end(self, state):
        ended = super()._end(state)
        if state == gateway_refunds.WITHDRAWN:
            # One that was asked for is looked at once more, as one that was refused.
            self.gateway_next_at = self.gateway_sent_at and self._next_at()
        return ended

    # ------------------------------------------------------------------------------------------ what the gateway says

    @api.private
    def hear(self, told, evidence=None, asked_at=None):
        """Act upon what the gateway says of this refund, whoever brings it and however often.

        :param told: :class:`~odoo.addons.electricity_prepaid.core.gateway.RefundTold`
        :param evidence: the signed message that says so
        :param asked_at: when the question left us that this answers
        :raises Refusal: S-101 when somebody works on the account
        """
        self.ensure_one()
        self.electricity_account_id.take()
        now, told_before = fields.Datetime.now(), self.gateway_told
        self.write({"gateway_told": told.state, "gateway_trouble": False})
        self.gateway_unheard_at = asked_at if told.state == gateway.UNKNOWN else False
        if told.number and told.number != self.gateway_number:
            self.gateway_number = told.number
        if told.state == gateway.REFUSED and told.reason:
            self.gateway_error = told.reason
        if told.state == gateway.REFUNDED and told.currency != self.currency_id.name:
            self._hear_foreign(told)
            return
        hopeless = gateway_refunds.is_hopeless(self.gateway_error, now, self.gateway_valid_until)
        step = gateway_refunds.after(self.state, told.state, hopeless, told_before)
        self._take_step(step, told, evidence)

    def _take_step(self, step, told=None, evidence=None):
        """Write a step down, and what it does to the money. The caller holds the account."""
        cents = self._cents()
        if step.book:
            self._book_back(told.amount, -cents if step.release else 0, evidence)
        elif step.release:
            self.electricity_account_id.hold(-cents)
        if step.state != self.state:
            self._end(step.state)
        if step.state == gateway_refunds.REFUSED and not self.gateway_refused_at:
            self.gateway_refused_at = fields.Datetime.now()
        code = step.code
        if step.book and told.amount != cents:
            code = code or codes.A_REFUND_DIFFERS
        if code:
            self._report(code)
        self.gateway_next_at = self._next_at()

    def _book_back(self, cents, held, evidence):
        """Make the one tender of this refund; its order of the point of sale follows as for any other.

        :param cents: what was really paid back
        :param held: change of the reserved part of the balance, in cents
        :param evidence: the signed message
        """
        source = self.source_tender_id
        self.env["electricity.tender"].give_back(
            self.electricity_account_id,
            cents,
            held=held,
            # A name that nobody else knows, as a payment's tender has: `payout_id` keeps it single.
            uuid=str(uuid.uuid4()),
            kind=source.kind,
            request_digest=request_digest("refund", self.reference),
            terminal_id=source.terminal_id.id,
            evidence=evidence,
            payout_id=self.id,
        )
        self.gateway_code = False

    def _hear_foreign(self, told):
        """Keep asking about a refund in another currency: it cannot be booked, and people look into it."""
        said = f"{told.amount} {told.currency}"
        is_new = self.gateway_code != codes.A_REFUND_DIFFERS
        self.write({"gateway_trouble": said, "gateway_next_at": fields.Datetime.now() + gateway_refunds.AFTERCARE})
        if is_new:
            self._report(codes.A_REFUND_DIFFERS)

    def _next_at(self, is_answered=True):
        now = fields.Datetime.now()
        ended_at = self.gateway_refused_at or self.ended_at or now
        is_known = is_answered and self.gateway_told != gateway.REFUND_PENDING
        return gateway_refunds.next_at(self.state, now, self.gateway_sent_at, ended_at, is_known) or False

    def _report(self, code):
        """Tell who approved this refund what has to be looked into."""
        self.gateway_code = code
        user = self.approved_by_id
        told = self.with_context(lang=user.lang)
        self.message_post(body=sentence(told.env, code, **told._gateway_params()))
        summary = told.env._("Look into payout %(number)s (%(code)s)", number=self.name, code=code)
        told.activity_schedule(ACTIVITY, user_id=user.id, summary=summary)
