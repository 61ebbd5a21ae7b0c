"""Uncertain notes: of which an acceptor told no end. The count of the box decides, or two persons do."""

import uuid as uuid_module

from odoo import fields, models
from odoo.addons.electricity_prepaid.core import boxes, codes, money
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import as_engine, as_user_error
from odoo.addons.electricity_prepaid.models.own_defaults import OWN_DEFAULTS

from .cash_box import COUNTS, DECIDABLE, DECIDES


class ElectricityCashBoxNote(models.Model):
    """One uncertain note of one statement."""

    _name = "electricity.cash.box.note"
    _description = "Uncertain Note"
    _inherit = [OWN_DEFAULTS]
    _order = "id desc"
    _rec_name = "cash_box_id"

    cash_box_id = fields.Many2one("electricity.cash.box", required=True, readonly=True, index=True, ondelete="restrict")
    tender_id = fields.Many2one(
        "electricity.tender", "Statement", required=True, readonly=True, index=True, ondelete="restrict"
    )
    position = fields.Integer(required=True, readonly=True, aggregator=None)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id", store=True)
    denomination = fields.Monetary("Note", required=True, readonly=True)
    happened_at = fields.Datetime("Put In", required=True, readonly=True)
    terminal_id = fields.Many2one(related="cash_box_id.terminal_id", store=True, index=True)
    box_state = fields.Selection(related="cash_box_id.state", string="Cash Box Status")
    electricity_account_id = fields.Many2one("electricity.account", compute="_compute_customer", compute_sudo=True)
    state = fields.Selection(
        [("open", "Not Decided"), ("found", "In the Box"), ("absent", "Not in the Box")],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    is_by_count = fields.Boolean("Decided by the Count", readonly=True)
    proposed = fields.Selection(
        [("found", "In the Box: the Customer's Money"), ("absent", "Not in the Box")], readonly=True
    )
    proposed_by_id = fields.Many2one("res.users", "Proposed by", readonly=True, index="btree_not_null")
    proposed_note = fields.Text("Why", readonly=True)
    decided_at = fields.Datetime(readonly=True)
    decided_by_id = fields.Many2one("res.users", "Approved by", readonly=True, index="btree_not_null")
    found_tender_id = fields.Many2one("electricity.tender", "Booked as", readonly=True, index="btree_not_null")
    approval = fields.Selection(
        [("mine", "You May Approve"), ("other", "Waits for a Second Person")], compute="_compute_approval"
    )

    _once = models.UniqueIndex("(tender_id, position)", "This uncertain note is on the list already.")

    def _compute_customer(self):
        for note in self:
            note.electricity_account_id = note.tender_id.electricity_account_id

    def _compute_approval(self):
        user = self.env.user
        decides = any(user.has_group(group) for group in DECIDES)
        for note in self:
            waits = note.state == "open" and note.proposed
            note.approval = waits and ("mine" if decides and note.proposed_by_id != user else "other")

    def action_propose_found(self):
        """Open the window that asks why this note is the customer's money."""
        return self._ask(boxes.FOUND)

    def action_propose_absent(self):
        """Open the window that asks why this note is not in the box."""
        return self._ask(boxes.ABSENT)

    def _ask(self, verdict):
        self._check_open((*COUNTS, *DECIDES))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Uncertain Note"),
            "res_model": "electricity.cash.box.note.propose",
            "view_mode": "form",
            "target": "new",
            "context": {"default_note_id": self.id, "default_proposed": verdict},
        }

    def _check_open(self, groups):
        """Check that the caller may decide about this note, and that its box is counted and nobody has decided."""
        self.ensure_one()
        self.check_access("read")
        self.cash_box_id._check_may(groups)
        if self.state != "open" or self.sudo().cash_box_id.state not in DECIDABLE:
            self.cash_box_id._refuse(codes.A_BOX_STATE)

    def propose(self, proposed, why):
        """Say whether this note is in the box; another person has to approve it.

        :param proposed: ``found`` or ``absent``
        :param why: how that was found out
        """
        note = self._begin((*COUNTS, *DECIDES))
        if note.proposed:
            # Nobody changes what another person is about to approve.
            self.cash_box_id._refuse(codes.A_BOX_STATE)
        note.write({"proposed": proposed, "proposed_by_id": self.env.uid, "proposed_note": why})

    def _begin(self, groups):
        """Check rights, lock, and return this note, on which nobody has decided, as superuser."""
        self._check_open(groups)
        self.cash_box_id._begin_step(groups, DECIDABLE)
        note = self.sudo()
        note.invalidate_recordset()
        self._check_open(groups)
        return note

    def action_withdraw(self):
        """Take the proposal about this note back: its own person does, or one who could approve it."""
        own = self.sudo().proposed_by_id == self.env.user
        note = self._begin((*COUNTS, *DECIDES) if own else DECIDES)
        if not note.proposed:
            self.cash_box_id._refuse(codes.A_BOX_STATE)
        self.cash_box_id.sudo().message_post(
            body=self.env._(
                "A proposal about an uncertain note of %(amount)s was taken back by %(user)s.",
                amount=note.currency_id.format(note.denomination),
                user=self.env.user.name,
            ),
            author_id=self.env.user.partner_id.id,
        )
        note.write({"proposed": False, "proposed_by_id": False, "proposed_note": False})

    def action_approve(self):
        """Decide as another person has proposed: a note that is in the box becomes the customer's money."""
        self._check_open(DECIDES)
        box = self.cash_box_id._begin_step(DECIDES, DECIDABLE)
        note = as_engine(self)
        note.invalidate_recordset()
        try:
            seen = self.env.context.get("seen_proposal", note.proposed)
            if note.state != "open" or seen != note.proposed:
                box._require(())
            if not note.proposed or note.proposed_by_id == self.env.user:
                raise Refusal(codes.S_SECOND_PERSON)
            note._decide(note.proposed, is_by_count=False)
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
        box.is_booked = False
        if note.state == boxes.FOUND:
            box._outdate_slip()
        box._review()
        box._book_soon()

    def _decide(self, verdict, is_by_count):
        """Write the decision down; a note that is in the box becomes money of whoever put it in.

        :param verdict: ``found`` or ``absent``
        :param is_by_count: whether the count left no doubt
        :raises Refusal: S-101 when the account is in use
        """
        tender = self.tender_id
        values = {"state": verdict, "is_by_count": is_by_count, "decided_at": fields.Datetime.now()}
        if not is_by_count:
            values["decided_by_id"] = self.env.uid
        if verdict == boxes.FOUND:
            values["found_tender_id"] = tender._add_found_note(self).id
        self.write(values)

    def _found_uuid(self):
        """Return the name of the tender that this note becomes: the same at each try, so that it is one."""
        return str(uuid_module.uuid5(uuid_module.UUID(self.tender_id.uuid), f"uncertain note {self.position}"))

    def _found_values(self):
        cents = money.to_cents(self.denomination)
        return {
            "uuid": self._found_uuid(),
            "kind": "box_count",
            "amount": self.denomination,
            "received": self.denomination,
            "terminal_id": self.tender_id.terminal_id.id,
            "note_counts": {str(cents): 1},
            "cash_box_id": self.cash_box_id.id,
        }
