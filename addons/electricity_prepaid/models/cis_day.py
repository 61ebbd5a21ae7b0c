"""The reconciliation of a past day with the marketing system (对账)."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..core import cis_compare, cis_days, codes
from ..core.cis_results import result_of
from ..core.errors import Refusal
from .answers import as_user_error, sentence
from .own_defaults import OWN_DEFAULTS

CRON = "electricity_prepaid.ir_cron_cis_day"


class ElectricityCisDay(models.Model):
    """One past day of one company, compared record by record.

    A day that matches is closed there: what it does not have by then never comes. Hence a day waits for its messages
    (:mod:`..core.cis_days`), and two persons are needed to compare it before. One that differs may be brought again
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
    approved_by_id = fields.Many2one("res.users", readonly=True, help="Of a comparison before its time.")
    waiting_count = fields.Integer("Messages It Waits For", compute="_compute_waiting_count")
    state = fields.Selection(
        [
            ("open", "Waits for Its Messages"),
            ("proposed", "Waits for a Second Person"),
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
    next_try_at = fields.Datetime(
        "Next Try", readonly=True, copy=False, default=fields.Datetime.now, help="No page is brought before."
    )
    last_id = fields.Integer(readonly=True, aggregator=None, help="Of the latest message in the pages brought.")
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

    @api.depends("state")
    def _compute_waiting_count(self):
        for day in self:
            held = day.state in ("open", "proposed") and day._holding_up(day.company_id, day.day)
            day.waiting_count = len(held or ())

    # ------------------------------------------------------------------------------------------------- bringing a day

    @api.model
    @api.private
    def bring(self, company, date, anyway=False):
        """Begin to compare a past day, or return it when that is done or going on.

        :param company: one ``res.company``
        :param date: the accounting day
        :param anyway: although messages of that day have no end yet: proposed here, begun when another person approves
        :raises UserError: no connection, not a past day, one that has only just ended, messages without an end
        """
        connection = self.env["electricity.cis.connection"]._for_company(company)
        if not connection:
            raise UserError(self.env._("%(company)s has no connection to a marketing system.", company=company.name))
        if date >= connection.today():
            raise as_user_error(self.env, Refusal(codes.M_PAST_DAYS_ONLY))
        if date >= self._over_before(connection):
            raise UserError(
                self.env._(
                    "This day has only just ended: sales of its last minutes may still be on their way into the books."
                    " Nothing was compared. It is compared by itself %(minutes)s minutes after midnight.",
                    minutes=cis_compare.GRACE.seconds // 60,
                )
            )
        days = self.sudo()
        known = days.search([("company_id", "=", company.id), ("day", "=", date)])
        if known and known.state not in ("open", "differs", "refused"):
            return known
        holding_up = self._holding_up(company, date)
        if holding_up and not anyway:
            raise UserError(
                self.env._(
                    "%(count)s messages of this day have not arrived in the marketing system: they are on their way or"
                    " on the work list. Settle them first: a day that is closed there takes no more.",
                    count=len(holding_up),
                )
            )
        values = {
            "state": "proposed" if holding_up else "sending",
            "page": 0,
            "last_id": 0,
            "next_try_at": fields.Datetime.now(),
            "user_id": self.env.uid,
            "approved_by_id": False,
            "result": False,
        }
        if known:
            known.write(values)
        else:
            known = days.create({**values, **self._identity(connection, date)})
        self.env.ref(CRON).sudo()._trigger()
        return known

    @api.model
    def _identity(self, connection, date):
        company = connection.company_id
        return {"company_id": company.id, "day": date, "batch": connection.batch_of(company, date)}

    @api.model
    def _over_before(self, connection):
        """Return the first day of a connection's company that is not to be compared yet."""
        zone = ZoneInfo(connection.company_id.electricity_zone())
        return cis_compare.over_before(datetime.now(UTC), zone)

    @api.model
    def _holding_up(self, company, date):
        """Return the messages that hold up the comparison of a day: its own, and the reversals of its payments."""
        return (
            self.env["electricity.cis.message"]
            .sudo()
            .search(
                [
                    ("company_id", "=", company.id),
                    ("state", "in", cis_days.HOLD_UP),
                    "|",
                    ("accounting_date", "=", date),
                    ("payment_id.accounting_date", "=", date),
                ]
            )
        )

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

    def action_approve(self):
        """Let a second person approve that a day is compared although messages of it have no end."""
        self.ensure_one()
        self._require_finance()
        self.check_access("read")
        day = self.sudo()
        if day.state != "proposed":
            raise as_user_error(self.env, Refusal(codes.M_NOT_NOW))
        if day.user_id == self.env.user:
            raise as_user_error(self.env, Refusal(codes.S_SECOND_PERSON))
        day.write({"state": "sending", "approved_by_id": self.env.uid, "next_try_at": fields.Datetime.now()})
        self.env.ref(CRON).sudo()._trigger()

    def action_wait(self):
        """Take the proposal back: the day waits for its messages."""
        self.ensure_one()
        self._require_finance()
        self.check_access("read")
        if self.state != "proposed":
            raise as_user_error(self.env, Refusal(codes.M_NOT_NOW))
        self.sudo().write({"state": "open"})

    @api.model
    def _require_finance(self):
        user = self.env.user
        if not any(user.has_group(f"electricity_prepaid.group_{name}") for name in ("supervisor", "finance")):
            raise AccessError(self.env._("Only supervisors and finance reconcile days."))
