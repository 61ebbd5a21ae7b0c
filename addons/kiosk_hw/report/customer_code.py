"""The printed customer code: a QR code to keep with the bills."""

from odoo import api, models
from odoo.addons.electricity_prepaid.core import masking
from odoo.exceptions import UserError


class CustomerCodeReport(models.AbstractModel):
    _name = "report.kiosk_hw.customer_code"
    _description = "Customer Code"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Return what the template ``kiosk_hw.customer_code`` needs.

        :param docids: ids of ``electricity.account``
        :param data: not used
        :raises UserError: an account has no valid code, or the caller issues none
        """
        accounts = self.env["electricity.account"].browse(docids)
        codes = {}
        for account in accounts:
            account._for_customer_code()
            codes[account.id] = account._customer_code()
            if not codes[account.id]:
                raise UserError(self.env._("Account %(number)s has no valid customer code.", number=account.name))
        qr = self.env["report.electricity_prepaid.receipt"]._qr
        return {
            "doc_model": "electricity.account",
            "docs": accounts,
            "masked": lambda account: f"{masking.name(account.partner_id.name)}, {masking.number(account.name)}",
            "qr": lambda account: qr(codes[account.id]),
        }
