"""Sessions of kiosks roll over by themselves: nobody stands there to count and close."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import codes
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import RACES, as_user_error
from odoo.exceptions import LockError, UserError

from .pos_session_closing import CASH_SUMS

_logger = logging.getLogger(__name__)

LONGEST = timedelta(hours=24)
"""After which a kiosk's session is closed and the next one opened."""


class PosSession(models.Model):
    _inherit = "pos.session"

    is_electricity_kiosk = fields.Boolean(related="config_id.is_electricity_kiosk")

    def action_roll_over(self):
        """Close this session of a kiosk now, as the daily job does, and open the next one."""
        self._manage_kiosk()._roll_over()

    def action_end_kiosk(self):
        """Close this session of a kiosk now and open no other, so that what a session fixes may be changed."""
        self._manage_kiosk()._roll_over(opens_next=False)

    def _manage_kiosk(self):
        """Return this session as superuser, for a manager who ends it.

        :raises UserError: S-116 for anybody else; when it is no kiosk's or closed already
        """
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group("point_of_sale.group_pos_manager"):
            raise as_user_error(self.env, Refusal(codes.S_NOT_PERMITTED))
        session = self.sudo()
        if not session.is_electricity_kiosk or session.rescue or session.state not in ("opened", "closing_control"):
            raise UserError(self.env._("This is no open session of a kiosk. Nothing was closed or booked."))
        return session

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

    def _roll_over(self, opens_next=True):
        """Close this session with the cash that its own rows say, and open the next one.

        What the box really holds shows when it is emptied; a difference is booked then, and not guessed now.

        :param opens_next: False to leave the kiosk without a session
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
        if opens_next and config.active:
            config.open_kiosk_session()
