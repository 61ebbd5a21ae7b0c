"""The slip of a payout (退款单): who gets what back, who decided it, and who handed it out."""

from odoo import api, fields, models

from .slip_words import in_words


class PayoutSlip(models.AbstractModel):
    _name = "report.electricity_prepaid.payout_slip"
    _description = "Slip of a Payout"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return what the template ``electricity_prepaid.payout_slip`` needs.

        :param docids: ids of ``electricity.payout``
        :param data: not used
        """
        # The address is one of a website: its language is that of the browser, and not of whoever signs.
        payouts = self.env["electricity.payout"].with_context(lang=self.env.user.lang)
        return {
            "doc_model": "electricity.payout",
            # Before it is paid nobody signs that he got it.
            "docs": payouts.browse(docids).filtered(lambda payout: payout.state == "paid"),
            "in_words": in_words,
            "now": fields.Datetime.now,
        }
