"""The order of one recharge: its fields, and the rules that the database keeps by itself."""

import secrets

from odoo import api, fields, models

from .card_drivers import KWH, UNITS
from .own_defaults import OWN_DEFAULTS

ORDER_STATES = [
    ("draft", "Draft"),
    ("paid", "Paid"),
    ("authorized", "Authorized"),
    ("written", "Written"),
    ("unknown", "Unknown"),
    ("not_written", "Not Written"),
    ("cancelled", "Cancelled"),
    ("reversed", "Reversed"),
    ("dispute", "Dispute"),
]
OPEN_STATES = ("paid", "authorized", "unknown", "not_written")
OPERATIONS = [
    ("purchase", "Purchase"),
    ("open", "Open Account"),
    ("replace", "Replace Card"),
    ("clear", "Clear Card"),
    ("arrears", "Pay Arrears"),
]
CARDLESS = ("clear", "arrears")
"""Operations that bring nothing to the meter."""
UNFINISHED_STATES = ("authorized", "unknown", "not_written", "dispute")


class ElectricityRecharge(models.Model):
    """One sale of electricity to one installation.

    An order is made by ``begin`` before any money is taken, and every later call finds it by the caller's ``uuid``.
    Only the methods of this model write it: nobody has write access, each public method checks the caller's groups.
    """

    _name = "electricity.recharge"
    _description = "Electricity Recharge"
    _inherit = [OWN_DEFAULTS, "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    uuid = fields.Char(required=True, readonly=True, copy=False)
    name = fields.Char(
        "Serial", required=True, readonly=True, copy=False, index="trigram", default=lambda self: self._new_serial()
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    terminal_id = fields.Many2one("electricity.terminal", readonly=True, index="btree_not_null", check_company=True)
    cash_session_id = fields.Many2one(
        "electricity.cash.session", "Shift", readonly=True, index="btree_not_null", check_company=True
    )
    user_id = fields.Many2one("res.users", "Clerk", readonly=True, index="btree_not_null")
    electricity_account_id = fields.Many2one(
        "electricity.account", "Account", required=True, readonly=True, index=True, check_company=True
    )
    partner_id = fields.Many2one(related="electricity_account_id.partner_id", string="Customer")
    installation_id = fields.Many2one("electricity.meter.installation", readonly=True, index=True)
    meter_id = fields.Many2one("electricity.meter", readonly=True, index=True)
    card_id = fields.Many2one("electricity.card", readonly=True, index=True, check_company=True)
    driver = fields.Char(readonly=True)
    op = fields.Selection(OPERATIONS, "Operation", required=True, readonly=True, default="purchase", index=True)
    unit = fields.Selection(
        UNITS, "Quantity on Card", required=True, readonly=True, default=KWH, help="What the card carries to the meter."
    )

    # No sums: of sales that were reversed or have not ended they say nothing. ``cost_sold`` and ``energy_sold`` add up.
    amount = fields.Monetary("Amount Asked", readonly=True, aggregator=None)
    cost = fields.Monetary(readonly=True, aggregator=None, help="Price of the energy, taxes included.")
    energy = fields.Float(
        digits="Electricity Energy",
        readonly=True,
        aggregator=None,
        help="Sold in kWh. 0 for money cards: their meter turns the money into energy.",
    )
    quantity_text = fields.Char("On the Card", compute="_compute_quantity_text")
    remainder = fields.Monetary(readonly=True, help="Part of the amount that buys no whole 0.01 kWh: stays as balance.")
    price = fields.Float(digits=(16, 6), readonly=True, aggregator=None, help="Price per kWh, taxes included.")
    breakdown = fields.Json(readonly=True)
    count = fields.Integer(
        "Purchase Count",
        readonly=True,
        aggregator=None,
        help="Reserved by the authorisation; 0 while none is reserved.",
    )
    count_before = fields.Integer(
        readonly=True, aggregator=None, help="The account's count before this order reserved its own."
    )
    customer_name = fields.Char("Customer at the Sale", readonly=True)
    supply_address = fields.Char("Address at the Sale", readonly=True)
    account_no = fields.Char("Account Number", readonly=True)
    meter_no = fields.Char("Meter Number", readonly=True)
    card_no = fields.Char("Card Serial", readonly=True)
    delivery = fields.Selection(
        [("card", "Card"), ("none", "Nothing to Deliver")], required=True, readonly=True, default="card"
    )
    paid_amount = fields.Monetary("Paid for This Order", readonly=True, default=0.0, aggregator=None)
    amount_held = fields.Monetary(
        "Held", readonly=True, default=0.0, help="Part of the account's balance reserved for this order."
    )

    state = fields.Selection(ORDER_STATES, required=True, readonly=True, default="draft", index=True)
    occurred_at = fields.Datetime("Begun", required=True, readonly=True, index=True, default=fields.Datetime.now)
    written_at = fields.Datetime(readonly=True, index="btree_not_null")
    expires_at = fields.Datetime("Reservation Ends", readonly=True)
    snapshot_id = fields.Many2one("electricity.snapshot", "Latest Reading", readonly=True)
    request_digest = fields.Char(readonly=True, help="Names the parameters of begin, so that a repeat is told apart.")
    has_attempts = fields.Boolean(readonly=True, help="A write order was issued; spares the look when none was.")
    has_uncertain = fields.Boolean(
        readonly=True, help="A note of this order is, or was, uncertain; spares the look when none was."
    )
    attempt_ids = fields.One2many("electricity.recharge.attempt", "recharge_id", readonly=True)
    tender_ids = fields.One2many("electricity.tender", "recharge_id", readonly=True)
    ledger_entry_ids = fields.One2many("electricity.ledger.entry", "recharge_id", readonly=True)

    card_block = fields.Json(readonly=True, help="What the card must say of the purchase.")
    card_files = fields.Json(
        readonly=True, prefetch=False, help="What the card carries beside it: tariff sets, commands."
    )
    previous_block = fields.Json(readonly=True, help="What the card held before.")
    sent_version_id = fields.Many2one(
        "electricity.tariff.version",
        "Tariff Sent",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The newest tariff version that this order's write carries to the meter.",
    )
    takes_new_card = fields.Boolean(
        readonly=True, help="The card is being replaced: the next blank card in the reader takes this order over."
    )
    last_in_meter = fields.Boolean(
        "Last Purchase in the Meter",
        readonly=True,
        help="The old card, or a meter reading by two persons, showed the last purchase in the meter.",
    )
    last_code = fields.Char("Latest Problem", readonly=True)
    at_risk = fields.Monetary(
        compute="_compute_at_risk", store=True, aggregator="sum", help="Money that is neither in the meter nor back."
    )
    hold_code = fields.Char(readonly=True)
    hold_text = fields.Char("Why It Is Held", compute="_compute_hold_text")
    cancel_reason = fields.Char(readonly=True, prefetch=False)
    proposed_by_id = fields.Many2one("res.users", readonly=True, index="btree_not_null", prefetch=False)
    proposed_at = fields.Datetime(readonly=True, prefetch=False)
    proposed_outcome = fields.Selection(
        [
            ("credited", "Credited by the Meter"),
            ("not_credited", "Not Credited: Write Again"),
            ("fenced", "Never Credited: Give Up"),
        ],
        readonly=True,
        prefetch=False,
    )
    meter_reading_count = fields.Integer(
        "Purchase Count Read at the Meter", readonly=True, aggregator=None, prefetch=False
    )
    meter_reading_issue = fields.Integer("Card Issue Read at the Meter", readonly=True, aggregator=None, prefetch=False)
    meter_reading_note = fields.Text(readonly=True, prefetch=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, index="btree_not_null", prefetch=False)
    allowed_actions = fields.Char(compute="_compute_allowed_actions")

    _uuid_unique = models.UniqueIndex("(uuid)", "A recharge with this identifier exists already.")
    _name_unique = models.UniqueIndex("(name)", "A recharge with this serial exists already.")
    _one_open_order = models.UniqueIndex(
        "(installation_id) WHERE state IN ('paid', 'authorized', 'unknown', 'not_written')"
        " OR (state = 'draft' AND paid_amount > 0)",
        "This meter has an open order already.",
    )
    _account_time_index = models.Index("(electricity_account_id, id DESC)")
    _unfinished_index = models.Index("(terminal_id, state) WHERE state IN ('authorized', 'unknown', 'not_written')")
    _amount_positive = models.Constraint(
        "CHECK (amount >= 0 AND cost >= 0 AND remainder >= 0)", "Amounts are not negative."
    )

    @api.model
    def _new_serial(self):
        """Return a random serial: ``R`` and 20 digits.

        Random, because a counter would start again after a database is restored and name two sales alike.
        """
        return f"R{secrets.randbelow(10**20):020d}"
