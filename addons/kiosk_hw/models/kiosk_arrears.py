"""Arrears paid at a kiosk (缴欠费): the counter's order, for the card in the reader or an identified account."""

from odoo import api, models
from odoo.addons.electricity_prepaid.core import codes
from odoo.addons.electricity_prepaid.core.errors import Refusal

from .kiosk import kiosk_call
from .kiosk_masking import masked


class ElectricityKiosk(models.AbstractModel):
    _inherit = "electricity.kiosk"

    @api.model
    @kiosk_call
    def arrears(self, config, who):
        """Ask what a customer owes, and say whether it may be paid here now.

        The marketing system is asked first where the company has one; when it is silent, the answer is what is on
        file, with the time it was told.

        :param who: {``snapshot``} or {``token``}
        :return: ``customer`` masked, ``open_order``, ``unpaid`` as ``quote`` says it, ``bills`` or None, ``payable``
            with ``allowed``, ``code`` and ``message``
        """
        account = self._account_before(config, who)
        terminal = config.electricity_terminal_id
        connection = self._sale()._connection(account.company_id)
        if connection and not connection.is_paused():
            asked = self._sale().lookup(terminal.id, account.name)
            if not asked["ok"]:
                return asked
            account.invalidate_recordset()
        facts = {**self._facts_of(account, terminal), "unpaid": self._unpaid(terminal, account)}
        refusal = None
        try:
            self._sale()._check_arrears_asked(account)
            if facts["open_order"]:
                raise Refusal(codes.S_OTHER_OPEN)
        except Refusal as caught:
            refusal = caught
        return {**facts, "bills": self._bills(account), "payable": self._sale()._verdict(refusal)}

    @api.model
    @kiosk_call
    def begin_arrears(self, config, uuid, who, bills):
        """Make the order that pays bills; the balance may cover them at once. No card is written for it.

        :param uuid: made by the page; a repeat with the same parameters answers the same order
        :param who: {``snapshot``} or {``token``}
        :param bills: [{``receivable_id``, ``amount``}] as they were shown
        """
        terminal = config.electricity_terminal_id
        account = self._account_before(config, who)
        sale = self._sale().with_context(kiosk_language=self._language())
        return masked(sale.begin_arrears(uuid, terminal.id, account.name, bills), terminal)
