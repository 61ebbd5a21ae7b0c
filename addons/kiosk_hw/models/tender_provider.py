"""Tenders whose evidence is a payment provider's transaction."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from .pos_payment_method import BANK_CARD, QR

PROVIDER_KINDS = (QR, BANK_CARD)
"""Kinds of tenders whose money a payment provider brought."""


class ElectricityTender(models.Model):
    _inherit = "electricity.tender"

    kind = fields.Selection(
        selection_add=[(QR, "Paid by QR Code"), (BANK_CARD, "Paid by Bank Card")],
        ondelete={
            QR: lambda tenders: tenders._refuse_to_forget(),
            BANK_CARD: lambda tenders: tenders._refuse_to_forget(),
        },
    )
    payment_transaction_id = fields.Many2one(
        "payment.transaction", readonly=True, index="btree_not_null", ondelete="restrict", prefetch=False
    )

    _payment_transaction_once = models.UniqueIndex(
        "(payment_transaction_id) WHERE payment_transaction_id IS NOT NULL", "This payment has a tender already."
    )

    def _refuse_to_forget(self):
        """Keep the addon from being uninstalled while there is money of its kinds."""
        raise UserError(self.env._("Money was taken by QR code or bank card: this addon stays installed."))

    @api.model
    @api.private
    def keep_without_account(self, company, values):
        """Keep money of which nobody knows yet whose it is.

        :param company: ``res.company`` that has it
        :param values: fields of the tender
        :return: the tender
        """
        return self.create(
            {
                # First, because Odoo looks it up to round the amounts that follow.
                "currency_id": company.currency_id.id,
                **values,
                "signed_amount": values["amount"],
                "company_id": company.id,
                "is_unassigned": True,
            }
        )
