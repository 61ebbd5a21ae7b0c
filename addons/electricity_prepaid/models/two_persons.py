"""What one person proposes and another one approves."""

from odoo import api, fields, models

from ..core import codes
from ..core.errors import Refusal

TWO_PERSONS = "electricity.two.persons"
"""Name of the mixin; importing it also makes the mixin known before the models that use it."""
PROPOSED = "proposed"


class ElectricityTwoPersons(models.AbstractModel):
    """A row that has no effect before a second person has approved it.

    ``_approvers`` are the groups of which that person has one. ``state`` is :data:`PROPOSED` until then; a model says
    its further states by adding to the field.
    """

    _name = TWO_PERSONS
    _description = "Decided by Two Persons"

    _approvers = ()

    state = fields.Selection(
        [(PROPOSED, "Waits for Approval"), ("approved", "Approved")],
        required=True,
        readonly=True,
        default=PROPOSED,
        index=True,
    )
    proposed_by_id = fields.Many2one("res.users", "Proposed by", required=True, readonly=True)
    proposed_at = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    approved_by_id = fields.Many2one("res.users", "Approved by", readonly=True, index="btree_not_null")
    approved_at = fields.Datetime(readonly=True)
    approval = fields.Selection(
        [("mine", "You May Approve"), ("other", "Waits for a Second Person")], compute="_compute_approval"
    )

    @api.depends("state", "proposed_by_id")
    @api.depends_context("uid")
    def _compute_approval(self):
        user = self.env.user
        decides = self._may_approve(user)
        for row in self:
            mine = decides and row.proposed_by_id != user
            row.approval = row.state == PROPOSED and ("mine" if mine else "other")

    @api.model
    def _may_approve(self, user):
        return any(user.has_group(group) for group in self._approvers)

    def _check_second_person(self):
        """Check that the caller is not who proposed this.

        :raises Refusal: S-121
        """
        if self.proposed_by_id == self.env.user:
            raise Refusal(codes.S_SECOND_PERSON)

    def _approved_values(self):
        """Return what is written with an approval."""
        return {"state": "approved", "approved_by_id": self.env.uid, "approved_at": fields.Datetime.now()}

    def _second_person(self):
        """Return somebody who may approve this and did not propose it, or an empty record."""
        groups = (self.env.ref(group) for group in self._approvers)
        users = self.env["res.users"].union(*(group.all_user_ids for group in groups)) - self.proposed_by_id
        return users.filtered(lambda user: user.active and self.company_id in user.company_ids)[:1]
