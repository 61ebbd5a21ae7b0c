"""Ways to pay at a kiosk besides notes: a payment method of the point of sale with a provider behind it."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .payment_provider import DEMO, GATEWAY

QR, BANK_CARD = "qr", "bank_card"
KIOSK_KINDS = [(QR, "QR Code"), (BANK_CARD, "Bank Card")]


class PosPaymentMethod(models.Model):
    _inherit = "pos.payment.method"

    kiosk_kind = fields.Selection(
        KIOSK_KINDS,
        "At a Kiosk",
        compute="_compute_kiosk_kind",
        store=True,
        readonly=False,
        help="How a customer pays at a kiosk through the provider. Its journal is a bank journal.",
    )
    kiosk_provider_id = fields.Many2one(
        "payment.provider",
        "Payment Provider",
        ondelete="restrict",
        check_company=True,
        domain=f"[('code', 'in', ('{GATEWAY}', '{DEMO}')), ('company_id', '=', company_id)]",
    )
    kiosk_card_terminal = fields.Char(
        "Card Terminal", help="The gateway's name for the card terminal that is built into this kiosk."
    )

    def _get_payment_terminal_selection(self):
        return [*super()._get_payment_terminal_selection(), (GATEWAY, "Card Terminal of a Kiosk")]

    @api.depends("use_payment_terminal")
    def _compute_kiosk_kind(self):
        for method in self:
            if method.use_payment_terminal == GATEWAY:
                method.kiosk_kind = BANK_CARD
            elif method.kiosk_kind == BANK_CARD:
                method.kiosk_kind = False

    @api.constrains("kiosk_kind", "kiosk_provider_id", "kiosk_card_terminal", "journal_id", "split_transactions")
    def _check_kiosk_kind(self):
        for method in self.filtered("kiosk_kind"):
            if method.type != "bank" or method.split_transactions:
                raise ValidationError(
                    self.env._("“%s” needs a bank journal, and does not identify customers.", method.name)
                )
            provider = method.kiosk_provider_id
            codes = (GATEWAY,) if method.kiosk_kind == BANK_CARD else (GATEWAY, DEMO)
            if not provider or provider.sudo().code not in codes:
                raise ValidationError(self.env._("“%s” needs a payment provider that kiosks can use.", method.name))
            if method.kiosk_kind == BANK_CARD and not method.kiosk_card_terminal:
                raise ValidationError(self.env._("“%s” needs the name of its card terminal.", method.name))
            provider.check_for_kiosks()

    @api.private
    def kiosk_problem(self):
        """Return the code of why nobody can pay this way now, or None."""
        return self.kiosk_provider_id.kiosk_problem()
