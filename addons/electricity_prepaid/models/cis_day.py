"""The reconciliation of a past day with the marketing system (对账)."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core import cis_delivery, codes, money
from ..core.cis_results import result_of
from ..core.cis_types import ONLY_MARKETING, DayPage, Record, Unreachable
from ..core.errors import Refusal
from .account_lookup import OK
from .answers import QUIET, RACES, as_user_error, sentence
from .own_defaults import OWN_DEFAULTS

PAGE_SIZE = 1000
"""Records in one page: the most that the interface takes."""
RECONCILED_THERE, PAST_DAYS_ONLY = "706", "707"
DIFFER = ("1007", "1008", "1009")
WAIT_MINUTES = 10
CRON = "electricity_prepaid.ir_cron_cis_day"
NOT_FINAL = (*cis_delivery.LIVE, *cis_delivery.WORK)


class ElectricityCisDay(models.Model):
    """One past day of one company, compared record by record.

    A day that matches is closed there: what it does not have by then never comes. One that differs may be brought again
    after both sides were put right; bringing it again adds nothing twice.
    """

    _name = "electricity.cis.day"
    _description = "Reconciled Day"
    _inherit = [OWN_DEFAULTS, "mail.thread"]
    _order = "day desc, id desc"
    _rec_name = "day"
    _mail_post_access = "read"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    day = fields.Date("Day Compared", required=True, readonly=True)
    batch = fields.Char(required=True, readonly=True)
    active = fields.Boolean(default=True, readonly=True)
    user_id = fields.Many2one("res.users", "Brought By", readonly=True)
    state = fields.Selection(
        [
            ("sending", "Being Compared"),
            ("waiting", "Marketing System Away"),
            ("matched", "Matched"),
            ("differs", "Differs"),
            ("refused", "Refused There"),
        ],
        "Status",
        required=True,
        readonly=True,
        default="sending",
        index=True,
        tracking=True,
    )
    page = fields.Integer("Pages Brought", readonly=True, aggregator=None)
    pages = fields.Integer(readonly=True, aggregator=None)
    our_count = fields.Integer("Records Here", readonly=True)
    our_total = fields.Monetary("Total Here", readonly=True)
    their_count = fields.Integer("Records There", readonly=True)
    their_total = fields.Monetary("Total There", readonly=True)
    result = fields.Char("Result Code", readonly=True)
    result_text = fields.Char("What Is Known", compute="_compute_result_text")
    more = fields.Boolean("More Differences Than Listed", readonly=True)
    compared_at = fields.Datetime("Compared", readonly=True)
    difference_ids = fields.One2many("electricity.cis.difference", "day_id", "Differences")
    open_count = fields.Integer("Open Differences", compute="_compute_open_count")

    _day_once = models.UniqueIndex("(company_id, day) WHERE active", "This day is here already.")

    @api.depends("difference_ids.resolution")
    def _compute_open_count(self):
        for day in self:
            day.open_count = len(day.difference_ids.filtered(lambda one: one.resolution == "open"))

    @api.depends("result")
    @api.depends_context("lang")
    def _compute_result_text(self):
        for day in self:
            code = day.result and result_of(day.result).sentence
            day.result_text = code and f"{code} {sentence(self.env, code, result=day.result)}"

    # ------------------------------------------------------------------------------------------------- bringing a day

    @api.model
    @api.private
    def bring(self, company, date, anyway=False):
        """Begin to compare a past day, or return it when that is done or going on.

        :param company: one ``res.company``
        :param date: the accounting day
        :param anyway: although messages of that day are still on their way
        :raises UserError: no connection, not a past day, messages on their way
        """
        connection = self.env["electricity.cis.connection"]._for_company(company)
        if not connection:
            raise UserError(self.env._("%(company)s has no connection to a marketing system.", company=company.name))
        if date >= connection.today():
            raise as_user_error(self.env, Refusal(codes.M_PAST_DAYS_ONLY))
        days = self.sudo()
        known = days.search([("company_id", "=", company.id), ("day", "=", date)])
        if known and known.state not in ("differs", "refused"):
            return known
        live = self._messages(company, date, cis_delivery.LIVE)
        if live and not anyway:
            raise UserError(
                self.env._(
                    "%(count)s messages of this day are still on their way to the marketing system. Wait until they"
                    " have arrived: a day that is closed there takes no more.",
                    count=len(live),
                )
            )
        values = {"state": "sending", "page": 0, "user_id": self.env.uid, "result": False}
        if known:
            known.write(values)
        else:
            identity = {"company_id": company.id, "day": date, "batch": connection.batch_of(company, date)}
            known = days.create({**values, **identity})
        self.env.ref(CRON).sudo()._trigger()
        return known

    @api.model
    def _messages(self, company, date, states):
        return (
            self.env["electricity.cis.message"]
            .sudo()
            .search(
                [("company_id", "=", company.id), ("accounting_date", "=", date), ("state", "in", tuple(states))],
                order="id",
            )
        )

    def action_bring_again(self):
        """Compare days again after both sides were put right."""
        self._require_finance()
        for day in self:
            day.bring(day.company_id, day.day)

    @api.model
    def _require_finance(self):
        user = self.env.user
        if not any(user.has_group(f"electricity_prepaid.group_{name}") for name in ("supervisor", "finance")):
            raise AccessError(self.env._("Only supervisors and finance reconcile days."))

    @api.model
    def _cron_days(self):
        """Begin the days up to yesterday that had uploads and are not compared yet, and work on those that are begun.

        Never raises for what the marketing system does.
        """
        for connection in self.env["electricity.cis.connection"].sudo().search([("active", "=", True)]):
            for date in self._missing_days(connection):
                self.bring(connection.company_id, date)
        for day in self.sudo().with_context(**QUIET).search([("state", "in", ("sending", "waiting"))], order="day"):
            while day.state in ("sending", "waiting") and day._next_page():
                left = self.env["ir.cron"]._commit_progress(1, remaining=max(0, day.pages - day.page))
                day.invalidate_recordset()
                if not left:
                    self.env.ref(CRON)._trigger()
                    return

    @api.model
    def _missing_days(self, connection):
        """Return the past days of a company whose messages have all ended, and that nobody has compared yet."""
        groups = (
            self.env["electricity.cis.message"]
            .sudo()
            ._read_group(
                [("company_id", "=", connection.company_id.id), ("accounting_date", "<", connection.today())],
                ["accounting_date:day"],
                ["state:array_agg"],
            )
        )
        known = set(self.sudo().search([("company_id", "=", connection.company_id.id)]).mapped("day"))
        ended = [fields.Date.to_date(date) for date, states in groups if not set(states) & set(cis_delivery.LIVE)]
        return sorted(set(ended) - known)

    def _records(self):
        """Return the day's records as this side has them: what is booked, reversals negative.

        :return: tuple of ``core.cis_types.Record``
        """
        return tuple(
            Record(
                serial=message.name,
                account_no=message.electricity_account_id.name,
                amount=money.to_cents(message.amount) * (-1 if message.kind == "reversal" else 1),
                original_serial=message.payment_id.name or "",
            )
            for message in self._messages(self.company_id, self.day, (cis_delivery.S_DONE,))
        )

    def _next_page(self):
        """Bring the next page of the day.

        :return: False when it rests or has ended
        """
        self.ensure_one()
        records = self._records()
        pages = max(1, -(-len(records) // PAGE_SIZE))
        number = min(self.page, pages - 1) + 1
        page = DayPage(
            accounting_date=self.day,
            batch=self.batch,
            count=len(records),
            total=sum(record.amount for record in records),
            page=number,
            pages=pages,
            records=records[(number - 1) * PAGE_SIZE : number * PAGE_SIZE],
        )
        connection = self.env["electricity.cis.connection"]._for_company(self.company_id)
        try:
            if not connection:
                raise Unreachable("configuration", sent=False)
            answer = connection.ask("reconcile", page)
        except Unreachable:
            self.write({"state": "waiting"})
            later = fields.Datetime.add(fields.Datetime.now(), minutes=WAIT_MINUTES)
            self.env.ref(CRON)._trigger(at=later)
            return False
        try:
            with self.env.cr.savepoint():
                self._take_answer(page, answer)
                self.env.flush_all()
        except RACES:
            # A sender moves one of the day's messages this moment: the same page comes again.
            self.env.invalidate_all(flush=False)
            self.env.ref(CRON)._trigger()
            return False
        return self.state == "sending"

    def _take_answer(self, page, answer):
        """Store what a page was answered."""
        code = answer.result.code
        values = {
            "state": "sending",
            "page": page.page,
            "pages": page.pages,
            "our_count": page.count,
            "our_total": money.cents_to_float(page.total),
            "result": code,
        }
        if code == OK and not answer.complete:
            # Further pages come. When the list turned out to be over, it begins anew: it changed on the way.
            self.write({**values, "page": 0 if page.page == page.pages else page.page})
            return
        if answer.marketing_count is not None:
            values["their_count"] = answer.marketing_count
            values["their_total"] = money.cents_to_float(answer.marketing_total or 0)
        values.update(compared_at=fields.Datetime.now(), more=answer.more)
        same = (answer.marketing_count, answer.marketing_total) == (page.count, page.total)
        if code == OK or (code == RECONCILED_THERE and same):
            # Closed there, perhaps by our own last page, whose answer was lost.
            self.write({**values, "state": "matched"})
            self._settle_differences(())
            self._messages(self.company_id, self.day, NOT_FINAL).settle_reconciled(False)
        elif code in DIFFER:
            self.write({**values, "state": "differs"})
            self._settle_differences(answer.differences)
            self._settle_found(answer.differences)
        else:
            self.write({**values, "state": "refused"})

    def _settle_differences(self, differences):
        """Make the list of differences say what was found now; what people said about one stays."""
        known = {one.serial: one for one in self.difference_ids}
        for found in differences:
            values = {
                "kind": found.kind,
                "account_no": found.account_no,
                "our_amount": money.cents_to_float(found.caller_amount or 0),
                "their_amount": money.cents_to_float(found.marketing_amount or 0),
                "marketing_serial": found.marketing_serial,
            }
            row = known.pop(found.serial, None)
            if row:
                row.write(values)
            else:
                identity = {"day_id": self.id, "company_id": self.company_id.id, "serial": found.serial}
                self.env["electricity.cis.difference"].create({**values, **identity})
        for row in known.values():
            if row.resolution == "open":
                row.write({"resolution": "gone", "resolved_at": fields.Datetime.now()})

    def _settle_found(self, differences):
        """Settle the messages without an end whose record is there after all."""
        waiting = self._messages(self.company_id, self.day, NOT_FINAL)
        for found in differences:
            if found.kind != ONLY_MARKETING:
                continue
            for message in waiting:
                cents = money.to_cents(message.amount) * (-1 if message.kind == "reversal" else 1)
                agrees = (found.account_no, found.marketing_amount) == (message.electricity_account_id.name, cents)
                own = found.serial == message.name
                by_hand = message.kind == "reversal" and message.state == cis_delivery.S_BY_HAND
                if agrees and (own or by_hand):
                    message.settle_reconciled(True)
                    waiting -= message
                    break
