from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .own_defaults import OWN_DEFAULTS

PROTECTED = {
    "arrears_fetched_at",
    "arrears_late_fee",
    "arrears_total",
    "balance",
    "card_id",
    "held",
    "installation_id",
    "last_purchase_at",
    "marketing_advance",
    "marketing_asked_at",
    "marketing_count",
    "marketing_meter",
    "marketing_may_buy",
    "marketing_reachable",
    "marketing_reason",
    "marketing_told_at",
    "marketing_values",
    "meter_id",
    "purchase_count",
    "state",
    "total_energy",
    "version",
}
"""Written by sales and by the buttons only: nobody may set them through the API."""

OPEN_ORDER_STATES = ("paid", "authorized", "unknown", "not_written", "dispute")
"""Orders that hold money or may still credit a meter; a draft without money holds nothing."""


def is_number_12(value):
    """Tell whether a number can be packed as the six BCD bytes that cards and meters use.

    :param str value: an account, meter or card number
    :return: True when it is exactly twelve ASCII digits
    """
    return is_number(value, 12)


def is_number(value, digits):
    """Tell whether a value is exactly so many ASCII digits.

    :param value: a number as text
    :param digits: how many
    """
    return bool(value) and len(value) == digits and value.isascii() and value.isdigit()


class ElectricityAccount(models.Model):
    """The supply contract of one customer at one place (户号).

    ``balance``, ``held``, ``purchase_count`` and ``total_energy`` are stored and written together with the rows that
    explain them; whoever decides on them updates the row and raises ``version``.
    """

    _name = "electricity.account"
    _description = "Electricity Account"
    _inherit = [OWN_DEFAULTS, "mail.thread", "mail.activity.mixin"]
    _guarded = PROTECTED
    _order = "name, id"
    _check_company_auto = True
    _mail_post_access = "read"
    _rec_names_search = ["name", "partner_id.name", "meter_id.name", "supply_address"]

    name = fields.Char(
        string="Account Number", required=True, copy=False, tracking=True, help="12 digits, as on the card."
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id", store=True)
    supply_address = fields.Char(tracking=True, help="Where the electricity is used.")
    district = fields.Char(index="btree_not_null", tracking=True)
    regime = fields.Selection(
        [("card", "Card meter"), ("remote", "Remote fee control"), ("token", "Token meter")],
        string="Delivery",
        required=True,
        default="card",
        tracking=True,
        help="How the purchase reaches the meter.",
    )
    tariff_id = fields.Many2one(
        "electricity.tariff", index=True, ondelete="restrict", check_company=True, tracking=True
    )
    state = fields.Selection(
        [("draft", "Draft"), ("active", "Active"), ("suspended", "Suspended"), ("closed", "Closed")],
        string="Status",
        required=True,
        readonly=True,
        copy=False,
        default="draft",
        index=True,
        tracking=True,
    )
    active = fields.Boolean(default=True)

    installation_ids = fields.One2many(
        "electricity.meter.installation", "electricity_account_id", string="Installations"
    )
    installation_id = fields.Many2one(
        "electricity.meter.installation",
        string="Current Installation",
        compute="_compute_installation_id",
        store=True,
        index="btree_not_null",
    )
    meter_id = fields.Many2one(
        "electricity.meter",
        string="Current Meter",
        compute="_compute_installation_id",
        store=True,
        index="btree_not_null",
    )
    card_ids = fields.One2many("electricity.card", "electricity_account_id", string="Cards")
    card_id = fields.Many2one(
        "electricity.card", string="Current Card", compute="_compute_card_id", store=True, index="btree_not_null"
    )

    balance = fields.Monetary(
        readonly=True, copy=False, default=0.0, help="The customer's money that has not become energy."
    )
    held = fields.Monetary(
        readonly=True, copy=False, default=0.0, help="The part of the balance that open purchases have reserved."
    )
    purchase_count = fields.Integer(
        readonly=True,
        copy=False,
        default=0,
        aggregator=None,
        help="Highest purchase count reserved for the current meter.",
    )
    total_energy = fields.Float(
        string="Energy Bought", digits="Electricity Energy", readonly=True, copy=False, default=0.0
    )
    version = fields.Integer(readonly=True, copy=False, default=0, aggregator=None)
    last_purchase_at = fields.Datetime(string="Last Purchase", readonly=True, copy=False)

    installation_count = fields.Integer(compute="_compute_counts")
    card_count = fields.Integer(compute="_compute_counts")
    recharge_count = fields.Integer(compute="_compute_counts")
    ledger_entry_count = fields.Integer(compute="_compute_counts")

    _name_unique = models.UniqueIndex("(company_id, name)", "An account with this number exists already.")

    @api.depends("installation_ids.removed_on", "installation_ids.meter_id")
    def _compute_installation_id(self):
        for account in self:
            installation = account.installation_ids.filtered(lambda record: not record.removed_on)[:1]
            account.installation_id = installation
            account.meter_id = installation.meter_id

    @api.depends("card_ids.state")
    def _compute_card_id(self):
        for account in self:
            account.card_id = account.card_ids.filtered(lambda card: card.state == "active")[:1]

    def _count_by_account(self, model):
        """Return how many records of a model each of these accounts has, as {account: int}."""
        if not self.env[model].has_access("read"):
            return {}
        domain = [("electricity_account_id", "in", self.ids)]
        return dict(self.env[model]._read_group(domain, ["electricity_account_id"], ["__count"]))

    def _compute_counts(self):
        installations = self._count_by_account("electricity.meter.installation")
        cards = self._count_by_account("electricity.card")
        recharges = self._count_by_account("electricity.recharge")
        entries = self._count_by_account("electricity.ledger.entry")
        for account in self:
            account.installation_count = installations.get(account, 0)
            account.card_count = cards.get(account, 0)
            account.recharge_count = recharges.get(account, 0)
            account.ledger_entry_count = entries.get(account, 0)

    @api.depends("name", "partner_id.name")
    def _compute_display_name(self):
        for account in self:
            account.display_name = " ".join(part for part in (account.name, account.partner_id.name) if part)

    @api.constrains("name")
    def _check_name(self):
        for account in self:
            if not is_number_12(account.name):
                raise ValidationError(
                    self.env._(
                        "The account number must have exactly 12 digits; “%(number)s” has not.", number=account.name
                    )
                )

    @api.constrains("active")
    def _check_active(self):
        for account in self:
            if not account.active and account.state in ("active", "suspended"):
                raise ValidationError(
                    self.env._("Account %(account)s is in use: close it before you archive it.", account=account.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(PROTECTED & vals.keys() for vals in vals_list):
            raise AccessError(self.env._("Balances, counts and the status of an account cannot be set by hand."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if PROTECTED & vals.keys():
                raise AccessError(self.env._("Balances, counts and the status of an account cannot be set by hand."))
            if {"name", "company_id"} & vals.keys() and any(account.state != "draft" for account in self):
                raise UserError(
                    self.env._("An account in use keeps its number and company: cards and orders name them.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if any(account.state != "draft" or account.sudo().installation_ids for account in self):
            raise UserError(
                self.env._("An account that has been in use cannot be deleted. Close and archive it instead.")
            )

    def _has_open_order(self):
        """Tell whether an order of this account holds money or may still credit the meter."""
        self.ensure_one()
        domain = [
            ("electricity_account_id", "=", self.id),
            "|",
            ("state", "in", OPEN_ORDER_STATES),
            # Its money may come back to the account any day.
            ("taking_back", "in", ("proposed", "approved")),
        ]
        return bool(self.env["electricity.recharge"].sudo().search_count(domain, limit=1))

    def _check_no_open_order(self):
        """Raise UserError when an order of this account is open."""
        if self._has_open_order():
            raise UserError(
                self.env._(
                    "Account %(account)s has an unfinished recharge. Finish it first: Sales, Unfinished recharges.",
                    account=self.name,
                )
            )

    def install_meter(self, meter, initial_count=0, installed_on=None):
        """Install a meter at this account.

        :param meter: a record of ``electricity.meter`` in stock
        :param int initial_count: purchase count in the meter; 1 when its open card has been inserted already
        :param datetime.date installed_on: default today
        :return: the new record of ``electricity.meter.installation``
        """
        self.ensure_one()
        if not isinstance(meter, self.env.registry["electricity.meter"]) or len(meter) != 1:
            # By RPC a number arrives instead of a record.
            raise UserError(self.env._("Choose the meter to install: use the window “Install a meter”."))
        values = {
            "electricity_account_id": self.id,
            "meter_id": meter.id,
            "initial_count": initial_count,
            "installed_on": installed_on or fields.Date.context_today(self),
        }
        return self.env["electricity.meter.installation"].create(values)

    def action_install_meter(self):
        """Return the dialog in which a meter is chosen and installed at this account."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Install a meter"),
            "res_model": "electricity.meter.installation",
            "view_mode": "form",
            "target": "new",
            "context": {"default_electricity_account_id": self.id},
        }

    def action_remove_meter(self):
        """Remove the current meter."""
        self.ensure_one()
        if not self.installation_id:
            raise UserError(self.env._("This account has no meter."))
        return self.installation_id.action_remove()

    def action_activate(self):
        """Let accounts buy: they need a meter, a tariff with a price today, and an active card when they use cards."""
        self.check_access("write")
        today = fields.Date.context_today(self)
        for account in self:
            if account.state not in ("draft", "suspended"):
                raise UserError(self.env._("Only a draft or suspended account can be activated."))
            if not account.meter_id:
                raise UserError(self.env._("Install a meter first."))
            if not account.tariff_id or not account.tariff_id._version_on(today):
                raise UserError(self.env._("Choose a tariff that has a price today."))
            if account.regime == "card" and not account.card_id:
                raise UserError(self.env._("Issue a card to this account first."))
        self.sudo().write({"state": "active"})

    def action_suspend(self):
        """Stop selling to accounts for the time being."""
        self.check_access("write")
        if any(account.state != "active" for account in self):
            raise UserError(self.env._("Only an active account can be suspended."))
        self.sudo().write({"state": "suspended"})

    def action_close(self):
        """Close accounts: settled, without meter, without unfinished orders."""
        self.check_access("write")
        for account in self:
            account._check_no_open_order()
            if account.meter_id:
                raise UserError(self.env._("Remove the meter before you close the account."))
            if not account.currency_id.is_zero(account.balance) or not account.currency_id.is_zero(account.held):
                raise UserError(self.env._("Settle the balance before you close the account."))
        self.card_ids.filtered(lambda card: card.state == "active").sudo().write({"state": "void"})
        self.sudo().write({"state": "closed"})

    def _action_open(self, xmlid):
        """Return a window action of the addon, narrowed to this account."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"electricity_prepaid.{xmlid}")
        context = {"default_electricity_account_id": self.id}
        return {**action, "domain": [("electricity_account_id", "=", self.id)], "context": context}

    def action_open_installations(self):
        """Return the window action that lists the meters this account has had."""
        return self._action_open("action_meter_installation")

    def action_open_cards(self):
        """Return the window action that lists the cards of this account."""
        return self._action_open("action_card")

    def action_open_recharges(self):
        """Return the window action that lists the recharges of this account."""
        return self._action_open("action_recharge")

    def action_open_ledger(self):
        """Return the window action that lists the ledger entries of this account."""
        return self._action_open("action_ledger_entry")
