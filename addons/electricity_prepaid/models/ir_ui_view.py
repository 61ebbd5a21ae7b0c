"""The view of terminals on a plan: ``<terminal_map>``."""

from odoo import fields, models


class IrUiView(models.Model):
    _inherit = "ir.ui.view"

    type = fields.Selection(selection_add=[("terminal_map", "Map")])

    def _get_view_info(self):
        return {"terminal_map": {"icon": "fa fa-map-marker"}} | super()._get_view_info()
