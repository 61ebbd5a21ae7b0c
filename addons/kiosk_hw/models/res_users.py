"""The user of a kiosk: a name for what happened there, without a password and without a single right."""

from odoo import api, fields, models
from odoo.addons.electricity_prepaid.core.errors import Refusal
from odoo.exceptions import AccessDenied, ValidationError

CREDENTIAL = "electricity_kiosk"
"""Type of the credential: a statement that the kiosk's terminal has signed."""


class ResUsers(models.Model):
    _inherit = "res.users"

    kiosk_config_ids = fields.One2many("pos.config", "kiosk_user_id", "Kiosk", groups="base.group_system")

    @api.private
    def kiosk_config(self):
        """Return the kiosk whose user this is, as superuser, or an empty record."""
        self.ensure_one()
        return self.env["pos.config"].sudo()._of_kiosk_user(self.id)

    @api.constrains("group_ids")
    def _check_kiosk_groups(self):
        for user in self.filtered(lambda user: user.kiosk_config()):
            if user.group_ids - self.env.ref("kiosk_hw.group_kiosk"):
                raise ValidationError(
                    self.env._(
                        "“%(user)s” is the user of a kiosk, where anybody may stand: it gets no further rights.",
                        user=user.name,
                    )
                )

    def _check_credentials(self, credential, env):
        config = self.kiosk_config()
        if not config:
            if credential["type"] == CREDENTIAL:
                raise AccessDenied
            return super()._check_credentials(credential, env)
        # Neither password nor key: whoever has one is not the machine.
        if credential["type"] != CREDENTIAL:
            raise AccessDenied
        try:
            self.env["electricity.kiosk.login"]._redeem(config, credential["token"], env.get("REMOTE_ADDR"))
        except Refusal:
            raise AccessDenied from None
        return {"uid": self.id, "auth_method": CREDENTIAL, "mfa": "skip"}
