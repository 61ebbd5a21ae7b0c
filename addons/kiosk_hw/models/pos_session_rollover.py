"""Sessions of kiosks roll over by themselves: nobody stands there to count and close."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import money
from odoo.addons.electricity_prepaid.models.answers import RACES
from odoo.exceptions import LockError, UserError

from .tender import KINDS

_logger = logging.getLogger(__name__)

LONGEST = timedelta(hours=24)
"""After which a kiosk's session is closed and the next one opened."""

CASH_SUMS = ["cash_register_balance_end", "cash_register_difference"]
"""Not computed anew by Odoo when the counted cash is written or an order is paid: an old difference would be booked."""


class PosSession(models.Model):
    _inherit = "pos.session"

    @api.model
    def _cron_roll_over(self):
        """Close the sessions of kiosks that have run for a day, and open the next ones. Never raises."""
        since = fields.Datetime.now() - LONGEST
        due = self.sudo().search(
            [
                ("config_id.electricity_terminal_id", "!=", False),
                ("state", "in", ("opened", "closing_control")),
                ("start_at", "<", since),
                ("rescue", "=", False),
            ]
        )
        for done, session in enumerate(due, 1):
            try:
                with self.env.cr.savepoint():
                    session._roll_over()
            except (UserError, LockError, *RACES) as error:
                # The others go on; this one is tried again with the next run, and shows as overdue meanwhile.
                _logger.warning("session %s could not be rolled over: %s", session.name, error)
            self.env["ir.cron"]._commit_progress(1, remaining=len(due) - done)

    def _cannot_close_session(self, bank_payment_method_diffs=None):
        terminal = self.config_id.sudo().electricity_terminal_id
        if terminal and not self.rescue:
            domain = self.env["electricity.tender"].waiting_domain(terminal)
            domain.append(("occurred_at", "<=", fields.Datetime.now()))
            # What no method can book any more must not keep the session open for ever; the log names it.
            kinds = [kind for kind in KINDS if self.config_id.booking_method_of(kind)]
            domain.append(("kind", "in", kinds))
            waiting = self.env["electricity.tender"].sudo().search_count(domain)
            if waiting:
                text = self.env._(
                    "Money of this kiosk is not in its orders yet (%(number)s). It follows by itself within "
                    "minutes; if it does not, the log says why.",
                    number=waiting,
                )
                return {"successful": False, "message": text, "redirect": False}
        return super()._cannot_close_session(bank_payment_method_diffs)

    def post_closing_cash_details(self, counted_cash):
        """Take no other cash than a kiosk's own rows say: what lies in its box is counted when that is emptied.

        A difference that is booked here would be booked a second time with the count of the box.
        """
        if self.config_id.sudo().electricity_terminal_id:
            self.invalidate_recordset(CASH_SUMS)
            if money.to_cents(counted_cash) != money.to_cents(self.cash_register_balance_end):
                text = self.env._(
                    "This is the session of a kiosk: its notes are counted with its cash box, and not here. Nothing "
                    "was closed or booked. Leave the amount as it is expected; the session also closes by itself."
                )
                return {"successful": False, "message": text, "redirect": False}
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

    def _roll_over(self):
        """Close this session with the cash that its own rows say, and open the next one.

        What the box really holds shows when it is emptied; a difference is booked then, and not guessed now.

        :raises UserError: what keeps it from being closed
        """
        self.ensure_one()
        config = self.config_id
        config.lock_for_update()
        if self.state == "closing_control":
            # Somebody began to close it and did not end: it takes what has come since, then it is closed.
            self.state = "opened"
        self.env["electricity.tender"]._project(config)
        self.invalidate_recordset(CASH_SUMS)
        refused = self.post_closing_cash_details(self.cash_register_balance_end)
        self.invalidate_recordset(CASH_SUMS)
        if refused.get("successful"):
            self.update_closing_control_state_session("")
            refused = self.close_session_from_ui()
        if not refused.get("successful"):
            raise UserError(refused.get("message") or self.env._("It cannot be closed."))
        if config.active:
            config.open_kiosk_session()
