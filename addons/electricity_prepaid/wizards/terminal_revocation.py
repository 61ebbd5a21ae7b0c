"""The window that asks why the keys of a terminal are revoked."""

from odoo import fields, models


class ElectricityTerminalRevocation(models.TransientModel):
    """Reason for revoking a terminal; it is kept in the terminal's history and in the log of keys."""

    _name = "electricity.terminal.revocation"
    _description = "Reason for Revoking a Terminal"

    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, ondelete="cascade")
    reason = fields.Text(required=True)

    def action_revoke(self):
        """Revoke the terminal's keys."""
        self.ensure_one()
        self.terminal_id.revoke(self.reason)
        return {"type": "ir.actions.act_window_close"}
