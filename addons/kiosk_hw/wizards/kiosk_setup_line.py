"""One kiosk of the window that sets up kiosks."""

from odoo import fields, models


class ElectricityKioskSetupLine(models.TransientModel):
    """One kiosk: what is planned for it, and what became of that."""

    _name = "electricity.kiosk.setup.line"
    _description = "Kiosk to Set Up"
    _order = "line, id"

    setup_id = fields.Many2one("electricity.kiosk.setup", required=True, ondelete="cascade", index=True)
    line = fields.Integer(readonly=True, aggregator=None)
    code = fields.Char("Number", readonly=True)
    name = fields.Char("Kiosk Name", readonly=True)
    place = fields.Char(readonly=True)
    next_place = fields.Char("Nearest Other Kiosk", readonly=True)
    phone = fields.Char("Help Line", readonly=True)
    journal_code = fields.Char("Journal", readonly=True)
    terminal_id = fields.Many2one("electricity.terminal", readonly=True, ondelete="set null")
    state = fields.Selection(
        [
            ("new", "To Be Made"),
            ("present", "There Already"),
            ("wrong", "Cannot Be Made"),
            ("made", "Made"),
            ("kept", "Kept as It Was"),
            ("failed", "Failed"),
        ],
        readonly=True,
        required=True,
    )
    problem = fields.Char(readonly=True)
