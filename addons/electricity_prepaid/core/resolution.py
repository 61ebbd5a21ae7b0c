"""What a later reading of the card says about an uncertain write. A table, and one function that reads it.

A result never justifies giving money back: images can be forged (``docs/protocol/card-layout-demo.md``).
"""

from dataclasses import dataclass

from . import codecs
from .card_image import BLANK, DAMAGED, LOCKED, OK, VALID, CpuBlock, PurchaseBlock

WRITTEN = "written"
REWRITE = "rewrite"
HOLD = "hold"


@dataclass(frozen=True)
class Ordered:
    """The order in question.

    :param block: what was to be written, with the order's count n
    :param previous: what the card held before, with count n − 1; None when not known, then only the count is compared
    :param torn: the image read is one that an interrupted attempt of the order leaves (:func:`is_torn`)
    """

    block: PurchaseBlock | CpuBlock
    previous: PurchaseBlock | CpuBlock | None = None
    torn: bool = False

    @property
    def count(self):
        """The order's purchase count n."""
        return self.block.count


#: ``(content, write-back) -> what to do``; every pair that is not here is held for staff with both images.
#: A damaged write-back beside the ordered content is a torn commit (``docs/decisions/0002``). A torn image is wholly of
#: our own making, and no meter credits it, so it is written again; its write-back is empty on a card that was being
#: issued.
TABLE = {
    ("ordered", "empty"): WRITTEN,
    ("ordered", "n"): WRITTEN,
    ("ordered", "n-1"): REWRITE,
    ("ordered", "damaged"): REWRITE,
    ("before", "n-1"): REWRITE,
    ("torn", "n-1"): REWRITE,
    ("torn", "empty"): REWRITE,
    ("torn", "damaged"): REWRITE,
}


def is_torn(driver, memory, images):
    """Return whether an interrupted attempt of an order can have left an image; untouched and complete ones count too.

    :param driver: of the card
    :param memory: raw bytes that were read
    :param images: ``(before, after)`` of every attempt of the order, those to reverse it included, raw bytes or hex
    """
    return any(codecs.lies_between(driver, before, after, memory) for before, after in images)


def _content(card, ordered):
    if card.block is not None:
        if card.block == ordered.block:
            return "ordered"
        if card.count == ordered.count - 1 and ordered.previous in (None, card.block):
            return "before"
    return "torn" if ordered.torn else "other"


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
    content, writeback = classify(card, ordered)
    result = TABLE.get((content, writeback), HOLD)
    readable = card.condition == OK or (card.condition == LOCKED and result == WRITTEN)
    half_written = content == "torn" and card.condition in (BLANK, DAMAGED)
    return result if readable or half_written else HOLD
