"""The slip of a cash box (清钞单): what was recorded, what was counted, and who says so."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.report.slip_words import in_words

from ..models.cash_box import COUNTED

PAPERS = ("roll", "a5")


class CashBoxSlip(models.AbstractModel):
    _name = "report.kiosk_hw.cash_box_slip"
    _description = "Slip of a Cash Box"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return what the template ``kiosk_hw.cash_box_slip`` needs.

        :param docids: ids of ``electricity.cash.box``
        :param data: ``paper``: ``roll`` or ``a5``
        """
        paper = (data or {}).get("paper")
        # The address is one of a website: its language is that of the browser, and not of whoever signs.
        boxes_of_user = self.env["electricity.cash.box"].with_context(lang=self.env.user.lang)
        return {
            "doc_model": "electricity.cash.box",
            # A box that is not counted has no slip: it would show what is to be counted blind.
            "docs": boxes_of_user.browse(docids).filtered(lambda box: box.state in COUNTED),
            "paper": paper if paper in PAPERS else PAPERS[0],
            "in_words": in_words,
            "now": fields.Datetime.now,
        }
