"""Statements about notes and the cash boxes that hold them."""

import logging
from datetime import UTC, datetime

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import money
from odoo.addons.electricity_prepaid.models.answers import RACES, as_engine

from .cash_box import COUNTED
from .cash_box_books import CRON, FAILURES

_logger = logging.getLogger(__name__)


class ElectricityTender(models.Model):
    _inherit = "electricity.tender"

    kind = fields.Selection(
        selection_add=[("box_count", "Cash, Found in the Box")], ondelete={"box_count": "set terminal_cash"}
    )
    cash_box_id = fields.Many2one(
        "electricity.cash.box",
        "Found in Cash Box",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        prefetch=False,
        help="The box whose count showed that an uncertain note is in it.",
    )

    waits_for_box = fields.Boolean(
        readonly=True,
        copy=False,
        prefetch=False,
        help="The money is recorded, but its box does not know of it yet; a job tells it.",
    )

    _waits_for_box_index = models.Index("(id) WHERE waits_for_box")

    @api.model_create_multi
    def create(self, vals_list):
        tenders = super().create(vals_list)
        stated = tenders.filtered(lambda tender: tender.kind == "terminal_cash" and tender.statement_session)
        if stated and not stated._try_to_reach_boxes():
            stated.waits_for_box = True
            self.env.ref(CRON).sudo()._trigger()
        return tenders

    def _try_to_reach_boxes(self):
        """Tell boxes of these new statements; whatever keeps that from being done keeps no money from being recorded.

        :return: whether it was done
        """
        try:
            with self.env.cr.savepoint():
                self._reach_their_boxes()
        except RACES:
            # Odoo runs the whole request again, or the terminal brings the statement again.
            raise
        except (*FAILURES, ArithmeticError, ValueError) as error:
            _logger.warning("cash boxes do not know of %s yet: %s", self.mapped("uuid"), error)
            self.env.invalidate_all(flush=False)
            return False
        return True

    @api.model
    def _reach_boxes_again(self):
        """Tell boxes of the statements that could not reach theirs. Never raises."""
        for tender in self.sudo().search([("waits_for_box", "=", True)], order="id"):
            try:
                if tender._try_to_reach_boxes():
                    tender.waits_for_box = False
            except RACES as error:
                _logger.warning("cash boxes do not know of %s yet: %s", tender.uuid, error)
                return

    def _reach_their_boxes(self):
        """List the uncertain notes of these new statements, and tell boxes that were counted already."""
        self._list_uncertain_notes()
        for tender in self:
            session = tender.statement_session
            present = session == tender.terminal_id.box_session()
            box = self.env["electricity.cash.box"]
            # A sale does without: the present box is there since it was put in, and cannot have been counted.
            box = box if present else box.of_session(tender.terminal_id, session)
            if box.state in COUNTED:
                box._take_late()

    def _list_uncertain_notes(self):
        """Put the uncertain notes of these statements on the list of notes to decide about, once."""
        notes = self.env["electricity.cash.box.note"].sudo()
        now = datetime.now(UTC)
        for tender in self.filtered("uncertain_notes"):
            box = self.env["electricity.cash.box"].of_session(tender.terminal_id, tender.statement_session)
            known = set(notes.search([("tender_id", "=", tender.id)]).mapped("position"))
            for position, note in enumerate(tender.uncertain_notes):
                if position in known:
                    continue
                # By the terminal's own clock: it may say anything, but not that it is still to come.
                seconds = min(max(note["at"], 0) / 1000, now.timestamp())
                at = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None, microsecond=0)
                notes.create(
                    {
                        "cash_box_id": box.id,
                        "tender_id": tender.id,
                        "position": position,
                        "company_id": tender.company_id.id,
                        "denomination": money.cents_to_float(note["denomination"]),
                        "happened_at": at,
                    }
                )

    def _note_verdicts(self):
        decided = [("tender_id", "in", self.ids), ("state", "!=", "open")]
        notes = self.env["electricity.cash.box.note"].sudo().search(decided)
        return {(note.tender_id.id, note.position): note.state for note in notes}

    def _add_found_note(self, note):
        """Make an uncertain note of this statement money of whoever put it in.

        :param note: one ``electricity.cash.box.note``
        :return: the tender
        :raises Refusal: S-101 when the account is in use
        """
        tender = as_engine(self)
        values = note._found_values()
        if tender.recharge_id:
            tender.electricity_account_id.take()
            tender.recharge_id._record_tender(values)
            return tender.search([("uuid", "=", values["uuid"])])
        account = tender.electricity_account_id
        if account:
            account.take()
        found = tender.create(
            {
                # First, because Odoo looks it up to round the amounts that follow.
                "currency_id": tender.currency_id.id,
                **values,
                "signed_amount": values["amount"],
                "company_id": tender.company_id.id,
                "electricity_account_id": account.id,
                "is_unassigned": not account,
            }
        )
        if account:
            account.book("tender", money.to_cents(values["amount"]), tender=found)
        return found
