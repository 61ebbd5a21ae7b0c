"""Orders of kiosks: in which language their customer was spoken to, and what the marketing system hears of it."""

from odoo import api, fields, models


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    kiosk_language = fields.Char(readonly=True, copy=False, prefetch=False)
    ended_terminal_id = fields.Many2one(
        "electricity.terminal",
        "Ended at Kiosk",
        readonly=True,
        copy=False,
        prefetch=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The kiosk at which its customer ended what waited for money at another terminal.",
    )

    @api.model
    def _create_order(self, values):
        language = self.env.context.get("kiosk_language")
        return super()._create_order({**values, "kiosk_language": language} if language else values)

    def _check_nothing_may_be_paid(self):
        """Check that no payment by QR code or bank card may still be paid; the provider is asked about it.

        :raises Refusal: A-304
        """
        result = super()._check_nothing_may_be_paid()
        self.env["payment.transaction"].check_may_begin(self)
        return result

    def _upload_channel(self):
        return "kiosk" if self.terminal_id.kind == "kiosk" else super()._upload_channel()

    def _receipt_phone(self):
        """Return the number that the kiosk's screen shows: paper and screen that differ are believed by nobody."""
        config = self.env["pos.config"].sudo().with_context(active_test=False)
        config = config.search([("electricity_terminal_id", "=", self.terminal_id.id)], limit=1)
        return (self.terminal_id and config.kiosk_phone) or super()._receipt_phone()
