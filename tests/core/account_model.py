"""One account as a state machine: Odoo's rules, terminal, card bytes, meter and customer, with every fault a choice.

The rules are the real ones (``core``: gate, resolution, transitions, evidence, card codec; ``simulators.acceptance``
for the meter). Here stands only what they are applied to. A :class:`World` is one state; ``account_moves`` has every
next one.
"""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from prepaid_core import evidence, gate, resolution, transitions
from prepaid_core import sle4442_demo as codec
from prepaid_core.card_image import VALID, PurchaseBlock, WriteBack
from prepaid_core.errors import Refusal

from simulators import layout
from simulators.acceptance import decide as meter_decides
from simulators.meter_state import MeterState

CUSTOMER, METER = "000000004567", "000000008901"
OPENING_ENERGY = 7
#: Two amounts by turns; each order adds its number, so that a credit names its order. One cent buys 0.01 kWh here.
AMOUNTS = (100, 200)
GIVEN_UP = ("cancelled", "reversed")
WRITE_BACK = slice(0x80, 0x80 + 26)


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
    """One order; ``count`` is None before the first attempt."""

    energy: int
    count: int | None
    state: str
    attempts: tuple = ()


class World(NamedTuple):
    """Everything: cards by issue number − 1, the customer's one copy, what is in the reader, meter, Odoo."""

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
    write_steps: object = staticmethod(codec.write_steps)
    rewritten: object = staticmethod(lambda others: any(a.state not in evidence.PROVED_NOT_EXECUTED for a in others))
    stayed: object = staticmethod(lambda attempt: attempt.stayed and attempt.state == "written")
    late_reverse_counts: bool = False
    cancel_by_image: bool = False
    refund_by_reading: tuple = (evidence.FENCED,)
    rewrite_count: int = 0
    replace_count: int = 0
    release_count: bool = True
    fine_tears: bool = True


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


def serial(card):
    """Serial number of the card with this index."""
    return f"{card + 1:012d}"


def block(count, energy, card):
    """Purchase block for a card."""
    return PurchaseBlock(count, energy, issue=card + 1)


@cache
def decode(memory):
    """The card as Odoo sees it."""
    return codec.decode(memory)


def start():
    """An opened account whose opening purchase is in the meter."""
    card = codec.encode_card(serial(0), CUSTOMER, METER, block(1, OPENING_ENERGY, 0), WriteBack(VALID, 1), 1, 1)
    return World((card,), None, None, 1, 0, (), False, False, 1, (), 0)


# -- the account as Odoo stores it -------------------------------------------------------------------------------------


def holder(world):
    """Index of the order that holds the highest reserved count, or None."""
    for index in range(len(world.orders) - 1, -1, -1):
        order = world.orders[index]
        if order.count == world.last_count and order.state not in GIVEN_UP:
            return index
    return None


def energy_at(world, count):
    """Energy of the order that holds a count; the opening's for count 1."""
    for order in reversed(world.orders):
        if order.count == count and order.state not in GIVEN_UP:
            return order.energy
    return OPENING_ENERGY


def account(world, rules, with_order=True):
    """The account as the gate wants it."""
    index = holder(world)
    held = None
    if with_order and index is not None:
        order = world.orders[index]
        last = order.attempts[-1] if order.attempts else None
        held = gate.OrderAt(
            order.count,
            order.state,
            block(order.count, order.energy, world.current),
            rewritten=bool(last) and rules.rewritten(order.attempts[:-1]),
            card_stayed=bool(last) and rules.stayed(last),
        )
    elif with_order and world.orders and world.orders[-1].count is None and world.orders[-1].state == "paid":
        held = gate.OrderAt(world.last_count, "paid", block(0, 0, world.current))
    return gate.AccountState(CUSTOMER, METER, serial(world.current), world.current + 1, world.last_count, order=held)


def put(world, index, order):
    """Store an order and book what its change of state means for the money."""
    before = world.orders[index].state
    booked = (order.state == "written") - (before == "written")
    orders = (*world.orders[:index], order, *world.orders[index + 1 :])
    return world._replace(orders=orders, debited=world.debited + booked * order.energy)


def give_up(world, index, state, rules):
    """Cancel or reverse: the count is free again."""
    order = world.orders[index]
    world = put(world, index, order._replace(state=state))
    if rules.release_count and order.count is not None and order.count == world.last_count:
        world = world._replace(last_count=order.count - 1)
    return world


def states(order):
    """States of an order's attempts as Odoo knows them; a reversal is no attempt to write the order."""
    return [attempt.state for attempt in order.attempts if attempt.op != "reverse"]


def event(world, index, name, rules, fenced=False):
    """Apply an event to an order; None when the rules refuse."""
    order = world.orders[index]
    try:
        state = rules.derive(order.state, states(order), name, fenced)
    except Refusal:
        return None
    if state in GIVEN_UP and order.state not in GIVEN_UP:
        return give_up(world, index, state, rules)
    return put(world, index, order._replace(state=state))


