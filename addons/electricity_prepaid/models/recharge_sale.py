"""The page's calls before the money: whose card it is, what may be bought, the order."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import psycopg2.errors
from odoo import api, fields, models

from ..core import codes, gate, money, snapshots, transitions
from ..core.errors import Refusal
from .answers import answering, find_by, find_one, public_params, spoken, undo_to_lock
from .parameters import check_uuid, request_digest
from .recharge import CARDLESS, OPEN_STATES

DRAFT_MINUTES = 10
"""How long an order without money reserves its account."""


@dataclass(frozen=True)
class Asked:
    """What a caller asked when an order was to begin.

    :param uuid: of the order
    :param digest: names the parameters
    :param cents: the amount
    :param known: the order that the same call has made already, or an empty record
    :param reading: the fresh :class:`~.recharge_reading.Reading`, None for a known order
    """

    uuid: str
    digest: str
    cents: int
    known: Any
    reading: Any

    def as_values(self):
        """Return the fields of the new order by which a repeat finds it."""
        return {"uuid": self.uuid, "request_digest": self.digest}


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    @answering
    def new_nonce(self, terminal_id):
        """Return a nonce for the terminal's next reading.

        :param terminal_id: id of the terminal
        """
        return {"nonce": self.env["electricity.snapshot"].new_nonce(self._terminal_for_user(terminal_id))}

    @api.model
    @answering
    def status(self, uuid):
        """Return the state of an order.

        :param uuid: of the order
        """
        return {"order": self._by_uuid(uuid)._status()}

    @api.model
    @answering
    def quote(self, terminal_id, snapshot, amount=None):
        """Say whose card it is, what may be bought and why not. No effect.

        :param terminal_id: id of the terminal
        :param snapshot: the terminal's signed reading, compact
        :param amount: decimal string, for the breakdown
        """
        terminal = self._terminal_for_user(terminal_id)
        reading = self._fresh_reading(terminal, self._verify_snapshot(terminal, snapshot), snapshot)
        card = self._find_card(reading)
        account = card.electricity_account_id
        facts = account.facts_for_sale()
        answer = self._describe(reading, card, account, facts)
        refusal = None
        try:
            self._check_terminal_sells(reading)
            if answer["open_order"]:
                raise Refusal(codes.S_OTHER_OPEN)
            self._check_gate("purchase", account, card, reading, facts)
            self._check_marketing(account)
            if amount is not None:
                breakdown = self._price(account, money.parse_amount(amount), reading, facts)
                answer["breakdown"] = breakdown.as_dict()
        except Refusal as caught:
            refusal = caught
        return {**answer, **self._verdict(refusal)}

    @api.model
    def _verdict(self, refusal):
        """Return the part of a quote that says whether it may be done, and why not.

        :param refusal: the :class:`~..core.errors.Refusal` that was met, or None
        """
        params = public_params(self.env, refusal) if refusal else {}
        return {
            "allowed": refusal is None,
            "code": refusal and refusal.code,
            "message": refusal and spoken(self.env, refusal.code, **params),
            "params": params,
        }

    @api.model
    def _describe(self, reading, card, account, facts):
        """Return the part of a quote that says whose card it is."""
        state = self._account_state(account, card, facts)
        bounds = facts and facts.limits
        order = self._open_order(account) if account else self.browse()
        return {
            "customer": self._customer_facts(account, facts) if account else None,
            "card": {
                "serial": reading.image.serial or None,
                "issue": reading.image.issue or None,
                "state": card.state or reading.image.condition,
            },
            "inserted": bool(state and gate.inserted(reading.image, state)),
            "last_purchase": self._last_purchase(account),
            "operations": self._operations_for(reading, card, account),
            "unit": facts.unit if facts else None,
            "limits": bounds
            and {
                "min": money.format_cents(bounds.minimum),
                "max": money.format_cents(bounds.maximum),
                "step": money.format_cents(bounds.step),
            },
            "breakdown": None,
            "open_order": order._status() if order else None,
            "marketing": self._marketing_answer(account) if account else None,
        }

    @api.model
    def _customer_facts(self, account, facts):
        """Return the part of a quote that says who the customer is.

        :param facts: of the account
        """
        return {
            "name": facts.customer_name,
            "account": account.name,
            "address": account.supply_address or "",
            "meter": facts.meter_no,
            "balance": money.format_cents(money.to_cents(account.balance)),
            "available": money.format_cents(account.available_cents()),
        }

    @api.model
    def _last_purchase(self, account):
        order = account and find_one(
            self,
            [("electricity_account_id", "=", account.id), ("state", "=", "written"), ("op", "not in", CARDLESS)],
            order="id desc",
        )
        if not order:
            return None
        return {
            "id": order.id,
            "uuid": order.uuid,
            "serial": order.name,
            "amount": money.format_cents(money.to_cents(order.amount)),
            "cost": money.format_cents(money.to_cents(order.cost)),
            "energy": money.format_energy(money.to_centi_kwh(order.energy)),
            "quantity": order.quantity_text,
            "count": order.count,
            "at": fields.Datetime.to_string(order.written_at),
        }

    @api.model
    @answering
    def begin(self, uuid, terminal_id, snapshot, amount):
        """Make the order and reserve the account for it.

        :param uuid: made by the caller; a repeat with the same parameters answers the same order
        :param terminal_id: id of the terminal
        :param snapshot: the terminal's signed reading, compact; it is used up
        :param amount: decimal string
        """
        return {"order": self._begin(uuid, terminal_id, snapshot, amount)._status()}

    @api.model
    def _begin(self, uuid, terminal_id, snapshot, amount):
        """Return the order that :meth:`begin` makes, or made before."""
        asked = self._asked(uuid, terminal_id, snapshot, amount)
        if asked.known:
            return asked.known
        reading, terminal, cents = asked.reading, asked.reading.terminal, asked.cents
        card = self._find_card(reading)
        account = card.electricity_account_id
        if account:
            account.take()
        self._check_terminal_sells(reading)
        if account:
            self._make_room(account, terminal)
        facts = account.facts_for_sale()
        self._check_gate_now("purchase", account, card, reading, facts)
        self._check_marketing(account)
        breakdown = self._price(account, cents, reading, facts)
        order = self._create_order(
            {
                **self._order_values(account, card, reading, facts, cents),
                **self._split_values(breakdown, facts),
                **asked.as_values(),
            }
        )
        order._use_reading(reading)
        return order

    @api.model
    def _asked(self, uuid, terminal_id, snapshot, amount, *more):
        """Check what a caller sends to begin an order, and look whether the same was sent before.

        :param uuid: of the order, made by the caller
        :param terminal_id: id of the terminal
        :param snapshot: the terminal's signed reading, compact
        :param amount: decimal string
        :param more: what else a repeat must say again
        :return: :class:`Asked`
        :raises Refusal: P-104, S-102, S-104, the codes of terminal and reading
        """
        uuid = check_uuid(uuid)
        cents = money.parse_amount(amount)
        terminal = self._terminal_for_user(terminal_id)
        signed = self._verify_snapshot(terminal, snapshot)
        digest = request_digest(uuid, terminal.uuid, *more, cents, signed.image.serial)
        known = find_by(self, uuid=uuid)
        if known and (known.request_digest != digest or known.company_id != terminal.company_id):
            raise Refusal(codes.S_UUID_CONFLICT)
        reading = None if known else self._fresh_reading(terminal, signed, snapshot)
        return Asked(uuid, digest, cents, known, reading)

    @api.model
    def _check_gate_now(self, operation, account, card, reading, facts):
        """Ask the gate; when it refuses a reading from before the account's latest attempt, say that instead.

        :raises Refusal: N-104 when the card was written since it was read, else as ``_check_gate``
        """
        try:
            return self._check_gate(operation, account, card, reading, facts)
        except Refusal:
            latest = account and self.env["electricity.recharge.attempt"].search(
                [("recharge_id.electricity_account_id", "=", account.id)], order="id desc", limit=1
            )
            if latest:
                snapshots.check_newer(reading.row.id, [latest.fence])
            raise

    @api.model
    def _create_order(self, values):
        """Create an order, unless another transaction has just used its uuid, perhaps for another account.

        :raises Refusal: S-101; the repeat sees the other order and answers what it means
        """
        try:
            return self.create(values)
        except psycopg2.errors.UniqueViolation:
            undo_to_lock(self.env)
            raise Refusal(codes.S_BUSY) from None

    @api.model
    def _order_values(self, account, card, reading, facts, cents):
        """Return the fields of a new order that its reading decides.

        :param cents: the amount asked; when the balance covers it, the order is paid at once
        """
        covered = account.available_cents() >= cents
        return {
            "company_id": reading.terminal.company_id.id,
            "currency_id": account.currency_id.id,
            "terminal_id": reading.terminal.id,
            "user_id": self.env.uid,
            "electricity_account_id": account.id,
            "installation_id": account.installation_id.id,
            "meter_id": account.meter_id.id,
            "card_id": card.id,
            "customer_name": facts.customer_name,
            "supply_address": account.supply_address,
            "account_no": account.name,
            "meter_no": facts.meter_no,
            "card_no": card.name,
            "driver": reading.snapshot.driver,
            "snapshot_id": reading.row.id,
            "amount": money.cents_to_float(cents),
            "state": transitions.derive("draft", [], "pay") if covered else "draft",
            "at_risk": money.cents_to_float(cents) if covered else 0,
            "expires_at": fields.Datetime.now() + timedelta(minutes=DRAFT_MINUTES),
        }

    @api.model
    def _split_values(self, breakdown, facts):
        return {
            "cost": money.cents_to_float(breakdown.cost),
            "energy": money.energy_to_float(breakdown.energy),
            "unit": breakdown.unit,
            "remainder": money.cents_to_float(breakdown.remainder),
            "breakdown": breakdown.as_dict(),
            "price": float(facts.price) if facts.tariff else 0,
        }

    @api.model
    def _make_room(self, account, terminal):
        """Check that no other order is open for an account; forget an empty one that nobody waits for.

        :raises Refusal: S-103 with that order
        """
        same = [("electricity_account_id", "=", account.id), ("op", "=", "arrears")]
        if account.installation_id:
            same = [("installation_id", "=", account.installation_id.id)]
        others = self.search([*same, ("state", "in", ("draft", *OPEN_STATES))])
        for order in others:
            waited_for = order.terminal_id != terminal and order.expires_at > fields.Datetime.now()
            if order.state != "draft" or order.paid_amount or waited_for:
                order._refuse(codes.S_OTHER_OPEN)
        for order in others:
            order.write({"state": transitions.derive(order.state, [], "expire"), "cancel_reason": "replaced"})
