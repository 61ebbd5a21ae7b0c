"""What is wrong with a terminal, from when until when, and who has seen it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..core import alarms, codes
from .answers import sentence
from .own_defaults import OWN_DEFAULTS
from .terminal_device import KINDS as DEVICE_KINDS

KINDS = [
    ("offline", "Offline"),
    ("reader_down", "Reader Down"),
    ("notes_down", "Note Acceptor Down"),
    ("cash_full", "Cash Box Full"),
    ("cash_near_full", "Cash Box Nearly Full"),
    ("cash_open", "Cash Box Open"),
    ("printer_down", "Printer Down"),
    ("paper_out", "No Paper"),
    ("paper_low", "Paper Low"),
    ("scanner_down", "Scanner Down"),
    ("door_open", "Door Open"),
    ("on_battery", "On Battery"),
    ("battery_low", "Battery Low"),
    ("power_unknown", "Power Supply Unknown"),
    ("clock_wrong", "Clock Wrong"),
    ("device_down", "Device Down"),
]
SEVERITIES = [(alarms.INFO, "Info"), (alarms.WARNING, "Warning"), (alarms.CRITICAL, "Critical")]
BY_HAND = {"note"}
KEEP_DAYS = 800
"""Of an alarm that has ended; the daily figures keep for how long a terminal was not heard."""


class ElectricityTerminalAlarm(models.Model):
    """One alarm of a terminal: opened and closed by what the terminal tells (``core.alarms``), never by hand.

    People acknowledge it and note what they found. Closed ones stay as history for two years.
    """

    _name = "electricity.terminal.alarm"
    _inherit = [OWN_DEFAULTS]
    _description = "Alarm of a Terminal"
    _order = "closed_at DESC, severity DESC, opened_at DESC, id DESC"
    _rec_name = "kind"

    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    severity = fields.Selection(SEVERITIES, required=True, readonly=True)
    code = fields.Char(required=True, readonly=True, help="Names the sentence that says what to do.")
    device_kind = fields.Selection(DEVICE_KINDS, readonly=True)
    device_name = fields.Char("Device", required=True, readonly=True, default="")
    device_code = fields.Char("Code of the Device", readonly=True)
    text = fields.Char("What to Do", compute="_compute_text")
    opened_at = fields.Datetime("Since", required=True, readonly=True, index=True)
    calm_since = fields.Datetime(
        "Seems Over Since", readonly=True, help="Its condition is gone, but not long enough yet to be believed."
    )
    closed_at = fields.Datetime("Until", readonly=True)
    minutes = fields.Integer("Lasted (min)", compute="_compute_minutes")
    acknowledged_by_id = fields.Many2one("res.users", "Seen By", readonly=True, index="btree_not_null")
    acknowledged_at = fields.Datetime("Seen At", readonly=True)
    note = fields.Text("What Was Found")

    _open_once = models.UniqueIndex(
        "(terminal_id, kind, COALESCE(device_kind, ''), device_name) WHERE closed_at IS NULL",
        "This alarm is open already.",
    )

    def write(self, vals):
        if not self.env.su and vals.keys() - BY_HAND:
            raise AccessError(self.env._("An alarm is opened and closed by its terminal, not by hand."))
        return super().write(vals)

    @api.depends("kind", "device_name", "terminal_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        words = dict(self._fields["kind"]._description_selection(self.env))
        for alarm in self:
            alarm.display_name = f"{words.get(alarm.kind, '')} · {alarm.terminal_id.display_name}"

    @api.depends("code", "device_code")
    @api.depends_context("lang")
    def _compute_text(self):
        for alarm in self:
            told = [alarm.device_code] if alarm.device_code in codes.CATALOGUE else []
            alarm.text = " ".join(sentence(self.env, code) for code in [alarm.code, *told] if code in codes.CATALOGUE)

    @api.depends("opened_at", "closed_at")
    def _compute_minutes(self):
        now = fields.Datetime.now()
        for alarm in self:
            lasted = (alarm.closed_at or now) - alarm.opened_at if alarm.opened_at else None
            alarm.minutes = lasted.total_seconds() // 60 if lasted else 0

    def action_acknowledge(self):
        """Say that the user has seen these alarms and looks after them."""
        self.check_access("read")
        groups = ("group_technician", "group_supervisor")
        if not self.env.su and not any(self.env.user.has_group(f"electricity_prepaid.{group}") for group in groups):
            raise UserError(self.env._("Technicians and supervisors acknowledge alarms."))
        # First the terminals, as whoever judges them does: both write the same rows.
        terminals = tuple(sorted(self.sudo().terminal_id.ids)) or (0,)
        self.env.execute_query(
            SQL("SELECT id FROM electricity_terminal WHERE id IN %s ORDER BY id FOR NO KEY UPDATE", terminals)
        )
        fresh = self.filtered(lambda alarm: not alarm.acknowledged_at)
        fresh.sudo().write({"acknowledged_by_id": self.env.uid, "acknowledged_at": fields.Datetime.now()})
        self.terminal_id.sudo()._tell_screens()

    @api.autovacuum
    def _gc_old(self):
        """Remove the alarms that ended long ago."""
        since = fields.Datetime.subtract(fields.Datetime.now(), days=KEEP_DAYS)
        self.search([("closed_at", "<", since)], limit=10000).unlink()

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not self.env.su:
            raise UserError(self.env._("Alarms are history and stay."))
