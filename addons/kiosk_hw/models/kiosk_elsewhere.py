"""An order that was begun at another terminal and still waits for money: its customer goes on at this one.

It is ended there, and its money, which was balance from the first note on, pays the same that is begun here. So
nothing moves but a state, and a statement that the first terminal sends later finds an ended order and becomes balance
too.
"""

from contextlib import suppress

from odoo import api, models
from odoo.addons.electricity_prepaid.core import codes
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import find_by
from odoo.addons.electricity_prepaid.models.parameters import check_uuid

from .kiosk import kiosk_call

FINISHED_HERE = ("purchase", "arrears")
"""Operations that a kiosk begins; the others wait for the counter that has them."""


class ElectricityKiosk(models.AbstractModel):
    _inherit = "electricity.kiosk"

    @api.model
    @kiosk_call
    def finish_here(self, config, uuid, new_uuid, who):
        """End an order of the customer's that waits for money at another terminal, and begin the same here.

        Nobody is at hand here who could end it otherwise: it ends also where the same cannot be begun any more, say
        because bills have changed. What was paid is balance then, and the page asks anew what the customer wants.

        :param uuid: of that order, as :meth:`quote` or :meth:`begin` told it
        :param new_uuid: of the order here, made by the page; a repeat with the same parameters answers the same
        :param who: {``snapshot``}, used up for a purchase, or {``token``}: without the card only a payment of arrears
            goes on
        :return: ``order`` that was begun here, or else the ended one
        :raises Refusal: S-115 not this customer's, S-112 not one that waits for money, A-304, S-129
        """
        order = self._sale()._by_uuid(uuid)
        if order.electricity_account_id != self._account_going_on(config, check_uuid(new_uuid), who):
            raise Refusal(codes.S_NO_SUCH_ORDER)
        if order.op != "arrears" and "token" in who:
            raise Refusal(codes.S_NO_SUCH_ORDER)
        if order.op not in FINISHED_HERE:
            raise Refusal(codes.S_NOT_IN_STATE)
        order._check_nothing_may_be_paid()
        had_ended = order.state != "draft"
        order._end_elsewhere()
        if not had_ended:
            # Its customer stands here, and wants to see on paper what became of the money.
            order.ended_terminal_id = config.electricity_terminal_id
        same = order.with_context(kiosk_language=self._language())
        # Why it cannot be begun is said when the customer asks for it anew.
        with suppress(Refusal), self.env.cr.savepoint():
            order = same._begin_again(new_uuid, config.electricity_terminal_id, who.get("snapshot"))
        return self._order_answer(config, {"ok": True, "order": order._status()})

    def _account_going_on(self, config, new_uuid, who):
        """Return the account of who goes on here: of the order that this very call has begun, whose reading is used up
        by now, else of the customer before the kiosk.

        :raises Refusal: as :meth:`_account_before`
        """
        if not isinstance(who, dict):
            raise Refusal(codes.P_MALFORMED)
        begun = find_by(self._sale(), uuid=new_uuid)
        if begun.terminal_id == config.electricity_terminal_id:
            return begun.electricity_account_id
        return self._account_before(config, who)
