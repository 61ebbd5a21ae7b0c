"""What a company decides about the cash boxes of its kiosks."""

from odoo import fields, models


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
