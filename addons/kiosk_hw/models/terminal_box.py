"""The cash box of a terminal, as its form and its sale see it."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import boxes, codes
from odoo.addons.electricity_prepaid.core.errors import Refusal

from .cash_box import BOX_MONEY_GROUPS, COUNTS


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    cash_box_ids = fields.One2many("electricity.cash.box", "terminal_id", "Cash Boxes", readonly=True)
    cash_box_id = fields.Many2one("electricity.cash.box", "Cash Box Now", compute="_compute_cash_box_id")
    is_box_leaving = fields.Boolean(compute="_compute_is_box_leaving")
    cash_box_amount = fields.Monetary("In the Box", compute="_compute_cash_box_amount", groups=BOX_MONEY_GROUPS)
    boxes_to_do = fields.Integer("Cash Boxes to Do", compute="_compute_boxes_to_do")

    @api.depends("box_number", "cash_box_ids.session", "cash_box_ids.state")
    @api.depends_context("uid")
    def _compute_cash_box_id(self):
        sessions = list({terminal.box_session() for terminal in self})
        boxes = self.env["electricity.cash.box"].search([("terminal_id", "in", self.ids), ("session", "in", sessions)])
        present = {(box.terminal_id.id, box.session): box for box in boxes}
        for terminal in self:
            terminal.cash_box_id = present.get((terminal.id, terminal.box_session()), boxes.browse())

    @api.depends("box_number", "cash_box_ids.session", "cash_box_ids.state")
    def _compute_is_box_leaving(self):
        for terminal in self:
            # Apart from the other fields of the box: heartbeats ask for this, and must not add up any notes.
            terminal.is_box_leaving = terminal._is_box_leaving()

    @api.depends("cash_box_id")
    @api.depends_context("uid")
    def _compute_cash_box_amount(self):
        for terminal in self:
            terminal.cash_box_amount = terminal.cash_box_id.recorded

    def _boxes_hidden(self):
        if self.env.su or not any(self.env.user.has_group(group) for group in COUNTS):
            return super()._boxes_hidden()
        return self.filtered(lambda terminal: terminal.sudo().company_id.kiosk_blind_count)

    def _is_box_leaving(self):
        domain = [("terminal_id", "=", self.id), ("session", "=", self.box_session()), ("state", "=", "leaving")]
        return bool(self.env["electricity.cash.box"].sudo().search_count(domain, limit=1))

    def _compute_boxes_to_do(self):
        groups = self.env["electricity.cash.box"]._read_group(
            [("terminal_id", "in", self.ids), ("state", "in", ("leaving", "out", "counted", "settled"))],
            ["terminal_id"],
            ["__count"],
        )
        counts = {terminal.id: count for terminal, count in groups}
        for terminal in self:
            terminal.boxes_to_do = counts.get(terminal.id, 0)

    @api.model_create_multi
    def create(self, vals_list):
        terminals = super().create(vals_list)
        terminals.filtered("takes_notes")._have_boxes()
        return terminals

    def write(self, vals):
        done = super().write(vals)
        if vals.get("takes_notes"):
            self._have_boxes()
        return done

    def _have_boxes(self):
        for terminal in self:
            self.env["electricity.cash.box"].of_session(terminal, terminal.box_session())

    @api.private
    def check_takes_notes(self):
        """Check that this terminal may take notes now.

        :raises Refusal: A-208, or A-501 while its box is being changed
        """
        checked = super().check_takes_notes()
        if self._is_box_leaving():
            raise Refusal(codes.A_BOX_LEAVING)
        return checked

    def action_new_cash_box(self):
        """Begin to change the cash box; see :meth:`action_take_box_out`."""
        return self.action_take_box_out()

    def action_take_box_out(self):
        """Begin to take the present cash box out."""
        self.ensure_one()
        box = self.cash_box_id or self.env["electricity.cash.box"]
        if not box and self.takes_notes:
            self.check_access("read")
            box = box.of_session(self, self.box_session())
        box = box.with_env(self.env)
        box.action_take_out()
        return box._open()

    def action_open_cash_boxes(self):
        """Open the cash boxes of this terminal."""
        action = self.env["ir.actions.act_window"]._for_xml_id("kiosk_hw.cash_box_action")
        return {**action, "domain": [("terminal_id", "=", self.id)], "context": {}}

    def _notes_not_handed_over(self):
        """Return the domain of the notes that were not handed over: those that are in the machine."""
        return [*super()._notes_not_handed_over(), ("statement_session", "=", self.box_session())]

    def _known_box_numbers(self):
        return [*super()._known_box_numbers(), *boxes.numbers(self.sudo().cash_box_ids.mapped("session"))]
