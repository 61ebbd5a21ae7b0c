"""How full a terminal's cash box is, how much paper it has left, and when each is at its end."""

from collections import defaultdict
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import forecast, money
from ..core.errors import Refusal

CHUNK = 20
"""Terminals of one transaction."""
FORECAST_EVERY = timedelta(hours=1)
LARGEST_INT = 2**31 - 1
MONEY_GROUPS = "electricity_prepaid.group_supervisor,electricity_prepaid.group_finance"
_PIECES = SQL("(SELECT COALESCE(SUM(value::int), 0) FROM jsonb_each_text(tender.note_counts))")


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    box_capacity = fields.Integer(
        "Notes the Box Holds", default=1000, aggregator=None, prefetch=False, help="0: not known, no forecast."
    )
    roll_receipts = fields.Integer(
        "Receipts from a Roll",
        aggregator=None,
        prefetch=False,
        help="How many receipts a new roll gives. 0: not known, no forecast.",
    )
    roll_changed_at = fields.Datetime("Roll Changed", readonly=True, copy=False, prefetch="beat")
    box_level = fields.Integer(readonly=True, copy=False, prefetch=False, groups=fields.NO_ACCESS)
    box_pieces = fields.Integer("Notes in the Box", compute="_compute_box_pieces")
    box_percent = fields.Integer("Box (%)", compute="_compute_percents", aggregator=None)
    box_full_at = fields.Datetime(
        "Box Full On", readonly=True, copy=False, prefetch=False, help="At the pace of the last two weeks."
    )
    box_notes = fields.Json("In the Box Now", compute="_compute_box_notes", groups=MONEY_GROUPS)
    box_amount = fields.Monetary("Money in the Box", compute="_compute_box_notes", groups=MONEY_GROUPS)
    roll_used = fields.Integer("Receipts Since", readonly=True, copy=False, prefetch=False)
    roll_percent = fields.Integer("Paper Left (%)", compute="_compute_percents", aggregator=None)
    forecast_at = fields.Datetime(readonly=True, copy=False, prefetch=False, help="When both dates were worked out.")
    roll_out_at = fields.Datetime(
        "Paper Out On", readonly=True, copy=False, prefetch=False, help="At the pace of the last two weeks."
    )

    _levels_not_negative = models.Constraint(
        "CHECK (box_capacity >= 0 AND roll_receipts >= 0)", "Capacities are not negative."
    )

    @api.depends("box_level")
    @api.depends_context("uid")
    def _compute_box_pieces(self):
        hidden = self._boxes_hidden()
        for terminal in self:
            terminal.box_pieces = 0 if terminal in hidden else terminal.sudo().box_level

    def _boxes_hidden(self):
        """Return those terminals of which the user must not see what is in the box now."""
        return self.browse()

    @api.depends("box_pieces", "box_capacity", "roll_used", "roll_receipts")
    @api.depends_context("uid")
    def _compute_percents(self):
        for terminal in self:
            capacity, roll = terminal.box_capacity, terminal.roll_receipts
            terminal.box_percent = terminal.box_pieces * 100 // capacity if capacity else 0
            left = max(roll - terminal.roll_used, 0)
            terminal.roll_percent = left * 100 // roll if roll and terminal.roll_changed_at else 0

    @api.depends("box_number", "tender_count")
    @api.depends_context("uid")
    def _compute_box_notes(self):
        rows = (self - self._boxes_hidden())._box_contents()
        for terminal in self:
            notes = sorted(rows.get(terminal.id, {}).items(), reverse=True)
            terminal.box_notes = [
                {"denomination": money.format_cents(value), "count": count, "amount": money.format_cents(value * count)}
                for value, count in notes
            ]
            terminal.box_amount = money.cents_to_float(sum(value * count for value, count in notes))

    def _box_contents(self):
        """Return what the present cash boxes hold: {terminal id: {denomination in cents: pieces}}."""
        self.env["electricity.tender"].flush_model()
        self.flush_model(["box_number"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT terminal.id, note.key::int, SUM(note.value::int)
                  FROM electricity_terminal terminal
                  JOIN electricity_tender tender
                    ON tender.terminal_id = terminal.id
                   AND tender.statement_session = 'box-' || terminal.box_number,
                       jsonb_each_text(tender.note_counts) note
                 WHERE terminal.id = ANY(%s) AND tender.kind = 'terminal_cash'
                 GROUP BY terminal.id, note.key
                """,
                self.ids,
            )
        )
        found = defaultdict(dict)
        for terminal, value, count in rows:
            found[terminal][value] = count
        return found

    def _level_facts(self, knows_paper):
        """Return what is known of cash box and paper roll, as ``core.alarms.of_terminal`` takes it.

        :param knows_paper: the printer itself says how much paper there is, which overrides any count
        """
        counts_paper = self.roll_receipts and self.roll_changed_at and not knows_paper
        return {
            "pieces": self.sudo().box_level,
            "capacity": self.box_capacity if self.takes_notes else 0,
            "receipts_left": self.roll_receipts - self.roll_used if counts_paper else None,
            "roll": self.roll_receipts,
        }

    def action_roll_changed(self):
        """Begin to count receipts anew: a new roll is in the printer."""
        self._check_group("group_technician", "group_supervisor")
        terminals = self.sudo()
        values = {"roll_changed_at": fields.Datetime.now(), "roll_used": 0, "roll_out_at": False, "forecast_at": False}
        terminals.write(values)
        for terminal in terminals:
            terminal.message_post(body=self.env._("A new roll of paper was put in."))
        terminals._forecast()
        # The cron clears what the old roll was a reason for.
        terminals.alarm_check_at = fields.Datetime.now()
        terminals._tell_screens()

    # -- counted by a cron ------------------------------------------------------------------------------------------

    @api.model
    def _cron_levels(self):
        """Count what is in the boxes and on the rolls of all terminals, and when they end."""
        terminals = self.sudo().search(
            [
                "&",
                ("state", "in", ("active", "quarantined")),
                "|",
                ("takes_notes", "=", True),
                ("roll_receipts", ">", 0),
            ]
        )
        for start in range(0, len(terminals), CHUNK):
            some = terminals[start : start + CHUNK]
            some._apart(some._forecast)
            if not self.env["ir.cron"]._commit_progress(0):
                return

    def _forecast(self):
        """Write the levels of these terminals and when they end, where they have changed; judge and show those."""
        now = fields.Datetime.now()
        since = now - timedelta(days=forecast.DAYS)
        values = {terminal.id: {} for terminal in self}
        boxes = self.filtered("takes_notes")
        rolls = self.filtered(lambda terminal: terminal.roll_receipts and terminal.roll_changed_at)
        contents, used = boxes._box_contents(), rolls._receipts_since_roll()
        # The pace of two weeks does not change within minutes; a new box or roll is another matter.
        due = self.filtered(lambda terminal: terminal._is_forecast_due(contents, used, now))
        paces = (boxes & due)._note_paces(since, now)
        for terminal in boxes:
            pieces = min(sum(contents.get(terminal.id, {}).values()), LARGEST_INT)
            values[terminal.id].update(box_level=pieces)
            if terminal in due:
                left = terminal.box_capacity - pieces
                full_at = forecast.when(left, paces[terminal.id], now) if terminal.box_capacity else None
                values[terminal.id].update(box_full_at=_calm(full_at, terminal.box_full_at), forecast_at=now)
        paces = (rolls & due)._receipt_paces(since, now)
        for terminal in rolls:
            count = used.get(terminal.id, 0)
            values[terminal.id].update(roll_used=count)
            if terminal in due:
                out_at = forecast.when(terminal.roll_receipts - count, paces[terminal.id], now)
                values[terminal.id].update(roll_out_at=_calm(out_at, terminal.roll_out_at), forecast_at=now)
        changed = self.browse()
        for terminal in self:
            news = {name: value for name, value in values[terminal.id].items() if terminal[name] != value}
            if news and terminal._apart(partial(terminal._write_levels, news, now)):
                changed |= terminal
        changed._tell_screens()

    def _is_forecast_due(self, contents, used, now):
        """Return whether the dates have to be worked out: each hour, and when box or roll was changed."""
        if not self.forecast_at or now - self.forecast_at >= FORECAST_EVERY:
            return True
        pieces = sum(contents.get(self.id, {}).values())
        return pieces < self.box_level or used.get(self.id, 0) < self.roll_used

    def _write_levels(self, values, now):
        try:
            self.take()
        except Refusal:
            # A heartbeat is being taken; the next run counts again.
            return False
        # The watch judges what is new.
        self.write({**values, "alarm_check_at": now})
        return True

    def _note_paces(self, since, now):
        """Return {terminal id: ``core.forecast.Pace``} of notes that came in."""
        self.env["electricity.tender"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT tender.terminal_id,
                       (EXTRACT(isodow FROM tender.occurred_at)::int - 1) * 24
                       + EXTRACT(hour FROM tender.occurred_at)::int AS slot,
                       SUM(%s), MIN(tender.occurred_at)
                  FROM electricity_tender tender
                 WHERE tender.terminal_id = ANY(%s) AND tender.kind = 'terminal_cash' AND tender.occurred_at >= %s
                 GROUP BY tender.terminal_id, slot
                """,
                _PIECES,
                self.ids,
                since,
            )
        )
        return self._paces(rows, now)

    def _paces(self, rows, now):
        slots, firsts = defaultdict(dict), {}
        for terminal, slot, count, first in rows:
            slots[terminal][slot] = int(count)
            firsts[terminal] = min(first, firsts.get(terminal, first))
        paces = {}
        for terminal in self.ids:
            hours = int((now - firsts.get(terminal, now)).total_seconds()) // 3600
            # A terminal whose first day is almost two weeks ago has been counted for two weeks.
            paces[terminal] = forecast.pace(slots[terminal], hours if hours < (forecast.DAYS - 1) * 24 else 14 * 24)
        return paces


def _calm(found, shown):
    """Return a forecast to the hour; the one that is shown when it differs by less: it must not change each minute.

    :param found: a moment or None
    :param shown: a moment or False
    """
    if found is None:
        return False
    found = found.replace(minute=0, second=0)
    return shown if shown and abs(found - shown) < timedelta(hours=2) else found
