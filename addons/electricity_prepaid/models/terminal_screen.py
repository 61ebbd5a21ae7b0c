"""The smart buttons of a terminal."""

from odoo import models


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    def _action_open(self, xmlid):
        """Return a window action of the addon, narrowed to this terminal."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(f"electricity_prepaid.{xmlid}")
        return {**action, "context": {}}

    def action_open_recharges(self):
        """Return the window action that lists the recharges of this terminal."""
        return {**self._action_open("action_recharge"), "domain": [("terminal_id", "=", self.id)]}

    def action_open_unresolved(self):
        """Return the window action that lists the unfinished recharges of this terminal."""
        action = self._action_open("action_recharge_unfinished")
        states = ("authorized", "unknown", "not_written", "dispute")
        return {**action, "domain": [("terminal_id", "=", self.id), ("state", "in", states)]}

    def action_open_receipts(self):
        """Return the window action that lists what this terminal signed."""
        return {**self._action_open("action_receipt"), "domain": [("terminal_id", "=", self.id)]}
