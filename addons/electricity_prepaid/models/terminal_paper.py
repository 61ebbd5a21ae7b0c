"""What a terminal has printed: by its own count where it tells one, else by the purchases that ended there."""

from functools import partial

from odoo import api, fields, models
from odoo.tools import SQL

_NOT_PRINTED = ("draft", "cancelled")
"""States of an order of which no receipt was printed."""
MOST_AT_ONCE = 100_000
"""Receipts that one heartbeat can add: more than any printer prints between two of them."""


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    paper_told_at = fields.Datetime(
        readonly=True, copy=False, prefetch="beat", help="Since when the terminal itself tells what it prints."
    )
    paper_count = fields.Integer(
        readonly=True, copy=False, aggregator=None, prefetch="beat", help="As the terminal last told it."
    )
    paper_iat = fields.Integer(readonly=True, copy=False, aggregator=None, prefetch="beat")

    @api.private
    def note_paper(self, beat, now):
        """Take what a heartbeat says of receipts that came onto paper. Nothing is written while it is the same.

        The row is locked by the caller.

        :param beat: a verified ``core.heartbeats.Heartbeat``
        :param now: seconds by our clock
        """
        # An older heartbeat that comes late, or is played back, counts nothing again.
        if beat.printed is None or beat.iat < self.paper_iat:
            return
        if not self.paper_told_at or beat.printed != self.paper_count:
            # This transaction carries receipts and money; they must not be lost with a count of paper.
            self._apart(partial(self._count_paper, beat, now))

    def _count_paper(self, beat, now):
        moment = fields.Datetime.now()
        values = {"paper_count": beat.printed, "paper_iat": min(beat.iat, now)}
        if self.paper_told_at:
            # A count that is lower begins anew, with another journal.
            more = beat.printed - self.paper_count if beat.printed > self.paper_count else beat.printed
            begins = (moment.replace(minute=0, second=0), self.paper_told_at, self.roll_changed_at)
            at = max(begin for begin in begins if begin)
            self.env["electricity.terminal.print"].add(self, at, min(more, MOST_AT_ONCE))
        else:
            # What it printed before is not known to be on the present roll.
            values["paper_told_at"] = moment
        self.write(values)

    def _receipts_since_roll(self):
        """Return {terminal id: how many receipts have been printed on its present roll}."""
        self.env["electricity.recharge"].flush_model()
        self.flush_model(["roll_changed_at", "paper_told_at"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT terminal.id,
                       (SELECT COUNT(*) FROM electricity_recharge recharge
                         WHERE recharge.terminal_id = terminal.id
                           AND recharge.occurred_at >= terminal.roll_changed_at
                           AND recharge.occurred_at < COALESCE(terminal.paper_told_at, 'infinity')
                           AND recharge.state NOT IN %s)
                       + (SELECT COALESCE(SUM(counted.receipts), 0) FROM electricity_terminal_print counted
                           WHERE counted.terminal_id = terminal.id AND counted.at >= terminal.roll_changed_at)
                  FROM electricity_terminal terminal
                 WHERE terminal.id = ANY(%s)
                """,
                _NOT_PRINTED,
                self.ids,
            )
        )
        return {terminal: int(count) for terminal, count in rows}

    def _receipt_paces(self, since, now):
        """Return {terminal id: ``core.forecast.Pace``} of receipts."""
        self.env["electricity.recharge"].flush_model()
        self.flush_model(["paper_told_at"])
        rows = self.env.execute_query(
            SQL(
                """
                WITH printed AS (
                    SELECT recharge.terminal_id, recharge.occurred_at AS at, 1 AS receipts
                      FROM electricity_recharge recharge
                      JOIN electricity_terminal terminal ON terminal.id = recharge.terminal_id
                     WHERE recharge.terminal_id = ANY(%(terminals)s) AND recharge.occurred_at >= %(since)s
                       AND recharge.occurred_at < COALESCE(terminal.paper_told_at, 'infinity')
                       AND recharge.state NOT IN %(not_printed)s
                     UNION ALL
                    SELECT terminal_id, at, receipts FROM electricity_terminal_print
                     WHERE terminal_id = ANY(%(terminals)s) AND at >= %(since)s
                )
                SELECT terminal_id,
                       (EXTRACT(isodow FROM at)::int - 1) * 24 + EXTRACT(hour FROM at)::int AS slot,
                       SUM(receipts), MIN(at)
                  FROM printed GROUP BY terminal_id, slot
                """,
                terminals=self.ids,
                since=since,
                not_printed=_NOT_PRINTED,
            )
        )
        return self._paces(rows, now)
