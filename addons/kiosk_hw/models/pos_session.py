"""What a kiosk's browser gets of a point of sale's data: its own settings, and no customer, product or price."""

from odoo import api, models

KIOSK_MODELS = frozenset(
    (
        "pos.session",
        "pos.config",
        "pos.payment.method",
        "stock.picking.type",
        "res.company",
        "res.users",
        "res.partner",
        "res.currency",
        "decimal.precision",
    )
)
"""Models of which a kiosk gets rows. The application starts without those of all others."""


class PosSession(models.Model):
    _inherit = "pos.session"

    def _as_kiosk(self):
        """Return this session as superuser when the caller is the user of its kiosk, else as it is."""
        own = self.env.user.kiosk_config()
        return self.sudo() if own and self.sudo().config_id.id == own.id else self

    def load_data(self, models_to_load):
        data = super(PosSession, self._as_kiosk()).load_data(models_to_load)
        if not self.env.user.kiosk_config():
            return data
        # Some models bring their rows their own way.
        return {name: self._shown_to_kiosk(name, rows) if name in KIOSK_MODELS else [] for name, rows in data.items()}

    def _shown_to_kiosk(self, name, rows):
        """Return rows without the fields that are for some groups only: they were read with every right."""
        user = self.env.user
        guarded = {field: made.groups for field, made in self.env[name]._fields.items() if made.groups}
        hidden = {field for field, groups in guarded.items() if not user.has_groups(groups)}
        return [{field: value for field, value in row.items() if field not in hidden} for row in rows]

    def load_data_params(self):
        return super(PosSession, self._as_kiosk()).load_data_params()

    def filter_local_data(self, models_to_filter):
        if self.env.user.kiosk_config():
            # Nothing of a kiosk is kept in its browser.
            return {model: list(ids) for model, ids in models_to_filter.items()}
        return super().filter_local_data(models_to_filter)


class PosLoadMixin(models.AbstractModel):
    _inherit = "pos.load.mixin"

    @api.model
    def _load_pos_data_search_read(self, data, config):
        own = self.env.user.kiosk_config()
        if not own:
            return super()._load_pos_data_search_read(data, config)
        if self._name not in KIOSK_MODELS:
            return []
        if self._name == "res.partner":
            return self._load_pos_data_read(own.company_id.partner_id | self.env.user.partner_id, config)
        if self._name == "res.users":
            return self._load_pos_data_read(self.env.user, config)
        return super()._load_pos_data_search_read(data, config)
