"""Customer files that changed in the marketing system, brought here page by page."""

import logging
from datetime import UTC, datetime

import psycopg2
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_datetime

from ..core import cis_diagnosis, codes
from ..core.cis_results import result_of
from ..core.cis_types import Unreachable
from .account_lookup import OK
from .answers import QUIET, RACES, sentence
from .cis_job import CIS_JOB, GOING_ON

_logger = logging.getLogger(__name__)

FIRST = datetime(2000, 1, 1)
"""From when changes are asked for while nothing was synchronised yet."""
WAIT_MINUTES, LONGEST_WAIT = 10, 160
"""Between two tries of the same page, doubled each time, and at most."""
NO_FAILURE = {"code": False, "detail": False, "failures": 0, "waiting_since": False, "next_at": False}
CRON = "electricity_prepaid.ir_cron_cis_sync"


class ElectricityCisSync(models.Model):
    """One run over the customer files that changed since the last one.

    Each page is applied and committed by itself, so a run goes on where it was after any end. It brings names,
    addresses and the like; balances, counts and states are never touched.
    """

    _name = "electricity.cis.sync"
    _description = "Customer Synchronisation"
    _inherit = [CIS_JOB]
    _order = "id desc"
    _rec_name = "requested_at"

    dry_run = fields.Boolean("Try Only", readonly=True, help="Lists what would change, and changes nothing.")
    since = fields.Datetime("Changes Since", required=True, readonly=True)
    until = fields.Datetime("Changes Until", readonly=True)
    state = fields.Selection(
        [
            ("running", "Running"),
            ("waiting", "Waits for Its Next Try"),
            ("done", "Done"),
            ("refused", "Refused There"),
            ("cancelled", "Cancelled"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="running",
        index=True,
    )
    page = fields.Integer("Pages Done", readonly=True, aggregator=None)
    pages = fields.Integer(readonly=True, aggregator=None)
    seen = fields.Integer("Files", readonly=True, aggregator=None)
    changed = fields.Integer(readonly=True, aggregator=None)
    result = fields.Char("Result Code", readonly=True)
    code = fields.Char(readonly=True)
    detail = fields.Char(readonly=True)
    failures = fields.Integer("Tries in Vain", readonly=True, aggregator=None)
    waiting_since = fields.Datetime(readonly=True)
    next_at = fields.Datetime("Next Try", readonly=True)
    result_text = fields.Char("What Went Wrong", compute="_compute_result_text")
    conflict_ids = fields.One2many("electricity.cis.conflict", "sync_id", readonly=True)
    conflict_count = fields.Integer("Conflicts", compute="_compute_conflict_count")

    _one_running = models.UniqueIndex(
        "(company_id) WHERE state IN ('running', 'waiting')", "A synchronisation of this company is running already."
    )

    @api.depends("page", "pages", "state")
    def _compute_progress(self):
        for sync in self:
            sync.progress = sync._percent(sync.page, sync.pages)

    @api.depends("conflict_ids")
    def _compute_conflict_count(self):
        for sync in self:
            sync.conflict_count = len(sync.conflict_ids.filtered(lambda conflict: conflict.state == "open"))

    @api.depends("result", "code", "detail", "next_at")
    @api.depends_context("lang", "tz")
    def _compute_result_text(self):
        for sync in self:
            if sync.result:
                code = result_of(sync.result).sentence or codes.M_CODE_UNKNOWN
                sync.result_text = sentence(self.env, code, result=sync.result)
            elif sync.code:
                time = format_datetime(self.env, sync.next_at)
                sync.result_text = f"{sentence(self.env, sync.code, reason=sync.detail, time=time)} ({sync.code})"
            else:
                sync.result_text = False

    @api.model
    def _since(self, company):
        """Return the moment up to which a company's changes are known here."""
        last = self.search(
            [("company_id", "=", company.id), ("state", "=", "done"), ("dry_run", "=", False), ("until", "!=", False)],
            order="id desc",
            limit=1,
        )
        return last.until or FIRST

    @api.model
    @api.private
    def start(self, company, dry_run=False):
        """Begin a run, or return the one that is going on.

        :param company: one ``res.company``
        :param dry_run: list what would change, and change nothing
        :raises UserError: the company has no connection
        """
        syncs = self.sudo()
        running = syncs.search([("company_id", "=", company.id), ("state", "in", GOING_ON)])
        if running:
            return running
        if not self.env["electricity.cis.connection"]._for_company(company):
            raise UserError(self.env._("%(company)s has no connection to a marketing system.", company=company.name))
        sync = syncs.create(
            {"company_id": company.id, "user_id": self.env.uid, "dry_run": dry_run, "since": syncs._since(company)}
        )
        self.env.ref(CRON).sudo()._trigger()
        return sync

    @api.model
    def action_start(self, dry_run=False):
        """Begin a run for the present company and show it.

        :param dry_run: list what would change, and change nothing
        """
        self._require_office()
        sync = self.start(self.env.company, bool(dry_run))
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": sync.id,
            "view_mode": "form",
        }

    def action_run(self):
        """Begin a run from a list."""
        return self.action_start()

    def action_try(self):
        """Begin a run that changes nothing, from a list."""
        return self.action_start(True)

    def action_cancel(self):
        """Stop runs; the pages that are done stay."""
        self._require_office()
        self.check_access("read")
        self._stop()

    def action_retry(self):
        """Let runs that wait ask for their page now."""
        self._require_office()
        self.check_access("read")
        self.sudo().filtered(lambda sync: sync.state == "waiting").next_at = fields.Datetime.now()
        self.env.ref(CRON).sudo()._trigger()

    def action_open_conflicts(self):
        """Open what this run found."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("electricity_prepaid.action_cis_conflict")
        return {**action, "domain": [("sync_id", "=", self.id)], "context": {}}

    @api.model
    def _require_office(self):
        user = self.env.user
        if not any(user.has_group(f"electricity_prepaid.group_{name}") for name in ("supervisor", "finance")):
            raise AccessError(self.env._("Only supervisors and finance synchronise customer files."))

    @api.model
    def _cron_daily(self):
        """Begin a run for each company that has a connection."""
        for connection in self.env["electricity.cis.connection"].sudo().search([("active", "=", True)]):
            self.start(connection.company_id)
            self.env["ir.cron"]._commit_progress(1)

    @api.model
    def _cron_sync(self):
        """Work on the runs that are going on; never raises for what the marketing system does."""
        due = Domain("state", "=", "running") | Domain("state", "=", "waiting") & (
            Domain("next_at", "=", False) | Domain("next_at", "<=", fields.Datetime.now())
        )
        for sync in self.sudo().with_context(**QUIET).search(due, order="id"):
            while sync.state in GOING_ON and sync._page_apart():
                left = self.env["ir.cron"]._commit_progress(1, remaining=max(0, sync.pages - sync.page))
                sync.invalidate_recordset()
                if not left:
                    self.env.ref(CRON)._trigger()
                    return
            # What a run says of itself is kept, and its row is free, before another company's system is asked.
            self.env["ir.cron"]._commit_progress(remaining=0)

    def _page_apart(self):
        """Bring the next page; a fault of our own lets this run rest, and stops nobody else's.

        :return: as :meth:`_next_page`
        """
        try:
            with self.env.cr.savepoint():
                return self._next_page()
        except Exception as error:
            _logger.exception("marketing system: a page of customer changes failed")
            self.env.invalidate_all(flush=False)
            self._rest(Unreachable("internal", type(error).__name__))
            return False

    def _next_page(self):
        """Bring the next page.

        :return: False when this run rests or has ended
        """
        self.ensure_one()
        connection = self.env["electricity.cis.connection"]._for_company(self.company_id)
        try:
            if not connection:
                raise Unreachable("configuration", "the company has no active connection", sent=False)
            answer = connection.ask("list_customer_changes", self.since.replace(tzinfo=UTC), self.page + 1)
        except Unreachable as failure:
            self._rest(failure)
            return False
        if answer.result.code != OK:
            self.write({"state": "refused", "result": answer.result.code, "ended_at": fields.Datetime.now()})
            return False
        try:
            with self.env.cr.savepoint():
                self._take_page(answer)
                self.env.flush_all()
        except RACES:
            # Somebody sells to one of these customers, or stopped the run, this moment: the page comes again.
            self.env.invalidate_all(flush=False)
            self.env.ref(CRON)._trigger()
            return False
        return self.state == "running"

    def _take_file(self, file):
        """Bring one file; what cannot be taken is for people, and must not bring the same page for ever.

        :param file: ``core.cis_types.CustomerFile``
        :return: whether something was changed, or would be
        """
        conflicts = self.env["electricity.cis.conflict"]
        try:
            with self.env.cr.savepoint():
                changed = conflicts.take_file(self, file)
                self.env.flush_all()
                return changed
        except (UserError, psycopg2.DataError, psycopg2.IntegrityError) as error:
            _logger.warning("a customer file cannot be taken: %s", type(error).__name__)
            self.env.invalidate_all(flush=False)
            conflicts.note_bad_file(self, file)
            return False

    def _take_page(self, answer):
        """Apply a page and note that it is done, together."""
        changed = sum(self._take_file(file) for file in answer.customers)
        page = self.page + 1
        for file in answer.unreadable:
            self.env["electricity.cis.conflict"].note_unreadable_file(self, file, page)
        values = {
            **NO_FAILURE,
            "state": "running",
            "page": page,
            "pages": answer.pages,
            "until": answer.until.astimezone(UTC).replace(tzinfo=None),
            "seen": self.seen + len(answer.customers) + len(answer.unreadable),
            "changed": self.changed + changed,
        }
        if page >= answer.pages:
            values.update(state="done", ended_at=fields.Datetime.now())
        self.write(values)

    def _rest(self, failure):
        """Wait before the same page is asked for again, longer each time, and show why.

        :param failure: ``core.cis_types.Unreachable``
        """
        now, is_try = fields.Datetime.now(), failure.kind != "circuit"
        failures = self.failures + is_try
        minutes = min(WAIT_MINUTES * 2 ** min(max(failures - 1, 0), 10), LONGEST_WAIT)
        values = {
            "state": "waiting",
            "failures": failures,
            "waiting_since": self.waiting_since or now,
            "next_at": fields.Datetime.add(now, minutes=minutes),
        }
        if is_try or not self.code:
            # That the circuit is open says less than what opened it.
            values |= {"code": cis_diagnosis.code_of_page(failure), "detail": (failure.detail or failure.kind)[:250]}
        self._write_unless_stopped(values)
        self.env.ref(CRON)._trigger(at=values["next_at"])
