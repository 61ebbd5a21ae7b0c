from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    electricity_account_ids = fields.One2many(
        "electricity.account",
        "partner_id",
        string="Electricity Accounts",
        groups="electricity_prepaid.group_clerk,electricity_prepaid.group_finance,electricity_prepaid.group_technician",
    )
    electricity_account_count = fields.Integer(
        compute="_compute_electricity_account_count",
        groups="electricity_prepaid.group_clerk,electricity_prepaid.group_finance,electricity_prepaid.group_technician",
    )

    def _compute_electricity_account_count(self):
        counts = dict(
            self.env["electricity.account"]._read_group([("partner_id", "in", self.ids)], ["partner_id"], ["__count"])
        )
        for partner in self:
            partner.electricity_account_count = counts.get(partner, 0)

    def action_open_electricity_accounts(self):
        """Return the window action that lists the electricity accounts of this partner."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("electricity_prepaid.action_account")
        return {**action, "domain": [("partner_id", "=", self.id)], "context": {"default_partner_id": self.id}}
