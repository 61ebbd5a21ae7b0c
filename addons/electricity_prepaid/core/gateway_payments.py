"""What becomes of one payment at a gateway, whatever reaches us, in any order and any number.

States are those of Odoo's transactions. Money is booked with the step to ``done``, which nothing leaves: notice, query
and close all come here, so that whoever tells it first books it and all others find it booked.
"""

from dataclasses import dataclass
from datetime import timedelta

from . import codes, gateway

DRAFT, PENDING, DONE, CANCELLED = "draft", "pending", "done", "cancel"
OPEN = (DRAFT, PENDING)
"""In which it may still be paid."""
VALID = timedelta(minutes=3)
"""How long a code may be paid, or a card terminal waits."""
GRACE = timedelta(seconds=20)
"""After the end of its time the gateway gets so long to say by itself how it ended; then we close it."""
SOONEST = timedelta(seconds=2)
"""Between two queries about one payment, whoever wants to know."""
LATEST = timedelta(hours=1)
AFTERCARE = timedelta(minutes=10)
"""After it was closed it is asked about once more: a closed payment that is paid is the gateway's fault, not a loss."""


@dataclass(frozen=True)
class Step:
    """What is to be done.

    :param state: the transaction's next one
    :param book: whether money is booked, now and never again
    :param code: what staff have to know, or None
    """

    state: str
    book: bool = False
    code: str | None = None


def after(state, told):
    """Return the step that follows from what the gateway says.

    :param state: of the transaction, or ``error``
    :param told: state of :class:`.gateway.Told`
    :return: :class:`Step`
    """
    if state == DONE:
        return Step(DONE)
    if told == gateway.PAID:
        return Step(DONE, book=True, code=codes.A_PAID_LATE if state not in OPEN else None)
    if state in OPEN and told == gateway.CLOSED:
        return Step(CANCELLED)
    if state == DRAFT and told == gateway.WAITING:
        return Step(PENDING)
    # Unknown to the gateway: what created it may still be on its way.
    return Step(state)


def next_call(state, now, expires_at):
    """Return what to ask the gateway without a customer: to say how it stands, or to close it.

    :param state: of the transaction
    :param now: moment
    :param expires_at: until when it could be paid
    :return: :data:`.gateway.QUERY` or :data:`.gateway.CLOSE`
    """
    return gateway.CLOSE if state in OPEN and now >= expires_at + GRACE else gateway.QUERY


def next_at(state, now, expires_at, closed_at, is_answered=True):
    """Return when to ask again, or None: never.

    :param state: of the transaction, after the last word
    :param now: moment
    :param expires_at: until when it could be paid
    :param closed_at: when we first heard that it was closed
    :param is_answered: whether the last question was answered: without an answer a closed payment is not looked after
    """
    if state == DONE:
        return None
    if state in OPEN:
        return now + pause(now - expires_at)
    checked = closed_at + AFTERCARE
    if now < checked:
        return checked
    return None if is_answered else now + pause(now - checked)


def pause(late):
    """Return how long to wait: soon at first, then ever more seldom, and without an end."""
    return min(LATEST, max(timedelta(seconds=30), late / 4))
