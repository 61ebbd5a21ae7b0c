"""Master data that the marketing system keeps too."""

from odoo import api, fields, models


class ElectricityAccount(models.Model):
    _inherit = "electricity.account"

    marketing_values = fields.Json(
        readonly=True, copy=False, prefetch=False, help="What the marketing system said last, by name."
    )

    @api.private
    def master_value(self, name):
        """Return what stands here for a member of a customer file, as text.

        :param name: ``name``, ``address``, ``district``, ``category`` or ``tariff_code``
        """
        self.ensure_one()
        values = {
            "name": self.partner_id.name,
            "address": self.supply_address,
            "district": self.district,
            "category": self.category,
            "tariff_code": self.tariff_id.marketing_code,
        }
        return values[name] or ""

    @api.private
    def partner_is_shared(self):
        """Tell whether the customer's contact has another account too, of any company, or is a user's."""
        self.ensure_one()
        accounts = self.sudo().with_context(active_test=False)
        others = accounts.search_count([("partner_id", "=", self.partner_id.id), ("id", "!=", self.id)], limit=1)
        return bool(others or accounts.partner_id.user_ids)

    @api.private
    def tariff_of_code(self, code):
        """Return the company's tariff that the marketing system calls so, or an empty record."""
        domain = [("company_id", "=", self.company_id.id), ("marketing_code", "=", code)]
        return self.env["electricity.tariff"].search(domain, limit=1)

    @api.private
    def take_master_values(self, values):
        """Write master data of a customer file, and remember that they came from there.

        :param values: {member of the file: text}
        """
        self.ensure_one()
        columns = {"address": "supply_address", "district": "district", "category": "category"}
        changes = {columns[name]: text for name, text in values.items() if name in columns}
        if values.get("tariff_code"):
            tariff = self.tariff_of_code(values["tariff_code"])
            if tariff:
                changes["tariff_id"] = tariff.id
        if values.get("name"):
            self.partner_id.name = values["name"]
        self.write({**changes, "marketing_values": {**(self.marketing_values or {}), **values}})
