from odoo import fields, models


class ElectricityMeterMaker(models.Model):
    """A manufacturer of electricity meters (电表厂家)."""

    _name = "electricity.meter.maker"
    _description = "Meter Maker"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    code = fields.Char(
        required=True, copy=False, help="Short code of the maker, as the utility writes it on its lists."
    )
    company_id = fields.Many2one("res.company", help="Leave empty to share the maker between all companies.")
    model_ids = fields.One2many("electricity.meter.model", "maker_id", string="Models")
    model_count = fields.Integer(compute="_compute_model_count")
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex("(code)", "A meter maker with this code exists already.")

    def _compute_model_count(self):
        counts = dict(
            self.env["electricity.meter.model"]._read_group([("maker_id", "in", self.ids)], ["maker_id"], ["__count"])
        )
        for maker in self:
            maker.model_count = counts.get(maker, 0)

    def action_open_models(self):
        """Return the window action that lists the models of this maker."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("electricity_prepaid.action_meter_model")
        return {**action, "domain": [("maker_id", "=", self.id)], "context": {"default_maker_id": self.id}}
