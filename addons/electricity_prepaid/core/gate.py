"""May this card be written for this operation? One table, one function that reads it.

Every operation has rows ``(condition, code)``, checked from the top; the first condition that does not hold gives the
code. The image is fresh (the caller has verified the snapshot) and the account's state is the stored one.
"""

from dataclasses import dataclass, field

from . import codes
from .card_image import BLANK, DAMAGED, EMPTY, FOREIGN, LEAST_TRIES, LOCKED, UNKNOWN, VALID, CpuBlock, PurchaseBlock
from .transitions import OPEN_STATES

#: States in which an order at the highest reserved count may be written again; the meter may have refused a written
#: one.
REWRITABLE_STATES = (*OPEN_STATES, "written")


@dataclass(frozen=True)
class OrderAt:
    """The order that holds the account's highest reserved count, open or written.

    :param count: its purchase count n
    :param state: state of the order
    :param block: what the card must hold, a :class:`PurchaseBlock` or a :class:`CpuBlock`
    :param paid: paid in full
    :param rewritten: more than one attempt may have reached a card, or the count was issued again on another card
    :param card_stayed: the card has not left the reader since the write, and the terminal's receipt for it is here: a
        receipt that comes after the reversal would make a dispute
    :param torn: the image read is one that an interrupted attempt of this order leaves (:func:`.resolution.is_torn`)
    """

    count: int
    state: str
    block: PurchaseBlock | CpuBlock
    paid: bool = True
    rewritten: bool = False
    card_stayed: bool = False
    torn: bool = False


@dataclass(frozen=True)
class AccountState:
    """What is stored about an account and its current card.

    :param customer_no: 12 digits
    :param meter_no: 12 digits
    :param serial: serial number of the current card, 12 or 16 digits
    :param issue: issue number of the current card
    :param last_count: highest reserved purchase count of the current installation; giving an order up releases its
        count
    :param generation: number of the current meter installation
    :param card_generation: installation for which the card in the reader was issued
    :param status: ``draft``, ``active``, ``suspended`` or ``closed``
    :param settled: nothing is owed in either direction
    :param order: the order at ``last_count``, or a draft that has no count yet; None when there is none
    :param last_in_meter: a card or a meter reading shows that the meter has ``last_count``
    :param driver: the driver that the meter's model asks for; None takes any card
    :param unit: ``kwh`` or ``cents``, what our records say of that driver's cards; None takes either
    :param tries: tries left at which a supervisor lets the code be presented; None: only while none is used up
    :param staff: the caller may go on where a card does not say its count (C-117)
    """

    customer_no: str
    meter_no: str
    serial: str
    issue: int
    last_count: int
    generation: int = 1
    card_generation: int = 1
    status: str = "active"
    settled: bool = False
    order: OrderAt | None = None
    last_in_meter: bool = False
    driver: str | None = None
    unit: str | None = None
    tries: int | None = None
    staff: bool = False


@dataclass(frozen=True)
class GateResult:
    """The answer of the gate.

    :param allowed: the card may be written
    :param code: why not, a code of the catalogue
    :param count: purchase count to write, when allowed
    :param params: values for the code's sentence
    """

    allowed: bool
    code: str | None = None
    count: int | None = None
    params: dict = field(default_factory=dict)


def inserted(card, account):
    """Return whether the card has been in the meter since the last purchase: the write-back says the same count.

    Of a card without a readable count its library says only that the meter took what is on it.
    """
    counted = card.writeback.count == account.last_count or not card.count_readable
    return card.writeback.state == VALID and counted


def _code_presentable(card, account):
    if card.tries == card.full_tries:
        return True
    return account is not None and LEAST_TRIES <= card.tries == account.tries


def _issue_current(card, account):
    """A CPU card carries no issue number; there the serial says it."""
    if card.issue is None:
        return True
    return card.issue == account.issue and card.block is not None and card.block.issue == account.issue


def _writeback_not_ahead(card, account):
    return card.writeback.state != VALID or card.writeback.count <= account.last_count


def _order_rewritable(card, account):
    order = account.order
    return bool(order and order.paid and order.state in REWRITABLE_STATES and order.count == account.last_count)


