"""What a receipt says of the money of one order: each cent that came in is found again on the same paper."""

from dataclasses import dataclass

BEFORE, RECEIVED, TAKEN_BACK = "before", "received", "taken_back"
SPENT, HANDED_BACK, HELD, RESERVED, BALANCE = "spent", "handed_back", "held", "reserved", "balance"
SIGNS = {BEFORE: 1, RECEIVED: 1, TAKEN_BACK: 1, SPENT: -1, HANDED_BACK: -1, HELD: -1, RESERVED: -1, BALANCE: -1}
"""How each line counts: what was there and came in, against what went out and is left. Together they are nothing."""
_KINDS = {
    "tender": (RECEIVED, 1),
    "reversal": (TAKEN_BACK, 1),
    "unreversed": (TAKEN_BACK, 1),
    "energy": (SPENT, -1),
    "arrears": (SPENT, -1),
    "refund": (HANDED_BACK, -1),
}


@dataclass(frozen=True)
class Sums:
    """The money of one order beside its account, in cents.

    :param before: the balance without this order
    :param received: what was paid for it
    :param taken_back: what came back to the balance when it was set back
    :param spent: what went from the balance for energy or bills
    :param handed_back: what went back into the customer's hand
    :param held: the part of the balance that is meant for this order while it is not carried out
    :param reserved: the part of the balance that is held for something else, a payout as a rule
    :param balance: what is free
    """

    before: int = 0
    received: int = 0
    taken_back: int = 0
    spent: int = 0
    handed_back: int = 0
    held: int = 0
    reserved: int = 0
    balance: int = 0

    def rest(self):
        """Return what cannot be found again on the receipt, in cents: nothing."""
        return sum(sign * getattr(self, name) for name, sign in SIGNS.items())


def sums(movements, closing, held, reserved=0):
    """Return what a receipt says of an order's money.

    What other orders moved in between counts as having been there before: the receipt is about this one.

    :param movements: [(kind of ledger entry, signed cents)], those of this order
    :param closing: cents of the account's balance after them
    :param held: cents of that balance which are meant for this order
    :param reserved: cents of that balance which are meant for something else
    :return: :class:`Sums`
    """
    totals = dict.fromkeys((name for name, _sign in _KINDS.values()), 0)
    own = 0
    for kind, cents in movements:
        if kind in _KINDS:
            name, sign = _KINDS[kind]
            totals[name] += sign * cents
            own += cents
    free = closing - held - reserved
    return Sums(before=closing - own, held=held, reserved=reserved, balance=free, **totals)
