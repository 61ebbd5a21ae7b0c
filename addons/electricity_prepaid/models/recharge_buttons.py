"""Buttons of the forms and work lists. They do what the calls do, and show a refusal as a sentence."""

from odoo import models
from odoo.exceptions import UserError

from ..core.errors import Refusal
from .answers import as_user_error, told


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def _or_tell(self, answer):
        """Show a refused answer to the person.

        :raises UserError: the sentence of the code, and the code
        """
        if not answer["ok"]:
            raise told(answer)
        return answer

    def _toast(self, message):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_rewrite_at_counter(self):
        """Open the counter with this order first."""
        self.ensure_one()
        return {
            "type": "ir.actions.client",
            "tag": "electricity_prepaid.counter",
            "target": "main",
            "params": {"recharge_uuid": self.uuid},
        }

    def action_cancel_keep_balance(self):
        """Give the order up; what was paid stays as the customer's balance."""
        self.ensure_one()
        self._or_tell(self.cancel(self.uuid, False))
        return self._toast(self.env._("Cancelled. What was paid is the customer's balance now."))

    def action_cancel_refund(self):
        """Give the order up and hand back what was paid for it."""
        self.ensure_one()
        answer = self._or_tell(self.cancel(self.uuid, True))
        return self._toast(
            self.env._(
                "Cancelled. Hand back %(symbol)s %(amount)s.",
                symbol=self.currency_id.symbol,
                amount=answer["handed_back"],
            )
        )

    def action_propose_reading(self):
        """Open the window for a meter reading."""
        self.ensure_one()
        self._require_supervisor()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Meter Reading"),
            "res_model": "electricity.reading.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_recharge_id": self.id},
        }

    def action_approve_reading(self):
        """Approve the meter reading that another supervisor proposed."""
        self.ensure_one()
        self._require_supervisor()
        try:
            self.sudo().approve_reading(self.env.user)
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
        return self._toast(self.env._("The reading is approved."))

    def action_withdraw_reading(self):
        """Take back one's own proposal."""
        self.ensure_one()
        self._require_supervisor()
        if self.proposed_by_id != self.env.user or self.approved_by_id:
            raise UserError(
                self.env._("Only the person who proposed a reading can take it back, before it is approved.")
            )
        self.sudo().write({"proposed_by_id": False, "proposed_at": False, "proposed_outcome": False})

    def action_open_attempts(self):
        """Open the attempts of this order."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Attempts"),
            "res_model": "electricity.recharge.attempt",
            "view_mode": "list,form",
            "domain": [("recharge_id", "=", self.id)],
        }
