"""A point of sale that is a kiosk: its terminal, its user, and what it says to customers."""

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import ormcache

from .tender import NOTES

KIOSK_FIELDS = {"electricity_terminal_id", "kiosk_user_id"}
_ASKED_ALWAYS = ("electricity_terminal_id", "company_id")
"""What each call of a kiosk's page needs of its kiosk."""


class PosConfig(models.Model):
    _inherit = "pos.config"

    electricity_terminal_id = fields.Many2one(
        "electricity.terminal",
        "Terminal",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', '=', company_id)]",
        help="The kiosk's hardware. A point of sale with a terminal is a kiosk: customers use it alone, "
        "staff sell elsewhere.",
    )
    is_electricity_kiosk = fields.Boolean("Kiosk", compute="_compute_is_electricity_kiosk", store=True)
    kiosk_user_id = fields.Many2one(
        "res.users",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        groups="point_of_sale.group_pos_manager",
    )
    kiosk_phone = fields.Char("Help Line", help="Shown on each screen of the kiosk.")
    kiosk_place = fields.Char("Place", translate=True, help="Where it stands, as customers would say it.")
    kiosk_next_place = fields.Char(
        "Nearest Other Kiosk", translate=True, help="Where to go while this one is out of service."
    )
    kiosk_scanner = fields.Boolean(
        "Scanner for Codes", help="Customers are told that they may hold a code before it. Leave it off without one."
    )
    kiosk_notice = fields.Char(
        "Out of Service", translate=True, help="Takes the kiosk out of service and is what it says meanwhile."
    )

    _terminal_once = models.UniqueIndex(
        "(electricity_terminal_id) WHERE electricity_terminal_id IS NOT NULL", "This terminal belongs to another kiosk."
    )

    @api.depends("electricity_terminal_id")
    def _compute_is_electricity_kiosk(self):
        for config in self:
            config.is_electricity_kiosk = bool(config.electricity_terminal_id)

    @api.constrains("electricity_terminal_id", "payment_method_ids", "module_pos_hr")
    def _check_kiosk(self):
        for config in self.filtered("electricity_terminal_id"):
            if len(config.payment_method_ids.filtered("is_cash_count")) != 1:
                raise ValidationError(
                    self.env._("A kiosk has one payment method for notes, whose cash journal is its own.")
                )
            config.payment_method_ids.kiosk_provider_id.check_for_kiosks()
            kinds = config.payment_method_ids.filtered("kiosk_kind").mapped("kiosk_kind")
            if len(kinds) != len(set(kinds)):
                raise ValidationError(self.env._("A kiosk has one payment method for each way to pay."))
            if config.module_pos_hr:
                raise ValidationError(self.env._("Nobody logs in at a kiosk: it has no employees."))

    @api.constrains("electricity_terminal_id", "payment_method_ids")
    def _check_kiosk_methods(self):
        for config in self.filtered(lambda config: not config.electricity_terminal_id):
            if config.payment_method_ids.filtered("kiosk_kind"):
                raise ValidationError(self.env._("Payment methods of kiosks are for kiosks only."))

    @api.private
    def method_of(self, kind):
        """Return the payment method that takes a kind of tender, or an empty record.

        :param kind: of ``electricity.tender``
        """
        if kind in NOTES:
            return self.payment_method_ids.filtered("is_cash_count")
        return self.payment_method_ids.filtered(lambda method: method.kiosk_kind == kind)

    @api.private
    def booking_method_of(self, kind):
        """Return the payment method that books a kind of tender, or an empty record.

        A provider's money may be told of when its way is no longer offered here: any bank's method books it.

        :param kind: of ``electricity.tender``
        """
        method = self.method_of(kind)
        if method or kind in NOTES:
            return method
        return self.payment_method_ids.filtered(lambda each: each.type == "bank" and not each.split_transactions)[:1]

    @api.private
    def books_homeless(self):
        """Tell whether this kiosk is the one of its company that books what was paid nobody knows where."""
        domain = [
            ("company_id", "=", self.company_id.id),
            ("electricity_terminal_id", "!=", False),
            ("payment_method_ids.kiosk_kind", "!=", False),
        ]
        return self == self.sudo().search(domain, order="id", limit=1)

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        configs = super().create(vals_list)
        configs.filtered("electricity_terminal_id")._make_kiosk_user()
        return configs

    def write(self, vals):
        if KIOSK_FIELDS & vals.keys() and any(config.has_active_session for config in self):
            raise UserError(self.env._("Close the session of this point of sale first: its kiosk is in use."))
        if (KIOSK_FIELDS | {"active", "company_id"}) & vals.keys():
            self.env.registry.clear_cache()
        done = super().write(vals)
        if vals.get("electricity_terminal_id"):
            self._make_kiosk_user()
        if "kiosk_notice" in vals:
            # Its page looks at once, unless somebody stands there.
            for config in self.filtered("electricity_terminal_id"):
                config._notify("ELECTRICITY_KIOSK", {})
        return done

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    def _make_kiosk_user(self):
        """Give each kiosk a user of its own, whom only its terminal can log in."""
        for config in self.filtered(lambda config: not config.sudo().kiosk_user_id):
            terminal = config.electricity_terminal_id.sudo()
            user = (
                self.env["res.users"]
                .sudo()
                .with_context(no_reset_password=True)
                .create(
                    {
                        "name": config.name,
                        "login": f"kiosk-{terminal.uuid}",
                        "company_id": config.company_id.id,
                        "company_ids": [Command.set(config.company_id.ids)],
                        "group_ids": [Command.set(self.env.ref("kiosk_hw.group_kiosk").ids)],
                        "tz": config.company_id.partner_id.tz,
                    }
                )
            )
            config.sudo().kiosk_user_id = user
            terminal.write({"kind": "kiosk", "user_ids": [Command.set(user.ids)]})

    @api.model
    @api.private
    def _of_kiosk_user(self, user_id):
        """Return the kiosk of a user, or an empty record.

        :param user_id: database id
        """
        config_id, *values = self._kiosk_facts(user_id)
        config = self.browse(config_id)
        if config:
            for name, value in zip(_ASKED_ALWAYS, values, strict=True):
                config._fields[name]._insert_cache(config, [value])
        return config

    @ormcache("user_id")
    def _kiosk_facts(self, user_id):
        # Asked by every call of a kiosk, and once for each login of anybody.
        config = self.sudo().search([("kiosk_user_id", "=", user_id)], limit=1)
        return config.id, *(config[name].id for name in _ASKED_ALWAYS)

    def _as_kiosk(self):
        """Return this configuration as superuser when the caller is the user of this kiosk, else as it is."""
        own = self.env.user.kiosk_config()
        return self.sudo() if own and self == own.with_env(self.env) else self

    def register_new_device_identifier(self):
        return super(PosConfig, self._as_kiosk()).register_new_device_identifier()

    # As the stock method has it: Odoo compares signatures.
    def read_config_open_orders(self, domain, record_ids=[]):  # noqa: B006  # pylint: disable=dangerous-default-value
        if self.env.user.kiosk_config():
            # Orders of a kiosk are made by the server, after the money: none is open in a browser.
            return {"dynamic_records": {}, "deleted_record_ids": {}}
        return super().read_config_open_orders(domain, record_ids)

    @api.private
    def open_kiosk_session(self):
        """Return the open session of a kiosk, opened now when there is none; nobody stands there to do it.

        :return: one ``pos.session`` in state ``opened``
        """
        self.ensure_one()
        # Two browsers, or a browser and the cron, at the same moment: one of them opens it.
        self.lock_for_update()
        self.invalidate_recordset()
        session = self.current_session_id
        if not session or session.state == "closing_control":
            session = self.env["pos.session"].create({"config_id": self.id, "user_id": self.kiosk_user_id.id})
        if session.state == "opening_control":
            session.set_opening_control(session.cash_register_balance_start, "")
        return session
