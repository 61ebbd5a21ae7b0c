"""The view of terminals on a plan, in window actions."""

from odoo import fields, models


class IrActionsActWindowView(models.Model):
    _inherit = "ir.actions.act_window.view"

    view_mode = fields.Selection(selection_add=[("terminal_map", "Map")], ondelete={"terminal_map": "cascade"})
