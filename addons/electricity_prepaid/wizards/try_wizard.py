"""The window in which a supervisor lets a card's code be presented although tries of it are used up."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..core.errors import Refusal
from ..models.answers import as_user_error


class ElectricityTryWizard(models.TransientModel):
    """A supervisor's word for one more try of a card's code."""

    _name = "electricity.try.wizard"
    _description = "One More Try of a Card's Code"

    recharge_id = fields.Many2one("electricity.recharge", required=True, readonly=True, ondelete="cascade")
    card_no = fields.Char("Card Serial", related="recharge_id.tries_card_no")
    tries = fields.Integer(related="recharge_id.tries_seen")
    reason = fields.Text(required=True)

    def action_allow(self):
        """Allow one more try.

        :raises UserError: with the sentence and the code of a refusal
        """
        self.ensure_one()
        recharge = self.recharge_id
        recharge._require_supervisor()
        if not self.reason.strip():
            raise UserError(self.env._("Say why."))
        try:
            recharge.sudo().allow_try(self.reason, self.env.user)
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
        return {"type": "ir.actions.act_window_close"}
