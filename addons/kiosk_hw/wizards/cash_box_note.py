"""The window that asks whether an uncertain note is in the box."""

from odoo import fields, models


class ElectricityCashBoxNotePropose(models.TransientModel):
    """One person's word for an uncertain note; another one approves it."""

    _name = "electricity.cash.box.note.propose"
    _description = "Decide About an Uncertain Note"

    note_id = fields.Many2one(
        "electricity.cash.box.note", "Uncertain Note", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="note_id.currency_id")
    denomination = fields.Monetary(related="note_id.denomination")
    proposed = fields.Selection(
        [("found", "In the Box: the Customer's Money"), ("absent", "Not in the Box")], required=True, readonly=True
    )
    why = fields.Text(required=True)

    def action_propose(self):
        """Propose it."""
        self.ensure_one()
        self.note_id.propose(self.proposed, self.why)
        return {"type": "ir.actions.act_window_close"}
