"""What ``odoo electricity_keys`` does in a database."""

import os

from odoo import api, models

from ..core import card_keys, keyring
from ..core.errors import Refusal


class ElectricityKeyring(models.AbstractModel):
    _inherit = "electricity.keyring"

    @api.model
    @api.private
    def command(self, action, terminal_code=None):
        """Carry out one action of the command.

        :param action: ``init``, ``show``, ``restored``, ``rotate`` or ``pair``
        :param terminal_code: code of a terminal, for ``pair``
        :return: text for the operator (never a secret but the pairing code), and whether it went well
        """
        try:
            if action == "pair":
                return self._command_pair(terminal_code)
            return getattr(self, f"_command_{action}")()
        except Refusal as refusal:
            return " ".join([str(refusal), *refusal.params.values()]), False
        except (OSError, KeyError) as error:
            return f"{type(error).__name__}: {error}", False

    def _command_init(self):
        ring_path, cards_path = self.path("keyring"), self.path("card_keys")
        lines = []
        for path in (ring_path, cards_path):
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        if os.path.exists(ring_path):
            lines.append(f"{ring_path}: exists, left as it is.")
        else:
            keyring.provision(ring_path, self.database_uuid())
            lines.append(f"{ring_path}: made.")
        if os.path.exists(cards_path):
            lines.append(f"{cards_path}: exists, left as it is.")
        else:
            card_keys.SoftwareCardKeys.provision(cards_path)
            lines.append(f"{cards_path}: made. {card_keys.WARNING}")
        ring = self.load_ring()
        if not self._accepted_epoch():
            self.accept_epoch(ring)
        text, good = self._command_show()
        return "\n".join([*lines, text]), good

    def _command_show(self):
        ring = keyring.load(self.path("keyring"))
        accepted = self._accepted_epoch()
        fits = ring.db_uuid == self.database_uuid()
        good = fits and accepted == str(ring.epoch)
        lines = [
            f"database   {self.database_uuid()}",
            f"key ring   {self.path('keyring')} of database {ring.db_uuid}{'' if fits else ' (another one!)'}",
            f"key        {ring.active.kid}",
            f"epoch      {ring.epoch} beside the keys, {accepted or 'none'} in the database",
            f"card keys  {self.path('card_keys')}: drivers {', '.join(sorted(self.load_card_keys().masters))}",
            "sales      allowed"
            if good
            else "sales      STOPPED (T-106). After a restore: odoo electricity_keys restored",
        ]
        return "\n".join(lines), good

    def _command_restored(self):
        self.load_ring()
        ring = keyring.raise_epoch(self.path("keyring"))
        self.accept_epoch(ring)
        return f"The epoch is {ring.epoch}. Orders issued before are void for every terminal that hears of it.", True

    def _command_rotate(self):
        self.load_ring()
        ring = keyring.rotate(self.path("keyring"))
        return (
            f"The new key is {ring.active.kid}. Pair each terminal again: until then it refuses to write (O-102).",
            True,
        )

    def _command_pair(self, terminal_code):
        terminal = self.env["electricity.terminal"].search([("code", "=", terminal_code)], limit=1)
        if not terminal:
            return f"There is no terminal with the code {terminal_code!r}.", False
        return terminal.new_pairing_code(), True
