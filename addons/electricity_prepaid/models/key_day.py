"""How often a terminal used the keys of cards on one day, of which the single uses are no longer kept."""

import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .own_defaults import OWN_DEFAULTS
from .recharge import UNFINISHED_STATES

_logger = logging.getLogger(__name__)

KEEP_PARAMETER = "electricity.key_use_days"
KEEP_DAYS = 400
LEAST_DAYS = 30
"""Fewer are not taken: quota and repeats look at single uses, an order lives for minutes, a quarrel for weeks."""
CHUNK = 5000
CONDENSED = ("authenticate", "mac", "psc", "reconnect")
"""Operations whose uses are condensed. That a terminal gave a card its keys is kept for ever: it may know them."""


class ElectricityKeyDay(models.Model):
    """The uses of card keys of one terminal on one day, condensed out of ``electricity.key.use``."""

    _name = "electricity.key.day"
    _inherit = [OWN_DEFAULTS]
    _description = "Key Uses of a Day"
    _order = "day desc, terminal_id"
    _rec_name = "day"
    _log_access = False

    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    day = fields.Date(required=True, readonly=True, help="Of the company.")
    uses = fields.Integer(required=True, readonly=True, help="Requests for which a key was to be used.")
    refused = fields.Integer(required=True, readonly=True)

    _day_unique = models.UniqueIndex("(terminal_id, day)", "This day of the terminal was counted already.")

    @api.model
    @api.private
    def days_kept(self):
        """Return for how many days single uses are kept, from the system parameter ``electricity.key_use_days``."""
        text = self.env["ir.config_parameter"].sudo().get_param(KEEP_PARAMETER) or str(KEEP_DAYS)
        if not text.strip().isdecimal():
            _logger.warning("%s is no number of days: %r. %d are kept.", KEEP_PARAMETER, text, KEEP_DAYS)
            return KEEP_DAYS
        return max(int(text), LEAST_DAYS)

    @api.model
    def _cron_condense(self):
        """Condense single uses that are old enough into one row a terminal and day, some thousand at a time."""
        before = fields.Datetime.now() - timedelta(days=self.days_kept())
        old = [("used_at", "<", before), ("terminal_id", "!=", False)]
        for (company,) in self.env["electricity.key.use"]._read_group(old, ["company_id"]):
            done = CHUNK
            while done == CHUNK:
                done = self._condense(company, before, CHUNK)
                # What was condensed is committed: a run that is stopped goes on with the rest.
                if not self.env["ir.cron"]._commit_progress(done, remaining=done if done == CHUNK else 0):
                    return

    def _condense(self, company, before, most):
        """Condense old uses of a company's terminals: they leave the log and enter their day in one statement.

        Uses for an order that has not ended are evidence and stay, as does what operators did.

        :param company: ``res.company``
        :param before: older ones, naive UTC
        :param most: rows
        :return: how many rows there were
        """
        self.env.flush_all()
        query = SQL(
            """
            WITH old AS (
                SELECT use.id
                  FROM electricity_key_use use
             LEFT JOIN electricity_recharge recharge ON recharge.id = use.recharge_id
                 WHERE use.company_id = %(company)s
                   AND use.terminal_id IS NOT NULL
                   AND use.used_at < %(before)s
                   AND (use.op IN %(ops)s OR use.op = 'update_key' AND use.code IS NOT NULL)
                   AND (recharge.id IS NULL OR recharge.state NOT IN %(unfinished)s)
                 LIMIT %(most)s
            ), gone AS (
                DELETE FROM electricity_key_use use
                      USING old
                      WHERE use.id = old.id
                  RETURNING use.terminal_id, use.company_id, use.code,
                            (use.used_at AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::date AS day
            ), counted AS (
                INSERT INTO electricity_key_day AS known (terminal_id, company_id, day, uses, refused)
                     SELECT terminal_id, company_id, day, count(*), count(code)
                       FROM gone
                   GROUP BY terminal_id, company_id, day
                ON CONFLICT (terminal_id, day) DO UPDATE
                        SET uses = known.uses + EXCLUDED.uses, refused = known.refused + EXCLUDED.refused
            )
            SELECT count(*) FROM gone
            """,
            company=company.id,
            before=before,
            ops=CONDENSED,
            unfinished=("draft", "paid", *UNFINISHED_STATES),
            zone=company.electricity_zone(),
            most=most,
        )
        done = self.env.execute_query(query)[0][0]
        self.env["electricity.key.use"].invalidate_model()
        self.invalidate_model()
        return done
