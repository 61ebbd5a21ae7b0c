"""Making a terminal's keys worthless: stolen, sold, opened."""

from odoo import api, models
from odoo.exceptions import UserError


class ElectricityTerminal(models.Model):
    _inherit = "electricity.terminal"

    def action_open_revocation(self):
        """Open the window that asks why a terminal's keys are revoked."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revoke the Keys of the Terminal"),
            "res_model": "electricity.terminal.revocation",
            "view_mode": "form",
            "target": "new",
            "context": {"default_terminal_id": self.id},
        }

    @api.private
    def revoke(self, reason, actor=None):
        """Take no reading, receipt, heartbeat or key request of this terminal any more, and send it no order.

        Unlike a disabled terminal, it has no keys here: nothing that it signs can be verified. It comes back only by
        being paired again, and by an administrator who lets it sell.

        :param reason: kept in the history
        :param actor: who did it, when it is not the user
        """
        self.ensure_one()
        self._check_group("group_administrator")
        terminal = self.sudo()
        if not terminal.ed25519 and not terminal.pairing_verifier:
            raise UserError(self.env._("This terminal has no keys to revoke."))
        kid = terminal.kid or ""
        terminal.write(
            {
                "state": "disabled",
                "ed25519": False,
                "x25519": False,
                "kid": False,
                "pairing_handle": False,
                "pairing_verifier": False,
                "pairing_done": False,
            }
        )
        # What is on its way to this terminal must not be sealed for it a second time.
        attempts = (
            self.env["electricity.recharge.attempt"]
            .sudo()
            .search([("terminal_id", "=", terminal.id), ("sealed_token", "!=", False)])
        )
        attempts.write({"sealed_token": False})
        terminal.message_post(body=self.env._("Keys revoked (%(kid)s): %(reason)s", kid=kid, reason=reason))
        self.env["electricity.key.use"]._log(
            "revocation", terminal, actor=actor or self.env.user.login, note=f"{kid} {reason}".strip()
        )
