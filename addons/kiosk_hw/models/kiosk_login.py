"""Logins of kiosks: each by a statement that its terminal signed a moment ago."""

import time

import psycopg2.errors
from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import codes, logins, tokens
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.own_defaults import OWN_DEFAULTS

KEEP_DAYS = 400


class ElectricityKioskLogin(models.Model):
    """One login. Its statement is used up by it."""

    _name = "electricity.kiosk.login"
    _inherit = [OWN_DEFAULTS]
    _description = "Kiosk Login"
    _order = "id desc"
    _rec_name = "jti"

    jti = fields.Char("Statement", required=True, readonly=True)
    config_id = fields.Many2one("pos.config", "Kiosk", required=True, readonly=True, index=True, ondelete="cascade")
    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    address = fields.Char("From Address", readonly=True)
    logged_in_at = fields.Datetime(required=True, readonly=True, index=True, default=fields.Datetime.now)

    _once = models.UniqueIndex("(jti)", "This statement was used already.")

    @api.model
    @api.private
    def config_of(self, token):
        """Return the kiosk that a login statement is about, before anything of it is believed.

        :param token: ``login+jwt``, compact
        :return: one ``pos.config``, as superuser
        :raises Refusal: P-104, T-101, or T-103 while its terminal is disabled
        """
        if not isinstance(token, str):
            raise Refusal(codes.P_MALFORMED)
        _header, claims = tokens.peek(token, codes.P_MALFORMED)
        issuer = claims.get("iss")
        if not isinstance(issuer, str) or not issuer.isprintable():
            raise Refusal(codes.P_MALFORMED)
        terminal = self.env["electricity.terminal"].sudo().search([("uuid", "=", issuer)], limit=1)
        config = terminal and self.env["pos.config"].sudo().search(
            [("electricity_terminal_id", "=", terminal.id)], limit=1
        )
        if not config or not config.kiosk_user_id.active:
            raise Refusal(codes.T_NOT_PAIRED)
        if terminal.state == "disabled":
            raise Refusal(codes.T_DISABLED)
        return config

    @api.model
    def _redeem(self, config, token, address):
        """Use up a statement of a kiosk's own terminal.

        :param config: one ``pos.config``
        :param token: ``login+jwt``, compact
        :param address: where it came from, for the record
        :raises Refusal: T-101, or P-103 when it is not genuine, too old, or was used already
        """
        terminal = config.sudo().electricity_terminal_id
        database = self.env["electricity.keyring"].sudo().database_uuid()
        jti = logins.verify(token, terminal.identity(), database, int(time.time()))
        try:
            with self.env.cr.savepoint():
                self.sudo().create(
                    {
                        "jti": jti,
                        "config_id": config.id,
                        "terminal_id": terminal.id,
                        "company_id": config.company_id.id,
                        "address": address,
                    }
                )
        except psycopg2.errors.UniqueViolation:
            raise Refusal(codes.P_TOKEN) from None

    @api.autovacuum
    def _gc_old(self):
        """Remove the logins of long ago; their statements are worth nothing since a minute after they were made."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        self.search([("logged_in_at", "<", since)], limit=10000).unlink()
