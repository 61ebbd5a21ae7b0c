"""The shift of a clerk at one terminal: what is in the drawer."""

import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..core import codes, money
from ..core.errors import Refusal
from .answers import find_by, lock_at_once
from .own_defaults import OWN_DEFAULTS

_DENOMINATION = re.compile(r"[1-9][0-9]{0,8}")


class ElectricityCashSession(models.Model):
    """Money that one clerk answers for, from opening to count."""

    _name = "electricity.cash.session"
    _description = "Electricity Shift"
    _inherit = [OWN_DEFAULTS, "mail.thread"]
    _order = "id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(required=True, readonly=True, default="/", index="trigram")
    terminal_id = fields.Many2one(
        "electricity.terminal", required=True, readonly=True, index=True, ondelete="restrict", check_company=True
    )
    user_id = fields.Many2one("res.users", "Clerk", required=True, readonly=True, index=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id", store=True)
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")], required=True, readonly=True, default="open", index=True
    )
    opened_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    closed_at = fields.Datetime(readonly=True)
    opening = fields.Monetary("Opening Cash", readonly=True)
    expected = fields.Monetary(
        "Expected Cash", readonly=True, help="Opening and takings less refunds, when it was counted."
    )
    cash_now = fields.Monetary("Cash in the Drawer", compute="_compute_cash_now")
    counted = fields.Monetary("Counted Cash", readonly=True)
    difference = fields.Monetary(readonly=True, help="Counted less expected: positive is long, negative is short.")
    count_lines = fields.Json("Count by Denomination", readonly=True)
    closed_by_id = fields.Many2one("res.users", readonly=True)
    tender_ids = fields.One2many("electricity.tender", "cash_session_id", readonly=True)
    tender_count = fields.Integer(compute="_compute_tender_count")

    _one_open = models.UniqueIndex(
        "(terminal_id, user_id) WHERE state = 'open'", "This clerk has an open shift at this terminal already."
    )

    @api.depends("opening", "tender_ids")
    def _compute_cash_now(self):
        moved = {}
        groups = self.env["electricity.tender"]._read_group(
            [("cash_session_id", "in", self.ids)], ["cash_session_id", "direction"], ["amount:sum"]
        )
        for session, direction, amount in groups:
            moved[session.id] = moved.get(session.id, 0) + (amount if direction == "in" else -amount)
        for session in self:
            session.cash_now = session.opening + moved.get(session.id, 0)

    @api.depends("tender_ids")
    def _compute_tender_count(self):
        counts = dict(
            self.env["electricity.tender"]._read_group(
                [("cash_session_id", "in", self.ids)], ["cash_session_id"], ["__count"]
            )
        )
        for session in self:
            session.tender_count = counts.get(session, 0)

    @api.private
    def as_answer(self):
        """Return the shift as docs/protocol §4 shows it, amounts as decimal strings; None when there is none."""
        if not self:
            return None
        return {
            "id": self.id,
            "name": self.name,
            "state": self.state,
            "opened_at": fields.Datetime.to_string(self.opened_at),
            "closed_at": fields.Datetime.to_string(self.closed_at) or None,
            "opening": money.format_cents(money.to_cents(self.opening)),
            "expected": money.format_cents(money.to_cents(self.cash_now if self.state == "open" else self.expected)),
        }

    @api.model
    @api.private
    def current(self, terminal, user):
        """Return the open shift of a user at a terminal, or an empty record.

        :param terminal: one ``electricity.terminal``
        :param user: one ``res.users``
        """
        return find_by(self, terminal_id=terminal.id, user_id=user.id, state="open")

    @api.model
    @api.private
    def drawer_of(self, user, company, terminal=None):
        """Return a user's own open shift, locked, out of whose drawer money is handed back, or an empty record.

        :param user: one ``res.users``
        :param company: one ``res.company``
        :param terminal: the one that is preferred, when there are shifts at several
        :raises Refusal: S-101 as ``take``
        """
        shifts = self.search([("user_id", "=", user.id), ("state", "=", "open"), ("company_id", "=", company.id)])
        shift = shifts.filtered(lambda each: each.terminal_id == terminal) or shifts[:1]
        if shift:
            shift.take()
        return shift

    @api.private
    def out_values(self, user):
        """Return the fields of a tender that comes out of this drawer.

        :param user: who hands it out
        """
        return {
            "kind": "cash",
            "terminal_id": self.terminal_id.id,
            "cash_session_id": self.id,
            "user_id": user.id,
        }

    @api.private
    def take(self):
        """Lock the shift for money that goes into or out of it.

        The row is updated, not only locked: a count that began before fails, so that it never misses this money.

        :raises Refusal: S-101 when it is being counted, or somebody else moves money in it
        """
        self.ensure_one()
        self.flush_recordset(["state"])
        self._lock_open(SQL("id = %s", self.id))

    @api.model
    @api.private
    def take_current(self, terminal, user):
        """Return the open shift of a user at a terminal as :meth:`take` leaves it, or an empty record.

        :param terminal: one ``electricity.terminal``
        :param user: one ``res.users``
        :raises Refusal: as ``take``
        """
        self.flush_model(["terminal_id", "user_id", "state"])
        try:
            return self._lock_open(SQL("terminal_id = %s AND user_id = %s", terminal.id, user.id))
        except Refusal:
            if self.current(terminal, user):
                raise
            return self.browse()

    @api.model
    def _lock_open(self, condition):
        shift, company = lock_at_once(
            self.env,
            SQL(
                "UPDATE electricity_cash_session SET state = state WHERE id IN"
                " (SELECT id FROM electricity_cash_session WHERE %s AND state = 'open' FOR NO KEY UPDATE SKIP LOCKED)"
                " RETURNING id, company_id",
                condition,
            ),
        )
        shift = self.browse(shift)
        # The order that names the shift compares companies.
        self._fields["company_id"]._insert_cache(shift, [company])
        return shift

    @api.model
    @api.private
    def open_at(self, terminal, user, opening_cents):
        """Open a shift, or return the one that is open.

        :param terminal: one ``electricity.terminal``
        :param user: the clerk
        :param opening_cents: what is in the drawer, in cents
        :raises Refusal: S-102 when one is open with another amount
        """
        session = self.current(terminal, user)
        if session:
            if money.to_cents(session.opening) != opening_cents:
                raise Refusal(codes.S_UUID_CONFLICT)
            return session
        return self.create(
            {
                "name": self.env["ir.sequence"]
                .with_company(terminal.company_id)
                .next_by_code("electricity.cash.session")
                or "/",
                "terminal_id": terminal.id,
                "user_id": user.id,
                "company_id": terminal.company_id.id,
                "opening": money.cents_to_float(opening_cents),
            }
        )

    @api.private
    def close_counted(self, pieces, user):
        """Close the shift with a count by denomination.

        :param pieces: {denomination in cents: number of pieces}, keys may be strings
        :param user: who counted
        :raises Refusal: S-104 for a count that is not whole and not negative, S-102 when it is closed with another
            count, S-101 when somebody else is changing it
        """
        self.ensure_one()
        lines = self._count_lines(pieces)
        # Money that came since this transaction began has updated the row, and makes this fail.
        lock_at_once(
            self.env,
            SQL("SELECT id FROM electricity_cash_session WHERE id = %s FOR NO KEY UPDATE SKIP LOCKED", self.id),
        )
        if self.state == "closed":
            if self.count_lines != lines:
                raise Refusal(codes.S_UUID_CONFLICT)
            return
        counted = sum(int(denomination) * number for denomination, number in lines.items())
        expected = money.to_cents(self.cash_now)
        self.write(
            {
                "state": "closed",
                "closed_at": fields.Datetime.now(),
                "closed_by_id": user.id,
                "count_lines": lines,
                "expected": money.cents_to_float(expected),
                "counted": money.cents_to_float(counted),
                "difference": money.cents_to_float(counted - expected),
            }
        )

    @api.model
    def _count_lines(self, pieces):
        lines = {}
        if not isinstance(pieces or {}, dict):
            raise Refusal(codes.S_AMOUNT_MALFORMED, amount=str(pieces)[:24])
        for denomination, number in (pieces or {}).items():
            text = str(denomination)[:24]
            if not _DENOMINATION.fullmatch(text) or type(number) is not int or not 0 <= number < 10**6:
                raise Refusal(codes.S_AMOUNT_MALFORMED, amount=text)
            if number:
                lines[text] = number
        return lines

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A shift stays on record. Count and close it instead."))

    def action_count(self):
        """Open the window in which the drawer is counted."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Count and Close"),
            "res_model": "electricity.cash.count",
            "view_mode": "form",
            "target": "new",
            "context": {"default_session_id": self.id},
        }

    def action_open_tenders(self):
        """Open the tenders of this shift."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Tenders"),
            "res_model": "electricity.tender",
            "view_mode": "list,form",
            "domain": [("cash_session_id", "=", self.id)],
        }