def _not_in_meter(card, account):
    return not (card.writeback.state == VALID and card.writeback.count == account.order.count)


def _torn(account):
    return bool(account and account.order and account.order.torn)


def _or_torn(condition):
    """A torn card is known by its serial: its numbers may be half written, but they are those that we ordered."""
    return lambda card, account: _torn(account) or condition(card, account)


def _not_complete(card, account):
    """A complete write that only waits for the meter is not written again."""
    return card.writeback.state != EMPTY or (_torn(account) and card.block != account.order.block)


def _fits_order(card, account):
    """The count before with its write-back, or the ordered content that the meter has not answered."""
    order, writeback = account.order, card.writeback
    if order.torn:
        return True
    before = writeback.state == VALID and writeback.count == order.count - 1
    if card.count == order.count - 1:
        return before
    return card.block == order.block and (before or writeback.state == DAMAGED)


def _writeback_fits(card, account):
    as_ordered = card.block == account.order.block
    return card.writeback.state != DAMAGED or as_ordered or account.order.torn


def _no_live_attempt(card, account):
    """What may still be written on the old card, or is disputed, is not issued again."""
    return account.order is None or account.order.state not in ("authorized", "dispute")


def _untouched_since_write(card, account):
    order = account.order
    return bool(
        order
        and order.state == "written"
        and order.card_stayed
        and not order.rewritten
        and card.block == order.block
        and card.writeback.state == EMPTY
    )


#: What the rows' names mean: ``name -> (card, account) -> bool``.
CONDITIONS = {
    "known": lambda card, account: card.condition != UNKNOWN,
    "count readable": lambda card, account: card.count_readable or bool(account and account.staff),
    "ours": lambda card, account: card.condition != FOREIGN,
    "unlocked": lambda card, account: card.condition != LOCKED,
    "no code tried, or allowed": _code_presentable,
    "issued": lambda card, account: card.condition != BLANK,
    "whole": lambda card, account: card.condition != DAMAGED,
    "blank": lambda card, account: card.condition == BLANK,
    "registered": lambda card, account: account is not None,
    "account active": lambda card, account: account.status == "active",
    "account not closed": lambda card, account: account.status != "closed",
    "not opened yet": lambda card, account: account.status not in ("draft", "active") or account.last_count == 0,
    "account new": lambda card, account: account.status in ("draft", "active") and account.last_count == 0,
    "closed or settled": lambda card, account: account.status == "closed" or account.settled,
    "driver fits": lambda card, account: (
        account.driver in (None, card.driver) and (None in (account.unit, card.unit) or account.unit == card.unit)
    ),
    "serial current": lambda card, account: card.serial == account.serial,
    "customer equal": lambda card, account: card.customer_no == account.customer_no,
    "meter equal": lambda card, account: card.meter_no == account.meter_no,
    "generation current": lambda card, account: account.card_generation == account.generation,
    "issue current": _issue_current,
    "no open order": lambda card, account: account.order is None or account.order.state not in OPEN_STATES,
    "write-back whole": lambda card, account: card.writeback.state != DAMAGED,
    "write-back not ahead": _writeback_not_ahead,
    "count equal": lambda card, account: not card.count_readable or card.count == account.last_count,
    "inserted": inserted,
    "order to write": _order_rewritable,
    "not in the meter": _not_in_meter,
    "not complete": _not_complete,
    "write-back fits": _writeback_fits,
    "fits the order": _fits_order,
    "no live attempt": _no_live_attempt,
    "untouched since the write": _untouched_since_write,
}
#: Of a torn card these hold anyway: half of what they look at may not be written yet.
_UNREADABLE_WHEN_TORN = ("issued", "whole", "customer equal", "meter equal", "issue current")
CONDITIONS.update({f"{name}, or torn": _or_torn(CONDITIONS[name]) for name in _UNREADABLE_WHEN_TORN})

