"""What a kiosk's browser hears from the server: its own point of sale, and nothing else. Box counters hear more."""

from odoo import models

from .cash_box import COUNTS


class IrWebsocket(models.AbstractModel):
    _inherit = "ir.websocket"

    def _build_bus_channel_list(self, channels):
        config = self.env.user.kiosk_config() if self.env.uid else None
        if config:
            # Channels are asked for by name, and everybody could name those of others.
            return [config.access_token] if config.access_token in channels else []
        return super()._build_bus_channel_list(channels)

    def _watchers_of_terminals(self):
        return *super()._watchers_of_terminals(), *COUNTS
