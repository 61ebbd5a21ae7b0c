"""What a customer takes home from a kiosk: the receipt on paper, or on the own phone."""

from odoo import api, models
from odoo.addons.electricity_prepaid.core import codes
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.recharge_receipt import ENDED

from . import kiosk_trail
from .kiosk import kiosk_call


class ElectricityKiosk(models.AbstractModel):
    _inherit = "electricity.kiosk"

    @api.model
    @kiosk_call
    def receipt(self, config, uuid):
        """Return the receipt of an order that has ended, or was written, at this kiosk, in the language of the call.

        One that began elsewhere has ended here also where its customer ended it by :meth:`finish_here`.

        :param uuid: of the order
        :return: ``job`` and ``print`` (print+jwt), both None when nothing is to be printed by itself; ``qr``: the link
            to the receipt as a picture (data URI), or None
        :raises Refusal: S-115
        """
        terminal = config.electricity_terminal_id
        order = self._sale()._by_uuid(uuid)
        if terminal not in (order.terminal_id | order.attempt_ids.terminal_id | order.ended_terminal_id):
            raise Refusal(codes.S_NO_SUCH_ORDER)
        return self._receipt_answer(order, order.print_first(terminal))

    @api.model
    @kiosk_call
    def receipt_copy(self, config, snapshot, job):
        """Return one more copy of the latest receipt of the card in the reader.

        :param snapshot: the terminal's signed reading, compact
        :param job: uuid of the print, made by the page; a repeat is the same print
        :return: as :meth:`receipt`
        :raises Refusal: A-407, A-408, or what keeps the card from being known
        """
        terminal = config.electricity_terminal_id
        quote = self._sale().quote(terminal.id, snapshot)
        if not quote["ok"]:
            return quote
        account = self._account_of(config, quote)
        if not account:
            raise Refusal(quote["code"] or codes.C_NOT_REGISTERED)
        order = self._sale().search(
            [("electricity_account_id", "=", account.id), ("state", "in", ENDED), ("op", "!=", "clear")],
            order="id desc",
            limit=1,
        )
        if not order:
            raise Refusal(codes.A_NO_RECEIPT)
        return self._receipt_answer(order, order.print_copy(terminal, job))

    @api.model
    def _receipt_answer(self, order, printed):
        kiosk_trail.saw(order=order.uuid, account=order.electricity_account_id.name)
        codes_of = self.env["report.electricity_prepaid.receipt"]
        return {
            "job": printed and printed["job"],
            "print": printed and printed["print"],
            "qr": codes_of._qr(order.receipt_link()) if order.receipt_stage() else None,
        }
