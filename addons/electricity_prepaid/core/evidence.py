"""What counts as proof that an order was not credited, so that its money may go back.

What a customer or a page can forge is never evidence. An image never is; a terminal's signature is; a meter reading
is, once no card that carries the order can be credited any more.
"""

CREDITED = "credited"
NOT_CREDITED = "not_credited"
FENCED = "fenced"

#: States of an attempt in which a terminal has signed that the card does not hold the order.
PROVED_NOT_EXECUTED = ("void", "not_written")


def never_executed(attempts):
    """Return whether nothing of an order can have reached a card.

    :param attempts: states of all attempts of the order; none means nothing was issued
    """
    return all(state in PROVED_NOT_EXECUTED for state in attempts)


def is_rewritten(attempts):
    """Return whether more than one attempt may have reached a card, so that an order may no longer be reversed.

    :param attempts: states of all attempts of the order in the order of issue, replacements and reversals included
    """
    return not never_executed(attempts[:-1])


def judge_reading(order_count, order_issue, meter_count, meter_issue, meter_removed=False, registers_again=False):
    """Judge a reading of the meter (two persons) about an order.

    "Not credited" alone justifies writing again, not giving money back: a copy of the card could still be put into the
    meter afterwards. Only when no card that carries the order can be credited any more is the order *fenced*: the meter
    has registered a newer issue than any card it was issued to, or is in our hands (``docs/decisions/0003``).

    :param order_count: purchase count n of the order
    :param order_issue: highest issue number of a card that the order was issued to
    :param meter_count: purchase count that the meter shows
    :param meter_issue: highest issue number that the meter has registered
    :param meter_removed: the meter was taken down and its installation has ended
    :param registers_again: the order was issued on an open or replacement CPU card, whose meter knows no issue numbers
        and takes such a card whichever serial it remembers: then only the removal of the meter fences it
    :return: ``credited``, ``not_credited`` or ``fenced``
    """
    if meter_count >= order_count:
        return CREDITED
    newer = meter_issue > order_issue and not registers_again
    return FENCED if meter_removed or newer else NOT_CREDITED
