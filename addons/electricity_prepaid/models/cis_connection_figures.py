"""What waits for the marketing system, in figures."""

from datetime import timedelta

from odoo import fields, models

from ..core.cis_delivery import LIVE, WORK
from .cis_message_approval import WAITS

OLD = timedelta(hours=1)
"""Age from which an upload that is on its way concerns people."""


class ElectricityCisConnection(models.Model):
    _inherit = "electricity.cis.connection"

    currency_id = fields.Many2one(related="company_id.currency_id")
    queued_count = fields.Integer("On Their Way", compute="_compute_figures")
    oldest_queued_at = fields.Datetime("Oldest", compute="_compute_figures")
    old_count = fields.Integer("Older Than an Hour", compute="_compute_figures")
    work_count = fields.Integer("On the Work List", compute="_compute_figures")
    work_amount = fields.Monetary("Money on the Work List", compute="_compute_figures")
    approval_count = fields.Integer("For a Second Person", compute="_compute_figures")

    def _compute_figures(self):
        messages = self.env["electricity.cis.message"].sudo()
        old = fields.Datetime.now() - OLD
        for connection in self:
            own = [("company_id", "=", connection.company_id.id)]
            live = [*own, ("state", "in", LIVE)]
            ((count, oldest),) = messages._read_group(live, aggregates=["__count", "queued_at:min"])
            ((work, amount),) = messages._read_group(
                [*own, ("state", "in", WORK)], aggregates=["__count", "amount:sum"]
            )
            connection.queued_count = count
            connection.oldest_queued_at = oldest
            connection.old_count = messages.search_count([*live, ("queued_at", "<", old)])
            connection.work_count = work
            connection.work_amount = amount
            connection.approval_count = messages.search_count(fields.Domain(own) & WAITS)

    def action_open_work(self):
        """Open the work list."""
        return self.env["ir.actions.act_window"]._for_xml_id("electricity_prepaid.action_cis_message_work")

    def action_open_approvals(self):
        """Open what of the work list waits for a second person."""
        return {**self.action_open_work(), "context": {"search_default_approval": 1}}
