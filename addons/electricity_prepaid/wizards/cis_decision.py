"""The window in which a person says what was done at the marketing system."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core import cis_results
from ..models.cis_message import ACTIONS


class ElectricityCisDecision(models.TransientModel):
    """What one person found or did there; where money is settled by it, another approves."""

    _name = "electricity.cis.decision"
    _description = "Decision on a Marketing System Message"

    message_id = fields.Many2one("electricity.cis.message", required=True, readonly=True, ondelete="cascade")
    code_text = fields.Char(compute="_compute_texts", string="What Is Known")
    found_text = fields.Char(compute="_compute_texts", string="Found There")
    action = fields.Selection(ACTIONS, required=True, readonly=True)
    needs_approval = fields.Boolean(compute="_compute_needs_approval")
    note = fields.Text("What You Found", required=True)

    @api.model_create_multi
    def create(self, vals_list):
        decisions = super().create(vals_list)
        decisions._check_message()
        return decisions

    def write(self, vals):
        result = super().write(vals)
        self._check_message()
        return result

    def _check_message(self):
        """Refuse a message of another company: the form names the right one, a call may name any.

        No constraint of the ORM: those are checked as superuser.

        :raises AccessError: a message is not the user's to see
        """
        self.message_id.check_access("read")

    @api.depends("message_id")
    @api.depends_context("lang", "uid")
    def _compute_texts(self):
        for decision in self:
            # The caller says which message it is, and may have named any.
            message = decision.message_id._origin
            message.check_access("read")
            decision.code_text, decision.found_text = message.code_text, message.found_text

    @api.depends("action")
    def _compute_needs_approval(self):
        for decision in self:
            decision.needs_approval = decision.action in cis_results.TWO_PERSONS

    def action_confirm(self):
        """Do it, or propose it to the second person."""
        self.ensure_one()
        message = self.message_id
        message._require_supervisor()
        if not (self.note or "").strip():
            raise UserError(self.env._("Say what you found: the note is the evidence."))
        call = message.sudo()._propose if self.needs_approval else message.sudo()._act
        return message._or_tell(lambda: call(self.action, self.env.user, note=self.note))
