"""An order that waits for money at another terminal: its customer goes on at this one (decision 0021).

It is ended there, and its money, which was balance from the first note on, pays the same that is begun here.
"""

from odoo import api, fields, models

from ..core import codes, money
from ..core.errors import Refusal
from .answers import answering, find_by
from .parameters import check_uuid
from .recharge_plan import ISSUING


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    @answering
    def finish_here(self, uuid, new_uuid, terminal_id, snapshot=None):
        """End an order that waits for money at another terminal, and begin the same at this one: both, or neither.

        :param uuid: of the order there
        :param new_uuid: of the order here, made by the caller; a repeat with the same parameters answers the same
        :param terminal_id: id of the terminal that goes on
        :param snapshot: its signed reading, compact, of the order's card or of the blank card that is issued; None
            for a payment of arrears
        :return: ``order`` that was begun here
        """
        terminal = self._terminal_for_user(terminal_id)
        order = self._by_uuid(uuid)
        new_uuid = check_uuid(new_uuid)
        if order.company_id != terminal.company_id:
            raise Refusal(codes.S_NO_SUCH_ORDER)
        if order.terminal_id == terminal:
            order._refuse(codes.S_NOT_IN_STATE)
        is_begun = bool(find_by(self, uuid=new_uuid))
        if not is_begun:
            order._check_nothing_may_be_paid()
        try:
            with self.env.cr.savepoint():
                if not is_begun:
                    order._check_card_is_in(terminal, snapshot)
                    order._end_elsewhere()
                return {"order": order._begin_again(new_uuid, terminal, snapshot)._status()}
        except Refusal as refusal:
            if not getattr(refusal, "order", None):
                refusal.order = order._status()
            raise

    def _end_elsewhere(self):
        """End an order that waits for money at a terminal where its customer is no more; what was paid is balance.

        A repeat changes nothing. Before it, :meth:`_check_nothing_may_be_paid` must have found nothing.

        :raises Refusal: S-112 not one that waits for money, S-129 notes may be going in, S-101
        """
        self.electricity_account_id.take()
        # Ended already, by this call before, by another one, or because its time was over.
        if self.state == "cancelled":
            return
        if self.state != "draft":
            raise Refusal(codes.S_NOT_IN_STATE)
        self._check_no_notes_go_in()
        self._give_up(False, self.env.user)

    def _check_no_notes_go_in(self):
        """Check that the order's terminal takes no notes for it. The caller holds the account.

        :raises Refusal: S-129
        """
        now = fields.Datetime.now()
        if self.notes_until and self.notes_until > now:
            seconds = int((self.notes_until - now).total_seconds()) + 1
            self._refuse(codes.S_NOTES_GOING_IN, terminal=self.terminal_id.name, seconds=seconds)

    def _check_nothing_may_be_paid(self):
        """Check that no payment of the order is under way with anybody. Nothing is locked yet: who is asked is slow."""

    def _check_card_is_in(self, terminal, snapshot):
        """Check that a purchase goes on with its own customer's card: what is begun here is for whoever's card it is.

        :raises Refusal: C-203; N-101 … N-103
        """
        if self.op != "purchase":
            return
        reading = self._fresh_reading(terminal, self._verify_snapshot(terminal, snapshot), snapshot)
        if self._find_card(reading).electricity_account_id != self.electricity_account_id:
            raise Refusal(codes.C_OTHER_CONTENT)

    def _begin_again(self, uuid, terminal, snapshot):
        """Return an order of the same at a terminal, made now or by the same call before.

        :param uuid: of the new order
        """
        amount = money.format_cents(money.to_cents(self.amount))
        if self.op == "arrears":
            bills = [
                {"receivable_id": each["receivable_id"], "amount": money.format_cents(each["amount"])}
                for each in self.allocations
            ]
            return self._begin_arrears(uuid, terminal.id, self.account_no, bills)
        if self.op in ISSUING:
            return self._begin_operation(uuid, terminal.id, snapshot, self.op, self.account_no, amount)
        return self._begin(uuid, terminal.id, snapshot, amount)
