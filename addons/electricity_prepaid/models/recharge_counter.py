"""What the counter needs besides a sale: its start, the clerk's shift."""

import time

import psycopg2.errors
from odoo import api, fields, models

from ..core import codes, money, pages
from ..core.errors import Refusal
from .answers import answering
from .recharge import OPEN_STATES


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
            "marketing": self._marketing_light(company),
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
