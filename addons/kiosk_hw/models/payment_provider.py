"""The aggregated-payment gateway as a payment provider of Odoo: where it is, and one question to it."""

import logging
import os
import time
import uuid
from datetime import timedelta
from urllib.parse import urlsplit

from odoo import api, fields, models, modules
from odoo.addons.electricity_prepaid.core import cis_secrets, codes, gateway
from odoo.addons.electricity_prepaid.core.cis_types import Unreachable
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import as_user_error
from odoo.exceptions import ValidationError
from odoo.tools import config

_logger = logging.getLogger(__name__)

GATEWAY = "electricity_gateway"
DEMO = "demo"
"""Odoo's own provider for trying things out."""
PATIENT = 10.0
"""Seconds for a whole call for which no customer waits."""
TIMEOUTS = {gateway.CREATE: 6.0, gateway.QUERY: 3.0, gateway.CLOSE: 4.0}
"""Seconds for a whole call, by operation, for which a customer waits, and one of Odoo's workers with him."""
REST = timedelta(seconds=15)
"""After a gateway kept us waiting for nothing, customers' pages let it rest."""
DEMONSTRATION = "electricity_demo_payments"
"""Option of the configuration file, and in capitals a variable, by which a server is one for demonstrations."""
JOSE = "application/jose"


