"""A record of which the two books disagree, and what people make of it."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from .own_defaults import OWN_DEFAULTS

BY_PEOPLE = {"user_id", "resolution", "note"}


class ElectricityCisDifference(models.Model):
    """One difference of a reconciled day. People write who answers for it and what was done, nothing else."""

    _name = "electricity.cis.difference"
    _description = "Difference of a Reconciled Day"
    _inherit = [OWN_DEFAULTS]
    _guarded = set()
    _order = "day_id desc, id"
    _rec_name = "serial"

    day_id = fields.Many2one("electricity.cis.day", required=True, readonly=True, index=True, ondelete="cascade")
    day = fields.Date(related="day_id.day", store=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    kind = fields.Selection(
        [("only_caller", "Only Here"), ("only_marketing", "Only There"), ("amount", "Amount or Account Differs")],
        required=True,
        readonly=True,
        index=True,
    )
    serial = fields.Char(required=True, readonly=True, index="trigram")
    account_no = fields.Char("Account Number", readonly=True)
    our_amount = fields.Monetary("Amount Here", readonly=True)
    their_amount = fields.Monetary("Amount There", readonly=True)
    marketing_serial = fields.Char("Serial There", readonly=True)
    message_id = fields.Many2one("electricity.cis.message", "Our Message", compute="_compute_message_id")
    user_id = fields.Many2one("res.users", "Owner", index="btree_not_null", domain="[('share', '=', False)]")
    resolution = fields.Selection(
        [
            ("open", "To Settle"),
            ("booked_there", "Booked There by Hand"),
            ("taken_back_there", "Taken Back There by Hand"),
            ("corrected_here", "Corrected Here"),
            ("other_day", "Booked on Another Day"),
            ("gone", "Gone When Compared Again"),
        ],
        required=True,
        default="open",
        index=True,
    )
    note = fields.Text()
    resolved_at = fields.Datetime(readonly=True)

    _serial_once = models.UniqueIndex("(day_id, serial)", "This record is listed already.")

    @api.depends("serial")
    def _compute_message_id(self):
        messages = self.env["electricity.cis.message"].search([("name", "in", self.mapped("serial"))])
        known = {message.name: message for message in messages}
        for difference in self:
            difference.message_id = known.get(difference.serial)

    def action_settle(self):
        """Open the form in which people write; the day's own form is nobody's to write."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Settle the Difference"),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def write(self, vals):
        if not self.env.su and not vals.keys() <= BY_PEOPLE:
            raise AccessError(self.env._("What the two books say is not written by hand; say what was done about it."))
        if "resolution" in vals:
            vals = {**vals, "resolved_at": False if vals["resolution"] == "open" else fields.Datetime.now()}
        return super().write(vals)
