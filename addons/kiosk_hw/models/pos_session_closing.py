"""Closing a kiosk's session: all its money is in its orders, and no difference is booked that its box will show."""

from odoo import fields, models
from odoo.addons.electricity_prepaid.core import money
from odoo.addons.electricity_prepaid.models.answers import RACES
from odoo.exceptions import LockError, UserError
from odoo.tools import format_amount, format_datetime

from .tender import BATCH, CRON, KINDS

CASH_SUMS = ["cash_register_balance_end", "cash_register_difference"]
"""Not computed anew by Odoo when the counted cash is written or an order is paid: an old difference would be booked."""


class PosSession(models.Model):
    _inherit = "pos.session"

    def get_closing_control_data(self):
        # The window that closes a session shows what is expected: with the money that has come in until now.
        if self.env.user.has_group("point_of_sale.group_pos_user"):
            self._bring_money_in()
        return super().get_closing_control_data()

    def _cannot_close_session(self, bank_payment_method_diffs=None):
        return self._money_in_the_way() or super()._cannot_close_session(bank_payment_method_diffs)

    def action_pos_session_closing_control(
        self, balancing_account=False, amount_to_balance=0, bank_payment_method_diffs=None
    ):
        for session in self:
            refused = session._money_in_the_way()
            if refused:
                raise UserError(refused["message"])
        return super().action_pos_session_closing_control(
            balancing_account, amount_to_balance, bank_payment_method_diffs
        )

    def post_closing_cash_details(self, counted_cash):
        """Take no other cash than a kiosk's own rows say: what lies in its box is counted when that is emptied.

        A difference that is booked here would be booked a second time with the count of the box. Money that comes in
        while somebody looks at the window is no difference.
        """
        if self.config_id.sudo().electricity_terminal_id and not self.rescue:
            shown = self._own_cash()
            refused = self._cannot_close_session()
            if refused:
                return refused
            expected = self._own_cash()
            if money.to_cents(counted_cash) not in (money.to_cents(shown), money.to_cents(expected)):
                text = self.env._(
                    "This is the session of a kiosk: its notes are counted with its cash box, and not here. Nothing "
                    "was closed or booked. Expected is %(amount)s now: close this window, open it again and leave the "
                    "amount as it is expected there; the session also closes by itself.",
                    amount=format_amount(self.env, expected, self.currency_id),
                )
                return {"successful": False, "message": text, "redirect": False}
            counted_cash = expected
        return super().post_closing_cash_details(counted_cash)

    def _post_statement_difference(self, amount):
        if self.config_id.sudo().electricity_terminal_id and money.to_cents(amount):
            raise UserError(
                self.env._(
                    "A kiosk's session cannot be closed with a difference: it shows when the cash box is counted. "
                    "Nothing was booked."
                )
            )
        return super()._post_statement_difference(amount)

    def _own_cash(self):
        """Return the cash that the rows of this session say."""
        self.invalidate_recordset(CASH_SUMS)
        return self.cash_register_balance_end

    def _waiting_money_domain(self):
        """Return the domain of the money that this session has to take before it is closed, None for none.

        What no method can book any more must not keep the session open for ever; the log names it.
        """
        config = self.config_id.sudo()
        terminal = config.electricity_terminal_id
        if not terminal or self.rescue or self.state not in ("opened", "closing_control"):
            return None
        return [
            *self.env["electricity.tender"].waiting_domain(terminal),
            ("occurred_at", "<=", fields.Datetime.now()),
            ("kind", "in", [kind for kind in KINDS if config.booking_method_of(kind)]),
        ]

    def _bring_money_in(self):
        """Bring the money that waits for its orders into this session now, at most one batch of it.

        Whoever closes a session by hand need not wait for the job that does it every few minutes. A session that
        somebody has begun to close takes it, too, with the cash that is expected then.

        :return: what kept some of it from it, a list of exceptions
        """
        problems = []
        domain = self._waiting_money_domain()
        tenders = self.env["electricity.tender"].sudo()
        if domain is None or not tenders.search_count(domain, limit=1):
            return problems
        session = self.sudo()
        is_closing = session.state == "closing_control"
        if is_closing:
            session.state = "opened"
        if tenders._project(session.config_id, problems) == BATCH:
            self.env.ref(CRON).sudo()._trigger()
        if is_closing:
            session.cash_register_balance_end_real = session._own_cash()
            session.state = "closing_control"
        self.invalidate_recordset(CASH_SUMS)
        return problems

    def _money_in_the_way(self):
        """Bring the money in that waits, and return how Odoo's closing is refused when some of it still does, or None.

        :return: ``successful``, ``message``, ``redirect``
        """
        self.ensure_one()
        problems = self._bring_money_in()
        domain = self._waiting_money_domain()
        if domain is None:
            return None
        tenders = self.env["electricity.tender"].sudo()
        # What goes back is less money, not more.
        sums = ["__count", "signed_amount:sum", "occurred_at:min"]
        ((number, amount, oldest),) = tenders._read_group(domain, [], sums)
        if not number:
            return None
        text = self.env._(
            "Money of this kiosk is not in its orders yet: %(amount)s (payments: %(number)s, the oldest of %(time)s). "
            "Nothing was closed or booked. %(reason)s",
            number=number,
            amount=format_amount(self.env, amount, self.currency_id),
            time=format_datetime(self.env, oldest),
            reason=self._reason(problems),
        )
        return {"successful": False, "message": text, "redirect": False}

    def _reason(self, problems):
        """Return what somebody who wants to close does about money that waits.

        :param problems: of :meth:`_bring_money_in`
        """
        told = [error for error in problems if isinstance(error, UserError) and not isinstance(error, LockError)]
        if told:
            return self.env._("What keeps it from them: %(problem)s Put that right, then close again.", problem=told[0])
        if not problems:
            return self.env._("There was too much for one time: close again, and the rest follows.")
        if all(isinstance(error, (LockError, *RACES)) for error in problems):
            return self.env._("Somebody else works at them at the moment: close again.")
        return self.env._("The database refused it; the log of Odoo says why.")
