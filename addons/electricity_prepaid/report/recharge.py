"""Printing the receipt of a sale: counted, never a new sale."""

from odoo import api, fields, models

from ..core import codes
from ..models.answers import answering

PRINTABLE = ("written", "reversed", "dispute")


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    print_count = fields.Integer(
        "Receipts Printed",
        readonly=True,
        copy=False,
        aggregator=None,
        help='All but the first print bear the word "Copy".',
    )

    def _receipt_url(self, paper):
        return f"/report/html/electricity_prepaid.receipt/{self.id}?paper={paper}"

    @api.model
    @answering
    def register_print(self, uuid, paper="roll"):
        """Count one more print of a receipt.

        :param uuid: of the sale
        :param paper: ``roll`` (80 mm, also fits 58 mm) or ``a5``
        :return: ``url`` of the page to print, ``print_count``
        :raises Refusal: S-115 no such order, S-112 nothing was written
        """
        order = self._by_uuid(uuid)
        if order.state not in PRINTABLE:
            order._refuse(codes.S_NOT_IN_STATE)
        order.print_count += 1
        return {"url": order._receipt_url("a5" if paper == "a5" else "roll"), "print_count": order.print_count}

    def action_print_receipt(self):
        """Open the receipt in a tab of its own, ready to print."""
        self.ensure_one()
        answer = self.register_print(self.uuid)
        if not answer["ok"]:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {"type": "warning", "message": answer["message"]},
            }
        return {"type": "ir.actions.act_url", "url": answer["url"], "target": "new"}
