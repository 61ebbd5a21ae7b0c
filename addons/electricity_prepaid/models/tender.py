"""Money that was taken or handed back, with its evidence."""

from odoo import fields, models

from .own_defaults import OWN_DEFAULTS


class ElectricityTender(models.Model):
    """One payment by or to a customer. Rows are only added."""

    _name = "electricity.tender"
    _inherit = [OWN_DEFAULTS]
    _description = "Electricity Tender"
    _order = "id desc"
    _rec_name = "uuid"
    # No _check_company_auto: the only code that writes here copies the company of an order that was checked.

    uuid = fields.Char(required=True, readonly=True)
    recharge_id = fields.Many2one("electricity.recharge", readonly=True, index=True, ondelete="restrict")
    cash_session_id = fields.Many2one(
        "electricity.cash.session", "Shift", readonly=True, index=True, ondelete="restrict"
    )
    electricity_account_id = fields.Many2one(
        "electricity.account",
        "Account",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Empty only for money that came without a clerk, for a purchase that is not known.",
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    kind = fields.Selection(
        [("cash", "Cash, Taken by a Clerk"), ("terminal_cash", "Cash, Counted by a Terminal")],
        required=True,
        readonly=True,
    )
    direction = fields.Selection(
        [("in", "Received"), ("out", "Handed Back")], required=True, readonly=True, default="in"
    )
    amount = fields.Monetary(required=True, readonly=True, help="What counts for the customer, always positive.")
    received = fields.Monetary(readonly=True, help="What was put on the table.")
    change = fields.Monetary(readonly=True)
    user_id = fields.Many2one("res.users", "Clerk", readonly=True, index="btree_not_null")
    terminal_id = fields.Many2one("electricity.terminal", readonly=True, index="btree_not_null")
    evidence = fields.Text(readonly=True, prefetch=False)
    statement_session = fields.Char("Cash Box Session", readonly=True, prefetch=False)
    statement_seq = fields.Integer("Number in the Session", readonly=True, aggregator=None, prefetch=False)
    note_counts = fields.Json("Notes", readonly=True, prefetch=False, help="{denomination in cents: pieces}")
    uncertain_notes = fields.Json(
        readonly=True, prefetch=False, help="Denominations in cents and times in ms: perhaps in the box, not counted."
    )
    uncertain_amount = fields.Monetary(
        "Uncertain",
        readonly=True,
        prefetch=False,
        help="Notes of which the acceptor told no end. Counting the cash box shows whether they are in it.",
    )
    is_unassigned = fields.Boolean(
        "Without an Account", readonly=True, index=True, prefetch=False, help="Somebody has to find out whose it is."
    )
    request_digest = fields.Char(readonly=True)
    occurred_at = fields.Datetime(required=True, readonly=True, index=True, default=fields.Datetime.now)

    _uuid_unique = models.UniqueIndex("(uuid)", "A tender with this identifier exists already.")
    _amount_positive = models.Constraint(
        "CHECK (amount > 0 OR (amount = 0 AND kind = 'terminal_cash' AND uncertain_amount > 0))",
        "A tender is a positive amount.",
    )
    _account_known = models.Constraint(
        "CHECK (electricity_account_id IS NOT NULL OR (kind <> 'cash' AND is_unassigned))",
        "A tender belongs to an account.",
    )
    _session_index = models.Index("(terminal_id, statement_session, statement_seq) WHERE statement_session IS NOT NULL")
