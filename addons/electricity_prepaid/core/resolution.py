"""What a later reading of the card says about an uncertain write. A table, and one function that reads it.

A result never justifies giving money back: images can be forged (``docs/protocol/card-layout-demo.md``).
"""

from dataclasses import dataclass

from .card_image import LOCKED, OK, VALID, PurchaseBlock

WRITTEN = "written"
REWRITE = "rewrite"
HOLD = "hold"


@dataclass(frozen=True)
class Ordered:
    """The order in question.

    :param block: what was to be written, with the order's count n
    :param previous: what the card held before, with count n − 1; None when not known, then only the count is compared
    """

    block: PurchaseBlock
    previous: PurchaseBlock | None = None

    @property
    def count(self):
        """The order's purchase count n."""
        return self.block.count


#: ``(content, write-back) -> what to do``; every pair that is not here is held for staff with both images.
#: A damaged write-back beside the ordered content is a torn commit (``docs/decisions/0002``).
TABLE = {
    ("ordered", "empty"): WRITTEN,
    ("ordered", "n"): WRITTEN,
    ("ordered", "n-1"): REWRITE,
    ("ordered", "damaged"): REWRITE,
    ("before", "n-1"): REWRITE,
}


def _content(card, ordered):
    if card.block is None:
        return "other"
    if card.block == ordered.block:
        return "ordered"
    if card.count == ordered.count - 1 and ordered.previous in (None, card.block):
        return "before"
    return "other"


def _writeback(card, ordered):
    writeback = card.writeback
    if writeback.state != VALID:
        return writeback.state
    return {ordered.count: "n", ordered.count - 1: "n-1"}.get(writeback.count, "other")


def classify(card, ordered):
    """Return the pair by which :data:`TABLE` is read, for the record beside the two images."""
    return _content(card, ordered), _writeback(card, ordered)


def resolve(card, ordered):
    """Return ``written``, ``rewrite`` or ``hold``.

    :param card: :class:`~.card_image.CardImage` of a verified snapshot that is newer than every attempt of the order
    :param ordered: an :class:`Ordered`
    """
    result = TABLE.get(classify(card, ordered), HOLD)
    if card.condition == OK or (card.condition == LOCKED and result == WRITTEN):
        return result
    return HOLD
