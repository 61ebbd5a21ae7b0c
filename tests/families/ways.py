"""In what the cards of the drivers differ, for every test of this folder: what is not said here is the same for all."""

from dataclasses import dataclass

CPU_DRIVERS = ("gdw1365", "csg2015")
OWN_DRIVERS = ("sle4442_demo", "sle4428_demo", "at24_demo", *CPU_DRIVERS)


@dataclass(frozen=True)
class Ways:
    """What can be done with a driver's cards, and what they show.

    :param layout: the driver of ours whose layout they have, where it is another one
    :param operations: beside the purchase
    :param says_count: the card says its count; else nothing is ever written again, staff sell, and what is unknown is
        theirs
    :param torn_readable: a card that was torn in a write can still be read
    :param answer_torn_at: bytes of the meter's answer after which, torn, it is neither the old nor the new one
    """

    layout: str | None = None
    operations: frozenset[str] = frozenset({"rewrite", "reverse", "replace"})
    says_count: bool = True
    torn_readable: bool = True
    answer_torn_at: int = 7


#: A library sets no sale back. Kaida's card is read by our own driver; Huali's and Zongliang's by nobody but the
#: library, and a record that is torn has no good check: their meters write it as a whole, the mark of the answer 32
#: bytes behind its begin.
WAYS = {
    **dict.fromkeys(OWN_DRIVERS, Ways()),
    "vendor:kaida": Ways("sle4442_demo", frozenset({"rewrite"})),
    "vendor:huali": Ways(None, frozenset({"rewrite", "replace"}), torn_readable=False, answer_torn_at=33),
    "vendor:zongliang": Ways(None, frozenset(), says_count=False, torn_readable=False, answer_torn_at=33),
}
DRIVERS = tuple(WAYS)


def able(operation):
    """Return the drivers whose cards can have this done to them."""
    return [driver for driver, ways in WAYS.items() if operation in ways.operations]
