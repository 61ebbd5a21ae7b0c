"""Bills of the marketing system: their age, which of them a customer may pay here, and the purchase count there."""

from dataclasses import dataclass
from datetime import date

from . import cis_delivery, codes
from .cis_types import COLLECTING, DISPUTED, OPEN, Allocation
from .errors import Refusal

UNPAID = (OPEN, COLLECTING, DISPUTED)
#: Age of a bill by the days since its month ended: key and the most days.
AGES = (("d30", 30), ("d90", 90), ("d180", 180), ("d365", 365), ("older", None))

FREE, WAITS, STANDS = "free", "waits", "stands"
"""Ends of taking a payment back: its money is the customer's again, nobody knows yet, it stands for good."""


@dataclass(frozen=True)
class OpenBill:
    """A bill as it is known here.

    :param month: ``YYYY-MM``
    :param due: cents that settle it, late fee included
    :param status: one of :data:`UNPAID`, or another word for a bill that is not owed any more
    """

    receivable_id: str
    month: str
    due: int
    status: str


def due_on(month):
    """Return the first day after a bill's month: from then on it is overdue.

    :param month: ``YYYY-MM``
    :raises ValueError: the month is none
    """
    year, number = (int(part) for part in month.split("-"))
    first = date(year, number, 1)
    return date(first.year + first.month // 12, first.month % 12 + 1, 1)


def age_of(due, today):
    """Return the key of :data:`AGES` for a bill.

    :param due: the day from :func:`due_on`
    :param today: date at the company
    """
    days = (today - due).days
    return next(key for key, most in AGES if most is None or days <= most)


def choose(bills, asked):
    """Match what a customer wants to pay with what is owed; bills are paid whole (1035: no part payment).

    :param bills: :class:`OpenBill` of the account
    :param asked: ``[(receivable_id, cents)]`` as it was shown to the customer
    :return: tuple of :class:`~.cis_types.Allocation`, oldest first
    :raises Refusal: M-302 a bill is gone or has another amount, M-303 a bill is not payable here, M-304 nothing chosen
    """
    known = {bill.receivable_id: bill for bill in bills}
    wanted = dict(asked)
    if not wanted:
        raise Refusal(codes.M_NO_BILLS)
    if len(wanted) != len(asked):
        raise Refusal(codes.M_BILLS_CHANGED)
    for receivable_id, cents in wanted.items():
        bill = known.get(receivable_id)
        if bill is None or bill.status not in UNPAID or bill.due != cents:
            raise Refusal(codes.M_BILLS_CHANGED)
        if bill.status != OPEN:
            raise Refusal(codes.M_BILL_NOT_PAYABLE, month=bill.month)
    oldest_first = sorted((known[key] for key in wanted), key=lambda bill: (bill.month, bill.receivable_id))
    return tuple(Allocation(bill.receivable_id, bill.due) for bill in oldest_first)


def counts_agree(theirs, ours, unbooked=(), unreversed=()):
    """Tell whether the marketing system's last purchase count fits ours.

    It lags by what our outbox still has to bring. A difference that the outbox does not explain stops the sale (11211).

    :param theirs: count of the last purchase that it booked, None when it does not say
    :param ours: highest count reserved for the meter
    :param unbooked: counts of ours that it need not have: still to be uploaded, or carried without money
    :param unreversed: counts that were taken back here and of which it may not know yet
    """
    if theirs is None:
        return True
    if theirs <= ours:
        return set(range(theirs + 1, ours + 1)) <= set(unbooked)
    return set(range(ours + 1, theirs + 1)) <= set(unreversed)


def end_of_taking_back(payment, reversal):
    """Tell what the states of both messages mean for the money of a payment that two persons took back.

    It comes free only by evidence: the marketing system has taken the payment back, or never will have it. Otherwise
    the bill would be paid there and the cash be gone.

    :param payment: state of the payment's message, of :mod:`.cis_delivery`
    :param reversal: state of the reversal's message, or something empty when there is none
    :return: :data:`FREE`, :data:`WAITS` or :data:`STANDS`
    """
    if reversal == cis_delivery.S_DONE:
        return FREE
    if reversal and reversal != cis_delivery.S_WITHDRAWN:
        return WAITS
    return {cis_delivery.S_WITHDRAWN: FREE, cis_delivery.S_DONE: STANDS}.get(payment, WAITS)
