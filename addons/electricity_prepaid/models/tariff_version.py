from odoo import api, fields, models
from odoo.exceptions import UserError


class ElectricityTariffVersion(models.Model):
    """The price of a tariff from one day on."""

    _name = "electricity.tariff.version"
    _description = "Electricity Tariff Version"
    _order = "tariff_id, valid_from desc, id desc"
    _rec_name = "valid_from"
    _check_company_auto = True

    tariff_id = fields.Many2one("electricity.tariff", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="tariff_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    valid_from = fields.Date(required=True, default=fields.Date.context_today)
    price = fields.Float(
        string="Price per kWh", digits="Electricity Price", required=True, help="Price of one kWh, tax included."
    )
    in_force = fields.Boolean(string="In Force Today", compute="_compute_in_force")

    _day_unique = models.UniqueIndex(
        "(tariff_id, valid_from)", "Two versions of a tariff cannot begin on the same day."
    )
    _price_positive = models.Constraint("CHECK (price > 0)", "The price of a kWh must be above zero.")

    @api.depends("valid_from", "price", "tariff_id.version_ids.valid_from")
    def _compute_in_force(self):
        for version in self:
            version.in_force = version and version == version.tariff_id.current_version_id

    def _check_not_history(self):
        """Raise UserError when one of these versions began before today: sales have used its price."""
        today = fields.Date.context_today(self)
        for version in self:
            if version.valid_from and version.valid_from < today:
                raise UserError(
                    self.env._(
                        "The price valid from %(day)s has been in force and cannot be changed. "
                        "Add a version with a later date instead.",
                        day=version.valid_from,
                    )
                )

    def write(self, vals):
        if not self.env.su and {"price", "valid_from", "tariff_id"} & vals.keys():
            self._check_not_history()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_history(self):
        self._check_not_history()
