"""Taking a payment of arrears back (冲正): two persons decide, and the marketing system's word frees the money."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import arrears, cis_delivery, codes, money, transitions
from ..core.cis_types import Unreachable
from ..core.errors import Refusal
from .answers import QUIET, answering, find_by, find_one, sentence, spoken
from .recharge_repair import SUPERVISOR_GROUP

PROPOSED, APPROVED, REFUSED = "proposed", "approved", "refused"
TOLD = {PROPOSED: codes.M_BACK_PROPOSED, APPROVED: codes.M_BACK_ON_ITS_WAY, REFUSED: codes.M_BACK_REFUSED}
ACTIVITY = "electricity_prepaid.mail_activity_second_person"
CRON = "electricity_prepaid.ir_cron_taking_back"
LONGEST_REASON = 200


class ElectricityRecharge(models.Model):
    """Until the marketing system has taken it back, the payment stands: its bills are paid, and no money is free."""

    _inherit = "electricity.recharge"

    taking_back = fields.Selection(
        [
            (PROPOSED, "Waits for a Second Person"),
            (APPROVED, "Waits for the Marketing System"),
            (REFUSED, "Stands in the Marketing System"),
        ],
        readonly=True,
    )
    taking_back_text = fields.Char("What It Waits For", compute="_compute_taking_back_text")
    taking_back_reason = fields.Text("Why It Is Taken Back", readonly=True, prefetch=False)

    _taking_back_index = models.Index("(electricity_account_id, taking_back) WHERE taking_back IS NOT NULL")

    @api.depends("taking_back", "proposed_by_id")
    @api.depends_context("lang")
    def _compute_taking_back_text(self):
        for order in self:
            order.taking_back_text = order._taking_back_sentence() or False

    def _taking_back_sentence(self, tell=sentence):
        """Return what is said of the taking back, or None.

        :param tell: :func:`~.answers.sentence` for what is kept, :func:`~.answers.spoken` for an answer
        """
        code = TOLD.get(self.taking_back)
        return code and tell(self.env, code, user=self.sudo().proposed_by_id.name or "", serial=self.name)

    @api.model
    @answering
    def reverse_arrears(self, uuid, reason):
        """Take a payment of arrears back: one supervisor proposes it, the call of another one approves it.

        While the payment may stand in the marketing system, this takes its answer and the payment's own day. The money
        becomes the customer's balance, from where ``cancel`` hands it out, once the marketing system has taken the
        payment back.

        :param uuid: of the order
        :param reason: for the records of both sides
        """
        order = self._by_uuid(uuid)
        user = self.env.user
        if order.op != "arrears":
            order._refuse(codes.S_NOT_IN_STATE)
        if not user.has_group(SUPERVISOR_GROUP):
            order._refuse(codes.S_NOT_PERMITTED)
        if order.state == "reversed" or order._waits_for_others(user):
            return {"order": order._status()}
        order._check_may_be_taken_back()
        order._check_marketing_answers()
        order.electricity_account_id.take()
        if order.taking_back == PROPOSED:
            order._approve_taking_back(user)
        else:
            order._propose_taking_back(user, str(reason or "")[:LONGEST_REASON])
        return {"order": order._status()}

    def _waits_for_others(self, user):
        """Tell whether there is nothing that this user could add: a repeated call answers the same."""
        return self.taking_back == APPROVED or (self.taking_back == PROPOSED and self.proposed_by_id == user)

    def _check_may_be_taken_back(self):
        """Check that this payment stands, and that the marketing system would still take it back.

        :raises Refusal: S-112, M-116 on a later day, M-311 it was not taken back there
        """
        if self.taking_back == REFUSED:
            self._refuse(codes.M_BACK_REFUSED)
        if self.state != "written":
            self._refuse(codes.S_NOT_IN_STATE)
        if self._is_of_earlier_day():
            self._refuse(codes.M_LATER_DAY)

    def _payment_message(self):
        return find_by(self.env["electricity.cis.message"].sudo(), recharge_id=self.id, kind="payment")

    def _may_stand_there(self):
        """Tell whether the marketing system has, or may have, this order's payment in its books."""
        payment = self._payment_message()
        return bool(payment) and cis_delivery.may_stand_there(payment._standing())

    def _is_of_earlier_day(self):
        """Tell whether the payment stands, or may stand, in the marketing system on another day than today.

        What was refused there for certain, or never left us, may be taken back on any day.
        """
        return self._may_stand_there() and self._payment_message().accounting_date != self._company_today()

    def _check_marketing_answers(self):
        """Ask the marketing system something harmless before anything is decided; not when nothing stands there.

        :raises Refusal: M-306
        """
        connection = self._connection(self.company_id)
        if not connection or not self._may_stand_there():
            return
        try:
            connection.ask("query_arrears", self.account_no)
        except Unreachable:
            self._refuse(codes.M_ARREARS_UNREACHABLE)

    # ----------------------------------------------------------------------------------------------------- two persons

    def _propose_taking_back(self, user, reason):
        self.write(
            {
                "taking_back": PROPOSED,
                "taking_back_reason": reason,
                "proposed_by_id": user.id,
                "proposed_at": fields.Datetime.now(),
                "approved_by_id": False,
            }
        )
        self.message_post(
            body=self.env._("%(user)s proposes to take this payment back. %(reason)s", user=user.name, reason=reason)
        )
        second = self._another_supervisor(user)
        if second:
            told = self.with_context(lang=second.lang)
            told.activity_schedule(
                ACTIVITY,
                date_deadline=self._company_today(),
                user_id=second.id,
                summary=told.env._("Approve that %(serial)s is taken back", serial=self.name),
            )

    def _another_supervisor(self, user):
        supervisors = self.env.ref(SUPERVISOR_GROUP).all_user_ids - user
        return supervisors.filtered(lambda other: other.active and self.company_id in other.company_ids)[:1]

    def _approve_taking_back(self, user):
        """Let the second person approve, and tell the marketing system. The caller holds the account."""
        self.write({"taking_back": APPROVED, "approved_by_id": user.id})
        self.activity_unlink([ACTIVITY])
        self.message_post(body=self.env._("%(user)s approves that this payment is taken back.", user=user.name))
        self.env["electricity.cis.message"]._queue_reversal(self, self.taking_back_reason or "")
        self._finish_taking_back()

    def action_take_back(self):
        """Propose that this payment is taken back, or approve it as the second person."""
        self.ensure_one()
        self._or_tell(self.reverse_arrears(self.uuid, self.env._("Taken back in the back office")))
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_withdraw_taking_back(self):
        """Take back one's own proposal before somebody approves it.

        :raises UserError: it is somebody else's, or approved
        """
        self.ensure_one()
        self._require_supervisor()
        order = self.sudo()
        try:
            order.electricity_account_id.take()
        except Refusal as refusal:
            raise UserError(sentence(self.env, refusal.code)) from refusal
        if order.taking_back != PROPOSED or order.proposed_by_id != self.env.user:
            raise UserError(
                self.env._("Only the person who proposed it can withdraw this, before somebody else approves it.")
            )
        order.write({"taking_back": False, "proposed_by_id": False, "proposed_at": False})
        order.activity_unlink([ACTIVITY])
        order.message_post(
            body=self.env._("%(user)s withdraws the proposal: the payment stands.", user=self.env.user.name)
        )

    # --------------------------------------------------------------------------------------------- the money comes free

    @api.model
    def _cron_taking_back(self):
        """Let go on what waited for the marketing system's word."""
        orders = self.sudo().with_context(**QUIET).search([("taking_back", "=", APPROVED)], order="id")
        for order in orders:
            if order._end_of_taking_back() == arrears.WAITS:
                continue
            try:
                order.electricity_account_id.take()
            except Refusal:
                # Somebody is deciding on the account this moment; the next run looks again.
                continue
            if order.taking_back == APPROVED:
                order._finish_taking_back()
            if not self.env["ir.cron"]._commit_progress(1):
                break

    def _wake_taking_back(self):
        """Let the orders go on whose message has ended, once this transaction is committed."""
        if APPROVED in self.mapped("taking_back"):
            self.env.ref(CRON).sudo()._trigger()

    def _end_of_taking_back(self):
        """Return of :mod:`..core.arrears` what the messages say; of a payment without one two persons are enough.

        An archived connection frees nothing: its messages wait, and what waits may stand there already.
        """
        payment = self._payment_message()
        if not payment:
            return arrears.FREE
        return arrears.end_of_taking_back(payment.state, payment.reversal_ids.state)

    def _finish_taking_back(self):
        """End it if the messages allow. The caller holds the account."""
        end = self._end_of_taking_back()
        if end == arrears.STANDS:
            self.write({"taking_back": REFUSED})
            self.message_post(body=self._taking_back_sentence())
        if end != arrears.FREE:
            return
        account = self.electricity_account_id
        state = transitions.derive(self.state, self._attempt_states(), "reverse")
        self.arrear_ids.mark_unpaid()
        account.book("reversal", money.to_cents(self.amount), recharge=self, **account.arrears_sums())
        self.write({"state": state, "taking_back": False})
        self.message_post(body=self.env._("Taken back: the bills are open again, the money is the customer's balance."))

    # ----------------------------------------------------------------------------------------------- what people see

    def _may_ask_to_reverse(self):
        """Tell whether the page offers the reversal to this user."""
        if self.op != "arrears":
            return super()._may_ask_to_reverse()
        user = self.env.user
        return (
            self.state == "written"
            and user.has_group(SUPERVISOR_GROUP)
            and self.taking_back != REFUSED
            and not self._waits_for_others(user)
            and not self._is_of_earlier_day()
        )

    def _form_actions(self):
        allowed = super()._form_actions()
        if self.op != "arrears" or self.state != "written":
            return allowed
        if self._may_ask_to_reverse():
            allowed = [*allowed, "approve_back" if self.taking_back == PROPOSED else "take_back"]
        if self.taking_back == PROPOSED and self.proposed_by_id == self.env.user:
            allowed = [*allowed, "withdraw_back"]
        return allowed

    def _message(self):
        return self._taking_back_sentence(spoken) or super()._message()

    def _status(self, resolution=None):
        status = super()._status(resolution)
        status["taking_back"] = self.taking_back or None
        if self.taking_back:
            status["code"] = TOLD[self.taking_back]
        return status

    @api.model
    def _marketing_warnings(self, account, connection, state):
        """Add that a payment of this customer is being taken back: who asks for the money hears what it waits for."""
        warnings = super()._marketing_warnings(account, connection, state)
        waiting = account and find_one(
            self.sudo(), [("electricity_account_id", "=", account.id), ("taking_back", "in", (PROPOSED, APPROVED))]
        )
        if waiting:
            warnings.append({"code": TOLD[waiting.taking_back], "message": waiting._taking_back_sentence(spoken)})
        return warnings
