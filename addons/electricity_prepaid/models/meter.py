from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .account import is_number_12
from .account_button import ACCOUNT_BUTTON
from .own_defaults import OWN_DEFAULTS


class ElectricityMeter(models.Model):
    """One physical meter (电表). Where it hangs is told by its installations."""

    _name = "electricity.meter"
    _description = "Electricity Meter"
    _inherit = [OWN_DEFAULTS, ACCOUNT_BUTTON, "mail.thread"]
    _guarded = {"state"}
    _order = "name, id"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Meter Number", required=True, copy=False, tracking=True, help="12 digits.")
    model_id = fields.Many2one(
        "electricity.meter.model", required=True, index=True, ondelete="restrict", check_company=True, tracking=True
    )
    maker_id = fields.Many2one(related="model_id.maker_id", store=True, index=True)
    driver = fields.Selection(related="model_id.driver")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    state = fields.Selection(
        [("stock", "In stock"), ("installed", "Installed"), ("retired", "Retired")],
        string="Status",
        required=True,
        readonly=True,
        copy=False,
        default="stock",
        index=True,
        tracking=True,
    )
    installation_ids = fields.One2many("electricity.meter.installation", "meter_id", string="Installations")
    installation_count = fields.Integer(compute="_compute_installation_count")
    electricity_account_id = fields.Many2one(
        "electricity.account",
        string="Installed At",
        compute="_compute_electricity_account_id",
        store=True,
        index="btree_not_null",
    )
    partner_id = fields.Many2one(related="electricity_account_id.partner_id", string="Customer")
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex("(company_id, name)", "A meter with this number exists already.")

    @api.depends("installation_ids.removed_on", "installation_ids.electricity_account_id")
    def _compute_electricity_account_id(self):
        for meter in self:
            meter.electricity_account_id = meter.installation_ids.filtered("is_current")[:1].electricity_account_id

    @api.depends("installation_ids")
    def _compute_installation_count(self):
        for meter in self:
            meter.installation_count = len(meter.installation_ids)

    @api.constrains("name")
    def _check_name(self):
        for meter in self:
            if not is_number_12(meter.name):
                raise ValidationError(
                    self.env._("The meter number must have exactly 12 digits; “%(number)s” has not.", number=meter.name)
                )

    @api.constrains("active")
    def _check_active(self):
        for meter in self:
            if not meter.active and meter.state == "installed":
                raise ValidationError(self.env._("Meter %(meter)s is installed; remove it first.", meter=meter.name))

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su and any(vals.get("state", "stock") != "stock" for vals in vals_list):
            raise AccessError(self.env._("The status of a meter changes by installing, removing or retiring it."))
        return super().create(vals_list)

    def write(self, vals):
        if not self.env.su:
            if "state" in vals:
                raise AccessError(self.env._("The status of a meter changes by installing, removing or retiring it."))
            if {"name", "model_id", "company_id"} & vals.keys() and self.sudo().installation_ids:
                raise UserError(
                    self.env._("A meter that has been installed keeps its number, model and company: cards name them.")
                )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_installed(self):
        if self.sudo().installation_ids:
            raise UserError(self.env._("A meter that has been installed cannot be deleted. Archive it instead."))

    def action_retire(self):
        """Take meters out of service for good; only meters in stock."""
        self.check_access("write")
        if any(meter.state != "stock" for meter in self):
            raise UserError(self.env._("Only a meter in stock can be retired. Remove it from its account first."))
        self.sudo().write({"state": "retired"})

    def action_restock(self):
        """Bring retired meters back to stock."""
        self.check_access("write")
        if any(meter.state != "retired" for meter in self):
            raise UserError(self.env._("Only a retired meter can go back to stock."))
        self.sudo().write({"state": "stock"})

    def action_open_installations(self):
        """Return the window action that lists where this meter has been."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("electricity_prepaid.action_meter_installation")
        return {**action, "domain": [("meter_id", "=", self.id)], "context": {}}
