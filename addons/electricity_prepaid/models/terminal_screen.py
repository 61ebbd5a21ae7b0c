"""The smart buttons of a terminal, and its readers in words."""

from odoo import api, fields, models


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    reader_text = fields.Char("Readers", compute="_compute_reader_text")

    @api.depends("reader_state")
    @api.depends_context("lang")
    def _compute_reader_text(self):
        words = {
            "empty": self.env._("empty"),
            "card": self.env._("card in it"),
            "busy": self.env._("busy"),
            "error": self.env._("cannot use its card"),
            "absent": self.env._("not there"),
        }
        for terminal in self:
            readers = (each.rpartition(": ") for each in (terminal.reader_state or "").split(", ") if each)
            terminal.reader_text = ", ".join(f"{name}: {words.get(state, state)}" for name, _sep, state in readers)

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

    def action_open_alarms(self):
        """Return the window action that lists the alarms of this terminal, those that are over too."""
        return {**self._action_open("action_terminal_alarm"), "domain": [("terminal_id", "=", self.id)]}

    def action_open_days(self):
        """Return the window action that lists the daily figures of this terminal."""
        return {**self._action_open("action_terminal_day"), "domain": [("terminal_id", "=", self.id)]}
