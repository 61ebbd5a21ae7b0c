"""The state of the model check: one account with its cards, meter, orders and attempts, and where a search begins."""

from dataclasses import dataclass
from typing import NamedTuple

from prepaid_core import evidence, gate, resolution, transitions
from prepaid_core.card_image import WriteBack

from tests.core.card_families import CUSTOMER, DEMO, METER, OPENING

#: Two amounts by turns; each order adds its number, so that a credit names its order. One cent buys 0.01 kWh here.
AMOUNTS = (100, 200)
GIVEN_UP = ("cancelled", "reversed")


class Attempt(NamedTuple):
    """One physical try. ``truth``: ``pending`` (the terminal may act), ``gone`` (the card has left, it can only sign a
    void), or the outcome that it has signed; ``state`` is what Odoo knows."""

    op: str
    state: str
    truth: str
    expect: bytes
    stayed: bool = False
    received: bool = False


class Order(NamedTuple):
    """One order; ``count`` is None before the first attempt.

    ``op``: how its content came on the card that holds it; ``images``: what its attempts were to make of which image.
    """

    energy: int
    count: int | None
    state: str
    attempts: tuple = ()
    op: str = "purchase"
    images: tuple = ()


class World(NamedTuple):
    """Everything: cards by issue number − 1, the customer's one copy, what is in the reader, meter, Odoo.

    ``meter_card``: the card that the meter remembers.
    """

    cards: tuple
    copy: tuple | None
    reader: int | None
    meter_count: int
    meter_card: int
    credits: tuple
    torn_credit: bool
    removed: bool
    last_count: int
    orders: tuple
    debited: int
    family: object = DEMO
    opened: bool = True

    @property
    def current(self):
        """Index of the account's current card."""
        return len(self.cards) - 1


@dataclass(frozen=True)
class Rules:
    """The rules under test; a mutation replaces one."""

    check: object = staticmethod(gate.check)
    resolve: object = staticmethod(resolution.resolve)
    derive: object = staticmethod(transitions.derive)
    attempt_after: object = staticmethod(transitions.attempt_after)
    judge_reading: object = staticmethod(evidence.judge_reading)
    write_steps: object = None
    rewritten: object = staticmethod(evidence.is_rewritten)
    stayed: object = staticmethod(lambda attempt: attempt.stayed and attempt.state == "written")
    late_reverse_counts: bool = False
    cancel_by_image: bool = False
    refund_by_reading: tuple = (evidence.FENCED,)
    rewrite_count: int = 0
    replace_count: int = 0
    release_count: bool = True
    fine_tears: bool = True
    fine_issue: bool = False
    is_torn: object = staticmethod(resolution.is_torn)


@dataclass(frozen=True)
class Bounds:
    """How far the world may go."""

    orders: int = 2
    attempts: int = 2
    copies: bool = True
    replacements: int = 1
    reversal: bool = True
    removal: bool = True
    refusals: bool = True


def start(family=DEMO):
    """An opened account whose last purchase is in the meter."""
    first = family.first_count
    return World((family.opened(),), None, None, first, 0, (), False, False, first, (), 0, family)


def start_replaced(family):
    """An opened account whose first card was replaced; the meter remembers the new one, the old one is still there."""
    first = family.first_count
    block, answered = family.block(first, OPENING, 1, "replace"), WriteBack("valid", first)
    new = family.codec.encode_card(family.serial(1), CUSTOMER, METER, block, answered)
    return World((family.opened(), new), None, None, first, 1, (), False, False, first, (), 0, family)


def start_unopened(family):
    """An account whose first card is blank and whose meter is not opened."""
    return World((family.blank(0),), None, None, 0, 0, (), False, False, 0, (), 0, family, False)
