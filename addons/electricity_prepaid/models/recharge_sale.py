"""The page's calls before the card is written: what may be bought, the order, the money."""

import base64
import hashlib
import json
import time
import uuid as uuid_module
from datetime import timedelta

import psycopg2.errors

from odoo import api, fields, models

from ..core import codes, gate, money, pages, tenders, transitions
from ..core.errors import Refusal

from .answers import answering, find_one, public_params, sentence
from .recharge import OPEN_STATES

DRAFT_MINUTES = 10
"""How long an order without money reserves its account."""


def request_digest(*parts):
    """Name the parameters of a call, so that a repeat is told apart from a conflict."""
    text = json.dumps(parts, separators=(",", ":"))
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def check_uuid(value):
    """Check an identifier that a caller made.

    :return: its canonical form
    :raises Refusal: P-104
    """
    try:
        return str(uuid_module.UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise Refusal(codes.P_MALFORMED) from None


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.model
    @answering
    def counter_state(self, terminal_id=None):
        """Return what the counter needs to start: docs/protocol §4.

        :param terminal_id: the terminal to work at; without it, the first that the user may use
        """
        user = self.env.user
        terminals = self.env["electricity.terminal"].search(
            [("company_id", "in", user._get_company_ids()), "|", ("user_ids", "=", False), ("user_ids", "in", user.id)]
        )
        chosen = self._terminal_for_user(terminal_id) if terminal_id else terminals[:1]
        problems = []
        token = None
        if chosen:
            try:
                ring = self.env["electricity.keyring"].load_for_sale()
                chosen.check_active()
                token = pages.issue(ring, chosen.uuid, user.id, int(time.time()))
            except Refusal as refusal:
                problems.append(refusal.code)
        session = self.env["electricity.cash.session"].current(chosen, user) if chosen else None
        company = chosen.company_id or self.env.company
        return {
            "terminals": [terminal._as_answer() for terminal in terminals],
            "terminal": chosen._as_answer() if chosen else None,
            "token": token,
            "problems": problems,
            "session": session.as_answer() if session else None,
            "open_orders": [order._status() for order in self._open_orders_at(chosen, user)],
            "codes": codes.catalogue(self.env.lang or user.lang),
            "currency": {
                "symbol": company.currency_id.symbol,
                "position": company.currency_id.position,
                "decimals": company.currency_id.decimal_places,
            },
            "quick_amounts": company.quick_amounts(),
        }

    @api.model
    def _open_orders_at(self, terminal, user):
        return self.search(
            [
                "|",
                ("terminal_id", "=", terminal.id if terminal else 0),
                ("user_id", "=", user.id),
                ("company_id", "in", user._get_company_ids()),
                "|",
                ("state", "in", OPEN_STATES),
                "&",
                ("state", "=", "draft"),
                "|",
                ("paid_amount", ">", 0),
                ("expires_at", ">", fields.Datetime.now()),
            ],
            limit=20,
        )

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
            if amount is not None:
                breakdown = self._price(account, money.parse_amount(amount), reading, facts)
                answer["breakdown"] = breakdown.as_dict()
        except Refusal as caught:
            refusal = caught
        params = public_params(refusal) if refusal else {}
        return {
            **answer,
            "allowed": refusal is None,
            "code": refusal and refusal.code,
            "message": refusal and sentence(self.env, refusal.code, **params),
            "params": params,
        }

    @api.model
    def _describe(self, reading, card, account, facts):
        """Return the part of a quote that says whose card it is."""
        state = self._account_state(account, card, facts)
        bounds = facts and facts.limits
        order = self._open_order(account) if account else self.browse()
        return {
            "customer": account
            and {
                "name": facts.customer_name,
                "account": account.name,
                "address": account.supply_address or "",
                "meter": facts.meter_no,
                "balance": money.format_cents(money.to_cents(account.balance)),
                "available": money.format_cents(account.available_cents()),
            }
            or None,
            "card": {
                "serial": reading.image.serial or None,
                "issue": reading.image.issue or None,
                "state": card.state or reading.image.condition,
            },
            "inserted": bool(state and gate.inserted(reading.image, state)),
            "last_purchase": self._last_purchase(account),
            "limits": bounds
            and {
                "min": money.format_cents(bounds.minimum),
                "max": money.format_cents(bounds.maximum),
                "step": money.format_cents(bounds.step),
            },
            "breakdown": None,
            "open_order": order._status() if order else None,
        }

    @api.model
    def _last_purchase(self, account):
        order = account and self.search(
            [("electricity_account_id", "=", account.id), ("state", "=", "written")], order="id desc", limit=1
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
        uuid = check_uuid(uuid)
        cents = money.parse_amount(amount)
        terminal = self._terminal_for_user(terminal_id)
        signed = self._verify_snapshot(terminal, snapshot)
        digest = request_digest(uuid, terminal.uuid, cents, signed.image.serial)
        known = find_one(self, [("uuid", "=", uuid)])
        if known:
            if known.request_digest != digest or known.company_id != terminal.company_id:
                raise Refusal(codes.S_UUID_CONFLICT)
            return {"order": known._status()}
        reading = self._fresh_reading(terminal, signed, snapshot)
        card = self._find_card(reading)
        account = card.electricity_account_id
        if account:
            account.take()
        self._check_terminal_sells(reading)
        if account:
            self._make_room(account, terminal)
        facts = account.facts_for_sale()
        self._check_gate("purchase", account, card, reading, facts)
        breakdown = self._price(account, cents, reading, facts)
        order = self.create(
            {
                "uuid": uuid,
                "request_digest": digest,
                "company_id": terminal.company_id.id,
                "currency_id": account.currency_id.id,
                "terminal_id": terminal.id,
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
                "at_risk": 0 if account.available_cents() < cents else money.cents_to_float(cents),
                "driver": reading.snapshot.driver,
                "amount": money.cents_to_float(cents),
                "state": "draft" if account.available_cents() < cents else transitions.derive("draft", [], "pay"),
                "expires_at": fields.Datetime.now() + timedelta(minutes=DRAFT_MINUTES),
                "snapshot_id": reading.row.id,
                **self._split_values(breakdown, facts),
            }
        )
        order._use_reading(reading)
        return {"order": order._status()}

    @api.model
    def _split_values(self, breakdown, facts):
        return {
            "cost": money.cents_to_float(breakdown.cost),
            "energy": money.energy_to_float(breakdown.energy),
            "remainder": money.cents_to_float(breakdown.remainder),
            "breakdown": breakdown.as_dict(),
            "price": float(facts.price),
        }

    @api.model
    def _make_room(self, account, terminal):
        """Check that no other order is open for an account; forget an empty one that nobody waits for.

        :raises Refusal: S-103 with that order
        """
        others = self.search(
            [
                ("installation_id", "=", account.installation_id.id),
                ("installation_id", "!=", False),
                ("state", "in", ("draft", *OPEN_STATES)),
            ]
        )
        for order in others:
            waited_for = order.terminal_id != terminal and order.expires_at > fields.Datetime.now()
            if order.state != "draft" or order.paid_amount or waited_for:
                order._refuse(codes.S_OTHER_OPEN)
        for order in others:
            order.write({"state": transitions.derive(order.state, [], "expire"), "cancel_reason": "replaced"})

    @api.model
    @answering
    def add_tender(self, uuid, tender):
        """Take money for an order.

        :param uuid: of the order
        :param tender: {``uuid``, ``kind``: ``cash``, ``received``: decimal string}, or {``kind``: ``terminal_cash``,
            ``statement``: the terminal's signed statement, compact}
        """
        order = self._by_uuid(uuid)
        kind = tender.get("kind") if isinstance(tender, dict) else None
        if kind == "cash":
            return order._add_clerk_cash(check_uuid(tender.get("uuid")), money.parse_amount(tender.get("received")))
        if kind == "terminal_cash":
            return order._add_terminal_cash(tender.get("statement"))
        raise Refusal(codes.S_NOT_PERMITTED)

    def _repeat_of_tender(self, uuid, digest):
        """Return the tender of a repeated call, or an empty record.

        :raises Refusal: S-102 when the uuid names another tender
        """
        known = find_one(self.env["electricity.tender"], [("uuid", "=", uuid)])
        if known and (known.recharge_id != self or known.request_digest != digest):
            raise Refusal(codes.S_UUID_CONFLICT)
        return known

    def _add_clerk_cash(self, uuid, received):
        """Take a clerk's word for cash, within what a clerk may assert.

        :param uuid: of the tender
        :param received: cents on the table; what is over the amount due is change
        """
        account = self.electricity_account_id
        account.take()
        digest = request_digest("cash", received)
        known = self._repeat_of_tender(uuid, digest)
        if known:
            return {"order": self._status(), "change": money.format_cents(money.to_cents(known.change))}
        if not self.env.user.has_group("electricity_prepaid.group_clerk"):
            raise Refusal(codes.S_NOT_PERMITTED)
        self._check_terminal_for_user(self.terminal_id)
        session = self.env["electricity.cash.session"].current(self.terminal_id, self.env.user)
        if not session:
            self._refuse(codes.S_NO_SHIFT)
        due = self._due_cents()
        if self.state != "draft" or not due:
            self._refuse(codes.S_NOT_IN_STATE)
        if not received:
            raise Refusal(codes.S_AMOUNT_MALFORMED, amount="0.00")
        counted = min(received, due)
        self._check_clerk_limit(counted)
        self._record_tender(
            {
                "uuid": uuid,
                "kind": "cash",
                "amount": money.cents_to_float(counted),
                "received": money.cents_to_float(received),
                "change": money.cents_to_float(received - counted),
                "request_digest": digest,
                "terminal_id": self.terminal_id.id,
                "cash_session_id": session.id,
                "user_id": self.env.uid,
            }
        )
        return {"order": self._status(), "change": money.format_cents(received - counted)}

    def _check_clerk_limit(self, cents):
        """Check a clerk's cash for this order, all tenders together, against the company's limit.

        :raises Refusal: S-118
        """
        limit = money.to_cents(self.company_id.electricity_clerk_cash_limit)
        taken = 0
        if limit and self.paid_amount:
            taken = sum(money.to_cents(tender.amount) for tender in self.tender_ids if tender.kind == "cash")
        if limit and taken + cents > limit:
            self._refuse(codes.S_CLERK_LIMIT, limit=money.format_cents(limit))

    def _add_terminal_cash(self, statement):
        """Take notes that a terminal counted. The money is in its box: whatever state the order is in, it counts.

        :param statement: ``tender+jwt``, compact
        """
        account = self.electricity_account_id
        account.take()
        if not isinstance(statement, str):
            raise Refusal(codes.S_TENDER_INVALID)
        terminal = self.terminal_id
        signed = tenders.verify(
            statement, terminal.identity(), self.env["electricity.keyring"].database_uuid(), self.uuid
        )
        digest = request_digest("terminal_cash", statement)
        if not self._repeat_of_tender(signed.jti, digest):
            self._record_tender(
                {
                    "uuid": signed.jti,
                    "kind": "terminal_cash",
                    "amount": money.cents_to_float(signed.total),
                    "received": money.cents_to_float(signed.total),
                    "request_digest": digest,
                    "terminal_id": terminal.id,
                    "user_id": self.env.uid,
                    "evidence": statement,
                }
            )
        return {"order": self._status(), "change": money.format_cents(0)}

    def _record_tender(self, values):
        """Write a tender, its ledger entry, and the order's state when nothing is due any more."""
        account = self.electricity_account_id
        tender = self.env["electricity.tender"].create(
            {
                **values,
                "signed_amount": values["amount"],
                "recharge_id": self.id,
                "electricity_account_id": account.id,
                "company_id": self.company_id.id,
                "currency_id": self.currency_id.id,
            }
        )
        cents = money.to_cents(values["amount"])
        account.book("tender", cents, recharge=self, tender=tender)
        changes = {"paid_amount": money.cents_to_float(money.to_cents(self.paid_amount) + cents)}
        if not self.cash_session_id and values.get("cash_session_id"):
            changes["cash_session_id"] = values["cash_session_id"]
        if self.state == "draft" and not self._due_cents():
            changes["state"] = transitions.derive(self.state, [], "pay")
        self.write(changes)

    @api.model
    @answering
    def open_shift(self, terminal_id, opening):
        """Open the caller's shift at a terminal; a repeat returns it.

        :param terminal_id: id of the terminal
        :param opening: decimal string, what is in the drawer
        """
        cents = money.parse_amount(opening)
        terminal = self._terminal_for_user(terminal_id)
        terminal.check_active()
        try:
            with self.env.cr.savepoint():
                session = self.env["electricity.cash.session"].open_at(terminal, self.env.user, cents)
        except psycopg2.errors.UniqueViolation:
            raise Refusal(codes.S_BUSY) from None
        return {"session": session.as_answer()}

    @api.model
    @answering
    def close_shift(self, session_id, counted):
        """Count and close a shift: one's own, or anybody's by a supervisor.

        :param session_id: id of the shift
        :param counted: {denomination in cents: number of pieces}
        """
        session = self.env["electricity.cash.session"].browse(session_id if type(session_id) is int else 0).exists()
        user = self.env.user
        if not session or session.company_id.id not in user._get_company_ids():
            raise Refusal(codes.S_NO_SHIFT)
        if session.user_id != user and not user.has_group("electricity_prepaid.group_supervisor"):
            raise Refusal(codes.S_NOT_PERMITTED)
        session.close_counted(counted, user)
        return {
            "session": session.as_answer(),
            "expected": money.format_cents(money.to_cents(session.expected)),
            "counted": money.format_cents(money.to_cents(session.counted)),
            "difference": money.format_cents(money.to_cents(session.difference)),
        }