class PaymentProvider(models.Model):
    """A gateway's address and our name there. Its key is not here: ``electricity_gateway_secret`` names it."""

    _inherit = "payment.provider"

    code = fields.Selection(
        selection_add=[(GATEWAY, "QR Code and Bank Card at Kiosks")], ondelete={GATEWAY: "set default"}
    )
    electricity_gateway_url = fields.Char(
        "Gateway Address",
        copy=False,
        required_if_provider=GATEWAY,
        groups="base.group_system",
        help="https://…, as docs/payment-gateway.md has it. Plain http only on this machine.",
    )
    electricity_gateway_merchant = fields.Char(
        "Merchant",
        copy=False,
        required_if_provider=GATEWAY,
        groups="base.group_system",
        help="Our name at the gateway.",
    )
    electricity_gateway_secret = fields.Char(
        "Name of the Key",
        copy=False,
        required_if_provider=GATEWAY,
        groups="base.group_system",
        help="Name of the shared key on the server: the environment variable ELECTRICITY_PAYMENT_SECRET_<NAME>, or the "
        "table of that name in the file of payment secrets. It is never stored here.",
    )

    _gateway_merchant_once = models.UniqueIndex(
        "(electricity_gateway_merchant) WHERE electricity_gateway_merchant IS NOT NULL",
        "Another payment provider has this merchant.",
    )

    @api.constrains("electricity_gateway_secret", "electricity_gateway_merchant", "electricity_gateway_url")
    def _check_electricity_gateway(self):
        for provider in self.sudo():
            name = provider.electricity_gateway_secret
            if name and not cis_secrets.NAME.fullmatch(name):
                raise ValidationError(
                    self.env._("The name of a key has a letter first, then letters, digits and _, at most 32.")
                )
            merchant = provider.electricity_gateway_merchant or ""
            if not merchant.isprintable() or len(merchant) > 64:
                raise ValidationError(self.env._("The merchant's name has at most 64 printable characters."))
            url = provider.electricity_gateway_url
            if url and not _is_safe(url):
                raise ValidationError(
                    self.env._(
                        "“%(url)s” is not a safe address: payments travel over https only, such as "
                        "https://pay.example.com/gateway. Plain http is for simulators on this machine.",
                        url=url,
                    )
                )

    @api.constrains("code")
    def _check_demo_of_kiosks(self):
        methods = self.env["pos.payment.method"].sudo().with_context(active_test=False)
        methods.search([("kiosk_provider_id", "in", self.ids)]).kiosk_provider_id.check_for_kiosks()

    @api.private
    def check_for_kiosks(self):
        """Check that none of these providers gives energy at a kiosk in operation to whoever says that he has paid.

        :raises UserError: A-320
        """
        if any(provider.is_demo_in_operation() for provider in self.sudo()):
            raise as_user_error(self.env, Refusal(codes.A_DEMO_PROVIDER))

    @api.private
    def is_demo_in_operation(self):
        """Tell whether this is Odoo's demo provider, on a server that was not started for demonstrations."""
        return self.code == DEMO and not _is_demonstration()

    @api.model
    @api.private
    def give_gateways(self, companies=None):
        """Give companies that have no gateway one of their own, switched off and empty. A branch uses its parent's.

        It is called beside Odoo's own copying, which names a module: also one that is not loaded yet.

        :param companies: ``res.company``; None means all
        """
        first = self.search([("code", "=", GATEWAY)], order="id", limit=1)
        if companies is None:
            companies = self.env["res.company"].search([("parent_id", "=", False)])
        owners = self.search([("code", "=", GATEWAY), ("company_id", "in", companies.ids)]).company_id
        for company in (companies - owners).filtered(lambda each: not each.parent_id) if first else ():
            first.copy({"company_id": company.id})

    @api.model
    @api.private
    def gateway_of_merchant(self, merchant):
        """Return the gateway of a merchant, as superuser, or an empty record.

        One that is switched off, too: what customers paid before still has to be heard.

        :param merchant: name, not yet believed
        """
        domain = [("code", "=", GATEWAY), ("electricity_gateway_merchant", "=", merchant)]
        return self.sudo().search(domain, limit=1)

    @api.private
    def kiosk_problem(self):
        """Return the code of why nobody can pay through this provider now, or None."""
        self.ensure_one()
        provider = self.sudo()
        if provider.state == "disabled" or provider.code not in (GATEWAY, DEMO):
            return codes.A_WAY_OFF
        if provider.is_demo_in_operation():
            return codes.A_DEMO_PROVIDER
        if provider.code == GATEWAY:
            try:
                provider.gateway_secrets()
            except Unreachable as error:
                _logger.warning("payment gateway %s: %s", provider.name, error)
                return codes.A_WAY_OFF
        return None

    @api.private
    def gateway_is_slow(self):
        """Tell whether this gateway has just kept somebody waiting for nothing, so that customers' pages let it rest.

        Each payment notes it on its own row: no row that all write makes them begin again.
        """
        self.ensure_one()
        since = fields.Datetime.now() - REST
        domain = [("provider_id", "=", self.id), ("gateway_slow_at", ">", since)]
        return bool(self.env["payment.transaction"].sudo().search_count(domain, limit=1))

    @api.private
    def gateway_secrets(self):
        """Return the key and the certificates of this gateway.

        :return: :class:`~odoo.addons.electricity_prepaid.core.cis_secrets.Secrets`
        :raises Unreachable: ``configuration``; nothing was sent
        """
        self.ensure_one()
        path = config.get("electricity_payment_secrets") or os.environ.get("ELECTRICITY_PAYMENT_SECRETS")
        name = self.electricity_gateway_secret or ""
        if not cis_secrets.NAME.fullmatch(name):
            raise Unreachable("configuration", "the key has no name", sent=False)
        secrets = cis_secrets.load(name, os.environ, path and os.path.expanduser(path), prefix=cis_secrets.PAYMENT)
        if len(secrets.password.encode()) < gateway.LEAST_KEY:
            raise Unreachable("configuration", f"the key {name} is too short", sent=False)
        cis_secrets.check_released(secrets, name, self.electricity_gateway_url or "", self.company_id.id)
        return secrets

    @api.private
    def gateway_ask(self, operation, claims, patient=False):
        """Ask the gateway one question. The caller has committed what must outlive it, and holds no locks.

        :param operation: of :mod:`~odoo.addons.electricity_prepaid.core.gateway`
        :param claims: what it is about
        :param patient: no customer waits for the answer
        :return: :class:`~odoo.addons.electricity_prepaid.core.gateway.Told`, or ``RefundTold``, and the signed answer
        :raises ServiceAway: there is no answer that can be believed; what it did is not known
        :raises ServiceRefused: it says that it does not do that
        """
        self.ensure_one()
        if self.state == "disabled" and operation in (gateway.CREATE, gateway.REFUND):
            raise gateway.ServiceAway("the provider is switched off", sent=False)
        question = str(uuid.uuid4())
        merchant = self.electricity_gateway_merchant
        try:
            secrets = self.gateway_secrets()
            told = {"op": operation, "jti": question, "iat": int(time.time()), **claims}
            request = gateway.sign(gateway.REQUEST, told, merchant, secrets.password)
            settings = self._gateway_settings(secrets)
            # Nothing of the database is held while the gateway thinks, and what a notice brings meanwhile is seen.
            end_transaction(self.env)
            answer = _post(settings, request, PATIENT if patient else TIMEOUTS[operation])
            answered = gateway.verify(answer, gateway.ANSWER, merchant, secrets.password)
            if answered.get("re") != question:
                raise gateway.Unreadable("an answer to another question")
            word = gateway.refusal_of(answered)
            if word:
                raise gateway.ServiceRefused(word)
            is_refund = operation in (gateway.REFUND, gateway.REFUND_QUERY)
            told = gateway.refund_told_by(answered) if is_refund else gateway.told_by(answered)
            if told.reference != claims["reference"]:
                raise gateway.Unreadable("an answer about another payment")
        except Unreachable as error:
            raise gateway.ServiceAway(str(error), error.sent, error.kind == "timeout") from error
        except gateway.Unreadable as error:
            raise gateway.ServiceAway(str(error)) from error
        return told, answer

    def _gateway_settings(self, secrets):
        """Return how this gateway is called."""
        # Only a company with a gateway pays for loading the client.
        from odoo.addons.electricity_prepaid.cis.settings import Settings

        settings = Settings(
            adapter="",
            url=self.electricity_gateway_url,
            ca_file=secrets.ca_file,
            client_cert=secrets.client_cert,
            client_key=secrets.client_key,
            max_bytes=gateway.MOST_BYTES,
        )
        settings.check()
        return settings


def end_transaction(env):
    """Commit, and forget what was read: what comes next begins with what the database says then."""
    # A test has one transaction.
    if not modules.module.current_test:
        env.cr.commit()  # pylint: disable=invalid-commit
    env.invalidate_all()


def _post(settings, message, timeout):
    """Send a message, and return what comes back as text."""
    from odoo.addons.electricity_prepaid.cis.transport import Wire

    status, _kind, body = Wire(settings).post(message.encode(), {"Content-Type": JOSE}, timeout, None)
    if status != 200:
        raise Unreachable("http", f"the gateway answers with status {status}")
    try:
        return body.decode("ascii").strip()
    except UnicodeDecodeError:
        raise Unreachable("unreadable", "the answer is no signed message") from None


def _is_demonstration():
    """Tell whether whoever started this server said that it is for demonstrations. No setting in the database does."""
    said = os.environ.get(DEMONSTRATION.upper()) or config.get(DEMONSTRATION)
    return str(said).strip().lower() in ("1", "true", "yes", "on")


def _is_safe(url):
    """Tell whether payments may travel to an address."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.username or parts.password or parts.scheme not in ("http", "https"):
        return False
    return parts.scheme == "https" or cis_secrets.is_loopback(host)
