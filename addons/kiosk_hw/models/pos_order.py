"""Orders of kiosks are made by the server, after the money; a browser's word makes none."""

from odoo import api, models
from odoo.exceptions import UserError


class PosOrder(models.Model):
    _inherit = "pos.order"

    @api.model
    def sync_from_ui(self, orders):
        sessions = {order.get("session_id") for order in orders if isinstance(order, dict)}
        known = self.env["pos.session"].sudo().browse(session for session in sessions if type(session) is int).exists()
        if self.env.user.kiosk_config() or known.config_id.filtered("electricity_terminal_id"):
            raise UserError(
                self.env._("This point of sale is a kiosk. Its orders are made from the money it has taken.")
            )
        return super().sync_from_ui(orders)
