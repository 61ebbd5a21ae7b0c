from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        done = super().write(vals)
        if "tz" in vals:
            self.env.registry.clear_cache()
        return done
