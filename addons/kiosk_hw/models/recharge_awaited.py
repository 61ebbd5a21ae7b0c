"""Receipts of orders for which a payment by QR code or bank card was begun, and nobody knows whether it was made."""

from odoo import api, models
from odoo.addons.electricity_prepaid.core import codes, gateway_payments
from odoo.addons.electricity_prepaid.core.prints import line

AWAITED = "awaited"
NOT_PAID = "not_paid"


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def receipt_stage(self):
        """Return what a receipt can say of this order now.

        :return: as before; besides: ``awaited`` (all that is known is that a payment was begun), ``not_paid`` (the
            payment service said that it was not made: whoever has the receipt as a code reads how it ended)
        """
        stage = super().receipt_stage()
        if stage or self.state not in ("draft", "cancelled"):
            return stage
        if self._awaited_payments():
            return AWAITED
        return NOT_PAID if self._begun_payments() else None

    @api.private
    def print_first(self, terminal):
        """Return the print of this order's receipt; nobody needs paper to know that nothing was paid."""
        return None if self.receipt_stage() == NOT_PAID else super().print_first(terminal)

    def _begun_payments(self):
        """Return the payments by QR code and bank card of this order, oldest first."""
        return self.env["payment.transaction"].sudo().search([("electricity_recharge_id", "=", self.id)], order="id")

    def _awaited_payments(self):
        """Return those of them of which nobody knows how they end."""
        return self._begun_payments().filtered(lambda payment: payment.state in gateway_payments.OPEN)

    def _print_name(self, stage, terminal):
        """Return what the identifier of a first print is made of: another payment makes another receipt."""
        awaited = self._awaited_payments().mapped("reference")
        return "/".join([super()._print_name(stage, terminal), *awaited])

    # ------------------------------------------------------------------------------------------------------- the lines

    def _receipt_title(self, stage):
        if stage in (AWAITED, NOT_PAID):
            return self.env._("Record of a payment")
        return super()._receipt_title(stage)

    def _receipt_boxes(self, stage):
        boxes = super()._receipt_boxes(stage)
        if stage == NOT_PAID:
            return [*boxes, self.env._("Not paid")]
        return [*boxes, self.env._("Not known yet whether it was paid")] if self._awaited_payments() else boxes

    def _receipt_money(self, stage):
        if stage not in (AWAITED, NOT_PAID):
            return super()._receipt_money(stage)
        payments = self._awaited_payments() or self._begun_payments()[-1:]
        label = self.env._("Begun to pay") if stage == NOT_PAID else self.env._("Not known yet")
        return [
            line("rule"),
            line("pair", self.env._("Amount"), self._money_text(self.amount)),
            *(line("total", label, self._money_text(payment.amount)) for payment in payments),
        ]

    def _receipt_notes(self):
        """Return a sentence for each note that is looked for, and for each payment of which nobody knows."""
        return [*super()._receipt_notes(), *map(self._awaited_sentence, self._awaited_payments())]

    def _awaited_sentence(self, payment):
        facts = {
            "amount": self._money_text(payment.amount),
            "way": dict(payment._fields["electricity_kind"]._description_selection(self.env))[payment.electricity_kind],
            "time": self._moment_text(payment.create_date),
            "code": codes.A_NO_WORD,
            "phone": self._receipt_phone(),
        }
        if not facts["phone"]:
            return self.env._(
                "Whether %(amount)s (%(way)s, begun at %(time)s) was paid is not known yet (%(code)s): the payment "
                "service has not told, and we go on asking. Do not pay it a second time. Keep this receipt and ask the "
                "staff in doubt.",
                **facts,
            )
        return self.env._(
            "Whether %(amount)s (%(way)s, begun at %(time)s) was paid is not known yet (%(code)s): the payment service "
            "has not told, and we go on asking. Do not pay it a second time. Keep this receipt; in doubt call "
            "%(phone)s and say the serial.",
            **facts,
        )

    def _receipt_advice(self, stage):
        if stage == NOT_PAID:
            return self.env._("The payment service said that nothing was paid. Nothing was taken, and nothing bought.")
        if stage != AWAITED:
            return super()._receipt_advice(stage)
        if self.state == "draft" and self.op == "arrears":
            return self.env._("If you have paid, it counts for these bills, or becomes your balance: it is not lost.")
        if self.state == "draft":
            return self.env._("If you have paid, it counts for this purchase, or becomes your balance: it is not lost.")
        return self.env._("If you have paid, it becomes your balance: it is not lost.")