_READABLE = (
    ("known", codes.C_UNKNOWN_CHIP),
    ("ours", codes.C_FOREIGN),
    ("unlocked", codes.C_LOCKED),
    ("no code tried, or allowed", codes.C_TRIES_USED),
)
_CURRENT = (
    ("issued", codes.C_BLANK),
    ("whole", codes.C_DAMAGED),
    ("registered", codes.C_NOT_REGISTERED),
    # Its cards are void: none of them was replaced, and there is no newest one.
    ("account not closed", codes.C_ACCOUNT_CLOSED),
    ("driver fits", codes.C_CARD_TYPE),
    ("serial current", codes.C_REPLACED),
    ("customer equal", codes.C_OTHER_CUSTOMER),
    ("meter equal", codes.C_OTHER_METER),
    ("generation current", codes.C_WRONG_GENERATION),
    ("issue current", codes.C_REPLACED),
    ("count readable", codes.C_COUNT_UNREADABLE),
)
_CURRENT_OR_TORN = tuple(
    (f"{name}, or torn" if name in _UNREADABLE_WHEN_TORN else name, code) for name, code in _CURRENT
)

#: The gate: rows ``(condition, code)`` for every operation.
RULES = {
    "open": (
        *_READABLE,
        ("blank", codes.C_NOT_BLANK),
        ("registered", codes.C_NOT_REGISTERED),
        ("driver fits", codes.C_CARD_TYPE),
        ("not opened yet", codes.S_OPENED_ALREADY),
        ("account new", codes.S_ACCOUNT_INACTIVE),
        ("no live attempt", codes.S_NOT_IN_STATE),
    ),
    "purchase": (
        *_READABLE,
        *_CURRENT,
        ("account active", codes.S_ACCOUNT_INACTIVE),
        ("no open order", codes.S_OTHER_OPEN),
        ("count equal", codes.C_COUNT_DIFFERS),
        ("write-back whole", codes.C_ANSWER_DAMAGED),
        ("write-back not ahead", codes.C_COUNT_DIFFERS),
        ("inserted", codes.C_NOT_INSERTED),
    ),
    "rewrite": (
        *_READABLE,
        *_CURRENT_OR_TORN,
        ("order to write", codes.S_NOT_IN_STATE),
        ("not in the meter", codes.C_IN_METER),
        ("write-back not ahead", codes.C_COUNT_DIFFERS),
        ("not complete", codes.C_NOT_INSERTED),
        ("write-back fits", codes.C_DAMAGED),
        ("fits the order", codes.C_COUNT_DIFFERS),
    ),
    "reverse": (
        *_READABLE,
        *_CURRENT,
        ("untouched since the write", codes.S_MAY_NOT_CANCEL),
    ),
    "replace": (
        *_READABLE,
        ("blank", codes.C_NOT_BLANK),
        ("registered", codes.C_NOT_REGISTERED),
        ("driver fits", codes.C_CARD_TYPE),
        ("account not closed", codes.S_ACCOUNT_INACTIVE),
        ("no live attempt", codes.S_NOT_IN_STATE),
    ),
    "clear": (
        *_READABLE,
        ("issued", codes.C_BLANK),
        ("registered", codes.C_NOT_REGISTERED),
        ("serial current", codes.C_REPLACED),
        ("closed or settled", codes.S_ACCOUNT_INACTIVE),
    ),
}

#: The count that an allowed operation writes.
COUNTS = {
    "open": lambda account: 1,
    "purchase": lambda account: account.last_count + 1,
    "rewrite": lambda account: account.last_count,
    "reverse": lambda account: account.last_count - 1,
    # The customer's word decides nothing: without proof that the meter has it, the highest reserved count is issued
    # again.
    "replace": lambda account: account.last_count + 1 if account.last_in_meter else account.last_count,
    "clear": lambda account: 0,
}

OPERATIONS = tuple(RULES)


def check(operation, card, account):
    """Decide whether a card may be written.

    :param operation: one of :data:`OPERATIONS`
    :param card: :class:`~.card_image.CardImage` of a fresh, verified snapshot
    :param account: :class:`AccountState` of the account to which the card's serial belongs, None when not registered
    :return: a :class:`GateResult`
    """
    for condition, code in RULES[operation]:
        if not CONDITIONS[condition](card, account):
            return GateResult(allowed=False, code=code)
    return GateResult(allowed=True, count=COUNTS[operation](account))
