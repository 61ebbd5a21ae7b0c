"""The work on past days: which are begun, and whose turn it is."""

import logging
import random

from odoo import api, fields, models
from odoo.tools import SQL
from psycopg2.errors import UniqueViolation

from ..core import cis_days
from .answers import QUIET, step_apart
from .cis_day import CRON

_logger = logging.getLogger(__name__)

WAIT_MINUTES = 10
GOING_ON = ("sending", "waiting")


class ElectricityCisDay(models.Model):
    _inherit = "electricity.cis.day"

    @api.model
    def _cron_days(self):
        """Begin the days that are over and had uploads, all of which have ended, and bring pages until time is up.

        By turns, a page of each company: nobody waits for another company's marketing system. Never raises.
        """
        days = self.sudo().with_context(**QUIET)
        connections = self.env["electricity.cis.connection"].sudo().search([("active", "=", True)])
        for connection in connections:
            step_apart(self.env, days._begin_days, connection)
            # What is begun stays so, whatever becomes of the next company.
            self.env["ir.cron"]._commit_progress(remaining=0)
        companies, left = set(days._companies_due()), True
        while companies and left:
            for company_id in random.sample(sorted(companies), len(companies)):
                if not step_apart(self.env, days._turn, company_id):
                    companies.discard(company_id)
                left = self.env["ir.cron"]._commit_progress(1, remaining=0)
                if not left:
                    break
        if companies:
            # In a run of its own: Odoo would go on in this one, whatever time it took.
            self.env.ref(CRON)._trigger()

    @api.model
    def _due(self):
        """Return the domain of the days of which a page may be brought now."""
        now = fields.Datetime.now()
        return [("state", "in", GOING_ON), "|", ("next_try_at", "=", False), ("next_try_at", "<=", now)]

    @api.model
    def _companies_due(self):
        return [company.id for (company,) in self._read_group(self._due(), ["company_id"])]

    @api.model
    def _turn(self, company_id):
        """Bring the next page of a company's oldest day.

        :return: False when there is nothing to bring now
        """
        # Whatever was read before the last commit is old.
        self.env.invalidate_all()
        day = self.search([("company_id", "=", company_id), *self._due()], order="day", limit=1)
        if not day:
            return False
        # Who is killed while the marketing system hangs has let all others come first. No row stays locked meanwhile.
        day.next_try_at = self._later()
        self.env["ir.cron"]._commit_progress(remaining=0)
        if step_apart(self.env, day._next_page) is None:
            day._wait(result=False)
        # A race with somebody who works at the day ends this turn, not the run.
        self.env.flush_all()
        return True

    @api.model
    def _later(self):
        return fields.Datetime.add(fields.Datetime.now(), minutes=WAIT_MINUTES)

    def _wait(self, result):
        """Let the day rest; the same page comes again.

        :param result: code of the answer, or False when there was none
        """
        self.write({"state": "waiting", "result": result, "next_try_at": self._later()})
        self.env.ref(CRON)._trigger(at=self.next_try_at)

    def _wait_all(self, result):
        """Let the day rest, and with it all days of its company: its marketing system takes none now.

        :param result: code of the answer, or False when there was none
        """
        self.search([("company_id", "=", self.company_id.id), ("state", "in", GOING_ON)]).next_try_at = self._later()
        self._wait(result)

    @api.model
    def _begin_days(self, connection):
        """Put the days of a company into the list that are missing there, and begin those that wait no more."""
        for date in self._missing_days(connection):
            self._add(connection, date)
        self._begin_what_waited(connection)

    @api.model
    def _add(self, connection, date):
        """Put a day into the list, unless somebody did this moment."""
        try:
            with self.env.cr.savepoint():
                self.create({**self._identity(connection, date), "state": "open", "user_id": self.env.uid})
        except UniqueViolation:
            self.env.invalidate_all(flush=False)

    @api.model
    def _begin_what_waited(self, connection):
        """Begin the days of a company that wait for messages no more."""
        company, today, over_before = connection.company_id, connection.today(), self._over_before(connection)
        for day in self.search([("company_id", "=", company.id), ("state", "in", ("open", "proposed"))]):
            states = self._holding_up(company, day.day).mapped("state")
            if day.day < over_before and not cis_days.is_held_up(states, today - day.day):
                day.write({"state": "sending", "next_try_at": fields.Datetime.now()})

    @api.model
    def _missing_days(self, connection):
        """Return the days of a company that are over, had messages and are not in the list yet, oldest first."""
        self.env["electricity.cis.message"].flush_model(["company_id", "accounting_date"])
        self.flush_model(["company_id", "day", "active"])
        query = self._query_missing_days(connection.company_id, self._over_before(connection))
        return [day for (day,) in self.env.execute_query(query)]

    @api.model
    def _query_missing_days(self, company, over_before):
        """Return the query of :meth:`_missing_days`: from one day to the next by the index, whatever a day holds.

        :param over_before: the first day that is not over
        """
        return SQL(
            """
            WITH RECURSIVE had (day) AS (
                SELECT MIN(accounting_date) FROM electricity_cis_message
                 WHERE company_id = %(company)s AND accounting_date < %(over_before)s
                 UNION ALL
                SELECT (SELECT MIN(m.accounting_date) FROM electricity_cis_message m
                         WHERE m.company_id = %(company)s
                           AND m.accounting_date > had.day AND m.accounting_date < %(over_before)s)
                  FROM had WHERE had.day IS NOT NULL)
            SELECT had.day FROM had
             WHERE had.day IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM electricity_cis_day known
                                WHERE known.company_id = %(company)s AND known.day = had.day AND known.active)
          ORDER BY had.day
            """,
            company=company.id,
            over_before=over_before,
        )
