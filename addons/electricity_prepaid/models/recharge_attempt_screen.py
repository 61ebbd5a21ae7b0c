"""What the screen of an attempt shows: its card images as rows of bytes, with their meaning."""

from odoo import api, fields, models

from ..core import codecs

IMAGES = ("image_before", "expected_image", "image_after")
BYTES_PER_ROW = 16


def hex_dump(image):
    """Return an image as rows of sixteen bytes, each with its address.

    :param str image: bytes in hexadecimal digits
    :return: lines such as ``40  00 00 00 02 …``; the empty string without an image
    """
    memory = bytes.fromhex(image or "")
    return "\n".join(
        f"{address:02X}  {memory[address : address + BYTES_PER_ROW].hex(' ').upper()}"
        for address in range(0, len(memory), BYTES_PER_ROW)
    )


class ElectricityRechargeAttempt(models.Model):
    _inherit = "electricity.recharge.attempt"

    image_before_text = fields.Text("Before", compute="_compute_image_texts")
    expected_image_text = fields.Text("As Ordered", compute="_compute_image_texts")
    image_after_text = fields.Text("After", compute="_compute_image_texts")

    @api.depends(*IMAGES, "recharge_id.driver")
    @api.depends_context("lang")
    def _compute_image_texts(self):
        for attempt in self:
            for name in IMAGES:
                attempt[f"{name}_text"] = attempt._image_text(attempt[name])

    def _image_text(self, image):
        """Return what an image says, and its bytes below; False without an image."""
        if not image:
            return False
        return "\n".join([*self._image_meaning(image), "", hex_dump(image)])

    def _image_meaning(self, image):
        """Return lines with the condition, count, energy and write-back of an image."""
        conditions = {
            "ok": self.env._("Condition: in order"),
            "blank": self.env._("Condition: blank"),
            "foreign": self.env._("Condition: not one of our cards"),
            "damaged": self.env._("Condition: damaged"),
            "locked": self.env._("Condition: locked"),
            "unknown": self.env._("Condition: unknown kind of card"),
        }
        writebacks = {
            "empty": self.env._("Write-back: empty, not yet in the meter"),
            "valid": self.env._("Write-back: filled by the meter"),
            "damaged": self.env._("Write-back: damaged"),
        }
        card = codecs.decode(self.recharge_id.driver, image, 3)
        lines = [conditions[card.condition]]
        if card.condition not in ("ok", "damaged"):
            return lines
        if card.block:
            quantity = self.recharge_id._quantity_in_words(card.quantity)
            lines.append(self.env._("Purchase %(count)s: %(quantity)s", count=card.count, quantity=quantity))
        if card.writeback:
            lines.append(writebacks[card.writeback.state])
            if card.writeback.state == "valid":
                lines.append(self.env._("Count in the meter: %(count)s", count=card.writeback.count))
        return lines
