"""The window that takes one or many kiosks out of service, and says beforehand what it will do."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.terminal_service import REASONS, TEXTS


class ElectricityKioskOut(models.TransientModel):
    """Which kiosks, why, what customers read, and until when."""

    _name = "electricity.kiosk.out"
    _description = "Take Kiosks Out of Service"

    terminal_ids = fields.Many2many(
        "electricity.terminal", required=True, default=lambda self: self.env.context.get("active_ids")
    )
    reason = fields.Selection(REASONS, required=True, default="emptying")
    text_en = fields.Char(
        "Text, English", required=True, compute="_compute_texts", store=True, readonly=False, precompute=True
    )
    text_zh = fields.Char("Text, Chinese", compute="_compute_texts", store=True, readonly=False, precompute=True)
    until = fields.Datetime("Back On", help="Then they come back by themselves. Empty: when somebody takes them back.")
    closes = fields.Text("Will Close", compute="_compute_preview")
    changes = fields.Text("Closed Already, Get the New Text", compute="_compute_preview")
    leaves = fields.Text("Left Alone", compute="_compute_preview")
    count = fields.Integer(compute="_compute_preview")

    @api.depends("reason")
    def _compute_texts(self):
        for wizard in self:
            wizard.text_en = TEXTS[wizard.reason or "other"]["en_US"]
            wizard.text_zh = TEXTS[wizard.reason or "other"]["zh_CN"]

    @api.depends("terminal_ids")
    def _compute_preview(self):
        for wizard in self:
            terminals = wizard.terminal_ids._origin
            # The caller says which terminals, and may have named those of others.
            terminals.check_access("read")
            kiosks = terminals.filtered(lambda terminal: terminal.sudo().kiosk_config_ids)
            wizard.count = len(kiosks)
            wizard.closes = _names(kiosks.filtered(lambda terminal: not terminal.is_out))
            wizard.changes = _names(kiosks.filtered("is_out"))
            wizard.leaves = _names(terminals - kiosks)

    def action_confirm(self):
        """Take them out."""
        self.ensure_one()
        if not self.count:
            raise UserError(self.env._("None of these terminals is a kiosk: counters are closed by their clerks."))
        if self.until and self.until <= fields.Datetime.now():
            raise UserError(self.env._("The time when they come back is over already."))
        if not (self.text_en or "").strip():
            raise UserError(self.env._("Write what customers are to read."))
        texts = {"en_US": self.text_en.strip(), "zh_CN": (self.text_zh or self.text_en).strip()}
        self.terminal_ids.take_out(self.reason, texts, self.until)
        return {"type": "ir.actions.act_window_close"}


def _names(terminals):
    return ", ".join(terminals.mapped("display_name")) or False
