"""The one place where a provider's money becomes a tender."""

import logging
import uuid

from odoo import api, models
from odoo.addons.electricity_prepaid.core import codes, money
from odoo.addons.electricity_prepaid.models.answers import sentence
from odoo.addons.electricity_prepaid.models.parameters import request_digest

_logger = logging.getLogger(__name__)


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    @api.private
    def kiosk_book(self, amount, currency_name, code=None, evidence=None):
        """Make the tender of this payment, which its state has just made due. Its account is locked.

        It is never refused: what does not fit the order is the customer's balance, or money without an account.

        :param amount: what was really paid, in the smallest unit of its currency
        :param currency_name: ISO 4217
        :param code: what staff have to know besides
        :param evidence: the signed message, None for a provider whose transaction is all there is
        """
        self.ensure_one()
        order = self.electricity_recharge_id
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", currency_name)])
        paid = _amount(amount, currency_name, currency)
        if currency != order.currency_id:
            self._keep_foreign(amount, currency, currency_name, evidence)
            code = codes.A_CURRENCY_DIFFERS
        else:
            order._record_tender(self._tender_values(money.cents_to_float(amount), evidence))
            if amount != money.to_cents(self.amount):
                code = code or codes.A_AMOUNT_DIFFERS
        if code:
            asked = _amount(money.to_cents(self.amount), self.currency_id.name, self.currency_id)
            self._report(code, paid=paid, asked=asked)

    def _tender_values(self, amount, evidence):
        """Return the fields of the tender of this payment, besides those of its order."""
        return {
            # Of our own making: a page chose the reference, and a terminal chooses the name of what it states about
            # notes. Were it the same, the one money would keep the other from being recorded.
            "uuid": str(uuid.uuid4()),
            "kind": self.electricity_kind,
            "amount": amount,
            "received": amount,
            "request_digest": request_digest(self.electricity_kind, self.reference),
            "terminal_id": self.electricity_terminal_id.id,
            "user_id": False,
            "evidence": evidence,
            "payment_transaction_id": self.id,
        }

    def _keep_foreign(self, amount, currency, currency_name, evidence):
        """Keep money of another currency, which counts for no account of ours."""
        if not currency:
            # Odoo knows no such currency: the transaction itself is the record.
            self.gateway_trouble = f"{amount} {currency_name}"
            return
        values = self._tender_values(amount / 10**currency.decimal_places, evidence)
        # Its terminal is on the transaction: the point of sale of the kiosk could not book this currency.
        self.env["electricity.tender"].keep_without_account(
            self.company_id, {**values, "currency_id": currency.id, "terminal_id": False}
        )

    def _report(self, code, **params):
        """Tell an administrator what has to be looked into."""
        terminal = self.electricity_terminal_id
        # Not in the language of the notice's bringer, who has none.
        env = self.with_context(lang=terminal._administrator_of(terminal.company_id).lang).env
        terminal.message_post(body=sentence(env, code, **params))
        terminal._call_for_help(env._("Look into payment %(name)s (%(code)s)", name=self.reference, code=code))

    @api.model
    @api.private
    def kiosk_keep_unknown(self, provider, told, evidence):
        """Keep money of a genuine notice about a payment that is not known here, once, and tell an administrator.

        :param provider: ``payment.provider`` that told of it
        :param told: :class:`~odoo.addons.electricity_prepaid.core.gateway.Told`, paid
        :param evidence: the signed notice
        :return: whether it is kept; if not, the log has it, and the notice has to come again
        """
        tenders = self.env["electricity.tender"]
        name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{provider.electricity_gateway_merchant}/{told.reference}"))
        if tenders.search_count([("uuid", "=", name)], limit=1):
            return True
        currency = self.env["res.currency"].with_context(active_test=False).search([("name", "=", told.currency)])
        company = provider.company_id
        terminal = self.env["electricity.terminal"].search(
            [("uuid", "=", told.terminal), ("company_id", "=", company.id)], limit=1
        )
        is_elsewhere = self.search_count([("reference", "=", told.reference)], limit=1)
        if is_elsewhere or not currency:
            reason = "is a payment of another provider" if is_elsewhere else "has a currency that Odoo does not know"
            _logger.error("%s: %s %s: %s", codes.A_PAYMENT_UNKNOWN, told.reference, reason, evidence)
            return False
        amount = told.amount / 10**currency.decimal_places
        is_ours = currency == company.currency_id
        tenders.keep_without_account(
            company,
            {
                "uuid": name,
                "kind": "qr",
                "currency_id": currency.id,
                "amount": amount,
                "received": amount,
                "request_digest": request_digest("qr", told.reference),
                "terminal_id": terminal.id if is_ours else False,
                "evidence": evidence,
            },
        )
        self._report_unknown(company, terminal, told.reference, _amount(told.amount, told.currency, currency))
        return True

    def _report_unknown(self, company, terminal, reference, paid):
        """Tell an administrator of money without an account: at its terminal, else at the company's contact."""
        place = terminal or company.partner_id
        user = self.env["electricity.terminal"]._administrator_of(company)
        env = self.with_context(lang=user.lang).env
        place.message_post(body=sentence(env, codes.A_PAYMENT_UNKNOWN, paid=paid))
        text = env._("Find out whose %(amount)s it is, payment %(name)s (A-307)", amount=paid, name=reference)
        place.activity_schedule("mail.mail_activity_data_todo", summary=text, user_id=user.id)


def _amount(amount, name, currency):
    """Return an amount in the smallest unit for people: ``100.00 CNY``."""
    digits = currency.decimal_places if currency else 0
    return f"{amount / 10**digits:.{digits}f} {name}"
