"""What a terminal says of single notes and of the steps of writes, kept for whoever is asked afterwards."""

import logging
from datetime import UTC, datetime, timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core import trails
from ..core.errors import Refusal

KEEP_DAYS = 400
"""As long as somebody may still ask: the visits at a kiosk are kept as long."""
AT_ONCE = 10_000
MOST_A_MINUTE = 600
"""Rows of one terminal and minute, several times what hands and notes can do. Of a longer backlog the rest comes later;
whoever has a terminal's key fills no disk."""

_logger = logging.getLogger(__name__)


class ElectricityTerminalTrail(models.Model):
    """One note, or one write. It decides nothing: money is what tenders say, and cards what receipts say."""

    _name = "electricity.terminal.trail"
    _description = "Note or Write as a Terminal Tells It"
    _order = "terminal_id, done, id"
    _rec_name = "done"
    _log_access = False

    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, ondelete="cascade")
    uuid = fields.Char(required=True, readonly=True)
    kind = fields.Selection([(trails.NOTE, "Note"), (trails.WRITE, "Write")], required=True, readonly=True)
    at = fields.Datetime("Began", required=True, readonly=True)
    done = fields.Datetime("Ended", required=True, readonly=True)
    recharge_uuid = fields.Char("Order", readonly=True, index="btree_not_null")
    attempt_jti = fields.Char("Attempt", readonly=True, index="btree_not_null")
    denomination = fields.Integer("Denomination in Cents", readonly=True, aggregator=None)
    end = fields.Selection(
        [
            (trails.STACKED, "In the cash box"),
            (trails.RETURNED, "Given back"),
            (trails.REJECTED, "Not taken"),
            (trails.UNCERTAIN, "Not certain"),
        ],
        readonly=True,
    )
    wish = fields.Selection([(trails.STACK, "To be taken"), (trails.RETURN, "To be given back")], readonly=True)
    words = fields.Char(readonly=True, help="Why a note was not taken, or the steps with the card's last status words.")
    received_at = fields.Datetime(
        required=True, readonly=True, default=fields.Datetime.now, help="By this server's clock, not the terminal's."
    )

    _row_unique = models.UniqueIndex("(terminal_id, uuid)", "This row of the terminal is known already.")
    _lookup = models.Index("(terminal_id, done)")
    _received_index = models.Index("(received_at, terminal_id)")

    @api.model
    @api.private
    def take(self, terminal, token, db_uuid):
        """Store a report; what is known already stays as it is.

        :param terminal: one ``electricity.terminal``
        :param token: ``trail+jwt``, compact, untrusted
        :param db_uuid: of this database
        :return: the report's ``jti``, or None when it is not a genuine one of this terminal, or when it has brought
            too many in this minute: an honest one sends it again
        """
        try:
            jti, rows = trails.verify(token, terminal.identity(), db_uuid)
        except Refusal:
            _logger.warning("Terminal %s sent a report about notes and writes that is not genuine", terminal.code)
            return None
        if rows and not self._has_room(terminal):
            _logger.warning("Terminal %s tells of too many notes and writes at once: some have to wait", terminal.code)
            return None
        if rows:
            self.env.cr.execute(
                SQL(
                    "INSERT INTO electricity_terminal_trail (terminal_id, uuid, kind, at, done, recharge_uuid,"
                    " attempt_jti, denomination, %s, wish, words, received_at) VALUES %s"
                    " ON CONFLICT (terminal_id, uuid) DO NOTHING",
                    SQL.identifier("end"),
                    SQL(", ").join(self._values(terminal, row) for row in rows),
                )
            )
            self.invalidate_model(flush=False)
        return jti

    def _has_room(self, terminal):
        query = SQL(
            "SELECT count(*) < %(most)s FROM (SELECT 1 FROM electricity_terminal_trail WHERE terminal_id = %(terminal)s"
            " AND received_at > (clock_timestamp() AT TIME ZONE 'UTC') - interval '1 minute' LIMIT %(most)s) recent",
            terminal=terminal.id,
            most=MOST_A_MINUTE,
        )
        return self.env.execute_query(query)[0][0]

    def _values(self, terminal, row):
        is_note = isinstance(row, trails.NoteRow)
        return SQL(
            "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, clock_timestamp() AT TIME ZONE 'UTC')",
            *(terminal.id, row.id, trails.NOTE if is_note else trails.WRITE, _moment(row.at), _moment(row.done)),
            *(row.recharge if is_note else None, None if is_note else row.attempt),
            *((row.denomination, row.end, row.wish, row.reason) if is_note else (None, None, None, row.text)),
        )

    @api.model
    @api.private
    def of_notes(self, recharges, terminal, since, until):
        """Return the notes that were put in for orders, and those of a time at a terminal where none was being paid.

        :param recharges: ``electricity.recharge``
        :param terminal: one ``electricity.terminal``; of others of its company only what names an order
        :param since: Datetime, and ``until``: the time
        """
        alone = Domain(
            [
                ("recharge_uuid", "=", False),
                ("terminal_id", "=", terminal.id),
                ("done", ">=", since),
                ("done", "<=", until),
            ]
        )
        orders = Domain("recharge_uuid", "in", recharges.mapped("uuid"))
        notes = Domain("kind", "=", trails.NOTE) & self._of_company(terminal)
        return self.search(notes & (alone | orders), order="done, id")

    @api.model
    @api.private
    def of_writes(self, attempts, terminal):
        """Return the writes of attempts.

        :param attempts: ``electricity.recharge.attempt``
        :param terminal: one ``electricity.terminal``, of whose company they are
        """
        writes = Domain("kind", "=", trails.WRITE) & Domain("attempt_jti", "in", attempts.mapped("jti"))
        return self.search(writes & self._of_company(terminal), order="done, id")

    def _of_company(self, terminal):
        """Another company's terminal names an order of this one in vain."""
        return Domain("terminal_id.company_id", "=", terminal.company_id.id)

    @api.autovacuum
    def _gc_old(self):
        """Remove the rows that came long ago. When they happened is the terminal's word, whose clock may be wrong."""
        since = fields.Datetime.now() - timedelta(days=KEEP_DAYS)
        self.env.cr.execute(
            SQL(
                "DELETE FROM electricity_terminal_trail WHERE id IN"
                " (SELECT id FROM electricity_terminal_trail WHERE received_at < %s ORDER BY received_at LIMIT %s)",
                since,
                AT_ONCE,
            )
        )
        self.invalidate_model(flush=False)
        return self.env.cr.rowcount, self.env.cr.rowcount == AT_ONCE


def _moment(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, UTC).replace(tzinfo=None, microsecond=0)
