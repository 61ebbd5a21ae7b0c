"""May the keys of a card be used for an attempt?"""

from odoo import api, models

from ..core import transitions


class ElectricityRechargeAttempt(models.Model):
    _inherit = "electricity.recharge.attempt"

    @api.private
    def _may_use_keys(self):
        """Tell whether the terminal may still be writing this attempt: no receipt, and no later attempt.

        One whose time is over counts too: the write may have begun in the last second. Its order says how long.
        """
        self.ensure_one()
        open_ended = self.state in transitions.LIVE_ATTEMPT_STATES or self.state == "unknown"
        return open_ended and not self.receipt_token and self == self.recharge_id.attempt_ids.sorted("id")[-1:]
