"""What can happen next in a world of ``account_world``, what must always hold, and the way back to order."""

from collections import deque

from prepaid_core import codes, evidence, transitions

from tests.core.account_model import (
    account,
    authorize,
    card_left,
    deliver,
    event,
    execute,
    give_up,
    holder,
    issue,
    plain,
    put_card,
    read,
    replace,
    set_attempt,
    states,
    visit,
    with_stale,
)
from tests.core.account_world import AMOUNTS, GIVEN_UP, Order, start

SIGNED = ("written", "not_written", "unknown", "void")


def _open(world):
    return next((i for i, order in enumerate(world.orders) if order.state in transitions.OPEN_STATES), None)


# -- every next state --------------------------------------------------------------------------------------------------


def successors(world, rules, bounds):
    """Yield ``(what happened, next world)`` for every choice of clerk, terminal, network, meter and customer."""
    if not world.removed:
        yield from _customer(world, rules, bounds)
        yield from _counter(world, rules, bounds)
    yield from _terminal(world, rules)
    yield from _network(world, rules)
    yield from _staff(world, rules, bounds)


def _customer(world, rules, bounds):
    for card in range(len(world.cards)):
        if card == world.reader:
            continue
        for refuse in (False, True) if bounds.refusals else (False,):
            ways = visit(world, card, refuse)
            for number, after in enumerate(ways if rules.fine_tears else (ways[0], ways[-1])):
                yield f"meter {card} refuse={refuse} pulled={number}", after
        if bounds.copies:
            yield f"copy card {card}", world._replace(copy=(card, world.cards[card]))
    if world.copy and world.copy[0] != world.reader:
        card, memory = world.copy
        yield f"use the copy of card {card}", put_card(world, card, memory)._replace(copy=(card, world.cards[card]))
    if world.reader is None:
        yield "card into the reader", world._replace(reader=world.current)
    else:
        yield "card out of the reader", card_left(world, world.reader)


def _counter(world, rules, bounds):
    index, last = _open(world), holder(world)
    if index is None and len(world.orders) < bounds.orders:
        number = len(world.orders)
        amount = AMOUNTS[number % 2] + number
        yield f"pay {amount}", world._replace(orders=(*world.orders, Order(amount, None, "paid")))
    if world.reader == world.current:
        if index is not None:
            yield from _authorize(world, index, rules, bounds)
        if last is not None and last != index:
            yield from _rewrite(world, last, rules, bounds)
            yield from _reverse(world, last, rules, bounds)
    may_replace = last is not None and len(world.cards) <= bounds.replacements and world.reader is None
    if may_replace and len(world.orders[last].attempts) <= bounds.attempts:
        yield from _replace(world, last, rules)


def _first_op(world):
    return "purchase" if world.last_count else "open"


def _room(order, bounds):
    return len(order.attempts) < bounds.attempts


def _authorize(world, index, rules, bounds):
    order, image = world.orders[index], world.family.decode(world.cards[world.reader])
    if order.count is None:
        op = _first_op(world)
        result = rules.check(op, image, account(world, rules, with_order=False))
        if result.allowed:
            yield "authorize", authorize(world, index, op, result.count, rules)
    else:
        yield from _rewrite(world, index, rules, bounds)


def _rewrite(world, index, rules, bounds):
    order, image = world.orders[index], world.family.decode(world.cards[world.reader])
    if not _room(order, bounds):
        return
    result = rules.check("rewrite", image, account(world, rules))
    if result.allowed:
        after = authorize(world, index, "rewrite", result.count + rules.rewrite_count, rules)
        if after:
            yield "write again", after


def _reverse(world, index, rules, bounds):
    order, image = world.orders[index], world.family.decode(world.cards[world.reader])
    if not bounds.reversal or not _room(order, bounds):
        return
    if rules.check("reverse", image, account(world, rules)).allowed:
        yield "reverse", issue(world, index, "reverse", rules)


def _replace(world, index, rules):
    if world.orders[index].state in (*GIVEN_UP, "authorized", "dispute"):
        return
    for number, after in enumerate(replace(world, index, rules)):
        yield f"replace the card ({number})", after


