"""What of the work list waits for the second person, and who may be that one."""

from odoo import api, fields, models

from ..core.cis_delivery import FINAL
from .cis_message_work import SUPERVISOR

WAITS = fields.Domain(
    [("proposed_by_id", "!=", False), ("approved_by_id", "=", False), ("state", "not in", list(FINAL))]
)
"""Messages for whose settlement somebody made a proposal that nobody has approved yet."""


class ElectricityCisMessage(models.Model):
    _inherit = "electricity.cis.message"

    approval = fields.Selection(
        [("mine", "You May Approve"), ("other", "Waits for a Second Person")],
        compute="_compute_approval",
        search="_search_approval",
        help="Of a proposal to settle it by hand: whoever made it may not approve it.",
    )

    @api.depends("state", "proposed_by_id", "approved_by_id")
    @api.depends_context("uid")
    def _compute_approval(self):
        user = self.env.user
        approves = user.has_group(SUPERVISOR)
        for message in self:
            waits = message.proposed_by_id and not message.approved_by_id and message.state not in FINAL
            mine = approves and message.proposed_by_id != user
            message.approval = waits and ("mine" if mine else "other")

    def _search_approval(self, operator, value):
        if operator != "in":
            return NotImplemented
        approves = self.env.user.has_group(SUPERVISOR)
        own = fields.Domain("proposed_by_id", "=", self.env.uid) if approves else fields.Domain.TRUE
        meaning = {"mine": WAITS & ~own, "other": WAITS & own, False: ~WAITS}
        return fields.Domain.OR(meaning[each] for each in value)
