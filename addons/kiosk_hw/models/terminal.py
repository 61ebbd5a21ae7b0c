"""Terminals of kiosks."""

from odoo import fields, models


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    kind = fields.Selection(selection_add=[("kiosk", "Kiosk")], ondelete={"kiosk": "set default"})
    kiosk_config_ids = fields.One2many("pos.config", "electricity_terminal_id", "Kiosk")
