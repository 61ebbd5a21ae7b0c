"""Asking again what many accounts owe, in the background."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import cis_diagnosis, codes
from ..core.cis_types import ArrearsAnswer, Result, Unreachable
from ..core.errors import Refusal
from .account_lookup import Told
from .answers import QUIET, RACES
from .cis_job import CIS_JOB, GOING_ON

CHUNK = 50
"""Accounts in one run of the job before others get their turn."""
WAIT_MINUTES = 5
"""How long a job rests when the marketing system is away."""
OF_ONE_ACCOUNT = ("unreadable", "mismatch", "invalid", "fault", "unsafe", "too_large", "unsendable")
"""Silences that concern the answer about one account: it is there, and the others need not wait."""
IN_A_ROW = 5
"""Accounts without an answer, one after the other, after which the marketing system is taken for away: what fails for
all is not to be noted as refused for all."""


class ElectricityArrearRefresh(models.Model):
    """One order to ask the marketing system again about the arrears of many accounts.

    The job goes through the accounts by id and commits each, so that it goes on where it was after any end.
    """

    _name = "electricity.arrear.refresh"
    _description = "Refresh of Arrears"
    _inherit = [CIS_JOB]
    _order = "id desc"
    _rec_name = "requested_at"

    account_ids = fields.Many2many(
        "electricity.account", "electricity_arrear_refresh_account", "refresh_id", "account_id", readonly=True
    )
    everything = fields.Boolean("All Accounts", readonly=True)
    state = fields.Selection(
        [
            ("running", "Running"),
            ("waiting", "Marketing System Away"),
            ("done", "Done"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="running",
        index=True,
    )
    total = fields.Integer("Accounts", readonly=True, aggregator=None)
    done = fields.Integer("Refreshed", readonly=True, aggregator=None)
    refused = fields.Integer("Refused There", readonly=True, aggregator=None)
    last_account_id = fields.Integer(readonly=True, aggregator=None)

    _running_index = models.Index("(id) WHERE state IN ('running', 'waiting')")

    @api.depends("done", "refused", "total", "state")
    def _compute_progress(self):
        for job in self:
            job.progress = job._percent(job.done + job.refused, job.total)

    @api.model
    @api.private
    def start(self, accounts, company, everything=False):
        """Order a refresh; the job works on it from now on.

        :param accounts: the accounts, empty with ``everything``
        :param company: of the accounts
        :param everything: all accounts of the company that are not closed
        :return: the new job
        :raises UserError: the company has no connection
        """
        connection = self.env["electricity.cis.connection"]._for_company(company)
        if not connection:
            raise UserError(
                self.env._(
                    "%(company)s has no connection to a marketing system. Set one up first: Marketing system,"
                    " Connections.",
                    company=company.name,
                )
            )
        job = self.sudo().create(
            {
                "company_id": company.id,
                "user_id": self.env.uid,
                "everything": everything,
                "account_ids": [fields.Command.set([] if everything else accounts.ids)],
            }
        )
        job.total = self.env["electricity.account"].sudo().search_count(job._domain())
        self.env.ref("electricity_prepaid.ir_cron_arrear_refresh").sudo()._trigger()
        return job

    def _domain(self):
        """Return the domain of the accounts that are still to be asked about."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("state", "!=", "closed"),
            ("id", ">", self.last_account_id),
        ]
        return domain if self.everything else [*domain, ("id", "in", self.account_ids.ids)]

    def action_cancel(self):
        """Stop jobs; what they have refreshed stays."""
        self.check_access("read")
        if not self.env.user.has_group("electricity_prepaid.group_supervisor") and not self.env.user.has_group(
            "electricity_prepaid.group_finance"
        ):
            self.check_access("write")
        self._stop()

    @api.model
    def _cron_refresh(self):
        """Work on the oldest job for a while; never raises for what the marketing system does."""
        jobs = self.sudo().with_context(**QUIET).search([("state", "in", GOING_ON)], order="id")
        for job in jobs:
            if not job._work():
                break
        if self.sudo().search_count([("state", "=", "running")], limit=1):
            # In a run of its own: Odoo would go on in this one, whatever time it took.
            self.env.ref("electricity_prepaid.ir_cron_arrear_refresh")._trigger()
        self.env["ir.cron"]._commit_progress(0, remaining=0)

    def _work(self):
        """Ask about the next accounts of this job.

        :return: False when the time of this run is over
        """
        self.ensure_one()
        connection = self.env["electricity.cis.connection"]._for_company(self.company_id)
        accounts = self.env["electricity.account"].search(self._domain(), order="id", limit=CHUNK)
        if accounts and not connection:
            # Archived: it goes on when one is active again.
            self._rest()
            return bool(self.env["ir.cron"]._commit_progress(0))
        silent = 0
        for account in accounts:
            outcome = self._refresh(connection, account)
            silent = silent + 1 if outcome == "silent" else 0
            if silent == IN_A_ROW:
                self._rest()
            left = self.env["ir.cron"]._commit_progress(1, remaining=len(accounts))
            self.invalidate_recordset()
            if self.state in ("cancelled", "waiting") or outcome == "busy":
                return True
            if not left:
                return False
        if len(accounts) < CHUNK:
            self._end()
        return bool(self.env["ir.cron"]._commit_progress(0))

    def _refresh(self, connection, account):
        """Ask about one account and keep the answer.

        :return: ``done``, ``silent``: no answer about this account, ``busy``: somebody decides on it and the next run
            takes it, or ``away``
        """
        asked_at, outcome = fields.Datetime.now(), "done"
        try:
            told = Told(arrears=connection.ask("query_arrears", account.name))
        except Unreachable as silence:
            if silence.kind not in OF_ONE_ACCOUNT or cis_diagnosis.code_of(silence) == codes.M_CREDENTIALS:
                self._rest()
                return "away"
            told, outcome = Told(arrears=ArrearsAnswer(Result(silence.kind))), "silent"
        try:
            with self.env.cr.savepoint():
                # Cancelled meanwhile: the update fails and nothing is counted.
                account.take()
                if told.known is None:
                    self.write({"refused": self.refused + 1, "last_account_id": account.id, "state": "running"})
                else:
                    account.store_arrears(told.known, asked_at)
                    self.write({"done": self.done + 1, "last_account_id": account.id, "state": "running"})
                self.flush_recordset()
        except (*RACES, Refusal):
            self.env.invalidate_all(flush=False)
            return "busy"
        return outcome

    def _end(self):
        """Note that every account was asked about."""
        self._write_unless_stopped({"state": "done", "ended_at": fields.Datetime.now()})

    def _rest(self):
        """Wait until the marketing system is back."""
        self._write_unless_stopped({"state": "waiting"})
        later = fields.Datetime.add(fields.Datetime.now(), minutes=WAIT_MINUTES)
        self.env.ref("electricity_prepaid.ir_cron_arrear_refresh")._trigger(at=later)
