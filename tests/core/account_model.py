"""One account as a state machine: Odoo's rules, terminal, card bytes, meter and customer, with every fault a choice.

The rules are the real ones (``core``: gate, resolution, transitions, evidence, card codecs; the simulators' for the
meters). Here stands only what they are applied to. A :class:`World` (``account_world``) is one state; ``account_moves``
has every next one, ``card_families`` the kinds of card and meter.
"""

from functools import cache

from prepaid_core import gate, resolution, transitions
from prepaid_core.errors import Refusal

from tests.core.account_world import GIVEN_UP, Attempt
from tests.core.card_families import CUSTOMER, METER, OPENING

# -- the account as Odoo stores it -------------------------------------------------------------------------------------


def holder(world):
    """Index of the order that holds the highest reserved count, or None."""
    for index in range(len(world.orders) - 1, -1, -1):
        order = world.orders[index]
        if order.count == world.last_count and order.state not in GIVEN_UP:
            return index
    return None


def block_at(world, count):
    """What the current card says of a count: that of the order that holds it, or what it began with."""
    for order in reversed(world.orders):
        if order.count == count and order.state not in GIVEN_UP:
            return world.family.block(count, order.energy, world.current, order.op)
    return world.family.block(count, OPENING, world.current)


def is_torn(world, order, rules):
    """Whether the card in the reader is what an interrupted attempt of an order leaves."""
    memory = None if world.reader is None else world.cards[world.reader]
    return bool(memory and order.images) and rules.is_torn(world.family.driver, memory, order.images)


