"""The receipt on the counter's paper."""

import base64

from odoo import api, models
from reportlab.graphics.barcode import createBarcodeDrawing

PAPERS = ("roll", "a5")


def masked(name):
    """Hide most of a customer's name: a receipt is left lying about.

    :param name: "Wang Xiaoming" or "王小明"
    :return: "W*** X***" or "王**"
    """
    if name.isascii():
        return " ".join(f"{word[0]}***" for word in name.split())
    return name[:1] + "*" * (len(name) - 1)


class ReceiptReport(models.AbstractModel):
    _name = "report.electricity_prepaid.receipt"
    _description = "Receipt of a Recharge"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return what the template ``electricity_prepaid.receipt`` needs.

        :param docids: ids of ``electricity.recharge``
        :param data: ``paper``: ``roll`` or ``a5``
        """
        paper = (data or {}).get("paper")
        return {
            "doc_model": "electricity.recharge",
            "docs": self.env["electricity.recharge"].browse(docids),
            "paper": paper if paper in PAPERS else PAPERS[0],
            "qr": self._qr,
        }

    @api.model
    def _qr(self, text):
        """Return a QR code as a data URI: the page prints without asking for more, and sharp on any printer.

        :param text: what the code says
        """
        # As drawing, not as pixels: those need a renderer that not every installation of reportlab has.
        drawing = createBarcodeDrawing("QR", value=text, width=120, height=120, barBorder=1)
        return "data:image/svg+xml;base64," + base64.b64encode(drawing.asString("svg").encode()).decode()
