"""What is at a terminal, as its heartbeats tell it."""

from odoo import api, fields, models
from odoo.tools import SQL

from ..core import codes, devices
from .answers import sentence

KINDS = [
    ("reader", "Card Reader"),
    ("notes", "Note Acceptor"),
    ("printer", "Receipt Printer"),
    ("scanner", "Scanner"),
    ("keypad", "Keypad"),
    ("door", "Door"),
    ("cash_box", "Cash Box"),
    ("ups", "Power Supply"),
    ("camera", "Camera"),
    ("card_terminal", "Bank Card Terminal"),
    (devices.OTHER, "Other Device"),
]
STATES = [
    ("ready", "Ready"),
    ("fault", "Fault"),
    ("absent", "Not There"),
    ("starting", "Starting"),
    ("open", "Open"),
    ("closed", "Closed"),
    ("line", "On Mains"),
    ("battery", "On Battery"),
    ("low", "Battery Nearly Empty"),
    ("unknown", "Unknown"),
]
PAPERS = [("enough", "Enough"), ("low", "Nearly at Its End"), ("out", "None")]


class ElectricityTerminalDevice(models.Model):
    """One device of a terminal. Rows are written by heartbeats only, and only when something has changed."""

    _name = "electricity.terminal.device"
    _description = "Device of a Terminal"
    _order = "terminal_id, kind, name, id"

    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    name = fields.Char(required=True, readonly=True)
    state = fields.Selection(STATES, required=True, readonly=True, help="Without what changes with each customer.")
    code = fields.Char(readonly=True)
    code_message = fields.Char("Problem", compute="_compute_code_message")
    paper = fields.Selection(PAPERS, readonly=True, help="As the printer's sensor tells it.")
    charge = fields.Integer("Battery (%)", readonly=True, aggregator=None, help="In steps of ten; -1: not known.")
    charge_text = fields.Char("Battery", compute="_compute_charge_text")
    since = fields.Datetime(required=True, readonly=True, help="Since when it has been in this state.")
    changed_at = fields.Datetime("Last Change", required=True, readonly=True)

    _device_unique = models.UniqueIndex("(terminal_id, kind, name)", "A terminal has each device once.")

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_code_message(self):
        for device in self:
            # A newer terminal may send codes that have no sentence here.
            device.code_message = sentence(self.env, device.code) if device.code in codes.CATALOGUE else False

    @api.depends("charge")
    def _compute_charge_text(self):
        for device in self:
            device.charge_text = f"{device.charge} %" if device.charge >= 0 else False

    @api.model
    @api.private
    def take_told(self, terminal, told, now):
        """Make the rows of a terminal those that it told; the row of the terminal is locked by the caller.

        :param terminal: one ``electricity.terminal``
        :param told: iterable of ``core.devices.Device``
        :param now: of the heartbeat, UTC
        :return: all its devices now, as :meth:`rows_of` returns them
        """
        rows = {device.key: device for device in told}
        values = [
            SQL(
                "(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 1, 1, %s, %s)",
                terminal.id,
                terminal.company_id.id,
                kind,
                name,
                device.steady,
                device.steady_code,
                device.paper,
                devices.charge_step(device),
                now,
                now,
                now,
                now,
            )
            for (kind, name), device in rows.items()
        ]
        kept = [f"{kind}\n{name}" for kind, name in rows]
        gone = SQL(_DELETE, terminal.id, kept)
        self.env.cr.execute(SQL(_UPSERT, gone, SQL(", ").join(values)) if values else gone)
        self.invalidate_model(flush=False)
        terminal.invalidate_recordset(["device_ids"], flush=False)
        return self.rows_of(terminal)

    @api.model
    @api.private
    def rows_of(self, terminal):
        """Return the devices of a terminal: (kind, name, state, code, paper, since).

        :param terminal: one ``electricity.terminal``
        """
        return self.env.execute_query(
            SQL(
                "SELECT kind, name, state, code, paper, since FROM electricity_terminal_device WHERE terminal_id = %s",
                terminal.id,
            )
        )


_DELETE = "DELETE FROM electricity_terminal_device WHERE terminal_id = %s AND NOT (kind || E'\\n' || name = ANY(%s))"
_UPSERT = """
WITH gone AS (%s)
INSERT INTO electricity_terminal_device AS device
       (terminal_id, company_id, kind, name, state, code, paper, charge, since, changed_at,
        create_uid, write_uid, create_date, write_date)
VALUES %s
    ON CONFLICT (terminal_id, kind, name) DO UPDATE
   SET since = CASE WHEN (device.state, device.code) IS DISTINCT FROM (EXCLUDED.state, EXCLUDED.code)
                    THEN EXCLUDED.since ELSE device.since END,
       state = EXCLUDED.state, code = EXCLUDED.code, paper = EXCLUDED.paper, charge = EXCLUDED.charge,
       changed_at = EXCLUDED.changed_at, write_date = EXCLUDED.write_date
 WHERE (device.state, device.code, device.paper, device.charge)
       IS DISTINCT FROM (EXCLUDED.state, EXCLUDED.code, EXCLUDED.paper, EXCLUDED.charge)
"""
