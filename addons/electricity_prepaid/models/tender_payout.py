"""Money that went back to a customer as the payout of a balance."""

from odoo import fields, models


class ElectricityTender(models.Model):
    _inherit = "electricity.tender"

    payout_id = fields.Many2one(
        "electricity.payout", readonly=True, index="btree_not_null", ondelete="restrict", prefetch=False
    )

    _payout_once = models.UniqueIndex("(payout_id) WHERE payout_id IS NOT NULL", "This payout has been paid already.")
