"""What a terminal did on one day, counted by a cron."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.tools import SQL

DAYS = 2
"""Days that each run counts anew: today, and yesterday for what came late."""
NOTES = (1, 5, 10, 20, 50, 100)
"""Denominations, in the currency's unit, with a column of their own."""


class ElectricityTerminalDay(models.Model):
    """Figures of one terminal and day of its company. Rows are counted, never written by hand."""

    _name = "electricity.terminal.day"
    _description = "Daily Figures of a Terminal"
    _order = "day desc, terminal_id, id"
    _rec_name = "day"
    _log_access = False

    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    day = fields.Date(required=True, readonly=True, index=True, help="Of the company's time zone.")
    cards = fields.Integer(
        "Cards Read", readonly=True, help="Insertions of a card that a purchase or another order was decided by."
    )
    purchases = fields.Integer(
        "Purchases Made", readonly=True, help="Sales whose card this terminal wrote, wherever they were begun."
    )
    arrears = fields.Integer("Arrears Payments", readonly=True, help="Payments of arrears that were made here.")
    energy = fields.Float("Energy (kWh)", digits="Electricity Energy", readonly=True)
    amount_clerk = fields.Monetary("Cash at the Counter", readonly=True)
    amount_notes = fields.Monetary("Notes", readonly=True, help="Counted by the terminal.")
    amount_other = fields.Monetary("Other Payments", readonly=True)
    amount_out = fields.Monetary("Handed Back", readonly=True)
    amount_total = fields.Monetary("Money Taken", readonly=True, help="Received minus handed back.")
    notes_1 = fields.Integer("Notes of 1", readonly=True)
    notes_5 = fields.Integer("Notes of 5", readonly=True)
    notes_10 = fields.Integer("Notes of 10", readonly=True)
    notes_20 = fields.Integer("Notes of 20", readonly=True)
    notes_50 = fields.Integer("Notes of 50", readonly=True)
    notes_100 = fields.Integer("Notes of 100", readonly=True)
    notes_other = fields.Integer("Other Notes", readonly=True)
    writes = fields.Integer("Cards Written", readonly=True)
    write_seconds = fields.Float("Time to Write (s)", digits=(10, 1), readonly=True, aggregator="avg")
    failures = fields.Integer("Failed Tries", readonly=True)
    offline_minutes = fields.Integer("Offline (min)", readonly=True)
    uptime = fields.Float(
        "Uptime (%)",
        digits=(5, 1),
        readonly=True,
        aggregator="avg",
        help="For how much of its time in use it was heard. A stopped terminal keeps what was counted until then.",
    )
    counted_at = fields.Datetime("Figures Counted", readonly=True)
    is_watched = fields.Boolean("In Use", readonly=True, help="It was in use that day: otherwise it has no uptime.")

    _day_unique = models.UniqueIndex("(terminal_id, day)", "This day of the terminal was counted already.")

    @api.model
    def _cron_count(self):
        """Count today and yesterday of every terminal."""
        for (company,) in self.env["electricity.terminal"].sudo()._read_group([], ["company_id"]):
            self._count(company, DAYS)
            if not self.env["ir.cron"]._commit_progress(0):
                return

    @api.model
    def _count(self, company, days):
        """Count the last days of all terminals of a company.

        :param company: one ``res.company``
        :param days: how many, today included
        """
        zone = ZoneInfo(company.electricity_zone())
        today = fields.Datetime.now().replace(tzinfo=UTC).astimezone(zone).date()
        self.env.flush_all()
        for back in range(days):
            day = today - timedelta(days=back)
            self._count_day(company, day, *(_midnight(zone, day + timedelta(days=number)) for number in (0, 1)))
        self.invalidate_model(flush=False)

    @api.model
    def _count_day(self, company, day, begin, end):
        """Count one day of all terminals of a company; what they have done is in the database already.

        Whether a terminal is in use is known of the present only: a day that is over keeps what was found on it.

        :param begin: of the day, UTC
        :param end: of the day, UTC
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                _COUNT,
                company=company.id,
                currency=company.currency_id.id,
                day=day,
                begin=begin,
                end=end,
                now=now,
                until=min(end, now),
                notes=SQL(", ").join(_note_column(value) for value in NOTES),
                known=[value * 100 for value in NOTES],
            )
        )


def _midnight(zone, day):
    """Return the beginning of a day of a time zone, UTC without a zone."""
    return datetime.combine(day, time(), zone).astimezone(UTC).replace(tzinfo=None)


def _note_column(value):
    return SQL("COALESCE(SUM(note.value::int) FILTER (WHERE note.key::int = %s), 0)", value * 100)


_COUNT = """
WITH terminal AS (
    SELECT terminal.id, COALESCE(paired_at, create_date) AS begun, known.id AS known_id,
           active AND state IN ('active', 'quarantined') AND COALESCE(last_heartbeat, paired_at) IS NOT NULL
           AND (%(until)s < %(end)s OR COALESCE(known.is_watched, FALSE)) AS watched
      FROM electricity_terminal terminal
      LEFT JOIN electricity_terminal_day known ON known.terminal_id = terminal.id AND known.day = %(day)s
     WHERE terminal.company_id = %(company)s AND state NOT IN ('draft', 'pairing')
), card AS (
    SELECT terminal_id, COUNT(DISTINCT insertion) AS cards
      FROM electricity_snapshot
     WHERE issued_at >= %(begin)s AND issued_at < %(end)s AND insertion IS NOT NULL
     GROUP BY terminal_id
), sale AS (
    SELECT COALESCE(writer.terminal_id, recharge.terminal_id) AS terminal_id,
           COUNT(*) FILTER (WHERE op NOT IN ('arrears', 'clear') AND amount > 0) AS purchases,
           COUNT(*) FILTER (WHERE op = 'arrears') AS arrears, SUM(energy) AS energy
      FROM electricity_recharge recharge
      LEFT JOIN LATERAL (
           SELECT terminal_id FROM electricity_recharge_attempt attempt
            WHERE attempt.recharge_id = recharge.id AND attempt.op <> 'reverse'
            ORDER BY attempt.state = 'written' DESC, attempt.state = 'unknown' DESC, attempt.id LIMIT 1
           ) writer ON TRUE
     WHERE company_id = %(company)s AND state = 'written' AND written_at >= %(begin)s AND written_at < %(end)s
     GROUP BY 1
), money AS (
    SELECT terminal_id,
           SUM(amount) FILTER (WHERE direction = 'in' AND kind = 'cash') AS clerk,
           SUM(amount) FILTER (WHERE direction = 'in' AND kind IN ('terminal_cash', 'box_count')) AS notes,
           SUM(amount) FILTER (WHERE direction = 'in' AND kind NOT IN ('cash', 'terminal_cash', 'box_count'))
               AS other,
           SUM(amount) FILTER (WHERE direction = 'out') AS back,
           SUM(CASE WHEN direction = 'in' THEN amount ELSE -amount END) AS total
      FROM electricity_tender
     WHERE company_id = %(company)s AND occurred_at >= %(begin)s AND occurred_at < %(end)s
     GROUP BY terminal_id
), piece AS (
    SELECT tender.terminal_id, ARRAY[%(notes)s] AS counted,
           COALESCE(SUM(note.value::int) FILTER (WHERE NOT (note.key::int = ANY(%(known)s))), 0) AS other
      FROM electricity_tender tender, jsonb_each_text(tender.note_counts) note
     WHERE tender.company_id = %(company)s AND tender.kind IN ('terminal_cash', 'box_count')
       AND tender.occurred_at >= %(begin)s AND tender.occurred_at < %(end)s
     GROUP BY tender.terminal_id
), attempt AS (
    SELECT terminal_id, COUNT(*) FILTER (WHERE state = 'written') AS writes,
           AVG(EXTRACT(epoch FROM done_at - issued_at)) FILTER (WHERE state = 'written') AS seconds,
           COUNT(*) FILTER (WHERE state IN ('not_written', 'unknown', 'void')) AS failures
      FROM electricity_recharge_attempt
     WHERE company_id = %(company)s AND issued_at >= %(begin)s AND issued_at < %(end)s
     GROUP BY terminal_id
), away AS (
    SELECT terminal_id,
           SUM(EXTRACT(epoch FROM LEAST(COALESCE(calm_since, closed_at, %(until)s), %(until)s)
                                  - GREATEST(opened_at, %(begin)s))) AS seconds
      FROM electricity_terminal_alarm
     WHERE company_id = %(company)s AND kind = 'offline' AND opened_at < %(until)s
       AND COALESCE(calm_since, closed_at, %(until)s) > %(begin)s
     GROUP BY terminal_id
)
INSERT INTO electricity_terminal_day AS figures
       (terminal_id, company_id, currency_id, day, cards, purchases, arrears, energy, amount_clerk,
        amount_notes, amount_other, amount_out, amount_total, notes_1, notes_5, notes_10, notes_20, notes_50,
        notes_100, notes_other, writes, write_seconds, failures, offline_minutes, uptime, is_watched,
        counted_at)
