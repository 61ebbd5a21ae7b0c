"""The work list: what people hear of a message, and what they do with it."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import cis_days, cis_delivery, cis_results, codes
from ..core.errors import Refusal
from .answers import as_user_error, lock_at_once, sentence

ACTIVITY = "electricity_prepaid.mail_activity_cis_message"
SUPERVISOR = "electricity_prepaid.group_supervisor"
NOT_COUNTED = ("reversed", "cancelled")
"""States of an order of which nothing is owed to the marketing system; two persons may have approved that it becomes
one of them."""


class ElectricityCisMessage(models.Model):
    _inherit = "electricity.cis.message"

    # ------------------------------------------------------------------------------------------- what happens by itself

    def _leave_queue(self, step):
        """Take a message out of its queue without a call.

        :param step: ``withdraw`` or ``wait``
        """
        self.ensure_one()
        if step == cis_delivery.WAIT:
            self._to_people(cis_delivery.S_WAITING, codes.M_ORIGINAL_OPEN)
            return
        both = (self.payment_id or self) | self.payment_id.reversal_ids | self.reversal_ids
        both = both.filtered(lambda message: message.state != cis_delivery.S_WITHDRAWN)
        both.write({"state": cis_delivery.S_WITHDRAWN, "done_at": fields.Datetime.now(), "code": False})
        self._tell_apart()

    def _to_people(self, state, code):
        """Put a message on the work list.

        :param state: of ``core.cis_delivery.WORK``
        :param code: what people read
        """
        self.ensure_one()
        self._take_over()
        self.write({"state": state, "code": code, "failures": 0})
        self._tell_apart()
        self._release_follower()

    def _counts(self):
        """Tell whether the sale of this message counts: neither cancelled, nor taken back, nor about to be."""
        order = self.recharge_id
        return order.state not in NOT_COUNTED and order.taking_back != "approved"

    def _not_sendable(self, outcome):
        """Put a message on the work list whose stored content cannot be read.

        :param outcome: :class:`..core.cis_delivery.After`
        """
        self.write({"uncertain": outcome.standing.uncertain, "result": False, "lease": False, "leased_until": False})
        self._to_people(outcome.standing.state, outcome.code)

    def _settled(self):
        """Let go on what waited for this message."""
        self._help_is_over()
        self._release_follower()
        self.recharge_id._wake_taking_back()

    def _call_for_help(self):
        """Tell the order's history what is wrong, and call a supervisor."""
        order = self.recharge_id
        text = sentence(self.env, self.code, result=self.result or "") if self.code else ""
        order.message_post(
            body=self.env._(
                "Marketing system, %(kind)s %(serial)s: %(text)s (%(code)s)",
                kind=self._kind_in_words(),
                serial=self.name,
                text=text,
                code=self.code or "",
            )
        )
        if not self.activity_ids and self.state != cis_delivery.S_WAITING:
            user = order._supervisor()
            told = self.with_context(lang=user.lang)
            told.activity_schedule(
                ACTIVITY,
                date_deadline=order._company_today(),
                user_id=user.id,
                summary=told.env._("Settle %(serial)s with the marketing system", serial=self.name),
            )

    def _help_is_over(self):
        if self.activity_ids:
            self.activity_unlink([ACTIVITY])

    def _kind_in_words(self):
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    # ------------------------------------------------------------------------------------------------- what people do

    def action_send_again(self):
        """Send it again, unchanged."""
        return self._act_alone(cis_results.SEND_AGAIN)

    def action_ask_again(self):
        """Ask the marketing system what it has."""
        return self._act_alone(cis_results.ASK_AGAIN)

    def action_decide(self):
        """Open the window in which a person says what was done there; the action is in the context."""
        self.ensure_one()
        self._require_supervisor()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Settle With the Marketing System"),
            "res_model": "electricity.cis.decision",
            "view_mode": "form",
            "target": "new",
            "context": {"default_message_id": self.id, "default_action": self.env.context.get("decision")},
        }

    def action_approve(self):
        """Approve what another supervisor proposed."""
        self.ensure_one()
        self._require_supervisor()
        return self._or_tell(lambda: self.sudo()._approve(self.env.user))

    def action_withdraw_proposal(self):
        """Take back one's own proposal."""
        self.ensure_one()
        self._require_supervisor()
        return self._or_tell(lambda: self.sudo()._withdraw_proposal(self.env.user))

    def _act_alone(self, action):
        self.ensure_one()
        self._require_supervisor()
        return self._or_tell(lambda: self.sudo()._act(action, self.env.user))

    def _or_tell(self, call):
        """Do something and show a refusal to the person.

        :raises UserError: the sentence of the code, and the code
        """
        try:
            call()
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _require_supervisor(self):
        """Raise unless the caller is a supervisor of the message's company."""
        self.check_access("read")
        if not self.env.user.has_group(SUPERVISOR):
            self.check_access("write")

    def _take(self, action):
        """Lock this message for a decision of people.

        :param action: that must be among those that the rules offer
        :raises Refusal: S-101 a worker has it, M-130 the rules do not offer it any more
        """
        self.flush_recordset()
        lock_at_once(
            self.env,
            SQL(
                "UPDATE electricity_cis_message SET lease = NULL WHERE id IN (SELECT id FROM electricity_cis_message"
                " WHERE id = %s AND (leased_until IS NULL OR leased_until < %s) FOR NO KEY UPDATE SKIP LOCKED)"
                " RETURNING id",
                self.id,
                fields.Datetime.now(),
            ),
        )
        self.invalidate_recordset()
        self._take_over()
        if action not in cis_delivery.actions(self._standing(), self.result or ""):
            raise Refusal(codes.M_NOT_NOW)

    def _take_over(self):
        """End what a worker has, which nobody waits for any more: it may have left us, and its outcome is dropped."""
        if not self.leased_until:
            return
        left = cis_delivery.abandoned(self._standing())
        state = left.state if self.state in cis_delivery.LIVE else self.state
        self.write({"lease": False, "leased_until": False, "state": state, "uncertain": left.uncertain})

    def _act(self, action, user, note=""):
        """Carry out an action for which one person is enough.

        :param action: of ``core.cis_results.ACTIONS``
        :param user: who does it
        :param note: what was done
        :raises Refusal: S-101, S-121, M-130
        """
        self.ensure_one()
        if action in cis_results.TWO_PERSONS:
            raise Refusal(codes.S_SECOND_PERSON)
        self._take(action)
        self._move(action, user, note)

    def _propose(self, action, user, note, there_name=False, there_day=False):
        """Record what one person found; another has to approve it.

        :param there_name: serial under which it stands there, when that is another one
        :param there_day: accounting day on which it stands there, when that is another one
        :raises Refusal: S-101, M-130
        """
        self.ensure_one()
        self._take(action)
        self.write(
            {
                "proposed_action": action,
                "proposed_by_id": user.id,
                "proposed_at": fields.Datetime.now(),
                "approved_by_id": False,
                "note": note,
                "proposed_there_name": there_name,
                "proposed_there_day": there_day,
            }
        )
        said = " ".join(str(each) for each in (note, there_name, there_day) if each)
        self._note(self.env._("%(user)s proposes: %(action)s. %(note)s"), action, user, said)

    def _approve(self, user):
        """Let a second person approve, and carry it out.

        :raises Refusal: S-101, S-121 it is the first one, M-130
        """
        self.ensure_one()
        if not self.proposed_by_id or self.approved_by_id:
            raise Refusal(codes.M_NOT_NOW)
        if self.proposed_by_id == user:
            raise Refusal(codes.S_SECOND_PERSON)
        self._take(self.proposed_action)
        self.write({"approved_by_id": user.id, **self._approved_place()})
        self._move(self.proposed_action, user, self.note)

    def _withdraw_proposal(self, user):
        """Take back a proposal.

        :raises Refusal: S-116 it is somebody else's
        """
        if self.proposed_by_id != user or self.approved_by_id:
            raise Refusal(codes.S_NOT_PERMITTED)
        self._note(self.env._("%(user)s takes back the proposal: %(action)s."), self.proposed_action, user, "")
        self.write({"proposed_action": False, "proposed_by_id": False, "proposed_at": False})

    def _move(self, action, user, note):
        standing = cis_delivery.after_action(self._standing(), action)
        now = fields.Datetime.now()
        values = {
            "state": standing.state,
            "failures": 0,
            "leased_until": False,
            "next_try_at": now,
            "proposed_by_id": self.approved_by_id and self.proposed_by_id.id,
        }
        if standing.state in cis_delivery.FINAL:
            values.update(done_at=now, code=False)
        if note:
            values["note"] = note
        self.write(values)
        self._note(self.env._("%(user)s: %(action)s. %(note)s"), action, user, note)
        if standing.state in cis_delivery.FINAL:
            self._settled()
        elif standing.state in cis_delivery.LIVE:
            self._wake()

    def _note(self, text, action, user, note):
        """Keep in both histories who did what."""
        body = text % {
            "user": user.name,
            "action": dict(self._fields["proposed_action"]._description_selection(self.env))[action],
            "note": note or "",
        }
        self.message_post(body=body)
        self.recharge_id.message_post(body=self.env._("%(serial)s: %(text)s", serial=self.name, text=body))

    @api.private
    def settle_reconciled(self, stands):
        """Settle a message by what the reconciliation of its day found there.

        :param stands: whether its record is in the marketing system's books; for a reversal done there by hand: whether
            the payment is taken back
        """
        for message in self.sudo():
            if message.state in cis_delivery.FINAL:
                continue
            state = cis_delivery.S_DONE if stands else cis_delivery.S_WITHDRAWN
            message.write(
                {"state": state, "done_at": fields.Datetime.now(), "code": False, "lease": False, "leased_until": False}
            )
            found = self.env._("The reconciliation found it there.")
            missing = self.env._("The reconciliation found that it is not there.")
            message.message_post(body=found if stands else missing)
            message._settled()

    @api.private
    def closed_without(self):
        """Do what follows when the day of these messages is closed there and they are not in it."""
        for message in self.sudo():
            outcome = cis_days.closed_without(message._standing(), message._counts())
            if outcome is None:
                continue
            if outcome.standing.state == cis_delivery.S_WITHDRAWN:
                message.settle_reconciled(False)
                continue
            message.write({"uncertain": False, "result": outcome.result, "lease": False, "leased_until": False})
            message._to_people(outcome.standing.state, outcome.code)
