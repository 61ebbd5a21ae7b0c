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
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
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
    request_digest = fields.Char(readonly=True)
    occurred_at = fields.Datetime(required=True, readonly=True, index=True, default=fields.Datetime.now)

    _uuid_unique = models.UniqueIndex("(uuid)", "A tender with this identifier exists already.")
    _amount_positive = models.Constraint("CHECK (amount > 0)", "A tender is a positive amount.")
