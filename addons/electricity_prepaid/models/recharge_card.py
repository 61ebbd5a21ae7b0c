"""What the end of a write does to the card itself: in use, replaced, blank again."""

from odoo import models


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def _put_card_in_use(self):
        """Let the written card be what the order made of it, and remember which tariff it carries."""
        self.ensure_one()
        card, account = self.card_id, self.electricity_account_id
        if self.op == "clear":
            self._make_card_blank()
            return
        if card.state == "blank" and card.electricity_account_id == account:
            older = (account.card_ids - card).filtered(lambda other: other.state in ("active", "lost"))
            older.write({"state": "replaced"})
            # One active card per account: the old row must reach the unique index before the new one does.
            older.flush_recordset(["state"])
            card.write({"state": "active"})
            account.message_post(
                body=self.env._("Card %(card)s is in use: %(serial)s.", card=card.name, serial=self.name)
            )
        if self.op == "open" and account.state == "draft":
            account.write({"state": "active"})
        if self.sent_version_id:
            self.installation_id.write({"sent_version_id": self.sent_version_id.id})

    def _make_card_blank(self):
        """Release a cleared card: it may be issued to anybody."""
        card = self.card_id
        account = card.electricity_account_id
        card.write({"state": "blank", "electricity_account_id": False, "issue": 1, "generation": 1})
        if account:
            account.message_post(
                body=self.env._("Card %(card)s was cleared: %(serial)s.", card=card.name, serial=self.name)
            )

    def _forget_card(self, state):
        """Release the blank card that this order was to issue, when nothing was written on it.

        :param state: the order's new state, ``paid`` or ``cancelled``
        """
        card = self.card_id
        if card.state != "blank":
            return
        card.write({"electricity_account_id": False, "issue": 1, "generation": 1})
        if state == "paid" and self.op != "purchase":
            self.write({"card_id": False, "card_block": False, "card_files": False})
