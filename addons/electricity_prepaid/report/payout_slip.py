"""The slip of a payout (退款单): who gets what back, who decided it, and who handed it out."""

from odoo import api, fields, models

from ..core import boxes, money


class PayoutSlip(models.AbstractModel):
    _name = "report.electricity_prepaid.payout_slip"
    _description = "Slip of a Payout"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return what the template ``electricity_prepaid.payout_slip`` needs.

        :param docids: ids of ``electricity.payout``
        :param data: not used
        """
        return {
            "doc_model": "electricity.payout",
            # Before it is paid nobody signs that he got it.
            "docs": self.env["electricity.payout"].browse(docids).filtered(lambda payout: payout.state == "paid"),
            "in_words": self._in_words,
            "now": fields.Datetime.now,
        }

    @api.model
    def _in_words(self, payout, amount):
        """Return an amount in words, as slips in the reader's language write it.

        :param payout: one ``electricity.payout``
        :param amount: in the company's currency
        """
        if (self.env.lang or "").startswith("zh"):
            return boxes.chinese_words(money.to_cents(amount))
        return payout.currency_id.amount_to_text(amount)
