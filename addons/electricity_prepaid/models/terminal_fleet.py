"""Terminals as a fleet: where each stands, who looks after it, how it is in one word, and which versions are behind."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from ..core import alarms, versions

FLEET_STATES = [
    ("new", "Not Paired"),
    ("ok", "In Order"),
    ("warning", "Warning"),
    ("critical", "Critical"),
    ("offline", "Offline"),
    ("out", "Out of Service"),
    ("stopped", "Stopped"),
]


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    place = fields.Char(index="trigram", prefetch=False, help="Where it stands, as staff say it.")
    address = fields.Char(prefetch=False)
    latitude = fields.Float(digits=(10, 7), aggregator=None, prefetch=False)
    longitude = fields.Float(digits=(10, 7), aggregator=None, prefetch=False)
    responsible_id = fields.Many2one(
        "res.users",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        tracking=True,
        index="btree_not_null",
        prefetch=False,
        help="Gets the activities of critical alarms. Empty: a technician of the company.",
    )
    fleet_state = fields.Selection(FLEET_STATES, "Condition", compute="_compute_fleet_state")
    is_behind = fields.Boolean(
        "Version Behind",
        compute="_compute_is_behind",
        search="_search_is_behind",
        help="A newer version of the proxy runs at another terminal.",
    )

    library_text = fields.Char(
        "Drivers and Libraries", compute="_compute_library_text", help="As the latest written receipts name them."
    )

    def _compute_library_text(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT ON (terminal_id, split_part(driver_versions, ' ', 1)) terminal_id, driver_versions
                  FROM (SELECT id, terminal_id, driver_versions
                          FROM electricity_recharge_attempt
                         WHERE terminal_id = ANY(%s) AND driver_versions IS NOT NULL
                         ORDER BY id DESC LIMIT 500) latest
                 ORDER BY terminal_id, split_part(driver_versions, ' ', 1), id DESC
                """,
                self.ids,
            )
        )
        for terminal in self:
            known = [told for number, told in rows if number == terminal.id]
            terminal.library_text = "; ".join(known)

    @api.constrains("latitude", "longitude")
    def _check_position(self):
        if any(abs(terminal.latitude) > 90 or abs(terminal.longitude) > 180 for terminal in self):
            raise ValidationError(
                self.env._("A latitude is between -90 and 90 degrees, a longitude between -180 and 180.")
            )

    @api.depends("state", "active", "last_heartbeat", "alarm_level")
    def _compute_fleet_state(self):
        for terminal in self:
            terminal.fleet_state = terminal._fleet_state()

    def _fleet_state(self):
        """Return how the terminal is in one word: the first that matters to whoever looks after it."""
        if self.state in ("draft", "pairing"):
            return "new"
        if self.state in ("quarantined", "disabled"):
            return "stopped"
        if not self.is_online:
            return "offline"
        if self.alarm_level == alarms.CRITICAL:
            return "critical"
        return "warning" if self.alarm_level == alarms.WARNING else "ok"

    @api.model
    def _reported_versions(self):
        """Return the versions of the proxy that terminals in use have reported, newest first."""
        domain = [("state", "in", ("active", "quarantined")), ("version", "!=", False)]
        rows = self.sudo()._read_group(domain, ["version"])
        return sorted((version for (version,) in rows), key=versions.parts, reverse=True)

    @api.depends("version")
    def _compute_is_behind(self):
        newest = next(iter(self._reported_versions()), None)
        for terminal in self:
            terminal.is_behind = versions.is_behind(terminal.version, newest)

    def _search_is_behind(self, operator, value):
        if operator != "in":
            return NotImplemented
        known = self._reported_versions()
        behind = [version for version in known if versions.is_behind(version, known[0])]
        if set(value) == {True, False}:
            return []
        return [("version", "in" if True in value else "not in", behind)]
