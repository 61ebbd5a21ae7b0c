"""The window in which a supervisor records what the meter shows."""

from odoo import fields, models
from odoo.exceptions import UserError

from ..core.errors import Refusal
from ..models.answers import as_user_error


class ElectricityReadingWizard(models.TransientModel):
    """A meter reading as evidence for an order: the first of two persons."""

    _name = "electricity.reading.wizard"
    _description = "Meter Reading for an Order"

    recharge_id = fields.Many2one("electricity.recharge", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="recharge_id.currency_id")
    meter_id = fields.Many2one(related="recharge_id.meter_id")
    order_count = fields.Integer("Purchase Count of the Order", related="recharge_id.count")
    amount = fields.Monetary(related="recharge_id.amount")
    meter_reading_count = fields.Integer("Purchase Count on the Meter", required=True)
    meter_reading_issue = fields.Integer(
        "Newest Card Issue in the Meter",
        required=True,
        default=lambda self: self._default_issue(),
        help="The issue number of the newest card that the meter has accepted. Only a meter that has taken a newer card"
        " than the order's can never credit the order any more.",
    )
    note = fields.Text("How It Was Read", required=True, help="Who read it, when, and where the photograph is.")

    def _default_issue(self):
        recharge = self.env["electricity.recharge"].browse(self.env.context.get("default_recharge_id"))
        return recharge.card_id.issue

    def action_propose(self):
        """Record the reading; another supervisor approves it.

        :raises UserError: with the sentence and the code of a refusal
        """
        self.ensure_one()
        recharge = self.recharge_id
        recharge._require_supervisor()
        if self.meter_reading_count < 0 or self.meter_reading_issue < 0:
            raise UserError(self.env._("Counts are not negative."))
        try:
            recharge.sudo().propose_reading(
                self.meter_reading_count, self.meter_reading_issue, self.note, self.env.user
            )
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
        return {"type": "ir.actions.act_window_close"}