SELECT terminal.id, %(company)s, %(currency)s, %(day)s, COALESCE(card.cards, 0), COALESCE(sale.purchases, 0),
       COALESCE(sale.arrears, 0), COALESCE(sale.energy, 0), COALESCE(money.clerk, 0), COALESCE(money.notes, 0),
       COALESCE(money.other, 0), COALESCE(money.back, 0), COALESCE(money.total, 0),
       COALESCE(piece.counted[1], 0), COALESCE(piece.counted[2], 0), COALESCE(piece.counted[3], 0),
       COALESCE(piece.counted[4], 0), COALESCE(piece.counted[5], 0), COALESCE(piece.counted[6], 0),
       COALESCE(piece.other, 0), COALESCE(attempt.writes, 0), attempt.seconds, COALESCE(attempt.failures, 0),
       COALESCE(away.seconds, 0)::int / 60,
       CASE WHEN terminal.watched THEN
            ROUND((100 - 100 * LEAST(COALESCE(away.seconds, 0)
                                     / GREATEST(EXTRACT(epoch FROM %(until)s - GREATEST(terminal.begun, %(begin)s)), 1),
                                     1))::numeric, 1)
       END,
       terminal.watched, %(now)s
  FROM terminal
  LEFT JOIN card ON card.terminal_id = terminal.id
  LEFT JOIN sale ON sale.terminal_id = terminal.id
  LEFT JOIN money ON money.terminal_id = terminal.id
  LEFT JOIN piece ON piece.terminal_id = terminal.id
  LEFT JOIN attempt ON attempt.terminal_id = terminal.id
  LEFT JOIN away ON away.terminal_id = terminal.id
 WHERE terminal.begun < %(end)s
   AND (terminal.watched OR COALESCE(terminal.known_id, card.terminal_id, sale.terminal_id, money.terminal_id,
                                     attempt.terminal_id) IS NOT NULL)
    ON CONFLICT (terminal_id, day) DO UPDATE
   SET (cards, purchases, arrears, energy, amount_clerk, amount_notes, amount_other, amount_out, amount_total,
        notes_1, notes_5, notes_10, notes_20, notes_50, notes_100, notes_other,
        writes, write_seconds, failures, offline_minutes, uptime, is_watched, counted_at)
     = (EXCLUDED.cards, EXCLUDED.purchases, EXCLUDED.arrears, EXCLUDED.energy, EXCLUDED.amount_clerk,
        EXCLUDED.amount_notes, EXCLUDED.amount_other, EXCLUDED.amount_out, EXCLUDED.amount_total,
        EXCLUDED.notes_1, EXCLUDED.notes_5, EXCLUDED.notes_10, EXCLUDED.notes_20, EXCLUDED.notes_50,
        EXCLUDED.notes_100, EXCLUDED.notes_other, EXCLUDED.writes, EXCLUDED.write_seconds, EXCLUDED.failures,
        CASE WHEN EXCLUDED.is_watched THEN EXCLUDED.offline_minutes ELSE figures.offline_minutes END,
        CASE WHEN EXCLUDED.is_watched THEN EXCLUDED.uptime ELSE figures.uptime END,
        EXCLUDED.is_watched OR figures.is_watched, EXCLUDED.counted_at)
"""
