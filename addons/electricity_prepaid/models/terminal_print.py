"""How many receipts a terminal put onto paper, hour by hour, by its own signed word."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import forecast


class ElectricityTerminalPrint(models.Model):
    """Receipts of one terminal within one hour. A new roll begins a row of its own."""

    _name = "electricity.terminal.print"
    _description = "Receipts Printed by a Terminal"
    _order = "terminal_id, at"
    _rec_name = "at"
    _log_access = False

    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, ondelete="cascade")
    at = fields.Datetime("From", required=True, readonly=True)
    receipts = fields.Integer(required=True, readonly=True)

    _hour_unique = models.UniqueIndex("(terminal_id, at)", "This hour of the terminal is counted already.")

    @api.model
    @api.private
    def add(self, terminal, at, receipts):
        """Count further receipts.

        :param terminal: one ``electricity.terminal``, whose row is locked by the caller
        :param at: when the row begins, UTC
        :param receipts: how many more
        """
        self.env.cr.execute(
            SQL(
                "INSERT INTO electricity_terminal_print AS counted (terminal_id, at, receipts) VALUES (%s, %s, %s)"
                " ON CONFLICT (terminal_id, at) DO UPDATE SET receipts = counted.receipts + EXCLUDED.receipts",
                terminal.id,
                at,
                receipts,
            )
        )
        self.invalidate_model(flush=False)

    @api.autovacuum
    def _gc_counted(self):
        """Remove what neither a forecast nor the present roll needs."""
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM electricity_terminal_print counted
                 USING electricity_terminal terminal
                 WHERE terminal.id = counted.terminal_id AND counted.at < %s
                   AND (terminal.roll_changed_at IS NULL OR counted.at < terminal.roll_changed_at)
                """,
                fields.Datetime.now() - timedelta(days=forecast.DAYS + 1),
            )
        )
