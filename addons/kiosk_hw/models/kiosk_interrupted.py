"""What a kiosk whose browser began anew has interrupted for the customer whose card is still in its reader."""

from datetime import timedelta

from odoo import api, fields, models

from .kiosk import kiosk_call

RECENT = timedelta(minutes=10)
"""How long after its end an order is told of once more: a computer that lost its power is back by then."""


class ElectricityKiosk(models.AbstractModel):
    _inherit = "electricity.kiosk"

    @api.model
    @kiosk_call
    def interrupted(self, config, snapshot):
        """Say what was begun at this kiosk for the card that is in its reader. No effect.

        :param snapshot: the terminal's signed reading, compact
        :return: ``open_order``; ``unpaid``, as ``quote`` says it; ``ended``: an order that has ended a moment ago and
            had money of its customer. Each masked and with its ``language``, or None
        """
        terminal = config.electricity_terminal_id
        account = self._account_of_card(config, snapshot)
        order = self._sale()._open_order(account)
        own = order if order.terminal_id == terminal else order.browse()
        return {
            "open_order": self._with_language(own),
            "unpaid": None if order else self._unpaid(terminal, account),
            "ended": None if order else self._with_language(self._ended_just_now(terminal, account)),
        }

    @api.model
    def _ended_just_now(self, terminal, account):
        """Return the latest order of an account at a kiosk if it has ended a moment ago, else an empty record."""
        if not account:
            return self._sale().browse()
        latest = self._sale().search(
            [("electricity_account_id", "=", account.id), ("terminal_id", "=", terminal.id)], order="id desc", limit=1
        )
        kept = latest.cancel_reason == "keep" and (latest.paid_amount or latest._uncertain_cents())
        is_recent = latest.write_date and latest.write_date > fields.Datetime.now() - RECENT
        return latest if is_recent and (latest.state == "written" or kept) else latest.browse()
