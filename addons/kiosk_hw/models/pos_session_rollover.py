"""Sessions of kiosks roll over by themselves: nobody stands there to count and close."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.models.answers import RACES
from odoo.exceptions import LockError, UserError

from .pos_session_closing import CASH_SUMS

_logger = logging.getLogger(__name__)

LONGEST = timedelta(hours=24)
"""After which a kiosk's session is closed and the next one opened."""


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

    def _roll_over(self):
        """Close this session with the cash that its own rows say, and open the next one.

        What the box really holds shows when it is emptied; a difference is booked then, and not guessed now.

        :raises UserError: what keeps it from being closed
        """
        self.ensure_one()
        config = self.config_id
        config.lock_for_update()
        refused = self.post_closing_cash_details(self._own_cash())
        self.invalidate_recordset(CASH_SUMS)
        if refused.get("successful"):
            self.update_closing_control_state_session("")
            refused = self.close_session_from_ui()
        if not refused.get("successful"):
            raise UserError(refused.get("message") or self.env._("It cannot be closed."))
        if config.active:
            config.open_kiosk_session()
