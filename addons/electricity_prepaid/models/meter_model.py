from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import float_compare, float_is_zero

from .card_drivers import DEFAULT_DRIVER, UNITS, check_driver, select_driver, unit_of

ALARM_MAX = 0xFFFF
"""Alarms are written on the card in two bytes, in whole kWh (docs/protocol/card-layout-demo.md)."""

HOARD_MAX = 999999.99
"""The largest balance that a meter can show, in kWh."""

MONEY_MAX = 999999.99
"""The largest amount on a CPU card and in its meter, in yuan (docs/protocol/card-layout-cpu.md)."""


class ElectricityMeterModel(models.Model):
    """One model and batch of a maker: it decides the card driver, the unit and the limits of a purchase."""

    _name = "electricity.meter.model"
    _description = "Meter Model"
    _order = "maker_id, name, batch, id"
    _check_company_auto = True
    _rec_names_search = ["name", "batch", "maker_id.name"]

    name = fields.Char(string="Model", required=True)
    maker_id = fields.Many2one(
        "electricity.meter.maker", required=True, index=True, ondelete="restrict", check_company=True
    )
    batch = fields.Char(help="Production batch: meters of one model but another batch may need another card driver.")
    company_id = fields.Many2one("res.company", help="Leave empty to share the model between all companies.")
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    driver = fields.Selection(
        selection=select_driver,
        string="Card Driver",
        required=True,
        default=DEFAULT_DRIVER,
        help="How the point of sale reads and writes the card of this meter.",
    )
    unit = fields.Selection(
        UNITS,
        string="Quantity on Card",
        compute="_compute_unit",
        store=True,
        help="What the card carries to the meter; the card driver decides. With energy, the point of sale converts "
        "money by the tariff and leaves the remainder as the customer's balance. With money, the meter converts.",
    )
    min_amount = fields.Monetary(string="Minimum Purchase", default=10.0, required=True)
    max_amount = fields.Monetary(string="Maximum Purchase", default=5000.0, required=True)
    step_amount = fields.Monetary(
        string="Purchase Step", default=0.01, required=True, help="A purchase must be a multiple of this amount."
    )
    hoard_limit_energy = fields.Float(
        string="Hoard Limit",
        digits="Electricity Energy",
        help="The meter refuses a card that would raise its remaining energy above this limit. 0: no limit.",
    )
    purchases_per_day = fields.Integer(help="How often one account may buy in a day. 0: no limit.")
    alarm1_energy = fields.Float(
        string="First Alarm",
        digits="Electricity Energy",
        default=20.0,
        help="Remaining energy at which the meter shows a warning. Whole kWh.",
    )
    alarm2_energy = fields.Float(
        string="Second Alarm",
        digits="Electricity Energy",
        default=5.0,
        help="Remaining energy at which the meter trips once as a warning. Whole kWh.",
    )
    hoard_limit_money = fields.Monetary(
        string="Hoard Limit (Money)",
        help="The meter refuses a card that would raise its remaining money above this limit. 0: no limit.",
    )
    alarm1_money = fields.Monetary(
        string="First Alarm (Money)", default=20.0, help="Remaining money at which the meter shows a warning."
    )
    alarm2_money = fields.Monetary(
        string="Second Alarm (Money)",
        default=5.0,
        help="Remaining money at which the meter trips once as a warning.",
    )
    meter_ids = fields.One2many("electricity.meter", "model_id", string="Meters")
    meter_count = fields.Integer(compute="_compute_meter_count")
    active = fields.Boolean(default=True)

    _model_unique = models.UniqueIndex(
        "(maker_id, name, COALESCE(batch, ''), COALESCE(company_id, 0))",
        "This maker has a model with the same name and batch already.",
    )
    _amounts_ordered = models.Constraint(
        "CHECK (min_amount > 0 AND max_amount >= min_amount AND step_amount > 0)",
        "The minimum purchase and the step must be above zero, and the maximum not below the minimum.",
    )
    _purchases_per_day_positive = models.Constraint(
        "CHECK (purchases_per_day >= 0)", "The number of purchases a day cannot be negative."
    )

    @api.depends("driver")
    def _compute_unit(self):
        for model in self:
            model.unit = unit_of(self.env, model.driver)

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for model in self:
            model.currency_id = (model.company_id or self.env.company).currency_id

    @api.depends("name", "batch", "maker_id.name")
    def _compute_display_name(self):
        for model in self:
            name = " ".join(part for part in (model.maker_id.name, model.name) if part)
            model.display_name = f"{name} / {model.batch}" if model.batch else name

    def _compute_meter_count(self):
        counts = dict(
            self.env["electricity.meter"]._read_group([("model_id", "in", self.ids)], ["model_id"], ["__count"])
        )
        for model in self:
            model.meter_count = counts.get(model, 0)

    @api.constrains("driver")
    def _check_driver(self):
        check_driver(self)

    @api.constrains("alarm1_energy", "alarm2_energy")
    def _check_alarms(self):
        for model in self:
            for alarm in (model.alarm1_energy, model.alarm2_energy):
                if not 0 <= alarm <= ALARM_MAX or not float_is_zero(alarm - round(alarm), precision_digits=2):
                    raise ValidationError(
                        self.env._("An alarm must be a whole number of kWh between 0 and %(max)s.", max=ALARM_MAX)
                    )
            if float_compare(model.alarm2_energy, model.alarm1_energy, precision_digits=2) > 0:
                raise ValidationError(self.env._("The second alarm cannot be above the first alarm."))

    @api.constrains("hoard_limit_energy")
    def _check_hoard_limit(self):
        for model in self:
            if not 0 <= model.hoard_limit_energy <= HOARD_MAX:
                raise ValidationError(self.env._("The hoard limit must be between 0 and %(max)s kWh.", max=HOARD_MAX))

    @api.constrains("hoard_limit_money", "alarm1_money", "alarm2_money")
    def _check_money_limits(self):
        for model in self:
            amounts = (model.hoard_limit_money, model.alarm1_money, model.alarm2_money)
            if not all(0 <= amount <= MONEY_MAX for amount in amounts):
                raise ValidationError(
                    self.env._("Hoard limit and alarms in money lie between 0 and %(max)s.", max=MONEY_MAX)
                )
            if float_compare(model.alarm2_money, model.alarm1_money, precision_digits=2) > 0:
                raise ValidationError(self.env._("The second alarm cannot be above the first alarm."))

    def action_open_meters(self):
        """Return the window action that lists the meters of this model."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("electricity_prepaid.action_meter")
        return {**action, "domain": [("model_id", "=", self.id)], "context": {"default_model_id": self.id}}
