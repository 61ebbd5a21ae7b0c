"""The question to the marketing system at the sale: who is this, what is owed, may it buy."""

from datetime import timedelta

from odoo import api, fields, models

from ..core import codes
from ..core.cis_types import CUSTOMER_KEYS
from ..core.errors import Refusal
from .account import is_number
from .account_lookup import OK
from .answers import answering, find_by, spoken

SILENCE_COUNTS = timedelta(seconds=30)
"""How long a failed lookup is taken for the state of things; after it the counter asks again."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    @answering
    def lookup(self, terminal_id, number, by="account"):
        """Ask the marketing system about a customer, and keep what it says.

        It is asked before anything is written and with no row locked: a slow answer keeps nobody waiting.

        :param terminal_id: id of the terminal, for its company
        :param number: 12 digits, or 16 of a card
        :param by: ``account``, ``meter`` or ``card``
        """
        if (
            by not in CUSTOMER_KEYS
            or not isinstance(number, str)
            or not (is_number(number, 12) or is_number(number, 16))
        ):
            raise Refusal(codes.P_MALFORMED)
        terminal = self._terminal_for_user(terminal_id)
        account = self._account_by(by, number, terminal.company_id)
        connection = self._connection(terminal.company_id)
        if not connection:
            return self._lookup_answer(account, connection)
        asked_at = fields.Datetime.now()
        told = connection.ask_about(by, number, account.name or None)
        if account:
            account.take()
            account.store_lookup(told, asked_at)
        return self._lookup_answer(account, connection, told)

    @api.model
    def _account_by(self, by, number, company):
        """Return a company's account by the number of the account, its meter or a card, or an empty record."""
        accounts = self.env["electricity.account"]
        if by == "account":
            return find_by(accounts, name=number, company_id=company.id)
        model = self.env[f"electricity.{by}"].with_context(active_test=False)
        return find_by(model, name=number, company_id=company.id).electricity_account_id

    @api.model
    def _lookup_answer(self, account, connection, told=None):
        customer = told and told.customer and told.customer.result.code == OK and told.customer.customer
        return {
            "account": account.name or None,
            "customer": self._customer_answer(customer) if customer else None,
            **self._marketing_answer(account, connection),
        }

    @api.model
    def _customer_answer(self, customer):
        """Return a customer file as the page shows it.

        :param customer: ``core.cis_types.CustomerFile``
        """
        return {
            "account": customer.account_no,
            "name": customer.name,
            "address": customer.address,
            "status": customer.status,
            "category": customer.category,
            "regime": customer.regime,
            "meter": customer.meter_no,
        }

    @api.model
    def _marketing_answer(self, account, connection=None):
        """Return what quote and lookup say of the marketing system; ``state`` is None without one.

        :param account: ``electricity.account``, or empty
        """
        connection = self._connection(account.company_id) if connection is None and account else connection
        if not connection:
            return {"state": None, "allowed": True, "code": None, "message": None, "arrears": None, "warnings": []}
        refusal = None
        try:
            self._check_marketing(account)
        except Refusal as caught:
            refusal = caught
        state = self._marketing_state(account, connection)
        return {
            "state": state,
            "policy": connection.policy,
            "arrears": account.arrears_answer() if account else None,
            "warnings": self._marketing_warnings(account, connection, state),
            **self._verdict(refusal),
        }

    @api.model
    def _marketing_state(self, account, connection):
        """Return ``up``, ``down`` (it was silent a moment ago, or is not asked) or ``ask`` of an account."""
        if connection.is_paused():
            return "down"
        if not account:
            return "up"
        if account.marketing_reachable:
            return "up" if self._asked_lately(account, connection) else "ask"
        silent_since = account.marketing_asked_at
        return "down" if silent_since and silent_since > fields.Datetime.now() - SILENCE_COUNTS else "ask"

    @api.model
    def _marketing_light(self, company):
        """Return {``state``: ``up`` or ``down``, ``policy``} of a company's marketing system, None without one."""
        connection = self._connection(company)
        return connection and {"state": "down" if connection.is_paused() else "up", "policy": connection.policy} or None

    @api.model
    def _marketing_warnings(self, account, connection, state):
        """Return what the clerk, or the customer, must know although the sale goes on, as [{``code``, ``message``}]."""
        warnings = []
        if state == "down" and connection.policy != "refuse":
            warnings.append((codes.M_SOLD_WITHOUT_ARREARS, {}))
        theirs = account.marketing_meter
        if theirs and account.meter_id and theirs != account.meter_id.name:
            warnings.append((codes.M_OTHER_METER_THERE, {"theirs": theirs, "ours": account.meter_id.name}))
        return [{"code": code, "message": spoken(self.env, code, **params)} for code, params in warnings]
