from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .account import is_number
from .account_button import ACCOUNT_BUTTON
from .card_drivers import DEFAULT_DRIVER, check_driver, select_driver, serial_length
from .own_defaults import OWN_DEFAULTS

ISSUE_MAX = 255
"""The issue number is one byte on the card (docs/protocol/card-layout-demo.md)."""
SERIAL_LENGTHS = (12, 16)
"""Digits of a serial: memory cards, CPU cards."""


class ElectricityCard(models.Model):
    """A purchase card (购电卡). Only the newest card of an account is sold to."""

    _name = "electricity.card"
    _description = "Purchase Card"
    _inherit = [OWN_DEFAULTS, ACCOUNT_BUTTON, "mail.thread"]
    _guarded = {"state"}
    _order = "electricity_account_id, issue desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(
        string="Card Serial", required=True, copy=False, tracking=True, help="12 digits; 16 for CPU cards."
    )
    electricity_account_id = fields.Many2one(
        "electricity.account",
        string="Account",
        index=True,
        ondelete="restrict",
        check_company=True,
        copy=False,
        tracking=True,
    )
    partner_id = fields.Many2one(related="electricity_account_id.partner_id", string="Customer")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    driver = fields.Selection(
        selection=select_driver,
        string="Card Driver",
        required=True,
        default=DEFAULT_DRIVER,
    )
    issue = fields.Integer(
        default=1, copy=False, help="1 for the first card of the account, one more with every replacement."
    )
    generation = fields.Integer(
        default=1, copy=False, help="Generation of the meter installation for which the card was issued."
    )
    state = fields.Selection(
        [
            ("blank", "Blank"),
            ("active", "Active"),
            ("lost", "Lost"),
            ("replaced", "Replaced"),
            ("void", "Void"),
        ],
        string="Status",
        required=True,
        readonly=True,
        copy=False,
        default="blank",
        index=True,
        tracking=True,
    )
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex("(name)", "A card with this serial exists already.")
    _account_active_unique = models.UniqueIndex(
        "(electricity_account_id) WHERE state = 'active'", "This account has an active card already."
    )
    _account_issue_unique = models.UniqueIndex(
        "(electricity_account_id, issue) WHERE electricity_account_id IS NOT NULL AND state != 'void'",
        "This account has a card with this issue number already.",
    )

    @api.constrains("name", "driver")
    def _check_serial(self):
        check_driver(self)
        for card in self:
            length = serial_length(card.driver)
            lengths = (length,) if length else SERIAL_LENGTHS
            if not any(is_number(card.name, digits) for digits in lengths):
                raise ValidationError(
                    self.env._(
                        "The serial of such a card must have exactly %(length)s digits; “%(number)s” has not.",
                        length="/".join(map(str, lengths)),
                        number=card.name,
                    )
                )

    @api.constrains("issue", "generation", "state", "electricity_account_id")
    def _check_numbers(self):
        for card in self:
            if not 1 <= card.issue <= ISSUE_MAX:
                raise ValidationError(self.env._("The issue number must be between 1 and %(max)s.", max=ISSUE_MAX))
            if card.generation < 1:
                raise ValidationError(self.env._("The generation must be 1 or more."))
            if card.state == "active" and not card.electricity_account_id:
                raise ValidationError(self.env._("An active card belongs to an account: choose one first."))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("state", "blank") != "blank" for vals in vals_list):
            raise AccessError(self.env._("The status of a card changes only by its buttons."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if "state" in vals:
                raise AccessError(self.env._("The status of a card changes only by its buttons."))
            if {"name", "electricity_account_id", "issue", "generation", "driver", "company_id"} & vals.keys() and any(
                card.state != "blank" for card in self
            ):
                raise UserError(self.env._("A card that has been issued keeps its serial, account and issue number."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_issued(self):
        if any(card.state != "blank" for card in self):
            raise UserError(self.env._("A card that has been issued cannot be deleted. Declare it void instead."))

    def _move(self, sources, target):
        """Change the state of cards that are in one of the source states.

        :param sources: allowed present states
        :param str target: the new state
        :raises UserError: a card is in another state
        """
        self.check_access("write")
        if any(card.state not in sources for card in self):
            raise UserError(self.env._("The card is not in a status in which this can be done."))
        self.sudo().write({"state": target})

    def action_activate(self):
        """Make blank or found cards the active card of their account."""
        for card in self:
            newer = card.sudo().electricity_account_id.card_ids.filtered(
                lambda other, card=card: other.issue > card.issue and other.state != "void"
            )
            if newer:
                raise UserError(
                    self.env._(
                        "Card %(newer)s has been issued after this one, so this one stays out of use.",
                        newer=newer[:1].name,
                    )
                )
        self._move({"blank", "lost"}, "active")

    def action_report_lost(self):
        """Note that the customer lost the card: nothing is sold to it any more."""
        self._move({"active"}, "lost")

    def action_void(self):
        """Take a card out of use for good."""
        for card in self.filtered(lambda record: record.state == "active"):
            card.electricity_account_id._check_no_open_order()
        self._move({"blank", "active", "lost", "replaced"}, "void")
