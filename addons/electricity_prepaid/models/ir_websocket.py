"""What a page hears from the server about terminals: those of the user's companies, by the groups that see them all."""

from odoo import models

CHANNEL = "electricity_terminals"
"""What a page asks for; each company has a channel of its own."""
WATCHERS = tuple(f"electricity_prepaid.group_{name}" for name in ("technician", "supervisor", "finance"))


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        asked = CHANNEL in channels
        # The name alone opens nothing: each company has a channel that no page can name.
        found = super()._build_bus_channel_list([channel for channel in channels if channel != CHANNEL])
        user = self.env.user
        if asked and any(user.has_group(group) for group in self._watchers_of_terminals()):
            found = [*found, *((company, CHANNEL) for company in user.company_ids)]
        return found

    def _watchers_of_terminals(self):
        """Return the groups whose users hear that a terminal of theirs has changed."""
        return WATCHERS
