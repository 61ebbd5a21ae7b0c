"""A card that lost a try of its code through no fault, such as being pulled in the comparison: one more try, on a
supervisor's word (domain/cards.md, section 3)."""

from odoo import api, fields, models

from ..core import codes
from ..core.card_image import LEAST_TRIES
from ..core.errors import Refusal
from ..core.key_provider import PSC_SIZES

WRITTEN_AGAIN = ("unknown", "not_written", "written")
"""States in which an order may be written again; the meter may have refused a written one."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    tries_seen = fields.Integer(
        "Code Tries Left",
        readonly=True,
        aggregator=None,
        help="When the card was refused because tries of its code were used up; 0 when that is not so.",
    )
    tries_card_no = fields.Char("Card with Used Tries", readonly=True)
    tries_allowed = fields.Integer(
        "Code Allowed At",
        readonly=True,
        aggregator=None,
        help="A supervisor lets the next write order present the code at this number of tries left. Used up by it.",
    )

    def _decide(self, reading):
        """Decide what is written, and remember a card that is refused only for its used tries.

        :return: a :class:`~.recharge_plan.Plan`
        :raises Refusal: as ``_decide_first`` and ``_decide_again``
        """
        try:
            return self._decide_first(reading) if self.state == "paid" else self._decide_again(reading)
        except Refusal as refusal:
            if refusal.code == codes.C_TRIES_USED:
                self._note_tries(reading.image)
            raise

    def _note_tries(self, image):
        enough = image.driver in PSC_SIZES and image.tries >= LEAST_TRIES
        held = {} if self.state == "written" else {"hold_code": codes.C_TRIES_USED}
        # What was allowed was for another card, or for another number of tries.
        seen = {"tries_seen": image.tries if enough else 0, "tries_card_no": image.serial, "tries_allowed": 0}
        self.write({**held, **seen})

    def _tries_for(self, reading):
        """Return the tries left at which the code of the card that was read may be presented, or None.

        :param reading: of the card, None when only our records count
        """
        if not self or not reading or not self.tries_allowed or self.tries_card_no != reading.image.serial:
            return None
        return self.tries_allowed

    def _tries_to_order(self, reading):
        """Return what a write order says of the tries: None when the card needs no permission."""
        allowed = self._tries_for(reading)
        return allowed if reading.image.tries == allowed else None

    def _use_up_allowed_try(self):
        """Forget what was allowed: one write order has had it, whatever becomes of that."""
        if self.tries_seen or self.tries_allowed:
            self.write({"tries_seen": 0, "tries_card_no": False, "tries_allowed": 0})

    def _may_allow_try(self):
        """Tell whether a supervisor may let the code be presented once more."""
        waits = self.tries_seen >= LEAST_TRIES and not self.tries_allowed
        return waits and self.state in ("paid", *WRITTEN_AGAIN) and not self._live_attempt()

    def action_open_try(self):
        """Open the window that asks why the code may be presented once more."""
        self.ensure_one()
        self._require_supervisor()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("One More Try"),
            "res_model": "electricity.try.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_recharge_id": self.id},
        }

    @api.private
    def allow_try(self, reason, user):
        """Let the next write order present the code of the card with used tries, at exactly the number it has left.

        :param reason: why nothing speaks against it; kept in the history
        :param user: the supervisor
        :raises Refusal: S-112 when no such card was refused, or a write order is out
        """
        self.ensure_one()
        self.electricity_account_id.take()
        if not self._may_allow_try():
            self._refuse(codes.S_NOT_IN_STATE)
        self.write({"tries_allowed": self.tries_seen})
        self.message_post(
            body=self.env._(
                "%(user)s lets the code of card %(card)s be presented once more, at %(tries)s tries left. %(reason)s",
                user=user.name,
                card=self.tries_card_no,
                tries=self.tries_allowed,
                reason=reason,
            )
        )