def _terminal(world, rules):
    for index, order in enumerate(world.orders):
        for number, attempt in enumerate(order.attempts):
            if attempt.truth == "pending" and world.reader is not None:
                for choice, after in enumerate(execute(world, index, number, rules)):
                    yield f"terminal acts on {index}/{number} ({choice})", after


def _network(world, rules):
    for index, order in enumerate(world.orders):
        for number, attempt in enumerate(order.attempts):
            if attempt.truth == "gone" or attempt.truth in SIGNED:
                yield f"receipt {index}/{number} {attempt.truth}", deliver(world, index, number, rules)


def _staff(world, rules, bounds):
    for index, order in enumerate(world.orders):
        if order.state == "authorized":
            yield f"stale {index}", event(with_stale(world, index, rules), index, "stale", rules)
        after = event(world, index, "cancel", rules)
        if after:
            yield f"cancel {index}", after
        readable = order.count == world.last_count and order.state not in GIVEN_UP
        if readable and world.reader == world.current:
            result, after = read(world, index, rules)
            yield f"read {index}: {result}", after
            if rules.cancel_by_image and result == "rewrite" and order.state in ("unknown", "not_written"):
                yield f"refund {index} by image", give_up(world, index, "cancelled", rules)
        if readable and order.state in ("unknown", "not_written"):
            yield from _reading(world, index, rules)
    if bounds.removal and not world.removed and world.reader is None:
        yield "meter removed", world._replace(removed=True)


def _reading(world, index, rules):
    order = world.orders[index]
    verdict = rules.judge_reading(
        order.count, world.current + 1, world.meter_count, world.meter_card + 1, world.removed
    )
    if verdict == evidence.CREDITED:
        yield f"meter reading {index}: credited", event(world, index, "reading_credited", rules)
    elif verdict in rules.refund_by_reading:
        yield f"meter reading {index}: {verdict}, refund", event(world, index, "cancel", rules, fenced=True)


# -- what must hold ----------------------------------------------------------------------------------------------------


def violation(world):
    """Return what is wrong with a world, or None."""
    by_energy = {order.energy: order for order in world.orders}
    if len(set(world.credits)) != len(world.credits):
        return "an order was credited twice"
    for credit in world.credits:
        order = by_energy.get(credit)
        if order is None:
            return f"credited something that nobody ordered: {credit}"
        if order.state in (*GIVEN_UP, "dispute"):
            return f"money went back although the order was credited: {credit}"
    # After a refund because the meter is gone, a late "written" is true and raises the alarm, but nothing was credited.
    if not world.removed and any(order.state == "dispute" for order in world.orders):
        return "a dispute without a lying terminal"
    if world.torn_credit:
        return "the meter credited a write that was not committed"
    paid = sum(order.energy for order in world.orders)
    held = sum(order.energy for order in world.orders if order.state in transitions.OPEN_STATES)
    balance = sum(order.energy for order in world.orders if order.state in (*GIVEN_UP, "dispute"))
    if paid != world.debited + held + balance:
        return "money in is not energy + held + balance"
    if sum(order.state in transitions.OPEN_STATES for order in world.orders) > 1:
        return "two open orders on one account"
    return None


def finished(world):
    """Return whether every paid order that was not given up has its one credit."""
    wanted = sorted(order.energy for order in world.orders if order.state not in GIVEN_UP)
    return _open(world) is None and wanted == sorted(world.credits)


# -- the way back ------------------------------------------------------------------------------------------------------


def recovery_step(world, rules):
    """The normal procedure, one step; None when there is nothing left to do. No faults, an honest customer."""
    for index, order in enumerate(world.orders):
        for number, attempt in enumerate(order.attempts):
            if attempt.truth in ("pending", "gone") and world.reader is not None:
                return card_left(world, world.reader)
            if attempt.truth == "pending":
                return set_attempt(world, index, number, truth="gone")
            after = plain(deliver(world, index, number, rules))
            if after != world:
                return after
    if world.reader is not None:
        return card_left(world, world.reader)
    if world.removed:
        return _after_removal(world, rules)
    visited = plain(visit(world, world.current)[-1])
    return visited if visited != world else _serve(world, rules)


