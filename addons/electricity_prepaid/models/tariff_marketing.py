"""What the marketing system calls a tariff."""

from odoo import fields, models


class ElectricityTariff(models.Model):
    _inherit = "electricity.tariff"

    marketing_code = fields.Char(
        "Code There", copy=False, help="What the marketing system calls this tariff; customer files name it."
    )

    _marketing_code_unique = models.UniqueIndex(
        "(company_id, marketing_code) WHERE marketing_code IS NOT NULL", "Another tariff has this code already."
    )
