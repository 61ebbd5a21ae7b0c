"""What the jobs have in common that ask the marketing system about many customers, one after the other."""

from odoo import fields, models

from .answers import RACES
from .own_defaults import OWN_DEFAULTS

CIS_JOB = "electricity.cis.job"
GOING_ON = ("running", "waiting")


class ElectricityCisJob(models.AbstractModel):
    """An order for work in the background: who gave it, how far it is, and how it is stopped.

    A job commits each step with what it says of itself, so that it goes on where it was after any end. The model that
    inherits this has a ``state``, of which :data:`GOING_ON` are not final, and computes ``progress``.
    """

    _name = CIS_JOB
    _description = "Job at the Marketing System"
    _inherit = [OWN_DEFAULTS]

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    user_id = fields.Many2one("res.users", "Requested By", required=True, readonly=True)
    requested_at = fields.Datetime("Requested", required=True, readonly=True, default=fields.Datetime.now)
    ended_at = fields.Datetime("Ended", readonly=True)
    progress = fields.Float(compute="_compute_progress")

    def _compute_progress(self):
        """Compute ``progress``: percent."""
        raise NotImplementedError

    def _percent(self, done, total):
        """Return how far this job is; without a total it is nowhere until it is done."""
        return 100.0 * done / total if total else 100.0 * (self.state == "done")

    def _stop(self):
        """Stop those of these jobs that go on; what they have done stays."""
        running = self.filtered(lambda job: job.state in GOING_ON)
        running.sudo().write({"state": "cancelled", "ended_at": fields.Datetime.now()})

    def _write_unless_stopped(self, values):
        """Write what became of this job; when somebody stops it this moment, that stands."""
        try:
            with self.env.cr.savepoint():
                self.write(values)
                self.flush_recordset()
        except RACES:
            self.env.invalidate_all(flush=False)
