"""How a visit ended and what it took, told from its orders and its steps."""

from odoo import api, fields, models
from odoo.tools import SQL

from .kiosk_step import CUSTOMER
from .kiosk_trail import PASSING, UNASKED

ENDINGS = [
    ("written", "Written or Paid"),
    ("unwritten", "Money In, Not Finished"),
    ("kept", "Kept as Balance"),
    ("given_up", "Given Up"),
    ("walked_away", "Walked Away"),
    ("refused", "Refused"),
    ("out", "Broke Down"),
    ("nothing", "Nothing Begun"),
]
WRONG = ("unwritten", "kept", "refused", "out")
"""Endings that somebody may complain of."""
ACTING = (
    "begin",
    "begin_arrears",
    "collect",
    "add_tender",
    "pay",
    "pay_status",
    "pay_cancel",
    "give_up",
    "finish_here",
    "authorize",
    "confirm",
    "resolve",
)
"""Calls that do something about an order; others only show one, perhaps of another day."""


class ElectricityKioskVisit(models.Model):
    _inherit = "electricity.kiosk.visit"

    currency_id = fields.Many2one("res.currency", related="company_id.currency_id")
    ending = fields.Selection(ENDINGS, "How It Ended", compute="_compute_ending", search="_search_ending")
    amount_taken = fields.Monetary("Money Taken", compute="_compute_money", groups=CUSTOMER)
    amount_uncertain = fields.Monetary(
        "Uncertain", compute="_compute_money", groups=CUSTOMER, help="Notes whose end the acceptor did not tell."
    )
    went_wrong = fields.Boolean(compute="_compute_went_wrong", search="_search_went_wrong")

    @api.depends("started_at", "terminal_id")
    @api.depends_context("lang", "tz")
    def _compute_display_name(self):
        for visit in self:
            at = visit.started_at and fields.Datetime.context_timestamp(visit, visit.started_at)
            code = visit.terminal_id.sudo().code or ""
            visit.display_name = f"{code} · {at:%Y-%m-%d %H:%M}" if at else code

    @api.depends("step_ids")
    def _compute_ending(self):
        found = self._figures(_ENDING)
        for visit in self:
            visit.ending = found.get(visit.id, "nothing")

    @api.depends("step_ids")
    def _compute_money(self):
        taken, uncertain = self._figures(_TAKEN), self._figures(_UNCERTAIN)
        for visit in self:
            visit.amount_taken = taken.get(visit.id, 0)
            visit.amount_uncertain = uncertain.get(visit.id, 0)

    @api.depends("step_ids")
    def _compute_went_wrong(self):
        found = self._figures(_WENT_WRONG)
        for visit in self:
            visit.went_wrong = found.get(visit.id, False)

    def _search_ending(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._where(_ENDING, SQL("%s = ANY(%s)", SQL("figure"), list(value)))

    def _search_went_wrong(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._where(_WENT_WRONG, SQL("figure = ANY(%s)", [bool(each) for each in value]))

    def _figures(self, expression):
        """Return ``{id: value}`` of an expression about these visits.

        The caller may read the visits; what is told of their orders names nobody.
        """
        if not self.ids:
            return {}
        self.env.flush_all()
        query = SQL(
            "SELECT visit.id, %s FROM electricity_kiosk_visit visit WHERE visit.id = ANY(%s)",
            _filled(expression),
            self.ids,
        )
        return dict(self.env.execute_query(query))

    def _where(self, expression, condition):
        """Return the domain of the visits of which an expression, called ``figure``, meets a condition."""
        self.env.flush_all()

        def to_sql(_model, alias, _query):
            return SQL(
                "EXISTS (SELECT 1 FROM electricity_kiosk_visit visit, LATERAL (SELECT %s AS figure) told"
                " WHERE visit.id = %s AND %s)",
                _filled(expression),
                SQL.identifier(alias, "id"),
                condition,
            )

        return fields.Domain.custom(to_sql=to_sql)


def _filled(expression):
    names = {"orders": SQL(_ORDERS, acting=list(ACTING)), "until": SQL(_UNTIL), "tenders": SQL(_TENDERS)}
    names["refused"] = SQL(_REFUSED, passing=sorted(PASSING), unasked=sorted(UNASKED))
    if expression is _WENT_WRONG:
        names["ending"], names["uncertain"] = _filled(_ENDING), _filled(_UNCERTAIN)
    return SQL(expression, **names, wrong=list(WRONG))


_ORDERS = """
electricity_recharge sold WHERE sold.company_id = visit.company_id AND sold.uuid IN (
    SELECT step.order_uuid FROM electricity_kiosk_step step
     WHERE step.visit_id = visit.id AND step.source = 'server' AND step.call = ANY(%(acting)s))
"""
# What arrives while the customer turns round is the visit's; what a clerk puts right later is not.
_UNTIL = """
(SELECT max(step.at) + interval '5 minutes' FROM electricity_kiosk_step step WHERE step.visit_id = visit.id)
"""
_REFUSED = """
EXISTS (SELECT 1 FROM electricity_kiosk_step step WHERE step.visit_id = visit.id AND step.outcome = 'refused'
           AND NOT COALESCE(step.code, '') = ANY(%(passing)s) AND NOT step.call = ANY(%(unasked)s))
"""
_TENDERS = """
electricity_tender tender WHERE tender.recharge_id = sold.id
   AND tender.occurred_at >= date_trunc('second', visit.started_at)
"""
_TAKEN = """
(SELECT COALESCE(SUM((SELECT SUM(CASE WHEN tender.direction = 'in' THEN tender.amount ELSE -tender.amount END)
                        FROM %(tenders)s AND tender.occurred_at <= %(until)s)), 0)
   FROM %(orders)s)
"""
_UNCERTAIN = """
(SELECT COALESCE(SUM((SELECT SUM(tender.uncertain_amount) FROM %(tenders)s AND tender.occurred_at <= %(until)s)), 0)
   FROM %(orders)s)
"""
_ENDING = """
(SELECT CASE
        WHEN bool_or(sold.state IN ('written', 'reversed') AND sold.written_at <= %(until)s) THEN 'written'
        WHEN bool_or(sold.state NOT IN ('draft', 'cancelled')) THEN 'unwritten'
        WHEN bool_or(sold.state = 'draft' AND sold.paid_amount > 0) THEN 'unwritten'
        WHEN bool_or(EXISTS (SELECT 1 FROM %(tenders)s AND tender.amount > 0)) THEN 'kept'
        WHEN EXISTS (SELECT 1 FROM electricity_kiosk_step step WHERE step.visit_id = visit.id
                        AND (step.outcome = 'crashed' OR step.call = 'error')) THEN 'out'
        WHEN bool_or(sold.cancel_reason IN ('keep', 'refund')) THEN 'given_up'
        WHEN count(sold.id) > 0 THEN 'walked_away'
        WHEN %(refused)s THEN 'refused'
        ELSE 'nothing' END
   FROM %(orders)s)
"""
_WENT_WRONG = """
(%(refused)s OR %(uncertain)s > 0 OR %(ending)s = ANY(%(wrong)s))
"""
