"""An order that was begun at another terminal and still waits for money: its customer goes on at this one.

It is ended there, and its money, which was balance from the first note on, pays the order that is begun here. So
nothing moves but a state, and a statement that the first terminal sends later finds an ended order and becomes balance
too.
"""

from odoo import api, models
from odoo.addons.electricity_prepaid.core import codes
from odoo.addons.electricity_prepaid.core.errors import Refusal

from .kiosk import kiosk_call
from .kiosk_sale import masked

FINISHED_HERE = ("purchase", "arrears")
"""Operations that a kiosk begins; the others wait for the counter that has them."""


class ElectricityKiosk(models.AbstractModel):
    _inherit = "electricity.kiosk"

    @api.model
    @kiosk_call
    def finish_here(self, config, uuid, who):
        """End an order of the customer's that waits for money at another terminal; what was paid stays the balance.

        :param uuid: of that order, as :meth:`quote` or :meth:`begin` told it; a repeat answers the same
        :param who: {``snapshot``} or {``token``}; without the card only a payment of arrears is ended
        :return: ``order`` as it ended
        :raises Refusal: S-115 not this customer's, S-112 not one that waits for money, A-304, S-129
        """
        account = self._account_before(config, who)
        order = self._sale()._by_uuid(uuid)
        if order.electricity_account_id != account or ("token" in who and order.op != "arrears"):
            raise Refusal(codes.S_NO_SUCH_ORDER)
        if order.op not in FINISHED_HERE:
            raise Refusal(codes.S_NOT_IN_STATE)
        order._check_nothing_may_be_paid()
        order._end_elsewhere()
        return masked({"order": order._status()}, config.electricity_terminal_id)
