"""What a sale does to an account: lock, book, hold."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import money
from .answers import lock_at_once

#: What decisions read of an account. It comes with the lock, so that it costs no query of its own.
DECIDING = (
    "name",
    "partner_id",
    "company_id",
    "currency_id",
    "supply_address",
    "regime",
    "tariff_id",
    "state",
    "active",
    "installation_id",
    "meter_id",
    "card_id",
    "balance",
    "held",
    "purchase_count",
    "total_energy",
    "version",
    "marketing_asked_at",
    "marketing_told_at",
    "marketing_reachable",
    "marketing_may_buy",
    "marketing_reason",
    "marketing_count",
)


class ElectricityAccount(models.Model):
    _inherit = "electricity.account"

    recharge_ids = fields.One2many("electricity.recharge", "electricity_account_id", readonly=True)
    ledger_entry_ids = fields.One2many("electricity.ledger.entry", "electricity_account_id", readonly=True)

    @api.private
    def take(self):
        """Lock the account for the decision of this transaction, and count the decision.

        The row is updated, not only locked: whoever decided between our snapshot and now makes this fail, so that
        nothing is ever decided on old values.

        :raises Refusal: S-101 when somebody else is deciding, or has decided since this transaction began
        """
        self.ensure_one()
        self.flush_recordset(DECIDING)
        query = SQL(
            "UPDATE electricity_account SET version = COALESCE(version, 0) + 1"
            " WHERE id IN (SELECT id FROM electricity_account WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED)"
            " RETURNING %s",
            self.id,
            SQL(", ").join(map(SQL.identifier, DECIDING)),
        )
        for name, value in zip(DECIDING, lock_at_once(self.env, query), strict=True):
            field = self._fields[name]
            field._update_cache(self, field.convert_to_cache(value, self, validate=False))

    @api.private
    def available_cents(self):
        """Return what may be spent, in cents: the balance less what open orders hold."""
        self.ensure_one()
        return money.to_cents(self.balance) - money.to_cents(self.held)

    @api.private
    def hold(self, cents, **values):
        """Reserve a part of the balance, or give it back.

        :param cents: positive reserves, negative gives back
        :param values: further fields of the account to write with it
        """
        self.ensure_one()
        self.write({"held": money.cents_to_float(money.to_cents(self.held) + cents), **values})

    @api.private
    def book(self, kind, cents, *, energy=0, held=0, recharge=None, tender=None, **values):
        """Write a ledger entry and move the stored sums by it.

        :param kind: of the entry: ``tender``, ``refund``, ``energy``, ``arrears``, ``reversal``,
            ``unreversed``, ``correction``
        :param cents: money, signed
        :param energy: 0.01 kWh, signed
        :param held: change of the reserved part, in cents
        :param recharge: the order, if any
        :param tender: the tender, if any
        :param values: further fields of the account to write with it
        """
        self.ensure_one()
        balance = money.cents_to_float(money.to_cents(self.balance) + cents)
        values["balance"] = balance
        if energy:
            values["total_energy"] = money.energy_to_float(money.to_centi_kwh(self.total_energy) + energy)
        if held:
            values["held"] = money.cents_to_float(money.to_cents(self.held) + held)
        own = held + money.to_cents(recharge.amount_held) if recharge else 0
        self.write(values)
        return self.env["electricity.ledger.entry"].create(
            {
                "electricity_account_id": self.id,
                "company_id": self.company_id.id,
                "currency_id": self.currency_id.id,
                "recharge_id": recharge.id if recharge else False,
                "tender_id": tender.id if tender else False,
                "kind": kind,
                "money": money.cents_to_float(cents),
                "energy": money.energy_to_float(energy),
                "balance_after": balance,
                "reserved_after": money.cents_to_float(money.to_cents(self.held) - own),
            }
        )