def _after_removal(world, rules):
    index = _open(world)
    if index is None:
        return None
    if world.orders[index].count is None:
        return event(world, index, "cancel", rules)
    return next((after for _, after in _reading(world, index, rules)), None) or event(world, index, "cancel", rules)


def _complete(world, index, rules):
    number = len(world.orders[index].attempts) - 1
    return deliver(execute(world, index, number, rules)[-1], index, number, rules)


def _serve(world, rules):
    """The card has just been in the meter: read it at the counter and do what the rules allow."""
    if finished(world) and sale_possible(world, rules) is None:
        return None
    index, last = _open(world), holder(world)
    at_counter = world._replace(reader=world.current)
    image = world.family.decode(world.cards[world.current])
    if index is not None and world.orders[index].count is None:
        op = _first_op(world)
        result = rules.check(op, image, account(world, rules, with_order=False))
        if result.allowed:
            return _complete(authorize(at_counter, index, op, result.count, rules), index, rules)
    if last is None:
        return None
    resolved, after = read(at_counter, last, rules)
    if after and after.orders[last].state != world.orders[last].state:
        return after
    if resolved == "rewrite" and rules.check("rewrite", image, account(at_counter, rules)).allowed:
        issued = authorize(at_counter, last, "rewrite", world.orders[last].count, rules)
        if issued:
            return _complete(issued, last, rules)
    if world.orders[last].state == "authorized":
        return event(with_stale(world, last, rules), last, "stale", rules)
    new = replace(world, last, rules)
    return new[-1] if new else None


def sale_possible(world, rules):
    """Return the code by which the gate refuses a new purchase after recovery, None when it allows one."""
    if not world.last_count:
        # Another blank card can always be opened.
        return None
    return rules.check("purchase", world.family.decode(world.cards[world.current]), account(world, rules)).code


# -- the search --------------------------------------------------------------------------------------------------------


class Search:
    """Breadth-first search over every reachable world.

    :param rules: rules under test
    :param bounds: how far to go
    :param honest_cards: the recovery must do without a replacement card
    :param recovery: check the way back from every state too, not only safety
    :param begin: world to begin with, the opened account by default
    """

    def __init__(self, rules, bounds, honest_cards=False, recovery=True, begin=None):
        self._rules, self._bounds, self._honest_cards, self._recovery = rules, bounds, honest_cards, recovery
        self._from = {plain(begin or start()): None}
        self._recovers = set()
        self.transitions = 0

    @property
    def states(self):
        """Number of worlds seen."""
        return len(self._from)

    def run(self):
        """Search everything.

        :return: None when all properties hold, else a sentence and the shortest way to it
        """
        queue = deque(self._from)
        while queue:
            world = queue.popleft()
            wrong = violation(world) or (self._stuck(world) if self._recovery else None)
            if wrong:
                return f"{wrong}\n" + "\n".join(self._way_to(world))
            for what, after in successors(world, self._rules, self._bounds):
                self.transitions += 1
                after = plain(after)
                if after not in self._from:
                    self._from[after] = (what, world)
                    queue.append(after)
        return None

    def _way_to(self, world):
        way = []
        while self._from[world]:
            what, before = self._from[world]
            way.append(f"  {what} -> {[(order.count, order.state, states(order)) for order in world.orders]}")
            world = before
        return reversed(way)

    def _stuck(self, world):
        path = []
        while world not in self._recovers:
            path.append(world)
            if len(path) > 60:
                return "recovery does not end"
            after = recovery_step(world, self._rules)
            if after is None:
                break
            after = plain(after)
            if violation(after):
                return f"recovery: {violation(after)}"
            if self._honest_cards and len(after.cards) > len(world.cards):
                return "recovery needs a replacement card although nobody tampered with the card"
            world = after
        if world not in self._recovers and (wrong := self._not_recovered(world)):
            return wrong
        self._recovers.update(path)
        return None

    def _not_recovered(self, world):
        if world.removed:
            return "an order is open for ever after the meter was removed" if _open(world) is not None else None
        if not finished(world):
            return "a paid order can never be credited"
        code = sale_possible(world, self._rules)
        return None if code is None else f"no further sale is possible: {code} {codes.text(code)}"
