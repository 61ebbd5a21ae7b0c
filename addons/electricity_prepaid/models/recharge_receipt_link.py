"""The receipt on the customer's phone: a link that nobody can guess, which ends by itself."""

from odoo import api, models
from odoo.tools import hash_sign, verify_hash_signed

from ..core import tokens

SCOPE = "electricity-receipt"
"""Keeps these links apart from all others that the database signs."""
LIFE_HOURS = 90 * 24
PATH = "/electricity/receipt/"
LONGEST_TOKEN = 300


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    @api.private
    def receipt_link(self):
        """Return the address of this order's receipt, masked, for 90 days; whoever has it may read it."""
        self.ensure_one()
        base = self.company_id.electricity_receipt_url or self.get_base_url()
        token = hash_sign(self.sudo().env, SCOPE, self.uuid, expiration_hours=LIFE_HOURS)
        return f"{base.rstrip('/')}{PATH}{token}?lang={self.env.lang or 'en_US'}"

    @api.model
    @api.private
    def receipt_of_link(self, token):
        """Return the order of a receipt's link as superuser, or an empty record: wrong, too old, or nothing to show.

        :param token: untrusted
        """
        orders = self.sudo()
        try:
            if not isinstance(token, str) or len(token) > LONGEST_TOKEN or not token.isascii():
                return orders.browse()
            # Another spelling of the same token is none of ours.
            tokens.unb64u(token)
            uuid = verify_hash_signed(orders.env, SCOPE, token)
        except ValueError:
            return orders.browse()
        order = orders.search([("uuid", "=", uuid)], limit=1) if isinstance(uuid, str) else orders.browse()
        return order if order and order.receipt_stage() else orders.browse()
