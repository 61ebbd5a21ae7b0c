"""What a company decides about its kiosks: their cash boxes, and what is asked beside an account number."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import identification

CHECKED_FIELDS = {"phone": "phone", "vat": "vat"}
"""Field of the customer of which the last digits are asked, by the company's choice."""


class ResCompany(models.Model):
    _inherit = "res.company"

    kiosk_blind_count = fields.Boolean(
        "Count Blind",
        default=True,
        prefetch="electricity",
        help="Whoever counts a cash box does not see what was recorded before the count is confirmed.",
    )
    kiosk_transit_account_id = fields.Many2one(
        "account.account",
        "Cash on Its Way to the Vault",
        ondelete="restrict",
        check_company=True,
        prefetch="electricity",
        help="What is counted in a cash box is booked here. Empty: the company's account for internal transfers.",
    )
    kiosk_account_check = fields.Selection(
        [
            ("phone", "Last four digits of the customer's phone number"),
            ("vat", "Last four digits of the customer's identification number"),
        ],
        "Asked Beside an Account Number",
        prefetch="electricity",
        help="What a customer without a card types at a kiosk besides the account number. Empty: kiosks take no "
        "account numbers.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Give each new company a payment gateway of its own, switched off."""
        companies = super().create(vals_list)
        self.env["payment.provider"].sudo().give_gateways(companies)
        return companies

    def _kiosk_digits_of(self, partner):
        """Return the digits that a customer must know, None when there are none to know.

        :param partner: one ``res.partner``, or empty
        """
        name = CHECKED_FIELDS.get(self.kiosk_account_check)
        return identification.last_digits(partner[name]) if name and partner else None
