"""The window that asks why a stopped terminal may sell again."""

from odoo import fields, models


class ElectricityTerminalReason(models.TransientModel):
    """Reason for starting a terminal again; it is kept in the terminal's history."""

    _name = "electricity.terminal.reason"
    _description = "Reason for Starting a Terminal Again"

    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, ondelete="cascade")
    state = fields.Selection(related="terminal_id.state")
    reason = fields.Text(required=True)

    def action_reactivate(self):
        """Let the terminal sell again."""
        self.ensure_one()
        self.terminal_id.reactivate(self.reason)
        return {"type": "ir.actions.act_window_close"}
