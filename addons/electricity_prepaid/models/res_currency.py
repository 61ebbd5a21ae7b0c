"""Currencies, as far as a sale needs them."""

from odoo import api, models
from odoo.tools import ormcache

ROUNDING = ("rounding", "decimal_places")


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def write(self, vals):
        if "rounding" in vals:
            self.env.registry.clear_cache("stable")
        return super().write(vals)

    @ormcache(cache="stable")
    def _active_roundings(self):
        return {currency.id: [currency[name] for name in ROUNDING] for currency in self.sudo().search([])}

    @api.model
    @api.private
    def remember_roundings(self):
        """Spare this transaction the query by which every amount that is written asks for its currency's rounding.

        The cache behind it is cleared whenever a currency is made or changed.
        """
        for currency, values in self._active_roundings().items():
            for name, value in zip(ROUNDING, values, strict=True):
                self._fields[name]._update_cache(self.browse(currency), value)
