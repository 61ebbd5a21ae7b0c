import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .card_drivers import UNITS, VENDOR_PREFIX
from .own_defaults import OWN_DEFAULTS

_CODE = re.compile(r"[a-z0-9_]{1,24}")
"""As in the description at the terminal and in orders (docs/vendor-libraries.md)."""


class ElectricityVendorLibrary(models.Model):
    """A maker's library that reads and writes cards at the terminals (厂家库)."""

    _name = "electricity.vendor.library"
    _description = "Vendor Library"
    _inherit = [OWN_DEFAULTS]
    _guarded = {"count_readable", "independent_read_back"}
    _order = "name, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        required=True,
        copy=False,
        help="The id in the library's description at the terminals: 1 to 24 of a-z, 0-9 and _. Orders name the driver "
        "vendor:<code>.",
    )
    maker_id = fields.Many2one("electricity.meter.maker", index=True, ondelete="restrict")
    unit = fields.Selection(
        UNITS,
        string="Quantity on Card",
        required=True,
        default="kwh",
        help="What the library takes and gives. It must be what the description at the terminals says.",
    )
    count_readable = fields.Boolean(
        string="Count Can Be Read",
        default=True,
        help="The library can read the purchase count of a card. Without it nothing on the card tells whether a "
        "purchase is there already, so only staff may sell, and what is unknown stays with staff.",
    )
    independent_read_back = fields.Boolean(
        help="A driver of our own can read these cards as well. The library then only writes, and our reading decides "
        "whether it did.",
    )
    unattended_allowed = fields.Boolean(
        compute="_compute_unattended_allowed",
        store=True,
        help="Cards of this library may be sold to where nobody of the staff stands by, such as at a kiosk.",
    )
    driver = fields.Char(string="Card Driver", compute="_compute_driver")
    note = fields.Text("Remarks")
    active = fields.Boolean(default=True)

    _code_unique = models.UniqueIndex("(code)", "A library with this code exists already.")

    @api.depends("count_readable")
    def _compute_unattended_allowed(self):
        for library in self:
            library.unattended_allowed = library.count_readable

    @api.depends("code")
    def _compute_driver(self):
        for library in self:
            library.driver = VENDOR_PREFIX + library.code if library.code else False

    @api.constrains("code")
    def _check_code(self):
        for library in self:
            if not _CODE.fullmatch(library.code or ""):
                raise ValidationError(
                    self.env._(
                        "“%(code)s” is not a library's code: it has 1 to 24 of a-z, 0-9 and _.", code=library.code
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        libraries = super().create(vals_list)
        # The drivers to choose from are cached with the fields.
        self.env.registry.clear_cache()
        return libraries

    def write(self, vals):
        if {"code", "unit"} & vals.keys():
            self._check_unused(vals)
        result = super().write(vals)
        if {"name", "code"} & vals.keys():
            self.env.registry.clear_cache()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused({"code": False})

    def _check_unused(self, vals):
        """Refuse to change what cards and orders were made with.

        :param dict vals: the values to come
        :raises UserError: a meter model, a card or an order names the driver
        """
        kept = {"code", "unit"} & vals.keys()
        changed = self.filtered(lambda library: any(library[name] != vals[name] for name in kept))
        for library in changed:
            for model in ("electricity.meter.model", "electricity.card", "electricity.recharge"):
                records = self.env[model].sudo().with_context(active_test=False)
                if "driver" in records._fields and records.search_count([("driver", "=", library.driver)], limit=1):
                    raise UserError(
                        self.env._(
                            "The library “%(name)s” is in use, so its code and unit stay. Archive it and add another.",
                            name=library.name,
                        )
                    )
