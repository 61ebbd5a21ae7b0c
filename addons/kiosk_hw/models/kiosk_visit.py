"""One customer's visit at a kiosk, as the server saw it."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core import masking
from odoo.addons.electricity_prepaid.models.own_defaults import OWN_DEFAULTS
from odoo.tools import SQL

from .kiosk_step import CUSTOMER
from .kiosk_trail import PASSING, UNASKED

KEEP_DAYS = 400
KEEP_PARAMETER = "kiosk_hw.visit_days"
AT_ONCE = 5000


class ElectricityKioskVisit(models.Model):
    """One visit. The page names it, the server binds it to the kiosk whose user called."""

    _name = "electricity.kiosk.visit"
    _inherit = [OWN_DEFAULTS]
    _description = "Kiosk Visit"
    _order = "started_at desc, id desc"
    _rec_name = "uuid"
    _log_access = False

    uuid = fields.Char("Visit", required=True, readonly=True)
    config_id = fields.Many2one("pos.config", "Kiosk", readonly=True, index=True, ondelete="set null")
    terminal_id = fields.Many2one("electricity.terminal", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    started_at = fields.Datetime("Begun", required=True, readonly=True, index=True)
    is_cut = fields.Boolean(
        "Cut Short", readonly=True, help="This kiosk called more often than hands can; some steps were not kept."
    )
    step_ids = fields.One2many("electricity.kiosk.step", "visit_id", readonly=True)
    ended_at = fields.Datetime("Latest Step", compute="_compute_figures")
    step_count = fields.Integer("Steps", compute="_compute_figures")
    refusal_count = fields.Integer("Refusals", compute="_compute_figures")
    latest_code = fields.Char(compute="_compute_figures", search="_search_latest_code")
    account = fields.Char("Account Number", compute="_compute_account", search="_search_account", groups=CUSTOMER)
    recharge_serial = fields.Char(
        "Serial Number", compute="_compute_account", search="_search_recharge_serial", groups=CUSTOMER
    )

    _once = models.UniqueIndex("(terminal_id, uuid)", "This visit is on record already.")

    @api.depends("step_ids")
    def _compute_figures(self):
        steps = self.env["electricity.kiosk.step"]
        groups = steps._read_group(
            [("visit_id", "in", self.ids), ("source", "=", "server")], ["visit_id"], ["at:max", "__count", "id:max"]
        )
        found = {visit: (latest, count) for visit, latest, count, _step in groups}
        asked = ["|", ("call", "not in", list(UNASKED)), ("outcome", "=", "crashed")]
        asked += [("visit_id", "in", self.ids), ("code", "not in", list(PASSING))]
        refused = dict(
            steps._read_group([*asked, ("outcome", "in", ("refused", "crashed"))], ["visit_id"], ["__count"])
        )
        codes = steps._read_group([*asked, ("source", "=", "server"), ("code", "!=", False)], ["visit_id"], ["id:max"])
        codes = {visit: steps.browse(step).code for visit, step in codes}
        for visit in self:
            visit.ended_at, visit.step_count = found.get(visit, (visit.started_at, 0))
            visit.refusal_count = refused.get(visit, 0)
            visit.latest_code = codes.get(visit, False)

    @api.depends("step_ids")
    @api.depends_context("uid")
    def _compute_account(self):
        for visit in self:
            accounts = set(filter(None, visit.step_ids.mapped("account")))
            visit.account = ", ".join(sorted(map(masking.number, accounts)))
            visit.recharge_serial = ", ".join(visit._recharges().mapped("name"))

    def _recharges(self):
        """Return the orders that these visits' steps were about, as superuser; the viewer's rights come first."""
        uuids = set(filter(None, self.sudo().step_ids.mapped("order_uuid")))
        domain = [("uuid", "in", list(uuids)), ("company_id", "in", self.company_id.ids)]
        return (
            self.env["electricity.recharge"].sudo().search(domain, order="id")
            if uuids
            else self.env["electricity.recharge"]
        )

    def _search_latest_code(self, operator, value):
        return [("step_ids.code", operator, value)]

    def _search_account(self, operator, value):
        return [("step_ids.account", operator, value)]

    def _search_recharge_serial(self, operator, value):
        # The caller's own rights decide which orders there are to find.
        orders = self.env["electricity.recharge"].search([("name", operator, value)], limit=1000)
        return [("step_ids.order_uuid", "in", orders.mapped("uuid"))]

    @api.model
    @api.private
    def keep_days(self):
        """Return for how many days visits are kept."""
        text = self.env["ir.config_parameter"].sudo().get_param(KEEP_PARAMETER) or ""
        return int(text) if text.isdigit() and int(text) > 0 else KEEP_DAYS

    @api.autovacuum
    def _gc_old(self):
        """Remove the visits of long ago with their steps; what was bought and paid stays where it is."""
        since = fields.Datetime.now() - timedelta(days=self.keep_days())
        self.env.cr.execute(
            SQL(
                "DELETE FROM electricity_kiosk_visit WHERE id IN"
                " (SELECT id FROM electricity_kiosk_visit WHERE started_at < %s ORDER BY id LIMIT %s)",
                since,
                AT_ONCE,
            )
        )
        self.invalidate_model()
        return self.env.cr.rowcount, self.env.cr.rowcount == AT_ONCE
