"""Letting people know of what became of a message, apart from its becoming so.

Mails and activities are other modules' code: whatever fails there, the message is what it is, its queue goes on, and
the cron tells it again.
"""

import logging

from odoo import fields, models
from odoo.tools import SQL

from ..core import cis_delivery
from .answers import RACES
from .cis_message_queue import SHARDS

_logger = logging.getLogger(__name__)

AT_ONCE = 50
"""Messages of which one run tells again."""


class ElectricityCisMessage(models.Model):
    _inherit = "electricity.cis.message"

    untold = fields.Boolean(readonly=True, copy=False, help="Nobody could be told of it yet: the cron does.")

    _untold_index = models.Index("(electricity_account_id) WHERE untold")

    def _tell(self):
        """Let people know what this message has become, unless it is on its way."""
        self.ensure_one()
        self.invalidate_recordset()
        if self.state in cis_delivery.WORK:
            self._call_for_help()
            self._release_follower()
        elif self.state == cis_delivery.S_WITHDRAWN:
            self._tell_withdrawn()
        elif self.state == cis_delivery.S_DONE:
            if self.kind == cis_delivery.REVERSAL:
                number = self.marketing_serial
                self.recharge_id.message_post(
                    body=self.env._("Taken back in the marketing system, number %(number)s.", number=number)
                )
            self._settled()

    def _tell_withdrawn(self):
        """Let go on what waited for a payment and its reversal, and say that they need nothing."""
        both = (self.payment_id or self) | self.payment_id.reversal_ids | self.reversal_ids
        both.filtered(lambda message: message.state == cis_delivery.S_WITHDRAWN)._help_is_over()
        self.recharge_id._wake_taking_back()
        self.recharge_id.message_post(
            body=self.env._("Taken back before the marketing system had it: nothing is uploaded.")
        )

    def _tell_apart(self):
        """Let people know; when that fails, what was written stays, and the cron tells it again.

        :return: whether they were told
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                self._tell()
        except RACES:
            # Somebody else writes to the sale this moment.
            _logger.info("marketing system: message %s is told later", self.id)
        except Exception:
            _logger.exception("marketing system: nobody could be told of message %s", self.id)
        else:
            return True
        self.untold = True
        return False

    def _tell_again(self, shard):
        """Let people know of the messages of a shard of which nobody could be told."""
        self.flush_model(["untold", "electricity_account_id"])
        found = self.env.execute_query(
            SQL(
                "SELECT id FROM electricity_cis_message"
                " WHERE untold AND MOD(electricity_account_id, %s) = %s"
                " ORDER BY RANDOM() LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
                SHARDS,
                shard,
                AT_ONCE,
            )
        )
        for message in self.browse(row[0] for row in found):
            if message._tell_apart():
                message.untold = False
        # A race with somebody who works at one of them ends this step, not the run.
        self.env.flush_all()
