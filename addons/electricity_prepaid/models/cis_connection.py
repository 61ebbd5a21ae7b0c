"""The connection to a company's marketing system (营销系统)."""

import logging
from datetime import datetime
from functools import lru_cache
from secrets import token_hex
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import ormcache

from ..core import cis_circuit, cis_secrets
from ..core.cis_types import MarketingSystem
from .own_defaults import OWN_DEFAULTS

_logger = logging.getLogger(__name__)

HEALTH = {
    "circuit_state",
    "failures",
    "circuit_until",
    "last_success_at",
    "last_failure_at",
    "last_failure_kind",
    "last_failure_detail",
    "latency_ms",
}
"""Written by the calls only: nobody may set them through the API."""


def _log_call(record):
    """Log one masked record of the client; a function of the module, so that equal settings stay equal."""
    _logger.debug("marketing system: %s", record)


@lru_cache(maxsize=16)
def _connected(settings):
    """Return the marketing system of settings; checked once, not for each of a hundred thousand messages."""
    from ..cis import connect

    return connect(settings)


class ElectricityCisConnection(models.Model):
    """How one company reaches its marketing system, what is sold while it is away, and how it has been doing.

    Password and keys are not here: ``secret_name`` names them (:mod:`..core.cis_secrets`).
    """

    _name = "electricity.cis.connection"
    _description = "Marketing System Connection"
    _inherit = [OWN_DEFAULTS, "mail.thread"]
    _guarded = HEALTH
    _order = "company_id, id"

    name = fields.Char(required=True, tracking=True)
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    active = fields.Boolean(default=True, tracking=True)
    adapter = fields.Selection(
        [("standard", "Interface of This Project"), ("cents", "Other Names, Amounts in Cents")],
        "Interface",
        required=True,
        default="standard",
        tracking=True,
        help="Which interface the utility's marketing system speaks.",
    )
    url = fields.Char("Address", required=True, tracking=True, help="Of the SOAP service: https://…")
    soap_version = fields.Selection(
        [("1.1", "SOAP 1.1"), ("1.2", "SOAP 1.2")], "SOAP Version", required=True, default="1.1", tracking=True
    )
    username = fields.Char("User Name", required=True, tracking=True)
    secret_name = fields.Char(
        required=True,
        tracking=True,
        help="Name of the password on the server: the environment variable ELECTRICITY_CIS_SECRET_<NAME>, or the table "
        "of that name in the secrets file. Files of certificates are named there too. None of it is ever stored here.",
    )
    policy = fields.Selection(
        [("refuse", "Do Not Sell"), ("sell_and_queue", "Sell Energy, Upload Later")],
        "When It Is Away",
        required=True,
        default="refuse",
        tracking=True,
        help="Whether energy is sold, without arrears, while the marketing system cannot be reached.",
    )
    lookup_minutes = fields.Integer(
        "Lookup Valid (min)",
        default=5,
        tracking=True,
        aggregator=None,
        help="How old a lookup of customer and arrears may be when a sale is decided.",
    )
    keep_days = fields.Integer(
        "Keep Tries (days)",
        default=400,
        tracking=True,
        aggregator=None,
        help="For how long each try of a finished message is kept. The messages themselves are kept for ever. 0: ever.",
    )

    circuit_state = fields.Selection(
        [("closed", "Working"), ("open", "Paused After Failures"), ("half_open", "Being Tried")],
        "Circuit",
        readonly=True,
        copy=False,
        default="closed",
    )
    failures = fields.Integer("Failures in a Row", readonly=True, copy=False, aggregator=None)
    circuit_until = fields.Datetime("Paused Until", readonly=True, copy=False)
    last_success_at = fields.Datetime("Latest Answer", readonly=True, copy=False)
    last_failure_at = fields.Datetime("Latest Failure", readonly=True, copy=False)
    last_failure_kind = fields.Char(readonly=True, copy=False)
    last_failure_detail = fields.Char("What Failed", readonly=True, copy=False)
    latency_ms = fields.Float(
        "Answer Time (ms)",
        digits=(16, 1),
        readonly=True,
        copy=False,
        aggregator=None,
        help="Moving average over the latest answers.",
    )

    _one_active = models.UniqueIndex("(company_id) WHERE active", "The company has an active connection already.")
    _minutes_positive = models.Constraint(
        "CHECK (lookup_minutes > 0 AND keep_days >= 0)", "A lookup is valid for at least one minute."
    )

    @api.constrains("url")
    def _check_url(self):
        for connection in self:
            if not _is_safe(connection.url):
                raise ValidationError(
                    self.env._(
                        "“%(url)s” is not a safe address: passwords and payments travel over https only, such as "
                        "https://marketing.example.com/soap. Plain http is for simulators on this machine.",
                        url=connection.url,
                    )
                )

    @api.constrains("secret_name")
    def _check_secret_name(self):
        for connection in self:
            if not cis_secrets.NAME.fullmatch(connection.secret_name):
                raise ValidationError(
                    self.env._("The name of a secret has a letter first, then letters, digits and _, at most 32.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(HEALTH & vals.keys() for vals in vals_list):
            raise AccessError(self.env._("How a connection is doing cannot be set by hand."))
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su and HEALTH & vals.keys():
            raise AccessError(self.env._("How a connection is doing cannot be set by hand."))
        if {"active", "company_id"} & vals.keys():
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    @api.model
    @api.private
    def _for_company(self, company):
        """Return the active connection of a company, as superuser, or an empty record.

        :param company: one ``res.company``
        """
        return self.sudo().browse(self._id_for_company(company.id))

    @ormcache("company_id")
    def _id_for_company(self, company_id):
        # Every sale asks.
        # The caller's context decides nothing here: an archived connection is never called.
        return self.sudo().search([("company_id", "=", company_id), ("active", "=", True)], limit=1).id

    @api.model
    @api.private
    def _any_for_company(self, company):
        """Return a connection of a company, an archived one when none is active, or an empty record.

        What a company with a marketing system sells is uploaded, also what it sells while its connection is archived.

        :param company: one ``res.company``
        """
        return self.sudo().browse(self._any_id_for_company(company.id))

    @ormcache("company_id")
    def _any_id_for_company(self, company_id):
        found = self.sudo().with_context(active_test=False)
        return found.search([("company_id", "=", company_id)], order="active DESC, id DESC", limit=1).id

    @api.private
    def ask(self, operation, *args):
        """Ask the marketing system, and note how it went.

        The call may take as long as its time limit: the caller holds no locks. What is noted of the connection's health
        is committed apart from the caller's transaction.

        :param operation: name of a method of :class:`..core.cis_types.MarketingSystem`
        :param args: its arguments
        :return: its answer, of :mod:`..core.cis_types`
        :raises Unreachable: no answer; ``circuit``, at once, while several failures in a row are not long ago
        """
        self.ensure_one()
        if operation not in MarketingSystem.__abstractmethods__:
            raise ValueError(f"no such operation: {operation}")
        connection = self.sudo()
        if connection._admit() and operation in cis_circuit.LONG:
            # Whoever tries keeps all others out meanwhile: a short question does.
            connection._call("query_payment", f"TEST-{token_hex(10)}")
        return connection._call(operation, *args)

    def _system(self):
        """Return the marketing system behind this connection.

        :return: :class:`..core.cis_types.MarketingSystem`
        :raises Unreachable: ``configuration``
        """
        secrets = self._secrets()
        # Only a company with a marketing system pays for loading the client.
        from ..cis import Settings

        return _connected(
            Settings(
                adapter=self.adapter,
                url=self.url,
                soap=self.soap_version,
                username=self.username,
                password=secrets.password,
                ca_file=secrets.ca_file,
                client_cert=secrets.client_cert,
                client_key=secrets.client_key,
                log=_log_call,
            )
        )

    @api.private
    def today(self):
        """Return the accounting day of now: the company's date."""
        return datetime.now(ZoneInfo(self.company_id.electricity_zone())).date()

    @api.model
    @api.private
    def batch_of(self, company, day):
        """Return the reconciliation batch of a company's day, which goes with each payment.

        :param company: ``res.company``
        :param day: date
        """
        return f"{day:%Y%m%d}-{company.id}"


def _is_safe(url):
    """Tell whether a password may be sent to an address."""
    try:
        parts = urlsplit(url or "")
        host = parts.hostname
        _port = parts.port
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.scheme not in ("http", "https"):
        return False
    return parts.scheme == "https" or cis_secrets.is_loopback(host)
