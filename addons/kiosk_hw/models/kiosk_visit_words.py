"""What a kiosk's page said of itself, in words of the operator's language."""

from odoo import models

DIGIT = "digit"
"""What the page says instead of a digit that was touched."""


class ElectricityKioskVisit(models.Model):
    _inherit = "electricity.kiosk.visit"

    def _screen_names(self):
        """Return what the screens of the page are, in words; others are shown by their own names."""
        return {
            "attract": self.env._("Start screen"),
            "services": self.env._("Asks what the customer wants to do"),
            "card": self.env._("Asks for the card"),
            "identify": self.env._("Asks who the customer is"),
            "reading": self.env._("Reads the card, or asks"),
            "file": self.env._("Account and latest purchases"),
            "bills": self.env._("Bills that are owed"),
            "elsewhere": self.env._("Something was begun at another terminal"),
            "amount": self.env._("Asks for the amount"),
            "confirm": self.env._("Shows the purchase, to be confirmed"),
            "choose_payment": self.env._("Asks how to pay"),
            "paying": self.env._("Takes notes"),
            "qr": self.env._("Shows the QR code to pay"),
            "bank_card": self.env._("Asks for the bank card"),
            "writing": self.env._("Writes the card"),
            "unclear": self.env._("Not known whether it is paid"),
            "kept": self.env._("Nothing bought, the money is balance"),
            "nothing": self.env._("Nothing is to be written"),
            "refused": self.env._("This is not possible"),
            "done": self.env._("How the purchase ended"),
            "take": self.env._("Asks to take the card"),
        }

    def _page_rows(self):
        """Return what the page said, oldest first; digits that were touched one after the other are one row.

        :return: list of ``(step, text)``
        """
        screens, rows, digits = self._screen_names(), [], 0
        for step in self.step_ids.filtered(lambda each: each.source == "page"):
            if (step.call, step.detail) == ("key", DIGIT):
                digits += 1
                first = step if digits == 1 else rows.pop()[0]
                rows.append((first, self.env._("Digits, %(count)s times", count=digits)))
                continue
            digits = 0
            is_screen = step.call == "screen"
            rows.append((step, screens.get(step.detail, step.detail) if is_screen else step.detail or ""))
        return rows
