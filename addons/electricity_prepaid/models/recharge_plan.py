"""What one write puts on a card, built from what the order decided."""

from dataclasses import dataclass, field
from typing import Any

from odoo import models

from ..core import codecs, codes
from ..core.card_image import CpuBlock, ImageWrite, PurchaseBlock
from .card_drivers import is_cpu

TAKE_LIMITS = 1
"""Flag of a purchase block: the meter takes alarms and hoard limit."""
CARD_TYPES = {"open": 1, "purchase": 2, "replace": 3}
ISSUING = ("open", "replace")
"""Operations that make a blank card the card of an account."""
_U16 = 0xFFFF


@dataclass(frozen=True)
class Plan:
    """What one attempt writes.

    :param op: of the write order
    :param write: ``PurchaseBlock`` or ``ImageWrite``
    :param block: what the card says of the purchase afterwards; None when it is cleared or set back
    :param changes: fields of the order to write with the attempt
    :param card: the blank card that is issued, if any
    :param card_values: its fields to write with the attempt: a refusal on the way must leave it anybody's
    """

    op: str
    write: PurchaseBlock | ImageWrite
    block: PurchaseBlock | CpuBlock | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    card: Any = None
    card_values: dict[str, Any] = field(default_factory=dict)


def said_by(driver, write, block):
    """Return what a card says once it is written: the image has the last word on what was asked for.

    :param driver: of the card
    :param write: ``PurchaseBlock`` or ``ImageWrite``
    :param block: what was asked for
    """
    return codecs.decode(driver, write.image).block if isinstance(write, ImageWrite) else block


class ElectricityRecharge(models.Model):
    _inherit = "electricity.recharge"

    def _block(self, facts, op, count, quantity, issue, companions):
        """Return what a card says of a purchase.

        :param facts: of the account
        :param op: ``open``, ``purchase`` or ``replace``
        :param count: purchase count
        :param quantity: 0.01 kWh or cents
        :param issue: issue number of the card
        :param companions: :class:`~.recharge_companions.Companions`
        """
        if is_cpu(facts.driver):
            return CpuBlock(
                count=count,
                amount=quantity,
                user_type=facts.user_type,
                update_flag=companions.flag,
                switch_time=companions.switch_time,
                alarm1=facts.alarm1,
                alarm2=facts.alarm2,
                ct=facts.ct,
                pt=facts.pt,
                card_type=CARD_TYPES[op],
            )
        return PurchaseBlock(
            count=count,
            energy=quantity,
            alarm1=min(facts.alarm1, _U16),
            alarm2=min(facts.alarm2, _U16),
            hoard=facts.limits.hoard,
            issue=issue,
            flags=TAKE_LIMITS,
        )

    def _write_claim(self, driver, op, block, memory, files=None):
        """Return what a write order says for an operation.

        :param driver: of the card
        :param op: ``open``, ``purchase``, ``replace``, ``rewrite`` (of a purchase) or ``clear``
        :param block: what the card says afterwards, None to clear it
        :param memory: the card before
        :param files: companions {SFI: bytes}
        """
        if op in ("purchase", "rewrite") and not is_cpu(driver):
            return block
        codec = codecs.codec_of(driver)
        if codec is None:
            self._refuse(codes.O_DRIVER_UNKNOWN)
        if op == "clear":
            return ImageWrite(count=0, quantity=0, image=codec.image_for("clear", memory))
        # The order's own numbers: those on the card may be torn with the file they are in.
        numbers = {"customer_no": self.account_no, "meter_no": self.meter_no}
        if op in ISSUING and is_cpu(driver):
            numbers["key_version"] = self._key_version(codec, memory)
        image = codec.image_for(op, memory, block=block, **numbers)
        return ImageWrite(count=block.count, quantity=block.quantity, image=image, files=dict(files or {}))

    def _key_version(self, codec, memory):
        """Return the version of the keys that a card of this order gets: the same when it is written again.

        :param codec: of the card
        :param memory: the card before
        """
        for attempt in self._attempts().sorted("id"):
            image = bytes.fromhex(attempt.expected_image or "")
            if attempt.op in ISSUING and codec.identity(image) == codec.identity(memory):
                return codec.key_version(image)
        return self.env["electricity.keyring"].load_card_keys().current(codec.DRIVER)

    def _check_gives_keys(self, plan, reading):
        """Check that the terminal may issue a card, or finish an issue that was torn before the card had its keys.

        :param plan: what is to be written
        :param reading: of the card
        :raises Refusal: K-110
        """
        driver = reading.snapshot.driver
        if not is_cpu(driver):
            return
        versions = {codecs.codec_of(driver).key_version(image) for image in (reading.snapshot.memory, plan.write.image)}
        if plan.op in ISSUING or len(versions) > 1:
            reading.terminal._check_issues(driver)

    def _ordered_block(self):
        """Return what this order's card must say, or None when nothing was decided or the card is being cleared."""
        return codecs.block_from_claim(self.driver, self.card_block) if self.card_block else None

    def _files(self):
        """Return the companions of this order, {SFI: bytes}."""
        return {int(sfi): bytes.fromhex(data) for sfi, data in (self.card_files or {}).items()}

    def _write_op(self):
        """Return the operation that the order's present card is written for: that of the last one that began."""
        first = self.attempt_ids.filtered(lambda attempt: attempt.op not in ("rewrite", "reverse"))
        return first[-1:].op or self.op
