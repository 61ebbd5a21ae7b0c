"""From a signed reading to the card, the account and what the rules say about them."""

import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..core import codes, gate, limits, money, snapshots
from ..core.errors import Refusal
from .answers import find_by, find_one
from .card_drivers import CENTS
from .recharge_split import sale_of_energy, sale_of_money

CLOCK_TOLERANCE = 120
"""Seconds that a terminal's signed time may differ from ours."""
WALL_CLOCK_TOLERANCE = 30
"""The same for a terminal that has not heard our time since it started: its own clock proves less."""


@dataclass(frozen=True)
class Reading:
    """A verified snapshot with the nonce that it answers.

    :param terminal: ``electricity.terminal`` that signed it
    :param row: ``electricity.snapshot``
    :param snapshot: ``core.snapshots.Snapshot``
    :param token: its compact form
    """

    terminal: Any
    row: Any
    snapshot: Any
    token: str

    @property
    def image(self):
        """The card as the terminal's company sees it: a card of another issuer is foreign (C-103)."""
        return self.snapshot.image.seen_by(self.terminal.company_id.electricity_issuer)


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def _check_may_sell_at_all(self):
        """Check the caller's group: an API call by anybody else is a programming error, not a refusal."""
        if not (self.env.su or self.env.user.has_group("electricity_prepaid.group_clerk")):
            self.check_access("create")

    @api.model
    def _terminal_for_user(self, terminal_id):
        """Return a terminal that the caller may work at.

        :raises Refusal: T-101 when there is none such, T-110 other company, S-116 not for this clerk
        """
        terminals = self.env["electricity.terminal"].with_context(active_test=False)
        terminal = find_by(terminals, id=terminal_id) if type(terminal_id) is int else terminals
        return self._check_terminal_for_user(terminal)

    def _check_terminal_for_user(self, terminal):
        if not terminal:
            raise Refusal(codes.T_NOT_PAIRED)
        if terminal.company_id.id not in self.env.user._get_company_ids():
            raise Refusal(codes.T_OTHER_COMPANY)
        if not terminal.is_for(self.env.user):
            raise Refusal(codes.S_NOT_PERMITTED)
        return terminal

    @api.model
    def _verify_snapshot(self, terminal, token):
        """Return a genuine snapshot of a terminal. Says nothing about its age or use.

        :raises Refusal: N-101
        """
        if not isinstance(token, str):
            raise Refusal(codes.N_INVALID_SNAPSHOT)
        return snapshots.verify(token, terminal.identity(), self.env["electricity.keyring"].database_uuid())

    @api.model
    def _fresh_reading(self, terminal, snapshot, token, order=None):
        """Match a genuine snapshot with its nonce.

        :param order: an order that may have used it already
        :raises Refusal: N-102 nonce unknown, of another terminal or too old; N-103 used for something else
        """
        row = find_by(self.env["electricity.snapshot"], nonce=snapshot.nonce)
        if not row or row.terminal_id != terminal:
            raise Refusal(codes.N_NONCE_UNKNOWN)
        if row.used_at:
            if not order or row.recharge_id != order:
                raise Refusal(codes.N_SNAPSHOT_USED)
        elif row.expires_at < fields.Datetime.now():
            raise Refusal(codes.N_NONCE_UNKNOWN)
        return Reading(terminal, row, snapshot, token)

    @api.model
    def _check_clock(self, reading):
        """Check that the terminal's time agrees with ours.

        :raises Refusal: T-104
        """
        tolerance = CLOCK_TOLERANCE if reading.snapshot.clk == "signed" else WALL_CLOCK_TOLERANCE
        if abs(reading.snapshot.iat - time.time()) > tolerance:
            raise Refusal(codes.T_CLOCK)

    @api.model
    def _check_terminal_sells(self, reading, limited=True):
        """Check that nothing about the terminal or the keys forbids a sale.

        :param limited: also check what the terminal has piled up
        :return: the key ring
        :raises Refusal: T-101 … T-107
        """
        reading.terminal.check_active()
        ring = self.env["electricity.keyring"].load_for_sale()
        self._check_clock(reading)
        if limited:
            reading.terminal.check_limits()
        return ring

    def _use_reading(self, reading):
        """Bind a reading to this order: no other decision may rest on it."""
        if reading.row.used_at:
            return
        reading.row.write(
            {
                "used_at": fields.Datetime.now(),
                "recharge_id": self.id,
                "token": reading.token,
                "insertion": reading.snapshot.ins,
                "digest": reading.snapshot.digest,
                "card_serial": reading.image.serial,
            }
        )

    @api.model
    def _find_card(self, reading):
        """Return our card with the serial of the reading, of the terminal's company, or an empty record."""
        serial = reading.image.serial
        cards = self.env["electricity.card"].with_context(active_test=False)
        if not serial:
            return cards
        return find_by(cards, name=serial, company_id=reading.terminal.company_id.id)

    @api.model
    def _account_state(self, account, card, facts, order=None, reading=None, last_in_meter=False):
        """Return what the gate must know of an account.

        :param account: ``electricity.account``, or empty
        :param card: the card that was read
        :param facts: of the account
        :param order: the order that holds the account's last count, if any
        :param reading: of the card that may be written
        :param last_in_meter: it is proved that the meter has the last purchase
        :return: ``core.gate.AccountState`` or None
        """
        if not account:
            return None
        # A card that is being issued stands for the account until its write has ended.
        current = order.card_id if order and order.card_id.state == "blank" else account.card_id
        settled = not account.installation_id and not money.to_cents(account.balance) and not account._has_open_order()
        return gate.AccountState(
            customer_no=account.name,
            meter_no=facts.meter_no,
            serial=current.name or "",
            issue=current.issue,
            generation=facts.generation,
            card_generation=card.generation,
            last_count=account.purchase_count,
            status=account.state,
            settled=settled,
            order=self._order_at(order, reading) if order else None,
            last_in_meter=last_in_meter,
            driver=facts.driver or None,
            unit=facts.unit,
            tries=self._tries_for(reading),
            # A counter is never without staff.
            staff=True,
        )

    @api.model
    def _order_at(self, order, reading):
        """Return what the gate must know of the order that holds the account's last count.

        :param order: the order
        :param reading: of the card, None when only the order counts
        """
        return gate.OrderAt(
            count=order.count,
            state=order.state,
            block=order._ordered_block(),
            torn=bool(reading) and order._is_torn(reading),
            rewritten=order._is_rewritten(),
            card_stayed=bool(reading) and order._card_stayed(reading),
        )

    @api.model
    def _order_at_last_count(self, account):
        """Return the order that holds the account's highest reserved count, or an empty record."""
        if not account.purchase_count:
            return self.browse()
        return find_one(
            self,
            [
                ("installation_id", "=", account.installation_id.id),
                ("count", "=", account.purchase_count),
                ("state", "not in", ("draft", "cancelled", "reversed")),
            ],
            order="id desc",
        )

    @api.model
    def _check_gate(self, operation, account, card, reading, facts, order=None, last_in_meter=False):
        """Ask the gate.

        :param operation: of ``core.gate``
        :param facts: of the account
        :param order: the order that holds the account's last count, if any
        :param last_in_meter: it is proved that the meter has the last purchase
        :return: ``core.gate.GateResult`` that allows it
        :raises Refusal: the gate's code; S-120 for an account without a card meter
        """
        if account and account.regime != "card":
            raise Refusal(codes.S_NOT_CARD)
        state = self._account_state(account, card, facts, order, reading, last_in_meter)
        if state and operation == "clear":
            # A closed account has no current card any more: any card of it may be cleared.
            state = replace(state, serial=card.name)
        result = gate.check(operation, reading.image, state)
        if not result.allowed:
            raise Refusal(result.code, **result.params)
        return result

    @api.model
    def _price(self, account, cents, reading, facts, order=None):
        """Check an amount against the limits and return what it buys.

        :param cents: the amount asked
        :param facts: of the account
        :param order: the order it is for, which does not count as another purchase of today
        :return: :class:`~.recharge_split.Split`
        :raises Refusal: S-105 … S-109, S-119
        """
        bounds = facts.limits
        limits.check_amount(cents, bounds)
        if bounds.per_day:
            zone = ZoneInfo(account.company_id.electricity_zone())
            start = datetime.combine(facts.day, datetime.min.time(), zone)
            limits.check_per_day(self._bought_since(account, start, order), bounds)
        writeback = reading.image.writeback
        remaining = writeback.remaining if writeback.state == "valid" else None
        if facts.unit == CENTS:
            sold = sale_of_money(facts, cents)
            limits.check_hoard(cents, remaining, bounds, account.currency_id.symbol)
        else:
            sold = sale_of_energy(facts, cents)
            limits.check_hoard(sold.quantity, remaining, bounds)
        return sold

    def _bought_since(self, account, start, order=None):
        """Return how many purchases an account made since a moment (aware datetime), an order aside."""
        return self.search_count(
            [
                ("electricity_account_id", "=", account.id),
                ("id", "!=", order.id if order else 0),
                ("op", "!=", "arrears"),
                ("state", "not in", ("draft", "cancelled", "reversed")),
                ("occurred_at", ">=", start.astimezone(UTC).replace(tzinfo=None)),
            ]
        )