def account(world, rules, with_order=True):
    """The account as the gate wants it."""
    family = world.family
    index = holder(world)
    held = None
    if with_order and index is not None:
        order = world.orders[index]
        last = order.attempts[-1] if order.attempts else None
        held = gate.OrderAt(
            order.count,
            order.state,
            block_at(world, order.count),
            rewritten=bool(last) and rules.rewritten([attempt.state for attempt in order.attempts]),
            card_stayed=bool(last) and rules.stayed(last),
            torn=is_torn(world, order, rules),
        )
    elif with_order and world.orders and world.orders[-1].count is None and world.orders[-1].state == "paid":
        held = gate.OrderAt(world.last_count, "paid", family.block(0, 0, world.current))
    known = {"driver": family.driver, "order": held}
    serial, issue_no = family.serial(world.current), world.current + 1
    return gate.AccountState(CUSTOMER, METER, serial, issue_no, world.last_count, **known)


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
    """Every content that a torn card may be left with, and the complete one.

    :param fine: in the middle of a step too, and with its last byte erased
    """
    found = [memory]
    for address, data in steps:
        for size in sorted({len(data) // 2, len(data)} if fine else {len(data)}):
            content = bytearray(memory)
            content[address : address + size] = data[:size]
            if fine and size == len(data):
                erased = bytearray(content)
                erased[address + size - 1] = 0xFF
                found.append(bytes(erased))
            if size:
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


def visit(world, card, refuse=False):
    """Put a card into the meter.

    :return: worlds, one for each way of pulling it out; the last is the undisturbed one
    """
    family, memory = world.family, world.cards[card]
    what = (memory, world.meter_count, world.meter_card, refuse, world.opened)
    credit, count, card_known, contents = family.meter(*what)
    after = world._replace(
        meter_count=count,
        meter_card=card_known,
        credits=(*world.credits, credit) if credit else world.credits,
        torn_credit=world.torn_credit or (bool(credit) and family.is_torn(memory)),
        opened=world.opened or bool(credit),
    )
    return [put_card(after, card, content) for content in contents]


def _plain_attempts(order):
    """What the rules can still tell of attempts whose receipts are here: only which outcomes there were."""
    attempts = tuple(a if a.truth == "pending" or a.stayed else a._replace(expect=b"") for a in order.attempts)
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
    family = world.family
    orders = (order if order.count == world.last_count else order._replace(images=()) for order in world.orders)
    return world._replace(
        cards=tuple(family.plain(memory) for memory in world.cards),
        copy=world.copy and (world.copy[0], family.plain(world.copy[1])),
        orders=tuple(map(_plain_order, orders)),
    )


# -- what Odoo and the terminal do -------------------------------------------------------------------------------------


def authorize(world, index, op, count, rules):
    """Issue an attempt for the card in the reader."""
    order = world.orders[index]
    try:
        state = rules.derive(order.state, states(order), "rewrite" if op == "rewrite" else "authorize")
    except Refusal:
        return None
    order = order._replace(count=count, state=state, op=order.op if op == "rewrite" else op)
    return issue(put(world, index, order)._replace(last_count=count), index, op, rules)


def issue(world, index, op, rules):
    """Add an attempt for the card in the reader, and what is remembered to recognise its torn writes."""
    order, memory = world.orders[index], world.cards[world.reader]
    order = order._replace(attempts=(*order.attempts, Attempt(op, "issued", "pending", memory)))
    world = put(world, index, order)
    after = bytearray(memory)
    for address, data in steps_of(world, index, len(order.attempts) - 1, rules):
        after[address : address + len(data)] = data
    return put(world, index, order._replace(images=remembered(world.family, order, memory, bytes(after))))


def remembered(family, order, before, after):
    """What an order's attempts were to make of which image, one more added."""
    return tuple(sorted({*order.images, *family.pairs(before, after)}))


def set_attempt(world, index, number, **changes):
    """Change one attempt."""
    order = world.orders[index]
    attempts = list(order.attempts)
    attempts[number] = attempts[number]._replace(**changes)
    return put(world, index, order._replace(attempts=tuple(attempts)))


def steps_of(world, index, number, rules):
    """The byte writes of an attempt."""
    order, memory, family = world.orders[index], world.cards[world.reader], world.family
    op = order.attempts[number].op
    if op == "reverse":
        before = order.attempts[number - 1].expect or family.rolled_back(memory, block_at(world, order.count - 1))
        return family.image_steps(memory, family.codec.reversed_image(memory, before))
    block = family.block(order.count, order.energy, world.reader, order.op)
    if op == "open":
        return family.image_steps(memory, family.issued(world.reader, op, block))
    return (rules.write_steps or family.write_steps)(memory, block)


def execute(world, index, number, rules):
    """Every way in which the terminal may carry out a pending attempt; the last is the good one."""
    attempt = world.orders[index].attempts[number]
    card = world.reader
    found = [set_attempt(world, index, number, truth="void")]
    if world.cards[card] != attempt.expect:
        return found
    fine = rules.fine_tears or (rules.fine_issue and attempt.op == "open")
    torn, complete = tears(world.cards[card], steps_of(world, index, number, rules), fine)
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
    is_last = number == len(order.attempts) - 1 or rules.late_reverse_counts
    name = transitions.reversal_event(order.state, truth, is_last)
    return event(world, index, name, rules) if name else world


def read(world, index, rules):
    """The card in the reader is read, newer than every attempt: resolve the order."""
    order = world.orders[index]
    ordered = resolution.Ordered(
        block_at(world, order.count), block_at(world, order.count - 1), torn=is_torn(world, order, rules)
    )
    result = rules.resolve(world.family.decode(world.cards[world.reader]), ordered)
    return result, event(with_stale(world, index, rules), index, f"read_{result}", rules)


def replace(world, index, rules):
    """Every way of issuing the highest reserved count again on a new card; the last is the good one."""
    order, family = world.orders[index], world.family
    state = rules.derive(order.state, states(order), "rewrite")
    card = len(world.cards)
    blank = family.blank(card)
    if not rules.check("replace", family.decode(blank), account(world, rules)).allowed:
        return []
    count = order.count + rules.replace_count
    new = family.issued(card, "replace", family.block(count, order.energy, card, "replace"))
    torn, complete = tears(blank, family.image_steps(blank, new), rules.fine_tears or rules.fine_issue)
    found = []
    for memory, truth in (
        *((m, "unknown") for m in torn),
        (blank, "void"),
        (complete, "unknown"),
        (complete, "written"),
    ):
        attempts = (*order.attempts, Attempt("replace", "issued", truth, b""))
        issued = order._replace(count=count, state=state, attempts=attempts)
        cards = world.cards
        # A void leaves the old card the current one: the new one was never begun.
        if truth != "void":
            cards = (*cards, memory)
            issued = issued._replace(op="replace", images=remembered(family, order, blank, new))
        found.append(put(world._replace(cards=cards), index, issued)._replace(last_count=count))
    return found
