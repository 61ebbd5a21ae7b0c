"""The button that leads to the account of a record."""

from odoo import models

ACCOUNT_BUTTON = "electricity.account.button"
"""Name of the mixin; importing it also makes the mixin known before the models that use it."""


class ElectricityAccountButton(models.AbstractModel):
    """Opens the account of a record that has ``electricity_account_id``."""

    _name = ACCOUNT_BUTTON
    _description = "Button to the Account"

    def action_open_account(self):
        """Return the window action with the account of this record."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "electricity.account",
            "res_id": self.electricity_account_id.id,
            "view_mode": "form",
        }
