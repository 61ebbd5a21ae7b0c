from odoo import fields, models

from .kiosk_visit import KEEP_DAYS, KEEP_PARAMETER


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kiosk_blind_count = fields.Boolean(related="company_id.kiosk_blind_count", readonly=False)
    kiosk_transit_account_id = fields.Many2one(related="company_id.kiosk_transit_account_id", readonly=False)
    kiosk_account_check = fields.Selection(related="company_id.kiosk_account_check", readonly=False)
    kiosk_visit_days = fields.Integer("Keep Kiosk Visits (Days)", config_parameter=KEEP_PARAMETER, default=KEEP_DAYS)
