"""Tries to be known at a kiosk without a card: each is kept, wrong ones count, a right one holds for one visit."""

import re
import secrets
from datetime import timedelta

import psycopg2.errors
from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import codes, customer_codes, identification, tokens
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.account import is_number_12
from odoo.addons.electricity_prepaid.models.own_defaults import OWN_DEFAULTS
from odoo.addons.electricity_prepaid.models.parameters import check_uuid

from . import kiosk_trail

KEEP_DAYS = 400
LONGEST_CODE = 200
WRONG_CODES_KEPT = 10
"""Unknown customer codes that a kiosk keeps on record in :data:`WRONG_CODES_WITHIN`."""
WRONG_CODES_WITHIN = timedelta(hours=1)
SERIAL = re.compile(r"R\d{20}", re.ASCII)
"""Of an order, as receipts carry it."""


class ElectricityKioskIdentification(models.Model):
    """One try. Nobody writes it by hand; it says what was typed, never the digits that were typed with it."""

    _name = "electricity.kiosk.identification"
    _inherit = [OWN_DEFAULTS]
    _description = "Identification at a Kiosk"
    _order = "id desc"
    _rec_name = "number"

    config_id = fields.Many2one("pos.config", "Kiosk", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    visit = fields.Char(readonly=True, index=True, help="The visit, as the kiosk's page names it.")
    way = fields.Selection(
        [("number", "Account Number"), ("serial", "Serial of a Receipt"), ("code", "Customer Code")],
        required=True,
        readonly=True,
    )
    number = fields.Char("Typed or Scanned", readonly=True, help="Account number, or serial of a receipt.")
    electricity_account_id = fields.Many2one(
        "electricity.account", "Account", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    outcome = fields.Selection([("right", "Right"), ("wrong", "Wrong")], required=True, readonly=True, index=True)
    tried_at = fields.Datetime(required=True, readonly=True, index=True, default=fields.Datetime.now)
    token_hash = fields.Char(readonly=True, copy=False)
    valid_until = fields.Datetime(readonly=True)
    ended_at = fields.Datetime(readonly=True)
    kiosk_turn = fields.Integer(readonly=True, aggregator=None)
    number_turn = fields.Integer(readonly=True, aggregator=None)

    # Two tries at the same moment would each count only the others: the second gets no turn, and comes again.
    _kiosk_turn_once = models.UniqueIndex("(config_id, kiosk_turn)", "Another try was first.")
    _number_turn_once = models.UniqueIndex(
        "(company_id, number, number_turn) WHERE number IS NOT NULL", "Another try was first."
    )
    _token_once = models.UniqueIndex("(token_hash) WHERE token_hash IS NOT NULL", "This token exists already.")
    _open_index = models.Index("(config_id) WHERE token_hash IS NOT NULL AND ended_at IS NULL")

    @api.model
    def _identify(self, config, visit, text, digits):
        """Try to find out whose account somebody is before a kiosk for, and keep the try.

        :param config: the kiosk, one ``pos.config``
        :param visit: uuid of the visit
        :param text: account number, serial of a receipt or customer code
        :param digits: what was typed beside it, None for a customer code
        :return: the token of this identification, or None when it was wrong: the caller answers K-151, so that this
            try stays on record
        :raises Refusal: K-152, K-154, K-155, P-104, S-101
        """
        visit = check_uuid(visit)
        if not isinstance(text, str) or not text.isprintable() or len(text) > LONGEST_CODE:
            raise Refusal(codes.P_MALFORMED)
        self._end_open(config)
        if customer_codes.looks_like_one(text):
            account = self.env["electricity.customer.code"].account_of(text)
            account = account.filtered(lambda one: one.company_id == config.company_id)
            if not account and self._wrong_codes_enough(config):
                return None
            return self._keep(config, visit, "code", account.name or None, account, bool(account))
        if not config.company_id.kiosk_account_check:
            raise Refusal(codes.K_IDENTITY_OFF)
        way, number, account = self._named(config.company_id, text)
        self._check_limits(config, visit, number)
        expected = config.company_id._kiosk_digits_of(account.partner_id)
        return self._keep(config, visit, way, number, account, identification.agree(expected, digits))

    @api.model
    def _named(self, company, text):
        """Return how an account was named, under which number its tries count, and the account or an empty record."""
        accounts = self.env["electricity.account"].sudo()
        if SERIAL.fullmatch(text):
            order = self.env["electricity.recharge"].sudo()
            order = order.search([("name", "=", text), ("company_id", "=", company.id)], limit=1)
            account = order.electricity_account_id
            return "serial", account.name or text, account
        if not is_number_12(text):
            return "number", text[:12], accounts
        found = accounts.search([("name", "=", text), ("company_id", "=", company.id)], limit=1)
        return "number", text, found

    @api.model
    def _check_limits(self, config, visit, number):
        """Check that another try may be made, right or wrong.

        :raises Refusal: K-152, K-154
        """
        now = fields.Datetime.now()
        wrong = self.sudo().search(
            [
                ("outcome", "=", "wrong"),
                ("way", "!=", "code"),
                ("tried_at", ">", now - identification.LONGEST),
                "|",
                ("config_id", "=", config.id),
                "&",
                ("company_id", "=", config.company_id.id),
                ("number", "=", number),
            ]
        )
        here = wrong.filtered(lambda one: one.config_id == config)
        self._check_visit(config, visit, number)
        same = wrong.filtered(lambda one: one.number == number and one.company_id == config.company_id)
        ends = [
            identification.locked_until(tries.mapped("tried_at"), limits, now)
            for tries, limits in ((here, identification.KIOSK_LIMITS), (same, identification.NUMBER_LIMITS))
        ]
        until = max((end for end in ends if end), default=None)
        if until:
            zone = config.company_id.electricity_zone()
            local = fields.Datetime.context_timestamp(self.with_context(tz=zone), until)
            raise Refusal(codes.K_IDENTITY_LOCKED, until=local.strftime("%H:%M"))

    @api.model
    def _check_visit(self, config, visit, text):
        """Check that account numbers are still taken in a visit. What a scanner reads of our codes is always taken.

        :raises Refusal: K-154
        """
        if not customer_codes.looks_like_one(text):
            wrong = [("config_id", "=", config.id), ("outcome", "=", "wrong"), ("way", "!=", "code")]
            identification.check_visit(self.sudo().search_count([*wrong, ("visit", "=", visit)]))

    @api.model
    def _wrong_codes_enough(self, config):
        """Return whether so many wrong codes are on record of late that more of them would only fill the table.

        Nobody guesses a signature, so wrong codes lock nothing; whoever shows them to the scanner must not fill it.
        """
        since = fields.Datetime.now() - WRONG_CODES_WITHIN
        domain = [("config_id", "=", config.id), ("way", "=", "code"), ("outcome", "=", "wrong")]
        most = WRONG_CODES_KEPT
        return self.sudo().search_count([*domain, ("tried_at", ">", since)], limit=most) >= most

    @api.model
    def _keep(self, config, visit, way, number, account, is_right):
        """Write a try down.

        :return: a new token when it was right, else None
        :raises Refusal: S-101 another try was made at this moment
        """
        token = secrets.token_urlsafe(32) if is_right else None
        if is_right:
            # A wrong one names somebody else perhaps, whose trail this is not.
            kiosk_trail.saw(account=account.name)
        now = fields.Datetime.now()
        try:
            with self.env.cr.savepoint():
                self.sudo().create(
                    {
                        "config_id": config.id,
                        "company_id": config.company_id.id,
                        "visit": visit,
                        "way": way,
                        "number": number,
                        "electricity_account_id": account.id,
                        "outcome": "right" if is_right else "wrong",
                        "tried_at": now,
                        "token_hash": token and tokens.sha256_b64u(token),
                        "valid_until": is_right and now + identification.TOKEN_LIFE,
                        "kiosk_turn": self._next_turn("kiosk_turn", config_id=config.id),
                        "number_turn": number
                        and self._next_turn("number_turn", company_id=config.company_id.id, number=number),
                    }
                )
        except psycopg2.errors.UniqueViolation:
            raise Refusal(codes.S_BUSY) from None
        return token

    @api.model
    def _next_turn(self, name, **of):
        domain = [(field, "=", value) for field, value in of.items()]
        ((highest,),) = self.sudo()._read_group(domain, [], [f"{name}:max"])
        return (highest or 0) + 1

    @api.model
    def _account_of_token(self, config, token):
        """Return the account that somebody before this kiosk was identified for, in this visit.

        :raises Refusal: K-153 it has ended, is another kiosk's, or none of ours
        """
        known = self.sudo()
        if isinstance(token, str) and token.isascii():
            known = known.search(
                [
                    ("token_hash", "=", tokens.sha256_b64u(token)),
                    ("config_id", "=", config.id),
                    ("ended_at", "=", False),
                    ("valid_until", ">", fields.Datetime.now()),
                ]
            )
        if not known:
            raise Refusal(codes.K_IDENTITY_ENDED)
        return known.electricity_account_id

    @api.model
    def _end_open(self, config):
        """End every identification of a kiosk: one person at a time stands before it."""
        domain = [("config_id", "=", config.id), ("token_hash", "!=", False), ("ended_at", "=", False)]
        self.sudo().search(domain).write({"ended_at": fields.Datetime.now()})

    @api.autovacuum
    def _gc_old(self):
        """Remove the tries of long ago, which no limit counts any more."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        self.search([("tried_at", "<", since)], limit=10000).unlink()
