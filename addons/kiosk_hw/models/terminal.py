"""Terminals of kiosks."""

from odoo import fields, models


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    kind = fields.Selection(selection_add=[("kiosk", "Kiosk")], ondelete={"kiosk": "set default"})
    kiosk_config_ids = fields.One2many("pos.config", "electricity_terminal_id", "Kiosk")

    def is_for(self, user):
        config = user.kiosk_config()
        # Its page asks a dozen times in a visit, always about the kiosk's own terminal.
        return config.electricity_terminal_id == self if config else super().is_for(user)
