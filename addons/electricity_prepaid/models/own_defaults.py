"""Rows whose values nobody but the code that writes them decides."""

from odoo import api, models

OWN_DEFAULTS = "electricity.own.defaults"
"""Name of the mixin; importing it also makes the mixin known before the models that use it."""


class ElectricityOwnDefaults(models.AbstractModel):
    """Takes no defaults from outside.

    A caller may put ``default_<field>`` into the context of any call, and every user may save defaults of his own
    (``ir.default``). Odoo fills them into each row whose values do not name the field, also when a method that decides
    as superuser makes the row: a tender would change its direction, an attempt its state, an account its balance.

    ``_guarded`` are the fields that only the code decides; None: all of them.
    """

    _name = OWN_DEFAULTS
    _description = "Rows That Take No Defaults From Outside"

    _guarded = None

    @api.model
    def default_get(self, fields):
        """Return the defaults of the guarded fields as the code defines them, those of the others as Odoo does.

        :param fields: names of fields
        :return: {name: value}, as ``create`` takes it
        """
        guarded = [name for name in fields if self._guarded is None or name in self._guarded]
        defaults = super().default_get([name for name in fields if name not in guarded])
        for name in guarded:
            field = self._fields.get(name)
            if field and field.default:
                value = field.convert_to_cache(field.default(self), self, validate=False)
                defaults[name] = field.convert_to_write(value, self)
        return defaults
