from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

EDITABLE = {"note"}
"""Fields of an installation that a person may change; the rest is history that cards and counts rely on."""


class ElectricityMeterInstallation(models.Model):
    """One meter at one account from a day to a day. The purchase count (购电次数) belongs to it."""

    _name = "electricity.meter.installation"
    _description = "Meter Installation"
    _order = "installed_on desc, id desc"
    _check_company_auto = True

    electricity_account_id = fields.Many2one(
        "electricity.account", string="Account", required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(related="electricity_account_id.partner_id", string="Customer")
    company_id = fields.Many2one(related="electricity_account_id.company_id", store=True, index=True)
    meter_id = fields.Many2one(
        "electricity.meter",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain="[('state', '=', 'stock'), ('company_id', '=', company_id)]",
    )
    installed_on = fields.Date(required=True, default=fields.Date.context_today)
    removed_on = fields.Date(readonly=True, copy=False)
    is_current = fields.Boolean(string="Current", compute="_compute_is_current", store=True)
    generation = fields.Integer(
        readonly=True,
        copy=False,
        default=1,
        help="1 for the first meter at the account, one more with every change of meter. Cards of an older "
        "generation are refused.",
    )
    initial_count = fields.Integer(
        string="Count at Installation",
        help="Purchase count in the meter when it was installed here: 0 for a new meter, 1 when its open card has been "
        "inserted already.",
    )
    final_count = fields.Integer(string="Count at Removal", readonly=True, copy=False)
    ct_ratio = fields.Integer(
        string="CT Ratio",
        default=1,
        help="Ratio of the current transformers; written on money cards. 1 without transformers.",
    )
    pt_ratio = fields.Integer(
        string="PT Ratio",
        default=1,
        help="Ratio of the voltage transformers; written on money cards. 1 without transformers.",
    )
    user_type = fields.Integer(help="As the meter knows it, 0 to 255; written on money cards.")
    sent_version_id = fields.Many2one(
        "electricity.tariff.version",
        string="Newest Tariff Sent",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The newest tariff version that a written card has carried to this meter.",
    )
    note = fields.Char()

    _meter_current_unique = models.UniqueIndex(
        "(meter_id) WHERE removed_on IS NULL", "This meter is installed at an account already."
    )
    _account_current_unique = models.UniqueIndex(
        "(electricity_account_id) WHERE removed_on IS NULL", "This account has a meter already. Remove that one first."
    )
    _generation_unique = models.UniqueIndex(
        "(electricity_account_id, generation)", "This account has an installation of this generation already."
    )
    _counts_positive = models.Constraint(
        "CHECK (initial_count >= 0 AND (final_count IS NULL OR final_count >= 0))",
        "A purchase count cannot be negative.",
    )
    _ratios_positive = models.Constraint(
        "CHECK (ct_ratio BETWEEN 1 AND 999999 AND pt_ratio BETWEEN 1 AND 999999)",
        "A transformer ratio lies between 1 and 999999.",
    )
    _user_type_byte = models.Constraint("CHECK (user_type BETWEEN 0 AND 255)", "The user type lies between 0 and 255.")
    _dates_ordered = models.Constraint(
        "CHECK (removed_on IS NULL OR removed_on >= installed_on)", "A meter cannot be removed before it was installed."
    )

    @api.depends("removed_on")
    def _compute_is_current(self):
        for installation in self:
            installation.is_current = not installation.removed_on

    @api.depends("meter_id.name", "electricity_account_id.name")
    def _compute_display_name(self):
        for installation in self:
            installation.display_name = f"{installation.meter_id.name} @ {installation.electricity_account_id.name}"

    @api.constrains("installed_on")
    def _check_installed_on(self):
        today = fields.Date.context_today(self)
        for installation in self:
            if installation.installed_on > today:
                raise ValidationError(self.env._("A meter cannot be installed in the future."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_free(vals.get("electricity_account_id"), vals.get("meter_id"))
            vals.update(self._next_generation(vals.get("electricity_account_id")))
        # A removal of the same transaction must reach the unique indexes before the new row does.
        self.flush_model(["removed_on"])
        installations = super().create(vals_list)
        for installation in installations:
            installation._put_in_service()
        return installations

    def _next_generation(self, account_id):
        """Return the values that creation decides itself, whatever the caller sent."""
        last = self.sudo().search([("electricity_account_id", "=", account_id)], order="generation desc", limit=1)
        return {"generation": last.generation + 1, "removed_on": False, "final_count": 0, "sent_version_id": False}

    def _check_free(self, account_id, meter_id):
        """Raise UserError unless the account may get a meter and the meter is in stock."""
        account = self.env["electricity.account"].sudo().browse(account_id).exists()
        meter = self.env["electricity.meter"].sudo().browse(meter_id).exists()
        if meter and meter.state != "stock":
            raise UserError(
                self.env._("Meter %(meter)s is not in stock, so it cannot be installed.", meter=meter.display_name)
            )
        if account.state == "closed":
            raise UserError(self.env._("Account %(account)s is closed.", account=account.name))
        if account.meter_id:
            raise UserError(
                self.env._("Account %(account)s has a meter already. Remove that one first.", account=account.name)
            )

    def _put_in_service(self):
        """Mark the meter as installed and let the account take over its count."""
        self.ensure_one()
        account = self.electricity_account_id.sudo()
        meter = self.meter_id.sudo()
        meter.write({"state": "installed"})
        account.write({"purchase_count": self.initial_count, "version": account.version + 1})
        account.message_post(body=self.env._("Meter %(meter)s installed.", meter=meter.name))

    def write(self, vals):
        if not self.env.su and vals.keys() - EDITABLE:
            raise AccessError(
                self.env._("An installation is history and cannot be changed. Remove the meter and install it again.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("An installation is history and cannot be deleted."))

    def action_remove(self):
        """Take the meter off the account and put it back to stock; refused while an order is open."""
        self.ensure_one()
        self.check_access("write")
        if self.removed_on:
            raise UserError(self.env._("This meter has been removed already."))
        installation = self.sudo()
        account = installation.electricity_account_id
        account._check_no_open_order()
        installation.write({"removed_on": fields.Date.context_today(self), "final_count": account.purchase_count})
        installation.meter_id.write({"state": "stock"})
        values = {"version": account.version + 1}
        if account.state == "active":
            values["state"] = "suspended"
        account.write(values)
        account.message_post(
            body=self.env._(
                "Meter %(meter)s removed at purchase count %(count)s.",
                meter=installation.meter_id.name,
                count=account.purchase_count,
            )
        )
