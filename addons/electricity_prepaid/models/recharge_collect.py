"""Cash for an order at a terminal that takes notes: the order by which its acceptor may open."""

import time
import uuid as uuid_module
from datetime import timedelta

from odoo import api, fields, models

from ..core import codes, collects, money
from .answers import answering
from .recharge_sale import DRAFT_MINUTES

NOTES_LAST = timedelta(seconds=collects.LIFETIME + collects.WAIT)
"""How long the acceptor may stay open without a note, from the moment that it was asked for."""


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    notes_until = fields.Datetime(
        readonly=True,
        copy=False,
        prefetch=False,
        help="Until then its terminal may be taking notes for it without having stated any.",
    )

    @api.model
    @answering
    def collect(self, uuid):
        """Sign that the order's terminal may take notes for it. The order keeps its account while that goes on.

        :param uuid: of an order that was committed before and still needs money
        """
        order = self._by_uuid(uuid)
        terminal = order._check_terminal_for_user(order.terminal_id)
        order.electricity_account_id.take()
        terminal.check_active()
        ring = self.env["electricity.keyring"].load_for_sale()
        terminal.check_takes_notes()
        terminal.check_limits()
        order._check_reserved()
        due = order._due_cents()
        if order.state != "draft" or not due:
            order._refuse(codes.S_NOT_IN_STATE)
        order._check_still_owed()
        limit = order._notes_left_cents(due)
        now = fields.Datetime.now()
        order.write({"expires_at": now + timedelta(minutes=DRAFT_MINUTES), "notes_until": now + NOTES_LAST})
        denominations = order.company_id.notes_taken()
        token = collects.issue(
            ring,
            terminal.uuid,
            time.time(),
            str(uuid_module.uuid4()),
            order.uuid,
            terminal.box_session(),
            denominations,
            collects.most_cents(due, denominations, limit),
        )
        return {"collect": token, "order": order._status()}

    def _notes_left_cents(self, due):
        """Return how much in notes this order may still take by the company's limit, in cents; 0 means no limit.

        :param due: cents
        :raises Refusal: S-106 when that is less than what is due
        """
        limit = money.to_cents(self.company_id.electricity_notes_limit)
        if not limit:
            return 0
        taken = sum(money.to_cents(tender.amount) for tender in self.tender_ids if tender.kind == "terminal_cash")
        if taken + due > limit:
            self._refuse(codes.S_OVER_MAXIMUM, max=money.format_cents(limit))
        return limit - taken
