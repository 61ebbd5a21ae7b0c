from odoo import api, fields, models


class ElectricityTariff(models.Model):
    """What a kWh costs, by date: a tariff has versions, each valid from a day until the next one begins."""

    _name = "electricity.tariff"
    _description = "Electricity Tariff"
    _inherit = ["mail.thread"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(
        [("single", "Single price")],
        required=True,
        default="single",
        tracking=True,
        help="Single price: every kWh costs the same.",
    )
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one(related="company_id.currency_id")
    version_ids = fields.One2many("electricity.tariff.version", "tariff_id", string="Versions", copy=True)
    current_version_id = fields.Many2one("electricity.tariff.version", compute="_compute_current_version_id")
    current_price = fields.Float(
        string="Price Today", digits="Electricity Price", compute="_compute_current_version_id"
    )
    account_count = fields.Integer(compute="_compute_account_count")
    active = fields.Boolean(default=True)

    _name_unique = models.UniqueIndex("(company_id, name)", "A tariff with this name exists already.")

    @api.depends("version_ids.valid_from", "version_ids.price")
    def _compute_current_version_id(self):
        today = fields.Date.context_today(self)
        for tariff in self:
            version = tariff._version_on(today)
            tariff.current_version_id = version
            tariff.current_price = version.price

    def _compute_account_count(self):
        counts = dict(
            self.env["electricity.account"]._read_group([("tariff_id", "in", self.ids)], ["tariff_id"], ["__count"])
        )
        for tariff in self:
            tariff.account_count = counts.get(tariff, 0)

    def _version_on(self, day):
        """Return the version in force on a day.

        :param datetime.date day: a date in the company's calendar
        :return: a record of ``electricity.tariff.version``, empty when no version has begun by then
        """
        self.ensure_one()
        begun = self.version_ids.filtered(lambda version: version.valid_from and version.valid_from <= day)
        return begun.sorted("valid_from")[-1:]

    def _version_after(self, day):
        """Return the next version that begins after a day, or an empty record.

        :param datetime.date day: a date in the company's calendar
        """
        self.ensure_one()
        return self.version_ids.filtered(lambda version: version.valid_from and version.valid_from > day).sorted(
            "valid_from"
        )[:1]

    def copy_data(self, default=None):
        return [
            {**values, "name": self.env._("%s (copy)", tariff.name)}
            for tariff, values in zip(self, super().copy_data(default), strict=True)
        ]

    def action_open_accounts(self):
        """Return the window action that lists the accounts on this tariff."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("electricity_prepaid.action_account")
        return {**action, "domain": [("tariff_id", "=", self.id)], "context": {"default_tariff_id": self.id}}
