"""What the marketing system's last answer means for a sale, and what applies while it is silent."""

from datetime import timedelta

from odoo import api, fields, models

from ..core import arrears, cis_results, codes
from ..core.errors import Refusal

TOLD_COUNTS = timedelta(days=1)
"""How long an answer about the customer binds a sale while the marketing system is silent: asking until it is silent
must not undo what it said."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    def _connection(self, company):
        """Return the company's active connection to the marketing system, or an empty record."""
        return self.env["electricity.cis.connection"]._for_company(company)

    @api.model
    def _asked_lately(self, account, connection):
        """Tell whether the account was asked about within the connection's minutes."""
        if not account.marketing_asked_at:
            return False
        return account.marketing_asked_at > fields.Datetime.now() - timedelta(minutes=connection.lookup_minutes)

    @api.model
    def _told_lately(self, account, connection):
        """Tell whether there is an answer about the customer that is recent, whatever was silent since."""
        recent = fields.Datetime.now() - max(timedelta(minutes=connection.lookup_minutes), TOLD_COUNTS)
        return bool(account.marketing_told_at) and account.marketing_told_at > recent

    @api.model
    def _check_marketing(self, account, fresh=True):
        """Check that the marketing system lets energy be sold to an account.

        While calls are paused nobody can ask: the policy decides then, not the age of the last answer.

        :param fresh: also check that it was asked within the connection's minutes
        :raises Refusal: M-301 ask first, M-101 it is silent and the policy refuses, M-102 may not buy, M-103 its count
            differs, M-105, M-308
        """
        connection = account and self._connection(account.company_id)
        if not connection:
            return
        paused, lately = connection.is_paused(), self._asked_lately(account, connection)
        if not paused and not lately and (fresh or not account.marketing_reachable):
            raise Refusal(codes.M_LOOKUP_NEEDED)
        silent = paused or not account.marketing_reachable
        if silent and connection.policy == "refuse":
            raise Refusal(codes.M_UNREACHABLE)
        if silent and not self._told_lately(account, connection):
            # The policy covers what it did not say, and an old answer says nothing about today.
            return
        self._check_may_buy(account)
        if not self._counts_agree(account):
            raise Refusal(codes.M_COUNT_DIFFERS, ours=account.purchase_count, theirs=account.marketing_count)

    def _check_marketing_still(self, account):
        """Check, before money that was taken becomes energy, that nothing known by now forbids it.

        The lookup that ``begin`` asked for may be older by then: counting cash takes its time.

        :raises Refusal: as ``_check_marketing``, with this order
        """
        try:
            self._check_marketing(account, fresh=False)
        except Refusal as refusal:
            self._refuse(refusal.code, **refusal.params)

    @api.model
    def _check_may_buy(self, account):
        if account.marketing_may_buy:
            return
        reason = account.marketing_reason or ""
        result = cis_results.result_of(reason)
        if not cis_results.about_the_customer(reason):
            raise Refusal(codes.M_LOOKUP_REFUSED, result=reason)
        if result.sentence and result.id:
            raise Refusal(result.sentence, ours=account.purchase_count, theirs=account.marketing_count)
        raise Refusal(codes.M_MAY_NOT_BUY, reason=reason or codes.MISSING)

    @api.model
    def _counts_agree(self, account):
        """Tell whether the count there fits ours, with what was not booked there when it told its count."""
        theirs = account.marketing_count
        if theirs in (-1, account.purchase_count):
            return True
        orders = self.search(
            [
                ("installation_id", "=", account.installation_id.id),
                ("count", ">=", min(theirs, account.purchase_count)),
                ("state", "!=", "cancelled"),
            ]
        )
        told = account.marketing_told_at
        unbooked = orders.filtered(
            lambda order: (
                order.state != "reversed" and (order.upload_state != "done" or order._ended_since("payment", told))
            )
        )
        reversed_here = orders.filtered(
            lambda order: (
                order.state == "reversed"
                and (order.upload_state in ("queued", "refused") or order._ended_since("reversal", told))
            )
        )
        return arrears.counts_agree(
            theirs, account.purchase_count, unbooked.mapped("count"), reversed_here.mapped("count")
        )

    def _ended_since(self, kind, moment):
        """Tell whether a message of this order ended after a moment. In the same second either may have been first."""
        messages = self.sudo().cis_message_ids.filtered(lambda message: message.kind == kind and message.done_at)
        return bool(moment) and any(message.done_at >= moment for message in messages)

    @api.model
    def _check_arrears_asked(self, account, fresh=True):
        """Check that the account's bills may be paid here: the marketing system answers and was asked lately.

        :raises Refusal: M-301, M-306
        """
        connection = self._connection(account.company_id)
        if not connection or connection.is_paused():
            raise Refusal(codes.M_ARREARS_UNREACHABLE)
        if not fresh:
            return
        if not self._asked_lately(account, connection):
            raise Refusal(codes.M_LOOKUP_NEEDED)
        if not account.marketing_reachable:
            raise Refusal(codes.M_ARREARS_UNREACHABLE)