def with_stale(world, index, rules):
    """Turn the live attempts of an order stale."""
    order = world.orders[index]
    attempts = tuple(
        attempt._replace(state=rules.attempt_after(attempt.state, "stale"))
        if attempt.state in transitions.LIVE_ATTEMPT_STATES
        else attempt
        for attempt in order.attempts
    )
    return put(world, index, order._replace(attempts=attempts))


# -- cards and meter ---------------------------------------------------------------------------------------------------


def tears(memory, steps, fine):
    """Every content that a torn card may be left with (fine: in the middle of a step too), and the complete one."""
    found = [memory]
    for address, data in steps:
        for size in sorted({len(data) // 2, len(data)} if fine else {len(data)}):
            if size == 0:
                erased = bytearray(memory)
                erased[address] = 0xFF
                found.append(bytes(erased))
                continue
            content = bytearray(memory)
            content[address : address + size] = data[:size]
            found.append(bytes(content))
        memory = found[-1]
    complete = found.pop()
    return tuple(dict.fromkeys(found)), complete


def card_left(world, card):
    """The card is out of the reader: what was not begun can only be voided, what was verified is out of sight."""
    orders = tuple(
        order._replace(
            attempts=tuple(
                attempt._replace(truth="gone" if attempt.truth == "pending" else attempt.truth, stayed=False)
                for attempt in order.attempts
            )
        )
        for order in world.orders
    )
    return world._replace(reader=None, orders=orders)


def put_card(world, card, memory):
    """Give a card a content."""
    return world._replace(cards=(*world.cards[:card], memory, *world.cards[card + 1 :]))


@cache
def _meter(memory, count, card, refuse):
    known = {"serial": serial(card), "issue": card + 1, "count": count}
    state = MeterState(METER, True, CUSTOMER, **known, hoard_limit=1 if refuse else 0)
    image = layout.parse(memory)
    decision = meter_decides(state, image)
    after = image.purchase.count if decision.credit else count
    remembered = image.contract.issue - 1 if decision.remember and image.contract else card
    contents = (memory,)
    if decision.write_back:
        answer = layout.pack_write_back(layout.WriteBack(after, 0, 0, 0, 0, "2601010000"))
        # Pulled: nothing, the state byte alone, that byte erased, the count too; the last is undisturbed.
        contents = tuple(
            memory[: WRITE_BACK.start] + part + memory[WRITE_BACK.start + len(part) :]
            for part in (b"", answer[:1], b"\xff", answer[:5], answer)
        )
    return decision.credit, after, remembered, contents


def visit(world, card, refuse=False):
    """Put a card into the meter.

    :return: worlds, one for each way of pulling it out; the last is the undisturbed one
    """
    memory = world.cards[card]
    credit, count, remembered, contents = _meter(memory, world.meter_count, world.meter_card, refuse)
    image = decode(memory)
    torn = bool(credit) and not image.both_blocks and image.card_type != 3
    after = world._replace(
        meter_count=count,
        meter_card=remembered,
        credits=(*world.credits, credit) if credit else world.credits,
        torn_credit=world.torn_credit or torn,
    )
    return [put_card(after, card, content) for content in contents]


@cache
def _plain(memory):
    """One content for all that nobody can tell apart: bytes of a torn block mean nothing but that it is torn.

    Bytes behind an empty state byte stay when they are a whole write-back: a single byte would bring it back.
    """
    content = bytearray(memory)
    for place in (0x40, 0x60):
        data = memory[place : place + 20]
        if codec.crc16(data[:-2]).to_bytes(2, "big") != data[-2:] and data != b"\xff" * 20:
            content[place : place + 20] = b"\xee" * 20
    answer = b"\xa5" + memory[WRITE_BACK][1:]
    if codec.crc16(answer[:-2]).to_bytes(2, "big") != answer[-2:]:
        state = memory[WRITE_BACK.start]
        content[WRITE_BACK] = bytes([state if state in (0x00, 0xFF) else 0xFF]) + b"\xee" * 25
    return bytes(content)


def _plain_attempts(order):
    """What the rules can still tell of attempts whose receipts are here: only which outcomes there were."""
    attempts = tuple(a if a.truth == "pending" else a._replace(expect=b"") for a in order.attempts)
    known = 0
    while known < len(attempts) and attempts[known].received and not attempts[known].stayed:
        known += 1
    if order.state in GIVEN_UP and known == len(attempts):
        return ()
    outcomes = sorted({a.state for a in attempts[:known] if a.state != "void" and a.op != "reverse"})
    return (*(Attempt("", state, state, b"", received=True) for state in outcomes), *attempts[known:])


@cache
def _plain_order(order):
    return order._replace(attempts=_plain_attempts(order))


def plain(world):
    """Return the one world that stands for all with the same future."""
    return world._replace(
        cards=tuple(_plain(memory) for memory in world.cards),
        copy=world.copy and (world.copy[0], _plain(world.copy[1])),
        orders=tuple(map(_plain_order, world.orders)),
    )


# -- what Odoo and the terminal do -------------------------------------------------------------------------------------


def authorize(world, index, op, count, rules):
    """Issue an attempt for the card in the reader."""
    order = world.orders[index]
    try:
        state = rules.derive(order.state, states(order), "authorize" if op == "purchase" else "rewrite")
    except Refusal:
        return None
    attempt = Attempt(op, "issued", "pending", world.cards[world.reader])
    order = order._replace(count=count, state=state, attempts=(*order.attempts, attempt))
    return put(world, index, order)._replace(last_count=count)


def set_attempt(world, index, number, **changes):
    """Change one attempt."""
    order = world.orders[index]
    attempts = list(order.attempts)
    attempts[number] = attempts[number]._replace(**changes)
    return put(world, index, order._replace(attempts=tuple(attempts)))


def steps_of(world, index, number, rules):
    """The byte writes of an attempt."""
    order, memory = world.orders[index], world.cards[world.reader]
    attempt = order.attempts[number]
    if attempt.op == "reverse":
        before = codec.encode_block(block(order.count - 1, energy_at(world, order.count - 1), world.reader))
        blocks = codec.write_steps(memory, block(order.count, order.energy, world.reader))[:2]
        return [(WRITE_BACK.start, b"\xa5"), *((address, before) for address, _ in blocks)]
    return rules.write_steps(memory, block(order.count, order.energy, world.reader))


def execute(world, index, number, rules):
    """Every way in which the terminal may carry out a pending attempt; the last is the good one."""
    attempt = world.orders[index].attempts[number]
    card = world.reader
    found = [set_attempt(world, index, number, truth="void")]
    if world.cards[card] != attempt.expect:
        return found
    torn, complete = tears(world.cards[card], steps_of(world, index, number, rules), rules.fine_tears)
    found.append(set_attempt(world, index, number, truth="not_written"))
    for memory in (*torn, complete):
        pulled = put_card(set_attempt(world, index, number, truth="unknown"), card, memory)
        found.append(card_left(pulled, card))
    found.append(put_card(set_attempt(world, index, number, truth="written", stayed=True), card, complete))
    return found


def deliver(world, index, number, rules):
    """A receipt arrives, for the first time or once more: a known one is answered from the store, without effect."""
    order = world.orders[index]
    attempt = order.attempts[number]
    truth = "void" if attempt.truth == "gone" else attempt.truth
    if attempt.received:
        return world
    state = rules.attempt_after(attempt.state, truth)
    world = set_attempt(world, index, number, state=state, truth=truth, received=True)
    if attempt.op != "reverse":
        return event(world, index, truth, rules)
    last = number == len(order.attempts) - 1
    if truth == "written" and order.state == "written" and (last or rules.late_reverse_counts):
        return event(world, index, "reverse", rules)
    return world


def read(world, index, rules):
    """The card in the reader is read, newer than every attempt: resolve the order."""
    order = world.orders[index]
    ordered = resolution.Ordered(
        block(order.count, order.energy, world.current),
        block(order.count - 1, energy_at(world, order.count - 1), world.current),
    )
    result = rules.resolve(decode(world.cards[world.reader]), ordered)
    return result, event(with_stale(world, index, rules), index, f"read_{result}", rules)


def replace(world, index, rules):
    """Every way of issuing the highest reserved count again on a new card; the last is the good one."""
    order = world.orders[index]
    fenced_state = rules.derive(order.state, states(order), "rewrite")
    card = len(world.cards)
    blank = codec.encode_identity(serial(card)).ljust(0x80, b"\xff") + bytes(0x80)
    if not rules.check("replace", decode(blank), account(world, rules)).allowed:
        return []
    count = order.count + rules.replace_count
    new = codec.encode_block(block(count, order.energy, card))
    contract = codec.encode_contract(CUSTOMER, METER, 3, card + 1)
    torn, complete = tears(blank, [(0x20, contract), (0x60, new), (0x40, new)], rules.fine_tears)
    found = []
    for memory, truth in (
        *((m, "unknown") for m in torn),
        (blank, "void"),
        (complete, "unknown"),
        (complete, "written"),
    ):
        attempt = Attempt("replace", "issued", truth, b"")
        issued = order._replace(count=count, state=fenced_state, attempts=(*order.attempts, attempt))
        # A void leaves the old card the current one: the new one was never begun.
        cards = world.cards if truth == "void" else (*world.cards, memory)
        after = put(world._replace(cards=cards), index, issued)
        found.append(after._replace(last_count=count))
    return found
