"""The count of a cash box, and what follows from it by itself."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import boxes, codes, money
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.addons.electricity_prepaid.models.answers import as_engine, as_user_error, sentence

from .cash_box import COUNTED, COUNTS


class ElectricityCashBox(models.Model):
    _inherit = "electricity.cash.box"

    def action_count(self):
        """Open the window in which the notes of this box are counted."""
        self._check_may(COUNTS)
        self.sudo()._check_countable(self.env.user)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Count Cash Box %(name)s", name=self.name),
            "res_model": "electricity.cash.box.count",
            "view_mode": "form",
            "target": "new",
            "context": {"default_cash_box_id": self.id},
        }

    def _check_countable(self, user):
        """Check that this box may be counted by a user now: once, and once more by another person until it is closed.

        :param user: who wants to count
        """
        if self.state not in ("out", "counted", "settled") or self._explained_cents():
            self._refuse(codes.A_BOX_STATE)
        if self.state in COUNTED and self.counted_by_id == user:
            self._refuse(codes.A_BOX_SAME_COUNTER)
        self._check_slips(COUNTED)

    @api.private
    def confirm_count(self, pieces):
        """Take a count by denomination, settle what it settles, and bring it into the books.

        :param pieces: {denomination in cents: number of pieces}, keys may be strings
        :raises UserError: with the sentence and the code of a refusal; nothing was changed then
        """
        box = self._begin_step(COUNTS, ("out", "counted", "settled"))
        box._check_countable(self.env.user)
        try:
            lines = boxes.parse_count(pieces)
            if lines != box.count_lines:
                box._outdate_slip()
            was_blind = box.state == "out" and box.company_id.kiosk_blind_count
            box.write(
                {
                    "state": "counted",
                    "counted_at": fields.Datetime.now(),
                    "counted_by_id": self.env.uid,
                    "was_blind": was_blind,
                    "count_lines": lines,
                    "counted": money.cents_to_float(boxes.total(lines)),
                    "is_booked": False,
                }
            )
            box.message_post(
                body=self.env._("Counted by %(user)s.", user=self.env.user.name),
                author_id=self.env.user.partner_id.id,
            )
            as_engine(box)._settle_notes()
        except Refusal as refusal:
            raise as_user_error(self.env, refusal) from refusal
        box._review()
        box._book_soon()

    def _settle_notes(self):
        """Decide about the uncertain notes of which the count leaves no doubt.

        :raises Refusal: S-101 when an account is in use
        """
        if self._explained_cents():
            # Part of the difference is somebody's word by now: only people can tell what is left.
            return
        self.note_ids.filtered(lambda note: note.state == "absent" and note.is_by_count).state = "open"
        uncertain = self._uncertain()
        counted = {int(denomination): number for denomination, number in (self.count_lines or {}).items()}
        verdicts = boxes.judge(self._recorded()[self.id], counted, uncertain)
        for note in self.note_ids.filtered(lambda note: note.state == "open"):
            verdict = verdicts[money.to_cents(note.denomination)]
            if verdict:
                note._decide(verdict, is_by_count=True)

    def _review(self):
        """Say whether anything is left to explain; called after everything that changes the difference."""
        if self.state not in COUNTED:
            return
        self.invalidate_recordset()
        open_notes = self.note_ids.filtered(lambda note: note.state == "open")
        done = not self._open_cents() and not open_notes
        state = ("closed" if self.state == "closed" else "settled") if done else "counted"
        if state != self.state:
            self.state = state

    def _take_late(self):
        """Take notice of money that was stated for this box after its count."""
        self.is_booked = False
        self._outdate_slip()
        self._review()
        self._book_soon(now=False)
        text = self.env._("Explain the notes that came late for cash box %(box)s (A-509)", box=self.name)
        # The terminal's technicians are called once for a box, however many statements come.
        if text not in self.terminal_id.activity_ids.mapped("summary"):
            self.message_post(body=sentence(self.env, codes.A_BOX_LATE, box=self.name))
            self.terminal_id._call_for_help(text)
